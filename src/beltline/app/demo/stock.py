"""What stands where and what is under way: generated around the recent demand of each series."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import msgspec
import polars as pl

from beltline.app.demo import chance
from beltline.app.demo.history import History
from beltline.app.demo.network import OPERATOR
from beltline.app.demo.rows import OpenOrderRow, PromotionRow, StockRow, SupplierRow
from beltline.app.demo.terms import Article, cents

RECENT_DAYS: Final = 28

# Share of series that start short and overstocked; the rest start well covered.
SHORT_SHARE: Final = 0.18
OVER_SHARE: Final = 0.15

# Share of short and of other series with a purchase order under way.
ORDERED_SHORT_SHARE: Final = 0.18
ORDERED_SHARE: Final = 0.02

PROMOTIONS: Final = 60


class Series(msgspec.Struct, frozen=True):
    """A SKU at a demand node with its recent mean demand a day."""

    article: Article
    node: str
    daily: float

    @property
    def key(self) -> tuple[str, str]:
        """What the draws of this series depend on."""
        return self.article.sku.code, self.node


def series(history: History, articles: Mapping[str, Article]) -> tuple[Series, ...]:
    """Every series of the history; `articles` are keyed by source product."""
    since = history.latest - timedelta(days=RECENT_DAYS - (1 if history.frequency == "D" else 7))
    recent = (
        history.demand.group_by("source", "node")
        .agg(pl.col("y").filter(pl.col("ds") >= since).sum())
        .sort("source", "node")
    )
    found = (
        Series(articles[source], node, units / RECENT_DAYS)
        for source, node, units in recent.iter_rows()
    )
    return tuple(sorted(found, key=lambda one: one.key))


def is_short(one: Series, seed: int) -> bool:
    """Whether this series starts below what its lead time needs."""
    return chance.unit(seed, "cover", *one.key) < SHORT_SHARE


def counted(found: Sequence[Series], seed: int) -> Iterator[StockRow]:
    """The operator's own stock at the demand nodes: some short, some fine, some too much."""
    for one in found:
        units = math.ceil(one.daily * cover_days(one, seed))
        yield StockRow(one.article.sku.code, one.node, OPERATOR, "COUNTED", units, 1)


def cover_days(one: Series, seed: int) -> float:
    """Days of recent demand on hand."""
    lead = one.article.supplier.lead_time_days_mean
    within = chance.unit(seed, "within", *one.key)
    if is_short(one, seed):
        return 0.5 * lead * within
    if chance.unit(seed, "cover", *one.key) >= 1 - OVER_SHARE:
        return 90 + 110 * within
    return 1.2 * lead + 7 + 21 * within


def declared(
    articles: Sequence[Article], at: Sequence[SupplierRow], seed: int
) -> Iterator[StockRow]:
    """What the declaring factories say they hold of their own goods, in whole packs."""
    codes = {row.code for row in at}
    for article in articles:
        owner = article.supplier.code
        if owner in codes:
            packs = chance.between(seed, 0, 60, "declared", article.sku.code)
            units = packs * article.sku.pack_size
            yield StockRow(article.sku.code, f"FAC-{owner}", owner, "DECLARED", units, 1)


def open_orders(found: Sequence[Series], today: date, seed: int) -> Iterator[OpenOrderRow]:
    """Purchase orders under way, one number for each supplier and node; some are overdue."""
    numbers: dict[tuple[str, str], str] = {}
    for one in found:
        share = ORDERED_SHORT_SHARE if is_short(one, seed) else ORDERED_SHARE
        if chance.unit(seed, "ordered", *one.key) >= share:
            continue
        article = one.article
        maker = article.supplier
        number = numbers.setdefault((maker.code, one.node), f"PO-D{len(numbers) + 1:04d}")
        age = chance.between(seed, 1, maker.lead_time_days_mean + 3, "age", number)
        ordered = today - timedelta(days=age)
        yield OpenOrderRow(
            number=number,
            supplier=maker.code,
            sku=article.sku.code,
            node=one.node,
            quantity=order_quantity(one),
            unit_price=article.cost_cny,
            currency="CNY",
            ordered_date=ordered,
            expected_date=ordered + timedelta(days=maker.lead_time_days_mean),
        )


def order_quantity(one: Series) -> int:
    """One and a half lead times of demand, in whole packs, and at least the minimum."""
    article = one.article
    wanted = one.daily * article.supplier.lead_time_days_mean * 1.5
    packs = math.ceil(wanted / article.sku.pack_size)
    return max(article.moq, packs * article.sku.pack_size)


def promotions(articles: Sequence[Article], today: date, seed: int) -> Iterator[PromotionRow]:
    """Generated price cuts of the next weeks, 15 % for a week, for some of the SKUs."""
    drawn = sorted(articles, key=lambda one: chance.unit(seed, "promoted", one.sku.code))
    for article in drawn[:PROMOTIONS]:
        starts = today + timedelta(days=chance.between(seed, 3, 35, "starts", article.sku.code))
        yield PromotionRow(
            sku=article.sku.code,
            node="",
            starts=starts,
            ends=starts + timedelta(days=6),
            kind="DISCOUNT",
            price=cents(article.price_usd * Decimal("0.85")),
        )
