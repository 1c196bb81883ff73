"""The list of orders, and one order with its timeline, its money and what can be done."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from beltline.catalog import queries as catalog
from beltline.catalog.types import Sku
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.events import Event, list_events_of
from beltline.kit.ids import new_id, read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, read_quantity, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.ledger import queries as ledger
from beltline.ledger.queries import papers as ledger_papers
from beltline.ledger.types import Port
from beltline.orders import actions, queries, rules
from beltline.orders.pages import landed
from beltline.orders.rules.papers import proforma_number
from beltline.orders.types import (
    QUANTITY_MAX,
    AmendBody,
    AmendedLine,
    OrderDetail,
    PayBody,
    QuantityUnreadable,
)

Words = Annotated[str, Parameter(max_length=200)]

STATUSES: Final = {
    "DRAFT": N_("Draft"), "PLACED": N_("Placed"), "PAID": N_("Paid"),
    "ON_CREDIT": N_("On credit"), "ALLOCATED": N_("Reserved"), "COMPLETED": N_("Completed"),
    "CANCELLED": N_("Cancelled"),
}  # fmt: skip
TONES: Final = {
    "PLACED": "warn", "PAID": "info", "ALLOCATED": "info", "COMPLETED": "ok", "ON_CREDIT": "info",
}  # fmt: skip
PARTS: Final = {
    "ALLOCATED": N_("Reserved"), "BACKORDERED": N_("Waits for stock"), "SHIPPED": N_("Shipped"),
    "DELIVERED": N_("Delivered"), "CANCELLED": N_("Cancelled"),
}  # fmt: skip
MODELS: Final = {
    "DIRECT": N_("direct"), "VIRTUAL": N_("virtual stock"), "PRESTOCK": N_("pre-stock"),
    "OWNED": N_("owned"),
}  # fmt: skip
METHODS: Final = {
    "BALANCE": N_("Balance"), "CREDIT": N_("Credit"), "TRANSFER": N_("Bank transfer"),
}  # fmt: skip
DECISIONS: Final = {
    "WAIT": N_("wait for them"), "SHIP_PART": N_("send the rest and refund them"),
    "CANCEL": N_("cancel the line and refund it"),
}  # fmt: skip
EVENTS: Final = {
    "order.placed": N_("Placed: stock reserved"),
    "order.paid": N_("Paid: money held"),
    "order.balance_due": N_("Goods made and inspected: their balance is due"),
    "order.balance_paid": N_("Balance paid: the goods go on"),
    "order.amended": N_("Amended: stock and money follow"),
    "order.allocated": N_("Stock came and was reserved"),
    "order.shipped": N_("Shipped"),
    "order.completed": N_("Completed: all that comes has arrived"),
    "order.released": N_("Receipt confirmed: the money is released to the seller"),
    "order.cancelled": N_("Cancelled: stock and money given back"),
}
TRANSFERS: Final = {
    "ORDER_HOLD": N_("Held for the order"), "ORDER_RELEASE": N_("Released to the seller"),
    "ORDER_REFUND": N_("Refunded to the buyer"), "SETTLEMENT": N_("Settled with the supplier"),
    "CHARGEBACK": N_("Charged back"), "CORRECTION": N_("Correction"),
}  # fmt: skip
ACCOUNTS: Final = {
    "BUYER_BALANCE": N_("Buyer’s balance"), "BUYER_CREDIT": N_("Buyer’s credit"),
    "HELD_FOR_BUYERS": N_("Held for buyers"), "SALES": N_("Sales"), "BANK": N_("Bank"),
    "SUPPLIER_PAYABLE": N_("Owed to suppliers"), "PLATFORM_FEE": N_("Platform fee"),
    "CHARGEBACKS": N_("Chargebacks"), "ROUNDING": N_("Rounding"),
}  # fmt: skip
PAPERS: Final = {"INVOICE": N_("Invoice"), "CREDIT_NOTE": N_("Credit note")}


@get("/orders")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    status: str = "",
    country: str = "",
    after: str = "",
) -> Response[str]:
    """Orders, newest first: the buyer's own, or all buyers' for the operator."""
    status = status if status in STATUSES else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.search_orders(
            db, actor, words=q.strip(), status=status or None, country=country or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        counts = await queries.count_by_status(db)
        countries = await queries.list_countries(db)
    shown, following = cut(rows, lambda row: (row.created_at, row.id))
    view = View("/orders", {"q": q, "status": status, "country": country})
    return render(
        "orders/list.html", page, rows=shown, following=following, after=after, view=view,
        tabs=_tabs(page, view, {row.status: row.orders for row in counts}),
        countries=[(code, code) for code in countries], statuses=STATUSES, tones=TONES,
        can_order=is_buyer(actor), Money=Money,
    )  # fmt: skip


def _tabs(page: PageContext, view: View, counts: dict[str, int]) -> list[tuple[str, str, bool]]:
    _ = page.gettext
    chosen = view.values["status"]
    tabs = [(f"{_('All')} {sum(counts.values()):,}", view.but(status=""), not chosen)]
    for status, text in STATUSES.items():
        if counts.get(status) or status == chosen:
            label = f"{_(text)} {counts.get(status, 0):,}"
            tabs.append((label, view.but(status=status), status == chosen))
    return tabs


@get("/orders/{order_id:str}")
async def order_page(
    order_id: str, database: Database, actor: Actor, page: PageContext, payments: Port | None
) -> Response[str]:
    """One order: what happened and what is promised, lines, money, whom it goes to."""
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
        events = await list_events_of(db, found)
        entries = await ledger.list_entries_of(db, found)
        hold = await ledger.find_hold(db, found)
        skus = await catalog.skus_of(db, [line.sku for line in order.lines])
        balances = await ledger.list_balances(db, actor.org_id) if is_buyer(actor) else []
        papers = await ledger_papers.list_papers(db, reference_id=found)
        costs = await queries.find_landed(db, found)
    may_cancel = rules.may_cancel(
        order.head.status, [part.status for line in order.lines for part in line.parts]
    )
    spendable = {b.account: b.spendable for b in balances if b.currency == order.head.currency}
    due = rules.amount_due(order)
    return render(
        "orders/order.html", page, order=order, head=order.head, skus=skus, entries=entries,
        hold=hold, timeline=_timeline(page, order, events), statuses=STATUSES, tones=TONES,
        parts=PARTS, models=MODELS, methods=METHODS, transfers=TRANSFERS, accounts=ACCOUNTS,
        Money=Money, Decimal=Decimal, may_cancel=may_cancel, decisions=DECISIONS,
        proforma=proforma_number(order.head.number), due=due, pays=_pays(order, spendable),
        amendable=_amendable(order, skus), is_allowed=actor.role in {"ADMIN", "BUYER"},
        key=new_id().hex, shown_id=order_id, papers=papers, paper_kinds=PAPERS,
        costs=costs, landed=landed.compared(page, costs),
        by_card=payments is not None and _takes_card(order, actor),
        may_invoice=hold is not None and not papers and actor.role in {"ADMIN", "BUYER", "FINANCE"},
        has_erased=not any(order.ship_to.get(name) for name in ("name", "line1", "phone")),
    )  # fmt: skip


def _happened(page: PageContext, event: Event) -> str:
    """When, and of what when it was not all of the order."""
    at = formats.datetime_text(event.occurred_at, page.zone, page.locale)
    parts = event.data.get("parts", []) if event.type == "order.shipped" else []
    told = (
        translations(page.locale)
        .pgettext("list", ", ")
        .join(dict.fromkeys(str(part["sku"]) for part in parts[:3]))
    )
    more = page.gettext("and others") if len(parts) > 3 else ""
    return " ".join(filter(None, (at, told, more)))


def _pays(order: OrderDetail, spendable: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """What the order, or its balance, can be paid from: the account, the method, what is there."""
    if not rules.amount_due(order):
        return []
    kinds = {"BUYER_BALANCE": "BALANCE", "BUYER_CREDIT": "CREDIT"}
    if order.head.status != "PLACED":
        # A balance is paid from where its deposit came.
        kind = "BUYER_CREDIT" if order.payment_method == "CREDIT" else "BUYER_BALANCE"
        kinds = {kind: kinds[kind]}
    return [(kind, kinds[kind], spendable[kind]) for kind in kinds if kind in spendable]


def _takes_card(order: OrderDetail, actor: Actor) -> bool:
    """Whether what an order waits for can be paid by a provider; a balance of credit cannot."""
    return (
        is_buyer(actor)
        and rules.amount_due(order) > 0
        and (order.head.status == "PLACED" or order.payment_method != "CREDIT")
    )


def _amendable(order: OrderDetail, skus: Mapping[str, Sku]) -> list[tuple[int, str, str]]:
    """The lines whose quantity can be changed: their number, SKU, and quantity as people write."""
    if order.head.status not in rules.CANCELLABLE:
        return []
    return [
        (number, line.sku, show_quantity(line.quantity, Uom(skus[line.sku].uom)))
        for number, line in enumerate(order.lines, 1)
        if rules.UNSENT.issuperset(part.status for part in line.parts)
    ]


def _timeline(
    page: PageContext, order: OrderDetail, events: list[Event]
) -> list[tuple[str, str, str]]:
    """What happened, with its time, then what is promised and not yet there."""
    _ = page.gettext
    head = order.head
    entries = [
        (
            "crit" if event.type.endswith(".cancelled") else "ok",
            _(EVENTS[event.type]) if event.type in EVENTS else event.type,
            _happened(page, event),
        )
        for event in events
    ]
    if head.status not in {"CANCELLED", "COMPLETED"}:
        if not any(part.status != "ALLOCATED" for line in order.lines for part in line.parts):
            entries.append(("next", _("Leaves the node"), _("not yet")))
        if order.deposit is not None and order.deposit.unpaid:
            due_at = order.deposit.due_at
            until = (
                formats.datetime_text(due_at, page.zone, page.locale) if due_at else _("not yet")
            )
            entries.append(("next", _("The balance is paid"), until))
        if head.promise_date is not None and head.promise_probability is not None:
            promise = formats.promise(head.promise_date, head.promise_probability, page.locale)
            entries.append(("next", _("All of it arrives"), promise))
    return entries


@post("/orders/{order_id:str}/cancel")
async def cancel(
    order_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> Response[None]:
    """Cancel an order; the form's key makes a double click one cancellation."""
    form = await request.form()
    found = read_id("ord", order_id)
    key = str(form.get("key") or new_id().hex)[:255]
    (await actions.cancel_order(database, actor, found, key=key, now=now)).unwrap()
    return to_order(found)


