"""Writes of money: calls of the ledger's own functions, which alone write its tables."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Writer


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
