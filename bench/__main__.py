"""Run every benchmark and write `docs/benchmarks.md` from what was measured.

`python -m bench [--only NAME]...`. Each benchmark runs in a process of its own, one after the
other, so that none warms or starves the next. Figures are kept in `docs/benchmarks.json`; the page
is made from it and nothing else, so a benchmark that was not run keeps its last measured table.
"""

import argparse
import datetime as dt
import importlib
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil

from bench.table import Row, as_markdown, as_text

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"
NAMES = (
    "m5", "vn2", "journey", "planner", "alloc", "floor", "plan", "orders", "pages", "match",
    "search", "tiers", "skus", "stages", "boxes", "promises",
)  # fmt: skip
"""In the order of the page; a name without a module is left out."""

INTRODUCTION = """# Benchmarks

Written by `make bench` from what it measured (`docs/benchmarks.json`); never edited by hand.
`make bench` runs all of them, `python -m bench --only vn2` one. Data that is not part of the
project is read from beside it; a benchmark whose data is absent says so. Baselines are measured
in the same run.
"""


class Measured(msgspec.Struct, frozen=True):
    """One benchmark's last run: rows, or what it printed.

    `load` is how many processes of the machine, these and others, were busy in its last 15 minutes.
    """

    title: str
    when: str
    seconds: float
    machine: str
    rows: list[Row] = []
    printed: str = ""
    load: float | None = None


def main() -> int:
    """Run what was asked for; 1 when any benchmark failed."""
    there = [name for name in NAMES if (ROOT / "bench" / f"{name}.py").exists()]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=there, metavar="NAME",
                        help=f"one of {', '.join(there)}; may be repeated")  # fmt: skip
    parser.add_argument("--rows", choices=there, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.rows:
        return _answer_rows(chosen.rows)
    failed = [name for name in chosen.only or there if not _run(name)]
    _write_page()
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _answer_rows(name: str) -> int:
    """The child: measure, and say the rows as one JSON line each."""
    rows = getattr(importlib.import_module(f"bench.{name}"), "rows", None)
    if rows is None:
        return 3
    for row in rows():
        print(msgspec.json.encode(row).decode(), flush=True)
    return 0


def _run(name: str) -> bool:
    print(f"== {name}", flush=True)
    began = time.perf_counter()
    has_rows = "\ndef rows(" in (ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8")
    command = ["-m", "bench", "--rows", name] if has_rows else ["-m", f"bench.{name}"]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
    )  # fmt: skip
    if done.returncode != 0:
        print(done.stdout[-2_000:])
        return False
    rows = (
        [msgspec.json.decode(line, type=Row) for line in done.stdout.splitlines()]
        if has_rows
        else []
    )
    print(as_text(rows) if has_rows else done.stdout, flush=True)
    _keep(name, Measured(
        title=_title(name), when=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
        seconds=round(time.perf_counter() - began, 1), machine=_machine(),
        rows=rows, printed="" if has_rows else done.stdout, load=round(os.getloadavg()[2], 1),
    ))  # fmt: skip
    return True


def _title(name: str) -> str:
    """First line of the module's docstring."""
    source = (ROOT / "bench" / f"{name}.py").read_text(encoding="utf-8")
    return source.removeprefix('"""').splitlines()[0].rstrip('"').rstrip(".")


def _machine() -> str:
    gigabytes = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {gigabytes:.0f} GB, Python {platform.python_version()}"


def _figures() -> dict[str, Measured]:
    if not FIGURES.exists():
        return {}
    return msgspec.json.decode(FIGURES.read_bytes(), type=dict[str, Measured])


def _keep(name: str, measured: Measured) -> None:
    figures = _figures() | {name: measured}
    FIGURES.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n")


def _write_page() -> None:
    parts = [INTRODUCTION]
    figures = _figures()
    for name in [n for n in NAMES if n in figures]:
        m = figures[name]
        load = "" if m.load is None else f"; load average at the end {m.load:g}"
        body = as_markdown(m.rows) if m.rows else f"```text\n{m.printed.rstrip()}\n```"
        parts.append(
            f"## {name}: {m.title}\n\n{body}\n\n"
            f"Measured on {m.when} in {m.seconds:,.0f} s on {m.machine}{load}.\n"
        )
    PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
