"""Reads of the risk of stock: positions of a run, their totals, what stands around a surplus."""

from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.planning.types.risks import ModelProfit, Remedy, RemedyKind, RiskFilters, RiskState


class Risk(msgspec.Struct, frozen=True):
    """A position at the run's cut-off: what may run out, and what is too much.

    Money is in minor units of the run's currency; `order_gain` is what ordering as proposed saves,
    `overstock_cost` what the excess costs when nothing is done, `stake` both.
    """

    sku_id: UUID
    node_id: UUID
    sku: str
    title: str
    title_zh: str
    uom: str
    node: str
    category: str
    state: RiskState
    abc: str
    xyz: str
    on_hand: int
    inbound: int
    stock_target: int
    units_a_day: float
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    order_gain: int
    idle_days: int | None
    age_days: int | None
    excess: int
    overstock_cost: int
    stake: int
    remedies: list[Remedy]
    remedy: RemedyKind | None
    remedy_gain: int
    models: list[ModelProfit]
    proposal_id: UUID | None


class StateTotal(msgspec.Struct, frozen=True):
    """Positions in a state, and their money in minor units of the run's currency."""

    state: RiskState
    positions: int
    order_gain: int
    overstock_cost: int
    remedy_gain: int


class SurplusRow(msgspec.Struct, frozen=True):
    """A position with too much, the node that lacks most of it, and the best seller beside it."""

    sku_id: UUID
    node_id: UUID
    excess: int
    units_a_day: float
    unit_cost: float
    unit_margin: float
    age_days: int | None
    has_supplier: bool
    wanted_at: str
    wanted: int
    partner: str
    partner_rate: float
    transfer: Remedy | None


# $1 run, $2 organization, $3 words, $4 node, $5 class, $6 remedy.
_NARROWED = """
     and ($3 = '' or r.sku_id in (
           select k.id from catalog.sku k
            where position(lower($3) in lower(k.code || ' ' || k.title)) > 0
               or position($3 in k.title_zh) > 0))
     and ($4::text is null or r.node_id = (select id from trade.node where code = $4))
     and ($5 = '' or position($5 in r.abc || r.xyz) > 0)
     and ($6::text is null or r.remedy = $6)
"""
_AFTER = """
     and ($8::bigint is null or r.stake < $8
          or r.stake = $8 and (r.sku_id, r.node_id) > ($9::uuid, $10::uuid))
   order by r.stake desc, r.sku_id, r.node_id limit $11
"""
_PAGE = f"""
  with found as (
    select r.* from unnest($7::text[]) as wanted(state)
     cross join lateral (
       select r.* from planning.inventory_risk r
        where r.plan_run_id = $1 and r.org_id = $2 and r.state = wanted.state
              {_NARROWED} {_AFTER}) r)
  select r.sku_id, r.node_id, k.code as sku, k.title, k.title_zh, k.uom, n.code as node,
         r.category, r.state, r.abc, r.xyz, r.on_hand, r.inbound, r.stock_target, r.units_a_day,
         r.cover_days, r.p_stockout, r.p_stockout_after, r.order_gain, r.idle_days, r.age_days,
         r.excess, r.overstock_cost, r.stake, r.remedies, r.remedy, r.remedy_gain,
         r.models,
         (select p.id from planning.proposal p
           where p.plan_run_id = $1 and p.sku_id = r.sku_id and p.node_id = r.node_id
             and p.status <> 'DRAFT' order by p.part limit 1) as proposal_id
    from found r
    join catalog.sku k on k.id = r.sku_id
    join trade.node n on n.id = r.node_id
   order by r.stake desc, r.sku_id, r.node_id limit $11
"""


async def list_risks(
    db: Reader,
    org_id: UUID,
    plan_run_id: UUID,
    filters: RiskFilters,
    *,
    limit: int = LIMIT_DEFAULT,
    cursor: str | None = None,
) -> tuple[list[Risk], str | None]:
    """Positions of a run, the most at stake first, and the cursor of the next page."""
    limit = min(limit, LIMIT_MAX)
    after = decode_cursor(cursor, int, UUID, UUID) or (None, None, None)
    states = [s.value for s in RiskState] if filters.state is None else [filters.state.value]
    found = await db.rows(
        Risk, _PAGE, plan_run_id, org_id, *_arguments(filters), states, *after, limit + 1
    )
    return cut(found, limit, lambda row: (row.stake, row.sku_id, row.node_id))


async def total_risks(
    db: Reader, org_id: UUID, plan_run_id: UUID, filters: RiskFilters
) -> list[StateTotal]:
    """Counts and money by state; the filter's own state does not narrow."""
    return await db.rows(
        StateTotal,
        f"""select r.state, count(*) as positions, sum(r.order_gain)::bigint as order_gain,
                   sum(r.overstock_cost)::bigint as overstock_cost,
                   sum(r.remedy_gain)::bigint as remedy_gain
              from planning.inventory_risk r
             where r.plan_run_id = $1 and r.org_id = $2 {_NARROWED}
             group by r.state order by r.state limit 5""",
        plan_run_id,
        org_id,
        *_arguments(filters),
    )


