"""Packing: what is proposed, what was made, and why it is refused."""

import datetime as dt
import enum
from collections.abc import Mapping
from uuid import UUID

import msgspec

from beltline.catalog.types import Sku
from beltline.fulfillment.types.journeys import Journey
from beltline.kit.errors import Kind, Refusal
from beltline.trade.types import Carton, Tariff


class PackUnit(msgspec.Struct, frozen=True):
    """Some base units of a journey in a parcel."""

    journey_id: UUID
    units: int


class WhyNoProposal(enum.StrEnum):
    """Why nothing can be proposed: what is missing, or what fits into no carton."""

    NO_CARTONS = "NO_CARTONS"
    SIZE_UNKNOWN = "SIZE_UNKNOWN"
    FITS_NOWHERE = "FITS_NOWHERE"
    TOO_MANY = "TOO_MANY"


class PlannedParcel(msgspec.Struct, frozen=True):
    """A proposed parcel: carton, goods, what it will weigh, be charged for and cost (minor units).

    Without a rate card for the lane nothing is charged for: those are None.
    """

    carton: str
    lines: list[PackUnit]
    weight_g: int
    chargeable_g: int | None
    freight_amount: int | None
    carton_amount: int


class Proposal(msgspec.Struct, frozen=True):
    """The cheapest parcels for an order's goods at a node, by one service; amounts in `currency`.

    `service` is empty where no rate card is valid for the lane: then they are the fewest.
    """

    service: str
    carrier: str
    currency: str
    parcels: list[PlannedParcel]


class Packable(msgspec.Struct, frozen=True):
    """What of an order is to be packed at a node: goods, cartons, and the proposal or why not.

    `skus` are theirs by code, `tariff` what the proposal is priced by; `lacking` are SKUs that have
    no weight or sides, or that no carton holds.
    """

    order_id: UUID
    number: str
    node: str
    country: str
    goods: list[Journey]
    skus: Mapping[str, Sku]
    cartons: list[Carton]
    proposal: Proposal | None = None
    tariff: Tariff | None = None
    why: WhyNoProposal | None = None
    lacking: list[str] = []


class MadeParcel(msgspec.Struct, frozen=True):
    """A parcel as it was packed: a carton of the node, or `sides` (mm) of another.

    `weighed_g` is what the scale said, None where it stood on none.
    """

    carton: str
    lines: list[PackUnit]
    weighed_g: int | None = None
    sides: tuple[int, int, int] | None = None


class PackedParcel(msgspec.Struct, frozen=True):
    """A parcel that was packed: expected and on the scale, charged for and priced (minor units)."""

    id: UUID
    packing_id: UUID
    position: int
    carton: str
    length_mm: int
    width_mm: int
    height_mm: int
    expected_g: int | None
    weighed_g: int | None
    chargeable_g: int | None
    freight_amount: int | None
    carton_amount: int | None
    sscc: str | None
    lines: list[PackUnit]


class Packing(msgspec.Struct, frozen=True):
    """How goods of an order were packed: the parcels proposed (None: none could be) and made."""

    id: UUID
    order_id: UUID
    number: str
    node: str
    country: str
    service: str
    currency: str
    plan: list[PlannedParcel] | None
    packed_by: str
    packed_at: dt.datetime


class ToPack(msgspec.Struct, frozen=True):
    """An order with goods to pack at a node: how many of its parts, and when the first is due."""

    order_id: UUID
    number: str
    buyer: str
    node: str
    country: str
    parts: int
    due_at: dt.datetime


class NothingToPack(Refusal):
    """An order without goods that wait to be packed at a node."""

    kind, code = Kind.CONFLICT, "fulfillment.nothing_to_pack"
    title = "Nothing to pack"
    detail = "No goods of {number} wait to be packed at {node}. Its page shows what was packed."
    number: str
    node: str


class PackingChanged(Refusal):
    """Parcels that do not hold what the journeys move."""

    kind, code = Kind.CONFLICT, "fulfillment.packing_changed"
    title = "Not what is to be packed"
    detail = "{sku}: {packed} base units in parcels, {moving} to pack now. Pack those, no others."
    sku: str
    packed: int
    moving: int


class UnknownCarton(Refusal):
    """A carton that the node does not use that day."""

    kind, code = Kind.INVALID, "fulfillment.unknown_carton"
    title = "Unknown carton"
    detail = "“{carton}” is no carton of {node} now; choose one of them, or give its sides."
    carton: str
    node: str


class CartonTooWeak(Refusal):
    """More goods in a carton than it may hold."""

    kind, code = Kind.CONFLICT, "fulfillment.carton_too_weak"
    title = "Too heavy for the carton"
    detail = "Parcel {parcel}: {load_g} g of goods, and {carton} holds {load_g_max} g. Divide them."
    parcel: int
    carton: str
    load_g: int
    load_g_max: int


class NotAFigure(Refusal):
    """A text of a packing where a number or three sides belong."""

    kind, code = Kind.INVALID, "fulfillment.not_a_figure"
    title = "Not a figure"
    detail = "“{text}” is no figure; write numbers, and sides as 300 x 200 x 100."
    text: str


class NothingInParcels(Refusal):
    """A packing without goods."""

    kind, code = Kind.INVALID, "fulfillment.nothing_in_parcels"
    title = "Nothing was packed"
    detail = "Say what is in which parcel."


class Scanned(msgspec.Struct, frozen=True):
    """What has a code: a packed parcel and its order, or a carton of a shipping notice."""

    sscc: str
    parcel_id: UUID | None = None
    order_id: UUID | None = None
    waybill: str = ""
    notice: str = ""


class MisreadCode(Refusal):
    """18 digits that are no SSCC: the last does not follow from the others."""

    kind, code = Kind.INVALID, "fulfillment.misread_code"
    title = "The code was misread"
    detail = "{sscc} is no SSCC: its check digit is wrong. Scan it again, or type all 18 digits."
    sscc: str


class UnknownSscc(Refusal):
    """An SSCC that no parcel or carton here has."""

    kind, code = Kind.NOT_FOUND, "fulfillment.unknown_sscc"
    title = "Nobody here has this code"
    detail = "No parcel and no announced carton has the SSCC {sscc}."
    sscc: str
