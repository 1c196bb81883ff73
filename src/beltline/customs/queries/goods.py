"""Reads of the goods of declarations, with the rates and the rule of valuation of their day."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.customs.types import GoodsLine, Rated
from beltline.kit.db import Reader
from beltline.trade.types.dated import ValuationRule


class _Goods(msgspec.Struct, frozen=True):
    """A goods line with its rates side by side."""

    journey_id: UUID
    declaration_id: UUID | None
    order_number: str
    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    supplier: str
    units: int
    hs_code: str
    cargo_class: str
    origin: str
    net_weight_g: int | None
    gross_weight_g: int | None
    amount: int
    currency: str
    cost_amount: int | None
    cost_currency: str | None
    is_paid: bool
    departed_at: dt.datetime | None
    departed_units: int | None
    transport_document: str
    fapiaos: list[str]
    fapiao_units: int
    fapiao_net: Decimal
    fapiao_currency: str | None
    freight_amount: int | None
    freight_currency: str | None
    freight_service: str
    city: str
    percents: list[Decimal | None]
    sources: list[str | None]
    urls: list[str | None]
    days: list[dt.date | None]


async def list_goods(
    db: Reader, declaration_ids: Sequence[UUID], *, today: dt.date, limit: int = 10_000
) -> list[GoodsLine]:
    """The goods of declarations in the order of their orders, with the rates of the day.

    The day is that on which the declaration was lodged, before that `today`.
    """
    rows = await db.rows(
        _Goods,
        """select g.journey_id, g.declaration_id, g.order_number, g.line_no, k.code as sku, k.title,
                  k.title_zh, k.uom, o.code as supplier, g.units, g.hs_code, g.cargo_class,
                  g.origin, g.net_weight_g, g.gross_weight_g, g.amount, g.currency, g.cost_amount,
                  g.cost_currency, customs.is_paid(g.order_id) as is_paid, g.departed_at,
                  g.departed_units, g.transport_document, coalesce(u.fapiaos, '{}') as fapiaos,
                  u.units::bigint as fapiao_units, u.net as fapiao_net,
                  u.currency as fapiao_currency, g.freight_amount, g.freight_currency,
                  g.freight_service, coalesce(orders.ship_to(g.order_id)->>'city', '') as city,
                  array[r1.percent, r2.percent, r3.percent, r4.percent] as percents,
                  array[r1.source, r2.source, r3.source, r4.source] as sources,
                  array[r1.url, r2.url, r3.url, r4.url] as urls,
                  array[r1.valid_from, r2.valid_from, r3.valid_from, r4.valid_from] as days
             from customs.goods g
             join customs.declaration d on d.id = g.declaration_id
             join customs.file f on f.id = g.file_id
             join trade.node n on n.id = f.node_id
             join catalog.sku k on k.id = g.sku_id
             join accounts.organization o on o.id = g.supplier_org_id
            cross join lateral (
              select coalesce(sum(x.units), 0) as units,
                     coalesce(sum(l.net_amount::numeric * x.units / l.quantity), 0) as net,
                     min(y.currency) as currency, array_agg(distinct y.number) as fapiaos
                from customs.fapiao_use x
                join customs.fapiao_line l on (l.fapiao_id, l.line_no) = (x.fapiao_id, x.line_no)
                join customs.fapiao y on y.id = x.fapiao_id
               where x.journey_id = g.journey_id) u
            cross join lateral (select kit.day_of(d.lodged_at) as lodged) w
             left join lateral trade.tax_on(g.operator_org_id, 'DUTY', f.country, g.hs_code,
                                            g.origin, coalesce(w.lodged, $2)) r1 on true
             left join lateral trade.tax_on(g.operator_org_id, 'VAT', f.country, g.hs_code,
                                            g.origin, coalesce(w.lodged, $2)) r2 on true
             left join lateral trade.tax_on(g.operator_org_id, 'REFUND', n.country, g.hs_code,
                                            g.origin, coalesce(w.lodged, $2)) r3 on true
             left join lateral trade.tax_on(g.operator_org_id, 'VAT', n.country, g.hs_code,
                                            g.origin, coalesce(w.lodged, $2)) r4 on true
            where g.declaration_id = any($1) and g.units > 0
            order by g.order_number, g.line_no, g.journey_id limit $3""",
        declaration_ids, today, limit,
    )  # fmt: skip
    return [_line(row) for row in rows]


def _line(row: _Goods) -> GoodsLine:
    rates = [
        None if percent is None or day is None else Rated(percent, source or "", url or "", day)
        for percent, source, url, day in zip(
            row.percents, row.sources, row.urls, row.days, strict=True
        )
    ]
    plain = {
        name: getattr(row, name)
        for name in GoodsLine.__struct_fields__
        if name not in {"duty", "vat", "refund", "home_vat"}
    }
    return GoodsLine(**plain, duty=rates[0], vat=rates[1], refund=rates[2], home_vat=rates[3])


class _Valued(ValuationRule, frozen=True, kw_only=True):
    """The rule that a declaration's country levies by."""

    declaration_id: UUID


async def list_valuations(
    db: Reader, declaration_ids: Sequence[UUID], *, today: dt.date
) -> dict[UUID, ValuationRule]:
    """What the countries of declarations levy on, on the day of each; those unknown left out."""
    rows = await db.rows(
        _Valued,
        """select d.id as declaration_id, r.id, r.country, r.basis, r.vat_basis, r.border_percent,
                  r.insurance_percent, r.customs_union, r.valid_from, r.valid_until, r.source,
                  r.url
             from customs.declaration d
             join customs.file f on f.id = d.file_id
            cross join lateral trade.valuation_on(
                    d.operator_org_id, f.country, coalesce(kit.day_of(d.lodged_at), $2)) r
            where d.id = any($1)""",
        declaration_ids, today,
    )  # fmt: skip
    return {row.declaration_id: row for row in rows}
