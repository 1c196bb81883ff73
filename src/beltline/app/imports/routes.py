"""The API of imports and jobs: `/v1/imports` and `/v1/jobs`."""

import asyncio
import datetime as dt
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Stream

from beltline.app.imports import asking
from beltline.app.imports.types import IMPORT_KIND, MappedColumn, UnknownDataset
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.files import get_file
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.jobs.queries import get_job, list_jobs
from beltline.kit.jobs.types import Job
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.fields import Dataset
from beltline.kit.web.kept import replay_headers

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]


class Upload(msgspec.Struct, frozen=True):
    """The form of an import: a CSV, XLSX or Parquet file and how it is to be read.

    Without `dataset` it is told from the file's name and columns. `columns` are corrections such
    as `日期=ds`, `constants` such as `currency=CNY`; both can be sent several times.
    `create_missing` makes SKUs, nodes and suppliers that nobody knows yet; `first_day` is the day
    of the column `d_1`, where columns are numbered days.
    """

    file: UploadFile
    dataset: str = ""
    columns: list[str] = []
    constants: list[str] = []
    sheet: str | None = None
    dry_run: bool = False
    strict: bool = False
    create_missing: bool = False
    first_day: dt.date | None = None


class Counts(msgspec.Struct, frozen=True):
    """What an import did or, in a dry run, would do; rows of the file or records."""

    rows: int
    inserted: int
    updated: int
    unchanged: int
    bad_rows: int
    problems: int


class ImportAnswer(msgspec.Struct, frozen=True):
    """An import; `counts` and `columns` once it is done, `problem` when it was refused or failed.

    `result` is the address of the list of rows that are not right, if there are any.
    """

    id: str
    job_id: str
    file_name: str
    dataset: str
    dry_run: bool
    strict: bool
    state: str
    done: int
    total: int | None
    message: str
    counts: Counts | None
    columns: list[MappedColumn]
    problem: dict[str, Any] | None
    result: str | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class ImportList(msgspec.Struct, frozen=True):
    """One page of imports, newest first."""

    items: list[ImportAnswer]
    next_cursor: str | None


class FieldAnswer(msgspec.Struct, frozen=True):
    """A field of a data set; `choices` are its only values, where it has such."""

    name: str
    kind: str
    required: bool
    description: str
    example: str
    choices: list[str]


class DatasetAnswer(msgspec.Struct, frozen=True):
    """A kind of file that can be imported."""

    name: str
    title: str
    description: str
    fields: list[FieldAnswer]


class DatasetList(msgspec.Struct, frozen=True):
    """Every kind of file, in the order in which they are useful to import."""

    items: list[DatasetAnswer]


class JobAnswer(msgspec.Struct, frozen=True):
    """A job: `done` of `total` units of its own; `result` is what it returned or what failed."""

    id: str
    kind: str
    title: str
    state: str
    done: int
    total: int | None
    message: str
    result: Any
    created_by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


@post(
    "/v1/imports",
    summary="Import a file",
    status_code=202,
    request_max_body_size=asking.UPLOAD_BYTES,
    opt={"signed_in": True},
)
async def start_import(
    *,
    data: Annotated[Upload, Body(media_type=RequestEncodingType.MULTI_PART)],
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ImportAnswer]:
    """Keeps the file and asks for its import; ask `/v1/imports/{id}` how far it is.

    Good rows are kept and bad ones listed in the result file; `strict` keeps all or none,
    `dry_run` shows what would happen and changes nothing.
    """
    _check_may(actor, "imports:write")
    asking.check_dataset(data.dataset)
    wishes = asking.Wishes(
        data.dataset, data.columns, data.constants, data.sheet, data.dry_run, data.strict,
        data.create_missing, data.first_day,
    )  # fmt: skip
    name = asking.base_name(data.file.filename)
    with tempfile.TemporaryDirectory(prefix="beltline-upload-") as folder:
        path = Path(folder) / "upload"
        digest = await asyncio.to_thread(asking.put_down, data.file.file, path)

        async def act(db: Writer) -> tuple[int, Any]:
            job_id = await asking.ask_with_file(
                db, actor, path=path, file_name=name, wishes=wishes, now=now
            )
            return 202, shown_import(await get_job(db, job_id))

        answer = await once(
            database, actor, key=idempotency_key, operation="POST /v1/imports",
            body={"file": digest, "name": name, **msgspec.to_builtins(wishes)}, act=act,
        )  # fmt: skip
    answer.unwrap()
    shown = msgspec.convert(answer.response, ImportAnswer)
    headers = {"Location": f"/v1/imports/{shown.id}", **replay_headers(answer)}
    return Response(shown, status_code=202, headers=headers)


