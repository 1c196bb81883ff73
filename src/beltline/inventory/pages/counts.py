"""The pages of counts: the list, a sheet with its differences, and the phone that counts."""

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import Parameter

from beltline.catalog import queries as catalog
from beltline.catalog.types import UnknownSku
from beltline.inventory import actions, rules
from beltline.inventory.queries import counts as queries
from beltline.inventory.types.counts import (
    COUNT_PROBLEMS,
    CountEntry,
    CountLine,
    CountState,
    CountTaken,
    CountWanted,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web.acts import form_of, said, to
from beltline.kit.web.downloads import PrintedFile, download
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.trade import queries as trade

Words = Annotated[str, Parameter(max_length=200)]
WebRequest = Request[Any, Any, State]
_SHEET_BYTES: Final = 5_000_000
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

STATES: Final = {
    "OPEN": (N_("open"), "info"), "POSTED": (N_("posted"), "ok"),
    "CANCELLED": (N_("cancelled"), "mute"),
}  # fmt: skip
LINES: Final = {
    "OPEN": (N_("to count"), "mute"), "AGAIN": (N_("count again"), "warn"),
    "COUNTED": (N_("counted"), "info"), "POSTED": (N_("posted"), "ok"),
    "LEFT": (N_("left as it was"), "mute"),
}  # fmt: skip
ONLY: Final = ("left", "counted", "different")
DONE: Final = {
    "opened": N_("The sheet is frozen. Count by phone, or fill in the file."),
    "posted": N_("Posted. What is beyond the limit waits for a second person."),
    "again": N_("Some stock was corrected after it was counted. Count those lines again."),
    "cancelled": N_("Cancelled. Nothing was changed."),
}


class Chosen(msgspec.Struct, frozen=True):
    """What a phone counts now: the lines of a SKU on the sheet, or a SKU the sheet lacks."""

    sku: str
    title: str
    title_zh: str
    uom: str
    owners: tuple[str, ...]
    is_on_sheet: bool
    counted: int | None


@get("/counts")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    status: str = "",
    after: str = "",
    node: Words = "",
    words: Words = "",
) -> Response[str]:
    """Counts, the newest first, and a form for another."""
    form = {"node": node, "words": words}
    return await _list(database, actor, page, only=status, after=after, form=form)


