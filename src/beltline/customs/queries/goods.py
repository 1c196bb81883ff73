"""Reads of the goods of declarations, with the rates and the rule of valuation of their day."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.customs.types import ConsignedLine, DeclaredGoods, GoodsLine
from beltline.kit.db import Reader
from beltline.trade.types.dated import LowValueRule, TaxRate, ValuationRule


class _Goods(DeclaredGoods, frozen=True):
    """Declared goods with their rates of duty, VAT, refund and VAT at home, as JSON has them."""

    rates: list[Any]


async def list_goods(
    db: Reader, declaration_ids: Sequence[UUID], *, today: dt.date, limit: int = 10_000
) -> list[GoodsLine]:
    """The goods of declarations in the order of their orders, with the rates of the day.

    The day is that on which the declaration was lodged, before that `today`.
    """
    rows = await db.rows(
        _Goods,
        """select g.journey_id, g.declaration_id, g.order_number, g.line_no, k.code as sku,
                  k.title, k.title_zh, k.uom, o.code as supplier, g.units, g.hs_code, g.cargo_class,
                  g.origin, g.net_weight_g, g.gross_weight_g, g.amount, g.currency, g.cost_amount,
                  g.cost_currency, customs.is_paid(g.order_id) as is_paid, g.departed_at,
                  g.departed_units, g.transport_document, coalesce(u.fapiaos, '{}') as fapiaos,
                  u.units::bigint as fapiao_units, u.net as fapiao_net,
                  u.currency as fapiao_currency, g.freight_amount, g.freight_currency,
                  g.freight_service, coalesce(orders.ship_to(g.order_id)->>'city', '') as city,
                  w.rates
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
            cross join lateral (
              -- As a number of JSON a percent would not stay exact.
              select jsonb_agg(to_jsonb(r) || jsonb_build_object('percent', r.percent::text)
                               order by a.n) as rates
                from (values (1, 'DUTY', f.country), (2, 'VAT', f.country),
                             (3, 'REFUND', n.country), (4, 'VAT', n.country)) as a(n, kind, country)
                left join lateral trade.tax_on(
                       g.operator_org_id, a.kind, a.country, g.hs_code, g.origin,
                       coalesce(kit.day_of(d.lodged_at), $2)) r on true) w
            where g.declaration_id = any($1) and g.units > 0
            order by g.order_number, g.line_no, g.journey_id limit $3""",
        declaration_ids, today, limit,
    )  # fmt: skip
    return [_line(row) for row in rows]


def _line(row: _Goods) -> GoodsLine:
    plain = [getattr(row, name) for name in DeclaredGoods.__struct_fields__]
    return GoodsLine(*plain, *msgspec.convert(row.rates, list[TaxRate | None]))


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


class _LowValue(LowValueRule, frozen=True, kw_only=True):
    """A rule for little worth that concerns a declaration."""

    declaration_id: UUID


async def list_low_values(
    db: Reader, declaration_ids: Sequence[UUID], *, today: dt.date
) -> dict[UUID, list[LowValueRule]]:
    """The rules of the countries of declarations for little worth, on the day of each."""
    rows = await db.rows(
        _LowValue,
        """select d.id as declaration_id, r.id, r.country, r.value_max, r.currency, r.scheme,
                  r.duty_percent, r.duty_fixed, r.vat, r.valid_from, r.valid_until, r.source, r.url
             from customs.declaration d
             join customs.file f on f.id = d.file_id
            cross join lateral trade.low_values_on(
                    d.operator_org_id, f.country, coalesce(kit.day_of(d.lodged_at), $2)) r
            where d.id = any($1) order by d.id, r.value_max, r.id""",
        declaration_ids, today,
    )  # fmt: skip
    found: dict[UUID, list[LowValueRule]] = {}
    for row in rows:
        found.setdefault(row.declaration_id, []).append(row)
    return found


class _Consigned(ConsignedLine, frozen=True, kw_only=True):
    """A line of the consignment that a declaration is part of."""

    asked_id: UUID


async def list_consignments(
    db: Reader, declaration_ids: Sequence[UUID]
) -> dict[UUID, list[ConsignedLine]]:
    """The lines of each declaration's whole file, however many declarations it has.

    A file is a consignment: goods of an order that leave a node.
    """
    rows = await db.rows(
        _Consigned,
        """select d.id as asked_id, g.declaration_id, g.hs_code, k.code as sku, g.origin,
                  g.currency, sum(g.amount)::bigint as amount
             from customs.declaration d
             join customs.goods g on g.file_id = d.file_id and g.units > 0
             join catalog.sku k on k.id = g.sku_id
             left join customs.declaration o on o.id = g.declaration_id
            where d.id = any($1)
            group by d.id, g.declaration_id, o.position, g.hs_code, k.code, g.origin, g.currency
            order by d.id, o.position, g.hs_code, k.code, g.origin, g.currency""",
        declaration_ids,
    )  # fmt: skip
    found: dict[UUID, list[ConsignedLine]] = {}
    for row in rows:
        plain = [getattr(row, name) for name in ConsignedLine.__struct_fields__]
        found.setdefault(row.asked_id, []).append(ConsignedLine(*plain))
    return found
