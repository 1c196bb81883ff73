"""The assessment: everybody's measured record and tier. Only the worker imports it: it computes."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.science import reliability
from beltline.suppliers import store
from beltline.suppliers.queries import record as queries
from beltline.suppliers.rules import outcomes, tiers
from beltline.suppliers.types import Assessment, Figure, Measure, Tally


async def count_overdue(db: Writer, *, now: dt.datetime) -> int:
    """Count awaited orders whose day has passed as late; how many there are."""
    return await store.insert_overdue(db, day_of(now), now, outcomes.OVERDUE)


async def expire(db: Writer, *, now: dt.datetime) -> int:
    """End the verifications and strict selections whose day has passed; how many of the first."""
    return await store.expire_verifications(db, day_of(now))


async def assess(db: Writer, *, late: int, now: dt.datetime) -> Assessment:
    """Estimate every supplier's measures from the facts of a year, and give each its tier."""
    tallies = await queries.list_tallies(db, since=now - tiers.WINDOW)
    figures = await asyncio.to_thread(_figures, tallies, now)
    await store.replace_record(db, figures, now)
    tier_now = {tally.org_id: tally.tier for tally in tallies}
    of_supplier: dict[UUID, list[Figure]] = defaultdict(list)
    for org_id, figure in figures:
        of_supplier[org_id].append(figure)
    verdicts = [
        (org_id, tiers.decide(own, current=tier_now[org_id])) for org_id, own in of_supplier.items()
    ]
    changed = await store.set_tiers(
        db, [(org_id, found.tier, found.reasons) for org_id, found in verdicts if found], now
    )
    facts = sum(tally.trials for tally in tallies)
    return Assessment(len(of_supplier), facts, late, changed)


def _figures(tallies: Sequence[Tally], now: dt.datetime) -> list[tuple[UUID, Figure]]:
    figures: list[tuple[UUID, Figure]] = []
    for measure in Measure:
        own = [tally for tally in tallies if tally.measure is measure]
        figures += _figures_of(measure, own, now)
    return figures


def _figures_of(
    measure: Measure, tallies: Sequence[Tally], now: dt.datetime
) -> list[tuple[UUID, Figure]]:
    bar = tiers.BARS[measure]
    trials = np.array([tally.trials for tally in tallies], float)
    # A sum of shares may exceed its count by the last bit.
    good = np.minimum(np.array([tally.good for tally in tallies], float), trials)
    prior = reliability.fit(good, trials, expected=bar.expected)
    found = reliability.estimate(prior, good, trials, confidence=tiers.CONFIDENCE)
    to_a = reliability.trials_to_reach(
        prior, good, trials, bound=bar.a, confidence=tiers.CONFIDENCE
    )
    return [
        (tally.org_id, Figure(
            measure, tally.trials, float(good[i] / trials[i]), float(found.mean[i]),
            float(found.low[i]), float(found.high[i]), tally.value_median, prior.mean,
            prior.strength, None if np.isnan(to_a[i]) else int(to_a[i]), now,
        ))
        for i, tally in enumerate(tallies)
    ]  # fmt: skip
