"""M5: accuracy and cost of `beltline forecast` at past origins, by the official scorer.

Each origin is forecast by the command itself, in a process of its own: a long file of 1,096 days
of 30,490 series goes in, all twelve levels come out, and the 28 days after the origin are scored
(WRMSSE and WSPL over 42,840 series, as in the competition) beside last week's values repeated.
`python -m bench.m5 --origin 1885 --effort fast` runs one. No day after 1941 is ever read. The data
lies beside the repository and is not part of it; where it is absent the bench says so.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import polars as pl

from beltline.science.forecast import QUANTILES
from beltline.science.keys import Doubles, Floats
from bench.table import Row

DATA = Path(__file__).parents[2] / "shared" / "data" / "m5"
FIRST_DATE = date(2011, 1, 29)
LATEST_DAY = 1941
HORIZON = 28
HISTORY = 1096
GOAL_ORIGINS = (1577, 1885, 1913)
ATTRIBUTES = ("item_id", "dept_id", "cat_id", "store_id", "state_id")
STATES = ("CA", "TX", "WI")
GOALS = {
    ("fast", "WRMSSE"): 0.565, ("fast", "WSPL"): 0.154, ("high", "WRMSSE"): 0.540,
    ("high", "WSPL"): 0.149, ("fast", "seconds"): 300.0, ("high", "seconds"): 2700.0,
}  # fmt: skip
MOST_BYTES = 8 * 2**30


class Score(msgspec.Struct, frozen=True):
    """One method at one origin: errors by level, bias of the total, cost of its process."""

    origin: int
    method: str
    wrmsse: list[float]
    wspl: list[float]
    bias: float
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0


def main() -> int:
    """Print the scores of one origin or more; 2 where the data is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origin", type=int, action="append")
    parser.add_argument("--effort", choices=("fast", "high"), default="fast")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--csv", action="store_true", help="hand the history over as CSV")
    parser.add_argument("--keep", type=Path, help="where to leave the answers")
    chosen = parser.parse_args()
    if not (DATA / "m5score.py").exists():
        print(f"the M5 data is absent: {DATA}", file=sys.stderr)
        return 2
    for origin in chosen.origin or (1885,):
        for score in measure(origin, chosen.effort, chosen.seed, csv=chosen.csv, keep=chosen.keep):
            _print(score)
    return 0


def rows() -> Iterator[Row]:
    """The origins of the goals with `--effort fast`, and their means."""
    if not (DATA / "m5score.py").exists():
        yield Row(what="M5", method="data absent", value=None, note=DATA.name)
        return
    scores = [s for origin in GOAL_ORIGINS for s in measure(origin, "fast", 0)]
    yield from told(scores)


def told(scores: Sequence[Score], seeds: str = "0") -> Iterator[Row]:
    """Rows of the page: each origin, then the mean of each method over them."""
    for method in dict.fromkeys(s.method for s in scores):
        own = [s for s in scores if s.method == method]
        effort = method.split()[-1]
        for name, of in (("WRMSSE", lambda s: np.mean(s.wrmsse)), ("WSPL", _mean_wspl)):
            if name == "WSPL" and not own[0].wspl:
                continue  # a point without a distribution
            values = [float(of(s)) for s in own]
            for score, value in zip(own, values, strict=True):
                note = f"bias of the total {100 * score.bias:+.1f} %" if name == "WRMSSE" else ""
                yield Row(what=f"{name}, 28 days after d_{score.origin}", method=method,
                          value=value, seeds=seeds, note=note)  # fmt: skip
            goal = GOALS.get((effort, name))
            yield Row(what=f"{name}, mean of {len(own)} origins", method=method,
                      value=float(np.mean(values)), seeds=seeds,
                      goal="" if goal is None else f"<= {goal}",
                      met=None if goal is None else bool(np.mean(values) <= goal))  # fmt: skip
        if own[0].wall_s:
            yield from _cost(own, method, effort)


def measure(
    origin: int, effort: str, seed: int, *, csv: bool = False, keep: Path | None = None
) -> list[Score]:
    """Scores of last week's values and of the command at one origin."""
    world = World(origin)
    naive = world.score("last week repeated", world.naive(), None)
    with tempfile.TemporaryDirectory(dir=keep) as folder:
        files = world.write(Path(folder), "csv" if csv else "parquet")
        out = Path(folder) / "out.parquet"
        command = [
            sys.executable, "-m", "beltline", "forecast", str(files[0]), "-o", str(out),
            "--horizon", str(HORIZON), "--freq", "D", "--static", str(files[1]),
            "--future", str(files[2]), "--effort", effort, "--seed", str(seed),
        ]  # fmt: skip
        for columns in world.columns:
            command += ["--aggregate", ",".join(columns)]
        cost = _run(command, folder)
        answer = pl.read_parquet(out)
        if keep is not None:
            answer.write_parquet(keep / f"{origin}-{effort}-{seed}.parquet")
    mean, quantiles = world.read(answer)
    ours = world.score(f"beltline forecast {effort}", mean, quantiles)
    return [naive, msgspec.structs.replace(ours, **cost)]


