"""Purchases as the operator sees them: the list, and one order."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.events import Event, list_events_of
from beltline.kit.ids import read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web import formats
from beltline.kit.web.acts import said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.procurement import actions, queries, rules
from beltline.procurement.actions import deadlines as overdue
from beltline.procurement.pages.shared import (
    SAID,
    Form,
    WebRequest,
    answered_amount,
    order_path,
    party_rows,
    sent_of,
    words_of,
)
from beltline.procurement.queries import changes, deadlines, payments
from beltline.procurement.types.orders import SentLink, Status

Words = Annotated[str, Parameter(max_length=200)]

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
    "purchase_order.reminded": ("mute", N_("A reminder was sent")),
    "purchase_order.overdue": ("crit", N_("Overdue")),
    "purchase_order.taken_up": ("ok", N_("Somebody has taken it up")),
    "purchase_order.production_started": ("ok", N_("Production has started")),
    "purchase_order.production_finished": ("ok", N_("Production is finished")),
    "purchase_order.inspected": ("ok", N_("Passed inspection before shipment")),
    "purchase_order.inspection_failed": ("crit", N_("Failed inspection before shipment")),
    "purchase_order.payment_asked": ("mute", N_("A payment was asked for")),
    "purchase_order.payment_returned": ("warn", N_("A payment was given back")),
    "purchase_order.deposit_paid": ("ok", N_("The deposit is paid")),
    "purchase_order.balance_paid": ("ok", N_("The balance is paid")),
    "purchase_order.invoiced": ("ok", N_("Invoiced")),
    "purchase_order.part_received": ("ok", N_("Partly received")),
    "purchase_order.received": ("ok", N_("Received")),
}


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
        tabs=_tabs(page, view, tab, counts), **words_of(page),
    )  # fmt: skip


@get("/purchases/{order_id:str}")
async def order_page(
    order_id: str, database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """One purchase: asked, answered, received; what can be done with it."""
    actor.needs_operator()
    return await _order(database, actor, said(page, done, SAID), read_id("po", order_id))


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


@post("/purchases/{order_id:str}/take-up")
async def take_up(
    order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Somebody takes care of what is overdue."""
    found, note = read_id("po", order_id), data.get("note", "")[:1_000]
    async with database.writing(actor) as db:
        await overdue.settle_overdue(db, actor, order_id=found, note=note, now=now)
    return to(f"/purchases/{order_id}?done=taken_up")


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
        running = await deadlines.list_deadlines_of(db, order_id)
        making = await payments.get_making(db, order)
        parties = await party_rows(db, page, order)
    return render(
        "procurement/order.html", page, order=order, lines=lines, path=order_path(order), sent=sent,
        changes=changed, may_change=rules.can_send(order.status), base=order_path(order), form={},
        side="OPERATOR", why="", wrong="", deadlines=running,
        is_waiting=any(deadline.is_waiting for deadline in running),
        timeline=_timeline(page, events), address=site + link.path if link else "",
        expires_at=link.expires_at if link else None, can_cancel=order.status in rules.CANCELLABLE,
        can_receive=order.status in rules.RECEIVABLE,
        is_done=order.status in rules.DONE,
        answered_amount=answered_amount(lines), making=making, parties=parties,
        may_pay=actor.role in {"ADMIN", "FINANCE"},
        countered_quantity=sum(line.agreed_quantity for line in lines), **words_of(page),
    )  # fmt: skip


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
        if event.data.get("cause") == "NOT_WANTED":
            tone, text = "ok", N_("Ended: the buyers it was for want nothing of it any more")
        elif event.data.get("cause") == "WITHDRAWN":
            tone, text = "crit", N_("Ended: the factory cannot bring it")
        at = formats.datetime(event.occurred_at, page.zone, page.locale)
        more = [str(event.data[key]) for key in ("goods_receipt", "note") if event.data.get(key)]
        entries.append((tone, page.gettext(text), ", ".join([at, *more])))
    return entries


PAGES = (list_page, order_page, link_page, accept, cancel, take_up)
