"""What is learned from how long stages took; pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np

from beltline.fulfillment.types.times import StageTime, Waited
from beltline.science import durations

STEP_HOURS: Final = 3.0
HOURS_MAX: Final = 24.0 * 120
ENDED_MIN: Final = 20
"""Of fewer ended stages nothing is kept: the rule, or what was declared, goes on."""
WAYS: Final = ("STOCK", "HUB", "MADE", "DOOR")
"""What lies before a road: several stages, learned as one because they wait for each other."""


class Waiting(NamedTuple):
    """A party, or a road to a country, and how many of its stages were seen to end."""

    party_id: UUID
    country: str
    ended: int


def learn_times(seen: Sequence[Waited]) -> list[StageTime]:
    """The hours of half and of nine in ten stages, of each party with enough of them.

    A party leans on all of its kind, a road on those to its country, while it has few.
    """
    found = []
    for kind in sorted({each.kind for each in seen}):
        found += _times_of(kind, seen)
    return found


def learn_kind(kind: str, seen: Sequence[Waited]) -> tuple[list[Waiting], durations.Learned]:
    """The parties of a kind, and by when how many of the stages of each have ended."""
    own = [each for each in seen if each.kind == kind]
    keys = sorted({(each.party_id, each.country) for each in own})
    countries = sorted({country for _, country in keys})
    place = {key: n for n, key in enumerate(keys)}
    finest = [place[each.party_id, each.country] for each in own]
    coarser = [countries.index(each.country) for each in own]
    learned = durations.learn(
        [each.hours for each in own], [each.has_ended for each in own], [coarser, finest],
        grid=np.arange(0.0, HOURS_MAX + STEP_HOURS, STEP_HOURS),
        weights=[each.weight for each in own],
    )[-1]  # fmt: skip
    ended = np.bincount(
        finest, [each.stages if each.has_ended else 0 for each in own], len(keys)
    ).astype(int)
    return [Waiting(*key, int(ended[n])) for n, key in enumerate(keys)], learned


def _times_of(kind: str, seen: Sequence[Waited]) -> list[StageTime]:
    parties, learned = learn_kind(kind, seen)
    half, most = learned.quantile(0.5), learned.quantile(0.9)
    return [
        StageTime(kind, each.party_id, each.country, each.ended, float(half[n]), float(most[n]))
        for n, each in enumerate(parties)
        if each.ended >= ENDED_MIN and np.isfinite(most[n])
    ]
