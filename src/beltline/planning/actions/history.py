"""What was sold, what stood there, what was promoted: brought in by file."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.planning.store import demand as demand_store

_DEMAND_TYPES = {
    "unique_id": "text", "sku": "text", "node": "text", "ds": "date", "y": "real",
    "in_stock": "boolean", "price": "numeric(18, 6)",
}  # fmt: skip


_PROMOTION_TYPES = {
    "sku": "text", "node": "text", "starts": "date", "ends": "date", "kind": "text",
    "price": "numeric(18, 6)",
}  # fmt: skip


_EVENT_TYPES = {"ds": "date", "kind": "text", "name": "text"}


_KNOWN_SKU = Reference(
    "sku", "catalog.unknown_sku",
    N_("No SKU has the code “{value}”."),
    "exists (select from catalog.sku k where k.code = i.sku)",
    N_("Import the SKU first, or correct its code."),
)  # fmt: skip


_KNOWN_NODE = Reference(
    "node", "trade.unknown_node",
    N_("No node has the code “{value}”."),
    "exists (select from trade.node n where n.code = i.node)",
    N_("Import the node first, or correct its code."),
)  # fmt: skip


_KNOWN_DEMAND = Reference(
    "ds", "planning.no_demand_that_day",
    N_("There is no demand of the day {value}."),
    """exists (select from planning.demand d join catalog.sku k on k.id = d.sku_id
                 join trade.node n on n.id = d.node_id
                where k.code = i.sku and n.code = i.node and d.ds = i.ds)""",
                N_("Import the demand of that day first; a flag alone says nothing."),
)  # fmt: skip


_KNOWN_KIND = Reference(
    "kind", "planning.unknown_event_kind",
    N_("“{value}” is no kind of event."),
    "i.kind in ('HOLIDAY', 'FESTIVAL', 'SALE', 'THIN', 'CLOSED')",
    N_("Use HOLIDAY, FESTIVAL, SALE, THIN (a disturbed day) or CLOSED."),
)  # fmt: skip


async def import_demand(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change demand from canonical CSV, by `unique_id` (SKU@NODE) or `sku` and `node`.

    Meant for batches of 100,000 to 200,000 rows, each in its own transaction.
    """
    del now
    name = "incoming_demand"
    await _stage_series(db, name, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SKU, _KNOWN_NODE])
    return await demand_store.merge_demand(db, name, org_id) + Imported(problems=problems)


async def import_in_stock(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes
) -> Imported:
    """Say of known demand whether the SKU could be bought, from canonical CSV."""
    name = "incoming_in_stock"
    await _stage_series(db, name, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SKU, _KNOWN_NODE, _KNOWN_DEMAND])
    return await demand_store.merge_in_stock(db, name, org_id) + Imported(problems=problems)


async def _stage_series(db: Writer, name: str, columns: Sequence[str], csv: bytes) -> None:
    """Stage rows of series; where only `unique_id` is given, take SKU and node from it."""
    await stage(db, name, _DEMAND_TYPES, columns, csv)
    if "unique_id" in columns:
        await db.execute(
            f"""update {name} set sku = coalesce(sku, split_part(unique_id, '@', 1)),
                                  node = coalesce(node, split_part(unique_id, '@', 2))
                 where unique_id is not null and (sku is null or node is null)"""
        )


async def import_promotions(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change promotions from canonical CSV; without a node they hold at every node."""
    name = "incoming_promotions"
    await stage(db, name, _PROMOTION_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SKU, _KNOWN_NODE])
    return await demand_store.merge_promotions(db, name, org_id, now) + Imported(problems=problems)


async def import_events(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add calendar events from canonical CSV."""
    del now
    name = "incoming_events"
    await stage(db, name, _EVENT_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_KIND])
    return await demand_store.merge_events(db, name, org_id) + Imported(problems=problems)