class World:
    """The files of one origin and the scorer of the days after it."""

    def __init__(self, origin: int) -> None:
        """Read the data; `scorer` sees the actuals, the files end at the origin."""
        self.origin = origin
        scorer = _load_scorer()
        sales = pl.concat([pl.read_parquet(DATA / f"sales_train_{s}.parquet") for s in STATES])
        self.ids = sales.select("id", *ATTRIBUTES).with_columns(pl.all().cast(pl.String))
        last = min(origin + HORIZON, LATEST_DAY)
        self.sold = sales.select(f"d_{d}" for d in range(1, last + 1)).to_numpy()
        self.calendar = (
            pl.read_parquet(DATA / "calendar.parquet")
            .with_columns(pl.col("d").str.slice(2).cast(pl.Int32).alias("day"))
            .sort("day")
            .filter(pl.col("day").is_between(origin - HISTORY + 1, origin + HORIZON))
        )
        self.price = _prices(self.ids, self.calendar["wm_yr_wk"].to_numpy())
        latest = np.nan_to_num(self.price[:, HISTORY - 28 : HISTORY])
        revenue = (latest * self.sold[:, origin - 28 : origin]).sum(axis=1)
        self.scorer = scorer.M5(self.sold.astype(np.int32), self.ids, revenue, origin)
        unsold = ~(self.scorer.mse > 0)
        self.scorer.mse[unsold] = self.scorer.mae[unsold] = 1.0
        self.columns: list[list[str]] = list(scorer.LV[1:-1])

    def naive(self) -> Floats:
        """The last week repeated."""
        latest = self.sold[:, self.origin - 7 : self.origin]
        return np.asarray(latest[:, np.arange(HORIZON) % 7], np.float32)

    def write(self, folder: Path, ending: str) -> list[Path]:
        """DEMAND up to the origin, ITEMS, and KNOWN of the days after it."""
        history = self._long(0, HISTORY).with_columns(
            y=pl.Series(self.sold[:, self.origin - HISTORY : self.origin].ravel())
        )
        history = history.filter(pl.col("price").is_not_null())  # on sale
        tables = {
            f"demand.{ending}": history,
            "items.parquet": self.ids.select(pl.col("id").alias("unique_id"), *ATTRIBUTES),
            "known.parquet": self._long(HISTORY, HORIZON),
        }
        for name, table in tables.items():
            if name.endswith("csv"):
                table.write_csv(folder / name)
            else:
                table.write_parquet(folder / name)
        return [folder / name for name in tables]

    def read(self, answer: pl.DataFrame) -> tuple[Floats, Floats]:
        """Means of the series, and quantiles of all levels, as the scorer numbers them."""
        names = [f"q{q:g}" for q in QUANTILES]
        whole = np.zeros((len(self.scorer.lev), HORIZON, len(QUANTILES)), np.float32)
        mean = np.zeros((len(self.ids), HORIZON), np.float32)
        levels = [([], "total"), *((c, ",".join(c)) for c in self.columns), (["id"], "item")]
        for k, (columns, level) in enumerate(levels):
            part = answer.filter(level=level).sort("unique_id", "ds")
            keys = part["unique_id"].unique(maintain_order=True)
            member = self.scorer.A[np.flatnonzero(self.scorer.lev == k + 1)].tocsr()
            first = member.indices[member.indptr[:-1]]
            own = _labels(self.ids, columns)[pl.Series(first)]
            at = pl.DataFrame({"key": own}).join(
                pl.DataFrame({"key": keys}).with_row_index("at"), on="key", how="left",
                maintain_order="left",
            )["at"].to_numpy()  # fmt: skip
            shape = (len(keys), HORIZON, len(names))
            whole[self.scorer.lev == k + 1] = part.select(names).to_numpy().reshape(shape)[at]
            if level == "item":
                mean[first] = part["mean"].to_numpy().reshape(-1, HORIZON)[at]
        return mean, whole

    def score(self, method: str, mean: Floats, quantiles: Floats | None) -> Score:
        """Scores of means (series, as the files are sorted) and quantiles (all levels)."""
        _, errors = self.scorer.wrmsse(mean.astype(np.float64))
        spread = [] if quantiles is None else self.scorer.wspl(quantiles)[1].tolist()
        bias = float(mean.sum(dtype=np.float64) / self.scorer.act[0].sum() - 1)
        return Score(
            origin=self.origin, method=method, wrmsse=errors.tolist(), wspl=spread, bias=bias
        )

    def _long(self, first: int, count: int) -> pl.DataFrame:
        """Rows of `count` days from place `first` of the calendar on, for every series."""
        days = self.calendar[first : first + count]
        place = np.tile(np.arange(count), len(self.ids))
        events = ("event_name_1", "event_type_1", "event_name_2")
        told = {
            name: days[name].cast(pl.String).replace(["NA", "nan"], None).gather(place)
            for name in events
        }
        state = self.ids["state_id"].to_numpy()
        snap = np.stack([days[f"snap_{s}"].to_numpy() for s in STATES])
        begin = FIRST_DATE + timedelta(days=self.origin - HISTORY + first)
        dates = pl.Series([begin + timedelta(days=k) for k in range(count)], dtype=pl.Date)
        price = pl.Series(self.price[:, first : first + count].ravel()).fill_nan(None)
        return pl.DataFrame(
            {
                "unique_id": self.ids["id"].gather(np.repeat(np.arange(len(self.ids)), count)),
                "ds": dates.gather(place),
                "price": price,
                "snap": snap[[STATES.index(s) for s in state]].ravel().astype(np.int8),
                **told,
            }
        )


