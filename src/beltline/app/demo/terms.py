"""Offers: real mean costs and prices, with generated minimums, packs and price breaks around."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from beltline.app.demo import chance
from beltline.app.demo.goods import Good, Model
from beltline.app.demo.network import OPERATOR
from beltline.app.demo.rows import OfferRow, ProductRow, SkuRow, SupplierRow

SECOND_SOURCE_SHARE: Final = 0.25

# Share of the first break's price, by multiple of the minimum (suppliers) or of a pack (buyers).
SUPPLIER_BREAKS: Final = ((1, Decimal(1)), (3, Decimal("0.97")), (10, Decimal("0.94")))
BUYER_BREAKS: Final = ((1, Decimal("0.97")), (5, Decimal("0.93")))

# Days of demand that a supplier's minimum covers.
MOQ_DAYS: Final = {"FACTORY": (10, 21), "TRADER": (5, 10), "MARKET_STALL": (2, 4)}


class Article(msgspec.Struct, frozen=True):
    """A SKU with what the rest of the world is generated from.

    `daily` is the mean demand a day over all nodes, `cost_cny` and `price_usd` are for a piece.
    """

    sku: SkuRow
    good: Good
    supplier: SupplierRow
    daily: float
    cost_cny: Decimal
    price_usd: Decimal
    moq: int


def makers(rows: Sequence[SupplierRow]) -> dict[str, list[SupplierRow]]:
    """The suppliers of each belt."""
    by_belt: dict[str, list[SupplierRow]] = {}
    for row in rows:
        by_belt.setdefault(row.belt, []).append(row)
    return by_belt


def products(
    models: Sequence[Model], by_belt: Mapping[str, Sequence[SupplierRow]], seed: int
) -> tuple[tuple[ProductRow, SupplierRow], ...]:
    """Every model with the supplier that makes it: one of its belt."""
    rows = []
    for model in models:
        maker = chance.pick(seed, by_belt[model.good.belt.belt_id], "maker", model.code)
        category = model.good.belt.category
        row = ProductRow(model.code, maker.code, category, model.title, model.title_zh)
        rows.append((row, maker))
    return tuple(rows)


def articles(
    models: Sequence[Model], owners: Mapping[str, SupplierRow], days: int, seed: int
) -> tuple[Article, ...]:
    """The SKUs of the models; `days` is the length of the source that `units` were counted in."""
    found = []
    for model in models:
        maker = owners[model.code]
        for variant in model.variants:
            sku = sku_row(model, variant.code, variant.title, variant.title_zh, seed)
            daily = variant.item.units / days
            found.append(
                Article(
                    sku=sku,
                    good=model.good,
                    supplier=maker,
                    daily=daily,
                    cost_cny=variant.item.cost_cny,
                    price_usd=variant.item.price_usd,
                    moq=minimum(maker, sku.code, sku.pack_size, daily, seed),
                )
            )
    return tuple(found)


def sku_row(model: Model, code: str, title: str, title_zh: str, seed: int) -> SkuRow:
    """A variant as SKU: the weight of its good, give or take a tenth."""
    good = model.good
    weight = round(good.weight_g * (0.9 + 0.2 * chance.unit(seed, "weight", code)))
    return SkuRow(
        code=code,
        product=model.code,
        title=title,
        title_zh=title_zh,
        uom="PAIR" if good.en.endswith(("socks", "shoes", "slippers", "gloves")) else "PIECE",
        pack_size=good.pack_size,
        weight_g=weight,
        length_mm=good.length_mm,
        width_mm=good.width_mm,
        height_mm=good.height_mm,
        cargo_class=good.cargo_class,
        hs_code=good.hs4,
    )


def minimum(maker: SupplierRow, sku: str, pack_size: int, daily: float, seed: int) -> int:
    """A minimum of whole packs that covers some days or weeks of demand, by kind of supplier."""
    days = chance.between(seed, *MOQ_DAYS[maker.kind], "moq", maker.code, sku)
    return pack_size * max(1, round(daily * days / pack_size))


def offers(
    found: Sequence[Article],
    by_belt: Mapping[str, Sequence[SupplierRow]],
    today: date,
    seed: int,
) -> Iterator[OfferRow]:
    """Every SKU's offer of its maker, of a second source (one in four), and to the buyers."""
    for article in found:
        yield from supplier_offer(article, article.supplier, article.cost_cny, today, seed)
        other = second_source(article, by_belt, seed)
        if other is not None:
            factor = Decimal(chance.between(seed, 96, 112, "second", article.sku.code)) / 100
            cost = cents(article.cost_cny * factor)
            yield from supplier_offer(article, other, cost, today, seed)
        yield from buyer_offer(article, today)


