"""Reads of scenarios."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.planning.types.scenarios import Scenario

# A scenario whose job failed or was cancelled has no step left in which to say so itself.
_SCENARIO = """
  select s.id, s.number, s.plan_run_id, r.number as plan_number,
         coalesce(r.parameters ->> 'currency', 'CNY') as currency,
         case when s.state = 'QUEUED' and j.state in ('FAILED', 'CANCELLED') then 'FAILED'
              else s.state end as state,
         s.scope, s.changes, s.effect, coalesce(j.message, '') as message, s.created_by,
         s.created_at, s.finished_at
    from planning.scenario s
    join planning.plan_run r on r.id = s.plan_run_id
    left join kit.job j on j.id = s.job_id
"""


async def get_scenario(db: Reader, org_id: UUID, scenario_id: UUID) -> Scenario:
    """One scenario of the organization."""
    return await db.get(
        Scenario, "scenario", scenario_id, f"{_SCENARIO} where s.org_id = $1 and s.id = $2",
        org_id, scenario_id,
    )  # fmt: skip


async def list_scenarios(
    db: Reader, org_id: UUID, *, limit: int = LIMIT_DEFAULT, cursor: str | None = None
) -> tuple[list[Scenario], str | None]:
    """Scenarios, the newest first, and the cursor of the next page."""
    limit = min(limit, LIMIT_MAX)
    after = decode_cursor(cursor, dt.datetime, UUID) or (None, None)
    found = await db.rows(
        Scenario,
        f"""{_SCENARIO} where s.org_id = $1
              and ($2::timestamptz is null or (s.created_at, s.id) < ($2, $3::uuid))
            order by s.created_at desc, s.id desc limit $4""",
        org_id, *after, limit + 1,
    )  # fmt: skip
    return cut(found, limit, lambda row: (row.created_at, row.id))


async def list_categories(db: Reader, org_id: UUID, plan_run_id: UUID) -> list[str]:
    """Categories of the series of a run."""
    return await db.values(
        """select distinct category from planning.inventory_risk
            where plan_run_id = $1 and org_id = $2 order by category limit 500""",
        plan_run_id,
        org_id,
    )
