"""Writes of the schema `trade`. Private to the module."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge
from beltline.trade.types import CartonBody, FxRate, LaneTime


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
              (transit_days_p50, transit_days_p90, declared_days_p50, declared_days_p90) =
                -- What was measured counts, whatever a file says.
                (select case when l.measured_boxes > 0 then l.transit_days_p50 else e.p50 end,
                        case when l.measured_boxes > 0 then l.transit_days_p90 else e.p90 end,
                        case when l.measured_boxes > 0 then e.p50 end,
                        case when l.measured_boxes > 0 then e.p90 end
                   from (select excluded.transit_days_p50 as p50,
                                excluded.transit_days_p90 as p90) e),
              source = excluded.source, updated_at = excluded.updated_at
            where (coalesce(l.declared_days_p50, l.transit_days_p50),
                   coalesce(l.declared_days_p90, l.transit_days_p90), l.source)
              is distinct from (excluded.transit_days_p50, excluded.transit_days_p90,
                                excluded.source)
            returning (xmax = 0)""",
        now,
    )


async def keep_lane_times(db: Writer, lanes: Sequence[LaneTime], now: dt.datetime) -> int:
    """Let measured days count in place of the declared ones; how many lanes were measured."""
    return await db.execute(
        """update trade.lane l
              set declared_days_p50 = coalesce(l.declared_days_p50, l.transit_days_p50),
                  declared_days_p90 = coalesce(l.declared_days_p90, l.transit_days_p90),
                  transit_days_p50 = m.days_p50, transit_days_p90 = m.days_p90,
                  measured_boxes = m.boxes, updated_at = $2
             from jsonb_to_recordset($1)
               as m(node_id uuid, country text, days_p50 float8, days_p90 float8, boxes int)
            where (l.node_id, l.country) = (m.node_id, m.country)
              -- Boxes go by the quickest way there is, as far as is known.
              and l.mode = (select x.mode from trade.lane x
                             where (x.node_id, x.country) = (m.node_id, m.country)
                             order by coalesce(x.declared_days_p50, x.transit_days_p50), x.mode
                             limit 1)""",
        lanes,
        now,
    )


async def complete_rates(db: Writer, name: str) -> None:
    """Fill in what staged rates leave out, so that the rows of a card can be compared."""
    await db.execute(
        f"""update {name} set country = upper(country), currency = coalesce(currency, 'CNY'),
                   weight_from_g = coalesce(weight_from_g, 0), step_g = coalesce(step_g, 1),
                   minimum_g = coalesce(minimum_g, 0), surcharge = coalesce(surcharge, 0),
                   minimum_charge = coalesce(minimum_charge, 0),
                   fuel_percent = coalesce(fuel_percent, 0), source = coalesce(source, 'import')"""
    )
    await db.execute(f"create index on {name} (service, node, country, currency, valid_from, row)")


_RATE_TERMS = """carrier, mode, valid_until, divisor, step_g, minimum_g, weight_g_max,
  length_mm_max, minimum_charge, fuel_percent, surcharge, transit_days_p50, transit_days_p90,
  source"""
_JOIN_CARD = """
  join trade.node n on n.code = i.node
  join trade.rate_card c
    on (c.service, c.node_id, c.country, c.currency, c.valid_from, c.operator_org_id)
     = (i.service, n.id, i.country, i.currency, i.valid_from, $1)
"""


