"""Fixtures: one server a test process, one database a test, cloned from a migrated template."""

import asyncio
import datetime as dt
import gc
import itertools
import os
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from beltline.app.modules import MODULES
from beltline.kit.db import Database
from beltline.kit.jobs.migrate import migrate_jobs
from beltline.kit.migrate import migrate
from tests.clock import START, go_by_the_tests
from tests.cluster import throw_away_server

# What holds is proved, not how fast: a busy machine must not decide about a property.
settings.register_profile("beltline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beltline")

_numbers = itertools.count()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, whatever the order of the others: none of them ends alone on one core."""
    items.sort(key=lambda item: "journeys" not in item.path.parts and not item.get_closest_marker(
        "browser"))  # fmt: skip


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking through it again took an eighth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server, with `{database}` to be filled in.

    `BELTLINE_TEST_SERVER` names another one, to run the tests on it.
    """
    given = os.environ.get("BELTLINE_TEST_SERVER")
    if given:
        yield given
        return
    with throw_away_server() as address:
        yield address


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a migrated, empty database to clone."""
    name = f"template_beltline_{os.getpid()}"

    async def prepare() -> None:
        await _admin(server, f"create database {name}")
        await migrate(server.format(database=name), MODULES, now=dt.datetime.now(dt.UTC))
        await migrate_jobs(server.format(database=name))

    asyncio.run(prepare())
    return name


@pytest.fixture
def dsn(server: str, template: str) -> Iterator[str]:
    """A fresh migrated database of this test alone."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    # Copying the files is half the work where nothing has to reach a disk.
    asyncio.run(_admin(server, f"create database {name} template {template} strategy file_copy"))
    yield server.format(database=name)
    asyncio.run(_admin(server, f"drop database {name} with (force)"))


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """An open `Database` on the test's own database."""
    opened = await Database(dsn, pool_size=8).open()
    yield opened
    await opened.close()


@pytest.fixture
def now() -> dt.datetime:
    """A fixed instant: what a test does must not depend on the day it runs."""
    return START


@pytest.fixture(autouse=True)
def _same_day(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    is_whole = {"proofs", "journeys"} & set(request.path.parts)
    if not is_whole and not request.node.get_closest_marker("browser"):
        go_by_the_tests(monkeypatch)


async def _admin(server: str, sql: str) -> None:
    connection = await asyncpg.connect(server.format(database="postgres"))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
