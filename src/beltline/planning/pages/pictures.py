"""Series as pictures: a spark for a list row, a chart with its table for a page."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from beltline.kit.uom import Uom, base_unit
from beltline.kit.web.charts import ForecastChart, sparkline
from beltline.kit.web.formats import number
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext
from beltline.planning.queries.glances import SPARK_WEEKS, Spark
from beltline.planning.queries.series import Band, Point

WORDS: Final = {
    Uom.PIECE: N_("pcs"), Uom.SET: N_("sets"), Uom.PAIR: N_("pairs"), Uom.METRE: N_("m"),
    Uom.KILOGRAM: N_("kg"),
}  # fmt: skip
HISTORY_SHOWN: Final = {"D": 120, "W": 78}
"""Periods of history a chart shows."""


def spark_of(spark: Spark) -> Markup:
    """Units a day by week: what was sold, then the forecast with the mean of its daily band."""
    units = dict(zip(spark.weeks, spark.units, strict=True))
    past = [units.get(week, 0.0) / 7 for week in range(SPARK_WEEKS - 1, -1, -1)]
    days = 7 if spark.freq == "D" else 1
    scale = 1.0 if spark.freq == "D" else 1 / 7
    steps = range(0, len(spark.mean) - days + 1, days)
    ahead = [
        (
            _mean(spark.p10[at : at + days]) * scale,
            _mean(spark.mean[at : at + days]) * scale,
            _mean(spark.p90[at : at + days]) * scale,
        )
        for at in steps
    ]
    return sparkline(past, ahead=ahead[:8], wide=True)


def forecast_chart(
    page: PageContext, *, uom: str, freq: str, history: Sequence[Point], band: Band | None,
    today: dt.date,
) -> ForecastChart:  # fmt: skip
    """History and mean forecast by period in the unit of sale, with the spans out of stock."""
    _ = page.gettext
    unit, scale = Uom(uom), base_unit(Uom(uom)).per_uom
    step = dt.timedelta(days=7 if freq == "W" else 1)
    start = band.cut_off + step if band else today
    ahead = [
        (start + step * i, low / scale, middle / scale, high / scale)
        for i, (low, middle, high) in enumerate(
            zip(band.p10, band.mean, band.p90, strict=True) if band else ()
        )
    ]
    past = [(point.ds, point.y / scale) for point in history[-HISTORY_SHOWN[freq] :]]
    per = _("a week") if freq == "W" else _("a day")
    return ForecastChart(
        name=_("Demand a week") if freq == "W" else _("Demand a day"),
        finding=_finding(page, past, band, scale, f"{_(WORDS[unit])} {per}"),
        unit=f"{_(WORDS[unit])} {per}",
        history=tuple(past),
        forecast=tuple(ahead),
        now=start,
        history_label=_("sold"),
        forecast_label=_("expected"),
        band_label=_("P10–P90"),
        now_label=_("now"),
        period_label=_("Week") if freq == "W" else _("Day"),
        stock_outs=_spans(history[-HISTORY_SHOWN[freq] :], step),
        stock_out_label=_("out of stock"),
    )


def _finding(
    page: PageContext,
    past: Sequence[tuple[dt.date, float]],
    band: Band | None,
    scale: int,
    unit: str,
) -> str:
    """The chart in a sentence: the latest level, and what is expected with its range."""
    _ = page.gettext
    latest = [units for _day, units in past[-28:]]
    was = _("Lately %(rate)s %(unit)s were sold.") % {
        "rate": number(round(_mean(latest), 1)), "unit": unit,
    }  # fmt: skip
    if band is None or not band.mean:
        return was
    will = _("%(rate)s are expected, mostly between %(low)s and %(high)s.") % {
        "rate": number(round(_mean(band.mean) / scale, 1)),
        "low": number(round(_mean(band.p10) / scale, 1)),
        "high": number(round(_mean(band.p90) / scale, 1)),
    }
    return f"{was} {will}"


def _spans(history: Sequence[Point], step: dt.timedelta) -> tuple[tuple[dt.date, dt.date], ...]:
    """Runs of periods out of stock, as first and last day."""
    spans: list[tuple[dt.date, dt.date]] = []
    for point in history:
        if point.in_stock is not False:
            continue
        if spans and point.ds - spans[-1][1] <= step:
            spans[-1] = (spans[-1][0], point.ds)
        else:
            spans.append((point.ds, point.ds))
    return tuple(spans)


def out_of_stock_spans(history: Sequence[Point], freq: str) -> tuple[tuple[dt.date, dt.date], ...]:
    """Runs of periods out of stock, the latest first."""
    return _spans(history, dt.timedelta(days=7 if freq == "W" else 1))[::-1]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
