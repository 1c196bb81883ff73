"""`beltline doctor`: what is broken is found and said, with a way to mend it."""

import datetime as dt
from pathlib import Path

import asyncpg
import pytest

from beltline.app.doctor import Finding, examine_database, examine_machine, unreachable
from beltline.app.environment import read_settings
from beltline.app.settings import Settings
from beltline.kit.db import Database


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


async def owner(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def test_a_sound_machine(tmp_path: Path) -> None:
    found = by_name(list(examine_machine(read_settings({}, data=tmp_path))))
    assert found["python"].state == "OK"
    assert found["data folder"].state == "OK"
    assert found["dbos"].found


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "not" / "yet")
    found = by_name(list(examine_machine(settings)))
    assert found["data folder"].state == "WARN"
    assert found["free disk"].state in {"OK", "BROKEN"}


async def test_a_current_database(dsn: str) -> None:
    found = by_name(await examine_database(dsn))
    for name in ("postgresql", "roles", "row-level security", "clock", "outbox", "migrations"):
        assert found[name].state == "OK", found[name]
    assert found["worker"] == Finding(
        "worker", "WARN", "never seen",
        "Start `beltline worker`: without it nothing is published, imported or planned.",
    )  # fmt: skip


async def test_a_setting_that_loses_commits_is_broken(dsn: str) -> None:
    # The server of the tests is one: it runs with fsync off.
    found = by_name(await examine_database(dsn))["durability"]
    assert found.state == ("BROKEN" if "fsync" in found.found and "off" in found.found else "OK")


async def test_a_table_without_forced_security_is_broken(dsn: str) -> None:
    await owner(dsn, "alter table kit.outbox no force row level security")
    found = by_name(await examine_database(dsn))["row-level security"]
    assert found.state == "BROKEN"
    assert "kit.outbox" in found.found
    assert found.mend


async def test_a_waiting_or_edited_migration_is_broken(dsn: str) -> None:
    await owner(dsn, "delete from kit.migration where module = 'trade'")
    found = by_name(await examine_database(dsn))["migrations"]
    assert (found.state, found.mend) == ("BROKEN", "Run `beltline migrate`.")
    assert "trade 0001" in found.found
    await owner(dsn, "update kit.migration set checksum = 'x' where module = 'kit'")
    found = by_name(await examine_database(dsn))["migrations"]
    assert (found.state, "differs" in found.found) == ("BROKEN", True)


async def test_an_event_that_waits_too_long_is_told(dsn: str) -> None:
    await owner(
        dsn,
        """insert into kit.outbox (id, type, version, aggregate, aggregate_id, sequence,
                                   occurred_at, data)
           values (gen_random_uuid(), 'a.b', 1, 'a', gen_random_uuid(), 1,
                   clock_timestamp() - interval '10 minutes', '{}')""",
    )
    found = by_name(await examine_database(dsn))["outbox"]
    assert found.state == "WARN"
    assert found.found.startswith("1 events wait, the oldest for 60")


@pytest.mark.parametrize(("age_s", "state"), [(3, "OK"), (300, "WARN")])
async def test_a_worker_is_alive_or_not(
    dsn: str, database: Database, age_s: int, state: str
) -> None:
    beat = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)
    async with database.system() as db:
        await db.execute("insert into kit.worker values ('worker-0', $1, $1)", beat)
    assert by_name(await examine_database(dsn))["worker"].state == state


async def test_an_empty_database_says_what_to_do(server: str, dsn: str) -> None:
    name = dsn.rpartition("/")[2].partition("?")[0] + "_empty"
    admin = server.format(database="postgres")
    await owner(admin, f"create database {name}")
    try:
        found = by_name(await examine_database(server.format(database=name)))
    finally:
        await owner(admin, f"drop database {name}")
    assert found["migrations"].state == "BROKEN"
    assert found["worker"].mend == "Run `beltline migrate`."


def test_a_server_out_of_reach_is_one_finding() -> None:
    found = unreachable(ConnectionRefusedError("refused"))
    assert (found.state, found.found) == ("BROKEN", "refused")
