"""A throw-away PostgreSQL for tests: in memory where there is room, no fsync, own process."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from beltline.kit.postgres import account as accounts
from beltline.kit.postgres.binaries import find_binaries

_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "log_min_messages": "error",
}


@contextlib.contextmanager
def throw_away_server(*, in_memory: bool = True, **own: str) -> Iterator[str]:
    """The address of a running server, `…/{database}?…` to be formatted with a name.

    `own` are settings of it in place of the usual ones. What is too large for memory lies in the
    folder for temporary files.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a memory file system, if there is one
    is_there = in_memory and memory.is_dir()
    folder = Path(tempfile.mkdtemp(prefix="blt", dir=memory if is_there else None))
    account = accounts.server_account(folder)
    accounts.give_to(folder, account)
    switch = accounts.as_account(account)
    binaries = find_binaries()
    try:
        subprocess.run(
            [binaries / "initdb", "-D", folder / "d", "-U", "tester", "--auth=trust",
             "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-N"],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **switch,
        )  # fmt: skip
        settings = [
            part for name, value in (_OPTIONS | own).items() for part in ("-c", f"{name}={value}")
        ]
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "d", "-k", folder, *settings],
            cwd="/", **switch,
        )  # fmt: skip
        try:
            _wait(binaries, folder, server)
            yield f"postgresql://tester@/{{database}}?host={folder}"
        finally:
            server.send_signal(2)
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(binaries: Path, folder: Path, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        ready = subprocess.run(
            [binaries / "pg_isready", "-q", "-h", folder, "-U", "tester", "-d", "postgres"],
            env={**os.environ, "LC_ALL": "C"}, check=False,
        )  # fmt: skip
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("the test server did not start")
