"""Reads of what plans came to, and of what there is to judge."""

import datetime as dt
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from beltline.kit.db import Reader

Key: TypeAlias = tuple[UUID, UUID]
"""A series by the ids of SKU and node."""


class Judgeable(msgspec.Struct, frozen=True):
    """A finished run whose cycles are over: demand is known for `periods` after its cut-off."""

    id: UUID
    cut_off: dt.date
    freq: str
    parameters: dict[str, Any]
    periods: int


class PositionRow(msgspec.Struct, frozen=True):
    """What a run decided for a position, and the demand that came (`days` after the cut-off)."""

    sku_id: UUID
    node_id: UUID
    category: str
    belt_id: str | None
    on_hand: int
    coming: list[tuple[int, float]]
    units: int
    units_plain: int | None
    decided: int | None
    arrives: int
    next_arrival: int
    moq: int
    pack_size: int
    unit_cost: float
    unit_margin: float
    latest: float
    days: list[int]
    y: list[float]


class HindsightSums(msgspec.Struct, frozen=True):
    """What positions that belong together came to; money in minor units of the run's currency.

    `override_gain` is what overrides of demand earned (negative: lost) over `overrides`
    positions, `decision_gain` what people earned by deciding otherwise than proposed.
    """

    name: str
    positions: int
    cost_plan: int
    cost_naive: int
    cost_best: int
    overrides: int
    override_gain: int
    decisions: int
    decision_gain: int

    @property
    def regret_closed(self) -> float | None:
        """The share of the way from the naive planner to the clairvoyant."""
        if self.cost_naive <= self.cost_best:
            return None
        return (self.cost_naive - self.cost_plan) / (self.cost_naive - self.cost_best)


_SUMS = """count(*) as positions, coalesce(sum(h.cost_plan), 0)::bigint as cost_plan,
         coalesce(sum(h.cost_naive), 0)::bigint as cost_naive,
         coalesce(sum(h.cost_best), 0)::bigint as cost_best,
         count(h.cost_plain) as overrides,
         coalesce(sum(h.cost_plain - h.cost_plan), 0)::bigint as override_gain,
         count(*) filter (where h.cost_decided <> h.cost_plan) as decisions,
         coalesce(sum(h.cost_plan - h.cost_decided), 0)::bigint as decision_gain"""


async def list_judgeable(db: Reader, org_id: UUID, *, limit: int = 3) -> list[Judgeable]:
    """Runs that have not been judged and whose cycles are over, the newest first.

    A cycle longer than sixty periods is not waited for: such positions stay out.
    """
    return await db.rows(
        Judgeable,
        """with latest as (
             select ds from planning.demand where org_id = $1 order by ds desc limit 1)
           select r.id, r.cut_off, r.freq, r.parameters, k.periods
             from planning.plan_run r
             cross join latest l
             cross join lateral (
               select (l.ds - r.cut_off) / case r.freq when 'W' then 7 else 1 end as periods) k
            where r.org_id = $1 and r.state = 'DONE' and not r.metrics ? 'hindsight'
              and k.periods >= least(60, (select max(x.next_arrival)
                                            from planning.inventory_risk x
                                           where x.plan_run_id = r.id))
            order by r.as_of desc, r.id limit $2""",
        org_id,
        limit,
    )


async def list_positions(
    db: Reader, run: Judgeable, *, after: Key | None, limit: int
) -> list[PositionRow]:
    """Positions with an offer whose cycle is over, in the order of their keys.

    Accepted and purchased quantities are people's decisions, and so is a rejection; a purchase
    that came back was none.
    """
    return await db.rows(
        PositionRow,
        """select x.sku_id, x.node_id, x.category, s.belt_id, x.on_hand, x.coming, x.units,
                  x.units_plain, p.decided, x.arrives, x.next_arrival, x.moq, x.pack_size,
                  x.unit_cost, x.unit_margin, coalesce(w.y, 0)::float8 as latest,
                  coalesce(d.days, '{}') as days, coalesce(d.y, '{}') as y
             from planning.inventory_risk x
             left join suppliers.supplier s on s.org_id = x.supplier_org_id
             left join lateral (
               select sum(case q.status when 'REJECTED' then 0 else q.quantity end)::bigint
                        as decided
                 from planning.proposal q
                where q.plan_run_id = x.plan_run_id and q.sku_id = x.sku_id
                  and q.node_id = x.node_id
                  and q.status in ('ACCEPTED', 'ISSUED', 'REJECTED')) p on true
             cross join lateral (
               select sum(y) as y from planning.demand
                where sku_id = x.sku_id and node_id = x.node_id
                  and ds > $2::date - 7 and ds <= $2) w
             cross join lateral (
               select array_agg(ds - $2::date order by ds) as days,
                      array_agg(y::float8 order by ds) as y
                 from planning.demand
                where sku_id = x.sku_id and node_id = x.node_id and ds > $2
                  and ds <= $2::date + x.next_arrival * $3::int) d
            where x.plan_run_id = $1 and x.supplier_org_id is not null
              and x.next_arrival between 1 and $4::int
              and ($5::uuid is null or (x.sku_id, x.node_id) > ($5, $6::uuid))
            order by x.sku_id, x.node_id limit $7""",
        run.id, run.cut_off, 7 if run.freq == "W" else 1, run.periods, *(after or (None, None)),
        limit,
    )  # fmt: skip


async def sum_hindsight(db: Reader, org_id: UUID, plan_run_id: UUID) -> HindsightSums:
    """What a run came to."""
    return await db.get(
        HindsightSums, "plan run", plan_run_id,
        f"""select '' as name, {_SUMS} from planning.hindsight h
             where h.plan_run_id = $1 and h.org_id = $2""",
        plan_run_id, org_id,
    )  # fmt: skip


async def list_by_category(db: Reader, org_id: UUID, plan_run_id: UUID) -> list[HindsightSums]:
    """What a run came to by category, the dearest first."""
    return await db.rows(
        HindsightSums,
        f"""select h.category as name, {_SUMS} from planning.hindsight h
             where h.plan_run_id = $1 and h.org_id = $2
             group by h.category order by sum(h.cost_plan) desc, h.category limit 30""",
        plan_run_id,
        org_id,
    )


async def list_by_belt(db: Reader, org_id: UUID, plan_run_id: UUID) -> list[HindsightSums]:
    """What a run came to by the belt of the supplier chosen, the dearest first."""
    return await db.rows(
        HindsightSums,
        f"""select coalesce(h.belt_id, '') as name, {_SUMS} from planning.hindsight h
             where h.plan_run_id = $1 and h.org_id = $2
             group by h.belt_id order by sum(h.cost_plan) desc, h.belt_id limit 30""",
        plan_run_id,
        org_id,
    )
