"""What the kill proofs share: an embedded server to kill, children to kill, sizes and seeds."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

import beltline
from beltline.app.modules import MODULES
from beltline.kit.clock import system_now
from beltline.kit.errors import Transient
from beltline.kit.jobs.migrate import migrate_jobs
from beltline.kit.migrate import migrate
from beltline.kit.postgres.client import attach, find_running

SEED = int(os.environ.get("BELTLINE_PROOF_SEED") or random.randrange(10**6))
NIGHTLY = os.environ.get("BELTLINE_PROOF_SIZE") == "nightly"
AWAY_S = 60.0
KILLS = 500 if NIGHTLY else 20
_ROOT = Path(beltline.__file__).parents[2]


class Victim:
    """A child process `python -m tests.proofs.<module> …`, killed and started again at will."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = [sys.executable, "-m", f"tests.proofs.{module}", *arguments]
        self._child = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, cwd=_ROOT, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._child.kill()
        self._child.wait()

    def start(self) -> None:
        """Start it again."""
        self._child = self._start()


@contextlib.contextmanager
def embedded_data() -> Iterator[Path]:
    """A data folder of the embedded server, in memory where there is room."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    folder = Path(tempfile.mkdtemp(prefix="blp", dir=memory if memory.is_dir() else None))
    folder.chmod(0o755)
    try:
        yield folder / "data"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def embedded_server() -> Iterator[tuple[Path, str]]:
    """A running embedded server: its data folder and its superuser's address."""
    with embedded_data() as data, attach(data) as server:
        yield data, server.dsn


async def migrated(superuser_dsn: str) -> str:
    """A migrated database whose login has no more than it needs: its own, and CREATEROLE."""
    connection = await asyncpg.connect(superuser_dsn)
    try:
        await connection.execute("create role keeper login createrole password 'keeper'")
        await connection.execute("create database kept owner keeper")
    finally:
        await connection.close()
    parts = urlsplit(superuser_dsn)
    dsn = urlunsplit(parts._replace(netloc=_as_keeper(parts.netloc), path="/kept"))
    await migrate(dsn, MODULES, now=system_now())
    await migrate_jobs(dsn)
    return dsn


def _as_keeper(netloc: str) -> str:
    return f"keeper:keeper@{netloc.rpartition('@')[2]}"


async def patiently(check: Callable[[], Awaitable[None]]) -> None:
    """Check what only reads, again while the server that was just killed is away.

    Its last sessions answer for some milliseconds more, so that a wait before may end too early.
    """
    async with asyncio.timeout(AWAY_S):
        while True:
            try:
                await check()
            except Transient:
                await asyncio.sleep(0.1)
            else:
                return


def kill_server(data: Path) -> None:
    """SIGKILL the postmaster; its supervisor starts another."""
    running = find_running(data)
    if running is not None:
        os.kill(running.postmaster_pid, signal.SIGKILL)
