"""Pools: small wishes for an offer that are bought together, or not at all."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal
from beltline.orders.types import QUANTITY_MAX, Code, Currency, Note, ShipTo

PoolStatus = Literal["OPEN", "REACHED", "LAPSED", "CANCELLED"]
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
Price = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")]


class PoolBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pool as the operator opens it: of the SKU's offer to buyers in a currency.

    `target_quantity` (base units) is the MOQ, or where there is none the first price break,
    unless given.
    """

    sku: Code
    currency: Currency
    closes_at: dt.datetime
    target_quantity: Quantity | None = None
    note: Note = ""


class PooledPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the pledge's money is held from."""

    method: Literal["BALANCE", "CREDIT"] = "BALANCE"


class PledgeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a buyer wants in a pool: base units, and the most it pays for a unit of sale.

    Without `price_max` that is the pool's price. More than it keeps the pledge in a pool that
    comes to a dearer price, or an earlier price break, than was aimed at.
    """

    quantity: Quantity
    reference: Code
    ship_to: ShipTo
    price_max: Price | None = None
    payment: PooledPayment = PooledPayment()


class Pool(msgspec.Struct, frozen=True):
    """Small wishes for one offer that become orders together when they reach its target.

    Quantities in base units, prices per unit of sale. `pledged_quantity` is what stands, or what
    was ordered in the end; `own_quantity` the acting buyer's part of it.
    """

    id: UUID
    number: str
    sku: str
    sku_id: UUID
    title: str
    title_zh: str
    uom: str
    currency: str
    target_quantity: int
    unit_price: Decimal
    pledged_quantity: int
    pledges: int
    own_quantity: int
    status: PoolStatus
    reason: str | None
    final_price: Decimal | None
    note: str
    opened_at: dt.datetime
    closes_at: dt.datetime
    ended_at: dt.datetime | None


class Pledge(msgspec.Struct, frozen=True):
    """A buyer's part of a pool; money in minor units.

    `amount` is what it paid, `alone_amount` what the same cost alone (None: the buyer could not
    have bought). Its order has the same number once it is ORDERED.
    """

    id: UUID
    order_id: UUID
    number: str
    buyer: str
    buyer_name: str
    quantity: int
    price_max: Decimal
    held_amount: int
    status: str
    amount: int | None
    alone_amount: int | None
    created_at: dt.datetime


class PoolToEnd(msgspec.Struct, frozen=True):
    """What the end of a pool is decided from; `breaks` is None when the offer has ended.

    `wishes` are (pledge, base units, most a unit of sale may cost).
    """

    status: str
    number: str
    closes_at: dt.datetime
    currency: str
    uom: str
    moq: int
    breaks: list[tuple[int, Decimal]] | None
    wishes: list[tuple[UUID, int, Decimal]]


class PoolShare(msgspec.Struct, frozen=True):
    """What a pledge pays in its pool, and alone, in minor units."""

    pledge: UUID
    amount: int
    alone: int | None


class PoolEnding(msgspec.Struct, frozen=True):
    """How a pool ends: shares at a price per unit of sale, or none and the reason."""

    shares: list[PoolShare] | None
    unit_price: Decimal | None
    reason: Literal["TOO_FEW", "OFFER_ENDED", "CANCELLED"] | None


class PoolEnded(Refusal):
    """A change of a pool that takes none any more."""

    kind, code = Kind.CONFLICT, "orders.pool_ended"
    title = "The pool has ended"
    detail = "Pool {number} took pledges until {closes_at} and is {state}; look for an open one."
    number: str
    state: str
    closes_at: str


class PoolTooShort(Refusal):
    """A pool that would have ended before it began."""

    kind, code = Kind.INVALID, "orders.pool_too_short"
    title = "It would have ended"
    detail = "The pool would close at {closes_at}, which is past; choose a later time."
    closes_at: str


class NothingToPool(Refusal):
    """A pool of an offer that one piece of is sold at its best price, or of none."""

    kind, code = Kind.CONFLICT, "orders.nothing_to_pool"
    title = "Nothing to buy together"
    detail = (
        "{sku} has no offer to buyers in {currency} with a minimum or a price break of that many "
        "units; choose another SKU, currency or target."
    )
    sku: str
    currency: str


class PoolJoined(Refusal):
    """A second pledge of one buyer."""

    kind, code = Kind.CONFLICT, "orders.pool_joined"
    title = "You are in it already"
    detail = "You have a pledge in pool {number}; take it back first to change it."
    number: str


class NotInPool(Refusal):
    """A pledge taken back that does not stand."""

    kind, code = Kind.CONFLICT, "orders.not_in_pool"
    title = "You are not in it"
    detail = "You have no pledge in pool {number}."
    number: str


class PoolFull(Refusal):
    """A pledge in a pool of as many buyers as one may have."""

    kind, code = Kind.LIMIT, "orders.pool_full"
    title = "The pool is full"
    detail = "Pool {number} has {most} buyers, as many as one may have; ask for a second one."
    number: str
    most: int


class PriceMaxTooLow(Refusal):
    """A pledge that the pool's own price is too much for."""

    kind, code = Kind.INVALID, "orders.price_max_too_low"
    title = "Below the pool’s price"
    detail = (
        "The most to pay is {price_max} {currency}, but pool {number} aims at {unit_price}; "
        "pledge that much or more."
    )
    number: str
    price_max: str
    unit_price: str
    currency: str


class BoughtTogether(Refusal):
    """A change of an order that others' prices rest on."""

    kind, code = Kind.CONFLICT, "orders.bought_together"
    title = "It was bought together with others"
    detail = (
        "Order {number} is a part of pool {pool}, which bought at the price of all its units; ask "
        "the operator to change it, or open a claim once it has left."
    )
    number: str
    pool: str


class PledgeIncomplete(Refusal):
    """A pledge without the address its goods go to."""

    kind, code = Kind.INVALID, "orders.pledge_incomplete"
    title = "The address is not complete"
    detail = "Say who receives it, the city, the street, and the country in two letters (PL)."


class PriceUnreadable(Refusal):
    """A unit price that is none, typed into a page."""

    kind, code = Kind.INVALID, "orders.price_unreadable"
    title = "Not a price"
    detail = "“{typed}” is not a unit price; write a number such as 3.20."
    typed: str


class TimeUnreadable(Refusal):
    """A closing day that is none, typed into a page."""

    kind, code = Kind.INVALID, "orders.time_unreadable"
    title = "Not a day"
    detail = "“{typed}” is not a day to close on; write one such as 2026-12-31."
    typed: str
