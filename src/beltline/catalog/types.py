"""SKUs, offers and price breaks as they are read."""

import datetime as dt
import enum
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal, Protocol, TypeAlias
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.texts import N_


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
    """A seller's terms for a SKU to an audience, breaks in ascending quantity.

    Of goods made to order `deposit_percent` of the price may be paid with the order and the rest
    when they are made; None: all with the order.
    """

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
    deposit_percent: Decimal | None
    valid_from: dt.date
    valid_until: dt.date | None
    breaks: list[PriceBreak]


class UnknownSku(Refusal):
    """No SKU has this code."""

    kind, code = Kind.NOT_FOUND, "catalog.unknown_sku"
    title = "Unknown SKU"
    detail = "There is no SKU “{sku}” here; GET /v1/catalog/skus lists those that exist."
    sku: str


class AttributeKind(enum.StrEnum):
    """What values an attribute takes."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    BOOLEAN = "BOOLEAN"


class Attribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A typed attribute of a category: TEXT, NUMBER with its unit, CHOICE of some, or BOOLEAN."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    kind: AttributeKind
    name_zh: Annotated[str, msgspec.Meta(max_length=120)] = ""
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    choices: list[str] = []


class AttributeValue(msgspec.Struct, frozen=True):
    """What a product says under an attribute; one of text and number."""

    code: str
    name: str
    name_zh: str
    kind: str
    unit: str
    text_value: str | None
    number_value: Decimal | None


class Product(msgspec.Struct, frozen=True):
    """What a supplier makes, in its own language (`locale`), with origin."""

    id: UUID
    code: str
    category: str
    supplier_org_id: UUID
    supplier: str
    locale: str
    title: str
    title_zh: str
    description: str
    origin_country: str
    origin_place: str
    is_customizable: bool
    version: int


class Media(msgspec.Struct, frozen=True):
    """A picture of a product, without its content."""

    id: UUID
    position: int
    media_type: str
    width: int
    height: int


class Translation(msgspec.Struct, frozen=True):
    """A product's words in another language; a machine's is marked, an old source's is stale."""

    locale: str
    title: str
    description: str
    is_machine: bool
    model: str
    is_stale: bool
    made_at: dt.datetime


class Wording(msgspec.Struct, frozen=True):
    """What a product is called and said to be, in one language."""

    title: str
    description: str = ""


class Translator(Protocol):
    """Turns the words of goods into another language; `model` names what does it."""

    model: str

    async def translate(self, goods: Sequence[Wording], locale: str) -> list[Wording | None]:
        """The goods' words in a language (ISO 639-1), in their order; None where it has none."""
        ...


class Untranslated(msgspec.Struct, frozen=True):
    """A product without a fresh translation, its words, and the hash of what they are now."""

    id: UUID
    title: str
    title_zh: str
    description: str
    source_hash: bytes


class TranslatorRefused(Refusal):
    """The machine that translates does not take what it was sent."""

    kind, code = Kind.CONFLICT, "catalog.translator_refused"
    title = "The translator refuses"
    detail = (
        "The translator answers {answered}: {said}. Look at BELTLINE_TRANSLATION_URL, _KEY and "
        "_MODEL; goods stay as they are."
    )
    answered: int
    said: str


class HsCandidate(msgspec.Struct, frozen=True):
    """An HS code that may fit and why; a person confirms one."""

    hs_code: str
    score: float
    evidence: str
    state: str
    decided_by: str


class CargoEvidence(msgspec.Struct, frozen=True):
    """Why a cargo class holds, and until when."""

    id: UUID
    kind: str
    number: str
    valid_until: dt.date


class PriceChange(msgspec.Struct, frozen=True):
    """A price that changed."""

    at: dt.datetime
    seller: str
    currency: str
    quantity_from: int
    price_before: Decimal | None
    unit_price: Decimal


class Change(msgspec.Struct, frozen=True):
    """One field of one SKU, before and after; None is empty."""

    sku: str
    field: str
    before: str | None
    after: str | None


class EditProblem(msgspec.Struct, frozen=True):
    """A cell of an edit that cannot be kept: row of the paste, its column, and why."""

    row: int
    column: str
    value: str
    why: str


class EditPlan(msgspec.Struct, frozen=True):
    """What an edit would do: its changes, what cannot be kept, and what to look at twice."""

    changes: list[Change]
    problems: list[EditProblem]
    warnings: list[EditProblem]
    unchanged: int


class Edit(msgspec.Struct, frozen=True):
    """An edit that was made; it can be taken back for a while."""

    id: UUID
    made_by: str
    made_at: dt.datetime
    changes: list[Change]
    undone_at: dt.datetime | None


class DraftState(enum.StrEnum):
    """WAITING for the operator, RETURNED with a reason, or APPROVED: in the catalog."""

    WAITING = "WAITING"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"


class Draft(msgspec.Struct, frozen=True):
    """Goods a supplier tells of, not in the catalog yet. `code` is its own, `price` in yuan.

    `sku` is the code in the network, once approved; `photos` are ids.
    """

    id: UUID
    supplier_org_id: UUID
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    code: str
    title: str
    title_zh: str
    category: str
    price: Decimal
    moq: int
    lead_time_days: float | None
    weight_g: int | None
    pack_size: int
    state: DraftState
    note: str
    sku: str | None
    version: int
    sent_at: dt.datetime
    photos: list[UUID]


class DraftRow(msgspec.Struct, frozen=True):
    """A row of goods told of: the fields a draft would have, as texts."""

    code: str
    is_new: bool
    fields: dict[str, str | None]


