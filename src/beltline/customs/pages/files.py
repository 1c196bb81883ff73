"""Customs files: the list, one file, and what a person says of its declarations and tasks."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter

from beltline.customs import actions, queries, rules
from beltline.customs.adapters import words
from beltline.customs.types import (
    HOURS_MAX,
    Act,
    Bearer,
    CustomsTask,
    FileState,
    HoursInvalid,
    MoveBody,
    RefundStep,
    Setting,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web import formats
from beltline.kit.web.acts import chosen, to
from beltline.kit.web.downloads import download
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.trade.types.dated import LACKS

Words = Annotated[str, QueryParameter(max_length=200)]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_SHOWN = 500


@get("/customs")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    status: Words = "",
    stopped: bool = False,
    after: str = "",
) -> Response[str]:
    """Customs files, the newest first."""
    actor.needs_operator()
    position = decode_cursor(after, dt.datetime, UUID)
    state = FileState(status) if status in FileState.__members__ else None
    async with database.reading(actor) as db:
        rows = await queries.list_files(
            db, state=state, words=q.strip(), is_stopped=stopped,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        setting = await queries.get_setting(db, actor)
    shown, following = cut(rows, lambda row: (row.opened_at, row.id))
    return render(
        "customs/files.html", page, rows=shown, following=following, after=after, words=words,
        view=View("/customs", {"q": q, "status": status, "stopped": stopped}), setting=setting,
        states=[(name, page.gettext(text)) for name, (text, _) in words.FILES.items()],
    )  # fmt: skip


@get("/customs/{file_id:str}")
async def file_page(
    file_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """A file: its declarations to the line, what is missing, its refund."""
    actor.needs_operator()
    found = read_id("cus", file_id)
    async with database.reading(actor) as db:
        file = await queries.get_file(db, found)
        declarations = await queries.list_declarations(db, file_id=found, limit=_SHOWN)
        declarations.sort(key=lambda d: d.position)
        documents = await actions.declare(db, declarations, now=page.now)
        tasks = await queries.list_tasks(db, file_id=found, open_only=False, limit=_SHOWN)
    refunds = [line for document in documents for line in document.refunds]
    return render(
        "customs/file.html", page, file=file, shown_id=file_id, words=words, LACKS=LACKS,
        Money=Money, declared=list(zip(declarations, documents, strict=True)), show_id=show_id,
        open_tasks=[_said(page, t) for t in tasks if t.state == "OPEN"],
        ended_tasks=[_said(page, t) for t in tasks if t.state != "OPEN" and t.chosen],
        refund=rules.sums_of((line.refund, line.currency) for line in refunds),
        lost=rules.sums_of((line.lost, line.currency) for line in refunds),
        has_refunds=bool(refunds),
        bearers=[(name, page.gettext(text)) for name, text in words.BEARERS.items()],
    )  # fmt: skip


class SaidTask(msgspec.Struct, frozen=True):
    """A task in words: what is missing, what would help, until when."""

    task: CustomsTask
    text: str
    remedy: str
    left: str
    tone: str


def _said(page: PageContext, task: CustomsTask) -> SaidTask:
    _ = page.gettext
    left, tone = "", "mute"
    if task.due_at is not None and task.state == "OPEN":
        span = formats.duration(abs(task.due_at - page.now), page.locale)
        text = _("%(span)s left") if task.due_at > page.now else _("%(span)s late")
        left, tone = text % {"span": span}, formats.deadline_tone(task.due_at, page.now).value
    facts = _Facts(page, task.facts)
    return SaidTask(
        task, _(words.TASKS[task.kind]) % facts, _(words.REMEDIES[task.kind]), left, tone
    )


class _Facts:
    """The facts of a task, put into words when a sentence asks for them."""

    def __init__(self, page: PageContext, facts: Mapping[str, Any]) -> None:
        self._page, self._facts = page, facts

    def __getitem__(self, name: str) -> str:
        value = self._facts[name]
        match name:
            case "tax":
                return self._page.gettext(words.TAXES[value])
            case "evidence":
                return self._page.gettext(words.EVIDENCE[value])
            case "units":
                return formats.number(value, locale=self._page.locale)
            case _:
                return str(value)


@get("/customs/declarations/{declaration_id:str}/pdf")
async def declaration_file(
    declaration_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[bytes]:
    """The data set of a declaration as PDF, in the reader's language."""
    async with database.reading(actor) as db:
        found = await actions.get_document(
            db, actor, declaration_id=read_id("dcl", declaration_id), now=page.now
        )
    return download(await actions.print_document(found, locale=page.locale, at=page.now))


