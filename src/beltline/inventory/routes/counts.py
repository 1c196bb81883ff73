"""The API of counts: `/v1/counts`, their lines, sheets and ends."""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from msgspec import Meta

from beltline.inventory import actions, rules
from beltline.inventory.queries import counts as queries
from beltline.inventory.types.counts import (
    COUNT_PROBLEMS,
    CountEntry,
    CountLine,
    CountProblem,
    CountState,
    CountTaken,
    CountWanted,
    StockCount,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
Text = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*\Z")]
SHEET_BYTES = 5_000_000


class CountBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to count at a node of the network: `skus`, what has `words`, or all that stands there.

    With `blind` only administrators and planners see what the books say, until it has ended.
    """

    node: Code
    skus: Annotated[list[Code], Meta(min_length=1, max_length=rules.COUNT_LINES_MAX)] | None = None
    words: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")] = ""
    blind: bool = False
    note: Text = ""


class CountAnswer(msgspec.Struct, frozen=True):
    """A count: its lines, how many are left, how many differ and wait for a second person."""

    id: str
    number: str
    node: str
    blind: bool
    note: str
    state: str
    lines: int
    left: int
    differences: int | None
    waiting: int
    opened_by: str
    opened_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class CountList(msgspec.Struct, frozen=True):
    """One page of counts, newest first."""

    items: list[CountAnswer]
    next_cursor: str | None


class CountLineAnswer(msgspec.Struct, frozen=True):
    """A line of a count, in base units; `expected` and `difference` null for who counts blind."""

    line_no: int
    sku: str
    owner: str
    state: str
    found: bool
    expected: int | None
    counted: int | None
    difference: int | None
    counted_by: str | None
    counted_at: dt.datetime | None
    adjustment: str | None


class CountLineList(msgspec.Struct, frozen=True):
    """One page of the lines of a count."""

    items: list[CountLineAnswer]
    next_cursor: str | None


class CountEntryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found of a SKU, in base units; `found` adds goods that the sheet lacks."""

    sku: Code
    counted: Annotated[int, Meta(ge=0, le=10**15)]
    owner: Code | None = None
    found: bool = False


class CountEntriesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 lines that were counted."""

    lines: Annotated[list[CountEntryBody], Meta(min_length=1, max_length=1_000)]


class CountProblemAnswer(msgspec.Struct, frozen=True):
    """What was wrong with an entry: its index, or its row of the file."""

    row: int
    sku: str
    code: str
    detail: str


class CountTakenAnswer(msgspec.Struct, frozen=True):
    """How many entries were written down, and what was wrong with the others."""

    counted: int
    problems: list[CountProblemAnswer]


class PostBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With `skip_uncounted` lines that were not counted stay as the books have them."""

    skip_uncounted: bool = False


class CountSheet(msgspec.Struct, frozen=True):
    """The form of a file of counted figures."""

    file: UploadFile


@post("/v1/counts", summary="Open a count")
async def open_count(
    data: CountBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[CountAnswer]:
    """Freezes a sheet of what stands at a node of the network, to be counted.

    Stock that another open count has is refused (`inventory.being_counted`).
    """
    actor.needs_scope("stock:write")
    wanted = CountWanted(
        data.node, None if data.skus is None else tuple(data.skus), data.words, data.blind,
        data.note,
    )  # fmt: skip

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _count(actor, await actions.open_count(db, actor, wanted, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation="POST /v1/counts",
        body=msgspec.to_builtins(data), act=act,
    )  # fmt: skip
    return answered(answer, CountAnswer)


@get("/v1/counts", summary="Counts of stock")
async def list_counts(
    *,
    database: Database,
    actor: Actor,
    status: CountState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> CountList:
    """The operator's counts, newest first."""
    actor.needs_scope("stock:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_counts(
            db, state=status, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return CountList([_count(actor, row) for row in shown], following)


@get("/v1/counts/{count_id:str}", summary="A count")
async def get_count(count_id: str, database: Database, actor: Actor) -> CountAnswer:
    """How far a count is."""
    actor.needs_scope("stock:read")
    async with database.reading(actor) as db:
        return _count(actor, await queries.get_count(db, read_id("cnt", count_id)))


@get("/v1/counts/{count_id:str}/lines", summary="Lines of a count")
async def list_lines(
    *,
    count_id: str,
    database: Database,
    actor: Actor,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> CountLineList:
    """The sheet, by line; while a blind count is open without what the books say."""
    actor.needs_scope("stock:read")
    found = read_id("cnt", count_id)
    after = decode_cursor(cursor, int)
    async with database.reading(actor) as db:
        count = await queries.get_count(db, found)
        rows = await queries.list_count_lines(
            db, found, is_shown=rules.sees_books(count, actor.role),
            after=after[0] if after else 0, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.line_no,))
    return CountLineList([_line(row) for row in shown], following)


@post("/v1/counts/{count_id:str}/lines", summary="Write down what was counted", status_code=200)
async def count_lines(
    count_id: str,
    data: CountEntriesBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CountTakenAnswer]:
    """Up to 1,000 lines, each beside what the books say at this moment; problems by index.

    A line counted again keeps the later figure.
    """
    actor.needs_scope("stock:write")
    found = read_id("cnt", count_id)
    entries = [CountEntry(e.sku, e.counted, e.owner, e.found) for e in data.lines]

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _taken(await actions.count_lines(db, actor, found, entries, now=now))

    return await _take(
        database, actor, idempotency_key, f"{found}/lines", msgspec.to_builtins(data), act
    )


@post(
    "/v1/counts/{count_id:str}/sheet",
    summary="Bring in a counted sheet",
    status_code=200,
    request_max_body_size=SHEET_BYTES,
)
async def count_sheet(
    count_id: str,
    data: Annotated[CountSheet, Body(media_type=RequestEncodingType.MULTI_PART)],
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CountTakenAnswer]:
    """A CSV or XLSX file with the columns sku, counted (base units) and, if wanted, owner.

    Rows without a figure say nothing. Good rows are taken; a problem names its row.
    """
    actor.needs_scope("stock:write")
    found = read_id("cnt", count_id)
    content = await data.file.read()
    read = await actions.read_count_file(content, name=data.file.filename)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _taken(await actions.count_file(db, actor, found, read, now=now))

    digest = hashlib.sha256(content).hexdigest()
    return await _take(database, actor, idempotency_key, f"{found}/sheet", digest, act)


@post("/v1/counts/{count_id:str}/post", summary="Post a count", status_code=200)
async def post_count(
    count_id: str,
    data: PostBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CountAnswer]:
    """Books the differences as adjustments with the reason COUNT; large ones wait for another.

    Lines whose stock was corrected after they were counted are to be counted AGAIN: then the count
    stays OPEN.
    """
    actor.needs_scope("stock:write")
    found = read_id("cnt", count_id)

    async def act(db: Writer) -> tuple[int, Any]:
        posted = await actions.post_count(
            db, actor, found, skip_uncounted=data.skip_uncounted, now=now
        )
        return 200, _count(actor, posted)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"POST /v1/counts/{found}/post",
        body=msgspec.to_builtins(data), act=act,
    )  # fmt: skip
    return answered(answer, CountAnswer)


@post("/v1/counts/{count_id:str}/cancel", summary="Cancel a count", status_code=200)
async def cancel_count(
    count_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[CountAnswer]:
    """Ends a count; what was not posted changes nothing."""
    actor.needs_scope("stock:write")
    found = read_id("cnt", count_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _count(actor, await actions.cancel_count(db, actor, found, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation=f"POST /v1/counts/{found}/cancel",
        body=None, act=act,
    )  # fmt: skip
    return answered(answer, CountAnswer)


async def _take(
    database: Database, actor: Actor, key: str, at: str, body: object,
    act: Callable[[Writer], Awaitable[tuple[int, Any]]],
) -> Response[CountTakenAnswer]:  # fmt: skip
    answer = await once(
        database, actor, key=key, operation=f"POST /v1/counts/{at}", body=body, act=act
    )
    return answered(answer, CountTakenAnswer)


def _taken(found: CountTaken) -> CountTakenAnswer:
    return CountTakenAnswer(found.counted, _problems(found.problems))


def _problems(found: Sequence[CountProblem]) -> list[CountProblemAnswer]:
    return [CountProblemAnswer(p.row, p.sku, p.code, COUNT_PROBLEMS[p.code]) for p in found]


def _count(actor: Actor, row: StockCount) -> CountAnswer:
    return CountAnswer(
        show_id("cnt", row.id), row.number, row.node, row.is_blind, row.note, row.state, row.lines,
        row.left, row.differences if rules.sees_books(row, actor.role) else None, row.waiting,
        row.opened_by, row.opened_at, row.ended_by, row.ended_at,
    )  # fmt: skip


def _line(row: CountLine) -> CountLineAnswer:
    return CountLineAnswer(
        row.line_no, row.sku, row.owner, row.state, row.is_found, row.expected, row.counted,
        row.difference, row.counted_by, row.counted_at, row.adjustment,
    )  # fmt: skip


ROUTES = (
    open_count, list_counts, get_count, list_lines, count_lines, count_sheet, post_count,
    cancel_count,
)  # fmt: skip
