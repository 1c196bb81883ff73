"""A purchase as its factory sees it, and the two doors to it: an account, and the order's link."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post

from beltline.accounts.actions.legal import list_missing
from beltline.accounts.types import Guest, LinkEnded
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web.acts import said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, chinese_first, render
from beltline.procurement import actions, queries, rules
from beltline.procurement.pages.shared import (
    SAID,
    Form,
    WebRequest,
    answered_amount,
    party_rows,
    sent_of,
    words_of,
)
from beltline.procurement.queries import changes, deadlines, invoices, payments
from beltline.procurement.types.deadlines import Concerned, DeadlineKind
from beltline.procurement.types.orders import (
    AlreadyAnswered,
    Answer,
    AnswerKind,
    PurchaseOrder,
    PurchaseOrderLine,
    Status,
)

Act = Callable[[Writer, Actor, UUID, dict[str, str], dt.datetime], Awaitable[None]]
"""What a form asks for, done to an order in the form's own transaction."""

SOON: Final = dt.timedelta(days=2)
"""What is due within this time is a task of today."""
WHY: Final = {
    "procurement.reason_needed": N_("Say in a few words why, so that the buyer can react."),
    "procurement.nothing_countered": N_("Change a quantity, a price or the date, or confirm."),
    "procurement.nothing_offered": N_("Every quantity is 0: refuse the order and say why."),
    "procurement.date_in_the_past": N_("This day has passed; choose a later one."),
    "procurement.day_unusable": N_("This is no day; write it as 2026-12-31."),
    "procurement.price_unusable": N_("This is no price; write a number such as 19.80."),
    "procurement.amount_too_large": N_("Price times quantity is too large; check both."),
    "procurement.quantity_unusable": N_("This is no quantity; write a number such as 120."),
    "procurement.nothing_changed": N_("Write another quantity or day than it has."),
    "procurement.already_sent": N_("Some of it is sent already; it cannot be fewer."),
    "procurement.change_open": N_("A change waits for its answer; one is asked for at a time."),
    "procurement.invoice_unusable": N_("Write the number, the day, the total and what it is for."),
    "procurement.invoice_known": N_("An invoice with this number has arrived before."),
    "procurement.not_its_turn": N_("This was told before, or something comes before it."),
    "procurement.cannot_withdraw": N_("It was sent, or has ended: ask for a change instead."),
    "procurement.nothing_sent": N_("Write the waybill, how many cartons, and what is in them."),
    "procurement.already_announced": N_("This waybill is announced already."),
    "procurement.over_announced": N_("That is more than is still to come; check the quantities."),
}


