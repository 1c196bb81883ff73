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
