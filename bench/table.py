"""What a benchmark tells: rows of figures, each with its interval, seeds and goal.

A benchmark is a module of this folder with `rows() -> Iterator[Row]` and a docstring whose first
line becomes the heading of its table. One that has none but a `main()` is run as a program, and
what it prints is kept as it is.
"""

from collections.abc import Iterable

import msgspec
import numpy as np


class Row(msgspec.Struct, frozen=True):
    """One figure of one method.

    `value` is None where its data is absent; `low` and `high` are the ends of a 95 % interval
    (None: not random); `seeds` what it was run with; `goal` the goal as text, empty for baselines;
    `met` whether it was reached.
    """

    what: str
    method: str
    value: float | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    seeds: str = ""
    goal: str = ""
    met: bool | None = None
    note: str = ""


def number(value: float) -> str:
    """A figure with as many digits as say something."""
    size = abs(value)
    if size >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 100 else f"{value:.4g}"


def cells(row: Row) -> list[str]:
    """What stands in the columns of `HEADINGS`."""
    interval = (
        "" if row.low is None or row.high is None else f"{number(row.low)} – {number(row.high)}"
    )
    goal = row.goal if row.met is None else f"{row.goal} ({'met' if row.met else 'missed'})"
    value = "–" if row.value is None else f"{number(row.value)} {row.unit}".strip()
    return [row.what, row.method, value, interval, row.seeds, goal, row.note]


HEADINGS = ("what", "method", "measured", "95 % interval", "seeds", "goal", "note")


def as_text(rows: Iterable[Row]) -> str:
    """The rows as columns of a terminal."""
    table = [list(HEADINGS), *(cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in table) for k in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )


def as_markdown(rows: Iterable[Row]) -> str:
    """The rows as a table of a page."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(cells(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def resampled(
    values: np.ndarray, base: np.ndarray | None = None, seed: int = 0
) -> tuple[float, float]:
    """Bootstrap interval (95 %) of the sum of values, or of its ratio to the sum of `base`."""
    draw = np.random.default_rng(seed)
    picks = draw.integers(0, len(values), (1_000, len(values)))
    sums = values[picks].sum(axis=1)
    if base is not None:
        sums = sums / base[picks].sum(axis=1)
    low, high = np.quantile(sums, [0.025, 0.975])
    return float(low), float(high)