@post("/counts")
async def open_count(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Freeze a sheet."""
    form = {name: text.strip()[:2000] for name, text in (await form_of(request)).items()}
    codes = tuple(dict.fromkeys(form.get("skus", "").replace(",", " ").split())) or None
    wanted = CountWanted(
        form.get("node", ""), codes, form.get("words", "")[:200], form.get("blind") == "1",
        form.get("note", "")[:500],
    )  # fmt: skip
    try:
        async with database.writing(actor) as db:
            count = await actions.open_count(db, actor, wanted, now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _list(database, actor, page, form=form, error=why, status=refusal.status)
    return to(f"/counts/{show_id('cnt', count.id)}?done=opened")


@get("/counts/{count_id:str}")
async def count_page(
    count_id: str, database: Database, actor: Actor, page: PageContext, only: str = "",
    after: str = "", done: str = "",
) -> Response[str]:  # fmt: skip
    """A sheet: what was found, how it differs, what comes of that."""
    return await _show(
        database, actor, said(page, done, DONE), read_id("cnt", count_id), only=only, after=after
    )


@get("/counts/{count_id:str}/sheet.xlsx")
async def sheet_file(count_id: str, database: Database, actor: Actor) -> Response[bytes]:
    """The sheet to fill in."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        count = await queries.get_count(db, read_id("cnt", count_id))
        content = await actions.count_sheet(db, actor, count)
    return download(PrintedFile(f"{count.number}.xlsx", _XLSX, content))


@post("/counts/{count_id:str}/sheet", status_code=200, request_max_body_size=_SHEET_BYTES)
async def bring_sheet(
    count_id: str,
    request: WebRequest,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[str]:
    """Write down what a file says; what is wrong with a row is told beside its number."""
    found = read_id("cnt", count_id)
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        why = page.gettext("Choose a file first.")
        return await _show(database, actor, page, found, error=why, status=422)
    try:
        read = await actions.read_count_file(await file.read(), name=file.filename)
        async with database.writing(actor) as db:
            taken = await actions.count_file(db, actor, found, read, now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _show(database, actor, page, found, error=why, status=refusal.status)
    return await _show(database, actor, page, found, taken=taken)


@post("/counts/{count_id:str}/post")
async def post_count(
    count_id: str,
    request: WebRequest,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Book the differences."""
    found = read_id("cnt", count_id)
    skip = (await form_of(request)).get("skip") == "1"
    try:
        async with database.writing(actor) as db:
            count = await actions.post_count(db, actor, found, skip_uncounted=skip, now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _show(database, actor, page, found, error=why, status=refusal.status)
    return to(f"/counts/{count_id}?done={'posted' if count.state == 'POSTED' else 'again'}")


@post("/counts/{count_id:str}/cancel")
async def cancel_count(
    count_id: str, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """End it without a change."""
    found = read_id("cnt", count_id)
    try:
        async with database.writing(actor) as db:
            await actions.cancel_count(db, actor, found, now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _show(database, actor, page, found, error=why, status=refusal.status)
    return to(f"/counts/{count_id}?done=cancelled")


@get("/counts/{count_id:str}/station")
async def station_page(
    count_id: str, database: Database, actor: Actor, page: PageContext, sku: Words = "",
    done: Words = "",
) -> Response[str]:  # fmt: skip
    """Count on a phone: a code, a figure, the next; each is kept as it is sent."""
    return await _station(database, actor, page, read_id("cnt", count_id), code=sku, done=done)


@post("/counts/{count_id:str}/station")
async def count_line(
    count_id: str,
    request: WebRequest,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Write down one figure."""
    found = read_id("cnt", count_id)
    form = await form_of(request)
    code, owner = form.get("sku", "").strip()[:120], form.get("owner", "").strip()[:120]
    async with database.reading(actor) as db:
        chosen = await _chosen(db, found, code)
    counted = rules.read_found(form.get("counted", ""), chosen.uom) if chosen else None
    if chosen is None or counted is None:
        why = page.gettext("Write a number such as 120; 0 where nothing is there.")
        return await _station(database, actor, page, found, code=code, error=why)
    entry = CountEntry(chosen.sku, counted, owner or None, is_found=form.get("found") == "1")
    try:
        async with database.writing(actor) as db:
            taken = await actions.count_lines(db, actor, found, [entry], now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _station(database, actor, page, found, code=code, error=why)
    if taken.problems:
        why = page.gettext(COUNT_PROBLEMS[taken.problems[0].code])
        return await _station(database, actor, page, found, code=code, error=why)
    return to(with_query(f"/counts/{count_id}/station", done=chosen.sku))


async def _list(
    database: Database, actor: Actor, page: PageContext, *, form: dict[str, str], only: str = "",
    after: str = "", error: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    actor.needs_operator()
    only = only if only in set(CountState) else ""
    before = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        found = await queries.list_counts(
            db, state=only or None, before=(before[0], before[1]) if before else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    rows, following = cut(found, lambda row: (row.opened_at, row.id))
    return render(
        "inventory/counts.html", page, status=status, rows=rows, following=following, after=after,
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes], error=error,
        form={name: form.get(name, "") for name in ("node", "words", "skus", "blind", "note")},
        states=STATES, may_count=_may_count(actor), view=View("/counts", {"status": only}),
        seen={row.id for row in rows if rules.sees_books(row, actor.role)},
    )  # fmt: skip


async def _show(
    database: Database, actor: Actor, page: PageContext, count_id: UUID, *, only: str = "",
    after: str = "", error: str = "", taken: CountTaken | None = None, status: int = 200,
) -> Response[str]:  # fmt: skip
    actor.needs_operator()
    only = only if only in ONLY else ""
    at = decode_cursor(after, int)
    async with database.reading(actor) as db:
        count = await queries.get_count(db, count_id)
        is_shown = rules.sees_books(count, actor.role)
        found = await queries.list_count_lines(
            db, count_id, is_shown=is_shown, only=only, after=at[0] if at else 0,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    rows, following = cut(found, lambda row: (row.line_no,))
    path = f"/counts/{show_id('cnt', count.id)}"
    return render(
        "inventory/count.html", page, status=status, count=count, rows=rows, after=after,
        following=following, is_shown=is_shown, path=path, view=View(path, {"only": only}),
        only=only, states=STATES, lines=LINES, may_count=_may_count(actor), error=error,
        taken=taken, problems=COUNT_PROBLEMS,
    )  # fmt: skip


async def _station(
    database: Database, actor: Actor, page: PageContext, count_id: UUID, *, code: str = "",
    done: str = "", error: str = "",
) -> Response[str]:  # fmt: skip
    actor.needs_operator()
    async with database.reading(actor) as db:
        count = await queries.get_count(db, count_id)
        chosen = await _chosen(db, count_id, code.strip()) if code.strip() else None
        last = await queries.list_last_counted(db, count_id)
    if code.strip() and chosen is None:
        error = page.gettext("No SKU has the code {code}.").format(code=code.strip()[:120])
    written = next((line for line in last if line.sku == done), None)
    return render(
        "inventory/count_station.html", page, status=422 if error else 200, count=count,
        chosen=chosen, last=last, error=error, written=written, code=code.strip()[:120],
        owners=[(owner, owner) for owner in chosen.owners] if chosen else [],
        value=_value(chosen), path=f"/counts/{show_id('cnt', count.id)}",
    )  # fmt: skip


def _value(chosen: Chosen | None) -> str:
    if chosen is None or chosen.counted is None:
        return ""
    return show_quantity(chosen.counted, Uom(chosen.uom))


async def _chosen(db: Reader, count_id: UUID, code: str) -> Chosen | None:
    lines = await queries.list_count_lines(db, count_id, is_shown=False, sku=code)
    if lines:
        return _of_lines(lines)
    try:
        sku = await catalog.get_sku(db, code)
    except UnknownSku:
        return None
    return Chosen(sku.code, sku.title, sku.title_zh, sku.uom, (), is_on_sheet=False, counted=None)


def _of_lines(lines: list[CountLine]) -> Chosen:
    first = lines[0]
    return Chosen(
        first.sku, first.sku_title, first.sku_title_zh, first.uom,
        tuple(line.owner for line in lines), is_on_sheet=True,
        counted=first.counted if len(lines) == 1 else None,
    )  # fmt: skip


def _may_count(actor: Actor) -> bool:
    return actor.role in {"ADMIN", "WAREHOUSE", "PLANNER"}


PAGES = (
    list_page, open_count, count_page, sheet_file, bring_sheet, post_count, cancel_count,
    station_page, count_line,
)  # fmt: skip
