"""`/v1/customs-files`, `/v1/customs-tasks` and `/v1/customs-setting`: the operator’s own."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from beltline.customs import actions, queries, rules
from beltline.customs.routes.shown import (
    FileAnswer,
    FileList,
    FileRow,
    TaskList,
    TaskRow,
    declaration_row,
    file_members,
    task_row,
)
from beltline.customs.types import (
    HOURS_MAX,
    CustomsFile,
    FileState,
    Note,
    Setting,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Words = Annotated[str, Parameter(max_length=200, pattern=r"^[^\x00]*\Z")]
ShownId = Annotated[str, Meta(max_length=60, pattern=r"^[^\x00]*\Z")]
READ, WRITE = "purchases:read", "purchases:write"


class JoinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The files whose goods are to be declared with those of this one."""

    files: Annotated[list[ShownId], Meta(min_length=1, max_length=500)]


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of a task's options; a query needs a note of what customs was told."""

    option: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00]*\Z")]
    note: Note = ""


class SettingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Strict: what no rule speaks of stops goods, too; hours a missing fapiao is waited for."""

    is_strict: bool
    fapiao_hours: Annotated[int, Meta(ge=1, le=HOURS_MAX)]


@get("/v1/customs-files", summary="List customs files")
async def list_files(
    *,
    database: Database,
    actor: Actor,
    status: FileState | None = None,
    q: Words = "",
    stopped: bool = False,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> FileList:
    """`q` is a part of a file's or an order's number, `stopped` leaves those that wait."""
    actor.needs_scope(READ)
    actor.needs_operator()
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_files(
            db, state=status, words=q.strip(), is_stopped=stopped,
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return FileList([FileRow(**file_members(row)) for row in shown], following)


@get("/v1/customs-files/{file_id:str}", summary="One customs file")
async def get_file(file_id: str, database: Database, actor: Actor, now: dt.datetime) -> FileAnswer:
    """With its declarations, open tasks, the refund that is expected and what is lost of it."""
    actor.needs_scope(READ)
    actor.needs_operator()
    async with database.reading(actor) as db:
        return await _answer(db, await queries.get_file(db, read_id("cus", file_id)), now)


@post("/v1/customs-files/{file_id:str}/check", summary="Check a customs file", status_code=200)
async def check_file(
    *, file_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[FileAnswer]:
    """Puts it together anew from what is known now; the same happens each hour."""
    actor.needs_scope(WRITE)
    found = read_id("cus", file_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, await _answer(
            db, await actions.check_file(db, actor, file_id=found, now=now), now
        )

    answer = await once(
        database, actor, key=idempotency_key, operation=f"customs.check {file_id}", body=None,
        act=act,
    )  # fmt: skip
    return answered(answer, FileAnswer)


@post("/v1/customs-files/{file_id:str}/join", summary="Join customs files", status_code=200)
async def join_files(
    *,
    file_id: str,
    data: JoinBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[FileAnswer]:
    """Declares the goods of other files of the same way with these: a consolidation box."""
    actor.needs_scope(WRITE)
    found, others = read_id("cus", file_id), [read_id("cus", each) for each in data.files]

    async def act(db: Writer) -> tuple[int, Any]:
        joined = await actions.join_files(db, actor, file_id=found, others=others, now=now)
        return 200, await _answer(db, joined, now)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"customs.join {file_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, FileAnswer)


@get("/v1/customs-tasks", summary="List customs tasks")
async def list_tasks(
    *,
    database: Database,
    actor: Actor,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> TaskList:
    """What is open: missing, forbidden, asked or held, in the order it came up."""
    actor.needs_scope(READ)
    actor.needs_operator()
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_tasks(
            db, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return TaskList([task_row(row) for row in shown], following)


@post("/v1/customs-tasks/{task_id:str}/answer", summary="Answer a customs task", status_code=200)
async def answer_task(
    *,
    task_id: str,
    data: AnswerBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[TaskRow]:
    """By one of its options; one without options ends when what is missing comes."""
    actor.needs_scope(WRITE)
    found = read_id("ctk", task_id)

    async def act(db: Writer) -> tuple[int, Any]:
        task = await actions.answer_task(
            db, actor, task_id=found, option=data.option, note=data.note, now=now
        )
        return 200, task_row(task)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"customs.answer {task_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, TaskRow)


@get("/v1/customs-setting", summary="How strict customs files are")
async def get_setting(database: Database, actor: Actor) -> Setting:
    """Whether what no rule speaks of stops goods, and how long a fapiao is waited for."""
    actor.needs_scope(READ)
    actor.needs_operator()
    async with database.reading(actor) as db:
        return await queries.get_setting(db, actor)


@put("/v1/customs-setting", summary="Set how strict customs files are")
async def set_setting(
    *, data: SettingBody, database: Database, actor: Actor, now: dt.datetime
) -> Setting:
    """Holds for what is checked from now on."""
    actor.needs_scope(WRITE)
    async with database.writing(actor) as db:
        return await actions.set_setting(
            db, actor, setting=Setting(data.is_strict, data.fapiao_hours), now=now
        )


async def _answer(db: Reader, found: CustomsFile, now: dt.datetime) -> FileAnswer:
    declared = await queries.list_declarations(db, file_id=found.id, limit=LIMIT_MAX)
    tasks = await queries.list_tasks(db, file_id=found.id, limit=LIMIT_MAX)
    lines = [
        line
        for document in await actions.declare(db, declared, now=now)
        for line in document.refunds
    ]
    return FileAnswer(
        **file_members(found), declared=[declaration_row(d) for d in declared],
        tasks=[task_row(t) for t in tasks],
        refund=rules.sums_of((line.refund, line.currency) for line in lines),
        lost_refund=rules.sums_of((line.lost, line.currency) for line in lines),
    )  # fmt: skip


ROUTES = (
    list_files,
    get_file,
    check_file,
    join_files,
    list_tasks,
    answer_task,
    get_setting,
    set_setting,
)
