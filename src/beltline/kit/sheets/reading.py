"""The parent's side: start the reading child, wait, and take its table or its refusal."""

import logging
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from os import pathsep
from pathlib import Path

import msgspec
import polars as pl

from beltline.kit.sheets.header import is_footer, is_total, unique_names
from beltline.kit.sheets.refusals import refusal
from beltline.kit.sheets.types import ROW, SourceColumn, Table
from beltline.kit.sheets.wire import FileKind, LeftOut, Limits, Outcome, Reply, Request

logger = logging.getLogger(__name__)

_GRACE_SECONDS = 5
_FOOT_ROWS = 10
_ENVIRONMENT = {
    # Arrow's own pools reserve more address space than the limit allows.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LANG": "C.UTF-8",
}


def read_table(
    path: Path,
    *,
    name: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits | None = None,
) -> Table:
    """Read one file in a limited child process; raises a `FileRefusal`.

    `name` is how messages call the file (an upload lies under another name). Blocks until done:
    call it in a thread from async code.
    """
    shown = name or path.name
    limits = limits or Limits()
    if not path.is_file():
        raise refusal("MISSING", file=shown)
    with tempfile.TemporaryDirectory(prefix="beltline-sheet-") as folder:
        output = Path(folder) / "cells.arrow"
        request = Request(
            path=str(path.resolve()),
            output=str(output),
            sheet=sheet,
            header_row=header_row,
            encoding=encoding,
            delimiter=delimiter,
            limits=limits,
        )
        reply = _ask_child(request, shown)
        if reply.refused is not None:
            raise refusal(reply.refused.why, file=shown, **reply.refused.params)
        if reply.outcome is None:
            raise refusal("CRASHED", file=shown)
        frame = pl.read_ipc(output)
    return _tidied(frame, reply.outcome, shown)


def _ask_child(request: Request, shown: str) -> Reply:
    """Run the child; it inherits no settings and no secrets, and starts in an empty folder."""
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "beltline.kit.sheets.reader"],
            input=msgspec.json.encode(request),
            capture_output=True,
            check=False,
            cwd=Path(request.output).parent,
            env=_ENVIRONMENT | {"PYTHONPATH": pathsep.join(filter(None, sys.path))},
            timeout=request.limits.wall_seconds_max + _GRACE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise refusal("TOO_MUCH_TIME", file=shown) from None
    if ended.returncode == 0:
        return msgspec.json.decode(ended.stdout, type=Reply)
    stderr = ended.stderr.decode("utf-8", "replace")
    logger.warning("sheet reader ended with %s: %s", ended.returncode, stderr[-2000:])
    raise refusal(_why_it_ended(ended.returncode, stderr), file=shown)


def _why_it_ended(returncode: int, stderr: str) -> str:
    if returncode in (-14, -24, -9):  # ALRM, XCPU, and KILL at the hard processor limit
        return "TOO_MUCH_TIME"
    if "memory allocation" in stderr or "MemoryError" in stderr or "capacity overflow" in stderr:
        return "TOO_MUCH_MEMORY"
    return "CRASHED"


def _tidied(frame: pl.DataFrame, outcome: Outcome, shown: str) -> Table:
    """Name the columns and leave out blank columns, blank rows and the totals at the end."""
    written = [name for name in frame.columns if name != ROW]
    names = unique_names(outcome.headers, len(written))
    blank = _blank_columns(frame, written, outcome)
    columns = tuple(
        SourceColumn(
            names[at],
            at,
            has_native_numbers=at < len(outcome.native_numbers) and outcome.native_numbers[at] > 0,
        )
        for at in range(len(written))
        if at not in blank
    )
    frame = frame.select(ROW, *[written[column.position] for column in columns])
    if outcome.out_of_order:
        frame = frame.sort(ROW)
    frame = frame.rename({written[column.position]: _safe_name(column.name) for column in columns})
    if columns:
        frame = frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    frame, dropped = _without_foot(frame) if outcome.kind is not FileKind.PARQUET else (frame, ())
    if frame.is_empty() and not outcome.issues:
        raise refusal("NO_ROWS", file=shown)
    return Table(frame, columns, outcome.issues, (*outcome.left_out, *dropped), outcome)


def _safe_name(name: str) -> str:
    return f"{name} " if name == ROW else name


def _blank_columns(frame: pl.DataFrame, written: Sequence[str], outcome: Outcome) -> frozenset[int]:
    """Columns without a header and without a value, unless an unreadable cell stands in them."""
    nulls = frame.null_count().row(0, named=True)
    kept = {issue.position for issue in outcome.issues}
    return frozenset(
        at
        for at, name in enumerate(written)
        if nulls[name] == frame.height
        and not (at < len(outcome.headers) and outcome.headers[at])
        and at not in kept
    )


def _without_foot(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[LeftOut, ...]]:
    """Drop totals and remarks from the end; the first ordinary row from below stops it."""
    foot = frame.tail(_FOOT_ROWS).rows()
    dropped: list[LeftOut] = []
    for number, *cells in reversed(foot):
        if is_total(cells):
            dropped.append(LeftOut(f"row {number}", "TOTALS_ROW"))
        elif is_footer(cells):
            dropped.append(LeftOut(f"row {number}", "REMARK_ROW"))
        else:
            break
    return frame.head(frame.height - len(dropped)), tuple(reversed(dropped))