@get("/supplier")
async def queue_page(database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """What the factory has to do now, the most urgent first; then what is under way."""
    async with database.reading(actor) as db:
        to_answer = await queries.list_to_answer(db, actor)
        to_do = await deadlines.list_deadlines(
            db, actor, due_before=page.now + SOON, concerns=Concerned.SUPPLIER
        )
        under_way = await queries.list_orders(
            db, actor, statuses=(Status.COUNTERED, *rules.AWAITED), limit=20
        )
        done = await queries.list_orders(db, actor, statuses=(*rules.DONE, *rules.ENDED), limit=10)
        missing = await list_missing(db, actor, now=page.now)
    return render(
        "procurement/queue.html", page, to_answer=to_answer, under_way=under_way, done=done,
        to_do=[deadline for deadline in to_do if deadline.kind is not DeadlineKind.ANSWER],
        missing=missing, **words_of(page),
    )  # fmt: skip


@get("/supplier/orders/{order_id:str}")
async def supplier_order_page(
    order_id: str, database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """One order as the factory sees it, with its answer or the form for it."""
    found = read_id("po", order_id)
    return await _answer_page(
        database, actor, said(page, done, SAID), found, base=f"/supplier/orders/{order_id}"
    )


@post("/supplier/orders/{order_id:str}")
async def supplier_answer(
    *,
    order_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """The factory's answer by a member."""
    return await by_account(
        database, actor, page, order_id, data, _answer, now=now, tab=None, done="answered"
    )


@get("/g/po/{token:str}")
async def guest_page(
    *,
    token: str,
    database: Database,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
    done: str = "",
) -> Response[str]:
    """The factory's page behind a link: no account, one order, Chinese first."""
    page = said(chinese_first(page, request.cookies), done, SAID)
    guest = await _find_guest(database, token, now)
    if guest is None:
        return render("procurement/link_ended.html", page, status=410)
    return await _answer_page(
        database, guest.actor, page, guest.object_id, base=f"/g/po/{token}", is_guest=True
    )


@post("/g/po/{token:str}")
async def guest_answer(
    *,
    token: str,
    data: Form,
    database: Database,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
) -> Response[Any]:
    """The factory's answer through its link; a second one shows the first."""
    return await by_link(database, page, request, token, data, _answer, now=now, tab=None, done="")


async def _find_guest(database: Database, token: str, now: dt.datetime) -> Guest | None:
    """Who holds a link; None when it has ended."""
    try:
        return await actions.open_link(database, token[:200], now=now)
    except LinkEnded:
        return None


# ---------------------------------------------------------------- a form, by either door


async def by_account(
    database: Database, actor: Actor, page: PageContext, order_id: str, form: dict[str, str],
    act: Act, *, now: dt.datetime, tab: str | None, done: str,
) -> Response[Any]:  # fmt: skip
    """Do what a member of the factory asks in a form of the order's page."""
    return await _sent(
        database, actor, page, read_id("po", order_id), form, act, now=now, tab=tab, done=done,
        base=f"/supplier/orders/{order_id}", is_guest=False,
    )  # fmt: skip


async def by_link(
    database: Database, page: PageContext, request: WebRequest, token: str, form: dict[str, str],
    act: Act, *, now: dt.datetime, tab: str | None, done: str,
) -> Response[Any]:  # fmt: skip
    """Do what whoever holds an order's link asks in a form of its page."""
    page = chinese_first(page, request.cookies)
    guest = await _find_guest(database, token, now)
    if guest is None:
        return render("procurement/link_ended.html", page, status=410)
    return await _sent(
        database, guest.actor, page, guest.object_id, form, act, now=now, tab=tab, done=done,
        base=f"/g/po/{token}", is_guest=True,
    )  # fmt: skip


async def _sent(
    database: Database, actor: Actor, page: PageContext, order_id: UUID, form: dict[str, str],
    act: Act, *, now: dt.datetime, tab: str | None, done: str, base: str, is_guest: bool,
) -> Response[Any]:  # fmt: skip
    """Act and go on with the message `done`; or the form again, at its tab, with what is wrong."""
    try:
        async with database.writing(actor) as db:
            await act(db, actor, order_id, form, now)
    except AlreadyAnswered:
        # Pressed twice, or on two phones: the page shows what counts.
        pass
    except Refusal as refusal:
        if refusal.code not in WHY:
            raise
        return await _answer_page(
            database, actor, page, order_id, base=base, is_guest=is_guest,
            form={**form, "answer": tab} if tab else form, refusal=refusal,
        )  # fmt: skip
    return to(f"{base}?done={done}" if done else base)


async def _answer(
    db: Writer, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> None:
    answer = _read(form, await queries.list_lines(db, order_id))
    await actions.answer_order(db, actor, order_id=order_id, answer=answer, now=now)


def _read(form: dict[str, str], lines: Sequence[PurchaseOrderLine]) -> Answer:
    kind = form.get("answer", "")
    if kind == AnswerKind.COUNTERED:
        return rules.read_counter(form, lines)
    note = form.get("note", "")[:1_000]
    return Answer(
        AnswerKind.REFUSED if kind == AnswerKind.REFUSED else AnswerKind.CONFIRMED, note=note
    )


async def _answer_page(
    database: Database,
    actor: Actor,
    page: PageContext,
    order_id: UUID,
    *,
    base: str,
    is_guest: bool = False,
    form: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response[str]:
    """An order as its factory sees it, at `base`, with the form that was refused."""
    async with database.reading(actor) as db:
        order = await queries.get_order(db, actor, order_id)
        lines = await queries.list_lines(db, order_id)
        sent = await sent_of(db, order_id)
        billed = await invoices.list_invoices_of(db, order_id)
        changed = await changes.list_changes_of(db, order_id)
        running = await deadlines.list_deadlines_of(db, order_id)
        making = await payments.get_making(db, order)
        parties = await party_rows(db, page, order)
        is_withdrawn = await payments.is_withdrawn(db, order)
    left = rules.left_to_send(lines, [row for notice, rows in sent for row in rows])
    return render(
        "procurement/guest.html" if is_guest else "procurement/supplier_order.html",
        page, status=422 if refusal else 200, order=order, lines=lines, form=form or {},
        why=page.gettext(WHY[refusal.code]) if refusal else "",
        wrong=(refusal.param or "") if refusal else "", base=base, sent=sent, is_guest=is_guest,
        deadlines=[x for x in running if x.concerns is Concerned.SUPPLIER and x.is_running],
        changes=changed, may_change=rules.can_send(order.status), side="SUPPLIER",
        billed=billed, may_bill=order.status in rules.INVOICEABLE,
        to_send=rules.can_send(order.status) and any(left.values()),
        billed_texts={
            x.line_no: show_quantity(x.received_quantity or x.agreed_quantity, Uom(x.uom))
            for x in lines
        },
        left_texts={x.line_no: show_quantity(left[x.line_no], Uom(x.uom)) for x in lines},
        is_changed=_is_changed(order, lines),
        answered_amount=answered_amount(lines), making=making, parties=parties, may_pay=False,
        may_withdraw=order.status in rules.MAKING, is_withdrawn=is_withdrawn, **words_of(page),
    )  # fmt: skip


def _is_changed(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> bool:
    """Whether the factory answered with terms of its own."""
    return order.answered_date is not None or any(line.is_changed for line in lines)


PAGES = (queue_page, supplier_order_page, supplier_answer, guest_page, guest_answer)
