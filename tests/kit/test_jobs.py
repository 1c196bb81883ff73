"""Durable jobs: one effect a step, whoever runs it, and a row that tells how it went."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Unavailable, Writer
from beltline.kit.errors import Kind, Refusal
from beltline.kit.ids import new_id
from beltline.kit.jobs import queries, queue, store
from beltline.kit.jobs.engine import start_jobs, stop_jobs
from beltline.kit.jobs.execute import execute, run_inline
from beltline.kit.jobs.migrate import migrate_jobs
from beltline.kit.jobs.run import JobKind, Run, job, registry_of
from beltline.kit.jobs.schedules import Schedule, enqueue_due, latest_due
from beltline.kit.jobs.types import (
    Job,
    JobHasEnded,
    JobIdTaken,
    JobNotEnded,
    JobState,
    Progress,
    WorkerIdTaken,
)

ACTOR = Actor(new_id(), "BUYER", "Jiang", "MEMBER", new_id(), scopes=frozenset({"imports:write"}))


class TooMany(Refusal):
    """What a job's step refuses with here."""

    kind, code = Kind.INVALID, "tests.too_many"
    detail = "{found} are too many."
    found: int


class Counted(msgspec.Struct, frozen=True):
    """A step's result with types that JSON does not have."""

    owner: UUID
    at: dt.datetime
    rows: int


async def _note(db: Writer, text: str, now: dt.datetime) -> None:
    """An effect that is not idempotent: a row each time it happens."""
    await db.execute(
        """insert into kit.idempotency (org_id, key, operation, body_hash, response, created_at)
           values ($1, $2, 'tests.note', '', 'null', $3)""",
        ACTOR.org_id,
        f"{text} {new_id()}",
        now,
    )


async def _notes(database: Database) -> list[str]:
    async with database.system() as db:
        keys = await db.values(
            "select key from kit.idempotency where operation = 'tests.note' order by key"
        )
    return [key.rsplit(" ", 1)[0] for key in keys]


@job("tests.three.v1")
async def three_steps(run: Run) -> dict[str, int]:
    """Three noted steps, as many as it is told to survive."""
    for number in range(3):

        async def work(db: Writer, now: dt.datetime, number: int = number) -> int:
            await _note(db, f"step {number}", now)
            run.report(done=number + 1, total=3, message=f"{number + 1} of 3")
            return number * 10

        assert await run.step(f"step {number}", work, int) == number * 10
        if run.parameters.get("dies_after") == number:
            raise KeyboardInterrupt
    return {"steps": 3}


@job("tests.refusing.v1")
async def refusing(run: Run) -> None:
    """Does one step, and refuses in the next."""

    async def first(db: Writer, now: dt.datetime) -> None:
        await _note(db, "first", now)
        run.report(done=1)

    async def second(db: Writer, now: dt.datetime) -> None:
        await _note(db, "second", now)
        run.report(done=2)
        raise TooMany(found=7)

    await run.step("first", first)
    await run.step("second", second)


@job("tests.broken.v1")
async def broken(run: Run) -> None:
    """A bug."""
    raise ZeroDivisionError("no rows to divide by")


REGISTRY = registry_of(three_steps, refusing, broken)


async def _inline(
    database: Database, kind: JobKind, now: dt.datetime, job_id: UUID | None = None, **more: Any
) -> Job:
    return await run_inline(
        database, ACTOR, kind=kind.name, title="A test", parameters=more, now=now,
        registry={**REGISTRY, kind.name: kind}, job_id=job_id,
    )  # fmt: skip


async def _get(database: Database, job_id: UUID) -> Job:
    async with database.system() as db:
        return await queries.get_job(db, job_id)


