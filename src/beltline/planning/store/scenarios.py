"""Writes of scenarios."""

import datetime as dt
from typing import Any
from uuid import UUID

from beltline.kit.db import Writer


async def insert_scenario(
    db: Writer, *, scenario_id: UUID, org_id: UUID, plan_run_id: UUID, scope: dict[str, Any],
    changes: dict[str, Any], job_id: UUID, created_by: str, now: dt.datetime,
) -> None:  # fmt: skip
    """A scenario that waits for its job."""
    await db.execute(
        """insert into planning.scenario (id, org_id, plan_run_id, scope, changes, job_id,
             created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        scenario_id, org_id, plan_run_id, scope, changes, job_id, created_by, now,
    )  # fmt: skip


async def set_effect(
    db: Writer, scenario_id: UUID, effect: dict[str, Any], now: dt.datetime
) -> None:
    """What came of it."""
    await db.execute(
        """update planning.scenario set state = 'DONE', effect = $2, finished_at = $3
            where id = $1""",
        scenario_id,
        effect,
        now,
    )


async def set_refused(db: Writer, scenario_id: UUID, now: dt.datetime) -> None:
    """It could not be played; its job says why."""
    await db.execute(
        """update planning.scenario set state = 'REFUSED', finished_at = $2
            where id = $1 and state = 'QUEUED'""",
        scenario_id,
        now,
    )
