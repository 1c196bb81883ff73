"""The API of money: `/v1/ledger/balances` and `/v1/ledger/transfers`."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, decode_cursor, encode_cursor
from beltline.ledger import queries
from beltline.ledger.types import Balance, Entry

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
    more = encode_cursor(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None
    return TransferList([_shown(row) for row in rows[:limit]], more)


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


ROUTES = (list_balances, list_transfers)
