"""Reads of nodes, calendars, lanes and rates."""

import datetime as dt

from beltline.kit.db import Reader
from beltline.trade.types import FxRate, Lane, Node, NodeClosure, NoRate, UnknownNode

_NODE = """select id, code, kind, name, name_zh, country, tz, latitude, longitude, supplier_org_id
             from trade.node"""


async def get_node(db: Reader, code: str) -> Node:
    """The node with this code."""
    found = await db.find(Node, f"{_NODE} where code = $1", code)
    if found is None:
        raise UnknownNode(node=code)
    return found


async def list_nodes(db: Reader, *, own_only: bool = False, limit: int = 5_000) -> list[Node]:
    """Nodes by code; `own_only` leaves factories out."""
    return await db.rows(
        Node,
        f"{_NODE} where not $1 or kind <> 'FACTORY' order by code limit $2",
        own_only,
        limit,
    )


async def list_node_closures(
    db: Reader, *, starts_before: dt.date, ends_after: dt.date, limit: int = 10_000
) -> list[NodeClosure]:
    """Closures of any node that touch a span, both days excluded."""
    return await db.rows(
        NodeClosure,
        """select node_id, starts, ends, ramp_down_from, ramp_up_until, last_order_date, reason
             from trade.node_closure where ramp_down_from < $1 and ramp_up_until > $2
            order by node_id, starts limit $3""",
        starts_before,
        ends_after,
        limit,
    )


async def list_lanes(db: Reader, *, limit: int = 10_000) -> list[Lane]:
    """Every lane from a node to a country."""
    return await db.rows(
        Lane,
        """select node_id, country, mode, transit_days_p50, transit_days_p90, source
             from trade.lane order by node_id, country, mode limit $1""",
        limit,
    )


async def get_rate(db: Reader, base: str, quote: str, *, on: dt.date) -> FxRate:
    """The newest rate of a pair on or before a day."""
    found = await db.find(
        FxRate,
        """select base, quote, ds, rate, source from trade.fx_rate
            where base = $1 and quote = $2 and ds <= $3 order by ds desc, source limit 1""",
        base,
        quote,
        on,
    )
    if found is None:
        raise NoRate(base=base, quote=quote, ds=on.isoformat())
    return found
