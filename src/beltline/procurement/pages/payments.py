"""What factories are paid in advance: due, asked for, paid; terms; how far goods are."""

import datetime as dt
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.ids import read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import said, to
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.procurement import queries as orders
from beltline.procurement import rules
from beltline.procurement.actions import payments as actions
from beltline.procurement.pages.factory import by_account, by_link
from beltline.procurement.pages.shared import (
    BALANCES,
    PAYMENT_STATES,
    SAID,
    Form,
    WebRequest,
    words_of,
)
from beltline.procurement.queries import payments as queries
from beltline.procurement.types.payments import MilestoneKind, NotItsTurn, PaymentKind, PaymentState
from beltline.suppliers import queries as suppliers

TERMS_SHOWN = 50


@get("/factory-payments")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    tab: str = "",
    after: str = "",
    done: str = "",
) -> Response[str]:
    """What is due to factories in advance, what was paid, and on which terms."""
    actor.needs_operator()
    chosen = PaymentState(tab) if tab in PAYMENT_STATES else None
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        due = await queries.list_due(db, actor, limit=PAGE_ROWS)
        rows = await queries.list_payments(
            db, actor, state=chosen, before=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        terms = await queries.list_terms(db, actor, limit=TERMS_SHOWN)
    shown, following = cut(rows, lambda row: (row.asked_at, row.id))
    view = View("/factory-payments", {"tab": tab})
    tabs = [(page.gettext("All"), view.but(tab=""), chosen is None)]
    tabs += [
        (page.gettext(text), view.but(tab=state.value), state == chosen)
        for state, (text, _) in PAYMENT_STATES.items()
    ]
    return render(
        "procurement/payments.html", said(page, done, SAID), due=due, rows=shown, terms=terms,
        following=following, after=after, view=view, tabs=tabs,
        may_pay=actor.role in {"ADMIN", "FINANCE"},
        balance_options=[(due, page.gettext(text)) for due, text in BALANCES.items()],
        **words_of(page),
    )  # fmt: skip


@post("/factory-payments/terms")
async def set_terms(
    data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """The terms of a factory from now on."""
    terms = rules.read_terms(data)
    code = data.get("supplier", "").replace("\0", "").strip()[:120]
    async with database.writing(actor) as db:
        supplier = await suppliers.get_supplier_by_code(db, code)
        await actions.set_terms(
            db, actor, supplier_org_id=supplier.org_id, terms=terms,
            note=data.get("note", "").replace("\0", "")[:1_000], now=now,
        )  # fmt: skip
    return to("/factory-payments?done=terms")


@post("/purchases/{order_id:str}/payments")
async def pay(
    *, order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Ask for a payment, or decide one of this order."""
    found, asked = read_id("po", order_id), data.get("payment", "")
    async with database.writing(actor) as db:
        if asked in tuple(PaymentKind):
            await actions.ask_payment(
                db, actor, order_id=found, kind=PaymentKind(asked), now=now
            )  # fmt: skip
            return to(f"/purchases/{order_id}?done=asked")
        payment = await queries.get_payment(db, actor, read_id("adv", asked))
        if payment.purchase_order_id != found:
            raise NotFound(what="supplier payment", key=asked)
        await actions.decide_payment(
            db, actor, payment_id=payment.id, is_approved=data.get("act") == "approve",
            reference=data.get("reference", "").replace("\0", "")[:200], now=now,
        )  # fmt: skip
    return to(f"/purchases/{order_id}?done=decided")


@post("/purchases/{order_id:str}/production")
async def tell(
    *, order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """The operator says how far goods are, for the factory or after an inspection."""
    actor.needs_operator()
    async with database.writing(actor) as db:
        await _tell(db, actor, read_id("po", order_id), data, now)
    return to(f"/purchases/{order_id}?done=told")


@post("/supplier/orders/{order_id:str}/production")
async def supplier_tell(
    *,
    order_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """A member of the factory says how far goods are, or that they cannot come."""
    return await by_account(
        database, actor, page, order_id, data, _tell, now=now, tab="MAKING", done="told"
    )


@post("/g/po/{token:str}/production")
async def guest_tell(
    *,
    token: str,
    data: Form,
    database: Database,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
) -> Response[Any]:
    """The same by whoever holds the order's link."""
    return await by_link(
        database, page, request, token, data, _tell, now=now, tab="MAKING", done="told"
    )


async def _tell(
    db: Writer, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> None:
    kind, note = form.get("kind", ""), form.get("note", "").replace("\0", "")[:1_000]
    if kind == "WITHDRAWN":
        await actions.withdraw_order(db, actor, order_id=order_id, note=note, now=now)
    elif kind in tuple(MilestoneKind):
        await actions.report_production(
            db, actor, order_id=order_id, kind=MilestoneKind(kind), note=note, now=now
        )
    else:
        order = await orders.get_order(db, actor, order_id)
        raise NotItsTurn(number=order.number, state=order.status, param="kind")


PAGES = (list_page, set_terms, pay, tell, supplier_tell, guest_tell)
