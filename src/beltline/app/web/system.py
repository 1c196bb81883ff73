"""Addresses of the installation itself: is it alive, is it ready, how is it doing."""

import hmac
import time
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from beltline import __version__
from beltline.app import health
from beltline.app.problems import explain
from beltline.app.telemetry import CONTENT_TYPE, Metrics
from beltline.app.web.dependencies import caller_of
from beltline.app.web.edge import exchange_of
from beltline.app.web.openapi import describe
from beltline.kit.clock import system_now
from beltline.kit.db import Database
from beltline.kit.errors import Transient
from beltline.kit.relay import lag
from beltline.kit.web.assets import serve_static, serve_worker
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.parts import sample_values

_log = structlog.get_logger("beltline.csp")
_REPORT_BYTES = 8_192
_REPORTS_LOGGED_A_MINUTE = 20


class Health(msgspec.Struct, frozen=True):
    """The process is alive; nothing is said about the database."""

    status: str
    version: str


class Ready(msgspec.Struct, frozen=True):
    """Whether requests can be served, and what is known of the rest.

    `worker_seen_s` is the age of the freshest worker's heartbeat: without a worker orders are
    still taken, but nothing is planned, imported or published.
    """

    ready: bool
    database: str
    migrations_pending: int
    worker_seen_s: float | None


@get("/health", include_in_schema=False)
async def health_route() -> Health:
    """Always 200 while the process answers at all."""
    return Health("alive", __version__)


@get("/ready", include_in_schema=False)
async def ready_route(request: Request[Any, Any, State]) -> Response[Ready]:
    """200 when the database answers with a current schema, else 503."""
    try:
        pending = await health.count_pending(_live(request))
        seen_s = await health.worker_seen_s(_live(request), system_now())
    except Transient:
        return Response(Ready(False, "unreachable", 0, None), status_code=503)
    return Response(
        Ready(pending == 0, "ok", pending, seen_s), status_code=200 if pending == 0 else 503
    )


@get("/metrics", include_in_schema=False)
async def metrics_route(request: Request[Any, Any, State]) -> Response[bytes]:
    """Figures of this process for Prometheus; without the token the address does not exist."""
    token: str = request.app.state.settings.web.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFoundException
    metrics: Metrics = request.app.state.metrics
    behind = await lag(_live(request), system_now())
    metrics.outbox_waiting.set(behind.waiting)
    metrics.outbox_lag_seconds.set(behind.oldest_age_s)
    return Response(metrics.text(), media_type=CONTENT_TYPE)


@get("/v1/openapi.json", include_in_schema=False)
async def openapi_route(request: Request[Any, Any, State]) -> dict[str, Any]:
    """The description of the API, OpenAPI 3.1."""
    return describe(request.app.state.api_handlers)


@post("/csp-report", status_code=204, include_in_schema=False, request_max_body_size=_REPORT_BYTES)
async def csp_report(request: Request[Any, Any, State]) -> None:
    """Count a browser's report of a violated policy, and note the first ones of each minute."""
    request.app.state.limits.address.take(exchange_of(request).address)
    body = await request.body()
    metrics: Metrics = request.app.state.metrics
    metrics.csp_reports.inc()
    minute = int(time.monotonic() // 60)
    of_minute, noted = request.app.state.csp_noted
    noted = noted if of_minute == minute else 0
    request.app.state.csp_noted = (minute, noted + 1)
    if noted < _REPORTS_LOGGED_A_MINUTE:
        _log.warning("csp report", report=body.decode("utf-8", "replace")[:2000])


@get("/parts", include_in_schema=False)
async def parts_page(request: Request[Any, Any, State], page: PageContext) -> Response[str]:
    """The living style page: every part of the console in every state."""
    await caller_of(request)
    return render("kit/parts.html", page, **sample_values(page))


@get("/offline", include_in_schema=False)
async def offline_page(page: PageContext) -> Response[str]:
    """What a browser shows in the place of a page that it did not keep; it asks as nobody."""
    return render("kit/offline.html", page)


@get("/docs/errors/{code:str}", include_in_schema=False)
async def error_docs(code: str) -> Response[dict[str, Any]]:
    """Where a problem's `type` leads: what the code means."""
    found = explain(code)
    if found is None:
        raise NotFoundException
    return Response(found, media_type="application/json")


def _live(request: Request[Any, Any, State]) -> Database:
    database: Database = request.app.state.databases.live
    return database


HANDLERS = [health_route, ready_route, metrics_route, openapi_route, csp_report, serve_static,
            serve_worker, error_docs]  # fmt: skip
