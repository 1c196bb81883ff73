"""The demo on somebody else's server: Debian's PostgreSQL 15, with a login that is no superuser."""

import asyncio
import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from beltline.app.demo.state import PEOPLE
from beltline.kit.postgres import account as accounts
from tests.journeys.people import Person
from tests.journeys.program import PREPARE_S, Program, processes_of, reachable_folder, run_well

BINARIES = Path("/usr/lib/postgresql/15/bin")

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(
        not (BINARIES / "postgres").is_file(),
        reason=f"no PostgreSQL 15 in {BINARIES}: apt-get install postgresql-15",
    ),
]


def test_the_demo_runs_on_debians_postgresql() -> None:
    with reachable_folder("bldebian") as folder, _debian_server(folder) as url:
        data = folder / "data"
        run_well("demo", "--prepare", "--data", str(data), timeout=PREPARE_S, DATABASE_URL=url)
        assert not (data / "postgres").exists(), "no server of our own beside it"
        demo = Program("--data", str(data), "demo", "--port", "0", DATABASE_URL=url)
        demo.start()
        try:
            for path in ("/health", "/ready"):
                assert httpx.get(demo.url + path).status_code == 200
            password = (data / "demo" / "demo-login").read_text("utf-8").strip()
            for _, email, *_ in PEOPLE:
                with Person(demo.url, email, password) as person:
                    assert len(person.walk()) > 8
            run_well("doctor", "--data", str(data), DATABASE_URL=url)
            _assert_sound(demo.url, data, url)
        finally:
            code, took_s = demo.stop()
        assert (code, processes_of(data)) == (0, [])
        assert took_s < 30
        _assert_reset(data, url)


def _assert_reset(data: Path, url: str) -> None:
    """Begun again, the demo stands as before and knows nothing of what was done in it."""
    listing = ("--json", "key", "list", "--org", "operator", "--data", str(data))
    assert json.loads(run_well(*listing, DATABASE_URL=url))["items"] != []
    again = ("demo", "--reset", "--prepare", "--data", str(data))
    run_well(*again, timeout=PREPARE_S, DATABASE_URL=url)
    assert json.loads(run_well(*listing, DATABASE_URL=url))["items"] == []


def _assert_sound(site: str, data: Path, url: str) -> None:
    key = run_well(
        "key", "create", "--org", "operator", "--scopes", "stock:read", "--data", str(data),
        DATABASE_URL=url,
    ).strip()  # fmt: skip
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(60):
        health = httpx.get(f"{site}/v1/health/invariants", headers=headers, timeout=60).json()
        if health["holds"]:
            break
        time.sleep(0.5)  # the worker publishes a morning's events
    assert [proof for proof in health["items"] if not proof["holds"]] == []


@contextlib.contextmanager
def _debian_server(folder: Path) -> Iterator[str]:
    """A server of the distribution with its own defaults; the address of an ordinary login."""
    home = folder / "server"
    home.mkdir()
    account = accounts.server_account(home)
    accounts.give_to(home, account)
    switch = accounts.as_account(account)
    secret = home / "secret"
    secret.write_text("superuser")
    accounts.give_to(secret, account)
    subprocess.run(
        [BINARIES / "initdb", "-D", home / "main", "-U", "postgres", "--auth=scram-sha-256",
         f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **switch,
    )  # fmt: skip
    server = subprocess.Popen(
        [BINARIES / "postgres", "-D", home / "main", "-k", home, "-c", "listen_addresses="],
        stderr=subprocess.DEVNULL, cwd="/", **switch,
    )  # fmt: skip
    try:
        asyncio.run(_make_login(f"postgresql://postgres:superuser@/postgres?host={home}"))
        yield f"postgresql://keeper:keeper@/shop?host={home}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


async def _make_login(superuser: str) -> None:
    for _ in range(300):
        try:
            connection = await asyncpg.connect(superuser)
            break
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.1)
    await connection.execute("create role keeper login createrole createdb password 'keeper'")
    await connection.execute("create database shop owner keeper")
    assert connection.get_server_version().major == 15
    await connection.close()
