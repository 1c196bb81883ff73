"""What the pages of purchases share: their words, their forms, where they lead."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.accounts.actions.legal import bank_lines, party_lines
from beltline.kit.db import Reader
from beltline.kit.ids import show_id
from beltline.kit.money import Money
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext
from beltline.procurement import rules
from beltline.procurement.queries import notices, papers
from beltline.procurement.types.deadlines import DeadlineKind
from beltline.procurement.types.notices import ShippingNotice, ShippingNoticeLine
from beltline.procurement.types.orders import PurchaseOrder, PurchaseOrderLine, Status
from beltline.procurement.types.payments import BalanceDue, MilestoneKind, PaymentKind, PaymentState

WebRequest = Request[Any, Any, State]
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
DEADLINES: Final = {
    DeadlineKind.ANSWER: N_("Answer the order"),
    DeadlineKind.SHIPMENT: N_("Send the goods"),
    DeadlineKind.CHANGE: N_("Answer the change"),
}
MILESTONES: Final = {
    MilestoneKind.STARTED: (N_("Production has started"), "ok"),
    MilestoneKind.FINISHED: (N_("Production is finished"), "ok"),
    MilestoneKind.PASSED: (N_("Passed inspection before shipment"), "ok"),
    MilestoneKind.FAILED: (N_("Failed inspection before shipment"), "crit"),
}
PAYMENTS: Final = {PaymentKind.DEPOSIT: N_("Deposit"), PaymentKind.BALANCE: N_("Balance")}
PAYMENT_STATES: Final = {
    PaymentState.ASKED: (N_("Waits for approval"), "warn"),
    PaymentState.PAID: (N_("Paid out"), "ok"),
    PaymentState.DROPPED: (N_("Not paid"), "mute"),
}
BALANCES: Final = {
    BalanceDue.BEFORE_SHIPMENT: N_("before shipment, when the goods have passed inspection"),
    BalanceDue.AFTER_INSPECTION: N_("after inspection at the hub, with the settlement"),
}
SAID: Final = {
    "told": N_("Recorded; both sides see it."),
    "asked": N_("The payment is asked for; a second person approves it."),
    "decided": N_("The payment is decided."),
    "terms": N_("The terms count for what is ordered from now on."),
    "withdrawn": N_("The order has ended; what was paid for it goes back."),
    "accepted": N_("The counter is accepted; the order stands on its terms."),
    "cancelled": N_("The order is cancelled; its goods are no longer inbound."),
    "received": N_("The receipt is recorded; the goods are in stock."),
    "answered": N_("Your answer is recorded."),
    "changed": N_("Recorded; both sides see it."),
    "invoiced": N_("Your invoice has arrived; its state is shown below."),
    "taken_up": N_("Recorded; it no longer waits in the queue."),
    "sent": N_("The shipment is announced; the warehouse expects it."),
}


async def sent_of(
    db: Reader, order_id: UUID
) -> list[tuple[ShippingNotice, list[ShippingNoticeLine]]]:
    """What was announced of an order, each notice with its lines."""
    found = await notices.list_notices_of(db, order_id)
    lines = await notices.list_notice_lines(db, [notice.id for notice in found])
    return [(n, [x for x in lines if x.shipping_notice_id == n.id]) for n in found]


async def party_rows(
    db: Reader, page: PageContext, order: PurchaseOrder
) -> list[tuple[str, list[str]]]:
    """Who stands on an order's paper: labels with lines, as `accounts/party.html` takes them."""
    parties, _ = await papers.get_parties(db, order), page.gettext
    return [
        (_("Buyer"), party_lines(parties.buyer, page.locale)),
        (_("Supplier"), party_lines(parties.supplier, page.locale)),
        (_("Pay to"), bank_lines(parties.supplier, page.locale)),
    ]


def words_of(page: PageContext) -> dict[str, Any]:
    """What the templates of purchases are rendered with besides their rows."""
    return {
        "labels": STATUS_LABELS,
        "tones": STATUS_TONES,
        "clock": lambda order: _clock(page, order),
        "clock_to": lambda due: _clock_to(page, due),
        "deadline_words": DEADLINES,
        "path_of": order_path,
        "milestone_words": MILESTONES,
        "payment_words": PAYMENTS,
        "payment_states": PAYMENT_STATES,
        "balance_words": BALANCES,
        "next_milestones": rules.next_milestones,
        "adv": lambda payment: show_id("adv", payment.id),
        "chg": lambda change: show_id("chg", change.id),
        "asn": lambda notice: show_id("asn", notice.id),
        "money_of": Money,
        "quantity_text": lambda line: show_quantity(line.quantity, Uom(line.uom)),
    }


def _clock(page: PageContext, order: PurchaseOrder) -> tuple[str, str] | None:
    """The words and the tone of what runs: the time to answer, then the days to arrive."""
    _ = page.gettext
    if order.status is Status.ISSUED and order.answer_by is not None:
        return _clock_to(page, order.answer_by)
    if order.status not in rules.AWAITED:
        return None
    days = (order.expected_date - page.today).days
    if days == 0:
        return _("today"), "warn"
    span = formats.duration(dt.timedelta(days=abs(days)), page.locale)
    return (_("{time} late") if days < 0 else _("in {time}")).format(time=span), (
        "crit" if days < 0 else "mute"
    )


def _clock_to(page: PageContext, due: dt.datetime) -> tuple[str, str]:
    """The time left until an instant, or since it, and its tone."""
    left = due - page.now
    text = page.gettext("{time} late") if left < dt.timedelta(0) else "{time}"
    tone = formats.deadline_tone(due, page.now)
    return text.format(time=formats.duration(abs(left), page.locale)), tone


def answered_amount(lines: Sequence[PurchaseOrderLine]) -> int:
    """What the factory's answer comes to, in minor units."""
    return sum(line.answered_amount or 0 for line in lines)


def order_path(order: PurchaseOrder) -> str:
    """Where the operator sees an order."""
    return f"/purchases/{show_id('po', order.id)}"
