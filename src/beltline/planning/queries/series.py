"""Reads of demand series: history, forecast, accuracy, stock."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.planning.types import Reason
from beltline.planning.types.overrides import Override


class SeriesLine(msgspec.Struct, frozen=True):
    """A series in a list.

    `units_ahead` (with its band summed) is over the horizon, in base units; `wape` and `bias` are
    of the days kept apart; `abc` is its class by units forecast.
    """

    sku_id: UUID
    node_id: UUID
    sku: str
    title: str
    title_zh: str
    category: str
    uom: str
    node: str
    units_ahead: float
    units_low: float
    units_high: float
    wape: float | None
    wape_naive: float | None
    bias: float | None
    abc: str
    on_hand: int
    p_stockout: float | None
    proposal_id: UUID | None


class Point(msgspec.Struct, frozen=True):
    """A period of history: what was sold, whether it could be, at which price."""

    ds: dt.date
    y: float
    in_stock: bool | None
    price: float | None


class Band(msgspec.Struct, frozen=True):
    """The forecast of a series by a run; the lists begin with the period after `cut_off`."""

    plan_run_id: UUID
    cut_off: dt.date
    freq: str
    mean: list[float]
    p10: list[float]
    p50: list[float]
    p90: list[float]
    drivers: list[Reason]
    accuracy: dict[str, float]


class SeriesId(msgspec.Struct, frozen=True):
    """A series by codes and ids."""

    sku_id: UUID
    node_id: UUID
    sku: str
    title: str
    title_zh: str
    uom: str
    node: str


class Class(msgspec.Struct, frozen=True):
    """A class of series by their share of the units forecast (A 80 %, B 15 %, C the rest)."""

    abc: str
    series: int
    units: float
    wape: float | None
    bias: float | None


# The first 80 % of the units forecast are class A, the next 15 % B. $1 run, $2 organization.
_CLASSED = """
  select f.sku_id, f.node_id, f.units, f.accuracy,
         case when sum(f.units) over w - f.units < 0.80 * sum(f.units) over () then 'A'
              when sum(f.units) over w - f.units < 0.95 * sum(f.units) over () then 'B'
              else 'C' end as abc
    from planning.forecast f where f.plan_run_id = $1 and f.org_id = $2
  window w as (order by f.units desc, f.sku_id, f.node_id
               rows between unbounded preceding and current row)
