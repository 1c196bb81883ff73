"""Use cases of paying by a provider: by API or on its own page, and what it tells afterwards."""

import datetime as dt
import uuid
from collections.abc import Sequence
from uuid import UUID

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import get_operator
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Writer
from beltline.ledger import actions as ledger_actions
from beltline.ledger import queries as ledger
from beltline.ledger.types import (
    Charge,
    NoProvider,
    PartlyReversed,
    PaymentDeclined,
    Port,
    ProviderPage,
    ProviderPayment,
)
from beltline.orders import queries, rules
from beltline.orders.actions import needs_buyer, receive_payment
from beltline.orders.types import (
    BalanceElsewhere,
    Checkout,
    NotPayable,
    OrderDetail,
    PaymentBodyIn,
    SeenPayment,
)


async def checkout(
    database: Database,
    actor: Actor,
    port: Port | None,
    *,
    order_id: UUID,
    external_id: str | None,
    key: str,
    now: dt.datetime,
) -> Checkout:
    """Begin to pay an order by a provider, or look at a payment begun before, and book what it did.

    What the order waits for is taken: all of it, its deposit, or its balance.
    The provider keeps the key: the same again begins nothing new. Raises PaymentDeclined.
    """
    needs_buyer(actor)
    if port is None:
        raise NoProvider
    async with database.reading(actor) as db:
        order = await queries.get_order(db, order_id)
    if external_id is not None:
        payment = await _look(port, order, external_id)
    else:
        payment = await port.start(_charge(actor, order, key, now))
    await take_payments(database, port.name, [payment], now=now)
    if payment.state == "DECLINED":
        raise PaymentDeclined(reason=payment.reason or "declined")
    async with database.reading(actor) as db:
        status = (await queries.get_order(db, order_id)).head.status
    return Checkout(
        port.name, payment.external_id, payment.state, payment.amount, payment.currency,
        payment.client_secret, status,
    )  # fmt: skip


async def open_page(
    database: Database,
    actor: Actor,
    port: Port | None,
    *,
    order_id: UUID,
    back: str,
    key: str,
    now: dt.datetime,
) -> ProviderPage:
    """The provider's own page on which the buyer pays what an order waits for.

    It leads the buyer to `back`, with the payment's name as `payment`, or without one when nothing
    was paid. The same key again opens the same page. Nothing is booked.
    """
    needs_buyer(actor)
    if port is None:
        raise NoProvider
    async with database.reading(actor) as db:
        order = await queries.get_order(db, order_id)
    return await port.open_page(_charge(actor, order, f"page {key}", now), back=back)


async def see_payment(
    database: Database, actor: Actor, port: Port | None, *, order_id: UUID, external_id: str
) -> SeenPayment:
    """What is known of a payment of an order: the provider's word, and whether it is booked."""
    needs_buyer(actor)
    if port is None:
        raise NoProvider
    async with database.reading(actor) as db:
        order = await queries.get_order(db, order_id)
    payment = await _look(port, order, external_id)
    async with database.reading(actor) as db:
        known = await ledger.find_incoming(db, port.name, payment.external_id)
    return SeenPayment(
        payment.state, payment.amount, payment.currency, payment.reason,
        known.state if known else None,
    )  # fmt: skip


async def _look(port: Port, order: OrderDetail, external_id: str) -> ProviderPayment:
    payment = await port.look(external_id)
    if payment.reference != order.head.number:
        raise NotFound(what="payment", key=external_id)
    return payment


def _charge(actor: Actor, order: OrderDetail, key: str, now: dt.datetime) -> Charge:
    """What an order waits for, to be taken; refuses one that waits for nothing a provider takes."""
    head, due = order.head, rules.amount_due(order)
    if not due or (head.expires_at is not None and head.expires_at <= now):
        raise NotPayable(number=head.number, state=head.status)
    if head.status != "PLACED" and order.payment_method == "CREDIT":
        raise BalanceElsewhere(number=head.number, method="CREDIT")
    own = uuid.uuid5(actor.org_id, f"{head.id} {key}").hex
    return Charge(head.number, due, head.currency, own)


async def take_payments(
    database: Database, source: str, payments: Sequence[ProviderPayment], *, now: dt.datetime
) -> None:
    """Book what a provider says of payments: money that came, and money taken back. Twice is once.

    Raises NotFound for the reversal of what nobody has heard of yet: the provider says it again.
    """
    async with database.system() as db:
        operator = system_actor(await get_operator(db), "payments")
    for payment in payments:
        async with database.writing(operator) as db:
            if payment.state == "SUCCEEDED":
                told = PaymentBodyIn(
                    source, payment.external_id, payment.amount, payment.currency,
                    payment.reference,
                )  # fmt: skip
                await receive_payment(db, operator, told, now=now)
            elif payment.state == "REVERSED":
                await _reverse(db, operator, source, payment, now)


async def _reverse(
    db: Writer, operator: Actor, source: str, payment: ProviderPayment, now: dt.datetime
) -> None:
    known = await ledger.find_incoming(db, source, payment.external_id)
    if known is not None and (known.amount, known.currency) != (payment.amount, payment.currency):
        raise PartlyReversed(
            amount=payment.amount, whole=known.amount, currency=known.currency,
            external_id=payment.external_id,
        )  # fmt: skip
    await ledger_actions.reverse_incoming(
        db, operator, source=source, external_id=payment.external_id, now=now
    )