async def test_an_inline_job_tells_how_it_went(database: Database, now: dt.datetime) -> None:
    heard: list[Progress] = []
    done = await run_inline(
        database, ACTOR, kind="tests.three.v1", title="Three steps", parameters={}, now=now,
        registry=REGISTRY, on_progress=heard.append,
    )  # fmt: skip
    assert (done.state, done.result, done.done, done.total) == (JobState.DONE, {"steps": 3}, 3, 3)
    assert (done.asked_by, done.created_by, done.message) == (ACTOR, "Jiang", "3 of 3")
    assert done.started_at is not None
    assert done.finished_at is not None
    assert [progress.done for progress in heard] == [1, 2, 3]


async def test_portions_are_done_until_nothing_is_found(
    database: Database, now: dt.datetime
) -> None:
    left = [3, 2, 0, 9]

    @job("tests.portions.v1")
    async def portions(run: Run) -> int:
        async def take(db: Writer, now: dt.datetime) -> int:
            await _note(db, f"take {len(left)}", now)
            if run.parameters["dies"] and len(left) == 3:
                raise KeyboardInterrupt
            return left.pop(0)

        return await run.repeat("take", take, done=10)

    job_id = new_id()
    with pytest.raises(KeyboardInterrupt):
        await _inline(database, portions, now, job_id, dies=True)
    async with database.system() as db:
        await db.execute("update kit.job set parameters = $2 where id = $1", job_id,
                         {"dies": False})  # fmt: skip
    done = await _inline(database, portions, now, job_id)
    assert (done.state, done.result, done.done) == (JobState.DONE, 5, 15)
    # The first portion was not taken again, and nobody asked once nothing was found.
    assert await _notes(database) == ["take 2", "take 3", "take 4"]
    assert left == [9]


async def test_a_killed_job_goes_on_where_it_was(database: Database, now: dt.datetime) -> None:
    job_id = new_id()
    for dies_after in (0, 1):
        with pytest.raises(KeyboardInterrupt):
            await _inline(database, three_steps, now, job_id, dies_after=dies_after)
        async with database.system() as db:
            await db.execute(
                "update kit.job set parameters = $2 where id = $1", job_id,
                {"dies_after": dies_after + 1},
            )  # fmt: skip
    async with database.system() as db:
        await db.execute("update kit.job set parameters = '{}' where id = $1", job_id)
    done = await _inline(database, three_steps, now, job_id)
    again = await _inline(database, three_steps, now, job_id)
    assert done == again
    assert await _notes(database) == ["step 0", "step 1", "step 2"]


async def test_two_runners_of_one_job_do_each_step_once(
    database: Database, now: dt.datetime
) -> None:
    job_id = new_id()
    await asyncio.gather(*(_inline(database, three_steps, now, job_id) for _ in range(4)))
    assert await _notes(database) == ["step 0", "step 1", "step 2"]
    assert (await _get(database, job_id)).state is JobState.DONE


async def test_a_refusal_undoes_its_step_and_is_kept(database: Database, now: dt.datetime) -> None:
    job_id = new_id()
    with pytest.raises(TooMany):
        await _inline(database, refusing, now, job_id)
    refused = await _get(database, job_id)
    assert (refused.state, refused.message, refused.done) == (
        JobState.REFUSED, "7 are too many.", 1,
    )  # fmt: skip
    assert refused.result["code"] == "tests.too_many"
    assert refused.result["fields"] == {"found": 7}
    assert await _notes(database) == ["first"]


async def test_a_bug_is_shown(database: Database, now: dt.datetime) -> None:
    job_id = new_id()
    with pytest.raises(ZeroDivisionError):
        await _inline(database, broken, now, job_id)
    failed = await _get(database, job_id)
    assert failed.state is JobState.FAILED
    assert failed.result == {"error": "ZeroDivisionError: no rows to divide by"}


async def test_a_result_that_cannot_be_kept_is_a_bug(database: Database, now: dt.datetime) -> None:
    @job("tests.unkeepable.v1")
    async def unkeepable(run: Run) -> object:
        return object()

    job_id = new_id()
    with pytest.raises(TypeError):
        await _inline(database, unkeepable, now, job_id)
    assert (await _get(database, job_id)).state is JobState.FAILED


