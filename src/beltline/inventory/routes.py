"""The API of stock: `/v1/stock` and `/v1/stock/movements`."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType

from beltline.inventory import actions, queries, rules
from beltline.inventory.types import (
    Availability,
    DuplicateItem,
    Movement,
    Stock,
    StockItem,
    StockOutcome,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, decode_cursor, encode_cursor

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]


class StockRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Stock of a SKU at a node, in base units.

    A buyer gets sku, node, available and inbound, over all owners; the owner and the operator get
    everything.
    """

    sku: str
    node: str
    available: int
    inbound: int
    owner: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    on_hand: int | UnsetType = UNSET
    reserved: int | UnsetType = UNSET
    quality_hold: int | UnsetType = UNSET
    damaged: int | UnsetType = UNSET
    version: int | UnsetType = UNSET
    counted_at: dt.datetime | UnsetType = UNSET


class StockList(msgspec.Struct, frozen=True):
    """One page of stock."""

    items: list[StockRow]
    next_cursor: str | None


class StockItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands of a SKU at a node. Without `owner` it is the caller's own."""

    sku: Code
    node: Code
    on_hand: Annotated[int, Meta(ge=0, le=10**15)]
    owner: Code | None = None
    version: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None


class StockBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 rows to set."""

    items: Annotated[list[StockItemBody], Meta(min_length=1, max_length=1_000)]


class StockResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item.

    `outcome` SET, UNCHANGED or SHORTAGE with the version kept, or the problem.
    """

    index: int
    sku: str
    node: str
    outcome: str | UnsetType = UNSET
    version: int | UnsetType = UNSET
    problem: dict[str, Any] | UnsetType = UNSET


class StockResults(msgspec.Struct, frozen=True):
    """One result an item, in the order given."""

    results: list[StockResult]


class MovementRow(msgspec.Struct, frozen=True):
    """One change of stock; the amounts are differences in base units."""

    id: str
    at: dt.datetime
    sku: str
    node: str
    owner: str
    kind: str
    on_hand: int
    reserved: int
    quality_hold: int
    damaged: int
    reference: str


class MovementList(msgspec.Struct, frozen=True):
    """One page of movements, newest first."""

    items: list[MovementRow]
    next_cursor: str | None


@get("/v1/stock", summary="Stock by SKU and node")
async def list_stock(
    *,
    database: Database,
    actor: Actor,
    sku: str | None = None,
    node: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> StockList:
    """The operator sees all stock, a supplier its own, a buyer what can be ordered where."""
    actor.needs_scope("stock:read")
    async with database.reading(actor) as db:
        if actor.org_kind in {"OPERATOR", "SUPPLIER"}:
            after = decode_cursor(cursor, UUID, UUID, UUID)
            rows = await queries.list_stock(
                db,
                sku=sku,
                node=node,
                after=(after[0], after[1], after[2]) if after else None,
                limit=limit + 1,
            )
            keys = [encode_cursor(r.sku_id, r.node_id, r.owner_org_id) for r in rows[limit - 1 :]]
            shown = [_own(row) for row in rows[:limit]]
        else:
            after = decode_cursor(cursor, UUID, UUID)
            free = await queries.list_availability(
                db,
                sku=sku,
                node=node,
                after=(after[0], after[1]) if after else None,
                limit=limit + 1,
            )
            keys = [encode_cursor(r.sku_id, r.node_id) for r in free[limit - 1 :]]
            shown = [_public(row) for row in free[:limit]]
    return StockList(shown, keys[0] if len(keys) > 1 else None)


@put("/v1/stock", summary="Set stock")
async def set_stock(
    data: StockBody, database: Database, actor: Actor, now: dt.datetime
) -> StockResults:
    """Says what stands: the operator by count, a supplier by declaration at its own factories.

    Each item stands alone: one that is refused leaves the others standing. `version` is the
    source's own growing number; an older one is refused (`inventory.stale_version`). Fewer on
    hand than are reserved is accepted as a SHORTAGE: nothing more is sold.
    """
    actor.needs_scope("stock:write")
    actor.needs_role("WAREHOUSE", "PLANNER")
    items = [StockItem(i.sku, i.node, i.on_hand, i.owner, i.version) for i in data.items]
    if (index := rules.duplicate_of(items)) is not None:
        raise DuplicateItem(param=f"items[{index}]", sku=items[index].sku, node=items[index].node)
    outcomes = await actions.set_stock(database, actor, items, now=now)
    return StockResults([_result(index, outcome) for index, outcome in enumerate(outcomes)])


@get("/v1/stock/movements", summary="Changes of stock")
async def list_movements(
    *,
    database: Database,
    actor: Actor,
    sku: str | None = None,
    node: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> MovementList:
    """Every change of the caller's stock (the operator: of all stock), newest first."""
    actor.needs_scope("stock:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_movements(
            db,
            sku=sku,
            node=node,
            before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )
    more = encode_cursor(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None
    return MovementList([_moved(row) for row in rows[:limit]], more)


def _own(row: Stock) -> StockRow:
    return StockRow(
        sku=row.sku,
        node=row.node,
        owner=row.owner,
        kind=row.kind,
        on_hand=row.on_hand,
        reserved=row.reserved,
        quality_hold=row.quality_hold,
        damaged=row.damaged,
        available=row.available,
        inbound=row.inbound,
        version=row.version,
        counted_at=row.counted_at,
    )


def _public(row: Availability) -> StockRow:
    return StockRow(sku=row.sku, node=row.node, available=row.available, inbound=row.inbound)


def _moved(row: Movement) -> MovementRow:
    return MovementRow(
        id=show_id("mov", row.id),
        at=row.at,
        sku=row.sku,
        node=row.node,
        owner=row.owner,
        kind=row.kind,
        on_hand=row.on_hand,
        reserved=row.reserved,
        quality_hold=row.quality_hold,
        damaged=row.damaged,
        reference=row.reference,
    )


def _result(index: int, outcome: StockOutcome) -> StockResult:
    refusal = rules.refusal_of(outcome, index)
    if refusal is not None:
        return StockResult(index, outcome.sku, outcome.node, problem=_problem(refusal))
    return StockResult(
        index,
        outcome.sku,
        outcome.node,
        outcome="SHORTAGE" if outcome.shortage else outcome.outcome,
        version=outcome.version if outcome.version is not None else UNSET,
    )


def _problem(refusal: Refusal) -> dict[str, Any]:
    return {
        **refusal.fields,
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.message,
        "code": refusal.code,
        "param": refusal.param,
    }


ROUTES = (list_stock, set_stock, list_movements)
