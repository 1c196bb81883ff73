"""Use cases of goods on their way: receive them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.fulfillment import queries, rules, store
from beltline.fulfillment.types import Counted, GoodsReceipt
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id


async def receive_goods(
    db: Writer,
    actor: Actor,
    *,
    purchase_order_id: UUID,
    lines: Sequence[Counted],
    note: str,
    now: dt.datetime,
    is_final: bool = False,
    over: bool = False,
) -> GoodsReceipt:
    """Count what came of an order into stock, all in one transaction.

    Short is no mistake: the rest stays awaited, unless `is_final` says that nothing more will
    come. More than awaited by over 5 % of a line needs `over`. Run it inside
    `kit.idempotency.once`: the same receipt sent twice must be one.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    rules.check_counted(lines)
    receipt_id = new_id()
    await store.receive_goods(
        db, actor, receipt_id, purchase_order_id, lines, note=note.strip(), is_final=is_final,
        over=over, tolerance_percent=rules.OVER_TOLERANCE_PERCENT, now=now,
    )  # fmt: skip
    return await queries.get_receipt(db, receipt_id)
