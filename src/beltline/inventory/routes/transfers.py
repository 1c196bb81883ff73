"""The API of goods between two nodes: `/v1/stock/transfers`. The operator's own."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.inventory import actions, queries
from beltline.inventory.types.transfers import StockTransferStatus, Transfer
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class StockTransferAnswer(msgspec.Struct, frozen=True):
    """Goods on their way between two nodes, in base units; `received` came in when it ended."""

    id: str
    number: str
    sku: str
    origin: str
    target: str
    quantity: int
    received: int | None
    status: StockTransferStatus
    expected_date: dt.date
    sent_by: str
    sent_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class StockTransferList(msgspec.Struct, frozen=True):
    """One page of transfers, newest first."""

    items: list[StockTransferAnswer]
    next_cursor: str | None


class ArrivalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many base units came in (all unless given); the others were lost on the way."""

    quantity: Annotated[int, Meta(ge=0, le=10**12)] | None = None


@get("/v1/stock/transfers", summary="Transfers between nodes")
async def list_transfers(
    *,
    database: Database,
    actor: Actor,
    status: StockTransferStatus | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> StockTransferList:
    """Goods sent from node to node, newest first."""
    actor.needs_scope("stock:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_transfers(
            db, status=status, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.sent_at, row.id))
    return StockTransferList([_transferred(row) for row in shown], following)


@post("/v1/stock/transfers/{transfer_id:str}/receive", summary="Receive a transfer",
      status_code=200)  # fmt: skip
async def receive_transfer(
    *, transfer_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime,
    data: ArrivalBody | None = None,
) -> Response[StockTransferAnswer]:  # fmt: skip
    """The goods came in at the node they were sent to."""
    return await _end(
        database, actor, idempotency_key, transfer_id, data, is_back=False, now=now
    )  # fmt: skip


@post("/v1/stock/transfers/{transfer_id:str}/return", summary="Take a transfer back",
      status_code=200)  # fmt: skip
async def return_transfer(
    *, transfer_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime,
    data: ArrivalBody | None = None,
) -> Response[StockTransferAnswer]:  # fmt: skip
    """The goods are back where they were sent from, or never left."""
    return await _end(database, actor, idempotency_key, transfer_id, data, is_back=True, now=now)


async def _end(
    database: Database, actor: Actor, key: str, shown: str, body: ArrivalBody | None, *,
    is_back: bool, now: dt.datetime,
) -> Response[StockTransferAnswer]:  # fmt: skip
    actor.needs_scope("stock:write")
    found = read_id("trf", shown)

    async def act(db: Writer) -> tuple[int, Any]:
        ended = await actions.end_transfer(
            db, actor, found, quantity=body.quantity if body else None, is_back=is_back, now=now
        )
        return 200, _transferred(ended)

    operation = f"POST /v1/stock/transfers/{found}/{'return' if is_back else 'receive'}"
    answer = await once(database, actor, key=key, operation=operation, body=body, act=act)
    return answered(answer, StockTransferAnswer)


def _transferred(row: Transfer) -> StockTransferAnswer:
    return StockTransferAnswer(
        id=show_id("trf", row.id), number=row.number, sku=row.sku, origin=row.origin,
        target=row.target, quantity=row.quantity, received=row.received, status=row.status,
        expected_date=row.expected_date, sent_by=row.sent_by, sent_at=row.sent_at,
        ended_by=row.ended_by, ended_at=row.ended_at,
    )  # fmt: skip


ROUTES = (list_transfers, receive_transfer, return_transfer)
