"""Public holidays: known ahead, by country, and only those the history can teach."""

from datetime import date

import numpy as np
import pytest

from beltline.science.forecast import Effort, fit, forecast
from beltline.science.holidays import is_country, with_holidays
from beltline.science.panel import Freq, build_panel
from tests.science import make

COUNTRIES = (
    "AE", "AU", "BR", "CA", "CN", "DE", "ES", "FR", "GB", "ID", "IT", "JP", "KR", "KZ", "MX", "MY",
    "NL", "PH", "PL", "RU", "SA", "SG", "TH", "US", "VN",
)  # fmt: skip


def test_twenty_five_countries_are_known_and_an_unknown_one_is_refused() -> None:
    panel = make.panel(3, 400)
    for country in COUNTRIES:
        assert is_country(country)
        names = with_holidays(panel, [country], 28).known
        assert len(names) >= 3
        assert all(name.startswith(f"holiday:{country}=") for name in names)
    with pytest.raises(KeyError):
        with_holidays(panel, ["XX"], 28)


def test_a_holiday_of_last_year_moves_the_forecast_of_this_years() -> None:
    days = (date(2025, 9, 25) - make.MONDAY).days
    draw = np.random.default_rng(3)
    y = draw.poisson(20.0, (60, days)).astype(np.float32)
    golden = (date(2024, 10, 2) - make.MONDAY).days
    y[:, golden : golden + 4] *= 3
    frame = make.long_frame(y)
    plain, _ = build_panel(frame, cut_off=make.dates(days)[-1], freq=Freq.DAY)
    told = [
        forecast(fit(panel, horizon=14, effort=Effort.FLOOR), panel).mean.mean(axis=0)
        for panel in (plain, with_holidays(plain, ["CN"], 14))
    ]
    ahead = [day.isoformat() for day in plain.dates(days, 14)]
    assert "holiday:CN=National Day" in with_holidays(plain, ["CN"], 14).known
    assert told[1][ahead.index("2025-10-03")] > 1.5 * told[0][ahead.index("2025-10-03")]
    assert told[1][ahead.index("2025-09-27")] < 1.2 * told[0][ahead.index("2025-09-27")]
