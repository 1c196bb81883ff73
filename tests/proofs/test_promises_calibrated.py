"""Among promises made at p, p of them are kept: in a simulated network with every fault on.

What is learned at a cut, from stages that ended before it and from those still under way, promises
when the stages begun after it will have ended. Nothing of what is judged was there to be learned
from, and what is lost for ever counts as not kept. The world does not go by what was learned.
"""

import datetime as dt
import math

import numpy as np
import pytest

from beltline.fulfillment.queries.times import list_waited
from beltline.fulfillment.rules import times
from beltline.fulfillment.types.times import Waited
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.proofs.network import EVERYTHING, Network, sandboxed
from tests.proofs.sizes import sized
from tests.proofs.victims import SEED

pytestmark = pytest.mark.proof

PROMISED = (0.5, 0.8, 0.9, 0.95)
WITHIN = 0.02
BEFORE_DAYS, AFTER_DAYS = 24, 8
FOLLOWED_DAYS = 40
A_DAY = sized(ci=25, nightly=250)


async def test_promises_of_p_are_kept_p_of_the_time(dsn: str, now: dt.datetime) -> None:
    print(f"seed {SEED}")
    async with sandboxed(dsn, now) as (database, market):
        network = Network(database, market, SEED, EVERYTHING)
        for _ in range(BEFORE_DAYS):
            cut = await network.live(A_DAY)
        known = await _waited(database, market.operator, since=now, until=cut)
        for day in range(AFTER_DAYS + FOLLOWED_DAYS):
            end = await network.live(A_DAY if day < AFTER_DAYS else 0)
        judged = await _waited(database, market.operator, since=cut, until=end)
    for share in PROMISED:
        _assert_kept(share, known, judged)


async def _waited(
    database: Database, actor: Actor, *, since: dt.datetime, until: dt.datetime
) -> list[Waited]:
    async with database.system() as db:
        return await list_waited(db, actor, now=until, since=since, step_hours=times.STEP_HOURS)


def _assert_kept(share: float, known: list[Waited], judged: list[Waited]) -> None:
    promises = expected = kept = 0.0
    spread = 0.0
    for kind in sorted({each.kind for each in known}):
        parties, learned = times.learn_kind(kind, known)
        hours = learned.quantile(share)
        for n, party in enumerate(parties):
            if party.ended < times.ENDED_MIN or not np.isfinite(hours[n]):
                continue
            chance = float(learned.chance([n], [hours[n]])[0])
            of_it = [
                each for each in judged
                if (each.kind, each.party_id, each.country) == (kind, party.party_id, party.country)
            ]  # fmt: skip
            made = sum(each.stages for each in of_it)
            came = sum(each.stages for each in of_it if each.has_ended and each.hours <= hours[n])
            print(f"  {kind} {party.ended} known: {chance:.3f} within {hours[n]:.0f} h, "
                  f"{came} of {made} kept")  # fmt: skip
            promises, expected, kept = promises + made, expected + made * chance, kept + came
            # What is promised was itself learned from so many.
            spread += made * chance * (1 - chance) * (1 + made / party.ended)
    gap, error = (kept - expected) / promises, 1.96 * math.sqrt(spread) / promises
    print(f"promised {share}: {promises:.0f} promises of {expected / promises:.4f}, "
          f"{kept / promises:.4f} kept, gap {gap:+.4f} +- {error:.4f}")  # fmt: skip
    assert abs(gap) <= WITHIN + error
