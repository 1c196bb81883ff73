"""Nodes, closures of nodes, lanes, exchange rates, rate cards and quotes."""

import datetime as dt
import enum
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
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


class Haulage(msgspec.Struct, frozen=True):
    """What a service asks for a kilogram of full boxes from a node to a country: major units.

    `kg_per_m3` of a bulky box count for a cubic meter; 0 where only the scale counts.
    """

    node: str
    country: str
    service: str
    currency: str
    per_kg: float
    kg_per_m3: float
    days: float


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


class Carton(msgspec.Struct, frozen=True):
    """A size of carton of a node while it is valid: inner millimeters, its own grams, its load.

    `cost` is in major units of `currency`.
    """

    id: UUID
    node: str
    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    load_g_max: int
    cost: Decimal
    currency: str
    valid_from: dt.date
    valid_until: dt.date | None


Side = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class CartonBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carton as it is kept: inner millimeters, grams, price in major units of `currency`."""

    node: Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
    code: Annotated[str, msgspec.Meta(pattern=r"^[^\s@\x00]{1,60}\Z")]
    length_mm: Side
    width_mm: Side
    height_mm: Side
    tare_g: Annotated[int, msgspec.Meta(ge=0, le=10**6)]
    load_g_max: Annotated[int, msgspec.Meta(ge=1, le=10**7)]
    cost: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?\Z")] = "0"
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")] = "CNY"
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None


class NotPackedHere(Refusal):
    """Cartons of a place where the operator packs nothing."""

    kind, code = Kind.CONFLICT, "trade.not_packed_here"
    title = "Nothing is packed there"
    detail = "{node} is a factory; name a node of the operator."
    node: str


class CartonEndsFirst(Refusal):
    """A carton whose last day lies before its first."""

    kind, code = Kind.INVALID, "trade.carton_ends_first"
    title = "It would end before it begins"
    detail = (
        "Carton {carton} would be used from {first} to {last}; give a last day after the first."
    )
    carton: str
    first: str
    last: str


class PrefixUnusable(Refusal):
    """A text that is no GS1 company prefix."""

    kind, code = Kind.INVALID, "trade.prefix_unusable"
    title = "Not a GS1 company prefix"
    detail = "“{prefix}” is no GS1 company prefix; write the 4 to 12 digits of your licence."
    prefix: str


class SsccsUsedUp(Refusal):
    """A company prefix of which every serial number was given."""

    kind, code = Kind.CONFLICT, "trade.ssccs_used_up"
    title = "No SSCC is left"
    detail = "All SSCCs of the prefix {prefix} were given; set another prefix under Carton sizes."
    prefix: str


class Tariff(msgspec.Struct, frozen=True):
    """A rate card with its weight breaks."""

    card: RateCard
    breaks: list[RateBreak]


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