async def test_a_step_waits_out_trouble(database: Database, now: dt.datetime) -> None:
    tries = []

    @job("tests.troubled.v1")
    async def troubled(run: Run) -> None:
        async def work(db: Writer, now: dt.datetime) -> None:
            await _note(db, "worked", now)
            tries.append(now)
            if len(tries) < 3:
                raise Unavailable("the server is restarting")

        await run.step("work", work)

    done = await _inline(database, troubled, now)
    assert (done.state, len(tries)) == (JobState.DONE, 3)
    assert await _notes(database) == ["worked"]


async def test_results_come_back_typed_and_calls_are_kept(
    database: Database, now: dt.datetime
) -> None:
    called = []
    expected = Counted(ACTOR.org_id, now, 12)

    @job("tests.calling.v1")
    async def calling(run: Run) -> bool:
        async def ask() -> Counted:
            called.append(1)
            return expected

        answer = await run.call("ask the carrier", ask, Counted)
        if run.parameters.get("dies"):
            raise KeyboardInterrupt
        return answer == expected

    job_id = new_id()
    with pytest.raises(KeyboardInterrupt):
        await _inline(database, calling, now, job_id, dies=True)
    async with database.system() as db:
        await db.execute("update kit.job set parameters = '{}' where id = $1", job_id)
    assert (await _inline(database, calling, now, job_id)).result is True
    assert called == [1]


async def test_a_rolled_back_request_asks_for_no_job(database: Database, now: dt.datetime) -> None:
    async def ask(db: Writer, job_id: UUID) -> None:
        await queue.enqueue(
            db, ACTOR, kind="tests.three.v1", title="x", parameters={}, now=now, job_id=job_id
        )

    async def ask_and_fail(job_id: UUID) -> None:
        async with database.writing(ACTOR) as db:
            await ask(db, job_id)
            raise ZeroDivisionError

    kept, dropped = new_id(), new_id()
    async with database.writing(ACTOR) as db:
        await ask(db, kept)
        await ask(db, kept)
    with pytest.raises(ZeroDivisionError):
        await ask_and_fail(dropped)
    async with database.system() as db:
        assert await db.values("select id from kit.job") == [kept]
        assert await db.values("select workflow_uuid from jobs.workflow_status") == [f"{kept}:1"]


async def test_an_id_belongs_to_its_organization(database: Database, now: dt.datetime) -> None:
    job_id = new_id()
    other = msgspec.structs.replace(ACTOR, org_id=new_id())
    async with database.writing(ACTOR) as db:
        await queue.enqueue(
            db, ACTOR, kind="a.v1", title="x", parameters={}, now=now, job_id=job_id
        )
    with pytest.raises(JobIdTaken):
        async with database.writing(other) as db:
            await queue.enqueue(
                db, other, kind="a.v1", title="x", parameters={}, now=now, job_id=job_id
            )
    async with database.reading(other) as reader:
        assert await queries.list_jobs(reader) == ([], None)


async def test_the_web_role_cannot_reach_the_engine(database: Database) -> None:
    async with database.system() as db:
        reachable = await db.value(
            """select has_schema_privilege('bl_app', 'jobs', 'usage')
                   or exists (select from pg_class c
                               where c.relnamespace = 'jobs'::regnamespace and c.relkind = 'r'
                                 and has_table_privilege('bl_app', c.oid, 'select'))"""
        )
    assert reachable is False


async def test_migrating_again_changes_nothing(dsn: str, database: Database) -> None:
    await migrate_jobs(dsn)
    async with database.system() as db:
        assert await db.value("select count(*) from jobs.dbos_migrations") == 1
        # A trigger that notifies would slow every transaction that enqueues.
        assert (
            await db.value(
                """select count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid
                    where c.relnamespace = 'jobs'::regnamespace and not t.tgisinternal"""
            )
            == 0
        )


