"""SKUs, offers and price breaks as they are read."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Sku(msgspec.Struct, frozen=True):
    """One orderable variant. Weight in g, sizes in mm, quantities in the base unit of `uom`."""

    id: UUID
    code: str
    product: str
    category: str
    supplier_org_id: UUID
    supplier: str
    title: str
    title_zh: str
    uom: str
    pack_size: int
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    cargo_class: str
    hs_code: str


class PriceBreak(msgspec.Struct, frozen=True):
    """The unit price per uom from a quantity (in base units) on."""

    quantity_from: int
    unit_price: Decimal


class Offer(msgspec.Struct, frozen=True):
    """A seller's terms for a SKU to an audience, breaks in ascending quantity."""

    id: UUID
    sku_id: UUID
    seller: str
    audience: str
    currency: str
    moq: int
    availability: str
    sales_model: str
    lead_time_days: float | None
    tax_basis: str
    valid_from: dt.date
    valid_until: dt.date | None
    breaks: list[PriceBreak]


class UnknownSku(Refusal):
    """No SKU has this code."""

    kind, code = Kind.NOT_FOUND, "catalog.unknown_sku"
    title = "Unknown SKU"
    detail = "There is no SKU “{sku}” here; GET /v1/catalog/skus lists those that exist."
    sku: str