@post("/customs/setting")
async def set_setting(
    *, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """How strict files are."""
    async with database.writing(actor) as db:
        setting = Setting(data.get("is_strict") == "1", _hours(data.get("fapiao_hours", "")))
        await actions.set_setting(db, actor, setting=setting, now=now)
    return to("/customs")


@post("/customs/{file_id:str}/check")
async def check(file_id: str, database: Database, actor: Actor, now: dt.datetime) -> Response[None]:
    """Look at the file again."""
    async with database.writing(actor) as db:
        await actions.check_file(db, actor, file_id=read_id("cus", file_id), now=now)
    return to(f"/customs/{file_id}")


@post("/customs/{file_id:str}/join")
async def join(
    *, file_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Declare another file's goods with these."""
    async with database.writing(actor) as db:
        number = data.get("number", "").strip().upper()[:40]
        others = [row.id for row in await queries.list_files(db, words=number, limit=20)
                  if row.number == number]  # fmt: skip
        if not others:
            raise NotFound(what="customs file", key=number)
        await actions.join_files(db, actor, file_id=read_id("cus", file_id), others=others, now=now)
    return to(f"/customs/{file_id}")


@post("/customs/{file_id:str}/declarations/{declaration_id:str}/move")
async def move(
    *,
    file_id: str,
    declaration_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> Response[None]:
    """What was said to customs or by it."""
    body = MoveBody(
        chosen(data, "act", Act), data.get("number", "").strip()[:120],
        data.get("note", "").strip()[:1_000],
        bearer=chosen(data, "bearer", Bearer) if data.get("bearer") else None,
    )  # fmt: skip
    async with database.writing(actor) as db:
        await actions.move_declaration(
            db, actor, declaration_id=read_id("dcl", declaration_id), body=body, now=now
        )
    return to(f"/customs/{file_id}")


@post("/customs/{file_id:str}/declarations/{declaration_id:str}/refund")
async def refund(
    *,
    file_id: str,
    declaration_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> Response[None]:
    """How its refund goes on."""
    state = chosen(data, "state", RefundStep)
    async with database.writing(actor) as db:
        await actions.move_refund(
            db, actor, declaration_id=read_id("dcl", declaration_id), state=state,
            reference=data.get("reference", "")[:120], now=now,
        )  # fmt: skip
    return to(f"/customs/{file_id}#refund")


@post("/customs/{file_id:str}/tasks/{task_id:str}")
async def answer(
    *, file_id: str, task_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Take one of a task's options."""
    async with database.writing(actor) as db:
        await actions.answer_task(
            db, actor, task_id=read_id("ctk", task_id), option=data.get("option", "")[:40],
            note=data.get("note", "")[:1_000], now=now,
        )  # fmt: skip
    return to(f"/customs/{file_id}")


def _hours(text: str) -> int:
    """Whole hours of a form."""
    plain = text.strip()
    found = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 5 else 0
    if not 1 <= found <= HOURS_MAX:
        raise HoursInvalid(given=plain[:20], most=HOURS_MAX, param="fapiao_hours")
    return found


PAGES = (
    list_page, file_page, declaration_file, set_setting, check, join, move, refund, answer,
)  # fmt: skip
