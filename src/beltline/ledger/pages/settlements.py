"""What suppliers are owed: statements, their lines, rates of commission, pay-outs by two people."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter, QueryParameter

from beltline.accounts import queries as organizations
from beltline.accounts.actions.legal import bank_lines, find_account, list_missing, party_lines
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.ids import read_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.downloads import download
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.ledger import actions
from beltline.ledger.adapters.words import EARNINGS
from beltline.ledger.queries import settlements as queries
from beltline.ledger.types import RateUnreadable, Settlement

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Words = Annotated[str, Parameter(max_length=120)]

STATES: Final = {
    "DUE": N_("To pay"), "ASKED": N_("Waits for approval"), "PAID": N_("Paid out"),
    "CARRIED": N_("Carried on"),
}  # fmt: skip
TONES: Final = {"DUE": "warn", "ASKED": "warn", "PAID": "ok"}
RATES_SHOWN: Final = 20


@get("/settlements")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    status: str = "",
    supplier: Words = "",
    after: str = "",
) -> Response[str]:
    """Statements, newest first; for the operator also what is unstated, and the rates."""
    status = status if status in STATES else ""
    supplier = supplier.replace("\0", "").strip()
    is_operator = actor.org_kind == "OPERATOR"
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_settlements(
            db, actor, state=status or None, supplier=supplier or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        missing = await list_missing(db, actor, now=page.now)
        unstated = await queries.list_unstated(db, limit=PAGE_ROWS)
        rates = await queries.list_commission_rates(db, limit=RATES_SHOWN)
    shown, following = cut(rows, lambda row: (row.made_at, row.id))
    view = View("/settlements", {"status": status, "supplier": supplier})
    tabs = [(page.gettext("All"), view.but(status=""), not status)]
    tabs += [
        (page.gettext(text), view.but(status=name), name == status) for name, text in STATES.items()
    ]
    return render(
        "ledger/settlements.html", page, rows=shown, following=following, after=after, view=view,
        tabs=tabs, states=STATES, tones=TONES, unstated=unstated, rates=rates, Money=Money,
        is_operator=is_operator, may_pay=is_operator and actor.role in {"ADMIN", "FINANCE"},
        today=page.today, missing=missing,
    )  # fmt: skip


@get("/settlements/{settlement_id:str}")
async def statement_page(
    settlement_id: str, database: Database, actor: Actor, page: PageContext, after: str = ""
) -> Response[str]:
    """One statement: how it comes to its sum, line by line."""
    found = read_id("stm", settlement_id)
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        statement = await queries.get_settlement(db, found)
        items = await queries.list_items(
            db, found, after=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1
        )
        is_operator = actor.org_kind == "OPERATOR"
        is_moved = is_operator and await _is_moved(db, statement, page)
    shown, following = cut(items, lambda item: (item.at, item.id))
    payee, payer = statement.payee, statement.payer
    return render(
        "ledger/settlement.html", page, statement=statement,
        supplier_lines=party_lines(payee, page.locale), payer_lines=party_lines(payer, page.locale),
        bank_lines=bank_lines(payee, page.locale), is_moved=is_moved, items=shown,
        following=following, after=after, view=View(f"/settlements/{settlement_id}", {}),
        states=STATES, tones=TONES, kinds=EARNINGS, Money=Money, shown_id=settlement_id,
        is_operator=is_operator, may_pay=is_operator and actor.role in {"ADMIN", "FINANCE"},
    )  # fmt: skip


async def _is_moved(db: Reader, statement: Settlement, page: PageContext) -> bool:
    """Whether the supplier states another account today than the statement names, or none."""
    supplier = await organizations.get_organization(db, statement.supplier)
    account = await find_account(db, supplier.id, currency=statement.currency, on=page.today)
    return account != statement.payee.bank


@get("/settlements/{settlement_id:str}/file", media_type="application/octet-stream")
async def file(
    settlement_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    file_format: Annotated[actions.StatementFormat, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """The statement as a file."""
    return download(
        await actions.write_statement(
            database, actor, settlement_id=read_id("stm", settlement_id),
            file_format=file_format, locale=page.locale,
        )
    )  # fmt: skip


@post("/settlements/run")
async def settle(database: Database, actor: Actor, now: dt.datetime) -> Response[None]:
    """State what is unstated until now."""
    async with database.writing(actor) as db:
        await actions.settle(db, actor, until=now, now=now)
    return to("/settlements")


@post("/settlements/rates")
async def set_rate(
    data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Set a rate of commission, written in percent."""
    typed = data.get("rate", "").strip().rstrip("%").strip()
    code = data.get("supplier", "").replace("\0", "").strip()
    try:
        ppm = Decimal(typed) * 10_000
        day = dt.date.fromisoformat(data.get("valid_from", ""))
    except (InvalidOperation, ValueError):
        raise RateUnreadable(typed=typed[:40], param="rate") from None
    if not ppm.is_finite() or ppm != int(ppm) or not 0 <= ppm <= 1_000_000:
        raise RateUnreadable(typed=typed[:40], param="rate")
    async with database.writing(actor) as db:
        supplier = await organizations.get_organization(db, code) if code else None
        await actions.set_commission(
            db, actor, supplier_org_id=supplier.id if supplier else None, rate_ppm=int(ppm),
            valid_from=day, valid_until=None, note="", now=now,
        )  # fmt: skip
    return to("/settlements")


@post("/settlements/{settlement_id:str}/ask")
async def ask_payout(
    settlement_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Ask for it to be paid."""
    async with database.writing(actor) as db:
        await actions.ask_payout(db, actor, settlement_id=read_id("stm", settlement_id), now=now)
    return to(f"/settlements/{settlement_id}")


@post("/settlements/{settlement_id:str}/decide")
async def decide_payout(
    *, settlement_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Pay it, or give it back."""
    async with database.writing(actor) as db:
        await actions.decide_payout(
            db, actor, settlement_id=read_id("stm", settlement_id),
            is_approved=data.get("act") == "approve",
            reference=data.get("reference", "").replace("\0", "")[:200], now=now,
        )  # fmt: skip
    return to(f"/settlements/{settlement_id}")


PAGES = (list_page, statement_page, file, settle, set_rate, ask_payout, decide_payout)
