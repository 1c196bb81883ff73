"""The API of money: balances, transfers, credit, statements, payments, exchange."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.accounts import queries as organizations
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.ledger import actions, queries
from beltline.ledger.types import Balance, CreditLine, Entry, Incoming, Statement
from beltline.trade import queries as trade

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class BalanceList(msgspec.Struct, frozen=True):
    """All accounts of the caller."""

    items: list[Balance]
    next_cursor: str | None = None


class TransferLine(msgspec.Struct, frozen=True):
    """The caller's side of a transfer. `amount` is in minor units, negative when it goes out."""

    id: str
    at: dt.datetime
    kind: str
    account: str
    amount: int
    currency: str
    reference: str
    order_id: str | None


class TransferList(msgspec.Struct, frozen=True):
    """One page of the caller's transfers, newest first."""

    items: list[TransferLine]
    next_cursor: str | None


@get("/v1/ledger/balances", summary="Balances of the caller")
async def list_balances(database: Database, actor: Actor) -> BalanceList:
    """What the caller has in each account and currency, and what is held for open orders."""
    actor.needs_scope("ledger:read")
    async with database.reading(actor) as db:
        return BalanceList(await queries.list_balances(db, actor.org_id))


@get("/v1/ledger/transfers", summary="Transfers of the caller")
async def list_transfers(
    database: Database,
    actor: Actor,
    currency: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> TransferList:
    """The caller's own entries, newest first."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_entries(
            db,
            actor.org_id,
            currency=currency,
            before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )
    shown, following = cut(rows, limit, lambda row: (row.at, row.id))
    return TransferList([_shown(row) for row in shown], following)


Minor = Annotated[int, Meta(ge=1, le=9 * 10**15)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]


class CreditBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A buyer's line of credit as the operator sets it; `limit` in minor units.

    A month's orders are due on `due_day` of the next month; what is late costs `late_fee_ppm`
    parts in a million, once.
    """

    org: Code
    currency: Currency
    limit: Annotated[int, Meta(ge=0, le=9 * 10**15)]
    due_day: Annotated[int, Meta(ge=1, le=28)] = 8
    late_fee_ppm: Annotated[int, Meta(ge=0, le=200_000)] = 5_000


class RepayBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of what is owed on credit is repaid from the balance, in minor units."""

    currency: Currency
    amount: Minor


class ExchangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many minor units of a currency are changed into another."""

    from_currency: Currency
    to_currency: Currency
    amount: Minor


class Exchanged(msgspec.Struct, frozen=True):
    """What was given and got, in minor units, at which rate of whom and when."""

    gave: int
    from_currency: str
    got: int
    to_currency: str
    rate: str
    rate_source: str
    margin_ppm: int


class AssignBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The buyer whose money a payment is, by code."""

    org: Code


class ReverseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment that was taken back, as its source names it."""

    source: Code
    external_id: Code


class Reversed(msgspec.Struct, frozen=True):
    """What of it the buyer's balance did not cover, in minor units."""

    loss: int


class Done(msgspec.Struct, frozen=True):
    """It was done."""

    done: bool = True


class CreditLineList(msgspec.Struct, frozen=True):
    """Lines of credit by buyer and currency."""

    items: list[CreditLine]
    next_cursor: str | None


class StatementList(msgspec.Struct, frozen=True):
    """Statements, newest month first."""

    items: list[Statement]
    next_cursor: str | None


class PaymentRow(msgspec.Struct, frozen=True):
    """Money that came from outside; `order_id` is what it paid."""

    id: str
    source: str
    external_id: str
    amount: int
    currency: str
    reference: str
    state: str
    order_id: str | None
    received_at: dt.datetime


class PaymentList(msgspec.Struct, frozen=True):
    """Payments from outside, newest first."""

    items: list[PaymentRow]
    next_cursor: str | None


@get("/v1/ledger/credit-lines", summary="Lines of credit")
async def list_credit_lines(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> CreditLineList:
    """The caller's lines of credit; for the operator those of all buyers."""
    actor.needs_scope("ledger:read")
    after = decode_cursor(cursor, str, str)
    async with database.reading(actor) as db:
        rows = await queries.list_credit_lines(
            db, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.org, row.currency))
    return CreditLineList(shown, following)


@post("/v1/ledger/credit-lines", summary="Set a line of credit", status_code=200)
async def set_credit_line(
    data: CreditBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Done]:
    """Opens a buyer's line of credit, or changes it. For the operator."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        buyer = await organizations.get_organization(db, data.org)
        await actions.set_credit_line(
            db, actor, for_org_id=buyer.id, currency=data.currency, limit=data.limit,
            due_day=data.due_day, late_fee_ppm=data.late_fee_ppm, now=now,
        )  # fmt: skip
        return 200, Done()

    answer = await once(
        database, actor, key=idempotency_key, operation="ledger.credit", body=data, act=act
    )
    return answered(answer, Done)


@post("/v1/ledger/credit-lines/repay", summary="Repay credit", status_code=200)
async def repay_credit(
    data: RepayBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Done]:
    """Pays late fees, then the oldest statement, then the rest of what is owed."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.repay_credit(db, actor, currency=data.currency, amount=data.amount, now=now)
        return 200, Done()

    answer = await once(
        database, actor, key=idempotency_key, operation="ledger.repay", body=data, act=act
    )
    return answered(answer, Done)


@get("/v1/ledger/statements", summary="Statements of credit")
async def list_statements(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> StatementList:
    """What was ordered on credit each month and is due; for the operator that of all buyers."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.date, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_statements(
            db, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.month, row.id))
    return StatementList(shown, following)


@get("/v1/ledger/payments", summary="Payments from outside")
async def list_payments(
    database: Database,
    actor: Actor,
    status: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> PaymentList:
    """Bank transfers and card payments that came; for the operator those of all buyers."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_incoming(
            db, state=status, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.received_at, row.id))
    return PaymentList([_payment(row) for row in shown], following)