def second_source(
    article: Article, by_belt: Mapping[str, Sequence[SupplierRow]], seed: int
) -> SupplierRow | None:
    """Another supplier of the belt that makes the same item, for a quarter of the SKUs."""
    code = article.sku.code
    if chance.unit(seed, "has second", code) >= SECOND_SOURCE_SHARE:
        return None
    others = [row for row in by_belt[article.good.belt.belt_id] if row != article.supplier]
    return chance.pick(seed, others, "second", code) if others else None


def supplier_offer(
    article: Article, seller: SupplierRow, cost: Decimal, today: date, seed: int
) -> Iterator[OfferRow]:
    """What a supplier asks of the operator, in CNY; later breaks are multiples of the minimum."""
    key = (seller.code, article.sku.code)
    moq = article.moq
    if seller != article.supplier:
        moq = minimum(seller, article.sku.code, article.sku.pack_size, article.daily, seed)
    to_order = seller.kind == "FACTORY" and chance.unit(seed, "to order", *key) < 0.25
    extra = chance.between(seed, 4, 10, "production", *key) if to_order else 0
    for multiple, share in SUPPLIER_BREAKS:
        yield OfferRow(
            supplier=seller.code,
            sku=article.sku.code,
            audience="OPERATOR",
            currency="CNY",
            quantity_from=moq * multiple,
            unit_price=cents(cost * share),
            moq=moq,
            availability="MADE_TO_ORDER" if to_order else "SPOT",
            sales_model="OWNED",
            lead_time_days=seller.lead_time_days_mean + extra,
            valid_from=today - timedelta(days=60),
            valid_until=today + timedelta(days=300),
            tax_basis=tax_basis(seller, seed),
        )


def buyer_offer(article: Article, today: date) -> Iterator[OfferRow]:
    """What the operator asks of buyers, in USD: from one piece on, cheaper by the pack."""
    pack = article.sku.pack_size
    breaks = {1: Decimal(1)}
    breaks.update((pack * packs, share) for packs, share in BUYER_BREAKS if pack * packs > 1)
    for quantity, share in breaks.items():
        yield OfferRow(
            supplier=OPERATOR,
            sku=article.sku.code,
            audience="BUYERS",
            currency="USD",
            quantity_from=quantity,
            unit_price=cents(article.price_usd * share),
            moq=1,
            availability="SPOT",
            sales_model="OWNED",
            lead_time_days=1,
            valid_from=today - timedelta(days=60),
            valid_until=None,
            tax_basis="NONE",
        )


def tax_basis(seller: SupplierRow, seed: int) -> str:
    """Stalls give no fapiao; factories mostly give a special one, some for a surcharge."""
    if seller.kind == "MARKET_STALL":
        return "NONE"
    draw = chance.unit(seed, "fapiao", seller.code)
    if seller.kind == "TRADER":
        return "ORDINARY" if draw < 0.5 else "SPECIAL"
    return "SPECIAL" if draw < 0.75 else "SURCHARGE" if draw < 0.92 else "NONE"


def cents(amount: Decimal) -> Decimal:
    """A price to the hundredth, and at least one."""
    return max(amount.quantize(Decimal("0.01")), Decimal("0.01"))
