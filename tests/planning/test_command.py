"""`beltline plan`, `forecast` and `replenish`: files in and out, exit codes, what is said where."""

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from beltline.app.cli import main
from beltline.app.commands import plan as plan_commands
from beltline.app.commands.common import Call
from beltline.app.environment import read_settings
from beltline.kit.db import Database
from beltline.planning.types import NoDemand
from beltline.science.engines import LOCAL
from tests.planning.make import make_world

MONDAY = dt.date(2026, 1, 5)


def demand_rows(series: int = 12, days: int = 90) -> list[tuple[str, dt.date, int]]:
    draw = random.Random(3)
    return [
        (f"S{i}@HUB", MONDAY + dt.timedelta(days=k), draw.randrange(2 * i + 2))
        for i in range(series)
        for k in range(days)
    ]


@pytest.fixture
def demand(tmp_path: Path) -> Path:
    path = tmp_path / "demand.csv"
    pl.DataFrame(demand_rows(), schema=["unique_id", "ds", "y"], orient="row").write_csv(path)
    return path


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    """Exit code, the answer as JSON (None without one), stderr."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["--json", *map(str, arguments)])
    told = capsys.readouterr()
    code = ended.value.code
    return int(code or 0), json.loads(told.out) if told.out else None, told.err


def test_forecast_writes_every_level_and_day(
    demand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = tmp_path / "items.csv"
    items.write_text("unique_id,color\n" + "".join(
        f"S{i}@HUB,{'red' if i % 2 else 'blue'}\n" for i in range(12)
    ))  # fmt: skip
    out = tmp_path / "out.parquet"
    code, told, _ = call(
        capsys, "forecast", demand, "-o", out, "--horizon", 7, "--freq", "D", "--static", items,
        "--aggregate", "color", "--quantiles", "0.1,0.5,0.9", "--seed", 4, "--effort", "high",
    )  # fmt: skip
    assert code == 0
    # What was asked for is said, and what answered.
    assert (told["effort"], told["engine"], told["series"]) == ("high", "floor", 12)
    frame = pl.read_parquet(out)
    assert frame.columns == ["level", "unique_id", "ds", "mean", "q0.1", "q0.5", "q0.9"]
    assert dict(frame.group_by("level").len().iter_rows()) == {
        "item": 84, "color": 14, "total": 7,
    }  # fmt: skip
    assert frame["ds"].min() == MONDAY + dt.timedelta(days=90)
    assert frame.equals(frame.sort("level", "unique_id", "ds"))


def test_the_same_file_and_seed_give_the_same_file(
    demand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = [tmp_path / name for name in ("a.csv", "b.csv")]
    for out in outs:
        assert call(capsys, "forecast", demand, "-o", out, "--horizon", 3)[0] == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_rows_that_are_not_right_are_named_and_left_out(
    demand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = demand.read_text() + "S1@HUB,2026-01-05,3\nS1@HUB,2026-02-30,3\nS2@HUB,2026-04-05,-1\n"
    demand.write_text(text)
    out, result = tmp_path / "out.csv", tmp_path / "wrong.csv"
    arguments = ("forecast", demand, "-o", out, "--horizon", 3, "--freq", "D", "--result", result)
    code, told, said = call(capsys, *arguments)
    assert (code, told["problems"]) == (0, 3)
    codes = set(pl.read_csv(result)["code"])
    assert codes == {"DUPLICATE", "MISSING", "NEGATIVE"}
    assert all(word in said for word in ("DUPLICATE", "MISSING", "NEGATIVE", str(result)))
    out.unlink()
    code, told, said = call(capsys, *arguments, "--strict")
    assert (code, told, out.exists()) == (1, None, False)
    assert "nothing was written" in said


def test_headers_in_other_words_are_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "销量.csv", tmp_path / "out.csv"
    rows = [(*key.split("@"), ds, y) for key, ds, y in demand_rows(3)]
    pl.DataFrame(rows, schema=["商品编码", "仓库", "日期", "销量"], orient="row").write_csv(path)
    code, told, _ = call(capsys, "forecast", path, "-o", out, "--horizon", 3)
    assert (code, told["series"]) == (0, 3)
    assert set(pl.read_csv(out).filter(level="item")["unique_id"]) == {"S0@HUB", "S1@HUB", "S2@HUB"}


def test_replenish_keeps_moq_and_pack(
    demand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stock, items, out = (tmp_path / f"{name}.csv" for name in ("stock", "items", "out"))
    stock.write_text("unique_id,on_hand,arrives,units\n" + "".join(
        f"S{i}@HUB,{i % 3},,\n" for i in range(12)) + "S5@HUB,,2026-04-08,10000\n"
    )  # fmt: skip
    head = "unique_id,lead_time_periods,review_periods,holding_cost,shortage_cost,moq,pack_size\n"
    items.write_text(head + "".join(f"S{i}@HUB,3,7,0.01,5,20,12\n" for i in range(12)))
    code, told, _ = call(
        capsys, "replenish", "--demand", demand, "--stock", stock, "--items", items, "-o", out,
        "--seed", 1,
    )  # fmt: skip
    orders = pl.read_csv(out)
    assert (code, told["series"], len(orders)) == (0, 12, 12)
    assert orders.columns == [
        "unique_id", "units", "arrives", "order_up_to", "expected_cost", "p_stockout", "why",
    ]  # fmt: skip
    units = dict(orders.select("unique_id", "units").iter_rows())
    assert all(u == 0 or (u >= 20 and u % 12 == 0) for u in units.values())
    assert units["S11@HUB"] > 0
    assert units["S5@HUB"] == 0  # ten thousand are on their way


def test_a_file_that_lacks_a_column_is_refused(
    demand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told, said = call(
        capsys, "replenish", "--demand", demand, "--stock", demand, "--items", demand,
        "-o", tmp_path / "out.csv",
    )  # fmt: skip
    assert (code, told) == (1, None)
    assert json.loads(said)["code"] == "app.file_unusable"
    assert "on_hand" in json.loads(said)["detail"]


@pytest.mark.parametrize(
    "arguments",
    [("forecast", "nowhere.csv", "-o", "x.csv", "--horizon", "3"), ("forecast",),
     ("plan", "--engine", "abacus"), ("plan", "--cut-off", "soon"), ("replenish", "-o", "x.csv")],
)  # fmt: skip
def test_usage_errors_exit_with_two(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(capsys, *arguments)[0] == 2


def test_quantiles_must_be_shares(demand: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("forecast", demand, "-o", "x.csv", "--horizon", "3", "--quantiles")
    assert call(capsys, *arguments, "0.5,1.5")[0] == 2
    assert call(capsys, *arguments, "half")[0] == 2


async def test_plan_here_and_now(database: Database, dsn: str) -> None:
    """What `beltline plan` does once it has its database; tests/journeys runs the whole of it."""
    await make_world(database)
    ask = Call(read_settings({}, data=Path("/nowhere")), as_json=True)
    run, notes = await plan_commands._plan(
        ask, dsn, "operator", dt.date(2026, 11, 19), LOCAL, horizon=7, seed=3, budget=0.0
    )
    assert (run.state, run.cut_off, run.parameters["seed"]) == ("DONE", dt.date(2026, 11, 19), 3)
    text = plan_commands._summary(run, notes)
    assert "4 series forecast for 7 periods" in text
    assert "1 series have no valid offer to the operator" in text
    with pytest.raises(NoDemand):
        await plan_commands._plan(
            ask, dsn, "operator", dt.date(1999, 1, 1), LOCAL, horizon=7, seed=3, budget=0.0
        )
