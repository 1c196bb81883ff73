"""Charts: the server says what is to be seen, `charts.js` draws it, a table tells the same.

A chart is a frozen value with a finding (its `aria-label`, a sentence) and a table twin. The
macro `ui.chart(chart)` writes both and the specification as JSON. History is solid, the forecast
dashed in its P10-P90 band; bars start from zero; one accent series; no second axis.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeAlias

import msgspec
from markupsafe import Markup, escape

from beltline.kit.web import formats


class Table(msgspec.Struct, frozen=True):
    """The table twin of a chart: texts only, already formatted; the first column is the head."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ForecastChart(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold and what is expected, by day or week.

    `history` are (day, units or None when unknown); `forecast` (day, p10, p50, p90) in the same
    unit; `stock_outs` spans of days (both ends included) whose sales say little about demand.
    Labels are translated by the caller: history, forecast, band, now, stock-out, period.
    """

    kind: ClassVar[str] = "forecast"

    name: str
    finding: str
    unit: str
    history: tuple[tuple[dt.date, float | None], ...]
    forecast: tuple[tuple[dt.date, float, float, float], ...]
    now: dt.date
    history_label: str
    forecast_label: str
    band_label: str
    now_label: str
    period_label: str
    stock_outs: tuple[tuple[dt.date, dt.date], ...] = ()
    stock_out_label: str = ""

    @property
    def table(self) -> Table:
        """Day, sold, P50 and P10-P90."""
        sold = [(day, _cell(units), "", "") for day, units in self.history]
        ahead = [
            (day, "", _cell(p50), formats.span(_cell(p10), _cell(p90)))
            for day, p10, p50, p90 in self.forecast
        ]
        head = (self.period_label, self.history_label, self.forecast_label, self.band_label)
        return Table(head, tuple((formats.date(day), *rest) for day, *rest in sold + ahead))


class BarChart(msgspec.Struct, frozen=True, kw_only=True):
    """One figure for each of a few names, horizontal, from zero.

    `bars` are (name, value, shown text, tone); tone is accent, ink, context, ok, warn or crit.
    `reference` is a labelled target line, if there is one.
    """

    kind: ClassVar[str] = "bars"

    name: str
    finding: str
    bars: tuple[tuple[str, float, str, str], ...]
    category_label: str
    value_label: str
    reference: tuple[float, str] | None = None

    @property
    def table(self) -> Table:
        """Name and shown value."""
        rows = tuple((name, shown) for name, _, shown, _ in self.bars)
        return Table((self.category_label, self.value_label), rows)


class Line(msgspec.Struct, frozen=True):
    """A series of (x, y); the accent is for the one to look at, dashed for what is not yet."""

    name: str
    points: tuple[tuple[float, float], ...]
    is_accent: bool = False
    is_dashed: bool = False


class LineChart(msgspec.Struct, frozen=True, kw_only=True):
    """A few lines over a numeric axis: a cost curve, a calibration.

    `mark` is an (x, label) vertical line, `band` a (low, high, label) range of y that is good.
    """

    kind: ClassVar[str] = "lines"

    name: str
    finding: str
    lines: tuple[Line, ...]
    x_label: str
    y_label: str
    mark: tuple[float, str] | None = None
    band: tuple[float, float, str] | None = None
    is_x_percent: bool = False

    @property
    def table(self) -> Table:
        """X, then each line's y; empty where a line has no point."""
        columns = [dict(line.points) for line in self.lines]
        xs = sorted({x for column in columns for x in column})
        rows = tuple((self._x(x), *(_cell(column.get(x)) for column in columns)) for x in xs)
        return Table((self.x_label, *(line.name for line in self.lines)), rows)

    def _x(self, x: float) -> str:
        return formats.percent(x) if self.is_x_percent else formats.number(x)


class IntervalChart(msgspec.Struct, frozen=True, kw_only=True):
    """Estimates with their uncertainty: a dot and a whisker for each name, a dashed target.

    `intervals` are (name, low, estimate, high, shown text).
    """

    kind: ClassVar[str] = "intervals"

    name: str
    finding: str
    intervals: tuple[tuple[str, float, float, float, str], ...]
    category_label: str
    value_label: str
    target: tuple[float, str] | None = None

    @property
    def table(self) -> Table:
        """Name and shown estimate."""
        rows = tuple((name, shown) for name, _, _, _, shown in self.intervals)
        return Table((self.category_label, self.value_label), rows)


