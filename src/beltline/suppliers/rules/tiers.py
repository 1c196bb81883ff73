"""Tiers A, B, C from the lower bounds of the measured record, with hysteresis.

The bound is the lower end of a 90 % interval, so that few facts weigh little in either direction.
A tier is as good as the weakest measure that has facts enough. Coming up takes the full bound;
who is there already stays until the bound is `HYSTERESIS` below it, so that one late order does
not flip terms forth and back.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from beltline.suppliers.types import Figure, Measure, TierReason

STANDARD: Final = 1
"""Version of the bounds below; a change of them is a new version."""

WINDOW: Final = dt.timedelta(days=365)
CONFIDENCE: Final = 0.9
HYSTERESIS: Final = 0.03
FACTS_MIN: Final = 5
"""Facts of its own that a measure needs before it says anything about the tier."""


class Bar(msgspec.Struct, frozen=True):
    """What a measure is expected to be before data, and the lower bounds of tiers A and B."""

    expected: float
    a: float
    b: float


BARS: Final = {
    Measure.ON_TIME: Bar(0.88, a=0.90, b=0.75),
    Measure.DEFECT_FREE: Bar(0.97, a=0.97, b=0.92),
    Measure.NOT_RETURNED: Bar(0.97, a=0.97, b=0.92),
    Measure.ANSWERED: Bar(0.80, a=0.80, b=0.60),
    Measure.PRICE_KEPT: Bar(0.90, a=0.85, b=0.70),
    Measure.CAPACITY_KEPT: Bar(0.90, a=0.90, b=0.75),
}


class Verdict(msgspec.Struct, frozen=True):
    """The tier a record allows, and how each measure that counts stood."""

    tier: str
    reasons: list[TierReason]


def decide(figures: Iterable[Figure], *, current: str) -> Verdict | None:
    """The tier of a record; None while nothing is known of when its orders arrive."""
    counted = [one for one in figures if one.trials >= FACTS_MIN]
    if not any(one.measure is Measure.ON_TIME for one in counted):
        return None
    reasons = [
        TierReason(one.measure, one.trials, round(one.low, 4), tier_of(one, current=current))
        for one in counted
    ]
    return Verdict(max(reason.tier for reason in reasons), reasons)


def tier_of(figure: Figure, *, current: str) -> str:
    """The tier that one measure alone allows somebody who is in tier `current`."""
    bar = BARS[figure.measure]
    for tier, bound in (("A", bar.a), ("B", bar.b)):
        if figure.low >= bound - (HYSTERESIS if current <= tier else 0.0):
            return tier
    return "C"


def short_of_a(figures: Sequence[Figure], *, current: str) -> list[Figure]:
    """The measures between a supplier and tier A, the farthest first."""
    short = [
        one
        for one in figures
        if (one.trials >= FACTS_MIN or one.measure is Measure.ON_TIME)
        and (one.trials < FACTS_MIN or tier_of(one, current=current) != "A")
    ]
    return sorted(short, key=lambda one: (one.low - BARS[one.measure].a, one.measure))
