"""What handlers get by name: `database`, `actor`, `now`, `idempotency_key`.

Pages also get `session`, `client_address`, `is_https` and, from `pages`, `page`. `caller_of`
runs once a request, before everything else: a key or a session says who acts, a `sk_test_` key
leads to the sandbox, and the buckets of the caller are charged.
"""

import datetime as dt
import hmac
import re
import secrets
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import HeaderParameter

from beltline.accounts.actions import authenticate_key, authenticate_session
from beltline.accounts.types import SESSION_COOKIE, NotSignedIn, Session
from beltline.app.payments import SANDBOX
from beltline.app.problems import CrossSite
from beltline.app.web.databases import Databases
from beltline.app.web.edge import Exchange, exchange_of
from beltline.app.web.limits import Buckets, Limits
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.idempotency import KeyMissing
from beltline.ledger.types import Port

CSRF_COOKIE = "bl_csrf"
CSRF_FIELD = "_csrf"
CSRF_HEADER = "x-csrf-token"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_KEY = re.compile(r"(?i:bearer) +(sk_(?:live|test)_[\w-]{20,120})")


class Caller(msgspec.Struct, frozen=True):
    """Who sent the request, on which database; `actor` is None for somebody unknown."""

    database: Database
    now: dt.datetime
    actor: Actor | None = None
    session: Session | None = None


async def caller_of(request: Request[Any, Any, State]) -> Caller:
    """The caller of a request, found at its first use. Refuses a key that does not stand."""
    known = known_caller(request)
    if known is None:
        known = await _authenticate(request)
        request.scope["state"]["caller"] = known
    return known


def known_caller(request: Request[Any, Any, State]) -> Caller | None:
    """The caller if somebody has asked for it before, successfully."""
    known: Caller | None = request.scope["state"].get("caller")
    return known


async def _authenticate(request: Request[Any, Any, State]) -> Caller:
    databases: Databases = request.app.state.databases
    if authorization := request.headers.get("authorization"):
        return await _by_key(request, databases, authorization)
    caller = Caller(databases.live, await databases.live.now())
    if token := request.cookies.get(SESSION_COOKIE):
        caller = await _by_session(request, caller, token)
    if caller.actor is None:
        exchange = exchange_of(request)
        _take(exchange, _limits(request).address, exchange.address)
    return caller


async def _by_key(
    request: Request[Any, Any, State], databases: Databases, authorization: str
) -> Caller:
    exchange, limits = exchange_of(request), _limits(request)
    # Guessing is slowed before it costs a look-up.
    limits.address.require(exchange.address)
    found = _KEY.fullmatch(authorization.strip())
    if found is not None:
        database = await databases.of_key(found[1])
        now = await database.now()
        actor = await authenticate_key(database, found[1], now, request_id=exchange.request_id)
        if actor is not None:
            _charge(request, actor)
            return Caller(database, now, actor)
    limits.address.take(exchange.address)
    raise NotSignedIn


async def _by_session(request: Request[Any, Any, State], caller: Caller, token: str) -> Caller:
    session = await authenticate_session(
        caller.database, token[:200], caller.now, request_id=exchange_of(request).request_id
    )
    if session is None:
        return caller
    _charge(request, session.actor)
    return msgspec.structs.replace(caller, actor=session.actor, session=session)


def _charge(request: Request[Any, Any, State], actor: Actor) -> None:
    exchange, limits = exchange_of(request), _limits(request)
    exchange.org = str(actor.org_id)
    _take(exchange, limits.key, str(actor.via_id))
    limits.org.take(str(actor.org_id))


def _take(exchange: Exchange, buckets: Buckets, name: str) -> None:
    """Charge a bucket. What is left of it is told with the answer, a refusal for it included."""
    exchange.level = buckets.level(name)
    exchange.level = buckets.take(name)


def _limits(request: Request[Any, Any, State]) -> Limits:
    limits: Limits = request.app.state.limits
    return limits


