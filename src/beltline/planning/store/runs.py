"""Writes of plan runs: their states, their files while under way, their forecasts."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Writer
from beltline.planning.types import Note


async def insert_run(
    db: Writer,
    *,
    run_id: UUID,
    org_id: UUID,
    state: str,
    cut_off: dt.date,
    as_of: dt.datetime,
    freq: str,
    horizon: int,
    parameters: dict[str, Any],
    versions: dict[str, Any],
    job_id: UUID,
    created_by: str,
    now: dt.datetime,
) -> bool:
    """A run and its job; False when it stands already."""
    return bool(
        await db.execute(
            """insert into planning.plan_run (id, org_id, state, cut_off, as_of, freq, horizon,
                 parameters, versions, job_id, created_by, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
               on conflict (id) do nothing""",
            run_id, org_id, state, cut_off, as_of, freq, horizon, parameters, versions, job_id,
            created_by, now,
        )
    )  # fmt: skip


async def set_running(db: Writer, run_id: UUID, versions: dict[str, Any]) -> None:
    """The job has begun; with which program."""
    await db.execute(
        """update planning.plan_run set state = 'RUNNING', versions = $2
            where id = $1 and state <> 'DONE'""",
        run_id,
        versions,
    )


async def set_refused(db: Writer, run_id: UUID, now: dt.datetime) -> None:
    """The run ended with a refusal; its job says which."""
    await db.execute(
        """update planning.plan_run set state = 'REFUSED', finished_at = $2
            where id = $1 and state <> 'DONE'""",
        run_id,
        now,
    )


async def add_note(db: Writer, run_id: UUID, note: Note) -> None:
    """What else is to be known about the run."""
    await db.execute(
        "update planning.plan_run set notes = notes || $2 where id = $1",
        run_id,
        msgspec.to_builtins([note]),
    )


async def set_inputs(
    db: Writer, run_id: UUID, input_hash: str, notes: Sequence[Note], now: dt.datetime
) -> None:
    """What the run has read and when, and what it could not use."""
    await db.execute(
        "update planning.plan_run set input_hash = $2, notes = $3, read_at = $4 where id = $1",
        run_id,
        input_hash,
        msgspec.to_builtins(list(notes)),
        now,
    )


async def set_done(db: Writer, run_id: UUID, *, metrics: dict[str, Any], now: dt.datetime) -> None:
    """The run is complete."""
    await db.execute(
        """update planning.plan_run set state = 'DONE', metrics = $2, finished_at = $3
            where id = $1""",
        run_id,
        metrics,
        now,
    )


async def refresh_statistics(db: Writer) -> None:
    """Let the database know what demand looks like now."""
    await db.execute("select planning.refresh_statistics()")


async def put_file(db: Writer, run_id: UUID, org_id: UUID, name: str, content: bytes) -> None:
    """Keep a file of a run under way; the same name again replaces it."""
    await db.execute(
        """insert into planning.plan_file (plan_run_id, name, org_id, content)
           values ($1, $2, $3, $4)
           on conflict (plan_run_id, name) do update set content = excluded.content""",
        run_id,
        name,
        org_id,
        content,
    )


async def get_file(db: Writer, run_id: UUID, name: str) -> bytes | None:
    """A file of a run under way, by name."""
    content: bytes | None = await db.value(
        "select content from planning.plan_file where plan_run_id = $1 and name = $2", run_id, name
    )
    return content


async def list_files(db: Writer, run_id: UUID, prefix: str) -> list[str]:
    """Names of a run's files that begin so, in their order."""
    return await db.values(
        """select name from planning.plan_file where plan_run_id = $1 and starts_with(name, $2)
            order by length(name), name limit 100000""",
        run_id,
        prefix,
    )


async def drop_old_files(db: Writer, org_id: UUID) -> None:
    """Forget the inputs of every finished run but the latest: what-ifs are asked of that one."""
    await db.execute(
        """delete from planning.plan_file f
            using planning.plan_run r
            where r.id = f.plan_run_id and r.org_id = $1
              and (f.name = 'holdout' and r.state = 'DONE'
                   or r.state in ('DONE', 'REFUSED') and r.id <> (
                        select l.id from planning.plan_run l
                         where l.org_id = $1 and l.state = 'DONE'
                         order by l.as_of desc, l.created_at desc, l.id desc limit 1))""",
        org_id,
    )


_FORECAST = ("sku_id", "node_id", "mean", "p10", "p50", "p90", "drivers", "accuracy")


async def insert_forecasts(
    db: Writer, run_id: UUID, org_id: UUID, rows: Sequence[Sequence[object]]
) -> None:
    """Forecasts of a shard; `rows` in the order of the columns, JSON as text."""
    await db.execute("drop table if exists pg_temp.planned_forecast")
    await db.execute(
        """create temporary table planned_forecast (sku_id uuid, node_id uuid, mean real[],
             p10 real[], p50 real[], p90 real[], drivers text, accuracy text) on commit drop"""
    )
    await db.copy("planned_forecast", _FORECAST, rows)
    await db.execute(
        """insert into planning.forecast (plan_run_id, org_id, sku_id, node_id, mean, p10, p50,
             p90, drivers, accuracy)
           select $1, $2, sku_id, node_id, mean, p10, p50, p90, drivers::jsonb, accuracy::jsonb
             from pg_temp.planned_forecast order by sku_id, node_id
           on conflict (plan_run_id, sku_id, node_id) do nothing""",
        run_id,
        org_id,
    )
