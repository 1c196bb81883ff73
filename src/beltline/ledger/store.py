"""Writes of money: calls of the ledger's own functions, which alone write its tables."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.ledger.types import Earning, Loss


async def deposit_once(
    db: Writer,
    *,
    org_id: UUID,
    operator_org_id: UUID,
    amount: int,
    currency: str,
    reference: str,
    reference_id: UUID,
    now: dt.datetime,
) -> bool:
    """Post a deposit unless one with this `reference_id` stands; two at once wait."""
    await db.value("select pg_advisory_xact_lock(hashtextextended($1, 11))", str(reference_id))
    if await db.value(
        "select exists (select from ledger.transfer where reference_id = $1)", reference_id
    ):
        return False
    await db.value(
        "select ledger.deposit($1, $2, $3, $4, $5, $6, $7)",
        org_id,
        operator_org_id,
        amount,
        currency,
        reference,
        reference_id,
        now,
    )
    return True


async def set_credit_line(
    db: Writer,
    actor: Actor,
    *,
    org_id: UUID,
    currency: str,
    limit: int,
    due_day: int,
    late_fee_ppm: int,
    now: dt.datetime,
) -> None:
    """Open or change a line of credit."""
    await db.execute(
        "select ledger.set_credit_line($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        org_id,
        currency,
        limit,
        due_day,
        late_fee_ppm,
        now,
    )


async def repay_credit(
    db: Writer, actor: Actor, *, currency: str, amount: int, now: dt.datetime
) -> None:
    """Move money from the balance to what is owed."""
    await db.execute(
        "select ledger.repay_credit($1, $2, $3, $4)", actor.as_row(), currency, amount, now
    )


async def make_statements(db: Writer, actor: Actor, *, month: dt.date, now: dt.datetime) -> int:
    """Draw up a month's statements; how many."""
    made: int = await db.value(
        "select ledger.make_statements($1, $2, $3)", actor.as_row(), month, now
    )
    return made


async def mark_overdue(db: Writer, actor: Actor, *, now: dt.datetime) -> int:
    """Add fees, suspend lines; how many statements fell due."""
    marked: int = await db.value("select ledger.mark_overdue($1, $2)", actor.as_row(), now)
    return marked


async def assign_incoming(
    db: Writer, actor: Actor, *, incoming_id: UUID, org_id: UUID, now: dt.datetime
) -> None:
    """Credit an unmatched payment to a buyer."""
    await db.execute(
        "select ledger.assign_incoming($1, $2, $3, $4)", actor.as_row(), incoming_id, org_id, now
    )


async def reverse_incoming(
    db: Writer, actor: Actor, *, source: str, external_id: str, now: dt.datetime
) -> int:
    """Post the reversal of a payment; the loss."""
    loss: int = await db.value(
        "select ledger.reverse_incoming($1, $2, $3, $4)", actor.as_row(), source, external_id, now
    )
    return loss


async def exchange(
    db: Writer,
    actor: Actor,
    *,
    from_currency: str,
    to_currency: str,
    amount: int,
    rate: Decimal,
    reference: str,
    margin_ppm: int,
    now: dt.datetime,
) -> int:
    """Post an exchange; what the buyer got."""
    got: int = await db.value(
        "select ledger.exchange($1, $2, $3, $4, $5, $6, $7, $8)",
        actor.as_row(),
        from_currency,
        to_currency,
        amount,
        rate,
        reference,
        margin_ppm,
        now,
    )
    return got


async def seal_hours(
    db: Writer, *, operator_org_id: UUID, until: dt.datetime, limit: int, now: dt.datetime
) -> int:
    """Seal up to `limit` hours that ended before `until`; how many."""
    made: int = await db.value(
        "select ledger.seal_hours($1, $2, $3, $4)", operator_org_id, until, limit, now
    )
    return made


async def earn(db: Writer, actor: Actor, earnings: Sequence[Earning], now: dt.datetime) -> int:
    """Book items; how many are new."""
    made: int = await db.value("select ledger.earn($1, $2, $3)", actor.as_row(), earnings, now)
    return made


async def write_off(db: Writer, actor: Actor, losses: Sequence[Loss], now: dt.datetime) -> int:
    """Book the cost of seizures; how many are new."""
    made: int = await db.value("select ledger.write_off($1, $2, $3)", actor.as_row(), losses, now)
    return made


async def settle(db: Writer, actor: Actor, *, until: dt.datetime, now: dt.datetime) -> int:
    """Draw up statements; how many."""
    made: int = await db.value("select ledger.settle($1, $2, $3)", actor.as_row(), until, now)
    return made


async def set_commission(
    db: Writer,
    actor: Actor,
    *,
    supplier_org_id: UUID | None,
    rate_ppm: int,
    valid_from: dt.date,
    valid_until: dt.date | None,
    note: str,
    now: dt.datetime,
) -> None:
    """Keep a rate."""
    await db.execute(
        "select ledger.set_commission($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        supplier_org_id,
        rate_ppm,
        valid_from,
        valid_until,
        note,
        now,
    )


async def issue_statements(
    db: Writer, actor: Actor, *, month: dt.date, limit: int, now: dt.datetime
) -> int:
    """State accounts of a month; how many."""
    made: int = await db.value(
        "select ledger.issue_statements($1, $2, $3, $4)", actor.as_row(), month, limit, now
    )
    return made


async def ask_payout(db: Writer, actor: Actor, settlement_id: UUID, now: dt.datetime) -> None:
    """Ask for the money of a statement."""
    await db.execute("select ledger.ask_payout($1, $2, $3)", actor.as_row(), settlement_id, now)


async def decide_payout(
    db: Writer,
    actor: Actor,
    settlement_id: UUID,
    *,
    is_approved: bool,
    reference: str,
    now: dt.datetime,
) -> None:
    """Pay a statement out, or give it back."""
    await db.execute(
        "select ledger.decide_payout($1, $2, $3, $4, $5)",
        actor.as_row(),
        settlement_id,
        is_approved,
        reference,
        now,
    )
