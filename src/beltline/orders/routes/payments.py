"""Paying an order by a provider, and what the provider tells."""

import datetime as dt
import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Meta

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id
from beltline.kit.web.kept import answered
from beltline.ledger.types import NoProvider, Port
from beltline.orders import actions
from beltline.orders.actions import providers
from beltline.orders.types import BankFileResult, Checkout, CheckoutBody

EVENT_BYTES = 1_000_000
FILE_BYTES = 5_000_000


class BankFile(msgspec.Struct, frozen=True):
    """The form of a bank's statement, and a name for the account it is of."""

    file: UploadFile
    bank: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00]*\Z")]


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
    """Begins to pay an order by the provider that is set up: its total, deposit or balance.

    With `external_id` it looks at a payment begun before and books what became of it, should the
    provider's own word of it not have come.
    """
    actor.needs_scope("orders:write")
    return await providers.checkout(
        database, actor, payments, order_id=read_id("ord", order_id),
        external_id=data.external_id, key=idempotency_key, now=now,
    )  # fmt: skip


@post(
    "/v1/ledger/bank-files", summary="Book a bank's statement", status_code=200,
    request_max_body_size=FILE_BYTES,
)  # fmt: skip
async def take_bank_file(
    data: Annotated[BankFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[BankFileResult]:
    """The credits of a camt.053 or CSV file pay the orders their texts name. For the operator.

    CSV is UTF-8 with the columns id, amount (major units), currency, reference. All of the file is
    booked, or nothing; an entry known from an earlier file has no second effect. `bank` names the
    account: the bank's own names are unique within it.
    """
    actor.needs_scope("ledger:write")
    content = await data.file.read()

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, await actions.take_bank_file(db, actor, content, bank=data.bank, now=now)

    body = [data.bank, hashlib.sha256(content).hexdigest()]
    answer = await once(
        database, actor, key=idempotency_key, operation="payments.bank_file", body=body, act=act
    )
    return answered(answer, BankFileResult)


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
    await providers.take_payments(database, payments.name, told, now=now)


ROUTES = (checkout, take_bank_file, take_event)
