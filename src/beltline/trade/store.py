"""Writes of the schema `trade`. Private to the module."""

import datetime as dt
from collections.abc import Sequence

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge
from beltline.trade.types import FxRate


async def merge_nodes(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged nodes by code."""
    return await merge(
        db,
        name,
        f"""insert into trade.node as n (id, code, kind, name, name_zh, country, tz, latitude,
              longitude, supplier_org_id, created_at, updated_at)
            select kit.uuid7($1), i.code, i.kind, coalesce(i.name, i.code),
                   coalesce(i.name_zh, ''), coalesce(upper(i.country), 'CN'),
                   coalesce(i.tz, 'Asia/Shanghai'),
                   i.latitude, i.longitude, s.org_id, $1, $1
              from {name} i left join suppliers.supplier s on s.code = i.supplier
             order by i.code
            on conflict (code) do update set
              kind = excluded.kind, name = excluded.name, name_zh = excluded.name_zh,
              country = excluded.country, tz = excluded.tz, latitude = excluded.latitude,
              longitude = excluded.longitude, updated_at = excluded.updated_at
            where (n.kind, n.name, n.name_zh, n.country, n.tz, n.latitude, n.longitude)
              is distinct from (excluded.kind, excluded.name, excluded.name_zh, excluded.country,
                                excluded.tz, excluded.latitude, excluded.longitude)
            returning (xmax = 0)""",
        now,
    )


async def insert_bare_nodes(
    db: Writer, codes: Sequence[str], country: str, now: dt.datetime
) -> int:
    """Add the codes that are no node yet, as warehouses of the network."""
    return await db.execute(
        """insert into trade.node (id, code, kind, name, country, tz, created_at, updated_at)
           select kit.uuid7($3), c.code, 'SHARP', c.code, $2,
                  case $2 when 'CN' then 'Asia/Shanghai' else 'UTC' end, $3, $3
             from unnest($1::text[]) as c (code) order by c.code
           on conflict (code) do nothing""",
        codes, country, now,
    )  # fmt: skip


async def merge_closures(db: Writer, name: str) -> Imported:
    """Upsert the staged closures that name a node."""
    return await merge(
        db,
        name,
        f"""insert into trade.node_closure as c (node_id, starts, ends, ramp_down_from,
              ramp_up_until, last_order_date, reason)
            select n.id, i.starts, i.ends, coalesce(i.ramp_down_from, i.starts),
                   coalesce(i.ramp_up_until, i.ends), coalesce(i.last_order_date, i.starts),
                   coalesce(i.reason, '')
              from {name} i join trade.node n on n.code = i.node
             order by 1, 2
            on conflict (node_id, starts) do update set
              ends = excluded.ends, ramp_down_from = excluded.ramp_down_from,
              ramp_up_until = excluded.ramp_up_until,
              last_order_date = excluded.last_order_date, reason = excluded.reason
            where (c.ends, c.ramp_down_from, c.ramp_up_until, c.last_order_date, c.reason)
              is distinct from (excluded.ends, excluded.ramp_down_from, excluded.ramp_up_until,
                                excluded.last_order_date, excluded.reason)
            returning (xmax = 0)""",
    )


async def merge_lanes(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged lanes."""
    return await merge(
        db,
        name,
        f"""insert into trade.lane as l (node_id, country, mode, transit_days_p50,
              transit_days_p90, source, updated_at)
            select n.id, i.country, i.mode, i.transit_days_p50, i.transit_days_p90,
                   coalesce(i.source, 'import'), $1
              from {name} i join trade.node n on n.code = i.node
             order by 1, 2, 3
            on conflict (node_id, country, mode) do update set
              transit_days_p50 = excluded.transit_days_p50,
              transit_days_p90 = excluded.transit_days_p90,
              source = excluded.source, updated_at = excluded.updated_at
            where (l.transit_days_p50, l.transit_days_p90, l.source)
              is distinct from (excluded.transit_days_p50, excluded.transit_days_p90,
                                excluded.source)
            returning (xmax = 0)""",
        now,
    )


async def upsert_rates(db: Writer, rates: Sequence[FxRate]) -> None:
    """Keep dated exchange rates; the same day and source again replaces the rate."""
    await db.execute_many(
        """insert into trade.fx_rate (base, quote, ds, rate, source)
           values ($1, $2, $3, $4, $5)
           on conflict (base, quote, ds, source) do update set rate = excluded.rate""",
        [(rate.base, rate.quote, rate.ds, rate.rate, rate.source) for rate in rates],
    )