class DraftPlan(msgspec.Struct, frozen=True):
    """What a sheet of new goods would add and change, and what of it cannot be kept."""

    rows: list[DraftRow]
    changes: list[Change]
    problems: list[EditProblem]
    unchanged: int


BuyersCurrency: TypeAlias = Literal["USD", "EUR", "CNY"]


class Approval(msgspec.Struct, frozen=True):
    """How goods are taken in: their words, category, and what buyers pay (None: no price yet)."""

    title: str
    title_zh: str
    category: str
    currency: BuyersCurrency = "USD"
    price: Decimal | None = None


class BeltGoods(msgspec.Struct, frozen=True):
    """The band of prices of a belt's goods in a category and currency, from the operator's view."""

    category: str
    currency: str
    offers: int
    low: Decimal
    middle: Decimal
    high: Decimal


class BestSeller(msgspec.Struct, frozen=True):
    """A SKU that sold, with units and orders in the window."""

    code: str
    title: str
    title_zh: str
    uom: str
    units: int
    orders: int


class ProductBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a product; what is left out stays."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=400)] | None = None
    title_zh: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    description: Annotated[str, msgspec.Meta(max_length=8_000)] | None = None
    locale: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}\Z")] | None = None
    origin_country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")] | None = None
    origin_place: Annotated[str, msgspec.Meta(max_length=120)] | None = None
    is_customizable: bool | None = None
    attributes: dict[str, str | None] = {}


class TranslationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product's words in another language; `model` names the machine that made them."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    description: Annotated[str, msgspec.Meta(max_length=8_000)] = ""
    is_machine: bool = False
    model: Annotated[str, msgspec.Meta(max_length=80)] = ""


class EvidenceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a cargo class holds, and until when."""

    kind: Annotated[str, msgspec.Meta(pattern=r"^(UN38_3|MSDS|TEST_REPORT|BRAND_AUTHORIZATION)\Z")]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    valid_until: dt.date


class UnknownProduct(Refusal):
    """No product has this code."""

    kind, code = Kind.NOT_FOUND, "catalog.unknown_product"
    title = "Unknown product"
    detail = N_("There is no product “{product}” here.")
    product: str


class AttributeUnusable(Refusal):
    """A value that its attribute's type does not take."""

    kind, code = Kind.INVALID, "catalog.attribute_unusable"
    title = "Not a value of this attribute"
    detail = N_("“{value}” is no value of {attribute}.")
    attribute: str
    value: str


class AttributeNotDefinable(Refusal):
    """Attributes of a category that contradict each other or themselves."""

    kind, code = Kind.INVALID, "catalog.attribute_not_definable"
    title = "Not an attribute"
    detail = "{attribute}: a CHOICE has choices, other kinds have none, and a code stands once."
    attribute: str


class NothingToEdit(Refusal):
    """An edit without a row that can be read."""

    kind, code = Kind.INVALID, "catalog.nothing_to_edit"
    title = "Nothing to change"
    detail = N_("Paste a header with SKU and at least one field, and rows below it.")


class EditStale(Refusal):
    """Somebody changed the goods between preview and apply, or since the edit to be undone."""

    kind, code = Kind.CONFLICT, "catalog.edit_stale"
    title = "Changed meanwhile"
    detail = N_("{sku} is no longer as it was; look at the preview again.")
    sku: str


class UndoTooLate(Refusal):
    """The time to take an edit back is over, or it was taken back."""

    kind, code = Kind.CONFLICT, "catalog.undo_too_late"
    title = "Too late to undo"
    detail = N_("The edit was undone, or its ten minutes are over; make another edit instead.")


class MediaFull(Refusal):
    """More pictures than a product shows."""

    kind, code = Kind.LIMIT, "catalog.media_full"
    title = "Too many pictures"
    detail = N_("A product has at most {most} pictures.")
    most: int


class NotYours(Refusal):
    """Goods of somebody else."""

    kind, code = Kind.FORBIDDEN, "catalog.not_yours"
    title = "Not your goods"
    detail = N_("{code_} belongs to another supplier.")
    code_: str


class NothingTold(Refusal):
    """A sheet of new goods without a row that can be read."""

    kind, code = Kind.INVALID, "catalog.nothing_told"
    title = "No goods to add"
    detail = N_("Paste a header with number, name and price, and rows below it.")


class DraftUnusable(Refusal):
    """A field of new goods that cannot be kept, or is missing."""

    kind, code = Kind.INVALID, "catalog.draft_unusable"
    title = "Not usable for goods"
    detail = N_("“{value}” cannot be kept as {field}; correct it and send it again.")
    field: str
    value: str


class DraftDecided(Refusal):
    """Goods that are in the catalog already."""

    kind, code = Kind.CONFLICT, "catalog.draft_decided"
    title = "In the catalog already"
    detail = N_("{code_} was approved; change it under “Edit goods”.")
    code_: str


class CodeTaken(Refusal):
    """The code these goods would have in the network belongs to others."""

    kind, code = Kind.CONFLICT, "catalog.code_taken"
    title = "The code is taken"
    detail = N_("{code_} is a SKU already; return the goods and ask for another number.")
    code_: str


class SupplierNotVerified(Refusal):
    """Goods of a supplier nobody has verified."""

    kind, code = Kind.CONFLICT, "catalog.supplier_not_verified"
    title = "The supplier is not verified"
    detail = N_("Verify {supplier} first; then its goods can be approved.")
    supplier: str
