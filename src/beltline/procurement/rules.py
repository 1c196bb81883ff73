"""What an order and an answer must be; pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from beltline.kit.money import to_minor
from beltline.kit.uom import Uom, read_quantity
from beltline.procurement.types.changes import ChangeBody, ChangedLine
from beltline.procurement.types.invoices import (
    InvoiceBody,
    InvoiceLineBody,
    InvoiceUnusable,
    Tolerance,
    ToleranceUnusable,
)
from beltline.procurement.types.notices import (
    NothingSent,
    NoticeBody,
    NoticeLine,
    ShippingNoticeLine,
)
from beltline.procurement.types.orders import (
    Answer,
    AnswerKind,
    AnswerLine,
    DateInThePast,
    DayUnusable,
    DuplicateSku,
    EmptyOrder,
    NewLine,
    NothingCountered,
    PriceUnusable,
    PurchaseOrderLine,
    QuantityUnusable,
    ReasonNeeded,
    Status,
)
from beltline.procurement.types.payments import (
    BalanceDue,
    Milestone,
    MilestoneKind,
    Terms,
    TermsUnusable,
)

ANSWER_WITHIN: Final = dt.timedelta(hours=48)
LINK_LIFE: Final = dt.timedelta(days=7)
LINES_MAX: Final = 1_000
CARTONS_MAX: Final = 10_000
PRICE_MAX: Final = 10**9

AWAITED: Final = (
    Status.CONFIRMED, Status.DEPOSIT_PAID, Status.IN_PRODUCTION, Status.INSPECTED,
    Status.BALANCE_PAID, Status.PART_SHIPPED, Status.SHIPPED, Status.PART_RECEIVED,
)  # fmt: skip
ENDED: Final = (Status.REFUSED, Status.EXPIRED, Status.CANCELLED)
DONE: Final = (Status.RECEIVED, Status.INVOICED, Status.SETTLED)
INVOICEABLE: Final = (*AWAITED, *DONE)
MAKING: Final = (
    Status.CONFIRMED, Status.DEPOSIT_PAID, Status.IN_PRODUCTION, Status.INSPECTED,
    Status.BALANCE_PAID,
)  # fmt: skip
"""Confirmed, and nothing was sent yet."""
CANCELLABLE: Final = (Status.PROPOSED, Status.ISSUED, Status.COUNTERED, *MAKING)
RECEIVABLE: Final = (Status.ISSUED, *AWAITED)
OVER_TOLERANCE_PERCENT: Final = 5
"""More announced than still to come by this share of a line is let pass."""


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


def read_counter(form: Mapping[str, str], lines: Sequence[PurchaseOrderLine]) -> Answer:
    """The counter of a form; refuses a field it cannot read, naming it.

    The form has `quantity-N` (in the unit of sale) and `unit_price-N` for each line N,
    `expected_date` and `note`; what is empty or as asked is left as asked.
    """
    changed = []
    for line in lines:
        quantity = form.get(f"quantity-{line.line_no}", "").strip()
        price = form.get(f"unit_price-{line.line_no}", "").strip()
        units = read_units(quantity, line.uom, f"quantity-{line.line_no}") if quantity else None
        wanted = _read_price(price, f"unit_price-{line.line_no}") if price else None
        if units not in (None, line.quantity) or wanted not in (None, line.unit_price):
            changed.append(AnswerLine(line.line_no, units, wanted))
    day = _read_day(form.get("expected_date", ""))
    return Answer(AnswerKind.COUNTERED, changed, day, form.get("note", ""))


def can_send(status: Status) -> bool:
    """Whether goods of an order in this state can be announced."""
    return status in AWAITED


def left_to_send(
    lines: Sequence[PurchaseOrderLine], announced: Sequence[ShippingNoticeLine]
) -> dict[int, int]:
    """Base units by line number that are neither received nor on the road."""
    left = {line.line_no: line.agreed_quantity - line.received_quantity for line in lines}
    for row in announced:
        if row.received_quantity is None:
            left[row.line_no] -= row.quantity
    return {line_no: max(units, 0) for line_no, units in left.items()}


def read_notice(form: Mapping[str, str], lines: Sequence[PurchaseOrderLine]) -> NoticeBody:
    """The shipment of a form: `waybill`, `carrier`, `cartons`, `note`, `sent-N` for line N.

    `sent-N` is in the unit of sale. Refuses what it cannot read, naming the field.
    """
    waybill, cartons = form.get("waybill", "").strip(), form.get("cartons", "").strip()
    if not waybill or "\x00" in waybill:
        raise NothingSent(param="waybill")
    if not (cartons.isascii() and cartons.isdigit() and 1 <= int(cartons[:9]) <= CARTONS_MAX):
        raise NothingSent(param="cartons")
    sent = [
        NoticeLine(line.line_no, units)
        for line in lines
        if (units := read_units(form.get(name := f"sent-{line.line_no}", ""), line.uom, name))
    ]
    if not sent:
        raise NothingSent(param=f"sent-{lines[0].line_no}" if lines else "lines")
    carrier, note = form.get("carrier", "")[:80], form.get("note", "")[:1_000]
    return NoticeBody(waybill[:120], int(cartons), sent, carrier.strip(), note=note.strip())


def read_change(form: Mapping[str, str], lines: Sequence[PurchaseOrderLine]) -> ChangeBody:
    """The change of a form: `quantity-N` (in the unit of sale) of line N, `expected_date`, `note`.

    What is empty stays as it is.
    """
    changed = [
        ChangedLine(line.line_no, read_units(text, line.uom, name))
        for line in lines
        if (text := form.get(name := f"quantity-{line.line_no}", "").strip())
    ]
    day = _read_day(form.get("expected_date", ""))
    return ChangeBody(changed, day, form.get("note", "").strip()[:1_000])


def check_invoice(body: InvoiceBody) -> None:
    """Refuse an invoice that names a line twice, or a price that cannot be kept."""
    if len({line.line_no for line in body.lines}) < len(body.lines):
        raise InvoiceUnusable(param="lines")
    for index, line in enumerate(body.lines):
        check_price(line.unit_price, f"lines[{index}].unit_price")


def check_tolerance(tolerance: Tolerance) -> None:
    """Refuse what is no percentage of at most two decimals."""
    for name in ("price_percent", "quantity_percent"):
        percent: Decimal = getattr(tolerance, name)
        exponent = percent.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -2 or not 0 <= percent <= 100:
            raise ToleranceUnusable(param=name)


def check_terms(terms: Terms) -> None:
    """Refuse terms whose shares cannot be kept or leave nothing to be paid at the end."""
    for name in ("deposit_percent", "kept_percent"):
        percent: Decimal = getattr(terms, name)
        exponent = percent.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -2 or not 0 <= percent <= 100:
            raise TermsUnusable(param=name)
    if terms.deposit_percent == 100:
        raise TermsUnusable(param="deposit_percent")


def read_terms(form: Mapping[str, str]) -> Terms:
    """The terms of a form: `deposit_percent`, `kept_percent`, `balance_due`."""
    due = form.get("balance_due", "")
    if due not in tuple(BalanceDue):
        raise TermsUnusable(param="balance_due")
    shares = {}
    for name in ("deposit_percent", "kept_percent"):
        try:
            shares[name] = Decimal(form.get(name, "").strip().rstrip("%").strip() or "0")
        except InvalidOperation:
            raise TermsUnusable(param=name) from None
    return Terms(balance_due=BalanceDue(due), **shares)


def next_milestones(status: Status, told: Sequence[Milestone]) -> tuple[MilestoneKind, ...]:
    """What can be told next of the making of an order's goods."""
    if status in (Status.CONFIRMED, Status.DEPOSIT_PAID):
        return (MilestoneKind.STARTED,)
    if status is not Status.IN_PRODUCTION:
        return ()
    if told and told[-1].kind is MilestoneKind.FINISHED:
        return (MilestoneKind.PASSED, MilestoneKind.FAILED)
    return (MilestoneKind.FINISHED,)


