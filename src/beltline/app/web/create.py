"""The web application: settings and a database in, one ASGI application out."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from beltline.app.payments import open_port
from beltline.app.settings import Settings, WebSettings
from beltline.app.telemetry import Metrics, Tracing
from beltline.app.web import composition, system
from beltline.app.web.answers import answer_any, answer_api, answer_page
from beltline.app.web.counts import NavFigures
from beltline.app.web.databases import Databases
from beltline.app.web.dependencies import (
    DEPENDENCIES,
    PAGE_DEPENDENCIES,
    check_caller,
    check_form,
)
from beltline.app.web.edge import Edge
from beltline.app.web.injection import by_name, one_by_one
from beltline.app.web.limits import Buckets, Limits
from beltline.app.web.pages import provide_page
from beltline.app.web.request import CheckedRequest

BODY_BYTES = 10_000_000
"""Of a request; a handler that takes files sets its own `request_max_body_size`."""


def create_app(settings: Settings, dsn: str, *, figures: str = "") -> Edge:
    """The whole application on the database at `dsn`; it opens its pools at start.

    `figures` is the folder in which several processes keep theirs together.
    """
    return equip(compose(), settings, dsn, figures=figures)


def compose(
    routes: Sequence[ControllerRouterHandler] = composition.ROUTES,
    pages: Sequence[ControllerRouterHandler] = composition.PAGES,
) -> Litestar:
    """All routes and pages, of no database yet; a test may compose others than all modules'.

    It is most of the work of making an application, and the same whatever that is equipped with.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        await app.state.databases.open()
        try:
            yield
        finally:
            await app.state.databases.close()
            app.state.tracing.stop()

    with by_name():
        app = Litestar(
            [_api(routes), _pages([*pages, system.parts_page, system.offline_page]),
             *system.HANDLERS],
            lifespan=[lifespan],
            request_class=CheckedRequest,
            request_max_body_size=BODY_BYTES,
            exception_handlers={Exception: answer_any},
            openapi_config=None,
            logging_config=None,
            state=State({"nav": composition.NAV, "api_handlers": tuple(routes)}),
        )  # fmt: skip
        return one_by_one(app)


def equip(app: Litestar, settings: Settings, dsn: str, *, figures: str = "") -> Edge:
    """Give a composed application all it works with, in the place of what it had."""
    metrics, tracing = Metrics(figures), Tracing(settings.log, "beltline-web")
    app.state.update({
        "settings": settings,
        "databases": Databases(dsn, settings.web.pool_size),
        "payments": open_port(settings.payments),
        "limits": _limits(settings.web),
        "metrics": metrics,
        "tracing": tracing,
        "figures": NavFigures(),
        "csp_noted": (0, 0),
    })  # fmt: skip
    return Edge(app, settings.web, metrics, tracing)


def _api(handlers: Sequence[ControllerRouterHandler]) -> Router:
    return Router(
        "/",
        route_handlers=handlers,
        dependencies=DEPENDENCIES,
        before_request=check_caller,
        exception_handlers={Exception: answer_api},
    )


def _pages(handlers: Sequence[ControllerRouterHandler]) -> Router:
    dependencies: dict[str, Any] = {**PAGE_DEPENDENCIES, "page": Provide(provide_page)}
    return Router(
        "/",
        route_handlers=handlers,
        dependencies=dependencies,
        guards=[check_form],
        exception_handlers={Exception: answer_page},
        include_in_schema=False,
    )


def _limits(settings: WebSettings) -> Limits:
    def share(rate: float) -> Buckets:
        own = rate / settings.workers
        return Buckets(own, own * settings.burst_s)

    return Limits(share(settings.rate_key), share(settings.rate_org), share(settings.rate_address))
