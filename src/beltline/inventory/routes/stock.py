"""The API of stock: `/v1/stock`, its movements, adjustments and levels."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType

from beltline.inventory import actions, queries, rules
from beltline.inventory.types import (
    Availability,
    DuplicateItem,
    Movement,
    QuantityUnusable,
    Stock,
    StockItem,
    StockOutcome,
)
from beltline.inventory.types.adjustments import (
    Adjustment,
    AdjustmentKind,
    AdjustmentReason,
    AdjustmentStatus,
    AdjustmentWanted,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor, encode_cursor
from beltline.kit.web.kept import answered

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


class AdjustmentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of counted stock; `quantity` in base units, below 0 only where ADJUST takes away."""

    sku: Code
    node: Code
    kind: AdjustmentKind
    quantity: Annotated[int, Meta(ge=-(10**15), le=10**15)]
    reason: AdjustmentReason
    owner: Code | None = None
    note: Annotated[str, Meta(max_length=500)] = ""


class AdjustmentAnswer(msgspec.Struct, frozen=True):
    """An adjustment: APPLIED, or WAITING for a second person."""

    id: str
    number: str
    sku: str
    node: str
    owner: str
    kind: str
    quantity: int
    reason: str
    note: str
    status: str
    asked_by: str
    asked_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


class AdjustmentList(msgspec.Struct, frozen=True):
    """One page of adjustments, newest first."""

    items: list[AdjustmentAnswer]
    next_cursor: str | None


class LevelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which available units on `stock.low` is recorded; null ends it."""

    sku: Code
    node: Code
    low_at: Annotated[int, Meta(ge=0, le=10**15)] | None


class LevelAnswer(msgspec.Struct, frozen=True):
    """How many stock rows are watched or left alone now."""

    rows: int


@post("/v1/stock/adjustments", summary="Adjust stock")
async def create_adjustment(
    data: AdjustmentBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[AdjustmentAnswer]:
    """Changes counted stock for a reason: adds or takes away, holds, frees, damages, mends, scraps.

    Beyond the limit of the stock policy it is WAITING until a second person approves it.
    """
    actor.needs_scope("stock:write")
    if data.quantity == 0 or (data.quantity < 0 and data.kind != "ADJUST"):
        raise QuantityUnusable(param="quantity")
    wanted = AdjustmentWanted(
        data.sku, data.node, data.owner, data.kind, data.quantity, data.reason, data.note
    )

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _adjusted(await actions.adjust(db, actor, wanted, now=now))

    operation = "POST /v1/stock/adjustments"
    return await _once(database, actor, idempotency_key, operation, msgspec.to_builtins(data), act)


@get("/v1/stock/adjustments", summary="Adjustments of stock")
async def list_adjustments(
    *,
    database: Database,
    actor: Actor,
    status: AdjustmentStatus | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> AdjustmentList:
    """What people changed and why, newest first; `status=WAITING` is for a second person."""
    actor.needs_scope("stock:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_adjustments(
            db, status=status, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.asked_at, row.id))
    return AdjustmentList([_adjusted(row) for row in shown], following)


@post("/v1/stock/adjustments/{adjustment_id:str}/approve", summary="Approve", status_code=200)
async def approve_adjustment(
    adjustment_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[AdjustmentAnswer]:
    """Carries out an adjustment that waits. Not for whoever asked for it."""
    return await _decide(database, actor, idempotency_key, adjustment_id, is_approved=True, now=now)


@post("/v1/stock/adjustments/{adjustment_id:str}/reject", summary="Reject", status_code=200)
async def reject_adjustment(
    adjustment_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[AdjustmentAnswer]:
    """Ends an adjustment that waits; nothing changes. Not for whoever asked for it."""
    return await _decide(
        database, actor, idempotency_key, adjustment_id, is_approved=False, now=now
    )


@put("/v1/stock/levels", summary="Watch a level")
async def set_level(
    data: LevelBody, database: Database, actor: Actor, now: dt.datetime
) -> LevelAnswer:
    """Records `stock.low` once when no more than `low_at` can be had, and again after a rise."""
    actor.needs_scope("stock:write")
    async with database.writing(actor) as db:
        rows = await actions.watch_level(
            db, actor, sku=data.sku, node=data.node, low_at=data.low_at, now=now
        )
    return LevelAnswer(rows)


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
    shown, following = cut(rows, limit, lambda row: (row.at, row.id))
    return MovementList([_moved(row) for row in shown], following)


async def _decide(
    database: Database, actor: Actor, key: str, shown: str, *, is_approved: bool, now: dt.datetime
) -> Response[AdjustmentAnswer]:
    actor.needs_scope("stock:write")
    found = read_id("adj", shown)

    async def act(db: Writer) -> tuple[int, Any]:
        decided = await actions.decide_adjustment(
            db, actor, found, is_approved=is_approved, now=now
        )
        return 200, _adjusted(decided)

    operation = f"POST /v1/stock/adjustments/{found}/{'approve' if is_approved else 'reject'}"
    return await _once(database, actor, key, operation, None, act)


async def _once(
    database: Database,
    actor: Actor,
    key: str,
    operation: str,
    body: object,
    act: Callable[[Writer], Awaitable[tuple[int, Any]]],
) -> Response[AdjustmentAnswer]:
    answer = await once(database, actor, key=key, operation=operation, body=body, act=act)
    return answered(answer, AdjustmentAnswer)


def _adjusted(row: Adjustment) -> AdjustmentAnswer:
    return AdjustmentAnswer(
        show_id("adj", row.id), row.number, row.sku, row.node, row.owner, row.kind, row.quantity,
        row.reason, row.note, row.status, row.asked_by, row.asked_at, row.decided_by,
        row.decided_at,
    )  # fmt: skip


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


ROUTES = (
    list_stock, set_stock, list_movements, create_adjustment, list_adjustments,
    approve_adjustment, reject_adjustment, set_level,
)  # fmt: skip
