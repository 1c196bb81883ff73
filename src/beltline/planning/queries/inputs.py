"""What a plan reads, never later than its cut-off (demand) or its instant (stock, terms)."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.db import Reader


class Latest(msgspec.Struct, frozen=True):
    """The latest period of demand, and whether days lie whole weeks apart."""

    first: dt.date | None
    latest: dt.date | None
    is_weekly: bool


class Series(msgspec.Struct, frozen=True):
    """A SKU at a node with demand."""

    sku_id: UUID
    node_id: UUID
    sku: str


class DemandRow(msgspec.Struct, frozen=True):
    """Demand of a series; the lists are parallel, `days` counts from the plan's first day."""

    sku_id: UUID
    node_id: UUID
    sku: str
    category: str
    days: list[int]
    y: list[float]
    in_stock: list[bool | None]
    price: list[float | None]


class PlaceRow(msgspec.Struct, frozen=True):
    """A node and the fastest lane from a node at home to its country."""

    id: UUID
    code: str
    kind: str
    country: str
    transit_days_p50: float | None
    transit_days_p90: float | None


class ClosureRow(msgspec.Struct, frozen=True):
    """A closure of a supplier or a node."""

    owner_id: UUID
    starts: dt.date
    ends: dt.date
    ramp_down_from: dt.date
    ramp_up_until: dt.date
    last_order_date: dt.date
    reason: str


class PositionRow(msgspec.Struct, frozen=True):
    """Counted stock that is free at a node, and what is on its way: parallel lists.

    `movable` is the operator's own part of it; none of a look back, which moves nothing.
    """

    sku_id: UUID
    node_id: UUID
    on_hand: int
    movable: int
    dates: list[dt.date]
    quantities: list[int]


class OfferRow(msgspec.Struct, frozen=True):
    """An offer to the operator; breaks as (from, price per uom), the lowest first."""

    sku_id: UUID
    offer_id: UUID
    supplier_org_id: UUID
    supplier: str
    tier: str
    currency: str
    moq: int
    pack_size: int
    uom: str
    starts: list[int]
    prices: list[Decimal]
    lead_time_days_mean: float
    lead_time_days_p95: float


class PriceRow(msgspec.Struct, frozen=True):
    """What buyers pay for the first unit, per uom."""

    sku_id: UUID
    currency: str
    unit_price: Decimal
    uom: str


class PromotionRow(msgspec.Struct, frozen=True):
    """A promotion of a SKU, at one node or at all."""

    sku_id: UUID
    node_id: UUID | None
    starts: dt.date
    ends: dt.date


class OverrideRow(msgspec.Struct, frozen=True):
    """Demand of a series in a span of days, times a factor."""

    sku_id: UUID
    node_id: UUID
    starts: dt.date
    ends: dt.date
    factor: float


class EventRow(msgspec.Struct, frozen=True):
    """A day on which demand is not itself."""

    ds: dt.date
    kind: str
    name: str


class RateRow(msgspec.Struct, frozen=True):
    """What one unit of `base` costs in `quote`."""

    base: str
    quote: str
    rate: Decimal


class Unplanned(msgspec.Struct, frozen=True):
    """Stock positions a plan leaves out: how many, and the first few as SKU@NODE."""

    count: int
    examples: list[str]


async def find_latest(db: Reader, org_id: UUID, *, until: dt.date, since: dt.date) -> Latest:
    """The periods of demand in a span, both days included; weekly where all lie weeks apart."""
    return await db.get(
        Latest, "demand", org_id,
        """with recursive days as (
             (select ds from planning.demand where org_id = $1 and ds between $3 and $2
               order by ds desc limit 1)
             union all
             select (select d.ds from planning.demand d
                      where d.org_id = $1 and d.ds >= $3 and d.ds < days.ds
                      order by d.ds desc limit 1) from days where days.ds is not null)
           select min(ds) as first, max(ds) as latest,
                  coalesce(count(*) > 1 and bool_and((ds - (select max(ds) from days)) % 7 = 0),
                           false) as is_weekly
             from days where ds is not null""",
        org_id, until, since,
    )  # fmt: skip


async def list_days(db: Reader, org_id: UUID, *, since: dt.date, until: dt.date) -> list[dt.date]:
    """Every day with demand rows of a span, both days included, by an index skip scan."""
    return await db.values(
        """with recursive days as (
             (select ds from planning.demand where org_id = $1 and ds between $2 and $3
               order by ds limit 1)
             union all
             select (select d.ds from planning.demand d
                      where d.org_id = $1 and d.ds > days.ds and d.ds <= $3
                      order by d.ds limit 1) from days where days.ds is not null)
           select ds from days where ds is not null order by ds""",
        org_id,
        since,
        until,
    )