def read_invoice(
    form: Mapping[str, str], lines: Sequence[PurchaseOrderLine], currency: str
) -> InvoiceBody:
    """The invoice of a form: `number`, `issued_date`, `total`, `billed-N` and `price-N` of line N.

    `billed-N` is in the unit of sale, the total in major units. Refuses what it cannot read.
    """
    number, day = form.get("number", "").strip()[:60], _read_day(form.get("issued_date", ""))
    if not number or "\x00" in number or day is None:
        raise InvoiceUnusable(param="number" if day else "issued_date")
    total = to_minor(_read_price(form.get("total", "").strip() or "-1", "total"), currency)
    billed = [
        InvoiceLineBody(
            line.line_no, units,
            _read_price(form.get(f"price-{line.line_no}", ""), f"price-{line.line_no}"),
        )
        for line in lines
        if (units := read_units(form.get(name := f"billed-{line.line_no}", ""), line.uom, name))
    ]  # fmt: skip
    if not billed:
        raise InvoiceUnusable(param=f"billed-{lines[0].line_no}" if lines else "lines")
    return InvoiceBody(number, currency, day, total, billed)


def read_tolerance(form: Mapping[str, str], currency: str) -> Tolerance:
    """The tolerance of a form: two percentages and a total in major units."""
    found = Tolerance(
        _read_price(form.get("price_percent", "") or "0", "price_percent"),
        _read_price(form.get("quantity_percent", "") or "0", "quantity_percent"),
        to_minor(_read_price(form.get("total", "") or "0", "total"), currency),
    )
    check_tolerance(found)
    return found


def read_units(text: str, uom: str, param: str) -> int:
    """A quantity as a person writes it in the unit of sale, in base units; none is 0."""
    if not text.strip().strip("0.,"):
        return 0
    units = read_quantity(text, Uom(uom))
    if units is None:
        raise QuantityUnusable(text=text[:40], param=param)
    return units


def _read_price(text: str, param: str) -> Decimal:
    try:
        price = Decimal(text.replace(",", "").lstrip("¥$€").strip())
    except InvalidOperation:
        raise PriceUnusable(unit_price=text[:40], param=param) from None
    check_price(price, param)
    return price


def _read_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise DayUnusable(day=text[:40], param="expected_date") from None


def check_price(price: Decimal, param: str) -> None:
    """Refuse what is no number from 0 to a billion with at most six decimals."""
    exponent = price.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -6 or not 0 <= price <= PRICE_MAX:
        raise PriceUnusable(unit_price=str(price)[:40], param=param)


def check_day(day: dt.date, today: dt.date) -> None:
    """Refuse a day before today. A day is let pass, because it is still yesterday elsewhere."""
    if day < today - dt.timedelta(days=1):
        raise DateInThePast(day=day.isoformat(), earliest=today.isoformat(), param="expected_date")
