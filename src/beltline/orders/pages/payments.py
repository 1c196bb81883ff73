"""Paying an order by card: on to the provider's page, and what is known when one is back."""

import contextlib
import datetime as dt
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import new_id, read_id
from beltline.kit.money import Money
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.ledger.types import PaymentDeclined, Port
from beltline.orders import queries
from beltline.orders.actions import providers
from beltline.orders.types import SeenPayment

NOTHING: Final = (N_("Nothing was paid: you came back before the payment was made."), "warn")
DECLINED: Final = N_("The payment was declined ({reason}); try again or pay another way.")
SEEN: Final = {
    "PENDING": (
        N_("The provider has not decided yet; nothing is booked before it has."),
        "info",
    ),
    "SUCCEEDED": (
        N_("The provider has the money. The order is paid when its signed message has come."),
        "info",
    ),
    "REVERSED": (N_("The payment was taken back."), "crit"),
}
BOOKED: Final = {
    "PAID": (N_("The payment has come, and the order is paid."), "ok"),
    "CREDITED": (
        N_("The payment has come; the order did not wait for it any more, it is on your balance."),
        "warn",
    ),
    "REVERSED": (N_("The payment was taken back."), "crit"),
}


@post("/orders/{order_id:str}/checkout", status_code=200)
async def begin(
    *,
    order_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    page: PageContext,
    payments: Port | None,
    now: dt.datetime,
) -> Response[str]:
    """Open the provider's page and lead there; the form's key makes a double click one payment.

    A link, because a form of these pages is sent nowhere else, not even on.
    """
    form = await request.form()
    found = read_id("ord", order_id)
    opened = await providers.open_page(
        database, actor, payments, order_id=found, key=str(form.get("key") or new_id().hex)[:255],
        back=f"{request.url.scheme}://{request.url.netloc}/orders/{order_id}/payment", now=now,
    )  # fmt: skip
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
    return render(
        "orders/checkout.html", page, head=order.head, shown_id=order_id, url=opened.url,
        provider=payments.name if payments else "",
    )  # fmt: skip


@get("/orders/{order_id:str}/payment")
async def known_page(
    *,
    order_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    payments: Port | None,
    payment: str = "",
) -> Response[str]:
    """Where the provider leads back to: what it says, and what is booked. Looking books nothing."""
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
    seen = None
    if payment:
        seen = await providers.see_payment(
            database, actor, payments, order_id=found, external_id=payment[:300]
        )
    text, tone = _said(page, seen)
    return render(
        "orders/payment.html", page, head=order.head, shown_id=order_id, seen=seen, text=text,
        tone=tone, payment=payment[:300], Money=Money, key=new_id().hex,
        is_open=seen is not None and seen.booked is None and seen.state in {"PENDING", "SUCCEEDED"},
    )  # fmt: skip


def _said(page: PageContext, seen: SeenPayment | None) -> tuple[str, str]:
    if seen is None:
        text, tone = NOTHING
    elif seen.booked in BOOKED:
        text, tone = BOOKED[seen.booked]
    elif seen.state == "DECLINED":
        return page.gettext(DECLINED).format(reason=seen.reason or "declined"), "crit"
    else:
        text, tone = SEEN[seen.state]
    return page.gettext(text), tone


@post("/orders/{order_id:str}/payment")
async def book(
    *,
    order_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    payments: Port | None,
    now: dt.datetime,
) -> Response[None]:
    """Ask the provider and book what it says, should its message not have come."""
    form = await request.form()
    payment = str(form.get("payment", ""))[:300]
    # What was declined is said by the page it leads to.
    with contextlib.suppress(PaymentDeclined):
        await providers.checkout(
            database, actor, payments, order_id=read_id("ord", order_id), external_id=payment,
            key=str(form.get("key") or new_id().hex)[:255], now=now,
        )  # fmt: skip
    return to(f"/orders/{order_id}/payment?payment={quote(payment)}")


PAGES = (begin, known_page, book)