@post("/v1/ledger/payments/{payment_id:str}/assign", summary="Assign a payment", status_code=200)
async def assign_payment(
    payment_id: str,
    data: AssignBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Done]:
    """Says whose money an unmatched payment is; it goes to that buyer's balance."""
    actor.needs_scope("ledger:write")
    found = read_id("pay", payment_id)

    async def act(db: Writer) -> tuple[int, Any]:
        buyer = await organizations.get_organization(db, data.org)
        await actions.assign_incoming(db, actor, incoming_id=found, org_id=buyer.id, now=now)
        return 200, Done()

    answer = await once(
        database, actor, key=idempotency_key, operation="ledger.assign", body=[payment_id, data],
        act=act,
    )  # fmt: skip
    return answered(answer, Done)


@post("/v1/ledger/payments/reverse", summary="Reverse a payment", status_code=200)
async def reverse_payment(
    data: ReverseBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Reversed]:
    """Takes back what a bank or a card's holder took back; what the balance lacks is a loss."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        loss = await actions.reverse_incoming(
            db, actor, source=data.source, external_id=data.external_id, now=now
        )
        return 200, Reversed(loss)

    answer = await once(
        database, actor, key=idempotency_key, operation="ledger.reverse", body=data, act=act
    )
    return answered(answer, Reversed)


@post("/v1/ledger/exchange", summary="Exchange money", status_code=200)
async def exchange(
    data: ExchangeBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Exchanged]:
    """Changes money of the caller's balance at the newest known rate, less a shown margin."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        rate = await trade.get_rate(db, data.from_currency, data.to_currency, on=day_of(now))
        source = f"{rate.source}, {rate.ds.isoformat()}"
        got = await actions.exchange(
            db, actor, from_currency=data.from_currency, to_currency=data.to_currency,
            amount=data.amount, rate=rate.rate, rate_source=source, now=now,
        )  # fmt: skip
        return 200, Exchanged(
            data.amount, data.from_currency, got, data.to_currency, str(rate.rate), source,
            actions.MARGIN_PPM,
        )  # fmt: skip

    answer = await once(
        database, actor, key=idempotency_key, operation="ledger.exchange", body=data, act=act
    )
    return answered(answer, Exchanged)


def _payment(row: Incoming) -> PaymentRow:
    return PaymentRow(
        id=show_id("pay", row.id),
        source=row.source,
        external_id=row.external_id,
        amount=row.amount,
        currency=row.currency,
        reference=row.reference,
        state=row.state,
        order_id=show_id("ord", row.reference_id) if row.reference_id else None,
        received_at=row.received_at,
    )


def _shown(entry: Entry) -> TransferLine:
    is_order = entry.kind.startswith("ORDER_") and entry.reference_id is not None
    return TransferLine(
        id=show_id("trf", entry.transfer_id),
        at=entry.at,
        kind=entry.kind,
        account=entry.account,
        amount=entry.amount,
        currency=entry.currency,
        reference=entry.reference,
        order_id=show_id("ord", entry.reference_id) if is_order and entry.reference_id else None,
    )


ROUTES = (
    list_balances,
    list_transfers,
    list_credit_lines,
    set_credit_line,
    repay_credit,
    list_statements,
    list_payments,
    assign_payment,
    reverse_payment,
    exchange,
)
