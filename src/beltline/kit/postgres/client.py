"""What programs use: attach to the embedded server, starting it when it does not run."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from beltline.kit.postgres import cluster, locks, supervisor
from beltline.kit.postgres import home as homes
from beltline.kit.postgres.home import Home
from beltline.kit.postgres.types import (
    PlatformUnsupported,
    Running,
    ServerDidNotStart,
    ServerNotReady,
)

PATIENCE_S = 300.0
_POLL_S = 0.03
_LOOKS = 3

Log = Callable[[str], None]


class Server:
    """One client's claim on the running server: it lives at least until `close`.

    A process that forks shares its claim with its children; one that is killed loses it.
    """

    def __init__(self, home: Home, claim: int) -> None:
        self._home = home
        self._claim: int | None = claim
        self.dsn = homes.dsn(home)

    def ensure(self, *, log: Log | None = None) -> None:
        """Start the server again if even its supervisor was killed; free of cost otherwise."""
        _wait_until_ready(self._home, log)

    def close(self, *, wait: bool = True) -> None:
        """Give up the claim; as the last client, wait until no process is left."""
        if self._claim is None:
            return
        os.close(self._claim)
        self._claim = None
        if wait and self._home.data.exists():
            _wait_until_gone(self._home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def attach(data: Path, *, log: Log | None = None) -> Server:
    """Claim the server of a data folder and answer when it accepts connections.

    The folder is created when missing. `log` hears one line about anything that takes time.
    Raises the refusals of `types`; `ServerNotReady` after `PATIENCE_S`.
    """
    home = _open(data)
    claim = locks.hold_shared(home.clients_lock)
    try:
        _wait_until_ready(home, log)
        return Server(home, claim)
    except BaseException:
        os.close(claim)
        raise


def find_running(data: Path) -> Running | None:
    """The server of a data folder if it accepts connections now, without a claim on it."""
    if not data.exists() or not os.access(data / "postgres.supervisor", os.F_OK):
        return None
    home = _open(data)
    pid = cluster.postmaster_pid(home)
    if pid is None or not _is_ready(home):
        return None
    return Running(
        dsn=homes.dsn(home),
        supervisor_pid=int(home.supervisor_lock.read_text("ascii")),
        postmaster_pid=pid,
        socket=homes.socket_folder(home),
    )


def _open(data: Path) -> Home:
    if sys.platform != "linux":
        raise PlatformUnsupported(platform=sys.platform)
    return homes.open_home(data)


def _is_ready(home: Home) -> bool:
    return locks.is_held_exclusively(home.ready_lock)


def _wait_until_ready(home: Home, log: Log | None) -> None:
    """Start a supervisor whenever there is none; refuse when the one we started has given up."""
    started = False
    until = time.monotonic() + PATIENCE_S
    while not _is_ready(home):
        if time.monotonic() > until:
            raise ServerNotReady(f"PostgreSQL is not ready after {PATIENCE_S:.0f} s: {home.log}")
        if not locks.is_held_exclusively(home.supervisor_lock):
            if started:
                raise ServerDidNotStart(log=str(home.log), reason=_last_words(home))
            if log is not None:
                log(_announcement(home))
            started = _start_supervisor(home)
        time.sleep(_POLL_S)


def _announcement(home: Home) -> str:
    if home.pgdata.exists():
        return f"Starting PostgreSQL in {home.data}"
    return f"Creating a PostgreSQL database in {home.data}"


def _start_supervisor(home: Home) -> bool:
    """Start one and answer true; false when somebody else was faster.

    `-P` keeps the current folder off its import path. Its session is its own, so that Ctrl-C in
    our terminal does not reach the server before our work has ended.
    """
    module = supervisor.__name__
    told = subprocess.run(
        [sys.executable, "-P", "-m", module, str(home.data)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    if told.returncode not in {0, supervisor.ALREADY_RUNNING}:
        reason = told.stderr.decode(errors="replace").strip()
        raise ServerDidNotStart(log=str(home.log), reason=reason)
    return told.returncode == 0


def _last_words(home: Home) -> str:
    """The end of the log, as far as it fits into a message."""
    lines = home.log.read_text(errors="replace").splitlines()
    return " / ".join(line.strip() for line in lines[-4:])


def _wait_until_gone(home: Home) -> None:
    """Have the server stopped and wait for its end, unless there is another client.

    A single look at the clients' lock may meet the supervisor's own: three in a row do not.
    """
    clients = locks.open_lock(home.clients_lock)
    try:
        busy = 0
        while busy < _LOOKS and locks.is_held_exclusively(home.supervisor_lock):
            if locks.try_exclusive(clients):
                busy = 0
                _ask_to_stop(home)
                locks.release(clients)
            else:
                busy += 1
            time.sleep(_POLL_S)
    finally:
        os.close(clients)


def _ask_to_stop(home: Home) -> None:
    """Spare the supervisor its wait for new clients; call it with the clients' lock taken.

    New clients wait for that lock until the server no longer counts as ready, and then for its
    successor. Where the signal is not allowed, the supervisor finds out by itself.
    """
    if not _is_ready(home):
        return
    with contextlib.suppress(OSError):
        process = os.pidfd_open(int(home.supervisor_lock.read_text("ascii")))
        try:
            if _is_ready(home):  # so the number is still the supervisor's
                signal.pidfd_send_signal(process, signal.SIGTERM)
                while _is_ready(home):
                    time.sleep(_POLL_S)
        finally:
            os.close(process)
