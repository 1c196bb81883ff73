"""`/v1/claims`, the receipt of an order, and how long money waits."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.ledger import queries as ledger
from beltline.orders import actions, queries
from beltline.orders.types import (
    Assurance,
    Claim,
    ClaimAnswer,
    ClaimBody,
    ClaimCase,
    ClaimEvidence,
    ClaimLine,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class ClaimRow(msgspec.Struct, frozen=True):
    """A claim; amounts in minor units. Unanswered until `due_at` it is granted."""

    id: str
    number: str
    order_id: str
    order: str
    buyer: str
    state: str
    reason: str
    note: str
    currency: str
    asked_amount: int
    refunded_amount: int
    answer_note: str
    charged_to: str | None
    by_default: bool
    opened_at: dt.datetime
    due_at: dt.datetime
    ended_at: dt.datetime | None
    lines: list[ClaimLine]
    evidence: list[ClaimEvidence]


class ClaimCaseRow(msgspec.Struct, frozen=True):
    """A claim on goods of the calling supplier, which may answer until `due_at`, once."""

    id: str
    number: str
    reason: str
    note: str
    lines: list[dict[str, str | int | None]]
    state: str
    is_charged: bool
    evidence: str
    answered_at: dt.datetime | None
    opened_at: dt.datetime
    due_at: dt.datetime
    ended_at: dt.datetime | None


class ClaimCaseList(msgspec.Struct, frozen=True):
    """One page of claims on the supplier's goods, newest first."""

    items: list[ClaimCaseRow]
    next_cursor: str | None


class EvidenceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the supplier knows of the goods."""

    evidence: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00]*\Z")]


class ClaimList(msgspec.Struct, frozen=True):
    """One page of claims, newest first."""

    items: list[ClaimRow]
    next_cursor: str | None


class Receipt(msgspec.Struct, frozen=True):
    """What became of the money of an order whose receipt was confirmed, in minor units."""

    order_id: str
    released: int
    refunded: int
    currency: str
    released_at: dt.datetime | None


@get("/v1/claims", summary="Claims")
async def list_claims(
    *,
    database: Database,
    actor: Actor,
    status: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ClaimList:
    """The buyer's own or, for the operator, all."""
    actor.needs_scope("orders:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_claims(
            db, actor, state=status, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return ClaimList([_shown(row) for row in shown], following)


@post("/v1/orders/{order_id:str}/claims", summary="Claim money back")
async def open_claim(
    *,
    order_id: str,
    data: ClaimBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ClaimRow]:
    """Asks for the price of units, or amounts off lines; the order's money is frozen meanwhile.

    Possible from when something has left until some days after the money was released.
    """
    actor.needs_scope("orders:write")
    found = read_id("ord", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _shown(await actions.open_claim(db, actor, order_id=found, body=data, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation=f"claims.open {order_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ClaimRow)


@post("/v1/claims/{claim_id:str}/answer", summary="Answer a claim", status_code=200)
async def answer_claim(
    *,
    claim_id: str,
    data: ClaimAnswer,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ClaimRow]:
    """Refunds all or a part of what is asked, or rejects it with 0. For the operator."""
    actor.needs_scope("orders:write")
    found = read_id("clm", claim_id)

    async def act(db: Writer) -> tuple[int, Any]:
        case = await actions.answer_claim(db, actor, claim_id=found, answer=data, now=now)
        return 200, _shown(case)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"claims.answer {claim_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ClaimRow)


@post("/v1/claims/{claim_id:str}/withdraw", summary="Withdraw a claim", status_code=200)
async def withdraw_claim(
    *, claim_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[ClaimRow]:
    """Ends a claim without money; the order's money moves again. For its buyer."""
    actor.needs_scope("orders:write")
    found = read_id("clm", claim_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _shown(await actions.withdraw_claim(db, actor, claim_id=found, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation=f"claims.withdraw {claim_id}", body=None,
        act=act,
    )  # fmt: skip
    return answered(answer, ClaimRow)


@post("/v1/orders/{order_id:str}/confirm-receipt", summary="Confirm a receipt", status_code=200)
async def confirm_receipt(
    *, order_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Receipt]:
    """All of the order is there and as it should be: its money goes to the seller now."""
    actor.needs_scope("orders:write")
    found = read_id("ord", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.confirm_receipt(db, actor, order_id=found, now=now)
        hold = await ledger.get_hold(db, found)
        return 200, Receipt(order_id, hold.released, hold.refunded, hold.currency, hold.closed_at)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"orders.confirm {order_id}", body=None,
        act=act,
    )  # fmt: skip
    return answered(answer, Receipt)


@get("/v1/assurance", summary="How long money waits")
async def get_assurance(database: Database, actor: Actor) -> Assurance:
    """Days until a receipt counts as confirmed, in which claims are taken, and are answered."""
    actor.needs_scope("orders:read")
    async with database.reading(actor) as db:
        return await queries.get_assurance(db)


@post("/v1/assurance", summary="Set how long money waits", status_code=200)
async def set_assurance(
    data: Assurance, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Assurance]:
    """For orders delivered and claims opened from now on. For the operator."""
    actor.needs_scope("orders:write")

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.set_assurance(db, actor, rules=data, now=now)
        return 200, data

    answer = await once(
        database, actor, key=idempotency_key, operation="orders.assurance", body=data, act=act
    )
    return answered(answer, Assurance)


@get("/v1/claim-cases", summary="Claims on a supplier's goods")
async def list_cases(
    *,
    database: Database,
    actor: Actor,
    status: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ClaimCaseList:
    """Why, which units, and how it ended; neither the buyer nor its price. For suppliers."""
    actor.needs_scope("orders:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_cases(
            db, actor, state=status, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return ClaimCaseList([_case(row) for row in shown], following)


@post("/v1/claim-cases/{case_id:str}/answer", summary="Answer with evidence", status_code=200)
async def answer_case(
    *,
    case_id: str,
    data: EvidenceBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ClaimCaseRow]:
    """What the supplier knows of the claimed goods; the operator reads it before it decides."""
    actor.needs_scope("orders:write")
    found = read_id("ccs", case_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _case(
            await actions.answer_case(db, actor, case_id=found, evidence=data.evidence, now=now)
        )

    answer = await once(
        database, actor, key=idempotency_key, operation=f"claim-cases.answer {case_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ClaimCaseRow)


def _case(row: ClaimCase) -> ClaimCaseRow:
    named = {name: getattr(row, name) for name in ClaimCaseRow.__struct_fields__}
    return ClaimCaseRow(**named | {"id": show_id("ccs", row.id)})


def _shown(claim: Claim) -> ClaimRow:
    named = {name: getattr(claim, name) for name in ClaimRow.__struct_fields__}
    ids = {"id": show_id("clm", claim.id), "order_id": show_id("ord", claim.order_id)}
    return ClaimRow(**named | ids)


ROUTES = (
    list_claims, open_claim, answer_claim, withdraw_claim, confirm_receipt, get_assurance,
    set_assurance, list_cases, answer_case,
)  # fmt: skip
