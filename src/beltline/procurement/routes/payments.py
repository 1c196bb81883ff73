"""Goods made to order: what is paid for them in advance, on which terms, and how far they are."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.procurement import queries as orders
from beltline.procurement.actions import payments as actions
from beltline.procurement.queries import payments as queries
from beltline.procurement.types.orders import Code, PurchaseOrder
from beltline.procurement.types.payments import (
    BalanceDue,
    MilestoneKind,
    PaymentKind,
    PaymentState,
    PaymentTerm,
    SupplierPayment,
    Terms,
)
from beltline.suppliers import queries as suppliers

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Note = Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=r"^[^\x00]*\Z")]


class MilestoneBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told of the making of an order's goods; a failed inspection needs a note."""

    kind: MilestoneKind
    note: Note = ""


class WithdrawalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the factory cannot bring what it confirmed."""

    note: Reason


class AskPaymentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which payment is asked for."""

    kind: PaymentKind


class DecidePaymentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it is paid, and the bank's name for the payment."""

    approve: bool
    reference: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00]*\Z")] = ""


class TermBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms of a factory, by its code, for what is ordered from now on; shares in percent."""

    supplier: Code
    deposit_percent: Decimal
    balance_due: BalanceDue = BalanceDue.AFTER_INSPECTION
    kept_percent: Decimal = Decimal(0)
    note: Note = ""


class SupplierPaymentRow(msgspec.Struct, frozen=True):
    """An advance: what of it is worked off or taken back, and what the factory keeps."""

    id: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    kind: PaymentKind
    amount: Money
    set_off: Money
    kept: Money
    state: PaymentState
    asked_at: dt.datetime
    paid_at: dt.datetime | None
    payment_reference: str


class SupplierPaymentList(msgspec.Struct, frozen=True):
    """One page of advances, newest first."""

    items: list[SupplierPaymentRow]
    next_cursor: str | None


class MilestoneRow(msgspec.Struct, frozen=True):
    """Something told of the making of goods."""

    kind: MilestoneKind
    note: str
    told_at: dt.datetime


class TermsShown(msgspec.Struct, frozen=True):
    """Shares as exact decimal texts, in percent."""

    deposit_percent: str
    balance_due: BalanceDue
    kept_percent: str


class MakingAnswer(msgspec.Struct, frozen=True):
    """How an order is paid and how far its goods are; `due` is what can be asked for now."""

    purchase_order_id: str
    purchase_order: str
    terms: TermsShown | None
    deposit: Money
    balance: Money
    due: PaymentKind | None
    payments: list[SupplierPaymentRow]
    milestones: list[MilestoneRow]


class TermRow(TermsShown, frozen=True):
    """Terms of a factory, from `set_at` until others are set."""

    supplier: str
    note: str
    set_at: dt.datetime


class TermList(msgspec.Struct, frozen=True):
    """One page of terms, those set last first."""

    items: list[TermRow]
    next_cursor: str | None


class TermsSet(msgspec.Struct, frozen=True):
    """The terms count from now on."""

    ok: Literal[True] = True


@get("/v1/purchase-orders/{order_id:str}/production", summary="How far an order's goods are")
async def get_production(order_id: str, database: Database, actor: Actor) -> MakingAnswer:
    """Its terms, what was paid in advance, and what was told of the making of its goods."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        order = await orders.get_order(db, actor, read_id("po", order_id))
        return await _making(db, order)


