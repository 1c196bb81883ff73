"""An import inside a command: the same job, run here and now, resumed when it was killed."""

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from beltline.app.imports.detect import detect_dataset, named_dataset
from beltline.app.imports.loaders import get_dataset
from beltline.app.imports.types import ImportOutcome, ImportParameters
from beltline.app.imports.workflows import import_file
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.files import keep_file
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.queries import find_job
from beltline.kit.jobs.run import OnProgress, registry_of
from beltline.kit.jobs.types import JobState
from beltline.kit.sheets.layouts import with_days
from beltline.kit.sheets.reading import read_table

_NAMESPACE = UUID("7d0f1c3a-6f0e-4f57-9d3c-0f9b1d4a7a11")


class ImportRequest(msgspec.Struct, frozen=True):
    """What a person asks of one file; `dataset` None means: find out."""

    path: Path
    dataset: str | None = None
    columns: Sequence[str] = ()
    constants: Sequence[str] = ()
    sheet: str | None = None
    dry_run: bool = False
    strict: bool = False
    create_missing: bool = False
    first_day: dt.date | None = None


async def import_path(
    database: Database, actor: Actor, wanted: ImportRequest, *, on_progress: OnProgress | None
) -> ImportOutcome:
    """Import one file of this machine; raises what refused it.

    The same file with the same wishes continues a run that was killed; after one that ended it
    is a new run, which finds nothing to change.
    """
    dataset = wanted.dataset
    if dataset is None:
        dataset = await asyncio.to_thread(_find_out, wanted)
    get_dataset(dataset)
    now = await database.now()
    job_id, is_new = await _job_of(database, wanted, dataset)
    parameters: dict[str, object] = {}
    if is_new:
        async with database.system() as db:
            kept = await keep_file(
                db, org_id=actor.org_id, name=wanted.path.name, path=wanted.path,
                created_by=actor.name, now=now,
            )  # fmt: skip
        parameters = msgspec.to_builtins(
            ImportParameters(
                kept.id, wanted.path.name, dataset, list(wanted.columns), list(wanted.constants),
                wanted.sheet, wanted.dry_run, wanted.strict, wanted.create_missing,
                wanted.first_day,
            )
        )  # fmt: skip
    job = await run_inline(
        database, actor, kind=import_file.name, title=f"{dataset}: {wanted.path.name}",
        parameters=parameters, now=now, registry=registry_of(import_file),
        on_progress=on_progress, job_id=job_id,
    )  # fmt: skip
    return msgspec.convert(job.result, ImportOutcome)


def _find_out(wanted: ImportRequest) -> str:
    named = named_dataset(wanted.path.name)
    if named is not None:
        return named
    table = read_table(wanted.path, sheet=wanted.sheet)
    return detect_dataset(with_days(table, wanted.first_day), wanted.path.name)


async def _job_of(database: Database, wanted: ImportRequest, dataset: str) -> tuple[UUID, bool]:
    """The job of this file and these wishes that has not ended, or the next one."""
    content = await asyncio.to_thread(wanted.path.read_bytes)
    wishes = msgspec.json.encode(
        (dataset, list(wanted.columns), list(wanted.constants), wanted.sheet, wanted.dry_run,
         wanted.strict, wanted.create_missing, wanted.first_day)
    )  # fmt: skip
    digest = hashlib.sha256(hashlib.sha256(content).digest() + wishes).hexdigest()
    n = 0
    async with database.system() as db:
        while True:
            job_id = uuid.uuid5(_NAMESPACE, f"{digest}:{n}")
            known = await find_job(db, job_id)
            if known is None:
                return job_id, True
            if known.state not in (JobState.DONE, JobState.REFUSED, JobState.CANCELLED):
                return job_id, False
            n += 1
