"""Balances, entries and holds."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Balance(msgspec.Struct, frozen=True):
    """What an organization has in one account, in minor units.

    `held` waits in open holds and is not part of `amount`.
    """

    account: str
    currency: str
    amount: int
    held: int


class Entry(msgspec.Struct, frozen=True):
    """One organization's side of a transfer; `amount` in minor units, negative when it goes out."""

    id: UUID
    transfer_id: UUID
    at: dt.datetime
    kind: str
    account: str
    amount: int
    currency: str
    reference: str
    reference_id: UUID | None


class Side(msgspec.Struct, frozen=True):
    """Another entry of the same transfer, as far as the reader may see it."""

    name: str
    account: str
    amount: int


class EntryRow(Entry, frozen=True):
    """An entry as a page lists it: with the other sides of its transfer."""

    others: list[Side]


class Hold(msgspec.Struct, frozen=True):
    """A buyer's money that waits for a promise (trade assurance), in minor units."""

    id: UUID
    reference: str
    reference_id: UUID
    amount: int
    released: int
    refunded: int
    currency: str
    state: str
    created_at: dt.datetime
    closed_at: dt.datetime | None


class HoldRow(Hold, frozen=True):
    """A hold as a page lists it: with whose money it is."""

    name: str


class InsufficientBalance(Refusal):
    """The balance does not cover what is to be paid."""

    kind, code = Kind.CONFLICT, "ledger.insufficient_balance"
    title = "The balance does not suffice"
    detail = (
        "{needed} {currency} (minor units) are needed, {available} are available; pay in the rest "
        "or order less."
    )
    needed: int
    currency: str
    available: int
