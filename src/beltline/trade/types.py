"""Nodes, closures of nodes, lanes, exchange rates, rate cards and quotes."""

import datetime as dt
import enum
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.money import to_major


class Node(msgspec.Struct, frozen=True):
    """A place goods stand at. `tz` names its time zone."""

    id: UUID
    code: str
    kind: str
    name: str
    name_zh: str
    country: str
    tz: str
    latitude: float | None
    longitude: float | None
    supplier_org_id: UUID | None


class LaneTime(msgspec.Struct, frozen=True):
    """How long boxes took from a node to a country: the days of half and of nine in ten."""

    node_id: UUID
    country: str
    days_p50: float
    days_p90: float
    boxes: int


class FxRate(msgspec.Struct, frozen=True):
    """One unit of `base` costs `rate` of `quote` on `ds`, says `source`."""

    base: str
    quote: str
    ds: dt.date
    rate: Decimal
    source: str


class RateCard(msgspec.Struct, frozen=True):
    """What a carrier's service asks for a box from a node to a country while it is valid.

    `divisor` is the cm3 that count as a kilogram, None where only the scale counts; money is in
    major units, not yet rounded; `fuel_percent` is of the freight.
    """

    id: UUID
    service: str
    carrier: str
    mode: str
    node: str
    country: str
    currency: str
    valid_from: dt.date
    valid_until: dt.date | None
    divisor: int | None
    step_g: int
    minimum_g: int
    weight_g_max: int | None
    length_mm_max: int | None
    minimum_charge: Decimal
    fuel_percent: Decimal
    surcharge: Decimal
    transit_days_p50: float
    transit_days_p90: float
    source: str


class RateBreak(msgspec.Struct, frozen=True):
    """From a chargeable weight on: the price of a parcel and of a kilogram, in major units."""

    rate_card_id: UUID
    weight_from_g: int
    per_parcel: Decimal
    per_kg: Decimal


class BoxSize(msgspec.Struct, frozen=True):
    """What a box weighs, its outer volume and its longest side."""

    weight_g: int
    volume_mm3: int
    longest_mm: int


class WhyNot(enum.StrEnum):
    """Why a service does not take a box."""

    TOO_HEAVY = "TOO_HEAVY"
    TOO_LONG = "TOO_LONG"
    TOO_LIGHT = "TOO_LIGHT"


class Quote(msgspec.Struct, frozen=True):
    """What a service asks for a box: `amount` in minor units for `chargeable_g`, and its days.

    `best_at` holds CHEAPEST, FASTEST and MOST_CERTAIN where it is the best of those asked.
    """

    rate_card_id: UUID
    service: str
    carrier: str
    mode: str
    weight_g: int
    chargeable_g: int
    amount: int
    currency: str
    transit_days_p50: float
    transit_days_p90: float
    valid_until: dt.date | None
    best_at: list[str] = []

    @property
    def major(self) -> Decimal:
        """The amount in major units."""
        return to_major(self.amount, self.currency)

    def marked(self, best_at: Sequence[str]) -> "Quote":
        """The same, with what it is best at."""
        return msgspec.structs.replace(self, best_at=list(best_at))


class Refused(msgspec.Struct, frozen=True):
    """A service that serves the lane but does not take the box."""

    service: str
    carrier: str
    why: WhyNot


class Quotes(msgspec.Struct, frozen=True):
    """Every service valid on a lane that day: those that take a box, and those that do not."""

    quotes: list[Quote]
    refused: list[Refused]


class NoService(Refusal):
    """A service that does not take a box from a node to a country that day."""

    kind, code = Kind.CONFLICT, "trade.no_service"
    title = "Not a service for this box"
    detail = "{service} takes no such box from {node} to {country} on {ds}; ask for quotes."
    service: str
    node: str
    country: str
    ds: str


class UnknownNode(Refusal):
    """No node has this code."""

    kind, code = Kind.NOT_FOUND, "trade.unknown_node"
    title = "Unknown node"
    detail = "There is no node “{node}” here."
    node: str


class NoRate(Refusal):
    """No exchange rate for a pair of currencies on or before a day."""

    kind, code = Kind.CONFLICT, "trade.no_rate"
    title = "No exchange rate"
    detail = "There is no rate from {base} to {quote} on or before {ds}; import one."
    base: str
    quote: str
    ds: str
