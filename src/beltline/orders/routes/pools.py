"""`/v1/pools`: buyers reach an offer's minimum together."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.orders.actions import pools as actions
from beltline.orders.queries import pools as queries
from beltline.orders.types.pools import Pledge, PledgeBody, Pool, PoolBody, PoolStatus

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class PoolRow(msgspec.Struct, frozen=True):
    """A pool; quantities in base units, prices per unit of sale as decimal texts.

    `own_quantity` is the acting buyer's part of `pledged_quantity`. `reason` says why a pool
    without orders ended: TOO_FEW, NO_STOCK, OFFER_ENDED or CANCELLED.
    """

    id: str
    number: str
    sku: str
    currency: str
    uom: str
    target_quantity: int
    unit_price: str
    pledged_quantity: int
    pledges: int
    own_quantity: int
    status: str
    reason: str | None
    final_price: str | None
    note: str
    opened_at: dt.datetime
    closes_at: dt.datetime
    ended_at: dt.datetime | None


class PledgeRow(msgspec.Struct, frozen=True):
    """A pledge; amounts in minor units. `order_id` once it became an order.

    `amount` is what it paid, `alone_amount` what the same would have cost alone: null where that
    is below the minimum.
    """

    id: str
    number: str
    buyer: str
    quantity: int
    price_max: str
    held_amount: int
    status: str
    amount: int | None
    alone_amount: int | None
    order_id: str | None
    created_at: dt.datetime


class PoolList(msgspec.Struct, frozen=True):
    """One page of pools, newest first."""

    items: list[PoolRow]
    next_cursor: str | None


class PoolDetail(msgspec.Struct, frozen=True):
    """A pool and its pledges: a buyer's own, the operator's view has all."""

    pool: PoolRow
    pledges: list[PledgeRow]


class EndBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a pool ends before its time: as far as it has come, or with `cancel` without orders."""

    cancel: bool = False


@get("/v1/pools", summary="Pools")
async def list_pools(
    *,
    database: Database,
    actor: Actor,
    status: PoolStatus | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> PoolList:
    """What buyers may reach together, or did."""
    actor.needs_scope("orders:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_pools(
            db, actor, status=status, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return PoolList([_shown(row) for row in shown], following)


@get("/v1/pools/{pool_id:str}", summary="A pool")
async def get_pool(pool_id: str, database: Database, actor: Actor) -> PoolDetail:
    """With the pledges the caller may see."""
    actor.needs_scope("orders:read")
    found = read_id("pool", pool_id)
    async with database.reading(actor) as db:
        pool = await queries.get_pool(db, actor, found)
        pledges = await queries.list_pledges(db, found)
    return PoolDetail(_shown(pool), [_pledge(row) for row in pledges])


@post("/v1/pools", summary="Open a pool")
async def open_pool(
    data: PoolBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[PoolRow]:
    """Of an offer whose minimum, or next price break, is more than one buyer wants.

    For the operator.
    """
    actor.needs_scope("orders:write")

    async def act(db: Writer) -> Pool:
        return await actions.open_pool(db, actor, body=data, now=now)

    return await _once(database, actor, idempotency_key, "pools.open", data, act, status=201)


@post("/v1/pools/{pool_id:str}/join", summary="Join a pool", status_code=200)
async def join_pool(
    *,
    pool_id: str,
    data: PledgeBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[PoolRow]:
    """Holds what the units cost at most. Reached, the pledge becomes an order; else all is free."""
    actor.needs_scope("orders:write")
    found = read_id("pool", pool_id)

    async def act(db: Writer) -> Pool:
        return await actions.join_pool(db, actor, pool_id=found, body=data, now=now)

    return await _once(database, actor, idempotency_key, f"pools.join {pool_id}", data, act)


@post("/v1/pools/{pool_id:str}/leave", summary="Leave a pool", status_code=200)
async def leave_pool(
    *, pool_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[PoolRow]:
    """Takes the buyer's pledge back while the pool is open."""
    actor.needs_scope("orders:write")
    found = read_id("pool", pool_id)

    async def act(db: Writer) -> Pool:
        return await actions.leave_pool(db, actor, pool_id=found, now=now)

    return await _once(database, actor, idempotency_key, f"pools.leave {pool_id}", None, act)


@post("/v1/pools/{pool_id:str}/end", summary="End a pool", status_code=200)
async def end_pool(
    *,
    pool_id: str,
    data: EndBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[PoolRow]:
    """Now instead of at its time. For the operator."""
    actor.needs_scope("orders:write")
    found = read_id("pool", pool_id)

    async def act(db: Writer) -> Pool:
        return await actions.end_pool(db, actor, pool_id=found, now=now, is_cancelled=data.cancel)

    return await _once(database, actor, idempotency_key, f"pools.end {pool_id}", data, act)


async def _once(
    database: Database, actor: Actor, key: str, operation: str, body: object,
    act: Callable[[Writer], Awaitable[Pool]], *, status: int = 200,
) -> Response[PoolRow]:  # fmt: skip
    async def done(db: Writer) -> tuple[int, Any]:
        return status, _shown(await act(db))

    answer = await once(database, actor, key=key, operation=operation, body=body, act=done)
    return answered(answer, PoolRow)


def _shown(pool: Pool) -> PoolRow:
    named = {name: getattr(pool, name) for name in PoolRow.__struct_fields__}
    final = None if pool.final_price is None else decimal_text(pool.final_price)
    return PoolRow(
        **named
        | {
            "id": show_id("pool", pool.id), "unit_price": decimal_text(pool.unit_price),
            "final_price": final,
        }
    )  # fmt: skip


def _pledge(pledge: Pledge) -> PledgeRow:
    named = {name: getattr(pledge, name) for name in PledgeRow.__struct_fields__}
    is_ordered = pledge.status == "ORDERED"
    return PledgeRow(
        **named
        | {
            "id": show_id("plg", pledge.id), "price_max": decimal_text(pledge.price_max),
            "order_id": show_id("ord", pledge.order_id) if is_ordered else None,
        }
    )  # fmt: skip


ROUTES = (list_pools, get_pool, open_pool, join_pool, leave_pool, end_pool)
