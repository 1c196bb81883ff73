"""Engines: the same numbers wherever shards are computed, and clear words where they cannot be."""

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest

from beltline.science import engines
from beltline.science.engines import Engine, Kind, Workers, open_engine, parse_engine
from tests import browser

PACKAGES = {"ray": "ray", "dask": "distributed", "spark": "pyspark"}
CLUSTERS = [
    pytest.param(
        kind,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(package) is None,
            reason=f"{kind} is not installed: uv pip install -e '.[{kind}]'",
        ),
    )
    for kind, package in PACKAGES.items()
]


@pytest.mark.parametrize("kind", CLUSTERS)
def test_two_workers_of_a_cluster_plan_the_same(tmp_path: Path, kind: str) -> None:
    """In a process of its own: clusters start threads and servers that outlive a test."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.science.engine_program", kind, str(tmp_path)],
        cwd=browser.ROOT, env=os.environ | {"PYTHONPATH": f"{browser.ROOT}{os.pathsep}src"},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert ended.stdout.splitlines()[-1] == "same numbers, 2 workers"


class Threads(ThreadPoolExecutor, Workers):
    """Stands for the connection to a cluster: a process can have one of each."""

    opened: ClassVar[list["Threads"]] = []

    def __init__(self, _engine: Engine, workers: int) -> None:
        super().__init__(workers)
        assert all(each._shutdown for each in self.opened), "a second connection to one cluster"
        self.opened.append(self)
        self.workers = workers


def test_all_who_use_a_cluster_at_a_time_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_open_cluster", Threads)
    engine = Engine(Kind.DASK, "tcp://there:8786")
    one, other = (open_engine(engine, workers=2) for _ in range(2))
    assert len(Threads.opened) == 1
    one.shutdown()
    one.shutdown()
    assert other.submit(divmod, 7, 2).result() == (3, 1)
    other.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        other.submit(divmod, 7, 2)
    with open_engine(engine, workers=2) as again:
        assert again.submit(divmod, 7, 2).result() == (3, 1)
    assert len(Threads.opened) == 2


def test_what_a_call_raises_comes_back_from_a_process() -> None:
    with open_engine(Engine(), workers=1) as pool, pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result()


def test_engines_as_people_write_them() -> None:
    assert parse_engine("local").is_local


@pytest.mark.parametrize(
    ("text", "told"),
    [("spork", "local, ray, dask, spark"), ("local@here", "no address"), ("", "no engine")],
)
def test_what_is_no_engine_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_engine(text)


def test_a_cluster_that_is_not_installed_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ValueError, match=r"pip install 'beltline\[dask\]'"):
        parse_engine("dask@tcp://there:8786")


def test_an_address_follows_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    assert parse_engine("ray@ray://there:10001") == Engine(Kind.RAY, "ray://there:10001")
