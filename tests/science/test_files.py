"""Files in, files out; accuracy by rolling origins, on generated and on real demand."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from beltline.science.backtest import backtest
from beltline.science.files import forecast_file
from beltline.science.forecast import Effort
from beltline.science.ordering import replenish_file
from beltline.science.panel import Freq, build_panel
from tests.science import make

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def demand() -> pl.DataFrame:
    return make.long_frame(make.sales(30, 120))


def attributes() -> pl.DataFrame:
    ids = [f"S{i:04d}@HUB" for i in range(30)]
    return pl.DataFrame(
        {
            "unique_id": ids, "state": ["CA" if i < 15 else "TX" for i in range(30)],
            "store": [f"st{i % 3}" for i in range(30)],
        }
    )  # fmt: skip


def test_every_level_series_and_day_is_there_and_sorted(demand: pl.DataFrame) -> None:
    out = forecast_file(
        demand, horizon=7, freq=Freq.DAY, static=attributes(), quantiles=(0.005, 0.5, 0.995),
        aggregates=[("state",), ("state", "store")],
    ).frame  # fmt: skip
    assert out.columns == ["level", "unique_id", "ds", "mean", "q0.005", "q0.5", "q0.995"]
    assert out.equals(out.sort("level", "unique_id", "ds"))
    counts = dict(out.group_by("level").len().iter_rows())
    assert counts == {"item": 210, "state": 14, "state,store": 42, "total": 7}
    assert "state=CA,store=st0" in out["unique_id"]
    assert out.filter(level="total")["unique_id"].unique().to_list() == [""]
    assert out.null_count().sum_horizontal()[0] == 0
    sums = out.group_by("level", "ds").agg(pl.col("mean").sum()).sort("ds", "level")
    spread = sums.group_by("ds").agg((pl.col("mean").max() / pl.col("mean").min()).alias("r"))
    assert spread["r"].max() == pytest.approx(1.0, abs=1e-4)
    assert (out["q0.005"] <= out["q0.5"]).all()
    assert (out["q0.5"] <= out["q0.995"]).all()


def test_a_bad_file_is_answered_with_its_problems(demand: pl.DataFrame) -> None:
    bad = pl.concat([demand, demand[:3], demand[5:6].with_columns(y=pl.lit(-4.0))])
    out = forecast_file(bad, horizon=3)
    assert sorted(out.problems["code"]) == ["DUPLICATE"] * 3 + ["NEGATIVE"]
    assert out.problems["row"].min() == len(demand) + 1


def test_the_same_seed_gives_the_same_file(demand: pl.DataFrame) -> None:
    one, two = (forecast_file(demand, horizon=5, seed=3).frame for _ in range(2))
    assert one.equals(two)


def items() -> pl.DataFrame:
    return attributes().with_columns(
        lead_time_periods=2, review_periods=7, holding_cost=0.05, shortage_cost=2.0,
        moq=5, pack_size=5, price_breaks=pl.lit("1:2.5;500:2.0"),
    )  # fmt: skip


def test_orders_have_the_columns_and_arrive_after_the_lead_time(demand: pl.DataFrame) -> None:
    ids = items()["unique_id"]
    rich = pl.DataFrame({"unique_id": ids, "on_hand": [0.0] * 29 + [5000.0]})
    inbound = pl.DataFrame({"unique_id": ids[:1], "arrives": [make.dates(122)[-1]],
                            "units": [5000.0]})  # fmt: skip
    stock = pl.concat([rich, inbound], how="diagonal")
    out = replenish_file(demand, stock, items(), freq=Freq.DAY)
    assert out.frame.columns == [
        "unique_id", "units", "arrives", "order_up_to", "expected_cost", "p_stockout", "why",
    ]  # fmt: skip
    assert out.frame["unique_id"].to_list() == ids.to_list()
    assert out.frame["arrives"].unique().to_list() == [make.dates(123)[-1]]
    assert (out.frame["units"] % 5 == 0).all()
    assert out.frame["units"][-1] == 0
    assert out.frame["units"][0] == 0
    assert out.frame["units"][1:-1].sum() > 100
    assert "NO_NEED" in out.frame["why"][-1]


def test_an_item_without_history_is_answered_too(demand: pl.DataFrame) -> None:
    fresh = pl.concat([items(), items()[:1].with_columns(unique_id=pl.lit("ZNEW@HUB"))])
    stock = pl.DataFrame({"unique_id": fresh["unique_id"], "on_hand": [0.0] * 31})
    out = replenish_file(demand, stock, fresh, freq=Freq.DAY, calibrate_windows=20)
    assert out.frame["unique_id"][-1] == "ZNEW@HUB"
    assert out.frame["units"][-1] > 0
    assert out.policy.shortage_factor > 0


def metrics(frame: pl.DataFrame, level: str) -> dict[str, float]:
    mean = (
        frame.filter(segment="ALL", level=level)
        .group_by("method")
        .agg(pl.col("wape", "rmsse", "bias", "pinball", "coverage_95").mean())
    )
    rows = {row["method"]: row for row in mean.iter_rows(named=True)}
    return {f"{m}_{k}": v for m, row in rows.items() for k, v in row.items() if k != "method"}


def test_seasonal_naive_is_beaten_on_generated_demand() -> None:
    frame = backtest(make.panel(300, 200), horizon=14, origins=3)
    found = metrics(frame, "item")
    assert found["model_rmsse"] < 0.8 * found["snaive_rmsse"]
    assert abs(found["model_bias"]) < 0.05
    assert 0.92 < found["model_coverage_95"] <= 1.0
    assert {"A", "B", "C", "SMOOTH", "INTERMITTENT"} <= set(frame["segment"])


def test_seasonal_naive_is_beaten_on_one_store_of_m5() -> None:
    path = DATA / "m5" / "sales_train_CA.parquet"
    if not path.exists():
        pytest.skip(f"the M5 data is absent: {path.parent} (see the data guide)")
    latest, days = 1885, 400  # only days that every forecast may learn from
    wide = pl.read_parquet(path).filter(pl.col("store_id").cast(pl.String) == "CA_1")
    wide = wide.sample(600, seed=1)
    y = wide.select(f"d_{d}" for d in range(latest - days + 1, latest + 1)).to_numpy()
    frame = make.long_frame(y.astype(np.float32))
    panel, _ = build_panel(frame, cut_off=make.dates(days)[-1], freq=Freq.DAY)
    found = backtest(panel, horizon=28, origins=2, effort=Effort.FLOOR)
    item, total = metrics(found, "item"), metrics(found, "total")
    assert item["model_rmsse"] < 0.85 * item["snaive_rmsse"]
    assert total["model_rmsse"] < 1.25 * total["snaive_rmsse"]  # no events are given here
    assert abs(item["model_bias"]) < 0.1
    assert 0.93 < item["model_coverage_95"] < 0.99


def test_weekly_sales_with_stock_flags_can_be_ordered() -> None:
    folder = DATA / "vn2_history"
    if not folder.exists():
        pytest.skip(f"the VN2 history is absent: {folder} (see the data guide)")
    keys = ["Store", "Product"]
    sales = pl.read_csv(folder / "sales.csv")[:80]
    flags = pl.read_csv(folder / "in_stock.csv")[:80]
    weeks = [c for c in sales.columns if c not in keys]
    long = sales.unpivot(weeks, index=keys, variable_name="ds", value_name="y").join(
        flags.unpivot(weeks, index=keys, variable_name="ds", value_name="in_stock"),
        on=[*keys, "ds"],
    )
    demand = long.select(
        unique_id=pl.format("{}-{}", *keys), ds=pl.col("ds").str.to_date(), y="y",
        in_stock="in_stock",
    )  # fmt: skip
    ids = demand["unique_id"].unique().sort()
    rules = pl.DataFrame({"unique_id": ids}).with_columns(
        lead_time_periods=2, review_periods=1, holding_cost=0.2, shortage_cost=1.0
    )
    stock = pl.DataFrame({"unique_id": ids, "on_hand": [0.0] * len(ids)})
    out = replenish_file(demand, stock, rules)
    assert out.problems.is_empty()
    assert out.frame["arrives"].unique().to_list() == [date(2024, 4, 29)]
    assert out.frame["units"].sum() > 0