"""


async def list_series(
    db: Reader,
    org_id: UUID,
    plan_run_id: UUID,
    *,
    words: str = "",
    node: str | None = None,
    abc: str | None = None,
    drifted: bool = False,
    limit: int = LIMIT_DEFAULT,
    cursor: str | None = None,
) -> tuple[list[SeriesLine], str | None]:
    """Series of a run by units forecast, the most first, and the next page's cursor.

    With `drifted` only those that have left their level of late.
    """
    limit = min(limit, LIMIT_MAX)
    after = decode_cursor(cursor, float, UUID, UUID) or (None, None, None)
    found = await db.rows(
        SeriesLine,
        f"""with classed as materialized ({_CLASSED})
            select c.sku_id, c.node_id, k.code as sku, k.title, k.title_zh, t.category, k.uom,
                   n.code as node, c.units::float8 as units_ahead,
                   planning.total(f.p10)::float8 as units_low,
                   planning.total(f.p90)::float8 as units_high,
                   (c.accuracy ->> 'absolute_error')::float8
                     / nullif((c.accuracy ->> 'units')::float8, 0) as wape,
                   (c.accuracy ->> 'absolute_error_naive')::float8
                     / nullif((c.accuracy ->> 'units')::float8, 0) as wape_naive,
                   (c.accuracy ->> 'error')::float8
                     / nullif((c.accuracy ->> 'units')::float8, 0) as bias,
                   c.abc,
                   coalesce((select sum(s.on_hand) from inventory.stock s
                              where s.sku_id = c.sku_id and s.node_id = c.node_id
                                and s.kind = 'COUNTED'), 0)::bigint as on_hand,
                   p.p_stockout, p.id as proposal_id
              from classed c
              join planning.forecast f
                on f.plan_run_id = $1 and f.sku_id = c.sku_id and f.node_id = c.node_id
              join catalog.sku k on k.id = c.sku_id
              join catalog.product t on t.id = k.product_id
              join trade.node n on n.id = c.node_id
              left join planning.proposal p on p.plan_run_id = $1 and p.sku_id = c.sku_id
                    and p.node_id = c.node_id and p.part = 0 and p.status <> 'DRAFT'
             where ($3 = '' or position(lower($3) in lower(k.code || ' ' || k.title)) > 0
                    or position($3 in k.title_zh) > 0)
               and ($4::text is null or n.code = $4) and ($5::text is null or c.abc = $5)
               and ($6::float8 is null or (-c.units, c.sku_id, c.node_id)
                                          > (-$6::float8::real, $7::uuid, $8::uuid))
               and (not $10::boolean or f.drivers @> '[{{"code": "DRIFT"}}]')
             order by c.units desc, c.sku_id, c.node_id limit $9""",
        plan_run_id, org_id, words, node, abc, *after, limit + 1, drifted,
    )  # fmt: skip
    return cut(found, limit, lambda row: (row.units_ahead, row.sku_id, row.node_id))


async def count_series(
    db: Reader, org_id: UUID, plan_run_id: UUID, *, words: str = "", node: str | None = None
) -> int:
    """How many series of a run fit a search."""
    found: int = await db.value(
        """select count(*) from planning.forecast f
             join catalog.sku k on k.id = f.sku_id join trade.node n on n.id = f.node_id
            where f.plan_run_id = $1 and f.org_id = $2
              and ($3 = '' or position(lower($3) in lower(k.code || ' ' || k.title)) > 0
                   or position($3 in k.title_zh) > 0)
              and ($4::text is null or n.code = $4)""",
        plan_run_id,
        org_id,
        words,
        node,
    )
    return found


async def list_classes(db: Reader, org_id: UUID, plan_run_id: UUID) -> list[Class]:
    """Series, units and accuracy by class."""
    return await db.rows(
        Class,
        f"""with classed as materialized ({_CLASSED})
            select abc, count(*) as series, sum(units)::float8 as units,
                   sum((accuracy ->> 'absolute_error')::float8)
                     / nullif(sum((accuracy ->> 'units')::float8), 0) as wape,
                   sum((accuracy ->> 'error')::float8)
                     / nullif(sum((accuracy ->> 'units')::float8), 0) as bias
              from classed group by abc order by abc limit 3""",
        plan_run_id,
        org_id,
    )


async def get_series(db: Reader, org_id: UUID, *, sku: str, node: str) -> SeriesId:
    """A series of the organization by the codes of SKU and node."""
    return await db.get(
        SeriesId, "series", f"{sku}@{node}",
        """select k.id as sku_id, n.id as node_id, k.code as sku, k.title, k.title_zh, k.uom,
                  n.code as node
             from catalog.sku k, trade.node n
            where k.code = $2 and n.code = $3
              and exists (select from planning.demand d
                           where d.sku_id = k.id and d.node_id = n.id and d.org_id = $1)""",
        org_id, sku, node,
    )  # fmt: skip


async def list_overrides(
    db: Reader, org_id: UUID, sku_id: UUID, node_id: UUID, *, limit: int = 100
) -> list[Override]:
    """Overrides of a series, those that reach furthest first; withdrawn ones are among them."""
    return await db.rows(
        Override,
        """select id, sku_id, node_id, starts, ends, factor, reason, created_by, created_at,
                  withdrawn_by, withdrawn_at
             from planning.demand_override
            where org_id = $1 and sku_id = $2 and node_id = $3
            order by ends desc, id limit $4""",
        org_id,
        sku_id,
        node_id,
        limit,
    )


async def get_override(db: Reader, org_id: UUID, override_id: UUID) -> Override:
    """One override of the organization."""
    return await db.get(
        Override, "override", override_id,
        """select id, sku_id, node_id, starts, ends, factor, reason, created_by, created_at,
                  withdrawn_by, withdrawn_at
             from planning.demand_override where org_id = $1 and id = $2""",
        org_id, override_id,
    )  # fmt: skip


async def list_history(
    db: Reader, org_id: UUID, sku_id: UUID, node_id: UUID, *, since: dt.date, until: dt.date
) -> list[Point]:
    """Demand of a series in a span, both days included, oldest first."""
    return await db.rows(
        Point,
        """select ds, y::float8 as y, in_stock, price::float8 as price from planning.demand
            where org_id = $1 and sku_id = $2 and node_id = $3 and ds between $4 and $5
            order by ds limit 4000""",
        org_id,
        sku_id,
        node_id,
        since,
        until,
    )


async def find_band(
    db: Reader, org_id: UUID, sku_id: UUID, node_id: UUID, *, plan_run_id: UUID | None = None
) -> Band | None:
    """The forecast of a series by a run, or by the latest finished one."""
    row = await db.find(
        _Band,
        """select f.plan_run_id, r.cut_off, r.freq, f.mean, f.p10, f.p50, f.p90, f.drivers,
                  f.accuracy
             from planning.forecast f join planning.plan_run r on r.id = f.plan_run_id
            where f.org_id = $1 and f.sku_id = $2 and f.node_id = $3
              and case when $4::uuid is null then r.state = 'DONE' else r.id = $4 end
            order by r.as_of desc, r.created_at desc limit 1""",
        org_id,
        sku_id,
        node_id,
        plan_run_id,
    )
    if row is None:
        return None
    # Dates inside a JSON column are text.
    return msgspec.structs.replace(row, drivers=msgspec.convert(row.drivers, list[Reason]))


class _Band(Band, frozen=True):
    drivers: Any


async def total_demand(
    db: Reader, org_id: UUID, *, since: dt.date, until: dt.date, node: str | None = None
) -> list[Point]:
    """Units of all series a day (or week) in a span, oldest first."""
    return await db.rows(
        Point,
        """select d.ds, sum(d.y)::float8 as y, null::boolean as in_stock, null::float8 as price
             from planning.demand d
            where d.org_id = $1 and d.ds between $2 and $3
              and ($4::text is null or d.node_id = (select id from trade.node where code = $4))
            group by d.ds order by d.ds limit 4000""",
        org_id,
        since,
        until,
        node,
    )


async def total_forecast(
    db: Reader, org_id: UUID, plan_run_id: UUID, *, node: str | None = None
) -> list[float]:
    """The mean forecast of all series of a run, period by period after its cut-off."""
    found: list[Any] = await db.values(
        """select sum(m.mean)::float8 from planning.forecast f,
                  unnest(f.mean) with ordinality as m(mean, period)
            where f.plan_run_id = $1 and f.org_id = $2
              and ($3::text is null or f.node_id = (select id from trade.node where code = $3))
            group by m.period order by m.period limit 400""",
        plan_run_id,
        org_id,
        node,
    )
    return [float(value) for value in found]
