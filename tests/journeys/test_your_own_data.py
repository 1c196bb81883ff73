"""The commands of `docs/guides/your-own-data.md`, in its order, on sheets as people have them."""

import json
import os
import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from tests.journeys.program import ROOT, reachable_folder, run

GUIDE = ROOT / "docs" / "guides" / "your-own-data.md"
DATA = ROOT.parent / "shared" / "data"
VN2, M5 = DATA / "vn2_history", DATA / "m5"
SERIES = 60
ITEMS = 40
FIRST_DAY, LATEST_DAY = 1_514, 1_913
"""Of the M5 columns `d_1514` .. `d_1913`: the first is 2015-03-22, later ones are not opened."""
WEEK_OF_LATEST_DAY = 11_613


def commands(heading: str, until: str) -> list[str]:
    """The `beltline` lines of the guide's shell blocks between two headings."""
    text = GUIDE.read_text("utf-8")
    part = text[text.index(heading) : text.index(until)]
    blocks = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("beltline ")]


def follow(line: str, folder: Path) -> str:
    """Run a line of the guide as it stands; its stdout and stderr."""
    words = shlex.split(line)[1:]
    here = Path.cwd()
    os.chdir(folder)
    try:
        done = run(
            *words, BELTLINE_DATA=str(folder / "network"), OMP_NUM_THREADS="1",
            # Compiled once for all the commands, wherever the tests themselves keep nothing.
            PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=str(folder / "compiled"),
        )  # fmt: skip
    finally:
        os.chdir(here)
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout + done.stderr


@pytest.mark.skipif(not VN2.exists(), reason="the VN2 history is not here: ../shared/data")
def test_weekly_sales_with_flags_become_proposals() -> None:
    with reachable_folder("blown") as folder:
        sales = pl.read_csv(VN2 / "sales.csv").head(SERIES)
        sales.write_csv(folder / "sales.csv")
        pl.read_csv(VN2 / "in_stock.csv").head(SERIES).write_csv(folder / "in_stock.csv")
        state = pl.read_csv(VN2 / "initial_state.csv").head(SERIES)
        state.write_csv(folder / "initial_state.csv")
        # The competition names no suppliers: one price list, with an MOQ and a lead time.
        products = sales.select(pl.col("Product").alias("sku")).unique().sort("sku")
        products.with_columns(
            pl.lit("main-supplier").alias("supplier"), pl.lit(5.0).alias("unit_price"),
            pl.lit(12).alias("moq"), pl.lit(14).alias("lead_time_days"),
        ).write_csv(folder / "offers.csv")  # fmt: skip

        lines = commands("# Your own data", "## Days in numbered columns")
        said = {line: follow(line, folder) for line in lines}

        weeks = len(sales.columns) - 2
        imported = _only(said, "import sales.csv")
        assert f"{SERIES * weeks:,} rows, {SERIES * weeks:,} added" in imported
        assert "0 not right" in imported
        flags = _only(said, "import in_stock.csv")
        # Eight columns of the flags lie after the sales: named, not guessed at.
        assert f"{SERIES * weeks:,} changed, 0 unchanged, {SERIES * 8:,} not right" in flags
        wrong = pl.read_csv(folder / "not-right.csv")
        assert wrong["code"].unique().to_list() == ["planning.no_demand_that_day"]
        assert (folder / "demand-template.xlsx").stat().st_size > 0
        plan = _only(said, "plan")
        assert f"{SERIES} series forecast for 8 periods" in plan
        assert re.search(r"[1-9]\d* proposals to 1 suppliers\W+[\d,.]+ CNY", plan)

        again = json.loads(follow("beltline --json import sales.csv --dataset demand", folder))
        assert (again[0]["inserted"], again[0]["updated"]) == (0, 0)
        assert again[0]["unchanged"] == SERIES * weeks