class Models(msgspec.Struct, frozen=True):
    """Sales models of a position, the most profitable first; profits in major units."""

    currency: str
    models: list[ModelProfit]


async def find_models(db: Reader, plan_run_id: UUID, sku_id: UUID, node_id: UUID) -> Models | None:
    """The sales models of a position; None where the run has no such position."""
    return await db.find(
        Models,
        """select coalesce(r.parameters ->> 'currency', 'CNY') as currency, x.models
             from planning.inventory_risk x join planning.plan_run r on r.id = x.plan_run_id
            where x.plan_run_id = $1 and x.sku_id = $2 and x.node_id = $3""",
        plan_run_id,
        sku_id,
        node_id,
    )


class Draft(msgspec.Struct, frozen=True):
    """A proposal of a run under way: its price, and in the run's minor units what it saves."""

    id: UUID
    amount: int
    currency: str
    gain: float
    relief: float


async def list_drafts(db: Reader, plan_run_id: UUID) -> list[Draft]:
    """The proposals of a run that has not ended."""
    return await db.rows(
        Draft,
        """select p.id, p.amount, p.currency,
                  r.order_gain::float8 * p.quantity
                    / sum(p.quantity) over (partition by p.sku_id, p.node_id) as gain,
                  p.p_stockout - p.p_stockout_after as relief
             from planning.proposal p
             join planning.inventory_risk r
               on (r.plan_run_id, r.sku_id, r.node_id) = (p.plan_run_id, p.sku_id, p.node_id)
            where p.plan_run_id = $1 and p.status = 'DRAFT' order by p.id""",
        plan_run_id,
    )


async def list_surpluses(
    db: Reader, plan_run_id: UUID, *, after: tuple[UUID, UUID] | None, limit: int
) -> list[SurplusRow]:
    """Positions of a run with too much, in the order of their keys, after one of them.

    A transfer that is not proposed stays inside a country, a bundle inside a category and a node.
    """
    return await db.rows(
        SurplusRow,
        """with best as (
             select distinct on (node_id, category) node_id, category, sku_id, units_a_day
               from planning.inventory_risk
              where plan_run_id = $1 and state in ('FIT', 'AT_RISK') and on_hand > 0
              order by node_id, category, units_a_day desc, sku_id)
           select r.sku_id, r.node_id, r.excess, r.units_a_day, r.unit_cost, r.unit_margin,
                  r.age_days, r.supplier_org_id is not null as has_supplier,
                  coalesce(w.code, '') as wanted_at, coalesce(w.wanted, 0)::bigint as wanted,
                  coalesce(k.code, '') as partner, coalesce(b.units_a_day, 0) as partner_rate,
                  v.transfer
             from planning.inventory_risk r
             join trade.node n on n.id = r.node_id
             left join lateral (
               select m.code, x.stock_target - x.on_hand - x.inbound - c.units as wanted
                 from planning.inventory_risk x join trade.node m on m.id = x.node_id
                cross join lateral (
                  select coalesce(sum(t.quantity), 0) as units from planning.transfer t
                   where t.plan_run_id = $1 and t.sku_id = x.sku_id
                     and t.target_node_id = x.node_id) c
                where x.plan_run_id = $1 and x.sku_id = r.sku_id and x.node_id <> r.node_id
                  and m.country = n.country and x.stock_target > x.on_hand + x.inbound + c.units
                order by wanted desc, m.code limit 1) w on true
             left join lateral (
               select jsonb_build_object('kind', 'TRANSFER', 'units', sum(t.quantity),
                        'benefit', sum(t.gain + t.freight)::float8 / kit.minor_factor(t.currency),
                        'cost', sum(t.freight)::float8 / kit.minor_factor(t.currency),
                        'at', string_agg(m.code, ', ' order by m.code)) as transfer
                 from planning.transfer t join trade.node m on m.id = t.target_node_id
                where t.plan_run_id = $1 and t.sku_id = r.sku_id and t.origin_node_id = r.node_id
                group by t.currency limit 1) v on true
             left join best b on b.node_id = r.node_id and b.category = r.category
                             and b.sku_id <> r.sku_id
             left join catalog.sku k on k.id = b.sku_id
            where r.plan_run_id = $1 and r.excess > 0
              and ($2::uuid is null or (r.sku_id, r.node_id) > ($2, $3::uuid))
            order by r.sku_id, r.node_id limit $4""",
        plan_run_id,
        *(after or (None, None)),
        limit,
    )


def _arguments(f: RiskFilters) -> tuple[Any, ...]:
    return (f.words, f.node, f.classes, f.remedy)
