"""What a declaration's data set says, what its taxes and refunds come to; pure.

Nothing is guessed: a code, weight, rate or price that nobody entered stays empty or None, and so
does all that rests on it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from beltline.customs.types import (
    Act,
    BearerMissing,
    ConsignedLine,
    Declaration,
    Declared,
    ExportDeclaration,
    GoodsLine,
    HsLine,
    LineTax,
    LineValue,
    MoveBody,
    RefundLine,
    Worth,
)
from beltline.kit.figures import decimal_text, sum_known
from beltline.kit.money import percent_of, split, to_major, to_minor
from beltline.orders.types.landed import Cost, CostKind, DeclaredCost
from beltline.trade.types.dated import (
    SELLER_PAYS,
    CustomsValue,
    ImportTax,
    Lack,
    LowValueRule,
    Relief,
    TaxKind,
    ValuationRule,
    named_place,
    worth_of,
)


def check_move(body: MoveBody) -> None:
    """Refuse goods lost at customs with nobody to bear them."""
    if body.act in {Act.RETURN, Act.FORFEIT} and body.bearer is None:
        raise BearerMissing(param="bearer")


def export_declaration(
    d: Declaration,
    goods: Sequence[GoodsLine],
    scheme_worth: Decimal | None,
    *,
    issued_date: dt.date,
    rule: ValuationRule | None = None,
    rates: Mapping[str, Mapping[str, Decimal]] | None = None,
    low_values: Sequence[LowValueRule] = (),
    consigned: Sequence[ConsignedLine] = (),
) -> ExportDeclaration:
    """The data set of a declaration.

    `rule` is what its country levies on, `rates` give one unit of each currency in that of a line:
    without them a freight in another currency is not known. `low_values` are the country's rules
    for consignments of little worth; `consigned` are the lines of this one, also those of other
    declarations (none: it has no others).

    `scheme_worth` is what these are worth in major units of the scheme's currency, None where no
    exchange rate says so; above the scheme's limit, or unknown, the scheme is not named.
    """
    groups = _grouped(goods)
    lines = [_line(number, group) for number, group in enumerate(groups, 1)]
    values = [
        customs_value(line, group, rule, (rates or {}).get(line.currency, {}))
        for line, group in zip(lines, groups, strict=True)
    ]
    uses_scheme = bool(d.scheme) and (
        d.scheme_value_max is None
        or (scheme_worth is not None and scheme_worth <= d.scheme_value_max)
    )
    scheme = d.scheme if uses_scheme else ""
    consigned = consigned or [_consigned(d, line) for line in lines]
    worths = {
        rule.currency: worth_in(rule.currency, consigned, (rates or {}).get(rule.currency, {}))
        for rule in low_values
    }
    # While nobody knows what the goods are worth, nobody knows whether the scheme's rule holds.
    under = d.scheme if scheme_worth is None else scheme
    relief = Relief.of(low_values, worths, under)
    fixed = _fixed(relief, consigned, rates or {})
    return ExportDeclaration(
        number=d.number,
        customs_number=d.customs_number,
        state=d.state,
        issued_date=issued_date,
        mode=d.mode,
        exporter=d.exporter,
        exporter_code=d.exporter_code,
        principal=d.principal,
        incoterm=d.incoterm,
        incoterm_place=incoterm_place(d, goods),
        vat=d.vat,
        cargo_class=d.cargo_class,
        node=d.node,
        node_name=d.node_name,
        from_country=d.from_country,
        country=d.country,
        scheme=scheme,
        scheme_number=d.scheme_number if uses_scheme else "",
        orders=sorted({g.order_number for g in goods}),
        transport_documents=sorted({g.transport_document for g in goods} - {""}),
        lines=lines,
        totals=totals_of(lines),
        net_weight_g=sum_known(line.net_weight_g for line in lines),
        gross_weight_g=sum_known(line.gross_weight_g for line in lines),
        payer="" if not d.incoterm else "SELLER" if d.incoterm == SELLER_PAYS else "BUYER",
        values=[
            _value(line, group, value)
            for line, group, value in zip(lines, groups, values, strict=True)
        ],
        taxes=[
            tax
            for line, group, value in zip(lines, groups, values, strict=True)
            for tax in _taxes(line, group[0], value, relief, fixed[_consigned(d, line)])
        ],
        refunds=[refund_line(g) for g in goods] if d.vat == "REFUND" else [],
    )  # fmt: skip


def incoterm_place(d: Declaration, goods: Sequence[GoodsLine]) -> str:
    """The place after the Incoterm: the node, or the cities of the doors; empty without a term."""
    if not d.incoterm:
        return ""
    cities = sorted({g.city for g in goods} - {""})
    return named_place(
        d.incoterm, departure=f"{d.node_name}, {d.from_country}",
        destination=", ".join([*cities, d.country]),
    )  # fmt: skip


def landed_costs(declared: Iterable[Declared]) -> list[DeclaredCost]:
    """What goods of each order were declared to cost until they have arrived, in its minor units.

    Freight is that of each box. Of the taxes of a line with goods of several orders each bears its
    part by units, to the last minor unit.
    """
    units: dict[str, int] = {}
    costs: dict[str, list[Cost]] = {}
    for each in declared:
        taxes: dict[int, list[LineTax]] = {}
        for tax in each.document.taxes:
            taxes.setdefault(tax.line_no, []).append(tax)
        for line, group in zip(each.document.lines, _grouped(each.goods), strict=True):
            shares = [_shares(tax, group) for tax in taxes.get(line.line_no, [])]
            for g, *own in zip(group, *shares, strict=True):
                units[g.order_number] = units.get(g.order_number, 0) + g.units
                freight = _freight_cost(g, each.rates.get(g.currency, {}))
                found = costs.setdefault(g.order_number, [])
                found += [Cost(CostKind.GOODS, g.amount, ""), freight, *own]
    return [
        DeclaredCost(
            order, units[order],
            [Cost.sum(kind, [cost for cost in found if cost.kind is kind]) for kind in CostKind],
        )
        for order, found in costs.items()
    ]  # fmt: skip


def _freight_cost(g: GoodsLine, rates: Mapping[str, Decimal]) -> Cost:
    freight = _freight(g, g.currency, rates)
    lacks = [Lack.FREIGHT] if freight is None else []
    return Cost(CostKind.TRUNK_AND_LAST_MILE, freight, g.freight_service, lacks=lacks)


def _shares(tax: LineTax, group: Sequence[GoodsLine]) -> list[Cost]:
    """What the goods of a line bear of a tax on it."""

    def parts(amount: int | None) -> Sequence[int | None]:
        none = [None] * len(group)
        return none if amount is None else split(amount, [g.units for g in group])

    kind = {TaxKind.DUTY: CostKind.DUTY, TaxKind.VAT: CostKind.IMPORT_VAT}[tax.kind]
    return [
        Cost(kind, amount, tax.source, base, tax.lacks, tax.is_with_sale)
        for amount, base in zip(parts(tax.amount), parts(tax.base), strict=True)
    ]


def totals_of(lines: Iterable[HsLine]) -> list[Worth]:
    """What lines come to, by currency."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    return [Worth(amount, currency) for currency, amount in sorted(sums.items())]


