"""The process that owns the server: `python -m beltline.kit.postgres.supervisor DATA`.

It detaches, starts `postgres` as its own child, reaps it, starts it again when it dies, and
stops it and itself on SIGTERM or when no client has held the clients' lock for a second. When
it is killed, the kernel asks the server to shut down, and the next client starts a new pair.
"""

import enum
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from beltline.kit.errors import Refusal
from beltline.kit.postgres import cluster, locks
from beltline.kit.postgres import home as homes
from beltline.kit.postgres.home import Home
from beltline.kit.postgres.types import ServerDidNotStart

IDLE_S = 1.0
RETRY_S = 30.0
ALREADY_RUNNING = 3

_ORDERS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_WATCHED = {*_ORDERS, signal.SIGCHLD}
_STARTING = "Starting the server."
_LEFT_OVERS = ("lock file", "shared memory block", "Address already in use")
_LOG_LIMIT_BYTES = 1_000_000


class _End(enum.Enum):
    """How one run of the server came to its end."""

    STOPPED = enum.auto()
    DIED = enum.auto()
    NEVER_READY = enum.auto()


class _Watch:
    """The clients' lock and the signals, and since when nobody has needed the server."""

    def __init__(self, home: Home) -> None:
        self._clients = locks.open_lock(home.clients_lock)
        self._idle_since: float | None = None

    def wants_stop(self, wait_s: float) -> bool:
        """Wait for a signal at most that long; true when it is time to stop."""
        told = signal.sigtimedwait(_WATCHED, wait_s)
        return (told is not None and told.si_signo in _ORDERS) or self._is_deserted()

    def let_clients_in(self) -> None:
        """Let new clients see that the server is no longer ready, and wait for the next one."""
        locks.release(self._clients)

    def _is_deserted(self) -> bool:
        """Whether nobody came for `IDLE_S`; then the lock is kept until `let_clients_in`.

        Otherwise a client could come in between and take the server we stop for a ready one.
        """
        if not locks.try_exclusive(self._clients):
            self._idle_since = None
            return False
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        if now - self._idle_since >= IDLE_S:
            return True
        locks.release(self._clients)
        return False


def main() -> int:
    """Become the supervisor of a data folder, unless it has one."""
    home = homes.open_home(Path(sys.argv[1]))
    held = locks.open_lock(home.supervisor_lock)
    if not locks.try_exclusive(held):
        return ALREADY_RUNNING
    if os.fork():
        os._exit(0)  # whoever started us is not kept waiting, and never has a child to reap
    os.ftruncate(held, 0)
    os.pwrite(held, str(os.getpid()).encode(), 0)
    os.chdir("/")
    _log_to(home.log)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    return _supervise(home)


def _supervise(home: Home) -> int:
    try:
        cluster.clear_orphan(home)
        cluster.prepare(home)
        _keep_running(home)
    except Refusal as refusal:
        _say(refusal.message)
        return 1
    except Exception:  # noqa: BLE001  the last frame of a detached process: its log is all we have
        _say(traceback.format_exc())
        return 1
    finally:
        homes.remove_socket_folder(home)
    return 0


def _keep_running(home: Home) -> None:
    """Run the server again and again until it is no longer wanted.

    A server that has lived is tried again for `RETRY_S`, whatever keeps it from starting; one
    that never lived only when what is in its way goes away by itself.
    """
    watch = _Watch(home)
    ready = locks.open_lock(home.ready_lock)
    has_lived, give_up_at = False, time.monotonic() + RETRY_S
    while (end := _run_once(home, watch, ready)) is not _End.STOPPED:
        now = time.monotonic()
        if end is _End.DIED:
            has_lived, give_up_at = True, now + RETRY_S
        elif now > give_up_at or not (has_lived or _will_heal(home)):
            raise ServerDidNotStart(log=str(home.log), reason="giving up")
        if watch.wants_stop(0.2):
            watch.let_clients_in()
            return
        cluster.clear_orphan(home)


def _will_heal(home: Home) -> bool:
    """Whether the last start failed over what a killed server leaves for a moment."""
    said = home.log.read_text(errors="replace").rpartition(_STARTING)[2]
    return any(sign in said for sign in _LEFT_OVERS)


def _run_once(home: Home, watch: _Watch, ready: int) -> _End:
    """One life of the server. The ready lock is held exactly while it accepts connections."""
    _say(_STARTING)
    child = cluster.start(home)
    was_ready = False
    try:
        while child.poll() is None:
            if not was_ready and cluster.is_ready(home, child.pid):
                was_ready = True
                locks.take_exclusive(ready)
                _say(f"The server is ready (process {child.pid}).")
            if watch.wants_stop(0.2 if was_ready else 0.03):
                locks.release(ready)
                watch.let_clients_in()
                cluster.stop(child)
                _say("The server was stopped.")
                return _End.STOPPED
    finally:
        locks.release(ready)
    return _End.DIED if was_ready else _End.NEVER_READY


def _log_to(path: Path) -> None:
    """Send all output of ours and of a starting server to the log, emptied when it is long."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    if os.fstat(log).st_size > _LOG_LIMIT_BYTES:
        os.ftruncate(log, 0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)


def _say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refusal as refused:
        sys.exit(refused.message)