class PointChart(msgspec.Struct, frozen=True, kw_only=True):
    """Places as points by longitude and latitude: no borders, no tiles.

    `points` are (name, longitude, latitude, size, tone, shown text); the size is a radius in
    pixels, the tone ok, warn, crit, context or accent, said in words by the shown text. `rest`
    are (longitude, latitude) of places that are only there.
    """

    kind: ClassVar[str] = "points"

    name: str
    finding: str
    points: tuple[tuple[str, float, float, float, str, str], ...]
    rest: tuple[tuple[float, float], ...]
    category_label: str
    value_label: str

    @property
    def table(self) -> Table:
        """Name and shown text."""
        rows = tuple((name, shown) for name, _, _, _, _, shown in self.points)
        return Table((self.category_label, self.value_label), rows)


Chart: TypeAlias = ForecastChart | BarChart | LineChart | IntervalChart | PointChart


def specification(chart: Chart) -> Markup:
    """The chart as JSON that is safe inside `<script type="application/json">`."""
    fields: dict[str, Any] = {"kind": chart.kind, **msgspec.to_builtins(chart)}
    text = msgspec.json.encode(fields).decode()
    # "</script>" or "<!--" in a name must not end the element; JSON allows the escape.
    for mark, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(mark, escaped)
    return Markup(text)  # noqa: S704 - escaped above


def sparkline(
    values: Sequence[float],
    *,
    ahead: Sequence[tuple[float, float, float]] = (),
    label: str = "",
    wide: bool = False,
) -> Markup:
    """A small inline SVG: history solid, `ahead` (p10, p50, p90) dashed in its band.

    With a `label` it is an image with that name, without it decoration beside a figure.
    """
    width, height, edge = (112, 26, 2.0) if wide else (64, 22, 2.5)
    everything = [*values, *(bound for step in ahead for bound in (step[0], step[2]))]
    if not everything:
        return Markup("")
    low, high = min(everything), max(everything)
    steps = max(len(values) + len(ahead) - 1, 1)

    def at(index: int, value: float) -> str:
        x = edge + index / steps * (width - 2 * edge)
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{x:.1f},{height - edge - share * (height - 2 * edge):.1f}"

    past = [at(i, value) for i, value in enumerate(values)]
    shapes = _ahead(at, values, ahead)
    shapes += f'<polyline class="ln" points="{" ".join(past)}"/>'
    if past and not ahead:
        x, _, y = past[-1].partition(",")
        shapes += f'<circle class="p-fc" cx="{x}" cy="{y}" r="2"/>'
    name = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    size = "spark spark-w" if wide else "spark"
    svg = f'<svg class="{size}" viewBox="0 0 {width} {height}" {name}>{shapes}</svg>'
    return Markup(svg)  # noqa: S704 - only figures and the escaped label


def bar_meter(share: float, *, label: str, tone: str = "fc") -> Markup:
    """A bar filled to `share` (0 to 1) as inline SVG; tone is fc, ink, ok, warn or crit."""
    filled = round(min(max(share, 0.0), 1.0) * 100, 1)
    svg = (
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(label)}"><rect class="p-{escape(tone)}" width="{filled:g}"'
        ' height="6"/></svg>'
    )
    return Markup(svg)  # noqa: S704 - only a figure and escaped texts


def _ahead(
    at: Callable[[int, float], str],
    values: Sequence[float],
    ahead: Sequence[tuple[float, float, float]],
) -> str:
    """Band and dashed median that start from the last known value."""
    if not ahead:
        return ""
    start = len(values)
    joint = [at(start - 1, values[-1])] if values else []
    upper = [at(start + i, step[2]) for i, step in enumerate(ahead)]
    lower = [at(start + i, step[0]) for i, step in reversed(list(enumerate(ahead)))]
    middle = [at(start + i, step[1]) for i, step in enumerate(ahead)]
    band = f'<polygon class="band" points="{" ".join(joint + upper + lower)}"/>'
    return f'{band}<polyline class="fc" points="{" ".join(joint + middle)}"/>'


def _cell(value: float | None) -> str:
    return "" if value is None else formats.number(round(value, 2))
