"""The API of lots: `/v1/stock/lots`, their moves, and which SKUs keep them."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from beltline.inventory import actions
from beltline.inventory.queries import lots as queries
from beltline.inventory.types.lots import Lot, LotKind, LotMove, LotNamed, LotRule
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
LotCode = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Days = Annotated[int, Meta(ge=1, le=10_000)]


class LotRuleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a SKU keeps lots: NONE, LOT to tell them apart, EXPIRY with a last day.

    Without a named day a lot expires `shelf_life_days` after its receipt (EXPIRY only); it is shown
    as ending soon `soon_days` before.
    """

    sku: Code
    keeps: LotKind
    shelf_life_days: Days | None = None
    soon_days: Annotated[int, Meta(ge=0, le=10_000)] = 30


class LotNameBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units to put into `lot`, in base units; `source` is their lot, empty where nobody named it.

    The same lot as source and lot corrects the day of all its units.
    """

    sku: Code
    node: Code
    lot: LotCode
    units: Annotated[int, Meta(ge=1, le=10**15)]
    expires_date: dt.date | None = None
    owner: Code | None = None
    source: Annotated[str, Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*\Z")] = ""


class LotRow(msgspec.Struct, frozen=True):
    """A lot in base units; an empty `lot` is not named yet, `held` of its units have expired."""

    id: str
    sku: str
    node: str
    owner: str
    lot: str
    expires_date: dt.date | None
    received_at: dt.datetime
    units: int
    held: int
    ending: bool


class LotList(msgspec.Struct, frozen=True):
    """One page of lots, what ends first foremost."""

    items: list[LotRow]
    next_cursor: str | None


class LotMoveRow(msgspec.Struct, frozen=True):
    """Units that came to a lot or left it; a SHIP's reference is the journey of an order."""

    id: str
    at: dt.datetime
    sku: str
    node: str
    owner: str
    lot: str
    kind: str
    units: int
    reference: str


class LotMoveList(msgspec.Struct, frozen=True):
    """One page of moves, newest first."""

    items: list[LotMoveRow]
    next_cursor: str | None


@put("/v1/stock/lot-rules", summary="Keep lots of a SKU")
async def keep_lots(
    data: LotRuleBody, database: Database, actor: Actor, now: dt.datetime
) -> LotRuleBody:
    """Has a SKU keep lots, or no more; what stands of it becomes units that nobody named yet."""
    actor.needs_scope("stock:write")
    life = data.shelf_life_days if data.keeps == LotKind.EXPIRY else None
    async with database.writing(actor) as db:
        rule = LotRule(data.sku, data.keeps, life, data.soon_days)
        await actions.keep_lots(db, actor, rule, now=now)
    return msgspec.structs.replace(data, shelf_life_days=life)


@get("/v1/stock/lots", summary="Lots")
async def list_lots(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    sku: str | None = None,
    node: str | None = None,
    ending: bool = False,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> LotList:
    """The caller's lots that have units; `ending` only those that end soon or have."""
    actor.needs_scope("stock:read")
    after = decode_cursor(cursor, dt.date, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_lots(
            db, today=day_of(now), sku=sku, node=node, is_ending=ending,
            after=(after[0], after[1]) if after else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.expires_date or queries.NO_DAY, row.id))
    return LotList([_lot(row) for row in shown], following)


@post("/v1/stock/lots/name", summary="Name a lot", status_code=200)
async def name_lot(
    data: LotNameBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[LotList]:
    """Says which lot units are of and when it ends; the lots of that SKU and node afterwards."""
    actor.needs_scope("stock:write")
    named = LotNamed(
        data.sku, data.node, data.lot, data.units, data.expires_date, data.owner, data.source
    )

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.name_lots(db, actor, [named], now=now)
        rows = await queries.list_lots(
            db, today=day_of(now), sku=data.sku, node=data.node, limit=LIMIT_MAX
        )
        return 200, LotList([_lot(row) for row in rows], None)

    answer = await once(
        database, actor, key=idempotency_key, operation="POST /v1/stock/lots/name",
        body=msgspec.to_builtins(data), act=act,
    )  # fmt: skip
    return answered(answer, LotList)


@get("/v1/stock/lot-moves", summary="Moves of lots")
async def list_moves(
    *,
    database: Database,
    actor: Actor,
    sku: str,
    lot: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> LotMoveList:
    """Where units of a SKU, or of one of its lots, came from and went: what a recall asks."""
    actor.needs_scope("stock:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_lot_moves(
            db, sku=sku, lot=lot, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.at, row.id))
    return LotMoveList([_move(row) for row in shown], following)


def _lot(row: Lot) -> LotRow:
    return LotRow(
        show_id("lot", row.id), row.sku, row.node, row.owner, row.code, row.expires_date,
        row.received_at, row.units, row.held, row.is_ending,
    )  # fmt: skip


def _move(row: LotMove) -> LotMoveRow:
    return LotMoveRow(
        show_id("lmv", row.id), row.at, row.sku, row.node, row.owner, row.lot, row.kind, row.units,
        row.reference,
    )  # fmt: skip


ROUTES = (keep_lots, list_lots, name_lot, list_moves)
