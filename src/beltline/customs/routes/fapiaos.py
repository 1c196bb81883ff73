"""`/v1/fapiaos`: the invoices that refunds of VAT rest on."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from beltline.customs import actions, queries
from beltline.customs.routes.shown import FapiaoList, FapiaoRow, fapiao_row
from beltline.customs.types import (
    FapiaoBody,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Code = Annotated[str, Parameter(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
READ, WRITE = "purchases:read", "purchases:write"


@get("/v1/fapiaos", summary="List fapiaos")
async def list_fapiaos(
    *,
    database: Database,
    actor: Actor,
    supplier: Code | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> FapiaoList:
    """The latest entered first, with how many of their units cover exports."""
    actor.needs_scope(READ)
    actor.needs_operator()
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_fapiaos(
            db, supplier=supplier, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
        shown, following = cut(rows, limit, lambda row: (row.entered_at, row.id))
        lines = await queries.list_fapiao_lines(db, [row.id for row in shown])
    return FapiaoList([fapiao_row(row, lines) for row in shown], following)


@post("/v1/fapiaos", summary="Enter a fapiao", status_code=201)
async def enter_fapiao(
    *,
    data: FapiaoBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[FapiaoRow]:
    """Special ones cover exports of their supplier's goods by the company they are made out to."""
    actor.needs_scope(WRITE)

    async def act(db: Writer) -> tuple[int, Any]:
        kept = await actions.enter_fapiao(db, actor, body=data, now=now)
        return 201, fapiao_row(kept, await queries.list_fapiao_lines(db, [kept.id]))

    answer = await once(
        database, actor, key=idempotency_key, operation="customs.fapiao", body=data, act=act
    )
    return answered(answer, FapiaoRow)


ROUTES = (list_fapiaos, enter_fapiao)
