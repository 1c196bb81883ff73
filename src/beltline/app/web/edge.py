"""Around everything: request ids, the log line, figures, headers, compression, overload.

Plain ASGI outside Litestar, so that it also covers what matches no route, and adds a few
microseconds only.
"""

import gzip
import re
import secrets
import time
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import msgspec
import structlog
from litestar.types import ASGIApp, Message, Receive, Send

from beltline.app.problems import (
    MEDIA_TYPE,
    BodyMalformed,
    Problem,
    TooManyRequests,
    ValueUnusable,
    problem_of,
)
from beltline.app.settings import WebSettings
from beltline.app.telemetry import Metrics, Tracing
from beltline.app.web.limits import Level
from beltline.app.web.request import SLASH
from beltline.kit.errors import Refusal
from beltline.kit.web.headers import security_headers

_log = structlog.get_logger("beltline.http")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_TEXT = re.compile(rb"(text/|application/([\w.+-]*\+)?json|image/svg)")
_ENCODED_SLASH = re.compile(rb"(?i)%2f")
_COMPRESS_FROM_BYTES = 700
# Whoever watches the process must hear from it even when it has too much to do.
_ALWAYS = ("/health", "/ready", "/metrics")
_QUIET = (*_ALWAYS, "/static/")


class Exchange(msgspec.Struct):
    """What is known about one request while it lasts; `scope["state"]["exchange"]`."""

    request_id: str
    address: str
    started: float
    status: int = 0
    org: str = ""
    level: Level | None = None
    cookie: str = ""
    """A cookie to send with the answer, as a Set-Cookie value."""


def exchange_of(scope: Any) -> Exchange:
    """The exchange of a connection, its scope, or its request."""
    found: Exchange = getattr(scope, "scope", scope)["state"]["exchange"]
    return found


