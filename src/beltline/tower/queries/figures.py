"""The figures of the control tower, and what its map shows."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.tower.types import (
    BeltPoint,
    Cover,
    DayOfOrders,
    Held,
    OpenPurchase,
    Punctuality,
    Rate,
)

PURCHASES_MAX = 5_000
"""Open purchase orders whose risk is worked out, those expected first."""


async def get_cover(db: Reader, org_id: UUID) -> Cover | None:
    """How long stock lasts at the pace of the latest plan's forecast; None without a plan."""
    return await db.find(
        Cover,
        """with latest as (
             select id, number, freq, cut_off, finished_at from planning.plan_run
              where org_id = $1 and state = 'DONE'
              order by as_of desc, created_at desc, id desc limit 1
           ), pace as (
             select f.sku_id, f.node_id,
                    (select avg(m) from unnest(f.mean[1:28]) as m)
                      / case r.freq when 'W' then 7 else 1 end as daily
               from latest r join planning.forecast f on f.plan_run_id = r.id
           ), free as (
             select sku_id, node_id, sum(available) as units from inventory.availability
              where operator_org_id = $1 and kind = 'COUNTED' group by sku_id, node_id
           ), cover as (
             select coalesce(free.units, 0)::float8 / pace.daily as days
               from pace left join free using (sku_id, node_id) where pace.daily > 0
           )
           select r.id as run_id, r.number as run_number, r.cut_off, r.finished_at,
                  (select count(*) from cover) as series,
                  (select percentile_cont(0.5) within group (order by days) from cover)
                    as median_days,
                  (select count(*) from cover where days < 7) as under_week
             from latest r""",
        org_id,
    )


async def list_punctuality(
    db: Reader, org_id: UUID, *, now: dt.datetime, zone: str, weeks: int = 9
) -> list[Punctuality]:
    """Purchase orders received a week and how many came by their day; week 0 is the latest."""
    return await db.rows(
        Punctuality,
        """select floor(extract(epoch from $2 - received_at) / 604800)::int as week,
                  count(*) as received,
                  count(*) filter (
                    where (received_at at time zone $3)::date <= expected_date) as on_time
             from procurement.purchase_order
            where operator_org_id = $1 and received_at > $2 - make_interval(weeks => $4)
              and received_at <= $2
            group by 1 order by 1 desc limit 60""",
        org_id,
        now,
        zone,
        weeks,
    )


async def list_days_of_orders(
    db: Reader, org_id: UUID, *, since: dt.datetime, zone: str
) -> list[DayOfOrders]:
    """Orders placed a day and currency and what they come to, cancelled ones left out."""
    return await db.rows(
        DayOfOrders,
        """select (created_at at time zone $3)::date as day, currency, count(*) as orders,
                  sum(total_amount)::bigint as amount
             from orders."order"
            where operator_org_id = $1 and created_at >= $2 and status <> 'CANCELLED'
            group by 1, 2 order by 1, 2 limit 1000""",
        org_id,
        since,
        zone,
    )


async def list_held(db: Reader, org_id: UUID) -> list[Held]:
    """The money that waits for orders to be fulfilled, per currency, the most holds first."""
    return await db.rows(
        Held,
        """select currency, count(*) as holds,
                  sum(amount - released - refunded)::bigint as amount
             from ledger.hold where operator_org_id = $1 and state <> 'CLOSED'
            group by currency order by count(*) desc, currency""",
        org_id,
    )


async def list_open_purchases(db: Reader, org_id: UUID) -> list[OpenPurchase]:
    """Purchase orders that are still to come, with the lead time of their supplier."""
    return await db.rows(
        OpenPurchase,
        """select s.belt_id, o.currency, o.total_amount as amount, o.expected_date,
                  coalesce(o.issued_at, o.created_at) as ordered_at, s.lead_time_days_mean,
                  s.lead_time_days_p95
             from procurement.purchase_order o
             join suppliers.supplier s on s.org_id = o.supplier_org_id
            where o.operator_org_id = $1
              and o.status in ('ISSUED', 'CONFIRMED', 'COUNTERED', 'DEPOSIT_PAID',
                               'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID', 'PART_SHIPPED',
                               'SHIPPED', 'PART_RECEIVED')
            order by o.expected_date, o.id limit $2""",
        org_id,
        PURCHASES_MAX,
    )


async def list_belt_points(db: Reader) -> list[BeltPoint]:
    """Every belt as a point."""
    return await db.rows(
        BeltPoint,
        """select id, name_en as name, name_zh, longitude, latitude from suppliers.belt
            order by id limit 5000""",
    )


async def rates_to_yuan(db: Reader) -> dict[str, float]:
    """The latest known worth of one unit of each currency in CNY; what has no rate is left out."""
    rows = await db.rows(
        Rate,
        """select distinct on (base) base as currency, rate::float8 as rate
             from trade.fx_rate where quote = 'CNY' order by base, ds desc, source limit 300""",
    )
    return {"CNY": 1.0, **{row.currency: row.rate for row in rows}}
