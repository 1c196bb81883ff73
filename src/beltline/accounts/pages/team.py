"""Settings of a member, and the people of its organization."""

import datetime as dt
from typing import Any, Final

from litestar import Response, get, post

from beltline.accounts import actions, queries, rules
from beltline.accounts.pages.shared import ROLE_MEANINGS, ROLES, WebRequest
from beltline.accounts.types import SESSION_COOKIE, Role, Session
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id, show_id
from beltline.kit.web.acts import form_of, said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render

ORG_KINDS: Final = {
    "OPERATOR": N_("Operator of the network"), "SUPPLIER": N_("Supplier"),
    "BUYER": N_("Buying organization"),
    "AGENT": N_("Sourcing agent"), "PARTNER": N_("Partner"), "CARRIER": N_("Carrier"),
    "BROKER": N_("Customs broker"), "INSPECTOR": N_("Inspector"),
    "FINANCIER": N_("Financier"),
}  # fmt: skip


_SETTINGS_DONE: Final = {
    "saved": N_("Saved."),
    "password": N_("The password was changed; every other session of yours has ended."),
}
_TEAM_DONE: Final = {
    "added": N_("The member was added and can sign in."),
    "changed": N_("The role was changed; it holds from the next page on."),
    "closed": N_("The member was closed; its sessions have ended."),
    "opened": N_("The member can sign in again."),
}


@get("/settings")
async def settings_page(
    actor: Actor, page: PageContext, session: Session | None, done: str = ""
) -> Response[str]:
    """Who the member is, and how it likes its pages."""
    del actor  # asked for so that a visitor is sent to sign in
    return _settings(said(page, done, _SETTINGS_DONE), session)


@post("/settings/password")
async def change_password(
    *,
    request: WebRequest,
    database: Database,
    page: PageContext,
    session: Session | None,
    now: dt.datetime,
) -> Response[Any]:
    """Choose another password, knowing the present one."""
    if session is None:
        return _settings(page, None)
    form = await form_of(request)
    if form.get("password", "") != form.get("repeated", ""):
        error = {"repeated": page.gettext("The two are not the same.")}
        return _settings(page, session, error)
    try:
        await actions.change_password(
            database, session.actor, current=form.get("current", "")[:1000],
            password=form.get("password", "")[:1000],
            token=request.cookies.get(SESSION_COOKIE, ""), now=now,
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.param is None:
            raise
        return _settings(page, session, {refusal.param: refusal.sentence(page.gettext)})
    return to("/settings?done=password")


def _settings(
    page: PageContext, session: Session | None, errors: dict[str, str] | None = None
) -> Response[str]:
    if session is None:
        return render("accounts/settings.html", page, member=None, organization=None)
    return render(
        "accounts/settings.html", page, status=422 if errors else 200, member=session.member,
        organization=session.organization, roles=ROLES, meanings=ROLE_MEANINGS,
        org_kinds=ORG_KINDS, errors=errors or {}, password_min=rules.PASSWORD_MIN,
    )  # fmt: skip


@get("/team")
async def team_page(
    database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """The people of the organization and what each may do."""
    return await _team(database, actor, said(page, done, _TEAM_DONE))


@post("/team")
async def add_member(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Add a person to the own organization."""
    actor.needs_role()
    form = await form_of(request)
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
    return to("/team?done=added")


@post("/team/{member_id:str}")
async def change_member(
    *,
    request: WebRequest,
    member_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Give a member another role, close it, or let it in again."""
    form = await form_of(request)
    act = form.get("act", "")
    role = form.get("role") if act == "role" else None
    if role is not None and role not in set(Role):
        return await _team(database, actor, page, errors={"role": page.gettext("Choose a role.")})
    is_active = {"close": False, "open": True}.get(act)
    async with database.writing(actor) as db:
        await actions.change_member(
            db, actor, member_id=read_id("mem", member_id), role=role, is_active=is_active, now=now
        )
    return to(f"/team?done={_DONE_BY_ACT.get(act, 'changed')}")


_DONE_BY_ACT: Final = {"close": "closed", "open": "opened"}


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
        meanings=ROLE_MEANINGS, may_add=actor.role == "ADMIN", me=actor.via_id, shown_id=show_id,
        form=form or {"name": "", "email": "", "role": "VIEWER"}, errors=errors or {},
        password_min=rules.PASSWORD_MIN,
    )  # fmt: skip


PAGES = (settings_page, change_password, team_page, add_member, change_member)
