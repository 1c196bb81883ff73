"""`/v1/declarations`: the data sets of exports, their ways through customs, their refunds."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.customs import actions, queries
from beltline.customs.routes.shown import DeclarationList, DeclarationRow, declaration_row
from beltline.customs.types import (
    DeclarationState,
    ExportDeclaration,
    MoveBody,
    RefundState,
    RefundStep,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.downloads import download
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Language = Literal["en", "zh"]
READ, WRITE = "purchases:read", "purchases:write"


class RefundBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a refund goes on, and under which reference of the tax office."""

    state: RefundStep
    reference: Annotated[str, Meta(max_length=120, pattern=r"^[^\x00]*\Z")] = ""


@get("/v1/declarations", summary="List export declarations")
async def list_declarations(
    *,
    database: Database,
    actor: Actor,
    status: DeclarationState | None = None,
    refund: RefundState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> DeclarationList:
    """The newest first; `refund` leaves those whose refund of VAT is so far."""
    actor.needs_scope(READ)
    actor.needs_operator()
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_declarations(
            db, state=status, refund=refund, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return DeclarationList([declaration_row(row) for row in shown], following)


@get("/v1/declarations/{declaration_id:str}", summary="The data set of a declaration")
async def get_declaration(
    declaration_id: str, database: Database, actor: Actor, now: dt.datetime
) -> ExportDeclaration:
    """HS lines, values, weights, terms, taxes and refund, as of its day; empty is not known."""
    actor.needs_scope(READ)
    async with database.reading(actor) as db:
        return await actions.get_document(
            db, actor, declaration_id=read_id("dcl", declaration_id), now=now
        )


@get(
    "/v1/declarations/{declaration_id:str}/pdf", summary="A declaration as PDF",
    media_type="application/pdf",
)  # fmt: skip
async def get_declaration_pdf(
    *,
    declaration_id: str,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    lang: Language = "en",
) -> Response[bytes]:
    """The same on A4, in English or Chinese."""
    actor.needs_scope(READ)
    async with database.reading(actor) as db:
        found = await actions.get_document(
            db, actor, declaration_id=read_id("dcl", declaration_id), now=now
        )
    return download(await actions.print_document(found, locale=lang, at=now))


@post("/v1/declarations/{declaration_id:str}/move", summary="Move a declaration", status_code=200)
async def move_declaration(
    *,
    declaration_id: str,
    data: MoveBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[DeclarationRow]:
    """What was said to customs or by it: lodged, held, queried, released, returned, forfeited.

    A release ends the stage of its goods; what is returned or forfeited becomes a question to the
    buyer.
    """
    actor.needs_scope(WRITE)
    found = read_id("dcl", declaration_id)

    async def act(db: Writer) -> tuple[int, Any]:
        moved = await actions.move_declaration(db, actor, declaration_id=found, body=data, now=now)
        return 200, declaration_row(moved)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"customs.move {declaration_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, DeclarationRow)


@post(
    "/v1/declarations/{declaration_id:str}/refund", summary="Move a refund of VAT",
    status_code=200,
)  # fmt: skip
async def move_refund(
    *,
    declaration_id: str,
    data: RefundBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[DeclarationRow]:
    """Filed, paid, repaid, or taken as sold at home; it is MATCHED by itself."""
    actor.needs_scope(WRITE)
    found = read_id("dcl", declaration_id)

    async def act(db: Writer) -> tuple[int, Any]:
        moved = await actions.move_refund(
            db, actor, declaration_id=found, state=data.state, reference=data.reference, now=now
        )
        return 200, declaration_row(moved)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"customs.refund {declaration_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, DeclarationRow)


ROUTES = (list_declarations, get_declaration, get_declaration_pdf, move_declaration, move_refund)
