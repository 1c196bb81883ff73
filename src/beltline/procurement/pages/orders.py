"""Purchases: the operator's list and order, the supplier's queue, the guest's link."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from beltline.accounts.types import Guest, LinkEnded
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Refusal
from beltline.kit.events import Event, list_events_of
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import LOCALE_COOKIE, Flash, PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.procurement import actions, queries, rules
from beltline.procurement.queries import changes, invoices, notices
from beltline.procurement.types import (
    AlreadyAnswered,
    Answer,
    AnswerKind,
    PurchaseOrder,
    PurchaseOrderLine,
    SentLink,
    ShippingNotice,
    ShippingNoticeLine,
    Status,
)

WebRequest = Request[Any, Any, State]
Words = Annotated[str, Parameter(max_length=200)]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

STATUS_LABELS: Final = {
    Status.PROPOSED: N_("Draft"),
    Status.ISSUED: N_("To answer"),
    Status.CONFIRMED: N_("Confirmed"),
    Status.COUNTERED: N_("Countered"),
    Status.REFUSED: N_("Refused"),
    Status.EXPIRED: N_("Expired"),
    Status.CANCELLED: N_("Cancelled"),
    Status.DEPOSIT_PAID: N_("Deposit paid"),
    Status.IN_PRODUCTION: N_("In production"),
    Status.INSPECTED: N_("Inspected"),
    Status.BALANCE_PAID: N_("Balance paid"),
    Status.PART_SHIPPED: N_("Partly shipped"),
    Status.SHIPPED: N_("Shipped"),
    Status.PART_RECEIVED: N_("Partly received"),
    Status.RECEIVED: N_("Received"),
    Status.INVOICED: N_("Invoiced"),
    Status.SETTLED: N_("Settled"),
}
STATUS_TONES: Final = {
    **dict.fromkeys(Status, "info"),
    **dict.fromkeys(rules.DONE, "ok"),
    **dict.fromkeys(rules.ENDED, "mute"),
    Status.PROPOSED: "mute",
    Status.CONFIRMED: "ok",
    Status.COUNTERED: "warn",
    Status.REFUSED: "crit",
}
TABS: Final[dict[str, tuple[str, tuple[Status, ...]]]] = {
    "": (N_("All purchases"), ()),
    "issued": (N_("To answer"), (Status.ISSUED,)),
    "countered": (N_("Countered"), (Status.COUNTERED,)),
    "coming": (N_("Coming"), rules.AWAITED),
    "received": (N_("Received"), rules.DONE),
    "ended": (N_("Ended"), rules.ENDED),
}
EVENTS: Final = {
    "purchase_order.issued": ("ok", N_("Issued")),
    "purchase_order.imported": ("ok", N_("Imported")),
    "purchase_order.confirmed": ("ok", N_("Confirmed")),
    "purchase_order.countered": ("warn", N_("Countered by the factory")),
    "purchase_order.refused": ("crit", N_("Refused by the factory")),
    "purchase_order.expired": ("crit", N_("Expired without an answer")),
    "purchase_order.cancelled": ("crit", N_("Cancelled")),
    "purchase_order.part_shipped": ("ok", N_("Part of it was sent")),
    "purchase_order.shipped": ("ok", N_("Sent")),
    "purchase_order.change_asked": ("warn", N_("A change was asked for")),
    "purchase_order.change_refused": ("mute", N_("The change was refused")),
    "purchase_order.changed": ("ok", N_("Changed")),
    "purchase_order.invoiced": ("ok", N_("Invoiced")),
    "purchase_order.part_received": ("ok", N_("Partly received")),
    "purchase_order.received": ("ok", N_("Received")),
}
DONE: Final = {
    "accepted": N_("The counter is accepted; the order stands on its terms."),
    "cancelled": N_("The order is cancelled; its goods are no longer inbound."),
    "received": N_("The receipt is recorded; the goods are in stock."),
    "answered": N_("Your answer is recorded."),
    "changed": N_("Recorded; both sides see it."),
    "invoiced": N_("Your invoice has arrived; its state is shown below."),
    "sent": N_("The shipment is announced; the warehouse expects it."),
}
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
    "procurement.nothing_sent": N_("Write the waybill, how many cartons, and what is in them."),
    "procurement.already_announced": N_("This waybill is announced already."),
    "procurement.over_announced": N_("That is more than is still to come; check the quantities."),
}


# ---------------------------------------------------------------- the operator


@get("/purchases")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    tab: str = "",
    q: Words = "",
    late: bool = False,
    after: str = "",
) -> Response[str]:
    """The operator's purchases by state, the newest first."""
    actor.needs_operator()
    tab = tab if tab in TABS else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_orders(
            db, actor, statuses=TABS[tab][1], search=q.strip(),
            late_at=page.now if late else None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        counts = await queries.count_by_status(db, actor)
    shown, following = cut(rows, lambda order: (order.created_at, order.id))
    view = View("/purchases", {"tab": tab, "q": q, "late": late})
    return render(
        "procurement/list.html", page, orders=shown, following=following, after=after, view=view,
        tabs=_tabs(page, view, tab, counts), **_words(page),
    )  # fmt: skip


@get("/purchases/{order_id:str}")
async def order_page(
    order_id: str, database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """One purchase: asked, answered, received; what can be done with it."""
    actor.needs_operator()
    return await _order(database, actor, _said(page, done), read_id("po", order_id))


@post("/purchases/{order_id:str}/link")
async def link_page(
    *,
    order_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
) -> Response[str]:
    """Make the factory's link and show it, this once."""
    found = read_id("po", order_id)
    async with database.writing(actor) as db:
        link = await actions.send_link(db, actor, order_id=found, now=now)
    site = f"{request.url.scheme}://{request.url.netloc}"
    return await _order(database, actor, page, found, link=link, site=site)


@post("/purchases/{order_id:str}/accept")
async def accept(
    order_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Take the factory's counter."""
    async with database.writing(actor) as db:
        await actions.accept_counter(db, actor, order_id=read_id("po", order_id), now=now)
    return to(f"/purchases/{order_id}?done=accepted")


@post("/purchases/{order_id:str}/cancel")
async def cancel(
    order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Take the order back."""
    found, note = read_id("po", order_id), data.get("note", "")[:1_000]
    async with database.writing(actor) as db:
        await actions.cancel_order(db, actor, order_id=found, note=note, now=now)
    return to(f"/purchases/{order_id}?done=cancelled")


async def _order(
    database: Database,
    actor: Actor,
    page: PageContext,
    order_id: UUID,
    *,
    link: SentLink | None = None,
    site: str = "",
) -> Response[str]:
    async with database.reading(actor) as db:
        order = await queries.get_order(db, actor, order_id)
        lines = await queries.list_lines(db, order_id)
        events = await list_events_of(db, order_id)
        sent = await sent_of(db, order_id)
        changed = await changes.list_changes_of(db, order_id)
    return render(
        "procurement/order.html", page, order=order, lines=lines, path=_path(order), sent=sent,
        changes=changed, may_change=rules.can_send(order.status), base=_path(order), form={},
        side="OPERATOR", why="", wrong="",
        timeline=_timeline(page, events), address=site + link.path if link else "",
        expires_at=link.expires_at if link else None, can_cancel=order.status in rules.CANCELLABLE,
        can_receive=order.status in rules.RECEIVABLE,
        is_done=order.status in rules.DONE,
        answered_amount=_answered_amount(lines),
        countered_quantity=sum(line.agreed_quantity for line in lines), **_words(page),
    )  # fmt: skip


# ---------------------------------------------------------------- the supplier


@get("/supplier")
async def queue_page(database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """What the factory has to do now, the most urgent first; then what is under way."""
    async with database.reading(actor) as db:
        to_answer = await queries.list_to_answer(db, actor)
        under_way = await queries.list_orders(
            db, actor, statuses=(Status.COUNTERED, *rules.AWAITED), limit=20
        )
        done = await queries.list_orders(db, actor, statuses=(*rules.DONE, *rules.ENDED), limit=10)
    return render(
        "procurement/queue.html", page, to_answer=to_answer, under_way=under_way, done=done,
        **_words(page),
    )  # fmt: skip


@get("/supplier/orders/{order_id:str}")
async def supplier_order_page(
    order_id: str, database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """One order as the factory sees it, with its answer or the form for it."""
    found = read_id("po", order_id)
    return await answer_page(
        database, actor, _said(page, done), found, base=f"/supplier/orders/{order_id}"
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
    found = read_id("po", order_id)
    refusal = await _answer(database, actor, found, data, now)
    if refusal is None:
        return to(f"/supplier/orders/{order_id}?done=answered")
    return await answer_page(
        database, actor, page, found, base=f"/supplier/orders/{order_id}", form=data,
        refusal=refusal,
    )  # fmt: skip


# ---------------------------------------------------------------- the guest


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
    page = _said(chinese_first(page, request), done)
    guest = await find_guest(database, token, now)
    if guest is None:
        return render("procurement/link_ended.html", page, status=410)
    return await answer_page(
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
    page = chinese_first(page, request)
    guest = await find_guest(database, token, now)
    if guest is None:
        return render("procurement/link_ended.html", page, status=410)
    refusal = await _answer(database, guest.actor, guest.object_id, data, now)
    if refusal is None:
        return to(f"/g/po/{token}")
    return await answer_page(
        database, guest.actor, page, guest.object_id, base=f"/g/po/{token}", is_guest=True,
        form=data, refusal=refusal,
    )  # fmt: skip


async def find_guest(database: Database, token: str, now: dt.datetime) -> Guest | None:
    """Who holds a link; None when it has ended."""
    try:
        return await actions.open_link(database, token[:200], now=now)
    except LinkEnded:
        return None


def chinese_first(page: PageContext, request: WebRequest) -> PageContext:
    """A factory reads Chinese unless this browser was told otherwise."""
    if page.member_name or request.cookies.get(LOCALE_COOKIE):
        return page
    return msgspec.structs.replace(page, locale="zh")


# ---------------------------------------------------------------- answering, by either door


async def _answer(
    database: Database, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> Refusal | None:
    """Write the answer of a form; the refusal when the form has to be shown again."""
    try:
        async with database.writing(actor) as db:
            lines = await queries.list_lines(db, order_id)
            answer = _read(form, lines)
            await actions.answer_order(db, actor, order_id=order_id, answer=answer, now=now)
    except AlreadyAnswered:
        # Pressed twice, or on two phones: the page shows what counts.
        return None
    except Refusal as refusal:
        if refusal.code not in WHY:
            raise
        return refusal
    return None


def _read(form: dict[str, str], lines: Sequence[PurchaseOrderLine]) -> Answer:
    kind = form.get("answer", "")
    if kind == AnswerKind.COUNTERED:
        return rules.read_counter(form, lines)
    note = form.get("note", "")[:1_000]
    return Answer(
        AnswerKind.REFUSED if kind == AnswerKind.REFUSED else AnswerKind.CONFIRMED, note=note
    )


async def answer_page(
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
    left = rules.left_to_send(lines, [row for notice, rows in sent for row in rows])
    return render(
        "procurement/guest.html" if is_guest else "procurement/supplier_order.html",
        page, status=422 if refusal else 200, order=order, lines=lines, form=form or {},
        why=page.gettext(WHY[refusal.code]) if refusal else "",
        wrong=(refusal.param or "") if refusal else "", base=base, sent=sent, is_guest=is_guest,
        changes=changed, may_change=rules.can_send(order.status), side="SUPPLIER",
        billed=billed, may_bill=order.status in rules.INVOICEABLE,
        to_send=rules.can_send(order.status) and any(left.values()),
        billed_texts={
            x.line_no: show_quantity(x.received_quantity or x.agreed_quantity, Uom(x.uom))
            for x in lines
        },
        left_texts={x.line_no: show_quantity(left[x.line_no], Uom(x.uom)) for x in lines},
        is_changed=_is_changed(order, lines),
        answered_amount=_answered_amount(lines), **_words(page),
    )  # fmt: skip


async def sent_of(
    db: Reader, order_id: UUID
) -> list[tuple[ShippingNotice, list[ShippingNoticeLine]]]:
    """What was announced of an order, each notice with its lines."""
    found = await notices.list_notices_of(db, order_id)
    lines = await notices.list_notice_lines(db, [notice.id for notice in found])
    return [(n, [x for x in lines if x.shipping_notice_id == n.id]) for n in found]


# ---------------------------------------------------------------- words


def _words(page: PageContext) -> dict[str, Any]:
    """What the templates of purchases are rendered with besides their rows."""
    return {
        "labels": STATUS_LABELS,
        "tones": STATUS_TONES,
        "clock": lambda order: _clock(page, order),
        "path_of": _path,
        "chg": lambda change: show_id("chg", change.id),
        "asn": lambda notice: show_id("asn", notice.id),
        "money_of": Money,
        "quantity_text": lambda line: show_quantity(line.quantity, Uom(line.uom)),
    }


def _clock(page: PageContext, order: PurchaseOrder) -> tuple[str, str] | None:
    """The words and the tone of what runs: the time to answer, then the days to arrive."""
    _ = page.gettext
    if order.status is Status.ISSUED and order.answer_by is not None:
        left = order.answer_by - page.now
        text = _("{time} late") if left < dt.timedelta(0) else "{time}"
        tone = formats.deadline_tone(order.answer_by, page.now)
        return text.format(time=formats.duration(abs(left), page.locale)), tone
    if order.status not in rules.AWAITED:
        return None
    days = (order.expected_date - formats.in_zone(page.now, page.zone).date()).days
    if days == 0:
        return _("today"), "warn"
    span = formats.duration(dt.timedelta(days=abs(days)), page.locale)
    return (_("{time} late") if days < 0 else _("in {time}")).format(time=span), (
        "crit" if days < 0 else "mute"
    )


def _tabs(
    page: PageContext, view: View, tab: str, counts: dict[Status, int]
) -> list[tuple[str, str, bool]]:
    tabs = []
    for name, (label, statuses) in TABS.items():
        waiting = sum(counts.get(status, 0) for status in statuses)
        text = page.gettext(label) + (f" {formats.number(waiting)}" if waiting else "")
        tabs.append((text, view.but(tab=name), name == tab))
    return tabs


def _timeline(page: PageContext, events: Sequence[Event]) -> list[tuple[str, str, str]]:
    entries = []
    for event in events:
        tone, text = EVENTS.get(event.type, ("ok", event.type))
        at = formats.datetime(event.occurred_at, page.zone, page.locale)
        more = [str(event.data[key]) for key in ("goods_receipt", "note") if event.data.get(key)]
        entries.append((tone, page.gettext(text), ", ".join([at, *more])))
    return entries


def _is_changed(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> bool:
    """Whether the factory answered with terms of its own."""
    return order.answered_date is not None or any(line.is_changed for line in lines)


def _answered_amount(lines: Sequence[PurchaseOrderLine]) -> int:
    return sum(line.answered_amount or 0 for line in lines)


def _path(order: PurchaseOrder) -> str:
    return f"/purchases/{show_id('po', order.id)}"


def _said(page: PageContext, done: str) -> PageContext:
    """The page with the message that the act before it left in its address."""
    if done not in DONE:
        return page
    return msgspec.structs.replace(page, flash=Flash("ok", page.gettext(DONE[done])))


def to(path: str) -> Response[None]:
    """Go on to a page after a form."""
    return Response(None, status_code=303, headers={"Location": path})


PAGES = (
    list_page, order_page, link_page, accept, cancel, queue_page, supplier_order_page,
    supplier_answer, guest_page, guest_answer,
)  # fmt: skip
