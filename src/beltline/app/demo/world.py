"""Builds the demo world: one import file for each dataset, and the facts about them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from beltline.app.demo import (
    belts,
    facts,
    files,
    goods,
    journey,
    network,
    stock,
    story,
    tafeng,
    terms,
)
from beltline.app.demo.cartons import cartons
from beltline.app.demo.facts import Area, DatasetFile, World, WorldFacts
from beltline.app.demo.history import CNY_PER_USD, DEMAND_NODES, History
from beltline.app.demo.lanes import lanes
from beltline.app.demo.levies import low_values, vat_rates
from beltline.app.demo.rates import rates
from beltline.app.demo.rows import (
    CartonRow,
    ClosureRow,
    EventRow,
    LaneRow,
    LowValueRow,
    NodeRow,
    OfferRow,
    OpenOrderRow,
    ProductRow,
    PromotionRow,
    RateRow,
    SkuRow,
    SourceRow,
    StockRow,
    SupplierRow,
    ValuationRow,
    VatRow,
)
from beltline.app.demo.valuations import valuations

SEED: Final = 20_010_124

STORY_MARGIN: Final = Decimal("1.1")

# Share of the work that is done (0 to 1), and a sentence that says what comes next.
Progress = Callable[[float, str], None]


class Network(msgspec.Struct, frozen=True):
    """Everything the files are written from."""

    models: tuple[goods.Model, ...]
    suppliers: tuple[SupplierRow, ...]
    by_belt: dict[str, list[SupplierRow]]
    declaring: tuple[SupplierRow, ...]
    nodes: tuple[NodeRow, ...]
    products: tuple[ProductRow, ...]
    articles: tuple[terms.Article, ...]
    by_source: dict[str, terms.Article]
    extras: tuple[story.Extra, ...]


def build(
    target: Path, *, today: date, world: World, seed: int = SEED, progress: Progress
) -> WorldFacts:
    """Write the world's files into the folder `target` (made if absent) and return its facts.

    The same `today`, `world` and `seed` give the same bytes. Raises DemoDataMissing when the
    package with the world's demand is not installed.
    """
    progress(0.0, "Reading the demand data")
    history = read(world, today, seed)
    progress(0.4, "Generating suppliers, goods and terms")
    net = generate(history, seed)
    progress(0.6, "Writing the import files")
    target.mkdir(parents=True, exist_ok=True)
    written = write(target, history, net, today, seed)
    result = WorldFacts(
        world=world,
        seed=seed,
        today=today,
        frequency=history.frequency,
        files=written,
        measured=history.measured,
        source_first=history.source_first,
        source_last=history.source_last,
        cut_days=history.cut_days,
        shift_days=history.shift_days,
        history_first=history.first,
        history_latest=history.latest,
        events=history.events,
        spring_festivals=network.spring_festivals(today),
        rates=facts.RATES,
        areas=tuple(
            Area(node, tafeng.AREAS[node] if world == "tafeng" else ()) for node in DEMAND_NODES
        ),
        notes=facts.notes(world, history),
        story=story_skus(net),
    )
    (target / "facts.json").write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2))
    progress(1.0, "The demo world is ready to import")
    return result


def read(world: World, today: date, seed: int) -> History:
    """The demand of the world, ended yesterday (or with the last full week)."""
    yesterday = today - timedelta(days=1)
    if world == "tafeng":
        return tafeng.read(until=yesterday)
    return journey.read(until=yesterday, seed=seed)


def generate(history: History, seed: int) -> Network:
    """Suppliers, products, SKUs and terms around the history."""
    table = goods.load(belts.load())
    models = goods.models(history.items, table, seed)
    rows = network.suppliers(table, seed)
    by_belt = terms.makers(rows)
    made = terms.products(models, by_belt, seed)
    days = (history.source_last - history.source_first).days + history.cut_days + 1
    articles = terms.articles(models, {row.code: maker for row, maker in made}, days, seed)
    declaring = network.declaring(rows, table)
    places = {good.belt.belt_id: good.belt for good in table}
    sources = (variant.item.source for model in models for variant in model.variants)
    return Network(
        models=models,
        suppliers=rows,
        by_belt=by_belt,
        declaring=declaring,
        nodes=network.OWN_NODES
        + tuple(network.factory_node(row, places[row.belt]) for row in declaring),
        products=tuple(row for row, _ in made) + story.products(by_belt),
        articles=articles,
        by_source=dict(zip(sources, articles, strict=True)),
        extras=story.extras(by_belt),
    )


def write(
    target: Path, history: History, net: Network, today: date, seed: int
) -> tuple[DatasetFile, ...]:
    """All files, in the order in which they can be imported."""
    found = stock.series(history, net.by_source)
    codes = {source: article.sku.code for source, article in net.by_source.items()}
    skus = [article.sku for article in net.articles] + [extra.sku for extra in net.extras]
    offers = chain(
        terms.offers(net.articles, net.by_belt, today, seed), story.offers(net.extras, today)
    )
    held = chain(
        stock.counted(found, seed),
        stock.declared(net.articles, net.declaring, seed),
        story.stock(net.extras),
    )
    promoted = chain(source_promotions(history, codes), stock.promotions(net.articles, today, seed))
    closed = network.closures(net.suppliers, today, seed)
    suppliers = files.write_suppliers(target / "suppliers.xlsx", net.suppliers, today)

    def table(
        dataset: str, columns: type[msgspec.Struct], rows: Iterable[msgspec.Struct]
    ) -> DatasetFile:
        name = f"{dataset}.csv"
        return DatasetFile(dataset, name, files.write_csv(target / name, columns, rows))

    files.write_csv(target / "sources.csv", SourceRow, source_rows(net.models))
    return (
        DatasetFile("suppliers", "suppliers.xlsx", suppliers),
        table("nodes", NodeRow, net.nodes),
        table("products", ProductRow, net.products),
        table("skus", SkuRow, skus),
        table("offers", OfferRow, offers),
        table("closures", ClosureRow, closed),
        table("stock", StockRow, held),
        DatasetFile(
            "demand",
            "demand.parquet",
            files.write_demand(target / "demand.parquet", history.demand, codes),
        ),
        table("promotions", PromotionRow, promoted),
        table("orders_open", OpenOrderRow, stock.open_orders(found, today, seed)),
        table("lanes", LaneRow, lanes(net.nodes)),
        table("rates", RateRow, rates(lanes(net.nodes), today)),
        table("cartons", CartonRow, cartons(net.nodes, today)),
        table("valuation_rules", ValuationRow, valuations()),
        table("tax_rates", VatRow, vat_rates()),
        table("low_value_rules", LowValueRow, low_values()),
        table("events", EventRow, (EventRow(e.day, e.kind, "") for e in history.events)),
    )


def source_rows(models: Sequence[goods.Model]) -> Iterable[SourceRow]:
    """Which source product stands behind which SKU."""
    for model in models:
        for variant in model.variants:
            yield SourceRow(variant.code, variant.item.source, variant.item.family)


def source_promotions(history: History, codes: dict[str, str]) -> Iterable[PromotionRow]:
    """The promotions that the source itself records."""
    if history.promotions is None:
        return
    columns = history.promotions.select(
        pl.col("source").replace_strict(codes, return_dtype=pl.String),
        "node", "starts", "ends", "kind",
    )  # fmt: skip
    for sku, node, starts, ends, kind in columns.iter_rows():
        yield PromotionRow(sku, node, starts, ends, kind, None)


def story_skus(net: Network) -> dict[str, str]:
    """The best-selling SKU with a margin of each good of the story, and the generated ones."""
    found: dict[str, str] = {}
    for article in sorted(net.articles, key=lambda one: (-one.daily, one.sku.code)):
        # Some real products sold below their cost; the story is no place for them.
        earns = article.price_usd * CNY_PER_USD > article.cost_cny * STORY_MARGIN
        if article.good.code in goods.STORY and earns:
            found.setdefault(article.good.code, article.sku.code)
    return found | {
        "FABRIC": "FABRIC-0001", "FLASKLOGO": "FLASKLOGO-0001", "JEWELDS": "JEWELDS-0001",
    }  # fmt: skip
