"""The API of what a plan proposes to move between nodes: `/v1/transfers`. The operator's own."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.planning.actions import transfers as actions
from beltline.planning.queries import transfers
from beltline.planning.routes.answers import DecisionBody
from beltline.planning.routes.plans import answer_once, may_write
from beltline.planning.rules.sentences import explain_why
from beltline.planning.types import Reason
from beltline.planning.types.transfers import (
    TransferFilters,
    TransferProposal,
    TransfersDecided,
    TransferStatus,
    TransferTally,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Act = Callable[..., Awaitable[TransfersDecided]]


class ProposedTransfer(msgspec.Struct, frozen=True):
    """Move `quantity` base units of a SKU from `origin` to `target` before more is bought: and why.

    `gain` is expected after `freight`; `realised` is what it earned (or would have) once the demand
    was known. An ACCEPTED one is the stock transfer of `stock_transfer_id`, in `stock_status`.
    """

    id: str
    plan_run_id: str
    sku: str
    title: str
    title_zh: str
    uom: str
    origin: str
    target: str
    quantity: int
    gain: Money
    freight: Money
    is_assumed: bool
    order_by: dt.date
    expected_date: dt.date
    why: list[Reason]
    why_text: list[str]
    status: TransferStatus
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    realised: Money | None
    stock_transfer_id: str | None
    stock_status: str | None
    received: int | None


class ProposedTransferList(msgspec.Struct, frozen=True):
    """One page of proposed transfers by the day to send them; the totals of every status."""

    items: list[ProposedTransfer]
    next_cursor: str | None
    totals: list[TransferTally]


class TransfersBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which open transfers to send, all of them unless named; and a remark."""

    transfer_ids: Annotated[list[str], Meta(max_length=20_000)] | None = None
    note: Annotated[str, Meta(max_length=1_000)] = ""


@get("/v1/transfers", summary="Proposed transfers")
async def list_transfers(
    *,
    database: Database,
    actor: Actor,
    status: TransferStatus | None = None,
    node: str | None = None,
    q: str = "",
    plan: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ProposedTransferList:
    """What plans propose to move between nodes."""
    actor.needs_scope("planning:read")
    filters = TransferFilters(
        status=status, node=node, words=q, plan_run_id=read_id("run", plan) if plan else None
    )
    async with database.reading(actor) as db:
        rows, following = await transfers.list_transfers(
            db, actor.org_id, filters, limit=limit, cursor=cursor
        )
        totals = await transfers.tally_transfers(db, actor.org_id, filters)
    return ProposedTransferList([_answer(row) for row in rows], following, totals)


@get("/v1/transfers/{transfer_id:str}", summary="One proposed transfer")
async def get_transfer(transfer_id: str, database: Database, actor: Actor) -> ProposedTransfer:
    """A proposed transfer with its reasons."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        return _answer(await transfers.get_transfer(db, actor.org_id, read_id("trp", transfer_id)))


@post("/v1/transfers/accept", summary="Send transfers", status_code=200)
async def accept_transfers(
    *, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime,
    data: TransfersBody | None = None,
) -> Response[TransfersDecided]:  # fmt: skip
    """The goods leave; what is no longer free at its origin stays open and counts as `left`."""
    may_write(actor)
    body = data or TransfersBody()
    named = body.transfer_ids
    ids = [] if named is None else [read_id("trp", text) for text in named]
    filters = TransferFilters(status=TransferStatus.OPEN) if named is None else None

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, await actions.accept(
            db, actor, transfer_ids=ids, filters=filters, note=body.note, now=now
        )

    return await answer_once(
        database, actor, idempotency_key, "transfers.accept", data, act, TransfersDecided
    )


@post("/v1/transfers/{transfer_id:str}/accept", summary="Send a transfer", status_code=200)
async def accept_transfer(
    *, transfer_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime,
    data: DecisionBody | None = None,
) -> Response[ProposedTransfer]:  # fmt: skip
    """The goods leave their node and are inbound at the other."""
    return await _one(
        database, actor, idempotency_key, "accept", actions.accept, transfer_id, data, now
    )


@post("/v1/transfers/{transfer_id:str}/reject", summary="Reject a transfer", status_code=200)
async def reject_transfer(
    *, transfer_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime,
    data: DecisionBody | None = None,
) -> Response[ProposedTransfer]:  # fmt: skip
    """Nothing moves, nor is it proposed again for four weeks; the next plan buys."""
    return await _one(
        database, actor, idempotency_key, "reject", actions.reject, transfer_id, data, now
    )


@post("/v1/transfers/{transfer_id:str}/reopen", summary="Put a transfer back", status_code=200)
async def reopen_transfer(
    *, transfer_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime,
    data: DecisionBody | None = None,
) -> Response[ProposedTransfer]:  # fmt: skip
    """A rejected one can be decided again."""
    return await _one(
        database, actor, idempotency_key, "reopen", actions.reopen, transfer_id, data, now
    )


async def _one(
    database: Database, actor: Actor, key: str, name: str, act_on: Act, shown: str,
    data: DecisionBody | None, now: dt.datetime,
) -> Response[ProposedTransfer]:  # fmt: skip
    may_write(actor)
    body, found = data or DecisionBody(), read_id("trp", shown)

    async def act(db: Writer) -> tuple[int, Any]:
        await act_on(db, actor, transfer_ids=[found], version=body.version, note=body.note, now=now)
        return 200, _answer(await transfers.get_transfer(db, actor.org_id, found))

    operation = f"transfers.{found}.{name}"
    return await answer_once(database, actor, key, operation, data, act, ProposedTransfer)


def _answer(row: TransferProposal) -> ProposedTransfer:
    money = {name: Money(getattr(row, name), row.currency) for name in ("gain", "freight")}
    return ProposedTransfer(
        id=show_id("trp", row.id), plan_run_id=show_id("run", row.plan_run_id), sku=row.sku,
        title=row.title, title_zh=row.title_zh, uom=row.uom, origin=row.origin, target=row.target,
        quantity=row.quantity, **money, is_assumed=row.is_assumed, order_by=row.order_by,
        expected_date=row.expected_date, why=row.why, why_text=explain_why(row.why, "en"),
        status=row.status, version=row.version, decided_by=row.decided_by,
        decided_at=row.decided_at, decision_note=row.decision_note,
        realised=None if row.realised is None else Money(row.realised, row.currency),
        stock_transfer_id=show_id("trf", row.stock_transfer_id) if row.stock_transfer_id else None,
        stock_status=row.move_status, received=row.received,
    )  # fmt: skip


ROUTES = (
    list_transfers, get_transfer, accept_transfers, accept_transfer, reject_transfer,
    reopen_transfer,
)  # fmt: skip
