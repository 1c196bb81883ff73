"""Use cases of learning: how long stages take, from what happened."""

import datetime as dt
from typing import Final

from beltline.fulfillment import store
from beltline.fulfillment.queries import times as queries
from beltline.fulfillment.rules import times
from beltline.fulfillment.types.times import Learnt
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.trade import actions as trade
from beltline.trade.types import LaneTime

SINCE: Final = dt.timedelta(days=540)


async def learn_times(db: Writer, actor: Actor, *, now: dt.datetime) -> Learnt:
    """Learn from the stages of the last year and a half, those under way among them.

    What is usual at a supplier or node is what new journeys expect; what was measured on a lane,
    and of what lies before it, counts in promises, journeys and plans in place of what was
    declared.
    """
    actor.needs_operator()
    seen = await queries.list_waited(
        db, actor, now=now, since=now - SINCE, step_hours=times.STEP_HOURS
    )
    learned = times.learn_times(seen)
    await store.keep_stage_times(db, actor, learned, now)
    await store.tell_handling(db)
    roads = [
        LaneTime(t.party_id, t.country, _days(t.hours_p50), _days(t.hours_p90), t.ended)
        for t in learned
        if t.kind == "ROAD"
    ]
    stages = sum(t.kind not in times.WAYS for t in learned) - len(roads)
    return Learnt(stages, await trade.learn_lanes(db, roads, now=now))


def _days(hours: float) -> float:
    """Days of a road, which is never none."""
    return max(hours, times.STEP_HOURS) / 24
