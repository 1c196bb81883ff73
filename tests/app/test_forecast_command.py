"""`beltline forecast` from file to file: wrong rows by number, known future, holidays, flags."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from beltline.app.cli import main
from beltline.kit.clock import day_of, system_now
from tests.science import make


def forecast(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["forecast", *arguments])
    return int(ended.value.code or 0)


def test_wrong_rows_are_named_and_the_rest_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = make.long_frame(make.sales(6, 60)).with_columns(pl.col("ds").cast(pl.String))
    later = (day_of(system_now()) + dt.timedelta(days=700)).isoformat()
    wrong = pl.DataFrame(
        {
            "unique_id": ["S0000@HUB", "S0001@HUB", None, "S0002@HUB", "S0003@HUB"],
            "ds": [rows["ds"][0], rows["ds"][-1], rows["ds"][0], later, "2024-13-45"],
            "y": [9.0, -2.0, 1.0, 5.0, 1.0],
        }
    )
    # row numbers are those of the data: 361 is the first after six series of sixty days
    pl.concat([rows[:-1], rows[-1:], wrong]).write_csv(tmp_path / "demand.csv")
    result = tmp_path / "wrong.csv"
    asked = [str(tmp_path / "demand.csv"), "-o", str(tmp_path / "out.csv"), "--horizon", "7"]
    assert forecast(*asked, "--result", str(result), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["series"], answer["problems"]) == (6, 5)
    told = pl.read_csv(result).select("row", "code").rows()
    assert sorted(told) == [
        (361, "DUPLICATE"), (362, "NEGATIVE"), (363, "MISSING"), (364, "FUTURE_DATE"),
        (365, "MISSING"),
    ]  # fmt: skip
    out = pl.read_csv(tmp_path / "out.csv", try_parse_dates=True)
    assert out["ds"].min() == make.dates(61)[-1]
    assert forecast(*asked, "--strict", "--result", str(result)) == 1


def test_the_known_future_holidays_and_flags(tmp_path: Path) -> None:
    y = make.sales(40, 300) + 5
    y[3, -28:] *= 4
    event = [["" if k % 50 else "fair" for k in range(300)]] * 40
    frame = make.long_frame(y).with_columns(event=pl.Series([e for row in event for e in row]))
    frame.write_parquet(tmp_path / "demand.parquet")
    ahead = make.dates(314)[300:]
    known = pl.DataFrame({"ds": ahead, "event": [None] * 14}, schema_overrides={"event": pl.String})
    known.write_parquet(tmp_path / "known.parquet")
    items = pl.DataFrame({"unique_id": [f"S{i:04d}@HUB" for i in range(41)], "kind": ["a"] * 41})
    items.write_csv(tmp_path / "items.csv")
    out, flags = tmp_path / "out.parquet", tmp_path / "flags.csv"
    assert forecast(
        str(tmp_path / "demand.parquet"), "-o", str(out), "--horizon", "14", "--country", "us",
        "--static", str(tmp_path / "items.csv"), "--future", str(tmp_path / "known.parquet"),
        "--flags", str(flags), "--aggregate", "kind",
    ) == 0  # fmt: skip
    told = pl.read_parquet(out)
    assert told.filter(level="item")["unique_id"].n_unique() == 41  # one without any history
    assert told.filter(level="item", unique_id="S0040@HUB")["mean"].min() > 1
    assert "S0003@HUB" in pl.read_csv(flags).filter(code="DRIFT")["unique_id"]
    assert forecast(str(tmp_path / "demand.parquet"), "-o", str(out), "--horizon", "14",
                    "--country", "XX") == 2  # fmt: skip
