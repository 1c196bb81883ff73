"""Asking for an import: what pages and API share. Nothing here reads the file."""

import asyncio
import csv
import datetime as dt
import hashlib
import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path, PurePath
from typing import IO, Any
from uuid import UUID

import msgspec

from beltline.app.imports.types import (
    IMPORT_KIND,
    ImportOutcome,
    ImportParameters,
    UnknownDataset,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Reader, Writer
from beltline.kit.files import FILE_BYTES_MAX, keep_file, read_chunks
from beltline.kit.ids import show_id
from beltline.kit.jobs import queue
from beltline.kit.jobs.queries import get_job
from beltline.kit.jobs.types import Job
from beltline.kit.sheets.datasets import DATASETS

UPLOAD_BYTES = FILE_BYTES_MAX + (1 << 20)
"""Of a request with a file: the file itself and what is around it."""

ROLES = ("PLANNER", "BUYER", "WAREHOUSE")
"""Members that may import, beside administrators."""


class Problem(msgspec.Struct, frozen=True):
    """One line of a result file."""

    row: str
    column: str
    field: str
    code: str
    value: str
    message: str
    remedy: str
    message_zh: str
    remedy_zh: str


class Wishes(msgspec.Struct, frozen=True):
    """How a file is to be imported; an empty `dataset` means: find out."""

    dataset: str = ""
    columns: list[str] = []
    constants: list[str] = []
    sheet: str | None = None
    dry_run: bool = False
    strict: bool = False
    create_missing: bool = False
    first_day: dt.date | None = None


def check_dataset(name: str) -> None:
    """Refuse a data set that does not exist."""
    if name and name not in DATASETS:
        raise UnknownDataset(dataset=name, known=", ".join(DATASETS), param="dataset")


def base_name(file_name: str) -> str:
    """The name of an uploaded file without the folders some browsers send, never empty."""
    name = PurePath(file_name.replace("\\", "/")).name.replace("\0", "")
    return name[-200:] or "file"


def put_down(upload: IO[bytes], path: Path) -> str:
    """Write an upload to a file of the file system; its SHA-256 in hex."""
    upload.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(upload, target)
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


async def ask_with_file(
    db: Writer, actor: Actor, *, path: Path, file_name: str, wishes: Wishes, now: dt.datetime
) -> UUID:
    """Keep a file and ask for its import, in the caller's transaction; the id of the job."""
    kept = await keep_file(
        db, org_id=actor.org_id, name=file_name, path=path, created_by=actor.name, now=now
    )
    return await ask(db, actor, file_id=kept.id, file_name=file_name, wishes=wishes, now=now)


async def ask(
    db: Writer, actor: Actor, *, file_id: UUID, file_name: str, wishes: Wishes, now: dt.datetime
) -> UUID:
    """Ask for the import of a kept file; the id of the job."""
    check_dataset(wishes.dataset)
    parameters = ImportParameters(
        file_id=file_id,
        file_name=file_name,
        dataset=wishes.dataset,
        columns=wishes.columns,
        constants=wishes.constants,
        sheet=wishes.sheet,
        dry_run=wishes.dry_run,
        strict=wishes.strict,
        create_missing=wishes.create_missing,
        first_day=wishes.first_day,
    )
    title = f"{wishes.dataset}: {file_name}" if wishes.dataset else file_name
    return await queue.enqueue(
        db, actor, kind=IMPORT_KIND, title=title, parameters=msgspec.to_builtins(parameters),
        now=now,
    )  # fmt: skip


async def get_import(db: Reader, job_id: UUID) -> Job:
    """The job of an import; refuses another kind of job like one that is not there."""
    job = await get_job(db, job_id)
    if job.kind != IMPORT_KIND:
        raise NotFound(what="import", key=show_id("imp", job_id))
    return job


def asked_of(job: Job) -> ImportParameters:
    """What was asked of an import."""
    return msgspec.convert(job.parameters, ImportParameters)


def outcome_of(job: Job) -> ImportOutcome | None:
    """What an import did, once it is done."""
    return msgspec.convert(job.result, ImportOutcome) if job.state == "DONE" else None


def result_file_of(job: Job) -> UUID | None:
    """The list of rows that were not right, if there is one."""
    if job.state == "DONE":
        text = job.result["result_file_id"]
    elif job.state == "REFUSED":
        text = (job.result.get("fields") or {}).get("result_file_id")
    else:
        return None
    return UUID(text) if text and text != "None" else None


async def first_problems(db: Reader, job: Job, *, limit: int) -> list[Problem]:
    """The beginning of the result file."""
    file_id = result_file_of(job)
    if file_id is None:
        return []
    async for chunk in read_chunks(db, file_id):
        # The first chunk is enough: a line is far shorter than a mebibyte by the limits of cells.
        return await asyncio.to_thread(_parsed, chunk, limit)
    return []


def _parsed(chunk: bytes, limit: int) -> list[Problem]:
    text = chunk.decode("utf-8-sig", "ignore")
    rows = csv.DictReader(io.StringIO(text))
    return [_problem(row) for row, _ in zip(rows, range(limit), strict=False)]


def _problem(row: dict[str, Any]) -> Problem:
    return Problem(*((row.get(name) or "") for name in Problem.__struct_fields__))


async def stream_result(database: Database, actor: Actor, file_id: UUID) -> AsyncIterator[bytes]:
    """The result file, chunk by chunk, each read in a transaction that lasts until the end."""
    async with database.reading(actor) as db:
        async for chunk in read_chunks(db, file_id):
            yield chunk