class Edge:
    """The ASGI application that the server calls; everything else is inside it."""

    def __init__(
        self, app: ASGIApp, settings: WebSettings, metrics: Metrics, tracing: Tracing
    ) -> None:
        self.app = app
        self._settings = settings
        self._metrics = metrics
        self._tracing = tracing
        self._working = 0
        self._headers = [
            (name.lower().encode(), value.encode())
            for name, value in security_headers(https=settings.https).items()
        ]

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = self._begin(scope)
        reply = _Reply(scope, exchange, send, self._headers)
        with (
            structlog.contextvars.bound_contextvars(request_id=exchange.request_id),
            self._tracing.request(scope["method"], exchange.request_id) as span,
        ):
            try:
                await self._answer(scope, receive, reply)
            finally:
                self._note(scope, exchange)
                if span is not None:
                    span.update_name(f"{scope['method']} {_route(scope)}")
                    span.set_attribute("http.response.status_code", exchange.status)

    def _begin(self, scope: Any) -> Exchange:
        given = _header(scope, b"x-request-id")
        exchange = Exchange(
            request_id=given if _REQUEST_ID.fullmatch(given) else f"req_{secrets.token_hex(12)}",
            address=self._address(scope),
            started=time.perf_counter(),
        )
        scope.setdefault("state", {})["exchange"] = exchange
        return exchange

    def _address(self, scope: Any) -> str:
        if self._settings.trusted_proxy and (hops := _header(scope, b"x-forwarded-for")):
            return hops.rpartition(",")[2].strip()
        client = scope.get("client")
        return client[0] if client else ""

    async def _answer(self, scope: Any, receive: Receive, reply: "_Reply") -> None:
        try:
            _check_address(scope)
        except Refusal as refusal:
            await reply.problem(problem_of(refusal))
            return
        _keep_slashes(scope)
        if self._working >= self._settings.concurrency and scope["path"] not in _ALWAYS:
            self._metrics.shed.inc()
            busy = TooManyRequests(what="The server has all it can do", retry_after_s=1)
            await reply.problem(problem_of(busy))
            return
        self._working += 1
        self._metrics.in_flight.set(self._working)
        try:
            await self.app(scope, receive, reply.send)
        finally:
            self._working -= 1
            self._metrics.in_flight.set(self._working)

    def _note(self, scope: Any, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.started
        method, route = scope["method"], _route(scope)
        self._metrics.requests.labels(method, route, str(exchange.status)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        write = _log.debug if scope["path"].startswith(_QUIET) else _log.info
        write(
            "request", method=method, route=route, status=exchange.status,
            ms=round(seconds * 1000, 2), org=exchange.org,
        )  # fmt: skip


class _Reply:
    """Sends the answer on, with our headers, compressed where that helps."""

    def __init__(
        self, scope: Any, exchange: Exchange, send: Send, headers: list[tuple[bytes, bytes]]
    ) -> None:
        self._scope = scope
        self._exchange = exchange
        self._send = send
        self._headers = headers
        self._start: Any = None

    async def send(self, message: Message) -> None:
        """Pass one ASGI message on. The start waits for the body, which decides its headers."""
        if message["type"] == "http.response.start":
            self._exchange.status = message["status"]
            message["headers"] = [*message["headers"], *self._own(message["headers"])]
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                self._compress(start, message)
            await self._send(start)
            await self._send(message)
        else:
            await self._send(message)

    async def problem(self, problem: Problem) -> None:
        """Answer with a problem document without entering the application."""
        body = msgspec.json.encode(problem.as_json(self._exchange.request_id))
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
        ]
        start: Any = {"type": "http.response.start", "status": problem.status, "headers": headers}
        await self.send(start)
        end: Any = {"type": "http.response.body", "body": body, "more_body": False}
        await self.send(end)

    def _own(self, given: Any) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        own = [pair for pair in self._headers if pair[0] not in names]
        own.append((b"x-request-id", self._exchange.request_id.encode()))
        if b"cache-control" not in names:
            own.append((b"cache-control", b"no-store"))
        if self._exchange.cookie:
            own.append((b"set-cookie", self._exchange.cookie.encode()))
        if (level := self._exchange.level) is not None:
            own += [
                (b"ratelimit-limit", str(level.limit).encode()),
                (b"ratelimit-remaining", str(level.remaining).encode()),
                (b"ratelimit-reset", str(level.reset_s).encode()),
            ]
        return own

    def _compress(self, start: Any, message: Any) -> None:
        """Gzip a whole text body. Brotli would need a dependency for a few percent."""
        headers = dict(start["headers"])
        kind, body = headers.get(b"content-type", b""), message["body"]
        if b"content-encoding" in headers or not _TEXT.match(kind):
            return
        start["headers"].append((b"vary", b"Accept-Encoding"))
        accepted = "gzip" in _header(self._scope, b"accept-encoding")
        if not accepted or len(body) < _COMPRESS_FROM_BYTES:
            return
        message["body"] = gzip.compress(body, 5, mtime=0)
        start["headers"] = [
            *((name, value) for name, value in start["headers"] if name != b"content-length"),
            (b"content-encoding", b"gzip"),
            (b"content-length", str(len(message["body"])).encode()),
        ]


def _check_address(scope: Any) -> None:
    """Refuse a path or query with bytes that no text column can hold."""
    raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    for part, name in ((raw, "path"), (scope["query_string"], "query")):
        if b"%" not in part and part.isascii() and b"\0" not in part:
            continue
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise BodyMalformed(reason=f"the {name} is not UTF-8") from None
        if "\0" in text:
            raise ValueUnusable(reason=f"The {name} has a NUL character")


def _keep_slashes(scope: Any) -> None:
    """Route by the parts that were sent: a slash encoded as %2F belongs to the part it is in."""
    raw = scope.get("raw_path") or b""
    if _ENCODED_SLASH.search(raw):
        scope["path"] = unquote_to_bytes(_ENCODED_SLASH.sub(quote(SLASH).encode(), raw)).decode()


def sent_path(scope: Any) -> str:
    """The path as it was sent, that is fit for a link."""
    raw = scope.get("raw_path")
    return raw.decode("ascii", "replace") if raw else quote(scope["path"])


def _route(scope: Any) -> str:
    """The template of the route, `/v1/orders/{id}`, so that figures do not grow without end."""
    template = scope.get("path_template")
    return str(template) if template else "unmatched"


def _header(scope: Any, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""
