"""The page of money: what there is, waits, is owed and came in, and every entry."""

import datetime as dt
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.accounts import queries as organizations
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import new_id, read_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.ledger import actions, queries
from beltline.ledger.adapters.words import TRANSFERS

ACCOUNTS = {
    "BUYER_BALANCE": N_("Balance"), "BUYER_CREDIT": N_("Credit"), "BUYER_FEES": N_("Fees owed"),
    "HELD_FOR_BUYERS": N_("Held for buyers"), "SALES": N_("Sales"), "BANK": N_("Bank"),
    "PURCHASES": N_("Cost of goods"),
    "SUPPLIER_PAYABLE": N_("Owed to suppliers"), "PLATFORM_FEE": N_("Platform fee"),
    "SUPPLIER_ADVANCE": N_("Advances to suppliers"),
    "LATE_FEES": N_("Late fees"), "CHARGEBACKS": N_("Chargebacks"), "FX": N_("Exchange"),
    "SEIZURES": N_("Seized by customs"), "FX_SPREAD": N_("Exchange margin"),
    "ROUNDING": N_("Rounding"),
}  # fmt: skip
STATES = {
    "OPEN": N_("In good standing"), "SUSPENDED": N_("Suspended"), "OVERDUE": N_("Overdue"),
    "PAID": N_("Settled"), "UNMATCHED": N_("Whose is it?"), "CREDITED": N_("On the balance"),
    "REVERSED": N_("Reversed"),
}  # fmt: skip
TONES = {
    "OPEN": "info", "SUSPENDED": "crit", "OVERDUE": "crit", "PAID": "ok", "UNMATCHED": "warn",
    "CREDITED": "info", "REVERSED": "crit",
}  # fmt: skip
HOLDS_SHOWN = 20


@get("/money")
async def money_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    currency: str = "",
    account: str = "",
    after: str = "",
) -> Response[str]:
    """Balances, open holds, and the entries of the acting organization."""
    account = account if account in ACCOUNTS else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        balances = await queries.list_balances(db, actor.org_id)
        holds = await queries.list_open_holds(db, limit=HOLDS_SHOWN)
        lines = await queries.list_credit_lines(db, limit=HOLDS_SHOWN)
        statements = await queries.list_statements(db, limit=HOLDS_SHOWN)
        payments = await queries.list_incoming(db, limit=HOLDS_SHOWN)
        rows = await queries.list_entry_rows(
            db, actor.org_id, currency=currency or None, account=account or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.at, row.id))
    return render(
        "ledger/money.html", page, balances=balances, holds=holds, lines=lines,
        statements=statements, payments=payments, states=STATES, tones=TONES,
        may_repay=actor.role in {"ADMIN", "FINANCE", "BUYER"} and actor.org_kind != "OPERATOR",
        may_assign=actor.org_kind == "OPERATOR" and actor.role in {"ADMIN", "FINANCE"},
        has_papers=actor.org_kind in {"OPERATOR", "BUYER", "AGENT"},
        key=new_id().hex, entries=shown, after=after,
        following=following, accounts=ACCOUNTS, transfers=TRANSFERS, Money=Money,
        currency_options=[(code, code) for code in sorted({b.currency for b in balances})],
        account_options=[
            (kind, page.gettext(ACCOUNTS[kind])) for kind in sorted({b.account for b in balances})
        ],
        view=View("/money", {"currency": currency, "account": account}),
    )  # fmt: skip


@post("/money/repay")
async def repay(
    request: Request[Any, Any, State], database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Repay all that is owed on credit in a currency; the form's key makes it once."""
    form = await request.form()
    currency = str(form.get("currency", ""))[:3]

    async def act(db: Writer) -> tuple[int, Any]:
        lines = await queries.list_credit_lines(db, limit=250)
        owed = sum(line.used + line.fees for line in lines if line.currency == currency)
        if owed:
            await actions.repay_credit(db, actor, currency=currency, amount=owed, now=now)
        return 200, owed

    key = str(form.get("key") or new_id().hex)[:255]
    operation = "ledger.repay_all"
    answer = await once(database, actor, key=key, operation=operation, body=currency, act=act)
    answer.unwrap()
    return to("/money")


@post("/money/payments/{payment_id:str}/assign")
async def assign(
    payment_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> Response[None]:
    """Say whose money an unmatched payment is, by the buyer's code."""
    code = str((await request.form()).get("org", "")).replace("\0", "").strip()[:120]
    async with database.writing(actor) as db:
        buyer = await organizations.get_organization(db, code)
        await actions.assign_incoming(
            db, actor, incoming_id=read_id("pay", payment_id), org_id=buyer.id, now=now
        )
    return to("/money#payments")


PAGES = (money_page, repay, assign)
