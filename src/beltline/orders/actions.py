"""Use cases of orders: preview, place, cancel."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database
from beltline.kit.idempotency import Answer, body_hash
from beltline.orders import rules, store
from beltline.orders.types import OrderBody, PaymentMethodNotOffered, Quote

_BUYING = frozenset({"BUYER", "AGENT"})


async def preview_order(
    database: Database, actor: Actor, order: OrderBody, *, now: dt.datetime
) -> Quote:
    """What an order would be now: prices, nodes and promise.

    Reserves nothing; raises the refusal that placing it would raise, except for money.
    """
    _needs_buyer(actor)
    _needs_open_payment(order)
    async with database.one_call() as db:
        return await store.preview_order(db, actor, order=order, now=now)


async def place_order(
    database: Database, actor: Actor, order: OrderBody, *, key: str, now: dt.datetime
) -> Answer:
    """Reserve the stock, hold the money, record event and audit.

    All in one transaction with the key's row: the same key gives the same answer and no second
    effect. A refusal is an answer too; `Answer.unwrap` raises it.
    """
    _needs_buyer(actor)
    _needs_open_payment(order)
    async with database.one_call() as db:
        return await store.place_order(
            db, actor, key=key, digest=body_hash(order), order=order, now=now
        )


async def cancel_order(
    database: Database, actor: Actor, order_id: UUID, *, key: str, now: dt.datetime
) -> Answer:
    """Give back the stock and the money of an order of which nothing has left.

    The buyer and the operator may; to everybody else the order does not exist.
    """
    actor.needs_role("BUYER")
    async with database.one_call() as db:
        return await store.cancel_order(
            db, actor, key=key, digest=body_hash(order_id), order_id=order_id, now=now
        )


def _needs_buyer(actor: Actor) -> None:
    if actor.org_kind not in _BUYING:
        raise WrongRole(needed="a buyer or an agent", role=actor.org_kind)
    actor.needs_role("BUYER")


def _needs_open_payment(order: OrderBody) -> None:
    if order.payment.method not in rules.PAYMENT_METHODS:
        raise PaymentMethodNotOffered(
            param="payment.method",
            method=order.payment.method,
            offered=", ".join(rules.PAYMENT_METHODS),
        )