async def test_lists_go_on_from_their_cursor(database: Database, now: dt.datetime) -> None:
    made = [
        await _inline(database, three_steps, now + dt.timedelta(minutes=minute % 2))
        for minute in range(4)
    ]
    seen: list[UUID] = []
    cursor: str | None = None
    async with database.reading(ACTOR) as db:
        while True:
            page, cursor = await queries.list_jobs(db, limit=1, cursor=cursor)
            seen += [found.id for found in page]
            if cursor is None:
                break
    assert seen == [m.id for m in sorted(made, key=lambda m: (m.created_at, m.id), reverse=True)]


async def test_a_cancelled_job_stops_before_its_next_step(
    database: Database, now: dt.datetime
) -> None:
    @job("tests.cancelled.v1")
    async def cancelled(run: Run) -> None:
        async def work(db: Writer, now: dt.datetime) -> None:
            await _note(db, "worked", now)

        await run.step("first", work)
        async with database.writing(ACTOR) as db:
            await queue.cancel(db, job_id=run.job_id, now=now)
        await run.step("second", work)

    async with database.writing(ACTOR) as db:
        job_id = await queue.enqueue(
            db, ACTOR, kind=cancelled.name, title="x", parameters={}, now=now
        )
    await execute(database, job_id, registry_of(cancelled))
    assert (await _get(database, job_id)).state is JobState.CANCELLED
    assert await _notes(database) == ["worked"]
    with pytest.raises(JobHasEnded):
        async with database.writing(ACTOR) as db:
            await queue.cancel(db, job_id=job_id, now=now)


async def test_only_what_ended_badly_is_retried(database: Database, now: dt.datetime) -> None:
    async with database.writing(ACTOR) as db:
        job_id = await queue.enqueue(
            db, ACTOR, kind="tests.broken.v1", title="x", parameters={}, now=now
        )
    await execute(database, job_id, REGISTRY)
    async with database.writing(ACTOR) as db:
        assert (await queue.retry(db, job_id=job_id)).state is JobState.QUEUED
    with pytest.raises(JobNotEnded):
        async with database.writing(ACTOR) as db:
            await queue.retry(db, job_id=job_id)
    async with database.system() as db:
        rounds = await db.values("select workflow_uuid from jobs.workflow_status order by 1")
    assert rounds == [f"{job_id}:1", f"{job_id}:2"]


async def test_a_kind_nobody_knows_yet_waits(database: Database, now: dt.datetime) -> None:
    async with database.writing(ACTOR) as db:
        job_id = await queue.enqueue(
            db, ACTOR, kind="tests.tomorrow.v2", title="x", parameters={}, now=now
        )
    await execute(database, job_id, REGISTRY)
    waiting = await _get(database, job_id)
    assert (waiting.state, waiting.round) == (JobState.QUEUED, 2)
    async with database.system() as db:
        states = await db.values("select status from jobs.workflow_status order by workflow_uuid")
    assert states == ["ENQUEUED", "DELAYED"]


NIGHTLY = Schedule("plan", "tests.three.v1", "Nightly plan", "Asia/Shanghai", hour=2, minute=30)


MONDAYS = msgspec.structs.replace(NIGHTLY, weekday=0)
HOURLY = msgspec.structs.replace(NIGHTLY, hour=None)
WARSAW = msgspec.structs.replace(NIGHTLY, timezone="Europe/Warsaw")


@pytest.mark.parametrize(
    ("schedule", "at", "due"),
    [
        (NIGHTLY, "2026-11-20T18:30:00Z", "2026-11-20T18:30:00Z"),
        (NIGHTLY, "2026-11-20T18:29:59Z", "2026-11-19T18:30:00Z"),
        (MONDAYS, "2026-11-20T18:30:00Z", "2026-11-15T18:30:00Z"),
        (HOURLY, "2026-11-20T18:12:00Z", "2026-11-20T17:30:00Z"),
        # The night in which 02:30 does not exist, and the one in which it comes twice.
        (WARSAW, "2026-03-29T12:00:00Z", "2026-03-29T01:30:00Z"),
        (WARSAW, "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"),
    ],
)
def test_when_a_schedule_is_due(schedule: Schedule, at: str, due: str) -> None:
    assert latest_due(schedule, dt.datetime.fromisoformat(at)) == dt.datetime.fromisoformat(due)


