"""Keys for developers, and the audit."""

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter

from beltline.accounts import actions, queries, rules
from beltline.accounts.pages.shared import WebRequest
from beltline.accounts.types import SCOPES, IssuedKey
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import MalformedId, read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut

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


@get("/developers")
async def developers_page(
    database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """The organization's keys, and where the API is described."""
    revoked = N_("The key was revoked; nothing can use it any more.")
    return await _developers(database, actor, said(page, done, {"revoked": revoked}))


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
    return to("/developers?done=revoked")


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


PAGES = (developers_page, create_key, revoke_key, audit_page)