def refund_line(g: GoodsLine) -> RefundLine:
    """The refund of a journey's units, and what is lost for those without a fapiao.

    Only what left is refunded: of fewer units than declared, the part of those. The agreed price
    holds the VAT: without a fapiao what is lost is price / (1 + VAT) x refund rate.
    """
    sent = g.units if g.departed_units is None else min(g.units, g.departed_units)
    covered = min(g.fapiao_units, sent)
    refund = lost = None
    if g.refund is not None and covered == 0:
        refund = 0
    elif g.refund is not None:
        refund = percent_of(g.fapiao_net * covered / g.fapiao_units, g.refund.percent)
    if covered == sent:
        lost = 0
    elif g.refund is not None and g.home_vat is not None and g.cost_amount is not None:
        price = Decimal(g.cost_amount) * (sent - covered) / g.units
        lost = percent_of(price * 100 / (100 + g.home_vat.percent), g.refund.percent)
    return RefundLine(
        g.order_number, g.line_no, g.sku, g.uom, sent, g.fapiaos, covered, g.is_paid,
        g.transport_document,
        covered == sent and g.is_paid and bool(g.transport_document),
        decimal_text(g.refund.percent) if g.refund else None, g.refund.source if g.refund else "",
        refund, lost,
        g.fapiao_currency or g.cost_currency,
    )  # fmt: skip


