"""Use cases of trade: bring in nodes, their calendars, lanes and rates."""

import datetime as dt
from collections.abc import Sequence

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.trade import store
from beltline.trade.types import FxRate

_NODE_TYPES = {
    "code": "text", "kind": "text", "name": "text", "name_zh": "text", "country": "text",
    "tz": "text", "latitude": "double precision", "longitude": "double precision",
    "supplier": "text",
}  # fmt: skip
_CLOSURE_TYPES = {
    "supplier": "text", "node": "text", "starts": "date", "ends": "date",
    "ramp_down_from": "date", "ramp_up_until": "date", "last_order_date": "date",
    "reason": "text",
}  # fmt: skip
_LANE_TYPES = {
    "node": "text", "country": "text", "mode": "text", "transit_days_p50": "double precision",
    "transit_days_p90": "double precision", "source": "text",
}  # fmt: skip
_KNOWN_NODE = Reference(
    "node", "trade.unknown_node",
    N_("No node has the code “{value}”."),
    "exists (select from trade.node n where n.code = i.node)",
    N_("Import the node first, or correct its code."),
)  # fmt: skip
_KNOWN_SUPPLIER = Reference(
    "supplier", "suppliers.unknown_supplier",
    N_("No supplier has the code “{value}”."),
    "exists (select from suppliers.supplier s where s.code = i.supplier)",
    N_("Import the supplier first, or correct its code."),
)  # fmt: skip
# A kind and a supplier that do not go together; asked of the column `kind`.
_FACTORY_NAMES_SUPPLIER = Reference(
    "kind", "trade.factory_without_supplier",
    N_("A node of the kind {value} and the supplier given do not go together."),
    "(i.kind = 'FACTORY') = (i.supplier is not null)",
    N_("A FACTORY node names its supplier, and no other node does."),
)  # fmt: skip


async def import_nodes(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change nodes from canonical CSV."""
    name = "incoming_nodes"
    await stage(db, name, _NODE_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SUPPLIER, _FACTORY_NAMES_SUPPLIER])
    return await store.merge_nodes(db, name, now) + Imported(problems=problems)


async def create_nodes(db: Writer, *, codes: Sequence[str], country: str, now: dt.datetime) -> int:
    """Make warehouses of codes that nobody knows yet; how many were made."""
    return await store.insert_bare_nodes(db, codes, country, now)


async def import_closures(db: Writer, *, columns: Sequence[str], csv: bytes) -> Imported:
    """Add and change closures of nodes; rows that name a supplier are suppliers' to import."""
    name = "incoming_node_closures"
    await stage(db, name, _CLOSURE_TYPES, columns, csv)
    await db.execute(f"delete from {name} where node is null")
    problems = await refuse_unknown(db, name, [_KNOWN_NODE])
    return await store.merge_closures(db, name) + Imported(problems=problems)


async def import_lanes(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change lanes from canonical CSV."""
    name = "incoming_lanes"
    await stage(db, name, _LANE_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_NODE])
    return await store.merge_lanes(db, name, now) + Imported(problems=problems)


async def keep_rates(db: Writer, rates: Sequence[FxRate]) -> None:
    """Keep dated exchange rates with their source."""
    await store.upsert_rates(db, rates)