def check_same_site(request: Request[Any, Any, State]) -> None:
    """Refuse a changing request that a browser says, or may have, sent from another site."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        raise CrossSite
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise CrossSite


async def check_form(connection: ASGIConnection[Any, Any, Any, Any], handler: Any) -> None:
    """Guard of all pages: a form that changes something carries the token of its page.

    A handler marked `opt={"signed_in": True}` takes large bodies: nobody unknown may send one.
    """
    request: Request[Any, Any, State] = connection  # type: ignore[assignment] # guards of HTTP
    if request.method in SAFE_METHODS:
        return
    check_same_site(request)
    await check_known(connection, handler)
    expected = form_token(request, await caller_of(request))
    sent = request.headers.get(CSRF_HEADER)
    form = None if sent is not None else await request.form()
    if form is not None:
        sent = form.get(CSRF_FIELD)
    if not expected or not isinstance(sent, str) or not _same(sent, expected):
        if form is not None:
            await form.close()
        raise CrossSite


async def check_caller(request: Request[Any, Any, State]) -> None:
    """Before all handlers of the API: `check_known`. No guard: each costs a copy of its handler."""
    await check_known(request, request.route_handler)


async def check_known(connection: ASGIConnection[Any, Any, Any, Any], handler: Any) -> None:
    """Refuse somebody unknown before anything else of the request is looked at.

    Where the handler says so, or takes an actor.
    """
    request: Request[Any, Any, State] = connection  # type: ignore[assignment] # guards of HTTP
    if not (handler.opt.get("signed_in") or "actor" in handler.parsed_fn_signature.parameters):
        return
    if (await caller_of(request)).actor is None:
        raise NotSignedIn


def form_token(request: Request[Any, Any, State], caller: Caller) -> str:
    """The token a form of this visitor must carry: the session's, else the cookie's."""
    if caller.session is not None:
        return caller.session.csrf_token
    return request.cookies.get(CSRF_COOKIE, "")


def new_form_token() -> str:
    """A token for a visitor without a session."""
    return secrets.token_urlsafe(24)


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


async def provide_database(request: Request[Any, Any, State]) -> Database:
    """The database of this request: the network's, or the sandbox of a test key."""
    return (await caller_of(request)).database


async def provide_payments(request: Request[Any, Any, State]) -> Port | None:
    """The provider of payments of this database: the one set up, or the sandbox's own."""
    state = request.app.state
    is_live = (await caller_of(request)).database is state.databases.live
    port: Port | None = state.payments if is_live else SANDBOX
    return port


async def provide_now(request: Request[Any, Any, State]) -> dt.datetime:
    """The present instant by this database's clock, one for the whole request."""
    return (await caller_of(request)).now


async def provide_actor(request: Request[Any, Any, State]) -> Actor:
    """Who acts. Refuses (401) somebody unknown; pages turn that into a way to sign in."""
    caller = await caller_of(request)
    if caller.actor is None:
        raise NotSignedIn
    if (
        caller.session is not None
        and request.method not in SAFE_METHODS
        and request.url.path.startswith("/v1/")
    ):
        # The API by a browser's cookie: no form, so the token comes in a header.
        check_same_site(request)
        if not _same(request.headers.get(CSRF_HEADER, ""), caller.session.csrf_token):
            raise CrossSite
    return caller.actor


async def provide_idempotency_key(
    key: Annotated[
        str | None,
        HeaderParameter(
            name="Idempotency-Key",
            description="1 to 255 characters, new for each new effect; kept for 7 days.",
        ),
    ] = None,
) -> str:
    """The key of a POST of the API. Refuses (400) a request without a usable one."""
    if not key or len(key) > 255 or not key.isprintable():
        raise KeyMissing
    return key


async def provide_session(request: Request[Any, Any, State]) -> Session | None:
    """The session of a signed-in member, or None."""
    return (await caller_of(request)).session


async def provide_client_address(request: Request[Any, Any, State]) -> str:
    """Where the request came from, behind a trusted proxy too."""
    return exchange_of(request).address


async def provide_is_https(request: Request[Any, Any, State]) -> bool:
    """Whether the site is served by https, so that its cookies are marked as secure."""
    is_https: bool = request.app.state.settings.web.https
    return is_https


DEPENDENCIES = {
    "database": Provide(provide_database),
    "actor": Provide(provide_actor),
    "now": Provide(provide_now),
    "payments": Provide(provide_payments),
    "idempotency_key": Provide(provide_idempotency_key),
}
PAGE_DEPENDENCIES = {
    **DEPENDENCIES,
    "session": Provide(provide_session),
    "client_address": Provide(provide_client_address),
    "is_https": Provide(provide_is_https),
}
