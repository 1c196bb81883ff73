"""The job `import.v1`: read, load in chunks, report."""

import asyncio
import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import msgspec
import polars as pl

from beltline.accounts import actions as accounts
from beltline.app.imports import mappings
from beltline.app.imports.detect import told_dataset
from beltline.app.imports.loaders import LOADERS, Batch, get_dataset
from beltline.app.imports.missing import create_missing
from beltline.app.imports.types import (
    IMPORT_KIND,
    ImportOutcome,
    ImportParameters,
    MappedColumn,
    StrictImportRefused,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.files import fetch_file, keep_file
from beltline.kit.jobs.run import Run, job
from beltline.kit.sheets.convert import convert
from beltline.kit.sheets.layouts import with_days
from beltline.kit.sheets.mapping import override, sample, suggest
from beltline.kit.sheets.problems import in_language
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.report import write_problems
from beltline.kit.sheets.types import Converted, Mapping, Table
from beltline.kit.staging import Imported, RowProblem
from beltline.kit.web.i18n import translations
from beltline.search import actions as search
from beltline.search.actions import saved as saved_searches

_SEARCHED = frozenset({"products", "skus"})
_LISTED_MAX = 2_000
"""Problems with references that are listed per batch; all of them are counted."""


class _Read(msgspec.Struct, frozen=True):
    """What reading found; the rows themselves are kept as files."""

    dataset: str
    good_file_id: UUID
    problem_file_id: UUID
    given: list[str]
    rows: int
    good_rows: int
    bad_rows: int
    problems: int
    columns: list[MappedColumn]
    left_out: list[str]
    fingerprint: str


class _Loaded(msgspec.Struct, frozen=True):
    """What loading some rows did."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    problem_count: int = 0
    problems: list[RowProblem] = []
    created: int = 0

    def __add__(self, other: "_Loaded") -> "_Loaded":
        return _Loaded(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.problem_count + other.problem_count,
            [*self.problems, *other.problems],
            self.created + other.created,
        )


class _Undone(Exception):
    """Carries what a step found out of the transaction that it must not keep."""

    def __init__(self, loaded: _Loaded) -> None:
        super().__init__("undone on purpose")
        self.loaded = loaded


@job(IMPORT_KIND)
async def import_file(run: Run) -> ImportOutcome:
    """Bring one kept file in; see `ImportParameters` and `ImportOutcome`."""
    wanted = msgspec.convert(run.parameters, ImportParameters)
    actor = run.actor

    async def read(db: Writer, now: dt.datetime) -> _Read:
        run.report(message="reading")
        return await _read(db, actor, wanted, now)

    found = await run.step("read", read, _Read)
    wanted = msgspec.structs.replace(wanted, dataset=found.dataset)
    if wanted.strict and found.bad_rows:
        loaded = _Loaded()
    elif wanted.strict or wanted.dry_run:
        loaded = await _load_at_once(run, wanted, found)
    else:
        loaded = await _load_in_batches(run, wanted, found)

    async def finish(db: Writer, now: dt.datetime) -> ImportOutcome:
        run.report(done=found.rows, total=found.rows, message="")
        return await _finish(db, actor, wanted, found=found, loaded=loaded, now=now)

    outcome = await run.step("finish", finish, ImportOutcome)
    if wanted.strict and outcome.bad_rows:
        raise StrictImportRefused(
            file=wanted.file_name,
            bad_rows=outcome.bad_rows,
            result_file_id=str(outcome.result_file_id),
        )
    return outcome


async def _read(db: Writer, actor: Actor, wanted: ImportParameters, now: dt.datetime) -> _Read:
    """Type the file's rows in a child process and keep the good ones and the problems."""
    with tempfile.TemporaryDirectory(prefix="beltline-import-") as folder:
        path = Path(folder) / f"source{Path(wanted.file_name).suffix.lower()}"
        await fetch_file(db, wanted.file_id, path)
        table = await asyncio.to_thread(read_table, path, name=wanted.file_name, sheet=wanted.sheet)
        table = with_days(table, wanted.first_day)
        dataset = get_dataset(wanted.dataset or told_dataset(table, wanted.file_name))
        remembered = await mappings.find_mapping(db, actor.org_id, dataset.name, table.headers)
        mapping = override(
            suggest(table.headers, sample(table), dataset, remembered),
            table.headers,
            dataset,
            columns=wanted.columns,
            constants=wanted.constants,
        )
        converted = await asyncio.to_thread(convert, table, mapping, dataset)
        good, problems = Path(folder) / "good.parquet", Path(folder) / "problems.parquet"
        converted.good.select("row", *converted.given).write_parquet(good)
        converted.problems.write_parquet(problems)
        kept = [
            await keep_file(
                db, org_id=actor.org_id, name=part.name, path=part, created_by=actor.name, now=now
            )
            for part in (good, problems)
        ]
    await mappings.keep_mapping(db, actor.org_id, mapping, now)
    return _described(table, mapping, converted, kept[0].id, kept[1].id)


def _described(
    table: Table, mapping: Mapping, converted: Converted, good: UUID, problems: UUID
) -> _Read:
    composed = [
        MappedColumn(" + ".join(each.columns), each.field, "joined") for each in mapping.composed
    ]
    return _Read(
        dataset=mapping.dataset,
        good_file_id=good,
        problem_file_id=problems,
        given=list(converted.given),
        rows=converted.good.height + converted.bad_row_count,
        good_rows=converted.good.height,
        bad_rows=converted.bad_row_count,
        problems=converted.problems.height,
        columns=[MappedColumn(c.column, c.field, c.reason) for c in mapping.columns] + composed,
        left_out=[str(each) for each in table.left_out[:20]],
        fingerprint=mapping.fingerprint,
    )


async def _load_in_batches(run: Run, wanted: ImportParameters, found: _Read) -> _Loaded:
    """One step a batch: what is committed stays, whatever happens to this process."""
    size = LOADERS[wanted.dataset].batch_rows or max(found.good_rows, 1)
    total = _Loaded()
    frames: dict[UUID, pl.DataFrame] = {}
    for start in range(0, found.good_rows, size):

        async def load(db: Writer, now: dt.datetime, start: int = start) -> _Loaded:
            frame = await _good_rows(db, found, frames)
            run.report(
                done=min(start + size, found.good_rows), total=found.good_rows, message="loading"
            )
            batch = _batch(run.actor, found, frame.slice(start, size), now)
            return await _load(db, wanted, batch)

        total += await run.step(f"load {start}", load, _Loaded)
    return total


async def _load_at_once(run: Run, wanted: ImportParameters, found: _Read) -> _Loaded:
    """All or nothing in one step; a dry run, and a strict one with problems, is undone."""

    async def load(db: Writer, now: dt.datetime) -> _Loaded:
        frame = await _good_rows(db, found, {})
        total = _Loaded()
        for part in _slices(frame, LOADERS[wanted.dataset].batch_rows):
            total += await _load(db, wanted, _batch(run.actor, found, part, now))
        if wanted.dry_run or total.problem_count:
            raise _Undone(total)
        return total

    try:
        return await run.step("load", load, _Loaded)
    except _Undone as undone:
        return undone.loaded


def _slices(frame: pl.DataFrame, size: int | None) -> Iterator[pl.DataFrame]:
    yield from frame.iter_slices(size or max(frame.height, 1))


async def _good_rows(db: Writer, found: _Read, frames: dict[UUID, pl.DataFrame]) -> pl.DataFrame:
    """The typed rows, read back once a process."""
    if found.good_file_id not in frames:
        with tempfile.TemporaryDirectory(prefix="beltline-import-") as folder:
            path = Path(folder) / "good.parquet"
            await fetch_file(db, found.good_file_id, path)
            frames[found.good_file_id] = pl.read_parquet(path)
    return frames[found.good_file_id]


def _batch(actor: Actor, found: _Read, rows: pl.DataFrame, now: dt.datetime) -> Batch:
    csv = rows.write_csv(include_header=False).encode()
    return Batch(actor, found.given, csv, now)


async def _load(db: Writer, wanted: ImportParameters, batch: Batch) -> _Loaded:
    created = await create_missing(db, wanted.dataset, batch) if wanted.create_missing else 0
    loaded = _counted(await LOADERS[wanted.dataset].load(db, batch))
    return msgspec.structs.replace(loaded, created=created)


def _counted(done: Imported) -> _Loaded:
    return _Loaded(
        done.inserted,
        done.updated,
        done.unchanged,
        len(done.problems),
        list(done.problems[:_LISTED_MAX]),
    )


async def _finish(
    db: Writer,
    actor: Actor,
    wanted: ImportParameters,
    *,
    found: _Read,
    loaded: _Loaded,
    now: dt.datetime,
) -> ImportOutcome:
    """Write the result file, the audit row, and say what was done."""
    result_file_id = None
    if found.problems or loaded.problems:
        result_file_id = await _keep_result(db, actor, wanted, found=found, loaded=loaded, now=now)
    refused = wanted.strict and bool(found.bad_rows or loaded.problem_count)
    outcome = ImportOutcome(
        dataset=wanted.dataset,
        file_name=wanted.file_name,
        rows=found.rows,
        inserted=0 if refused else loaded.inserted,
        updated=0 if refused else loaded.updated,
        unchanged=0 if refused else loaded.unchanged,
        bad_rows=found.bad_rows + loaded.problem_count,
        problems=found.problems + loaded.problem_count,
        dry_run=wanted.dry_run,
        columns=found.columns,
        left_out=found.left_out,
        result_file_id=result_file_id,
        created=0 if refused else loaded.created,
    )
    if not wanted.dry_run and not refused:
        await accounts.record_audit(
            db, actor, action="import", object_=wanted.dataset, object_id=wanted.file_id,
            change={
                "file": wanted.file_name, "inserted": loaded.inserted,
                "updated": loaded.updated, "bad_rows": outcome.bad_rows,
            },
            now=now,
        )  # fmt: skip
        if wanted.dataset in _SEARCHED and outcome.inserted + outcome.updated:
            await search.ask_to_index(db, actor, now=now)
        elif wanted.dataset == "offers" and outcome.inserted + outcome.updated:
            await saved_searches.ask_to_tell(db, actor, now=now)
    return outcome


async def _keep_result(
    db: Writer,
    actor: Actor,
    wanted: ImportParameters,
    *,
    found: _Read,
    loaded: _Loaded,
    now: dt.datetime,
) -> UUID:
    with tempfile.TemporaryDirectory(prefix="beltline-import-") as folder:
        parsed = Path(folder) / "problems.parquet"
        await fetch_file(db, found.problem_file_id, parsed)
        frame = _in_both_languages(pl.read_parquet(parsed), loaded.problems)
        result = Path(folder) / f"{Path(wanted.file_name).stem}-result.csv"
        write_problems(frame.sort("row", maintain_order=True), result)
        kept = await keep_file(
            db, org_id=actor.org_id, name=result.name, path=result, created_by=actor.name, now=now
        )
    return kept.id


def _in_both_languages(parsed: pl.DataFrame, refused: Sequence[RowProblem]) -> pl.DataFrame:
    """The problems of reading and of loading, in English and Chinese."""
    chinese = translations("zh").gettext
    translated = in_language(parsed, chinese)
    frame = parsed.with_columns(
        message_zh=translated["message"], remedy_zh=translated["remedy"]
    ).drop("params")
    rows = [
        {
            **msgspec.structs.asdict(each),
            "field": each.column,
            "message": each.message.format(value=each.value),
            "message_zh": chinese(each.message).format(value=each.value),
            "remedy_zh": chinese(each.remedy),
        }
        for each in refused
    ]
    return pl.concat([frame, pl.DataFrame(rows, schema=frame.schema)])


JOBS = (import_file,)
