"""The page of money: what there is, what waits for a promise, and every entry."""

import datetime as dt
from uuid import UUID

from litestar import Response, get

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.ledger import queries

ACCOUNTS = {
    "BUYER_BALANCE": N_("Balance"), "BUYER_CREDIT": N_("Credit"), "BUYER_FEES": N_("Fees owed"),
    "HELD_FOR_BUYERS": N_("Held for buyers"), "SALES": N_("Sales"), "BANK": N_("Bank"),
    "SUPPLIER_PAYABLE": N_("Owed to suppliers"), "PLATFORM_FEE": N_("Platform fee"),
    "LATE_FEES": N_("Late fees"), "CHARGEBACKS": N_("Chargebacks"), "FX": N_("Exchange"),
    "FX_SPREAD": N_("Exchange margin"), "ROUNDING": N_("Rounding"),
}  # fmt: skip
TRANSFERS = {
    "DEPOSIT": N_("Paid in"), "WITHDRAWAL": N_("Paid out"), "ORDER_HOLD": N_("Held for an order"),
    "ORDER_RELEASE": N_("Released to the seller"), "ORDER_REFUND": N_("Refunded to the buyer"),
    "CREDIT_REPAYMENT": N_("Credit repaid"), "LATE_FEE": N_("Late fee"),
    "CHARGEBACK": N_("Charged back"), "SETTLEMENT": N_("Settled with the supplier"),
    "EXCHANGE": N_("Exchanged"), "CORRECTION": N_("Correction"),
}  # fmt: skip
HOLDS_SHOWN = 20

NAV = (NavItem(verb=Verb.MONEY, path="/money", label=N_("Ledger"), icon="coin", keys="g m"),)


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
        rows = await queries.list_entry_rows(
            db, actor.org_id, currency=currency or None, account=account or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.at, row.id))
    return render(
        "ledger/money.html", page, balances=balances, holds=holds, entries=shown, after=after,
        following=following, accounts=ACCOUNTS, transfers=TRANSFERS, Money=Money,
        currency_options=[(code, code) for code in sorted({b.currency for b in balances})],
        account_options=[
            (kind, page.gettext(ACCOUNTS[kind])) for kind in sorted({b.account for b in balances})
        ],
        view=View("/money", {"currency": currency, "account": account}),
    )  # fmt: skip


PAGES = (money_page,)
