"""The worker's own part: what the clock asks for, and the house it keeps."""

import datetime as dt
from pathlib import Path

import pytest

from beltline.accounts import actions as accounts
from beltline.app.settings import SettingInvalid, Settings, WorkerSettings
from beltline.app.worker import acting_system, keep_house, run_worker, schedules_of
from beltline.app.workflows import JOBS
from beltline.kit.db import Database, NotFound
from beltline.kit.files import fetch_file, keep_file
from beltline.kit.ids import new_id
from beltline.kit.jobs.schedules import latest_due


def test_the_nightly_plan_is_due_when_the_settings_say(now: dt.datetime) -> None:
    (nightly,) = [
        schedule
        for schedule in schedules_of(WorkerSettings(nightly_at="02:15"))
        if schedule.name == "nightly-plan"
    ]
    assert latest_due(nightly, now) == dt.datetime(2026, 11, 20, 2, 15, tzinfo=dt.UTC)


def test_an_empty_time_plans_no_night_run() -> None:
    all_names = {schedule.name for schedule in schedules_of(WorkerSettings())}
    names = {schedule.name for schedule in schedules_of(WorkerSettings(nightly_at=""))}
    assert all_names - names == {"nightly-plan"}


def test_what_is_scheduled_can_be_done() -> None:
    kinds = {kind.name for kind in JOBS}
    assert {schedule.kind for schedule in schedules_of(WorkerSettings())} <= kinds


async def test_a_worker_on_an_engine_nobody_knows_refuses_to_start(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, worker=WorkerSettings(engine="spork"))
    with pytest.raises(SettingInvalid, match=r"BELTLINE_WORKER_ENGINE: “spork” is no engine"):
        await run_worker(settings, "", on_ready=lambda: None)


async def test_schedules_act_as_the_operator_once_there_is_one(
    database: Database, now: dt.datetime
) -> None:
    async with database.system() as db:
        assert await acting_system(db) is None
        operator = await accounts.create_organization(
            db, code="operator", kind="OPERATOR", name="Operator", country="CN", now=now
        )
        actor = await acting_system(db)
    assert actor is not None
    assert (actor.org_id, actor.via) == (operator.id, "SYSTEM")


async def test_old_keys_are_forgotten_and_young_ones_kept(
    database: Database, now: dt.datetime
) -> None:
    async with database.system() as db:
        await db.execute(
            """insert into kit.idempotency (org_id, key, operation, body_hash, response, created_at)
               select gen_random_uuid(), n::text, 'x', '', '{}',
                      $1::timestamptz - make_interval(days => n)
                 from generate_series(0, 20) n""",
            now,
        )
    await keep_house(database, WorkerSettings(idempotency_days=7), now=now)
    async with database.system() as db:
        assert await db.value("select count(*) from kit.idempotency") == 8


async def test_old_files_are_forgotten_and_young_ones_kept(
    database: Database, now: dt.datetime, tmp_path: Path
) -> None:
    (tmp_path / "orders.csv").write_text("name\nAnna\n")
    kept = []
    for days in (91, 89):
        async with database.system() as db:
            kept.append(await keep_file(
                db, org_id=new_id(), name="orders.csv", path=tmp_path / "orders.csv",
                created_by="test", now=now - dt.timedelta(days=days),
            ))  # fmt: skip
    await keep_house(database, WorkerSettings(), now=now)
    async with database.system() as db:
        assert await db.values("select distinct file_id from kit.file_chunk") == [kept[1].id]
        with pytest.raises(NotFound):
            await fetch_file(db, kept[0].id, tmp_path / "again.csv")
        await fetch_file(db, kept[1].id, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text() == "name\nAnna\n"


async def test_the_coming_months_have_their_partitions(
    database: Database, now: dt.datetime
) -> None:
    later = now + dt.timedelta(days=400)
    await keep_house(database, WorkerSettings(), now=later)
    async with database.system() as db:
        name = later.strftime("kit.event_%Y%m")
        assert await db.value("select to_regclass($1) is not null", name)