@post("/orders/{order_id:str}/pay")
async def pay(
    order_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> Response[None]:
    """Pay an order that waits for its money, from the balance or on credit."""
    form = await request.form()
    found = read_id("ord", order_id)
    body = PayBody("CREDIT" if form.get("method") == "CREDIT" else "BALANCE")
    key = str(form.get("key") or new_id().hex)[:255]
    (await actions.pay_order(database, actor, found, body, key=key, now=now)).unwrap()
    return to_order(found)


@post("/orders/{order_id:str}/amend")
async def amend(
    order_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> Response[None]:
    """Change the quantity of lines; those that stay as they are are not touched."""
    form = await request.form()
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
        skus = await catalog.skus_of(db, [line.sku for line in order.lines])
    lines = []
    for number, line in enumerate(order.lines, 1):
        typed = str(form.get(f"quantity-{number}", "")).strip()
        uom = Uom(skus[line.sku].uom)
        units = 0 if typed == "0" else read_quantity(typed, uom) if typed else line.quantity
        if units is None or units > QUANTITY_MAX:
            raise QuantityUnreadable(sku=line.sku, typed=typed[:40], param=f"quantity-{number}")
        if units != line.quantity:
            lines.append(AmendedLine(number, units))
    if lines:
        key = str(form.get("key") or new_id().hex)[:255]
        body = AmendBody(lines)
        (await actions.amend_order(database, actor, found, body, key=key, now=now)).unwrap()
    return to_order(found)


def to_order(order_id: UUID) -> Response[None]:
    """On to an order's page."""
    path = f"/orders/{show_id('ord', order_id)}"
    return to(path)


def is_buyer(actor: Actor) -> bool:
    """Whether this member can place orders."""
    return actor.org_kind in {"BUYER", "AGENT"} and actor.role in {"ADMIN", "BUYER"}


PAGES = (list_page, order_page, pay, amend, cancel)
