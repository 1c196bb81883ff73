"""The company that papers name for the organization: what stands, what comes, what is missing."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get, post

from beltline.accounts import queries
from beltline.accounts.actions import legal as actions
from beltline.accounts.pages.shared import WebRequest
from beltline.accounts.rules import legal as rules
from beltline.accounts.types.legal import (
    BANK_ACCOUNTS_MAX,
    BankAccount,
    EntityBody,
    EntityDayUnreadable,
    LegalEntity,
)
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.web.acts import form_of, said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render

_DONE: Final = {"stated": N_("Stated; papers name it from its day on.")}
_TEXTS: Final = (
    "name", "name_latin", "address", "address_latin", "country", "registration_number", "tax_id",
)  # fmt: skip
_OF_ACCOUNT: Final = tuple(BankAccount.__struct_fields__)
_VERSIONS: Final = 20
_TYPED_MAX: Final = 1_000


@get("/settings/legal")
async def legal_page(
    database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """The company as its register has it, its bank accounts, and its versions."""
    return await _show(database, actor, said(page, done, _DONE))


@post("/settings/legal")
async def state_legal(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """State it anew."""
    form = {name: text[:_TYPED_MAX] for name, text in (await form_of(request)).items()}
    try:
        async with database.writing(actor) as db:
            await actions.state_legal_entity(db, actor, entity=_read(form), now=now)
    except Refusal as refusal:
        if refusal.param is None:
            raise
        # bank_accounts[0].bic stands in the form as bic_<its row>.
        place = re.fullmatch(r"bank_accounts\[(\d)\]\.(\w+)", refusal.param)
        field = refusal.param
        if place is not None:
            field = f"{place[2]}_{_rows_filled(form)[int(place[1])]}"
        error = {field: refusal.sentence(page.gettext)}
        return await _show(database, actor, page, form=form, errors=error)
    return to("/settings/legal?done=stated")


def _rows_filled(form: Mapping[str, str]) -> list[int]:
    """The rows of bank accounts in which something is written."""
    return [
        row
        for row in range(1, BANK_ACCOUNTS_MAX + 1)
        if any(form.get(f"{name}_{row}", "").strip() for name in _OF_ACCOUNT)
    ]


def _read(form: Mapping[str, str]) -> EntityBody:
    typed = form.get("valid_from", "").strip()
    try:
        since = dt.date.fromisoformat(typed) if typed else None
    except ValueError:
        raise EntityDayUnreadable(typed=typed[:40], param="valid_from") from None
    accounts = [
        BankAccount(**{name: form.get(f"{name}_{row}", "") for name in _OF_ACCOUNT})
        for row in _rows_filled(form)
    ]
    texts = {name: form.get(name, "") for name in _TEXTS}
    texts["country"] = texts["country"].strip().upper()
    return EntityBody(**texts, bank_accounts=accounts, valid_from=since)


def _form_of(entity: LegalEntity | None, country: str) -> dict[str, str]:
    """The form as it stands before anybody writes."""
    if entity is None:
        return {"country": country}
    form = {name: getattr(entity, name) for name in _TEXTS}
    for row, account in enumerate(entity.bank_accounts, 1):
        form |= {f"{name}_{row}": getattr(account, name) for name in _OF_ACCOUNT}
    return form


async def _show(
    database: Database,
    actor: Actor,
    page: PageContext,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with database.reading(actor) as db:
        organization = await queries.get_organization_by_id(db, actor.org_id)
        entity = await queries.find_legal_entity(db, actor.org_id, on=day_of(page.now))
        versions = await queries.list_legal_entities(db, actor.org_id, limit=_VERSIONS)
    form = form or _form_of(versions[0] if versions else None, organization.country)
    filled = _rows_filled(form)
    return render(
        "accounts/legal.html", page, status=422 if errors else 200, form=form,
        errors=errors or {}, entity=entity, versions=versions, may_state=actor.role == "ADMIN",
        missing=actions.missing_texts(entity, actor),
        rows=range(1, min(max(filled, default=0) + 1, BANK_ACCOUNTS_MAX) + 1),
        bank_number=rules.shown_bank_number,
    )  # fmt: skip


PAGES = (legal_page, state_legal)