@post("/v1/purchase-orders/{order_id:str}/production", summary="Say how far goods are")
async def report_production(
    *,
    order_id: str,
    data: MilestoneBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[MakingAnswer]:
    """STARTED and FINISHED by the factory, PASSED and FAILED by who inspected, the operator."""
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        order = await actions.report_production(
            db, actor, order_id=found, kind=data.kind, note=data.note, now=now
        )
        return 201, await _making(db, order)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.production {order_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, MakingAnswer)


@post(
    "/v1/purchase-orders/{order_id:str}/withdrawal", summary="Withdraw from an order",
    status_code=200,
)  # fmt: skip
async def withdraw_order(
    *,
    order_id: str,
    data: WithdrawalBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[MakingAnswer]:
    """The calling factory cannot bring what it confirmed and sent nothing of: the order ends.

    What was paid for it is taken back with the next settlement.
    """
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        order = await actions.withdraw_order(db, actor, order_id=found, note=data.note, now=now)
        return 200, await _making(db, order)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.withdraw {order_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, MakingAnswer)


@post("/v1/purchase-orders/{order_id:str}/payments", summary="Ask for a deposit or balance")
async def ask_payment(
    *,
    order_id: str,
    data: AskPaymentBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[SupplierPaymentRow]:
    """Once it is due. A second person, or key, has to approve it. For the operator."""
    actor.needs_scope("ledger:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _row(
            await actions.ask_payment(db, actor, order_id=found, kind=data.kind, now=now)
        )

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.pay {order_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, SupplierPaymentRow)


@get("/v1/supplier-payments", summary="List advances to suppliers")
async def list_payments(
    *,
    database: Database,
    actor: Actor,
    status: PaymentState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> SupplierPaymentList:
    """The operator's, or those of the calling supplier."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_payments(
            db, actor, state=status, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.asked_at, row.id))
    return SupplierPaymentList([_row(row) for row in shown], following)


@post(
    "/v1/supplier-payments/{payment_id:str}/decide", summary="Pay an advance", status_code=200
)  # fmt: skip
async def decide_payment(
    *,
    payment_id: str,
    data: DecidePaymentBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[SupplierPaymentRow]:
    """Pays what was asked for, or gives it back. Refuses who asked for it. For the operator."""
    actor.needs_scope("ledger:write")
    found = read_id("adv", payment_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _row(
            await actions.decide_payment(
                db, actor, payment_id=found, is_approved=data.approve, reference=data.reference,
                now=now,
            )
        )  # fmt: skip

    answer = await once(
        database, actor, key=idempotency_key, operation=f"payments.decide {payment_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, SupplierPaymentRow)


@get("/v1/payment-terms", summary="List terms of payment")
async def list_terms(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> TermList:
    """The calling supplier's or, for the operator, all; those set last first."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_terms(
            db, actor, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.set_at, row.id))
    return TermList([_term(row) for row in shown], following)


@post("/v1/payment-terms", summary="Set terms of payment", status_code=200)
async def set_terms(
    data: TermBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[TermsSet]:
    """How a factory is paid for goods made to order, ordered from now on. For the operator."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        supplier = await suppliers.get_supplier_by_code(db, data.supplier)
        terms = Terms(data.deposit_percent, data.balance_due, data.kept_percent)
        await actions.set_terms(
            db, actor, supplier_org_id=supplier.org_id, terms=terms, note=data.note, now=now
        )
        return 200, TermsSet()

    answer = await once(
        database, actor, key=idempotency_key, operation="payment-terms.set", body=data, act=act
    )
    return answered(answer, TermsSet)


async def _making(db: Reader, order: PurchaseOrder) -> MakingAnswer:
    making = await queries.get_making(db, order)
    terms, currency = making.terms, order.currency
    shown = TermsShown(
        f"{terms.deposit_percent:f}", terms.balance_due, f"{terms.kept_percent:f}"
    ) if terms else None  # fmt: skip
    return MakingAnswer(
        show_id("po", order.id), order.number, shown, Money(making.deposit, currency),
        Money(making.balance, currency), making.due.kind if making.due else None,
        [_row(payment) for payment in making.payments],
        [MilestoneRow(x.kind, x.note, x.told_at) for x in making.milestones],
    )  # fmt: skip


def _row(payment: SupplierPayment) -> SupplierPaymentRow:
    currency = payment.currency
    return SupplierPaymentRow(
        show_id("adv", payment.id), show_id("po", payment.purchase_order_id),
        payment.purchase_order, payment.supplier, payment.kind, Money(payment.amount, currency),
        Money(payment.set_off, currency), Money(payment.kept, currency), payment.state,
        payment.asked_at, payment.paid_at, payment.payment_reference,
    )  # fmt: skip


def _term(term: PaymentTerm) -> TermRow:
    return TermRow(
        f"{term.deposit_percent:f}", term.balance_due, f"{term.kept_percent:f}", term.supplier,
        term.note, term.set_at,
    )  # fmt: skip


ROUTES = (
    get_production, report_production, withdraw_order, ask_payment, list_payments, decide_payment,
    list_terms, set_terms,
)  # fmt: skip
