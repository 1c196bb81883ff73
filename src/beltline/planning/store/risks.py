"""Writes of what a plan found out about its positions."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit.db import Writer
from beltline.planning.types.risks import Remedy

_TYPES = {
    "sku_id": "uuid", "node_id": "uuid", "supplier_org_id": "uuid", "category": "text",
    "on_hand": "bigint", "inbound": "bigint", "stock_target": "bigint",
    "units_a_day": "double precision", "variation": "double precision",
    "cover_days": "double precision", "p_stockout": "double precision",
    "p_stockout_after": "double precision", "order_gain": "bigint",
    "unit_cost": "double precision", "unit_margin": "double precision", "idle_days": "int",
    "excess": "bigint", "overstock_cost": "bigint", "state": "text", "xyz": "text",
    "units": "bigint", "units_plain": "bigint", "arrives": "int", "next_arrival": "int",
    "coming": "text", "moq": "bigint", "pack_size": "bigint", "models": "text",
}  # fmt: skip


async def insert_risks(
    db: Writer, run_id: UUID, org_id: UUID, rows: Sequence[Sequence[object]]
) -> None:
    """The positions of a shard; `rows` in the order of the columns above."""
    declared = ", ".join(f"{column} {type_}" for column, type_ in _TYPES.items())
    await db.execute("drop table if exists pg_temp.planned_risk")
    await db.execute(f"create temporary table planned_risk ({declared}) on commit drop")
    await db.copy("planned_risk", list(_TYPES), rows)
    await db.execute(
        """insert into planning.inventory_risk (plan_run_id, org_id, sku_id, node_id,
             supplier_org_id, category, on_hand, inbound, stock_target, units_a_day, variation,
             cover_days, p_stockout, p_stockout_after, order_gain, unit_cost, unit_margin,
             idle_days, excess, overstock_cost, state, xyz, units, units_plain, arrives,
             next_arrival, coming, moq, pack_size, models)
           select $1, $2, sku_id, node_id, supplier_org_id, category, on_hand, inbound,
                  stock_target, units_a_day, variation, cover_days, p_stockout, p_stockout_after,
                  order_gain, unit_cost, unit_margin, idle_days, excess, overstock_cost, state,
                  xyz, units, units_plain, arrives, next_arrival, coming::jsonb, moq, pack_size,
                  models::jsonb
             from pg_temp.planned_risk order by sku_id, node_id
           on conflict (plan_run_id, sku_id, node_id) do nothing""",
        run_id,
        org_id,
    )


async def insert_unasked(
    db: Writer, run_id: UUID, org_id: UUID, *, currency: str, on: dt.date, holding: float
) -> int:
    """Counted stock that the run has no series for: dead, at its cheapest offer's price.

    `holding` is what a unit of money in it costs until it is given up: its capital, and itself.
    """
    return await db.execute(
        """insert into planning.inventory_risk (plan_run_id, org_id, sku_id, node_id,
             supplier_org_id, category, on_hand, inbound, stock_target, units_a_day, p_stockout,
             p_stockout_after, unit_cost, unit_margin, excess, overstock_cost, state)
           select $1, $2, s.sku_id, s.node_id, o.supplier_org_id, p.category, s.on_hand, 0, 0, 0, 0,
                  0, coalesce(o.cost, 0), 0, s.on_hand,
                  round(s.on_hand * coalesce(o.cost, 0) * $5::float8
                        * kit.minor_factor($3))::bigint, 'DEAD'
             from (select sku_id, node_id, sum(on_hand)::bigint as on_hand from inventory.stock
                    where kind = 'COUNTED' and operator_org_id = $2
                    group by sku_id, node_id having sum(on_hand) > 0) s
             join catalog.sku k on k.id = s.sku_id
             join catalog.product p on p.id = k.product_id
             left join lateral (
               select o.supplier_org_id,
                      b.unit_price::float8 / kit.per_uom(k.uom) * r.rate as cost
                 from catalog.offer o
                 join catalog.offer_break b on b.offer_id = o.id
                 cross join lateral (
                   select 1::float8 as rate where o.currency = $3
                   union all
                   (select f.rate::float8 from trade.fx_rate f
                     where f.base = o.currency and f.quote = $3 and f.ds <= $4
                     order by f.ds desc, f.source limit 1)) r
                where o.sku_id = s.sku_id and o.audience = 'OPERATOR' and o.valid_from <= $4
                  and (o.valid_until is null or o.valid_until >= $4)
                order by cost, o.id limit 1) o on true
            where not exists (select from planning.inventory_risk r
                               where r.plan_run_id = $1 and r.sku_id = s.sku_id
                                 and r.node_id = s.node_id)
           on conflict (plan_run_id, sku_id, node_id) do nothing""",
        run_id, org_id, currency, on, holding,
    )  # fmt: skip


async def set_classes(db: Writer, run_id: UUID, org_id: UUID, as_of: dt.datetime) -> None:
    """A, B and C by the value sold, and how long the oldest unit of a surplus has lain there.

    First in, first out: what is left came with the latest receipts.
    """
    await db.execute(
        """with valued as (
             select sku_id, node_id, units_a_day * (unit_cost + unit_margin) as value
               from planning.inventory_risk where plan_run_id = $1
           ), ranked as (
             select sku_id, node_id,
                    case when sum(value) over w - value < 0.80 * sum(value) over () then 'A'
                         when sum(value) over w - value < 0.95 * sum(value) over () then 'B'
                         else 'C' end as abc
               from valued where value > 0
             window w as (order by value desc, sku_id, node_id
                          rows between unbounded preceding and current row))
           update planning.inventory_risk r set abc = k.abc from ranked k
            where r.plan_run_id = $1 and r.sku_id = k.sku_id and r.node_id = k.node_id
              and k.abc <> 'C'""",
        run_id,
    )
    await db.execute(
        """update planning.inventory_risk r
              set age_days = greatest(extract(day from $3::timestamptz - o.at)::int, 0)
             from planning.inventory_risk x
             cross join lateral (
               select m.at from (
                 select m.at, m.id, sum(m.on_hand) over (order by m.at desc, m.id desc) as reached
                   from inventory.movement m
                  where m.sku_id = x.sku_id and m.node_id = x.node_id and m.on_hand > 0
                    and m.operator_org_id = $2 and m.at < $3) m
                order by (m.reached >= x.on_hand) desc, m.reached * case
                           when m.reached >= x.on_hand then 1 else -1 end limit 1) o
            where r.plan_run_id = $1 and x.plan_run_id = $1 and x.excess > 0
              and r.sku_id = x.sku_id and r.node_id = x.node_id""",
        run_id,
        org_id,
        as_of,
    )


class Remedied(msgspec.Struct, frozen=True):
    """The remedies of one position, the most gainful first; `gain` in minor units."""

    sku_id: UUID
    node_id: UUID
    remedies: list[Remedy]
    gain: int


async def set_remedies(db: Writer, run_id: UUID, found: Sequence[Remedied]) -> None:
    """Keep the remedies of positions with too much."""
    await db.execute(
        """update planning.inventory_risk r
              set remedies = f.remedies, remedy = f.remedies -> 0 ->> 'kind', remedy_gain = f.gain
             from jsonb_to_recordset($2) as f(sku_id uuid, node_id uuid, remedies jsonb,
                                              gain bigint)
            where r.plan_run_id = $1 and r.sku_id = f.sku_id and r.node_id = f.node_id""",
        run_id,
        msgspec.to_builtins(list(found)),
    )