def sums_of(amounts: Iterable[tuple[int | None, str | None]]) -> list[Worth] | None:
    """What amounts come to by currency; None as long as one of them is not known."""
    sums: dict[str, int] = {}
    for amount, currency in amounts:
        if amount is None:
            return None
        if currency is not None:
            sums[currency] = sums.get(currency, 0) + amount
    return [Worth(amount, currency) for currency, amount in sorted(sums.items()) if amount]


def worth_in(
    currency: str, goods: Iterable[ConsignedLine], rates: Mapping[str, Decimal]
) -> Decimal | None:
    """What goods are worth in major units of a currency, half-even; None without a rate.

    `rates` are what one unit of each of theirs is in that.
    """
    sums: dict[str, int] = {}
    for line in goods:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    total = Decimal(0)
    for each, amount in sums.items():
        worth = worth_of(amount, each, Decimal(1) if each == currency else rates.get(each))
        if worth is None:
            return None
        total += worth
    return total


def customs_value(
    line: HsLine,
    goods: Sequence[GoodsLine],
    rule: ValuationRule | None,
    rates: Mapping[str, Decimal],
) -> CustomsValue:
    """What a line's duty is levied on, with the freight of the services its boxes go by.

    `rates` give one unit of each currency in that of the line. Freight of each box is rounded
    half-even once; no premium of an insurance is known.
    """
    freights = [_freight(g, line.currency, rates) for g in goods]
    return CustomsValue.of(line.amount, freight=sum_known(freights), insurance=None, rule=rule)


def _freight(g: GoodsLine, currency: str, rates: Mapping[str, Decimal]) -> int | None:
    if g.freight_amount is None or g.freight_currency is None:
        return None
    if g.freight_currency == currency:
        return g.freight_amount
    rate = rates.get(g.freight_currency)
    if rate is None:
        return None
    return to_minor(to_major(g.freight_amount, g.freight_currency) * rate, currency)


def _value(line: HsLine, goods: Sequence[GoodsLine], v: CustomsValue) -> LineValue:
    return LineValue(
        line.line_no, v.basis, line.currency, v.goods, v.freight, v.insurance, v.amount, v.beyond,
        sorted({g.freight_service for g in goods} - {""}), v.lacks, v.source, v.url, v.valid_from,
    )  # fmt: skip


def _consigned(d: Declaration, line: HsLine) -> ConsignedLine:
    return ConsignedLine(
        d.id, line.hs_code, line.sku, line.origin, line.currency, line.amount
    )  # fmt: skip


def _fixed(
    relief: Relief, consigned: Sequence[ConsignedLine], rates: Mapping[str, Mapping[str, Decimal]]
) -> dict[ConsignedLine, int | Lack]:
    """What each line bears of amounts for tariff codes, which all of the consignment share."""
    found: dict[ConsignedLine, int | Lack] = {}
    for currency in {line.currency for line in consigned}:
        own = [line for line in consigned if line.currency == currency]
        shares = relief.fixed_of(
            [(line.hs_code, line.amount) for line in own], currency, rates.get(currency, {})
        )
        found |= zip(own, shares, strict=True)
    return found


def _taxes(
    line: HsLine, g: GoodsLine, value: CustomsValue, relief: Relief, fixed: int | Lack
) -> list[LineTax]:
    found = ImportTax.on_import(value, g.duty, g.vat, relief, fixed=fixed)
    return [
        LineTax(
            line.line_no, tax.kind, line.currency, tax.base,
            None if tax.percent is None else decimal_text(tax.percent), tax.amount, tax.source,
            tax.url, tax.valid_from, tax.lacks, tax.fixed, tax.is_with_sale,
        )
        for tax in found
    ]  # fmt: skip


def _grouped(goods: Sequence[GoodsLine]) -> list[list[GoodsLine]]:
    """Goods that are one line: of a code, SKU, origin and currency."""
    groups: dict[tuple[str, ...], list[GoodsLine]] = {}
    for g in goods:
        groups.setdefault((g.hs_code, g.sku, g.origin, g.currency), []).append(g)
    return [groups[key] for key in sorted(groups)]


def _line(number: int, group: Sequence[GoodsLine]) -> HsLine:
    g = group[0]
    return HsLine(
        number, g.hs_code, g.sku, g.title, g.title_zh, g.origin, g.uom,
        sum(x.units for x in group), sum(x.amount for x in group), g.currency,
        sum_known(x.net_weight_g for x in group), sum_known(x.gross_weight_g for x in group),
    )  # fmt: skip
