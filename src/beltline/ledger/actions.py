"""Use cases of money that are no part of an order."""

import datetime as dt
import uuid
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.ledger import store

_NAMESPACE = UUID("3b1c9f52-0a4e-4a6b-8a77-51c2d9e0f6a3")


async def deposit_once(
    db: Writer,
    actor: Actor,
    *,
    for_org_id: UUID,
    amount: int,
    currency: str,
    reference: str,
    now: dt.datetime,
) -> bool:
    """Credit a buyer with money it paid in, known by the bank's `reference`.

    `amount` is in minor units. False when this reference was booked for this buyer before.
    """
    actor.needs_operator()
    known_as = uuid.uuid5(_NAMESPACE, f"{for_org_id} {currency} {reference}")
    booked = await store.deposit_once(
        db, org_id=for_org_id, operator_org_id=actor.org_id, amount=amount, currency=currency,
        reference=reference, reference_id=known_as, now=now,
    )  # fmt: skip
    if booked:
        await accounts.record_audit(
            db, actor, action="deposit", object_="balance", object_id=for_org_id,
            change={"amount": amount, "currency": currency, "reference": reference}, now=now,
        )  # fmt: skip
    return booked


async def set_credit_line(
    db: Writer,
    actor: Actor,
    *,
    for_org_id: UUID,
    currency: str,
    limit: int,
    due_day: int,
    late_fee_ppm: int,
    now: dt.datetime,
) -> None:
    """Open a buyer's line of credit, or change it.

    `limit` is in minor units; a month's orders are due on `due_day` of the next month; of what is
    late a fee of `late_fee_ppm` parts in a million is added once.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.set_credit_line(
        db, actor, org_id=for_org_id, currency=currency, limit=limit, due_day=due_day,
        late_fee_ppm=late_fee_ppm, now=now,
    )  # fmt: skip


async def repay_credit(
    db: Writer, actor: Actor, *, currency: str, amount: int, now: dt.datetime
) -> None:
    """Repay what is owed on credit from the balance: late fees, then the oldest statement."""
    actor.needs_role("FINANCE", "BUYER")
    await store.repay_credit(db, actor, currency=currency, amount=amount, now=now)


async def close_month(db: Writer, actor: Actor, *, month: dt.date, now: dt.datetime) -> int:
    """Draw up the statements of a month that has ended; how many. Twice is once."""
    actor.needs_operator()
    return await store.make_statements(db, actor, month=month, now=now)


async def mark_overdue(db: Writer, actor: Actor, *, now: dt.datetime) -> int:
    """Add late fees to statements past their day and suspend their lines; how many."""
    actor.needs_operator()
    return await store.mark_overdue(db, actor, now=now)
