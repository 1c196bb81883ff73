"""Deposits, balances and milestones of goods that are made to order."""

import datetime as dt
import enum
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class BalanceDue(enum.StrEnum):
    """When a factory is paid the rest of goods it makes to order.

    BEFORE_SHIPMENT: when they have passed inspection and before they leave. AFTER_INSPECTION: with
    the settlement of what was received and inspected at the hub.
    """

    BEFORE_SHIPMENT = "BEFORE_SHIPMENT"
    AFTER_INSPECTION = "AFTER_INSPECTION"


class PaymentKind(enum.StrEnum):
    """What is paid to a factory in advance."""

    DEPOSIT = "DEPOSIT"
    BALANCE = "BALANCE"


class PaymentState(enum.StrEnum):
    """Where an advance stands; DROPPED was never paid."""

    ASKED = "ASKED"
    PAID = "PAID"
    DROPPED = "DROPPED"


class MilestoneKind(enum.StrEnum):
    """What is told of the making of goods; PASSED and FAILED are inspections before they leave."""

    STARTED = "STARTED"
    FINISHED = "FINISHED"
    PASSED = "PASSED"
    FAILED = "FAILED"


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How goods made to order are paid.

    `deposit_percent` of an order (0: nothing in advance) is due when it is confirmed;
    `kept_percent` of the deposit is the factory's when the network cancels what it has begun.
    """

    deposit_percent: Decimal
    balance_due: BalanceDue = BalanceDue.AFTER_INSPECTION
    kept_percent: Decimal = Decimal(0)


class PaymentTerm(msgspec.Struct, frozen=True):
    """The terms of a factory for what is ordered from `set_at` until other terms are set."""

    id: UUID
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    deposit_percent: Decimal
    balance_due: BalanceDue
    kept_percent: Decimal
    note: str
    set_by: str
    set_at: dt.datetime


class PaymentDue(msgspec.Struct, frozen=True):
    """A deposit or balance that is to be paid and nobody has asked for, in minor units."""

    purchase_order_id: UUID
    purchase_order: str
    supplier_name: str
    supplier_name_zh: str
    kind: PaymentKind
    amount: int
    currency: str
    since: dt.datetime


class SupplierPayment(msgspec.Struct, frozen=True):
    """An advance to a factory for one purchase, in minor units.

    `set_off` of it was worked off by what was received or sold, or taken back; `kept` stays with
    the factory though the purchase ended.
    """

    id: UUID
    purchase_order_id: UUID
    purchase_order: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    kind: PaymentKind
    amount: int
    currency: str
    state: PaymentState
    set_off: int
    kept: int
    asked_by: str
    asked_at: dt.datetime
    paid_by: str
    paid_at: dt.datetime | None
    payment_reference: str


class Milestone(msgspec.Struct, frozen=True):
    """Something told of the making of an order's goods."""

    kind: MilestoneKind
    note: str
    told_by: str
    told_at: dt.datetime


class Making(msgspec.Struct, frozen=True):
    """How an order is paid and how far its goods are.

    `terms` is None of an order that is paid with its settlement; `deposit` and `balance` (minor
    units) are what they come to on the order's total as it stands.
    """

    terms: Terms | None
    deposit: int
    balance: int
    due: PaymentDue | None
    payments: list[SupplierPayment]
    milestones: list[Milestone]


class TermsUnusable(Refusal):
    """Terms that are no shares of an order."""

    kind, code = Kind.INVALID, "procurement.terms_unusable"
    title = "Not terms of payment"
    detail = "Write a deposit from 0 to below 100 % and a share kept from 0 to 100 %, each with at most two decimals."  # noqa: E501


class NotItsTurn(Refusal):
    """A milestone before the one it follows, or told before."""

    kind, code = Kind.CONFLICT, "procurement.not_its_turn"
    title = "Not its turn"
    detail = "{number} is {state}: goods of a confirmed order are started, finished, then inspected, each once; after a failed inspection they are finished again."  # noqa: E501
    number: str
    state: str


class NothingToPay(Refusal):
    """A payment that is not due, or was asked for before."""

    kind, code = Kind.CONFLICT, "procurement.nothing_to_pay"
    title = "Nothing to pay now"
    detail = "{number} is {state}: a deposit is due from its confirmation, a balance when its goods have passed inspection, each once and only by the factory's terms."  # noqa: E501
    number: str
    state: str


class CannotWithdraw(Refusal):
    """A factory that withdraws from what it did not confirm or has sent."""

    kind, code = Kind.CONFLICT, "procurement.cannot_withdraw"
    title = "Cannot be withdrawn from"
    detail = "{number} is {state}; a factory withdraws from an order it confirmed and has sent nothing of. Ask for a change instead."  # noqa: E501
    number: str
    state: str
