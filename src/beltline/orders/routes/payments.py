"""Paying an order by a provider, and what the provider tells."""

import datetime as dt
from typing import Any

from litestar import Request, post
from litestar.datastructures import State

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.ledger.types import NoProvider, Port
from beltline.orders import actions
from beltline.orders.types import Checkout, CheckoutBody

EVENT_BYTES = 1_000_000


@post("/v1/orders/{order_id:str}/checkout", summary="Pay by card", status_code=200)
async def checkout(
    *,
    order_id: str,
    data: CheckoutBody,
    database: Database,
    actor: Actor,
    payments: Port | None,
    idempotency_key: str,
    now: dt.datetime,
) -> Checkout:
    """Begins to pay a PLACED order by the provider that is set up; its total is taken.

    With `external_id` it looks at a payment begun before and books what became of it, should the
    provider's own word of it not have come.
    """
    actor.needs_scope("orders:write")
    return await actions.checkout(
        database, actor, payments, order_id=read_id("ord", order_id),
        external_id=data.external_id, key=idempotency_key, now=now,
    )  # fmt: skip


@post(
    "/v1/payments/events", status_code=204, include_in_schema=False,
    request_max_body_size=EVENT_BYTES,
)  # fmt: skip
async def take_event(
    request: Request[Any, Any, State], database: Database, payments: Port | None, now: dt.datetime
) -> None:
    """Where the provider tells of payments, each message signed; twice is once."""
    if payments is None:
        raise NoProvider
    told = payments.read(dict(request.headers), await request.body(), now=now)
    await actions.take_payments(database, payments.name, told, now=now)


ROUTES = (checkout, take_event)
