"""Reads of plan runs."""

import datetime as dt
from typing import Any
from uuid import UUID

from beltline.kit.db import Reader
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.planning.types import PlanRun

# A run whose job failed or was cancelled has no step left in which to say so itself.
_RUN = """
  select r.id, r.number,
         case when r.state in ('QUEUED', 'RUNNING') and j.state in ('FAILED', 'CANCELLED')
              then j.state else r.state end as state,
         r.cut_off, r.as_of, r.freq, r.horizon, r.parameters, r.versions, r.input_hash, r.metrics,
         r.notes, r.job_id, r.created_by, r.created_at, r.finished_at,
         coalesce(j.done, 0) as done, j.total, coalesce(j.message, '') as message
    from planning.plan_run r left join kit.job j on j.id = r.job_id
"""


async def get_run(db: Reader, org_id: UUID, run_id: UUID) -> PlanRun:
    """One run of the organization."""
    return await db.get(
        PlanRun, "plan run", run_id, f"{_RUN} where r.org_id = $1 and r.id = $2", org_id, run_id
    )


async def find_latest_run(db: Reader, org_id: UUID) -> PlanRun | None:
    """The finished run whose proposals count."""
    return await db.find(
        PlanRun,
        f"""{_RUN} where r.org_id = $1 and r.state = 'DONE'
            order by r.as_of desc, r.created_at desc, r.id desc limit 1""",
        org_id,
    )


async def find_run_under_way(db: Reader, org_id: UUID) -> PlanRun | None:
    """The newest run that waits or works."""
    return await db.find(
        PlanRun,
        f"""{_RUN} where r.org_id = $1 and r.state in ('QUEUED', 'RUNNING')
              and j.state in ('QUEUED', 'RUNNING')
            order by r.created_at desc, r.id desc limit 1""",
        org_id,
    )


async def find_unfinished(
    db: Reader,
    org_id: UUID,
    *,
    cut_off: dt.date | None,
    parameters: dict[str, Any],
    now: dt.datetime,
) -> PlanRun | None:
    """A run of the last twelve hours with these wishes that has begun and not ended."""
    return await db.find(
        PlanRun,
        f"""{_RUN} where r.org_id = $1 and r.state in ('QUEUED', 'RUNNING')
              and ($2::date is null or r.cut_off = $2) and r.parameters = $3::jsonb
              and r.created_at > $4::timestamptz - interval '12 hours'
              and coalesce(j.state, 'QUEUED') not in ('DONE', 'CANCELLED')
            order by r.created_at desc, r.id desc limit 1""",
        org_id, cut_off, parameters, now,
    )  # fmt: skip


async def list_runs(
    db: Reader, org_id: UUID, *, limit: int = LIMIT_DEFAULT, cursor: str | None = None
) -> tuple[list[PlanRun], str | None]:
    """Runs, the newest first, and the cursor of the next page."""
    limit = min(limit, LIMIT_MAX)
    after = decode_cursor(cursor, dt.datetime, UUID) or (None, None)
    found = await db.rows(
        PlanRun,
        f"""{_RUN} where r.org_id = $1
              and ($2::timestamptz is null or (r.created_at, r.id) < ($2, $3::uuid))
            order by r.created_at desc, r.id desc limit $4""",
        org_id, *after, limit + 1,
    )  # fmt: skip
    return cut(found, limit, lambda row: (row.created_at, row.id))


async def measure_run(db: Reader, run_id: UUID) -> dict[str, Any]:
    """The figures of a run from its rows: accuracy on the days kept apart, and proposals.

    `wape` and `bias` are shares of the units sold, `wape_naive` is that of last season's values
    repeated, `coverage_80` the share of periods the 10 to 90 % band covered and `inside_80` the
    share inside it or on its edge: more, where few units are sold a period. Proposals that the
    budget deferred do not count.
    """
    found: dict[str, Any] = await db.value(
        """with sums as (
             select count(*) as series,
                    count(*) filter (where drivers @> '[{"code": "DRIFT"}]') as drifted,
                    sum((accuracy ->> 'units')::float8) as units,
                    sum((accuracy ->> 'periods')::float8) as periods,
                    sum((accuracy ->> 'error')::float8) as error,
                    sum((accuracy ->> 'absolute_error')::float8) as absolute_error,
                    sum((accuracy ->> 'absolute_error_naive')::float8) as naive,
                    sum((accuracy ->> 'covered')::float8) as covered,
                    sum((accuracy ->> 'inside')::float8) as inside
               from planning.forecast where plan_run_id = $1
           ), wanted as (
             select count(*) as proposals, count(distinct supplier_org_id) as suppliers,
                    coalesce(avg(p_stockout), 0) as p_stockout,
                    coalesce(avg(p_stockout_after), 0) as p_stockout_after,
                    coalesce(sum(expected_cost), 0)::bigint as expected_cost
               from planning.proposal where plan_run_id = $1 and status <> 'DEFERRED')
           select jsonb_build_object(
             'series', s.series, 'drifted', s.drifted, 'proposals', w.proposals,
             'suppliers', w.suppliers,
             'units', round(s.units::numeric, 1),
             'wape', round((s.absolute_error / nullif(s.units, 0))::numeric, 4),
             'bias', round((s.error / nullif(s.units, 0))::numeric, 4),
             'wape_naive', round((s.naive / nullif(s.units, 0))::numeric, 4),
             'coverage_80', round((s.covered / nullif(s.periods, 0))::numeric, 4),
             'inside_80', round((s.inside / nullif(s.periods, 0))::numeric, 4),
             'p_stockout', round(w.p_stockout::numeric, 4),
             'p_stockout_after', round(w.p_stockout_after::numeric, 4),
             'expected_cost', w.expected_cost,
             'amounts', coalesce((select jsonb_object_agg(currency, amount) from (
               select currency, sum(amount)::bigint as amount from planning.proposal
                where plan_run_id = $1 and status <> 'DEFERRED' group by currency) a), '{}'))
             from sums s, wanted w""",
        run_id,
    )
    return found