async def test_each_due_instant_is_asked_for_once(database: Database, now: dt.datetime) -> None:
    async def look(instant: dt.datetime) -> list[UUID]:
        async with database.system() as db:
            return await enqueue_due(db, ACTOR, [NIGHTLY], instant)

    assert await look(now) == []
    tomorrow = now + dt.timedelta(days=1)
    looks = await asyncio.gather(*(look(tomorrow) for _ in range(6)))
    asked = [job_id for found in looks for job_id in found]
    assert len(asked) == 1
    assert (await _get(database, asked[0])).parameters == {"due_at": "2026-11-20T18:30:00+00:00"}


@pytest.fixture
async def worker(dsn: str, database: Database) -> AsyncIterator[Database]:
    """A working worker-0 in this process."""
    await start_jobs(dsn, database, "worker-0", REGISTRY)
    yield database
    await stop_jobs(grace_s=1.0)


async def _ended(database: Database, job_id: UUID) -> Job:
    for _ in range(600):
        found = await _get(database, job_id)
        if not found.is_open:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{found} never ended")


async def test_a_worker_does_what_is_asked(dsn: str, worker: Database, now: dt.datetime) -> None:
    asked = []
    for kind in ("tests.three.v1", "tests.refusing.v1", "tests.broken.v1"):
        async with worker.writing(ACTOR) as db:
            asked.append(
                await queue.enqueue(db, ACTOR, kind=kind, title="x", parameters={}, now=now)
            )
    ended = [await _ended(worker, job_id) for job_id in asked]
    assert [e.state for e in ended] == [JobState.DONE, JobState.REFUSED, JobState.FAILED]
    assert await _notes(worker) == ["first", "step 0", "step 1", "step 2"]
    async with worker.system() as db:
        assert [found.id for found in await queries.list_workers(db)] == ["worker-0"]
    with pytest.raises(RuntimeError):
        await start_jobs(dsn, worker, "worker-1", REGISTRY)


async def test_a_worker_takes_over_what_a_lost_one_left(
    dsn: str, database: Database, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beltline.kit.jobs.watch.BEAT_S", 0.1)
    async with database.writing(ACTOR) as db:
        job_id = await queue.enqueue(
            db, ACTOR, kind="tests.three.v1", title="x", parameters={}, now=now
        )
    async with database.system() as db:
        # As a worker leaves it that took the job and never came back.
        await db.execute(
            "update jobs.workflow_status set status = 'PENDING', executor_id = 'worker-9'"
        )
    await start_jobs(dsn, database, "worker-0", REGISTRY)
    try:
        assert (await _ended(database, job_id)).state is JobState.DONE
    finally:
        await stop_jobs(grace_s=1.0)


async def test_a_living_workers_id_is_refused(
    dsn: str, worker: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from beltline.kit.jobs.watch import WorkerName

    with pytest.raises(WorkerIdTaken):
        await WorkerName(dsn, "worker-0").take(patience_s=0.3)


async def test_a_job_that_kills_its_worker_each_time_is_shown(
    database: Database, now: dt.datetime
) -> None:
    async with database.writing(ACTOR) as db:
        job_id = await queue.enqueue(
            db, ACTOR, kind="tests.three.v1", title="x", parameters={}, now=now
        )
    async with database.system() as db:
        await db.execute(
            "update jobs.workflow_status set status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'"
        )
        assert await store.fail_abandoned(db, "Its worker died.", now) == [job_id]
    failed = await _get(database, job_id)
    assert (failed.state, failed.result) == (JobState.FAILED, {"error": "Its worker died."})
