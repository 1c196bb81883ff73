"""The rows of the import files: the fields of each struct are the columns, in their order.

Dates are calendar days and money is a decimal in major units. A price is for one unit of sale
(`uom`), quantities count base units: pieces, or millimeters of goods that are sold by the meter.
"""

from datetime import date
from decimal import Decimal

import msgspec


class NodeRow(msgspec.Struct, frozen=True):
    """A place where stock stands; coordinates are WGS-84 degrees. A factory names its supplier."""

    code: str
    kind: str
    name: str
    name_zh: str
    country: str
    tz: str
    latitude: Decimal
    longitude: Decimal
    supplier: str = ""


class LaneRow(msgspec.Struct, frozen=True):
    """Days from a node to a country that half and nine in ten parcels need."""

    node: str
    country: str
    mode: str
    transit_days_p50: float
    transit_days_p90: float
    source: str


class RateRow(msgspec.Struct, frozen=True):
    """What a carrier's service asks for a box of at least `weight_from_g` chargeable grams."""

    service: str
    carrier: str
    mode: str
    node: str
    country: str
    currency: str
    valid_from: date
    valid_until: date
    weight_from_g: int
    per_parcel: Decimal
    per_kg: Decimal
    divisor: int
    step_g: int
    minimum_g: int
    weight_g_max: int
    fuel_percent: Decimal
    transit_days_p50: float
    transit_days_p90: float
    source: str


class CartonRow(msgspec.Struct, frozen=True):
    """A size of carton of a node, from a day on."""

    node: str
    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    load_g_max: int
    cost: Decimal
    currency: str
    valid_from: date


class ValuationRow(msgspec.Struct, frozen=True):
    """What a country levies duty and VAT on, from a day on, and the law that says so."""

    country: str
    basis: str
    vat_basis: str
    customs_union: str
    valid_from: date
    source: str
    url: str


class VatRow(msgspec.Struct, frozen=True):
    """The standard rate of a country's VAT in percent, from a day on."""

    kind: str
    country: str
    percent: int
    valid_from: date
    source: str
    url: str


class LowValueRow(msgspec.Struct, frozen=True):
    """What a country levies on goods worth `value_max` or less; major units of the currency."""

    country: str
    value_max: int
    currency: str
    scheme: str
    duty_percent: int | None
    duty_fixed: int | None
    vat: str
    valid_from: date
    valid_until: date | None
    source: str
    url: str


class EventRow(msgspec.Struct, frozen=True):
    """A day on which demand was not as on other days."""

    ds: date
    kind: str
    name: str


class SupplierRow(msgspec.Struct, frozen=True):
    """A generated factory, trader or market stall of a real belt."""

    code: str
    kind: str
    name: str
    name_zh: str
    belt: str
    tier: str
    lead_time_days_mean: int
    lead_time_days_p95: int
    phone: str


class ProductRow(msgspec.Struct, frozen=True):
    """What a supplier makes; its variants are the SKUs."""

    code: str
    supplier: str
    category: str
    title: str
    title_zh: str


class SkuRow(msgspec.Struct, frozen=True):
    """One orderable variant; weight and dimensions are those of one unit of sale."""

    code: str
    product: str
    title: str
    title_zh: str
    uom: str
    pack_size: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    cargo_class: str
    hs_code: str


class OfferRow(msgspec.Struct, frozen=True):
    """One price break of a seller's terms for a SKU to an audience."""

    supplier: str
    sku: str
    audience: str
    currency: str
    quantity_from: int
    unit_price: Decimal
    moq: int
    availability: str
    sales_model: str
    lead_time_days: int
    valid_from: date
    valid_until: date | None
    tax_basis: str


class StockRow(msgspec.Struct, frozen=True):
    """Stock of an owner at a node, counted by us or declared by the supplier."""

    sku: str
    node: str
    owner: str
    kind: str
    on_hand: int
    version: int


class PromotionRow(msgspec.Struct, frozen=True):
    """A price or display promotion, first and last day included; no node means every node."""

    sku: str
    node: str
    starts: date
    ends: date
    kind: str
    price: Decimal | None


class ClosureRow(msgspec.Struct, frozen=True):
    """Days on which a supplier or a node is closed, with the disturbed days around them.

    First and last day are included in every span; the day after `ends` work resumes.
    """

    supplier: str
    node: str
    starts: date
    ends: date
    ramp_down_from: date | None
    ramp_up_until: date | None
    last_order_date: date | None
    reason: str


class OpenOrderRow(msgspec.Struct, frozen=True):
    """One line of a purchase order that is under way."""

    number: str
    supplier: str
    sku: str
    node: str
    quantity: int
    unit_price: Decimal
    currency: str
    ordered_date: date
    expected_date: date


class SourceRow(msgspec.Struct, frozen=True):
    """Which product of the source data stands behind a SKU (an audit trail, not imported)."""

    sku: str
    source_product: str
    source_family: str
