"""Use cases of stock."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.inventory import queries, store
from beltline.inventory.types import Adjustment, AdjustmentWanted, StockItem, StockOutcome
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_

_STOCK_TYPES = {
    "sku": "text", "node": "text", "owner": "text", "kind": "text", "on_hand": "numeric",
    "version": "bigint",
}  # fmt: skip
_REFERENCES = (
    Reference(
        "on_hand", "inventory.not_whole",
        N_("{value} is not a whole number of base units."), "i.on_hand = trunc(i.on_hand)",
        N_("Write whole base units (pieces; mm of goods sold by the meter; g by the kilogram)."),
    ),
    Reference(
        "sku", "catalog.unknown_sku",
        N_("No SKU has the code “{value}”."),
        "exists (select from catalog.sku k where k.code = i.sku)",
        N_("Import the SKU first, or correct its code."),
    ),
    Reference(
        "node", "trade.unknown_node",
        N_("No node has the code “{value}”."),
        "exists (select from trade.node n where n.code = i.node)",
        N_("Import the node first, or correct its code."),
    ),
    Reference(
        "owner", "accounts.unknown_organization",
        N_("No organization that can own stock has the code “{value}”."),
        """exists (select from accounts.organization o where o.code = i.owner
                    and o.kind in ('OPERATOR', 'SUPPLIER'))""",
        N_("Name the operator or a supplier."),
    ),
)  # fmt: skip


async def set_stock(
    database: Database, actor: Actor, items: Sequence[StockItem], *, now: dt.datetime
) -> list[StockOutcome]:
    """Say what stands.

    The operator by count at the network's nodes, a supplier by declaration at its own factories.
    One outcome an item, in the order given; items that are refused leave the others standing.
    Audited, with an event `stock.set` for each row that changed.
    """
    return await database.call(lambda db: store.set_stock(db, actor, items, now))


async def adjust(
    db: Writer, actor: Actor, wanted: AdjustmentWanted, *, now: dt.datetime
) -> Adjustment:
    """Change counted stock for a reason: one movement, one event, one line of the audit.

    Beyond the limit of the stock policy it waits for a second person.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    adjustment_id = await store.adjust(db, actor, wanted, now)
    return await queries.get_adjustment(db, adjustment_id)


async def decide_adjustment(
    db: Writer, actor: Actor, adjustment_id: UUID, *, is_approved: bool, now: dt.datetime
) -> Adjustment:
    """Carry out or reject an adjustment that waits; whoever asked for it may not."""
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    await store.decide_adjustment(db, actor, adjustment_id, is_approved=is_approved, now=now)
    return await queries.get_adjustment(db, adjustment_id)


async def watch_level(
    db: Writer, actor: Actor, *, sku: str, node: str, low_at: int | None, now: dt.datetime
) -> int:
    """Record `stock.low` when no more than `low_at` units can be had; None ends it."""
    actor.needs_role("WAREHOUSE", "PLANNER")
    return await store.watch(db, actor, sku=sku, node=node, low_at=low_at, now=now)


async def tell_low(db: Writer, *, now: dt.datetime) -> int:
    """Tell of every watched row that orders made low since; how many."""
    return await store.tell_low(db, now)


async def import_stock(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Bring in what stands where, from canonical CSV; without an owner it is the operator's.

    A row that says what is known changes nothing; one with an older version is refused.
    """
    actor.needs_operator()
    name = "incoming_stock"
    await stage(db, name, _STOCK_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, _REFERENCES)
    return await store.merge_stock(db, name, now) + Imported(problems=problems)
