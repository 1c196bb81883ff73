"""`/v1/cartons` and `/v1/gs1-prefix`: what nodes pack into, of what codes are made."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.trade.actions import cartons as actions
from beltline.trade.queries import cartons as queries
from beltline.trade.types import Carton, CartonBody

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Code = Annotated[str, Parameter(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]


class CartonRow(msgspec.Struct, frozen=True):
    """A carton: inner millimeters, grams, price in major units as an exact decimal text."""

    id: str
    node: str
    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    load_g_max: int
    cost: str
    currency: str
    valid_from: dt.date
    valid_until: dt.date | None


class CartonList(msgspec.Struct, frozen=True):
    """One page of cartons, by code."""

    items: list[CartonRow]
    next_cursor: str | None


class CartonKept(msgspec.Struct, frozen=True):
    """The carton that was added or changed."""

    id: str


class Gs1Prefix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The GS1 company prefix that SSCCs are made of; empty: labels carry none."""

    prefix: Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[0-9 ]*\Z")]


@get("/v1/gs1-prefix", summary="The GS1 company prefix")
async def get_gs1_prefix(database: Database, actor: Actor) -> Gs1Prefix:
    """Of the operator. Empty where none was set."""
    actor.needs_scope("stock:read")
    actor.needs_operator()
    async with database.reading(actor) as db:
        return Gs1Prefix(await queries.find_gs1_prefix(db))


@post("/v1/gs1-prefix", summary="Set the GS1 company prefix", status_code=200)
async def set_gs1_prefix(
    *,
    data: Gs1Prefix,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Gs1Prefix]:
    """Parcels and announced cartons get SSCCs of it from now on; an empty one ends that."""
    actor.needs_scope("stock:write")

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.set_gs1_prefix(db, actor, data.prefix, now=now)
        return 200, Gs1Prefix(await queries.find_gs1_prefix(db))

    answer = await once(
        database, actor, key=idempotency_key, operation="gs1_prefix.set", body=data, act=act
    )
    return answered(answer, Gs1Prefix)


@get("/v1/cartons", summary="List cartons")
async def list_cartons(
    *,
    database: Database,
    actor: Actor,
    node: Code | None = None,
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> CartonList:
    """By code. They come in one by one or as the file `cartons`."""
    actor.needs_scope("stock:read")
    actor.needs_operator()
    after = decode_cursor(cursor, str, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_cartons(
            db, node=node, valid_on=valid_on, after=(after[0], after[1]) if after else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.code, row.id))
    return CartonList([_row(row) for row in shown], following)


@post("/v1/cartons", summary="Keep a carton", status_code=200)
async def keep_carton(
    *,
    data: CartonBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CartonKept]:
    """Adds it, or changes the one of its node, code and first day (today unless given)."""
    actor.needs_scope("stock:write")

    async def act(db: Writer) -> tuple[int, Any]:
        kept = await actions.keep_carton(db, actor, data, now=now)
        return 200, CartonKept(show_id("ctn", kept))

    answer = await once(
        database, actor, key=idempotency_key, operation="cartons.keep", body=data, act=act
    )
    return answered(answer, CartonKept)


def _row(c: Carton) -> CartonRow:
    return CartonRow(
        show_id("ctn", c.id), c.node, c.code, c.length_mm, c.width_mm, c.height_mm, c.tare_g,
        c.load_g_max, decimal_text(c.cost), c.currency, c.valid_from, c.valid_until,
    )  # fmt: skip


ROUTES = (list_cartons, keep_carton, get_gs1_prefix, set_gs1_prefix)
