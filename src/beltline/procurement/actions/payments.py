"""Use cases of goods made to order: terms, milestones, deposits and balances, a factory's withdrawal."""  # noqa: E501

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.procurement import queries, rules, store
from beltline.procurement.queries import payments
from beltline.procurement.types.orders import PurchaseOrder, ReasonNeeded
from beltline.procurement.types.payments import (
    MilestoneKind,
    PaymentKind,
    SupplierPayment,
    Terms,
)


async def set_terms(
    db: Writer, actor: Actor, *, supplier_org_id: UUID, terms: Terms, note: str, now: dt.datetime
) -> None:
    """Say how a factory is paid for goods made to order that are ordered from now on."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    rules.check_terms(terms)
    await store.set_terms(db, actor, supplier_org_id, terms, note.strip(), now)


async def report_production(
    db: Writer, actor: Actor, *, order_id: UUID, kind: MilestoneKind, note: str, now: dt.datetime
) -> PurchaseOrder:
    """Say that goods are STARTED or FINISHED (the factory), PASSED or FAILED (the operator).

    A failed inspection needs a reason, which the factory reads; then they are finished again.
    """
    if kind in (MilestoneKind.PASSED, MilestoneKind.FAILED):
        actor.needs_operator()
    if kind is MilestoneKind.FAILED and not note.strip():
        raise ReasonNeeded(param="note")
    await store.report_production(db, actor, order_id, kind, note.strip(), now)
    return await queries.get_order(db, actor, order_id)


async def ask_payment(
    db: Writer, actor: Actor, *, order_id: UUID, kind: PaymentKind, now: dt.datetime
) -> SupplierPayment:
    """Ask for a deposit or balance that is due to be paid; a second person decides."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    payment_id = await store.ask_payment(db, actor, order_id, kind, now)
    return await payments.get_payment(db, actor, payment_id)


async def decide_payment(
    db: Writer,
    actor: Actor,
    *,
    payment_id: UUID,
    is_approved: bool,
    reference: str,
    now: dt.datetime,
) -> SupplierPayment:
    """Pay what was asked for, under the bank's name for it, or give it back.

    Refuses who asked for it. What is given back is due again.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.decide_payment(
        db, actor, payment_id, reference.strip(), is_approved=is_approved, now=now
    )
    return await payments.get_payment(db, actor, payment_id)


async def withdraw_order(
    db: Writer, actor: Actor, *, order_id: UUID, note: str, now: dt.datetime
) -> PurchaseOrder:
    """The acting factory cannot bring what it confirmed: the order ends, its money goes back."""
    if not note.strip():
        raise ReasonNeeded(param="note")
    await store.withdraw_order(db, actor, order_id, note.strip(), now)
    return await queries.get_order(db, actor, order_id)
