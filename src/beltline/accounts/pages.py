"""Pages of accounts: signing in and out, settings, the team, keys for developers, the audit."""

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import QueryParameter

from beltline.accounts import actions, queries, rules
from beltline.accounts.types import (
    SCOPES,
    SESSION_COOKIE,
    IssuedKey,
    Role,
    Session,
    SignInRefused,
    TooManyTries,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import MalformedId, read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.i18n import LOCALES, N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.kit.web.page import (
    THEMES,
    Flash,
    PageContext,
    preference_cookies,
    render,
    safe_next,
)
from beltline.kit.web.view import PAGE_ROWS, View, cut

ROLES: Final = {
    Role.ADMIN: N_("Administrator"),
    Role.BUYER: N_("Buyer"),
    Role.PLANNER: N_("Planner"),
    Role.WAREHOUSE: N_("Warehouse"),
    Role.FINANCE: N_("Finance"),
    Role.VIEWER: N_("Viewer"),
}
ROLE_MEANINGS: Final = {
    Role.ADMIN: N_("everything, team and keys included"),
    Role.BUYER: N_("orders and purchases"),
    Role.PLANNER: N_("plans, proposals, purchases and imports"),
    Role.WAREHOUSE: N_("receiving, counting, shipping"),
    Role.FINANCE: N_("balances, holds and the ledger"),
    Role.VIEWER: N_("looks at everything, changes nothing"),
}
ORG_KINDS: Final = {
    "OPERATOR": N_("Operator of the network"), "SUPPLIER": N_("Supplier"),
    "BUYER": N_("Buying organization"),
    "AGENT": N_("Sourcing agent"), "PARTNER": N_("Partner"), "CARRIER": N_("Carrier"),
    "BROKER": N_("Customs broker"), "INSPECTOR": N_("Inspector"),
    "FINANCIER": N_("Financier"),
}  # fmt: skip
VIAS: Final = {
    "MEMBER": N_("console"), "API_KEY": N_("API key"), "GUEST": N_("link"),
    "SYSTEM": N_("system"),
}  # fmt: skip
OBJECTS: Final = {
    "order": N_("order"), "purchase_order": N_("purchase order"), "member": N_("member"),
    "api_key": N_("API key"), "guest_link": N_("link"), "contact": N_("contact"),
    "stock": N_("stock"), "balance": N_("balance"), "proposal": N_("proposal"),
}  # fmt: skip
OBJECT_PATHS: Final = {"order": "/orders/", "purchase_order": "/purchases/"}

NAV = (
    NavItem(verb=Verb.BUILD, path="/developers", label=N_("Developers"), icon="key"),
    NavItem(verb=Verb.BUILD, path="/audit", label=N_("Audit"), icon="history"),
    NavItem(verb=Verb.BUILD, path="/team", label=N_("Team"), icon="users"),
    NavItem(verb=Verb.BUILD, path="/settings", label=N_("Settings"), icon="gear", keys="g s"),
)  # fmt: skip

WebRequest = Request[Any, Any, State]
Next = Annotated[str, QueryParameter(name="next", max_length=2000)]


# ---------------------------------------------------------------- in and out


@get("/login")
async def login_page(
    page: PageContext, session: Session | None, target: Next = "/"
) -> Response[Any]:
    """Where somebody unknown says who they are; a member goes straight on."""
    if session is not None:
        return _to(safe_next(target))
    return render("accounts/login.html", page, target=safe_next(target), email="", error="")


@post("/login")
async def login(
    *,
    request: WebRequest,
    database: Database,
    page: PageContext,
    client_address: str,
    is_https: bool,
    now: dt.datetime,
) -> Response[Any]:
    """Begin a session, or say that name and password do not belong together."""
    form = await _form(request)
    target, email = safe_next(form.get("next")), form.get("email", "").strip()[:200]
    try:
        token = await actions.sign_in(
            database, email=email, password=form.get("password", "")[:1000],
            address=client_address, now=now,
        )  # fmt: skip
    except (SignInRefused, TooManyTries) as refusal:
        error = page.gettext(refusal.detail).format(**refusal.fields)
        return render(
            "accounts/login.html", page, status=refusal.status, target=target, email=email,
            error=error,
        )  # fmt: skip
    cookie = Cookie(
        SESSION_COOKIE, value=token, path="/", httponly=True, samesite="lax", secure=is_https
    )
    return _to(target, cookie)


@post("/logout")
async def logout(request: WebRequest, database: Database) -> Response[Any]:
    """End the session and forget its cookie."""
    if token := request.cookies.get(SESSION_COOKIE):
        await actions.sign_out(database, token)
    gone = Cookie(SESSION_COOKIE, value="", path="/", max_age=0, httponly=True, samesite="lax")
    return _to("/login", gone)


@post("/preferences")
async def preferences(
    *,
    request: WebRequest,
    database: Database,
    page: PageContext,
    session: Session | None,
    is_https: bool,
) -> Response[Any]:
    """Keep a chosen language or theme: in this browser, and for the member everywhere."""
    form = await _form(request)
    if session is not None:
        locale, theme = form.get("locale", page.locale), form.get("theme", session.member.theme)
        async with database.writing(session.actor) as db:
            await actions.set_preferences(
                db, session.actor,
                locale=locale if locale in LOCALES else page.locale,
                theme=theme if theme in THEMES else session.member.theme,
            )  # fmt: skip
    return _to(safe_next(form.get("next")), *preference_cookies(form, secure=is_https))


# ---------------------------------------------------------------- settings and team


@get("/settings")
async def settings_page(
    actor: Actor, page: PageContext, session: Session | None, done: str = ""
) -> Response[str]:
    """Who the member is, and how it likes its pages."""
    del actor  # asked for so that a visitor is sent to sign in
    if session is None:
        return render("accounts/settings.html", page, member=None, organization=None)
    return render(
        "accounts/settings.html", _said(page, done, {"saved": N_("Saved.")}), member=session.member,
        organization=session.organization, roles=ROLES, meanings=ROLE_MEANINGS,
        org_kinds=ORG_KINDS,
    )  # fmt: skip


@get("/team")
async def team_page(
    database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """The people of the organization and what each may do."""
    said = _said(page, done, {"added": N_("The member was added and can sign in.")})
    return await _team(database, actor, said)


@post("/team")
async def add_member(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Add a person to the own organization."""
    actor.needs_role()
    form = await _form(request)
    fields = {name: form.get(name, "").strip() for name in ("name", "email", "role")}
    errors = _missing(page, fields)
    if not errors:
        try:
            async with database.writing(actor) as db:
                await actions.create_member(
                    db, actor, org_id=actor.org_id, email=fields["email"], name=fields["name"],
                    password=form.get("password", ""), role=fields["role"], now=now,
                    locale=page.locale,
                )  # fmt: skip
        except Refusal as refusal:
            if refusal.param is None:
                raise
            errors = {refusal.param: page.gettext(refusal.detail).format(**refusal.fields)}
    if errors:
        return await _team(database, actor, page, form=fields, errors=errors)
    return _to("/team?done=added")


def _missing(page: PageContext, fields: dict[str, str]) -> dict[str, str]:
    """Why the form of a new member cannot be used, by field."""
    _ = page.gettext
    errors = {}
    if not fields["name"]:
        errors["name"] = _("Say how the person is called.")
    if not 3 <= len(fields["email"]) <= 200 or "@" not in fields["email"][1:-1]:
        errors["email"] = _("An e-mail address has a name, an @ and a domain.")
    if fields["role"] not in set(Role):
        errors["role"] = _("Choose a role.")
    return errors


async def _team(
    database: Database,
    actor: Actor,
    page: PageContext,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with database.reading(actor) as db:
        members = await queries.list_members(db, actor.org_id)
    return render(
        "accounts/team.html", page, status=422 if errors else 200, members=members, roles=ROLES,
        meanings=ROLE_MEANINGS, may_add=actor.role == "ADMIN",
        form=form or {"name": "", "email": "", "role": "VIEWER"}, errors=errors or {},
        password_min=rules.PASSWORD_MIN,
    )  # fmt: skip


# ---------------------------------------------------------------- developers


@get("/developers")
async def developers_page(
    database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """The organization's keys, and where the API is described."""
    said = _said(page, done, {"revoked": N_("The key was revoked; nothing can use it any more.")})
    return await _developers(database, actor, said)


@post("/developers/keys")
async def create_key(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[str]:
    """Make a key. Its secret is on the page that answers, and nowhere else."""
    actor.needs_role()
    form = await request.form()
    name, scopes = str(form.get("name", "")).strip()[:120], form.getall("scopes", [])
    days = str(form.get("days", ""))
    expires_at = now + dt.timedelta(days=int(days)) if days in _LIVES and days else None
    _ = page.gettext
    errors = {}
    if not name:
        errors["name"] = _("Say what the key is for.")
    if not scopes:
        errors["scopes"] = _("Choose at least one scope.")
    if errors:
        return await _developers(database, actor, page, errors=errors, name=name, chosen=scopes)
    async with database.writing(actor) as db:
        issued = await actions.create_key(
            db, actor, name=name, scopes=[str(scope) for scope in scopes], now=now,
            expires_at=expires_at,
        )  # fmt: skip
    return await _developers(database, actor, page, issued=issued)


@post("/developers/keys/{key_id:str}/revoke")
async def revoke_key(
    key_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """End a key at once."""
    async with database.writing(actor) as db:
        await actions.revoke_key(db, actor, key_id=read_id("key", key_id), now=now)
    return _to("/developers?done=revoked")


_LIVES: Final = ("", "30", "90", "365")


async def _developers(
    database: Database,
    actor: Actor,
    page: PageContext,
    *,
    issued: IssuedKey | None = None,
    errors: dict[str, str] | None = None,
    name: str = "",
    chosen: list[Any] | None = None,
) -> Response[str]:
    async with database.reading(actor) as db:
        keys = await queries.list_keys(db, actor.org_id, limit=100)
    _ = page.gettext
    lives = [
        (days, _("%(n)s days") % {"n": days} if days else _("until it is revoked"))
        for days in _LIVES
    ]
    return render(
        "accounts/developers.html", page, status=422 if errors else 200, keys=keys,
        scopes=SCOPES, lives=lives, issued=issued, errors=errors or {}, name=name,
        chosen=chosen or [], may_make=actor.role == "ADMIN",
    )  # fmt: skip


# ---------------------------------------------------------------- audit


@get("/audit")
async def audit_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    object_id: Annotated[str, QueryParameter(name="object", max_length=80)] = "",
    after: Annotated[str, QueryParameter(max_length=200)] = "",
) -> Response[str]:
    """Who did what, newest first; of everything or of one object."""
    before = decode_cursor(after, dt.datetime, UUID)
    error, wanted = "", None
    try:
        wanted = rules.read_any_id(object_id.strip()) if object_id.strip() else None
    except MalformedId:
        error = page.gettext("An id looks like po_ and 32 hex digits; copy it from a list below.")
    async with database.reading(actor) as db:
        found = await queries.list_audit(
            db, actor.org_id, object_id=wanted,
            before=(before[0], before[1]) if before else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
    rows, following = cut(found if not error else [], lambda row: (row.at, row.id))
    return render(
        "accounts/audit.html", page, rows=rows, following=following, after=after, error=error,
        view=View("/audit", {"object": object_id}), vias=VIAS, objects=OBJECTS,
        paths=OBJECT_PATHS, readable=rules.readable_change, shown_id=rules.shown_object_id,
    )  # fmt: skip


# ---------------------------------------------------------------- shared


def _said(page: PageContext, done: str, texts: dict[str, str]) -> PageContext:
    """The page with the message that the act before it left in its address."""
    if done not in texts:
        return page
    return msgspec.structs.replace(page, flash=Flash("ok", page.gettext(texts[done])))


async def _form(request: WebRequest) -> dict[str, str]:
    """The text fields of a form; of one sent twice, the last."""
    return {
        name: value
        for name, value in (await request.form()).multi_items()
        if isinstance(value, str)
    }


def _to(path: str, *cookies: Cookie) -> Response[Any]:
    return Response(
        None, status_code=303, headers={"Location": path, "Cache-Control": "no-store"},
        cookies=list(cookies),
    )  # fmt: skip


PAGES = (
    login_page, login, logout, preferences, settings_page, team_page, add_member,
    developers_page, create_key, revoke_key, audit_page,
)  # fmt: skip
