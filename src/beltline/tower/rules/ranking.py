"""What comes first."""

import datetime as dt
import statistics
from collections.abc import Iterable, Mapping

from beltline.kit.money import to_major
from beltline.tower.types import Need

_LEAST_HOURS = 1.0


def rank(needs: Iterable[Need], *, now: dt.datetime, rates: Mapping[str, float]) -> list[Need]:
    """Needs by the money at stake per hour left, the most first.

    `rates` give the worth of one unit of a currency in a common one. A need without money, or in
    a currency without a rate, counts as much as the median of the others, so that it is neither
    first nor forgotten.
    """
    known = list(needs)
    worth = [_worth(need, rates) for need in known]
    middle = statistics.median([each for each in worth if each is not None] or [1.0])

    def weight(index: int) -> float:
        money = worth[index]
        hours = (known[index].due_at - now).total_seconds() / 3600
        return (middle if money is None else money) / max(hours, _LEAST_HOURS)

    order = sorted(range(len(known)), key=lambda i: (-weight(i), known[i].due_at, known[i].id))
    return [known[i] for i in order]


def _worth(need: Need, rates: Mapping[str, float]) -> float | None:
    if need.amount is None or need.currency is None or need.currency not in rates:
        return None
    return float(to_major(need.amount, need.currency)) * rates[need.currency]
