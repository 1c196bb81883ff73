"""What is learned from how long stages took; pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from beltline.fulfillment.types import StageTime, Waited
from beltline.science import durations

STEP_HOURS: Final = 3.0
HOURS_MAX: Final = 24.0 * 120
ENDED_MIN: Final = 20
"""Of fewer ended stages nothing is kept: the rule, or what was declared, goes on."""
WAYS: Final = ("STOCK", "HUB", "MADE", "DOOR")
"""What lies before a road: several stages, learned as one because they wait for each other."""


def learn_times(seen: Sequence[Waited]) -> list[StageTime]:
    """The hours of half and of nine in ten stages, of each party with enough of them.

    A party leans on all of its kind, a road on those to its country, while it has few.
    """
    found = []
    for kind in sorted({each.kind for each in seen}):
        found += _learn_kind(kind, [each for each in seen if each.kind == kind])
    return found


def _learn_kind(kind: str, seen: Sequence[Waited]) -> list[StageTime]:
    keys = sorted({(each.party_id, each.country) for each in seen})
    countries = sorted({country for _, country in keys})
    place = {key: n for n, key in enumerate(keys)}
    finest = [place[each.party_id, each.country] for each in seen]
    coarser = [countries.index(each.country) for each in seen]
    learned = durations.learn(
        [each.hours for each in seen], [each.has_ended for each in seen], [coarser, finest],
        grid=np.arange(0.0, HOURS_MAX + STEP_HOURS, STEP_HOURS),
        weights=[each.weight for each in seen],
    )[-1]  # fmt: skip
    half, most = learned.quantile(0.5), learned.quantile(0.9)
    ended = np.bincount(
        finest, [each.stages if each.has_ended else 0 for each in seen], len(keys)
    ).astype(int)
    return [
        StageTime(kind, party, country, int(ended[n]), float(half[n]), float(most[n]))
        for n, (party, country) in enumerate(keys)
        if ended[n] >= ENDED_MIN and np.isfinite(most[n])
    ]