def _run(command: Sequence[str], folder: str) -> dict[str, Any]:
    """Run the command with two threads; its seconds, CPU seconds and largest memory."""
    began = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, cwd=folder,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
    )  # fmt: skip
    peak = 0
    while not (done := os.wait4(child.pid, os.WNOHANG))[0]:
        # ru_maxrss of a child begins with the memory of its parent: ask the kernel instead.
        peak = max(peak, _high_water(child.pid))
        time.sleep(0.2)
    _, status, used = done
    if status != 0:
        raise RuntimeError(f"the command failed: {' '.join(command[:6])}")
    return {
        "wall_s": time.perf_counter() - began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_bytes": peak,
    }


def _high_water(pid: int) -> int:
    """Largest resident memory of a process so far, in bytes (0 when it has just ended)."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    lines = [line.split()[1] for line in told.splitlines() if line.startswith("VmHWM")]
    return int(lines[0]) * 1024 if lines else 0


def _cost(own: Sequence[Score], method: str, effort: str) -> Iterator[Row]:
    goal = GOALS[effort, "seconds"]
    wall, cpu = max(s.wall_s for s in own), max(s.cpu_s for s in own)
    peak = max(s.peak_bytes for s in own)
    yield Row(what="seconds of the command, largest", method=method, value=wall, unit="s",
              goal=f"<= {goal:.0f} s", met=wall <= goal,
              note=f"{cpu:.0f} s of CPU on two cores")  # fmt: skip
    yield Row(what="memory of the command, largest", method=method, value=peak / 2**30, unit="GB",
              goal="<= 8 GB", met=peak <= MOST_BYTES)  # fmt: skip
    bias = abs(float(np.mean([s.bias for s in own])))
    yield Row(what=f"bias of the total, mean of {len(own)} origins", method=method,
              value=100 * bias, unit="%", goal="<= 3 % over six or more",
              met=bias <= 0.03 if len(own) >= 6 else None)  # fmt: skip


def _mean_wspl(score: Score) -> float:
    return float(np.mean(score.wspl)) if score.wspl else float("nan")


def _print(score: Score) -> None:
    print(
        f"{score.origin} {score.method:24s} WRMSSE {np.mean(score.wrmsse):.4f}  "
        f"WSPL {_mean_wspl(score):.4f}  bias {100 * score.bias:+.1f} %  {score.wall_s:.0f} s "
        f"({score.cpu_s:.0f} s CPU)  {score.peak_bytes / 2**30:.1f} GB"
    )
    print("  levels 1-12:", np.round(score.wrmsse, 3), np.round(score.wspl, 3), flush=True)


def _labels(ids: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Ids as the command writes them for a level."""
    if not columns:
        return pl.repeat("", len(ids), eager=True, dtype=pl.String)
    if list(columns) == ["id"]:
        return ids["id"]
    parts = [pl.format(f"{c}={{}}", pl.col(c)) for c in columns]
    return ids.select(pl.concat_str(parts, separator=",")).to_series()


def _prices(ids: pl.DataFrame, week_of_day: Doubles) -> Floats:
    weeks, place = np.unique(week_of_day, return_inverse=True)
    known = (
        pl.read_parquet(DATA / "sell_prices.parquet")
        .with_columns(pl.col("store_id", "item_id").cast(pl.String), pl.col("wm_yr_wk").cast(int))
        .join(ids.with_row_index("row"), on=["store_id", "item_id"])
        .filter(pl.col("wm_yr_wk").is_in(weeks.tolist()))
    )
    weekly = np.full((len(ids), len(weeks)), np.nan, np.float32)
    column = np.searchsorted(weeks, known["wm_yr_wk"].to_numpy())
    weekly[known["row"].to_numpy(), column] = known["sell_price"].to_numpy()
    return np.asarray(weekly[:, place], np.float32)


def _load_scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("m5score", DATA / "m5score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    raise SystemExit(main())
