"""Sample values for the living style page, `kit/parts.html`: every part in every state."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

from beltline.kit.money import Money
from beltline.kit.web import charts
from beltline.kit.web.page import PageContext

_DAY = dt.date(2026, 11, 20)


def sample_values(page: PageContext) -> dict[str, Any]:
    """What `kit/parts.html` is rendered with, in the page's language."""
    return {
        "forecast": _forecast(page),
        "bars": _bars(page),
        "curve": _curve(page),
        "intervals": _intervals(page),
        "spark": [14, 15, 14.4, 13.1, 15.6, 15.2, 17.1],
        "ahead": [(12.0, 15.0, 18.0), (12.5, 16.2, 20.5), (12.0, 15.8, 21.0), (11.4, 15.4, 20.2)],
        "cny": Money(11_230_000, "CNY"),
        "pln": Money(5_788_063, "PLN"),
        "million": Money(186_000_000, "CNY"),
        "dong": Money(1_850_000, "VND"),
        "price": Decimal("0.0325"),
        "at": dt.datetime(2026, 11, 20, 1, 41, tzinfo=dt.UTC),
        "left": dt.timedelta(hours=4, minutes=19),
        "until": page.now + dt.timedelta(minutes=9, seconds=42),
        "day": dt.date(2026, 12, 9),
    }


def _forecast(page: PageContext) -> charts.ForecastChart:
    _ = page.gettext
    weeks = [_DAY - dt.timedelta(days=7 * back) for back in range(26, 0, -1)]
    history = [(day, round(60 + 14 * math.sin(i / 4) + i % 5 * 3)) for i, day in enumerate(weeks)]
    ahead = [_DAY + dt.timedelta(days=7 * week) for week in range(10)]
    shape = [70 + 26 * math.exp(-((i - 3) ** 2) / 5) for i in range(10)]
    return charts.ForecastChart(
        name=_("Demand a week"),
        finding=_("Demand rises from about 70 to 96 a week in December, then returns to 70."),
        unit=_("pcs a week"),
        history=tuple((day, float(units)) for day, units in history),
        forecast=tuple(
            (day, round(mid * 0.78), round(mid), round(mid * (1.2 + i / 40)))
            for i, (day, mid) in enumerate(zip(ahead, shape, strict=True))
        ),
        now=_DAY,
        history_label=_("sold"),
        forecast_label=_("expected"),
        band_label=_("P10–P90"),
        now_label=_("now"),
        period_label=_("Week"),
        stock_outs=((weeks[9], weeks[11]),),
        stock_out_label=_("out of stock"),
    )


def _bars(page: PageContext) -> charts.BarChart:
    _ = page.gettext
    return charts.BarChart(
        name=_("Cost by policy"),
        finding=_("This run costs 3,683, less than the benchmark's 4,334."),
        bars=(
            (_("Benchmark"), 4334, "4,334", "context"),
            (_("This run"), 3683, "3,683", "accent"),
            (_("Knew the future"), 333, "333", "ink"),
        ),
        category_label=_("Policy"),
        value_label=_("Cost"),
    )


def _curve(page: PageContext) -> charts.LineChart:
    _ = page.gettext
    levels = [0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98]
    now = (118.0, 108.0, 100.0, 94.0, 90.0, 91.0, 104.0)
    what_if = (112.0, 101.0, 92.0, 85.0, 80.0, 77.0, 84.0)
    return charts.LineChart(
        name=_("Total cost by service level"),
        finding=_("What-if is cheapest at a service level of 96%, 14% below now."),
        lines=(
            charts.Line(_("today"), tuple(zip(levels, now, strict=True))),
            charts.Line(_("what if"), tuple(zip(levels, what_if, strict=True)), is_accent=True),
        ),
        x_label=_("Service level"),
        y_label=_("Cost, ¥ thousand"),
        mark=(0.95, "95%"),
        is_x_percent=True,
    )


def _intervals(page: PageContext) -> charts.IntervalChart:
    _ = page.gettext
    return charts.IntervalChart(
        name=_("On time by factory"),
        finding=_("One of three factories is surely above the target of 93%."),
        intervals=(
            ("Little Elephant", 84.1, 88.4, 91.9, "88.4%"),
            ("Little Elm", 93.4, 95.2, 96.8, "95.2%"),
            ("Jingwei", 90.2, 94.0, 96.1, "94.0%"),
        ),
        category_label=_("Factory"),
        value_label=_("On time"),
        target=(93.0, "93%"),
    )
