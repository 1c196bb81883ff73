"""Small reads beside lists: the shape of a series, how long stock lasts, what a run is made of."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit.db import Reader
from beltline.planning.types import Amount, Filters, Status, Urgency

SPARK_WEEKS = 12


class Spark(msgspec.Struct, frozen=True):
    """The shape of a series: sales a day by week, and the forecast by period after the cut-off.

    `weeks` counts whole weeks before the cut-off, 0 the latest; `units` are the sums of those
    weeks. The forecast is empty where the run has none.
    """

    plan_run_id: UUID
    sku_id: UUID
    node_id: UUID
    freq: str
    weeks: list[int]
    units: list[float]
    mean: list[float]
    p10: list[float]
    p90: list[float]


class Cover(msgspec.Struct, frozen=True):
    """How long the stock of a series lasts at the rate forecast; None without demand."""

    sku_id: UUID
    node_id: UUID
    cover_days: float | None


class SkuSeries(msgspec.Struct, frozen=True):
    """A series of one SKU by the latest plan: units a day expected at a node."""

    plan_run_id: UUID
    sku_id: UUID
    node_id: UUID
    node: str
    node_name: str
    node_name_zh: str
    units_a_day: float


class Segment(msgspec.Struct, frozen=True):
    """Series of a run that belong together, and how well they were forecast.

    `wape`, `wape_naive` and `bias` are shares of the units sold on the days kept apart;
    the 10 to 90 % band covered `covered` of `periods`.
    """

    name: str
    series: int
    units: float
    wape: float | None
    wape_naive: float | None
    bias: float | None
    periods: float
    covered: float


async def list_sparks(
    db: Reader, org_id: UUID, series: Sequence[tuple[UUID, UUID, UUID]]
) -> list[Spark]:
    """The shapes of some series, each as (plan run, SKU, node)."""
    return await db.rows(
        Spark,
        """select w.plan_run_id, w.sku_id, w.node_id, r.freq, coalesce(h.weeks, '{}') as weeks,
                  coalesce(h.units, '{}') as units, coalesce(f.mean, '{}') as mean,
                  coalesce(f.p10, '{}') as p10, coalesce(f.p90, '{}') as p90
             from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as w(plan_run_id, sku_id, node_id)
             join planning.plan_run r on r.id = w.plan_run_id and r.org_id = $1
             left join planning.forecast f using (plan_run_id, sku_id, node_id)
             cross join lateral (
               select array_agg(week order by week) as weeks, array_agg(y order by week) as units
                 from (select (r.cut_off - d.ds) / 7 as week, sum(d.y)::float8 as y
                         from planning.demand d
                        where d.sku_id = w.sku_id and d.node_id = w.node_id
                          and d.ds > r.cut_off - 7 * $5::int and d.ds <= r.cut_off
                        group by 1) x) h
            limit 250""",
        org_id,
        [run for run, _, _ in series],
        [sku for _, sku, _ in series],
        [node for _, _, node in series],
        SPARK_WEEKS,
    )


async def list_covers(
    db: Reader, org_id: UUID, plan_run_id: UUID, series: Sequence[tuple[UUID, UUID]]
) -> list[Cover]:
    """How many days the counted stock of some series lasts, each as (SKU, node)."""
    return await db.rows(
        Cover,
        """select f.sku_id, f.node_id, s.available / nullif(m.a_day, 0) as cover_days
             from unnest($3::uuid[], $4::uuid[]) as w(sku_id, node_id)
             join planning.forecast f
               on f.plan_run_id = $2 and f.sku_id = w.sku_id and f.node_id = w.node_id
             join planning.plan_run r on r.id = f.plan_run_id and r.org_id = $1
             cross join lateral (
               select avg(u)::float8 / case r.freq when 'W' then 7 else 1 end as a_day
                 from unnest(f.mean) u) m
             cross join lateral (
               select coalesce(sum(greatest(x.on_hand - x.reserved - x.quality_hold - x.damaged,
                                            0)), 0)::float8 as available
                 from inventory.stock x
                where x.sku_id = w.sku_id and x.node_id = w.node_id and x.kind = 'COUNTED') s
            limit 250""",
        org_id,
        plan_run_id,
        [sku for sku, _ in series],
        [node for _, node in series],
    )


async def list_series_of_sku(
    db: Reader, org_id: UUID, plan_run_id: UUID, sku: str
) -> list[SkuSeries]:
    """The series of a SKU that a run forecast, by node."""
    return await db.rows(
        SkuSeries,
        """select f.plan_run_id, f.sku_id, f.node_id, n.code as node, n.name as node_name,
                  n.name_zh as node_name_zh,
                  (select avg(u)::float8 from unnest(f.mean) u)
                    / case r.freq when 'W' then 7 else 1 end as units_a_day
             from planning.forecast f
             join planning.plan_run r on r.id = f.plan_run_id
             join trade.node n on n.id = f.node_id
            where f.plan_run_id = $2 and f.org_id = $1
              and f.sku_id = (select id from catalog.sku where code = $3)
            order by n.code limit 100""",
        org_id,
        plan_run_id,
        sku,
    )


async def list_segments(db: Reader, org_id: UUID, plan_run_id: UUID) -> list[Segment]:
    """A run by category of goods, the one with the most units first."""
    return await db.rows(
        Segment,
        """select p.category as name, count(*) as series,
                  coalesce(sum(a.units), 0)::float8 as units,
                  sum(a.absolute_error) / nullif(sum(a.units), 0) as wape,
                  sum(a.absolute_error_naive) / nullif(sum(a.units), 0) as wape_naive,
                  sum(a.error) / nullif(sum(a.units), 0) as bias,
                  coalesce(sum(a.periods), 0)::float8 as periods,
                  coalesce(sum(coalesce(a.covered, a.inside)), 0)::float8 as covered
             from planning.forecast f
             join catalog.sku k on k.id = f.sku_id
             join catalog.product p on p.id = k.product_id
             cross join lateral jsonb_to_record(f.accuracy)
               as a(units float8, absolute_error float8, absolute_error_naive float8,
                    error float8, periods float8, covered float8, inside float8)
            where f.plan_run_id = $2 and f.org_id = $1
            group by p.category order by sum(a.units) desc nulls last, p.category limit 30""",
        org_id,
        plan_run_id,
    )


class Tally(msgspec.Struct, frozen=True):
    """Proposals that are alike, counted; `amount` in minor units."""

    status: Status
    urgency: Urgency
    currency: str
    count: int
    amount: int


async def tally_proposals(
    db: Reader, org_id: UUID, filters: Filters, *, today: dt.date
) -> list[Tally]:
    """Counts and sums by status, urgency and currency; the filter's own of these do not narrow.

    Looked up by ids rather than joined, so that one plan is good for every filter.
    """
    return await db.rows(
        Tally,
        """select p.status, case when p.order_by <= $2::date then 'NOW'
                                when p.order_by <= $2::date + 7 then 'WEEK'
                                else 'LATER' end as urgency,
                  p.currency, count(*) as count, sum(p.amount)::bigint as amount
             from planning.proposal p
            where p.org_id = $1
              and p.status in ('OPEN', 'DEFERRED', 'ACCEPTED', 'REJECTED', 'ISSUED')
              and ($3::text is null or p.node_id = (select id from trade.node where code = $3))
              and ($4::text is null or p.supplier_org_id in (
                    select org_id from suppliers.supplier where code = $4))
              and ($5::text is null or p.supplier_org_id in (
                    select org_id from suppliers.supplier where belt_id = $5))
              and ($6 = '' or p.sku_id in (
                    select k.id from catalog.sku k
                     where position(lower($6) in lower(k.code || ' ' || k.title)) > 0
                        or position($6 in k.title_zh) > 0))
              and (not $7::boolean or p.returned_at is not null)
            group by 1, 2, 3 order by 1, 2, 3""",
        org_id,
        today,
        filters.node,
        filters.supplier,
        filters.belt,
        filters.words,
        filters.is_returned,
    )


class Waiting(msgspec.Struct, frozen=True):
    """What is accepted and not ordered yet: how many purchases it makes at least, and its sums."""

    purchases: int
    proposals: int
    amounts: list[Amount]


async def sum_waiting(db: Reader, org_id: UUID) -> Waiting:
    """Accepted proposals; one purchase order is made for each supplier, node and currency."""
    return await db.get(
        Waiting, "proposals", org_id,
        """with accepted as (
             select currency, supplier_org_id, node_id, count(*) as count,
                    sum(amount)::bigint as amount
               from planning.proposal where org_id = $1 and status = 'ACCEPTED'
              group by currency, supplier_org_id, node_id)
           select (select count(*) from accepted) as purchases,
                  (select coalesce(sum(count), 0)::bigint from accepted) as proposals,
                  coalesce((select jsonb_agg(jsonb_build_object('currency', currency,
                      'amount', amount, 'count', count) order by currency)
                    from (select currency, sum(amount)::bigint as amount,
                                 sum(count)::bigint as count
                            from accepted group by currency) x), '[]') as amounts""",
        org_id,
    )  # fmt: skip


class Special(msgspec.Struct, frozen=True):
    """A span in which a series is not itself: a promotion or a closure."""

    starts: dt.date
    ends: dt.date
    kind: str
    name: str


async def list_specials(
    db: Reader, org_id: UUID, sku_id: UUID, node_id: UUID, *, since: dt.date, until: dt.date
) -> list[Special]:
    """Promotions of a series and closures of its node and its maker in a span, oldest first."""
    return await db.rows(
        Special,
        """select starts, ends, 'PROMOTION' as kind, kind as name from planning.promotion
            where org_id = $1 and sku_id = $2 and (node_id is null or node_id = $3)
              and ends >= $4 and starts <= $5
           union all
           select starts, ends, 'NODE', reason from trade.node_closure
            where node_id = $3 and ends >= $4 and starts <= $5
           union all
           select c.starts, c.ends, 'SUPPLIER', c.reason from suppliers.closure c
            where c.org_id = (select supplier_org_id from catalog.sku where id = $2)
              and c.ends >= $4 and c.starts <= $5
            order by starts, ends, kind, name limit 100""",
        org_id,
        sku_id,
        node_id,
        since,
        until,
    )
