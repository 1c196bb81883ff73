"""What an order and an answer must be; pure."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from beltline.procurement.types import (
    Answer,
    AnswerKind,
    DateInThePast,
    DuplicateSku,
    EmptyOrder,
    NewLine,
    NothingCountered,
    PriceUnusable,
    PurchaseOrder,
    ReasonNeeded,
    Status,
)

ANSWER_WITHIN: Final = dt.timedelta(hours=48)
LINK_LIFE: Final = dt.timedelta(days=7)
LINES_MAX: Final = 1_000
PRICE_MAX: Final = 10**9

AWAITED: Final = (
    Status.CONFIRMED, Status.DEPOSIT_PAID, Status.IN_PRODUCTION, Status.INSPECTED,
    Status.BALANCE_PAID, Status.PART_SHIPPED, Status.SHIPPED, Status.PART_RECEIVED,
)  # fmt: skip
ENDED: Final = (Status.REFUSED, Status.EXPIRED, Status.CANCELLED)
DONE: Final = (Status.RECEIVED, Status.INVOICED, Status.SETTLED)
CANCELLABLE: Final = (Status.PROPOSED, Status.ISSUED, Status.CONFIRMED, Status.COUNTERED)
RECEIVABLE: Final = (Status.ISSUED, *AWAITED)


def check_order(lines: Sequence[NewLine], expected_date: dt.date, today: dt.date) -> None:
    """Refuse an order that nobody could fill."""
    if not 1 <= len(lines) <= LINES_MAX or any(line.quantity < 1 for line in lines):
        raise EmptyOrder(param="lines")
    if len({line.sku_id for line in lines}) < len(lines):
        raise DuplicateSku(param="lines")
    for index, line in enumerate(lines):
        check_price(line.unit_price, f"lines[{index}].unit_price")
    check_day(expected_date, today)


def check_answer(answer: Answer, today: dt.date) -> Answer:
    """The answer with only what its kind carries.

    Refuses a refusal without a reason, a counter without a term, and a day that has passed.
    """
    note = answer.note.strip()
    if answer.answer is not AnswerKind.COUNTERED:
        if answer.answer is AnswerKind.REFUSED and not note:
            raise ReasonNeeded(param="note")
        return Answer(answer.answer, note=note)
    lines = [x for x in answer.lines if x.quantity is not None or x.unit_price is not None]
    if not lines and answer.expected_date is None:
        raise NothingCountered(param="lines")
    for index, line in enumerate(answer.lines):
        if line.unit_price is not None:
            check_price(line.unit_price, f"lines[{index}].unit_price")
    if answer.expected_date is not None:
        check_day(answer.expected_date, today)
    return Answer(answer.answer, lines, answer.expected_date, note)


def check_price(price: Decimal, param: str) -> None:
    """Refuse what is no number from 0 to a billion with at most six decimals."""
    exponent = price.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -6 or not 0 <= price <= PRICE_MAX:
        raise PriceUnusable(unit_price=str(price)[:40], param=param)


def check_day(day: dt.date, today: dt.date) -> None:
    """Refuse a day before today. A day is let pass, because it is still yesterday elsewhere."""
    if day < today - dt.timedelta(days=1):
        raise DateInThePast(day=day.isoformat(), earliest=today.isoformat(), param="expected_date")


def is_overdue(order: PurchaseOrder, now: dt.datetime) -> bool:
    """Whether somebody is late: the supplier with its answer, or the goods."""
    if order.status is Status.ISSUED:
        return order.answer_by is not None and order.answer_by < now
    return order.status in AWAITED and order.expected_date < now.date()
