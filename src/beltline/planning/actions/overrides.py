"""What a planner knows better: said, and taken back."""

import datetime as dt
from uuid import UUID

from beltline.accounts.actions import record_audit
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.planning.queries import series
from beltline.planning.store import demand as demand_store
from beltline.planning.types.overrides import Override, OverrideUnusable


async def override_demand(
    db: Writer,
    actor: Actor,
    *,
    sku: str,
    node: str,
    starts: dt.date,
    ends: dt.date,
    factor: float,
    reason: str,
    now: dt.datetime,
) -> Override:
    """Say that demand will be `factor` times the forecast for a while; plans from now on use it."""
    actor.needs_operator()
    reason = reason.strip()
    if not reason or factor == 1 or not 0 <= factor <= 100 or ends < max(starts, day_of(now)):
        raise OverrideUnusable(today=day_of(now).isoformat())
    found = await series.get_series(db, actor.org_id, sku=sku, node=node)
    override_id = new_id()
    await demand_store.insert_override(
        db, override_id=override_id, org_id=actor.org_id, sku_id=found.sku_id,
        node_id=found.node_id, starts=starts, ends=ends, factor=factor, reason=reason,
        by=actor.name, now=now,
    )  # fmt: skip
    await record_audit(
        db, actor, action="override", object_="demand", object_id=override_id,
        change={"series": f"{sku}@{node}", "starts": starts.isoformat(), "ends": ends.isoformat(),
                "factor": factor, "reason": reason}, now=now,
    )  # fmt: skip
    return await series.get_override(db, actor.org_id, override_id)


async def withdraw_override(
    db: Writer, actor: Actor, *, override_id: UUID, now: dt.datetime
) -> Override:
    """Take an override back: plans from now on are without it. Done already, nothing changes."""
    actor.needs_operator()
    await series.get_override(db, actor.org_id, override_id)
    if await demand_store.withdraw_override(db, override_id, by=actor.name, now=now):
        await record_audit(
            db, actor, action="withdraw", object_="demand", object_id=override_id, change={},
            now=now,
        )  # fmt: skip
    return await series.get_override(db, actor.org_id, override_id)