async def list_series(
    db: Reader, org_id: UUID, *, since: dt.date, cut_off: dt.date
) -> list[Series]:
    """Every series with demand in the span, by codes of SKU and node."""
    return await db.rows(
        Series,
        """select d.sku_id, d.node_id, k.code as sku
             from (select distinct sku_id, node_id from planning.demand
                    where org_id = $1 and ds between $2 and $3) d
             join catalog.sku k on k.id = d.sku_id
             join trade.node n on n.id = d.node_id
            order by k.code, n.code""",
        org_id,
        since,
        cut_off,
    )


async def list_demand(
    db: Reader, org_id: UUID, sku_ids: list[UUID], *, since: dt.date, cut_off: dt.date
) -> list[DemandRow]:
    """Demand of some SKUs at all their nodes, from `since` to the cut-off."""
    return await db.rows(
        DemandRow,
        """select k.id as sku_id, d.node_id, k.code as sku, p.category, d.days, d.y, d.in_stock,
                  d.price
             from unnest($2::uuid[]) as wanted(sku_id)
             join catalog.sku k on k.id = wanted.sku_id
             join catalog.product p on p.id = k.product_id
             cross join lateral (
               select node_id, array_agg(ds - $3::date order by ds) as days,
                      array_agg(y order by ds) as y,
                      array_agg(in_stock order by ds) as in_stock,
                      array_agg(price::real order by ds) as price
                 from planning.demand
                where sku_id = wanted.sku_id and org_id = $1 and ds between $3 and $4
                group by node_id) d
             join trade.node n on n.id = d.node_id
            order by k.code, n.code""",
        org_id,
        sku_ids,
        since,
        cut_off,
    )


async def list_places(db: Reader) -> list[PlaceRow]:
    """Nodes, and for those outside the country of consolidation the fastest lane there."""
    return await db.rows(
        PlaceRow,
        """select n.id, n.code, n.kind, n.country, l.p50 as transit_days_p50,
                  l.p90 as transit_days_p90
             from trade.node n
             left join lateral (
               select l.transit_days_p50 as p50, l.transit_days_p90 as p90
                 from trade.lane l join trade.node h on h.id = l.node_id
                where l.country = n.country and h.country = 'CN' and n.country <> 'CN'
                order by l.transit_days_p50, h.code limit 1) l on true
            where n.kind <> 'FACTORY' order by n.code limit 5000""",
    )


async def list_supplier_closures(db: Reader, *, since: dt.date, until: dt.date) -> list[ClosureRow]:
    """Closures of suppliers that touch a span."""
    return await db.rows(
        ClosureRow,
        """select org_id as owner_id, starts, ends, ramp_down_from, ramp_up_until,
                  last_order_date, reason
             from suppliers.closure where ramp_up_until >= $1 and ramp_down_from <= $2
            order by org_id, starts""",
        since,
        until,
    )


async def list_place_closures(db: Reader, *, since: dt.date, until: dt.date) -> list[ClosureRow]:
    """Closures of nodes that touch a span."""
    return await db.rows(
        ClosureRow,
        """select node_id as owner_id, starts, ends, ramp_down_from, ramp_up_until,
                  last_order_date, reason
             from trade.node_closure where ramp_up_until >= $1 and ramp_down_from <= $2
            order by node_id, starts""",
        since,
        until,
    )


async def list_positions(db: Reader, org_id: UUID, sku_ids: list[UUID]) -> list[PositionRow]:
    """Free counted stock, what is ordered and not received, and what is accepted to be ordered.

    One statement, so that a receipt is never counted twice.
    """
    return await db.rows(
        PositionRow,
        """with coming as (
             select l.sku_id, o.node_id, o.expected_date as ds, l.awaited_quantity as quantity
               from procurement.purchase_order_line l
               join procurement.purchase_order o on o.id = l.purchase_order_id
              where l.sku_id = any($2) and o.operator_org_id = $1 and l.awaited_quantity > 0
                and o.status not in ('PROPOSED', 'REFUSED', 'EXPIRED', 'CANCELLED')
             union all
             select sku_id, node_id, expected_date, quantity from planning.proposal
              where org_id = $1 and sku_id = any($2) and status = 'ACCEPTED'
             union all
             select sku_id, target_node_id, expected_date, quantity from inventory.transfer
              where operator_org_id = $1 and sku_id = any($2) and status = 'SENT'
           ), inbound as (
             select sku_id, node_id, array_agg(ds order by ds, quantity) as dates,
                    array_agg(quantity order by ds, quantity) as quantities
               from coming group by sku_id, node_id
           ), held as (
             select sku_id, node_id,
                    sum(greatest(on_hand - reserved - quality_hold - damaged, 0))::bigint
                      as on_hand,
                    coalesce(sum(greatest(on_hand - reserved - quality_hold - damaged, 0))
                               filter (where owner_org_id = $1), 0)::bigint as movable
               from inventory.stock
              where sku_id = any($2) and kind = 'COUNTED' and operator_org_id = $1
              group by sku_id, node_id)
           select sku_id, node_id, coalesce(h.on_hand, 0) as on_hand,
                  coalesce(h.movable, 0) as movable,
                  coalesce(i.dates, '{}') as dates, coalesce(i.quantities, '{}') as quantities
             from held h full join inbound i using (sku_id, node_id)
            order by sku_id, node_id""",
        org_id,
        sku_ids,
    )