async def merge_rates(db: Writer, name: str, operator: UUID, now: dt.datetime) -> Imported:
    """Upsert staged rate cards of the operator and their breaks; counted by row.

    A break is updated when its prices or the terms of its card are others than before.
    """
    changed = await db.values(
        f"""insert into trade.rate_card as c (id, operator_org_id, service, node_id, country,
              currency, valid_from, updated_at, {_RATE_TERMS})
            select kit.uuid7($2), $1, f.service, n.id, f.country, f.currency, f.valid_from, $2,
                   f.carrier, f.mode, f.valid_until, f.divisor, f.step_g, f.minimum_g,
                   f.weight_g_max, f.length_mm_max, f.minimum_charge, f.fuel_percent, f.surcharge,
                   f.transit_days_p50, f.transit_days_p90, f.source
              from (select distinct on (service, node, country, currency, valid_from) *
                      from {name} order by service, node, country, currency, valid_from, row) f
              join trade.node n on n.code = f.node
             order by f.service, n.id, f.country, f.currency, f.valid_from
            on conflict (operator_org_id, service, node_id, country, currency, valid_from)
            do update set ({_RATE_TERMS}, updated_at) = row (
              excluded.carrier, excluded.mode, excluded.valid_until, excluded.divisor,
              excluded.step_g, excluded.minimum_g, excluded.weight_g_max, excluded.length_mm_max,
              excluded.minimum_charge, excluded.fuel_percent, excluded.surcharge,
              excluded.transit_days_p50, excluded.transit_days_p90, excluded.source, $2)
            where (c.carrier, c.mode, c.valid_until, c.divisor, c.step_g, c.minimum_g,
                   c.weight_g_max, c.length_mm_max, c.minimum_charge, c.fuel_percent,
                   c.surcharge, c.transit_days_p50, c.transit_days_p90, c.source)
              is distinct from (excluded.carrier, excluded.mode, excluded.valid_until,
                   excluded.divisor, excluded.step_g, excluded.minimum_g, excluded.weight_g_max,
                   excluded.length_mm_max, excluded.minimum_charge, excluded.fuel_percent,
                   excluded.surcharge, excluded.transit_days_p50, excluded.transit_days_p90,
                   excluded.source)
            returning c.id""",
        operator, now,
    )  # fmt: skip
    await db.execute(
        f"""delete from trade.rate_break b
             using (select c.id, array_agg(i.weight_from_g) as weights
                      from {name} i {_JOIN_CARD} group by c.id) f
             where b.rate_card_id = f.id and not (b.weight_from_g = any(f.weights))""",
        operator,
    )
    return await merge(
        db,
        name,
        f"""insert into trade.rate_break as b (rate_card_id, operator_org_id, weight_from_g,
              per_parcel, per_kg)
            select c.id, $1, i.weight_from_g, coalesce(i.per_parcel, 0), coalesce(i.per_kg, 0)
              from {name} i {_JOIN_CARD} order by 1, 3
            on conflict (rate_card_id, weight_from_g) do update
              set per_parcel = excluded.per_parcel, per_kg = excluded.per_kg
            where b.rate_card_id = any($2)
               or (b.per_parcel, b.per_kg) <> (excluded.per_parcel, excluded.per_kg)
            returning (xmax = 0)""",
        operator, changed,
    )  # fmt: skip


_CARTON = "length_mm, width_mm, height_mm, tare_g, load_g_max, cost, currency, valid_until"


async def merge_cartons(
    db: Writer, name: str, operator: UUID, today: dt.date, now: dt.datetime
) -> Imported:
    """Upsert staged cartons of the operator by node, code and first day; `today` unless given."""
    old = ", ".join(f"c.{column}" for column in _CARTON.split(", "))
    new = ", ".join(f"excluded.{column}" for column in _CARTON.split(", "))
    return await merge(
        db,
        name,
        f"""insert into trade.carton as c (id, operator_org_id, node_id, code, valid_from,
              updated_at, {_CARTON})
            select kit.uuid7($2), $1, n.id, i.code, coalesce(i.valid_from, $3), $2, i.length_mm,
                   i.width_mm, i.height_mm, i.tare_g, i.load_g_max, coalesce(i.cost, 0),
                   coalesce(i.currency, 'CNY'), i.valid_until
              from {name} i join trade.node n on n.code = i.node order by n.id, i.code
            on conflict (operator_org_id, node_id, code, valid_from) do update
              set ({_CARTON}, version, updated_at) = row ({new}, c.version + 1, $2)
            where ({old}) is distinct from ({new})
            returning (xmax = 0)""",
        operator, now, today,
    )  # fmt: skip


async def keep_carton(
    db: Writer, actor: Actor, node_id: UUID, carton: CartonBody, valid_from: dt.date,
    now: dt.datetime,
) -> UUID:  # fmt: skip
    """Add or change a carton; its id."""
    kept = msgspec.to_builtins(carton) | {"node_id": str(node_id), "valid_from": str(valid_from)}
    carton_id: UUID = await db.value(
        "select trade.keep_carton($1, $2, $3)", actor.as_row(), kept, now
    )
    return carton_id


async def set_gs1_prefix(db: Writer, actor: Actor, prefix: str, now: dt.datetime) -> None:
    """Make codes of a prefix from now on, of none with an empty one."""
    await db.execute("select trade.set_gs1_prefix($1, $2, $3)", actor.as_row(), prefix, now)


async def upsert_rates(db: Writer, rates: Sequence[FxRate]) -> None:
    """Keep dated exchange rates; the same day and source again replaces the rate."""
    await db.execute_many(
        """insert into trade.fx_rate (base, quote, ds, rate, source)
           values ($1, $2, $3, $4, $5)
           on conflict (base, quote, ds, source) do update set rate = excluded.rate""",
        [(rate.base, rate.quote, rate.ds, rate.rate, rate.source) for rate in rates],
    )