@get("/v1/imports", summary="Imports")
async def list_imports(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> ImportList:
    """Imports of the organization, newest first, from every door."""
    actor.needs_scope("imports:read")
    async with database.reading(actor) as db:
        jobs, following = await list_jobs(db, kind=IMPORT_KIND, limit=limit, cursor=cursor)
    return ImportList([shown_import(job) for job in jobs], following)


@get("/v1/imports/datasets", summary="What can be imported")
async def list_datasets(actor: Actor) -> DatasetList:
    """The data sets with their fields. The headers of a file need not be these."""
    actor.needs_scope("imports:read")
    return DatasetList([_dataset(dataset) for dataset in DATASETS.values()])


@get(
    "/v1/imports/datasets/{name:str}/template", summary="A file to fill in",
    media_type="application/octet-stream",
)  # fmt: skip
async def get_template(
    name: str,
    actor: Actor,
    file_format: Annotated[Literal["xlsx", "csv"], QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """Headers and an example row; in XLSX also what each column means."""
    actor.needs_scope("imports:read")
    if name not in DATASETS:
        raise UnknownDataset(dataset=name, known=", ".join(DATASETS), param="name")
    content = await asyncio.to_thread(_template, DATASETS[name], file_format)
    return Response(
        content,
        media_type=_MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}.{file_format}"'},
    )


@get("/v1/imports/{import_id:str}", summary="One import")
async def get_import(import_id: str, database: Database, actor: Actor) -> ImportAnswer:
    """How far an import is, and what it did."""
    actor.needs_scope("imports:read")
    async with database.reading(actor) as db:
        return shown_import(await asking.get_import(db, read_id("imp", import_id)))


@get(
    "/v1/imports/{import_id:str}/result", summary="The rows that are not right",
    media_type="text/csv",
)  # fmt: skip
async def get_result(import_id: str, database: Database, actor: Actor) -> Stream:
    """CSV: row, column, field, code, value, message and what would be right."""
    actor.needs_scope("imports:read")
    async with database.reading(actor) as db:
        job = await asking.get_import(db, read_id("imp", import_id))
        file_id = asking.result_file_of(job)
        if file_id is None:
            raise NotFound(what="result file", key=import_id)
        await get_file(db, file_id)
    return Stream(
        asking.stream_result(database, actor, file_id),
        media_type=_MEDIA_TYPES["csv"],
        headers={"Content-Disposition": f'attachment; filename="{import_id}-result.csv"'},
    )


@get("/v1/jobs/{job_id:str}", summary="One job")
async def get_one_job(job_id: str, database: Database, actor: Actor) -> JobAnswer:
    """How far a job is: an import, a plan run, any other long work of the organization."""
    actor.needs_scope("imports:read")
    async with database.reading(actor) as db:
        job = await get_job(db, read_id("job", job_id))
    return JobAnswer(
        id=show_id("job", job.id),
        kind=job.kind,
        title=job.title,
        state=job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        result=job.result,
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _check_may(actor: Actor, scope: str) -> None:
    actor.needs_scope(scope)
    # The files change what all parties see, so they are the operator's business.
    actor.needs_operator()
    actor.needs_role(*asking.ROLES)


def shown_import(job: Job) -> ImportAnswer:
    """An import's job as the API tells it."""
    asked, outcome = asking.asked_of(job), asking.outcome_of(job)
    shown_id = show_id("imp", job.id)
    has_result = asking.result_file_of(job) is not None
    return ImportAnswer(
        id=shown_id,
        job_id=show_id("job", job.id),
        file_name=asked.file_name,
        dataset=outcome.dataset if outcome else asked.dataset,
        dry_run=asked.dry_run,
        strict=asked.strict,
        state=job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        counts=Counts(
            outcome.rows, outcome.inserted, outcome.updated, outcome.unchanged, outcome.bad_rows,
            outcome.problems,
        ) if outcome else None,
        columns=outcome.columns if outcome else [],
        problem=job.result if job.state in {"REFUSED", "FAILED"} else None,
        result=f"/v1/imports/{shown_id}/result" if has_result else None,
        created_by=job.created_by,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )  # fmt: skip


def _dataset(dataset: Dataset) -> DatasetAnswer:
    fields = [
        FieldAnswer(
            field.name, field.kind, field.required, field.description, field.example,
            [choice.code for choice in field.choices],
        )
        for field in dataset.fields
    ]  # fmt: skip
    return DatasetAnswer(dataset.name, dataset.title, dataset.description, fields)


def _template(dataset: Dataset, file_format: str) -> bytes:
    # It imports polars, which the web process does without until somebody asks for a template.
    from beltline.kit.sheets.report import template  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="beltline-template-") as folder:
        path = Path(folder) / f"{dataset.name}.{file_format}"
        template(dataset, path)
        return path.read_bytes()


ROUTES = (
    start_import, list_imports, list_datasets, get_template, get_import, get_result, get_one_job,
)  # fmt: skip