async def list_positions_as_of(
    db: Reader, org_id: UUID, sku_ids: list[UUID], as_of: dt.datetime
) -> list[PositionRow]:
    """The same as it was at a past instant: stock from movements, orders by their dates."""
    return await db.rows(
        PositionRow,
        """with coming as (
             select l.sku_id, o.node_id, o.expected_date as ds, l.quantity
               from procurement.purchase_order_line l
               join procurement.purchase_order o on o.id = l.purchase_order_id
              where l.sku_id = any($2) and o.operator_org_id = $1 and o.issued_at < $3
                and (o.received_at is null or o.received_at >= $3)
                and o.status not in ('PROPOSED', 'REFUSED', 'EXPIRED', 'CANCELLED')
              union all
             select sku_id, target_node_id, expected_date, quantity from inventory.transfer
              where operator_org_id = $1 and sku_id = any($2) and sent_at < $3
                and (ended_at is null or ended_at >= $3)
           ), inbound as (
             select sku_id, node_id, array_agg(ds order by ds, quantity) as dates,
                    array_agg(quantity order by ds, quantity) as quantities
               from coming group by sku_id, node_id
           ), held as (
             select m.sku_id, m.node_id,
                    greatest(sum(m.on_hand - m.reserved - m.quality_hold - m.damaged), 0)::bigint
                      as on_hand
               from inventory.movement m
               join inventory.stock s using (sku_id, node_id, owner_org_id)
              where m.sku_id = any($2) and m.at < $3 and s.kind = 'COUNTED'
                and m.operator_org_id = $1
              group by m.sku_id, m.node_id)
           select sku_id, node_id, coalesce(h.on_hand, 0) as on_hand, 0::bigint as movable,
                  coalesce(i.dates, '{}') as dates, coalesce(i.quantities, '{}') as quantities
             from held h full join inbound i using (sku_id, node_id)
            order by sku_id, node_id""",
        org_id,
        sku_ids,
        as_of,
    )


async def list_offers(db: Reader, sku_ids: list[UUID], *, on: dt.date) -> list[OfferRow]:
    """Offers to the operator that hold on a day, with the seller's lead time.

    An offer's own lead time replaces the mean, and the 95 % point keeps its distance.
    """
    return await db.rows(
        OfferRow,
        """select o.sku_id, o.id as offer_id, o.supplier_org_id, s.code as supplier, s.tier,
                  o.currency, o.moq, k.pack_size, k.uom, b.starts, b.prices,
                  coalesce(o.lead_time_days, s.lead_time_days_mean) as lead_time_days_mean,
                  coalesce(o.lead_time_days, s.lead_time_days_mean)
                    + greatest(s.lead_time_days_p95 - s.lead_time_days_mean, 0)
                    as lead_time_days_p95
             from catalog.offer o
             join catalog.sku k on k.id = o.sku_id
             join suppliers.supplier s on s.org_id = o.supplier_org_id
             join lateral (
               select array_agg(quantity_from order by quantity_from) as starts,
                      array_agg(unit_price order by quantity_from) as prices
                 from catalog.offer_break where offer_id = o.id) b on b.starts is not null
            where o.sku_id = any($1) and o.audience = 'OPERATOR' and o.valid_from <= $2
              and (o.valid_until is null or o.valid_until >= $2)
            order by o.sku_id, s.code, o.currency""",
        sku_ids,
        on,
    )


async def list_buyers_prices(db: Reader, sku_ids: list[UUID], *, on: dt.date) -> list[PriceRow]:
    """What buyers pay the operator for a first unit, the lowest currency code first."""
    return await db.rows(
        PriceRow,
        """select o.sku_id, o.currency, b.unit_price, k.uom
             from catalog.offer o
             join catalog.sku k on k.id = o.sku_id
             join lateral (select unit_price from catalog.offer_break
                            where offer_id = o.id order by quantity_from limit 1) b on true
            where o.sku_id = any($1) and o.audience = 'BUYERS' and o.valid_from <= $2
              and (o.valid_until is null or o.valid_until >= $2)
            order by o.sku_id, o.currency, o.supplier_org_id""",
        sku_ids,
        on,
    )


