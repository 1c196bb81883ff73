"""The command: exit codes, what goes where, quick help, and real processes that clean up."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from beltline.app.cli import COMMANDS, main

BELTLINE = (sys.executable, "-m", "beltline")
CONTRACT = ("demo serve worker migrate org import export plan forecast replenish match key sandbox "
            "backup restore doctor")  # fmt: skip


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BELTLINE, *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env={**_clean_environment(), **environment},
    )  # fmt: skip


def _clean_environment() -> dict[str, str]:
    ours = ("BELTLINE_", "DATABASE_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder with a migrated embedded server, kept running by one client."""
    with tempfile.TemporaryDirectory(prefix="blcli", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # as root, the server has an account of its own
        path = Path(folder) / "data"
        migrated = run("migrate", "--data", str(path))
        assert migrated.returncode == 0, migrated.stderr
        yield path


def test_the_contract_is_complete() -> None:
    assert list(COMMANDS) == CONTRACT.split()


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    program = (
        "import sys; from beltline.app import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'litestar', 'asyncpg', 'granian', 'polars', 'numpy', 'dbos', 'structlog'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules) else 0)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "doctor" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--help"], 0), (["--version"], 0), (["nope"], 2), (["serve", "--port", "x"], 2),
     (["match"], 2), (["match", "nowhere.csv", "nowhere.csv"], 2),
     (["plan", "--engine", "spork"], 2)],
)  # fmt: skip
def test_exit_codes(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == code
    told = capsys.readouterr()
    assert (told.err != "") == (code != 0)


def _untitled(folder: Path) -> list[str]:
    file = folder / "goods.csv"
    file.write_text("id,name_of_it\n1,cup\n")
    return ["match", str(file), str(file), "-o", str(folder / "out.csv")]


def test_a_refusal_is_one_line_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(_untitled(tmp_path))
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == ("beltline: goods.csv: it lacks the columns title; it has id, name_of_it.\n")


@pytest.mark.parametrize("is_first", [True, False])
def test_a_refusal_for_a_program_is_a_problem(
    tmp_path: Path, *, is_first: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = _untitled(tmp_path)
    with pytest.raises(SystemExit):
        main(["--json", *arguments] if is_first else [*arguments, "--json"])
    problem = json.loads(capsys.readouterr().err)
    assert problem["code"] == "app.file_unusable"


def test_our_mistake_is_told_above_the_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_options: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("beltline.app.cli.beltline.main", fail)
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--json"])
    assert ended.value.code == 1
    *above, last = capsys.readouterr().err.splitlines()
    assert json.loads(last)["code"] == "app.bug"
    assert above[-1] == "ZeroDivisionError: a mistake of ours"


def test_a_wrong_setting_is_a_refusal() -> None:
    told = run("doctor", BELTLINE_WEB_PROT="1")
    assert told.returncode == 1
    assert "BELTLINE_WEB_PROT: there is no such setting" in told.stderr


def test_numeric_threads_sleep_when_idle() -> None:
    program = "import os, beltline.app.cli; print(os.environ['OMP_WAIT_POLICY'])"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        env={k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"},
    )  # fmt: skip
    assert told.stdout == "PASSIVE\n"


def test_migrating_twice_changes_nothing(data: Path) -> None:
    told = run("--json", "migrate", BELTLINE_DATA=str(data))
    assert json.loads(told.stdout) == {"applied": []}


def test_doctor_finds_a_new_installation_sound(data: Path) -> None:
    told = run("doctor", "--json", "--data", str(data))
    answer = json.loads(told.stdout)
    states = {finding["name"]: finding["state"] for finding in answer["findings"]}
    assert states["migrations"] == states["durability"] == states["row-level security"] == "OK"
    broken = [name for name, state in states.items() if state == "BROKEN"]
    assert told.returncode == (1 if broken else 0)
    # The console's files come with the build and may be missing in a bare source tree.
    assert set(broken) <= {"console files"}


def test_psql_opens_on_the_database(data: Path) -> None:
    told = subprocess.run(
        [*BELTLINE, "doctor", "--psql", "--data", str(data)], capture_output=True, text=True,
        check=False, timeout=120, env=_clean_environment(),
        input="select 'roles: ' || count(*) from pg_roles where rolname like 'bl\\_%';",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "roles: 3" in told.stdout


def test_doctor_of_a_server_out_of_reach_is_broken() -> None:
    told = run("doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert told.returncode == 1
    assert "BROKEN database" in told.stdout


def test_a_key_of_nobody_is_refused(data: Path) -> None:
    told = run("key", "create", "--org", "nobody", "--scopes", "orders:read", "--data", str(data))
    assert (told.returncode, told.stdout) == (1, "")
    assert "nobody" in told.stderr


def _ask(data: Path, sql: str) -> None:
    from beltline.app.database import open_server
    from beltline.app.settings import Settings
    from beltline.kit.postgres.ask import ask

    with open_server(Settings(data=data)) as dsn:
        ask(dsn, sql)


def test_keys_from_making_to_revoking(data: Path) -> None:
    _ask(
        data,
        """insert into accounts.organization (id, code, kind, name, country, created_at)
           values (gen_random_uuid(), 'demo-buyer', 'BUYER', 'Demo', 'PL', '2026-01-01Z')
           on conflict do nothing""",
    )
    org = ("--org", "demo-buyer", "--data", str(data))
    made = run("key", "create", *org, "--scopes", "orders:read, orders:write")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("sk_live_")
    assert made.stdout.count("\n") == 1
    assert run("key", "create", *org, "--scopes", "orders:rule").returncode == 1
    listed = run("key", "list", *org)
    assert "orders:read,orders:write" in listed.stdout
    assert made.stdout.strip() not in listed.stdout
    key_id = listed.stdout.split()[0]
    assert run("key", "revoke", key_id, *org).returncode == 0
    assert "revoked" in run("key", "list", *org).stdout
    assert run("key", "revoke", "key_0", *org).returncode == 1
    test_key = run("key", "create", *org, "--scopes", "orders:read", "--test")
    assert test_key.stdout.startswith("sk_test_"), test_key.stderr
    # The sandbox has keys of its own.
    assert "sk_test_" in run("key", "list", *org, "--test").stdout
    assert "sk_test_" not in run("key", "list", *org).stdout


def test_a_backup_comes_back(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.backup"
    made = run("backup", str(target), "--json", "--data", str(data))
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["size_bytes"] > 0
    assert run("backup", str(target), "--data", str(data)).returncode == 1
    refused = run("restore", str(target), "--data", str(data))
    assert refused.returncode == 1
    assert "not empty" in refused.stderr or "holds" in refused.stderr
    brought = run("restore", str(target), "--replace", "--data", str(data))
    assert brought.returncode == 0, brought.stderr
    assert run("migrate", "--json", "--data", str(data)).stdout.strip() == '{"applied":[]}'


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that runs until it is stopped, and its `ready:` line."""
    process = subprocess.Popen(
        [*BELTLINE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=_clean_environment(), start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own address
        return json.loads(answer.read())


def _children(pid: int) -> set[int]:
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True,
                          check=False)  # fmt: skip
    return {int(line) for line in told.stdout.split()}


def _alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


def _wait_until_gone(pids: set[int]) -> set[int]:
    until = time.monotonic() + 20
    while _alive(pids) and time.monotonic() < until:
        time.sleep(0.1)
    return _alive(pids)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_serving_until_the_end_leaves_no_process(data: Path, end: signal.Signals) -> None:
    with started("serve", "--data", str(data), "--port", "0", "--workers", "2") as (process, line):
        assert line.startswith("ready: http://127.0.0.1:")
        address = line.split()[1]
        assert _get(f"{address}/ready")["ready"] is True
        assert _get(f"{address}/v1/openapi.json")["openapi"].startswith("3.1")
        children = _children(process.pid)
        assert len(children) >= 2
        process.send_signal(end)
        process.wait(60)
        assert process.returncode in {0, -end}
        assert _wait_until_gone(children) == set()


def test_a_port_in_use_is_a_refusal(data: Path) -> None:
    with started("serve", "--data", str(data), "--port", "0") as (_, line):
        port = line.strip().rpartition(":")[2]
        told = run("serve", "--data", str(data), "--port", port)
        assert told.returncode == 1
        assert "cannot be listened on" in told.stderr


def test_a_worker_is_seen_and_stops(data: Path) -> None:
    with started("worker", "--data", str(data), "--id", "worker-7") as (process, line):
        assert line == "ready: worker-7\n"
        until = time.monotonic() + 60
        states: dict[str, str] = {}
        while states.get("worker") != "OK" and time.monotonic() < until:
            findings = json.loads(run("doctor", "--json", "--data", str(data)).stdout)["findings"]
            states = {finding["name"]: finding["state"] for finding in findings}
        assert states["worker"] == "OK"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
