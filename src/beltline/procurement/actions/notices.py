"""Use cases of shipping notices: a supplier says what it has sent."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.procurement import rules, store
from beltline.procurement.queries import notices
from beltline.procurement.types.notices import NoticeBody, ShippingNotice


async def announce_shipment(
    db: Writer, actor: Actor, *, order_id: UUID, body: NoticeBody, now: dt.datetime
) -> ShippingNotice:
    """Say what was sent of a confirmed order: the supplier, or the operator for it.

    The order is then SHIPPED, or PART_SHIPPED while goods of it are neither sent nor received.
    """
    notice_id = new_id()
    await store.announce_shipment(
        db, actor, notice_id, order_id, body, tolerance_percent=rules.OVER_TOLERANCE_PERCENT,
        now=now,
    )  # fmt: skip
    await store.number_cartons(db, actor, notice_id)
    return await notices.get_notice(db, actor, notice_id)
