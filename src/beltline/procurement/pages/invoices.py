"""Suppliers' invoices: those that differ as tasks, one in three columns, the factory's form."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money, to_major
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.procurement import queries as purchases
from beltline.procurement import rules
from beltline.procurement.actions import invoices as actions
from beltline.procurement.pages.factory import by_account, by_link
from beltline.procurement.pages.shared import Form, WebRequest
from beltline.procurement.queries import invoices as queries
from beltline.procurement.types.invoices import InvoiceState

STATES: Final = {
    InvoiceState.DIFFERING: (N_("Differs"), "crit"),
    InvoiceState.MATCHED: (N_("Agrees"), "ok"),
    InvoiceState.APPROVED: (N_("Taken as it is"), "ok"),
    InvoiceState.REJECTED: (N_("Sent back"), "mute"),
}
KINDS: Final = {
    "PRICE": N_("Price above the order"),
    "QUANTITY": N_("More than was received"),
    "TOTAL": N_("The total is not the sum"),
}
CURRENCY: Final = "CNY"
"""What the tolerance of totals is typed in: two decimals, as most currencies have."""


@get("/invoices")
async def list_page(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = ""
) -> Response[str]:
    """Invoices of suppliers by state, newest first, and how far they may differ."""
    actor.needs_operator()
    chosen = InvoiceState(tab) if tab in STATES else None
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_invoices(
            db, actor, state=chosen, before=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        tolerance = await queries.get_tolerance(db, actor)
    shown, following = cut(rows, lambda row: (row.entered_at, row.id))
    view = View("/invoices", {"tab": tab})
    tabs = [(page.gettext("All"), view.but(tab=""), chosen is None)]
    tabs += [(page.gettext(t), view.but(tab=s.value), s == chosen) for s, (t, _) in STATES.items()]
    return render(
        "procurement/invoices.html", page, rows=shown, following=following, after=after, view=view,
        tabs=tabs, states=STATES, kinds=KINDS, money_of=Money, show_id=show_id,
        tolerance=tolerance, total_text=f"{to_major(tolerance.total_amount, CURRENCY):f}",
    )  # fmt: skip


@get("/invoices/{invoice_id:str}")
async def invoice_page(
    invoice_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One invoice: agreed, received and invoiced side by side, and what to do about it."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        invoice = await queries.get_invoice(db, actor, read_id("inv", invoice_id))
        lines = await queries.list_invoice_lines(db, invoice.id)
    return render(
        "procurement/invoice.html", page, invoice=invoice, lines=lines, states=STATES,
        kinds=KINDS, money_of=Money, shown_id=invoice_id,
        order_path=f"/purchases/{show_id('po', invoice.purchase_order_id)}",
    )  # fmt: skip


@post("/invoices/tolerance")
async def set_tolerance(
    data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """How far invoices may differ from now on."""
    tolerance = rules.read_tolerance(data, CURRENCY)
    async with database.writing(actor) as db:
        await actions.set_tolerance(db, actor, tolerance=tolerance, now=now)
    return to("/invoices")


@post("/invoices/{invoice_id:str}")
async def decide(
    *, invoice_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Take the invoice as it is, or send it back."""
    async with database.writing(actor) as db:
        await actions.decide_invoice(
            db, actor, invoice_id=read_id("inv", invoice_id),
            is_approved=data.get("act") == "approve", note=data.get("note", "")[:1_000], now=now,
        )  # fmt: skip
    return to(f"/invoices/{invoice_id}")


@post("/supplier/orders/{order_id:str}/invoice")
async def supplier_invoice(
    *,
    order_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """An invoice by a member of the factory."""
    return await by_account(
        database, actor, page, order_id, data, _enter, now=now, tab="BILLED", done="invoiced"
    )


@post("/g/po/{token:str}/invoice")
async def guest_invoice(
    *,
    token: str,
    data: Form,
    database: Database,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
) -> Response[Any]:
    """An invoice by whoever holds the order's link."""
    return await by_link(
        database, page, request, token, data, _enter, now=now, tab="BILLED", done="invoiced"
    )


async def _enter(
    db: Writer, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> None:
    order = await purchases.get_order(db, actor, order_id)
    lines = await purchases.list_lines(db, order_id)
    body = rules.read_invoice(form, lines, order.currency)
    await actions.enter_invoice(db, actor, order_id=order_id, body=body, now=now)


PAGES = (
    list_page, set_tolerance, invoice_page, decide, supplier_invoice, guest_invoice,
)  # fmt: skip