async def list_promotions(
    db: Reader, org_id: UUID, sku_ids: list[UUID], *, since: dt.date, until: dt.date
) -> list[PromotionRow]:
    """Promotions of some SKUs that touch a span: planned ones are known ahead."""
    return await db.rows(
        PromotionRow,
        """select sku_id, node_id, starts, ends from planning.promotion
            where org_id = $1 and sku_id = any($2) and ends >= $3 and starts <= $4
            order by sku_id, starts, node_id nulls first, kind""",
        org_id,
        sku_ids,
        since,
        until,
    )


async def list_overrides(
    db: Reader, org_id: UUID, sku_ids: list[UUID], *, since: dt.date, as_of: dt.datetime
) -> list[OverrideRow]:
    """Overrides of some SKUs that stood at an instant and end on a day or later."""
    return await db.rows(
        OverrideRow,
        """select sku_id, node_id, starts, ends, factor from planning.demand_override
            where org_id = $1 and sku_id = any($2) and ends >= $3 and created_at <= $4
              and (withdrawn_at is null or withdrawn_at > $4)
            order by sku_id, node_id, starts, ends, id""",
        org_id,
        sku_ids,
        since,
        as_of,
    )


async def list_events(
    db: Reader, org_id: UUID, *, since: dt.date, until: dt.date
) -> list[EventRow]:
    """Calendar events of a span, both days included."""
    return await db.rows(
        EventRow,
        """select ds, kind, name from planning.calendar_event
            where org_id = $1 and ds between $2 and $3 order by ds, kind, name limit 20000""",
        org_id,
        since,
        until,
    )


async def read_rates(db: Reader, currency: str, *, on: dt.date) -> dict[str, float]:
    """What one unit of each currency is in another, directly or by the inverse rate.

    By the newest rate of every pair on or before a day.
    """
    rows = await db.rows(
        RateRow,
        """select distinct on (base, quote) base, quote, rate from trade.fx_rate where ds <= $1
            order by base, quote, ds desc, source limit 1000""",
        on,
    )
    found = {currency: 1.0}
    for row in rows:
        if row.base == currency:
            found.setdefault(row.quote, 1.0 / float(row.rate))
    return found | {row.base: float(row.rate) for row in rows if row.quote == currency}


async def longest_lead_days(db: Reader) -> float:
    """The longest 95 % lead time of any supplier or offer, with the slowest lane, in days."""
    found = await db.value(
        """select (select coalesce(max(greatest(s.lead_time_days_p95, coalesce(o.slowest, 0)
                            + s.lead_time_days_p95 - s.lead_time_days_mean)), 14)
                     from suppliers.supplier s
                     left join (select supplier_org_id, max(lead_time_days) as slowest
                                  from catalog.offer where audience = 'OPERATOR'
                                 group by supplier_org_id) o on o.supplier_org_id = s.org_id)
                + (select coalesce(max(p90), 0) from (
                     select min(l.transit_days_p90) as p90 from trade.lane l
                       join trade.node h on h.id = l.node_id and h.country = 'CN'
                      where l.country in (select country from trade.node
                                           where kind <> 'FACTORY' and country <> 'CN')
                      group by l.country) lanes)"""
    )
    return float(found)


async def find_unplanned(
    db: Reader, org_id: UUID, *, since: dt.date, cut_off: dt.date
) -> Unplanned:
    """Counted stock above zero at the network's nodes without any demand in the span."""
    return await db.get(
        Unplanned, "stock", org_id,
        """with idle as (
             select k.code || '@' || n.code as series from inventory.stock s
               join catalog.sku k on k.id = s.sku_id
               join trade.node n on n.id = s.node_id
              where s.kind = 'COUNTED' and s.on_hand > 0 and s.operator_org_id = $1
                and not exists (select from planning.demand d
                                 where d.sku_id = s.sku_id and d.node_id = s.node_id
                                   and d.org_id = $1 and d.ds between $2 and $3))
           select (select count(*) from idle) as count,
                  coalesce((select array_agg(series) from (
                    select series from idle order by series limit 5) x), '{}') as examples""",
        org_id, since, cut_off,
    )  # fmt: skip


async def count_declared(db: Reader, org_id: UUID) -> int:
    """Positions of declared stock above zero."""
    found: int = await db.value(
        """select count(*) from inventory.stock
            where kind = 'DECLARED' and on_hand > 0 and operator_org_id = $1""",
        org_id,
    )
    return found


async def has_rows(
    db: Reader, org_id: UUID, *, since: dt.date, until: dt.date, at_least: int
) -> bool:
    """Whether a span has so many rows of demand; it does not count further."""
    found: int = await db.value(
        """select count(*) from (select from planning.demand
            where org_id = $1 and ds between $2 and $3 limit $4) d""",
        org_id,
        since,
        until,
        at_least,
    )
    return found >= at_least
