"""Public holidays of a country as drivers that are known ahead.

From the package `holidays`, which follows each country's law (lunar festivals and moved working
days included); observed substitutes count as the holiday itself.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import holidays
import msgspec
import numpy as np

from beltline.science.panel import Panel

MOST_NAMES = 40
_ASIDE = re.compile(r"\s*\((?:observed|substituted|in lieu|day off)[^)]*\)", re.IGNORECASE)


def with_holidays(panel: Panel, countries: Sequence[str], horizon: int) -> Panel:
    """The panel with a 0/1 driver `holiday:CN=Spring Festival` for each holiday of each country.

    `countries` are ISO 3166 codes of two letters; an unknown one is a KeyError. A week counts
    when any of its days does. Holidays that do not fall into the history teach nothing and are
    left out.
    """
    known = dict(panel.known)
    wide = panel.length + horizon
    for country in countries:
        for name, days in _named_days(country, panel, wide).items():
            flags = np.zeros((1, wide), np.float32)
            flags[0, days] = 1.0
            if flags[:, : panel.length].any():
                known[f"holiday:{country}={name}"] = flags
    return msgspec.structs.replace(panel, known=known)


def is_country(code: str) -> bool:
    """Whether holidays of a country are known."""
    return code in holidays.list_supported_countries(include_aliases=False)


def _named_days(country: str, panel: Panel, wide: int) -> dict[str, list[int]]:
    """Periods of each holiday, the most frequent names first, at most `MOST_NAMES`."""
    if not is_country(country):
        raise KeyError(country)
    last = panel.date_of(wide) - timedelta(days=1)
    table = _calendar(country, range(panel.first_date.year, last.year + 1))
    found: dict[str, list[int]] = {}
    for day, text in sorted(table.items()):
        if panel.first_date <= day <= last:
            period = (day - panel.first_date).days // panel.freq.days
            for name in sorted({_ASIDE.sub("", part).strip() for part in text.split("; ")}):
                found.setdefault(name, []).append(period)
    kept = sorted(found, key=lambda name: (-len(found[name]), name))[:MOST_NAMES]
    return {name: found[name] for name in sorted(kept)}


def _calendar(country: str, years: range) -> dict[date, str]:
    languages = holidays.list_localized_countries().get(country, [])
    language = next((x for x in languages if x.startswith("en")), None)
    return dict(holidays.country_holidays(country, years=years, language=language))