@pytest.mark.skipif(not M5.exists(), reason="the M5 history is not here: ../shared/data")
def test_one_store_by_day_from_file_to_file_and_into_the_network() -> None:
    with reachable_folder("blown") as folder:
        _write_store(folder)
        owner = "beltline org create operator --kind OPERATOR --name M5 --email me@example.com"
        files, network = commands("## Days in numbered columns", "## By page and by API"), [owner]
        said = {line: follow(line, folder) for line in files[:2]}

        forecast = pl.read_csv(folder / "forecast.csv", try_parse_dates=True)
        items = forecast.filter(pl.col("level") == "item")
        assert (items["unique_id"].n_unique(), len(items)) == (ITEMS, ITEMS * 28)
        assert str(items["ds"].min()) == "2016-04-25"
        assert items.select((pl.col("q0.25") <= pl.col("q0.975")).all()).item()
        orders = pl.read_csv(folder / "orders.csv")
        assert (len(orders), orders["units"].min()) == (ITEMS, 0)
        assert orders["units"].sum() > 0
        assert "not right" not in "".join(said.values())

        said |= {line: follow(line, folder) for line in [*network, *files[2:]]}
        days = LATEST_DAY - FIRST_DAY + 1
        assert f"{ITEMS * days:,} added" in _only(said, "import sales-by-day.csv")
        plan = _only(said, "plan")
        assert "demand up to 2016-04-24" in plan
        assert f"{ITEMS} series forecast for 28 periods" in plan
        assert re.search(r"[1-9]\d* proposals to 1 suppliers", plan)


def _write_store(folder: Path) -> None:
    """Some items of one department of one store, with their prices, up to the latest day."""
    wanted = [f"d_{number}" for number in range(FIRST_DAY, LATEST_DAY + 1)]
    store = (
        pl.read_parquet(
            M5 / "sales_train_CA.parquet", columns=["item_id", "store_id", "dept_id", *wanted]
        )
        .filter((pl.col("store_id") == "CA_1") & (pl.col("dept_id") == "HOBBIES_2"))
        .head(ITEMS)
        .drop("dept_id")
        .rename({name: f"d_{at}" for at, name in enumerate(wanted, start=1)})
    )
    store.write_csv(folder / "sales-by-day.csv")
    ids = store.select(unique_id=pl.concat_str("item_id", pl.lit("@"), "store_id"))
    ids.with_columns(on_hand=pl.lit(1)).write_csv(folder / "stock.csv")
    ids.with_columns(
        lead_time_periods=pl.lit(3), review_periods=pl.lit(7), holding_cost=pl.lit(0.01),
        shortage_cost=pl.lit(1.0),
    ).write_csv(folder / "items.csv")  # fmt: skip
    prices = (
        pl.scan_parquet(M5 / "sell_prices.parquet")
        .filter((pl.col("store_id") == "CA_1") & (pl.col("wm_yr_wk") <= WEEK_OF_LATEST_DAY))
        .sort("wm_yr_wk")
        .group_by(pl.col("item_id").cast(pl.String))
        .agg(sold_at=pl.col("sell_price").last())
        .collect()
    )
    costs = (
        store.select(pl.col("item_id").cast(pl.String)).join(prices, on="item_id").sort("item_id")
    )
    bought = costs.select(
        sku="item_id", supplier=pl.lit("main-supplier"), audience=pl.lit("OPERATOR"),
        unit_price=(pl.col("sold_at") * 0.6).round(2), lead_time_days=pl.lit(3),
    )  # fmt: skip
    sold = costs.select(
        sku="item_id", supplier=pl.lit("operator"), audience=pl.lit("BUYERS"),
        unit_price=pl.col("sold_at").cast(pl.Float64).round(2),
        lead_time_days=pl.lit(0),
    )  # fmt: skip
    pl.concat([bought.cast({"unit_price": pl.Float64}), sold]).write_csv(folder / "prices.csv")


def _only(said: dict[str, str], start: str) -> str:
    """What the last command that begins like this said."""
    found = [text for line, text in said.items() if line.startswith(f"beltline {start}")]
    assert found, f"the guide has no `beltline {start}`"
    return found[-1]
