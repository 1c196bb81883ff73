"""Use cases of inspection and of goods that come back."""

import datetime as dt
from uuid import UUID

from beltline.fulfillment import rules, store
from beltline.fulfillment.queries import journeys, returns
from beltline.fulfillment.types.returns import Inspection, InspectionPlan, ReturnCase
from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id
from beltline.trade import queries as trade


async def plan_inspection(db: Reader, *, journey_id: UUID) -> InspectionPlan:
    """How many pieces of a journey's lot to inspect, and how many defects it may show.

    What the supplier's latest lots showed decides how strict it is.
    """
    journey = await journeys.get_journey(db, journey_id)
    verdicts = await returns.list_verdicts(db, journey.supplier)
    return rules.inspection_plan(max(journey.moving, 1), verdicts)


async def inspect(
    db: Writer,
    actor: Actor,
    *,
    journey_id: UUID,
    critical: int,
    major: int,
    minor: int,
    note: str,
    now: dt.datetime,
) -> Inspection:
    """Write what the sample showed: an accepted lot goes on, of a rejected one is asked."""
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    plan = await plan_inspection(db, journey_id=journey_id)
    verdict = rules.judge(plan, critical, major, minor)
    found = {
        "severity": plan.severity, "lot": plan.lot, "sample": plan.sample,
        "sample_major": plan.sample_major, "sample_minor": plan.sample_minor,
        "accept_major": plan.accept_major, "accept_minor": plan.accept_minor,
        "critical": critical, "major": major, "minor": minor, "verdict": verdict,
        "note": note.strip(),
    }  # fmt: skip
    await store.record_inspection(db, actor, journey_id, found, now)
    return (await returns.list_inspections(db, journey_id))[-1]


async def request_return(
    db: Writer,
    actor: Actor,
    *,
    journey_id: UUID,
    units: int,
    reason: str,
    note: str,
    now: dt.datetime,
) -> ReturnCase:
    """Ask to send delivered units back, within 30 days of their delivery."""
    actor.needs_role("BUYER", "PLANNER")
    rules.check_word(reason, rules.REASONS, "reason")
    return_id = new_id()
    await store.request_return(
        db, actor, return_id, journey_id=journey_id, units=units, reason=reason,
        note=note.strip(), days=rules.RETURN_DAYS, now=now,
    )  # fmt: skip
    return await returns.get_return(db, return_id)


async def answer_return(
    db: Writer, actor: Actor, *, return_id: UUID, node: str | None, note: str, now: dt.datetime
) -> ReturnCase:
    """Approve a return to a node of the network, or refuse it when no node is named."""
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    place = await trade.get_node(db, node) if node else None
    to = place.id if place is not None else None
    await store.answer_return(db, actor, return_id, to, note.strip(), now)
    return await returns.get_return(db, return_id)


async def grade_return(
    db: Writer,
    actor: Actor,
    *,
    return_id: UUID,
    resell: int,
    scrap: int,
    charged_to: str,
    now: dt.datetime,
) -> ReturnCase:
    """What came back: so many good, so many not; the buyer is refunded for both.

    `charged_to` is who caused it and bears the cost.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    rules.check_word(charged_to, rules.PAYERS, "charged_to")
    await store.grade_return(
        db, actor, return_id, resell=resell, scrap=scrap, charged_to=charged_to, now=now
    )
    return await returns.get_return(db, return_id)
