"""Lots and their last day: values and refusals."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_


class LotKind(enum.StrEnum):
    """What a SKU wants of lots: none, to be told apart (dye lots), or also a last day."""

    NONE = "NONE"
    LOT = "LOT"
    EXPIRY = "EXPIRY"


class LotRule(msgspec.Struct, frozen=True):
    """How the lots of a SKU are kept.

    Without a named day a lot ends `shelf_life_days` after its receipt; `soon_days` before that it
    is shown as ending soon.
    """

    sku: str
    kind: str
    shelf_life_days: int | None
    soon_days: int


class Lot(msgspec.Struct, frozen=True):
    """Units of a row of stock that belong together, in base units of `uom`.

    An empty `code` is what nobody named yet. From `expires_date` on they are not sold; `held` of
    them are on quality hold for it.
    """

    id: UUID
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
    node: str
    node_name: str
    node_name_zh: str
    owner: str
    code: str
    expires_date: dt.date | None
    received_at: dt.datetime
    units: int
    held: int
    is_ending: bool


class LotMove(msgspec.Struct, frozen=True):
    """Units that came to a lot or left it, and because of what."""

    id: UUID
    at: dt.datetime
    sku: str
    node: str
    owner: str
    lot: str
    kind: str
    units: int
    reference: str
    reference_id: UUID | None


class LotNamed(msgspec.Struct, frozen=True):
    """Units to put into a lot; `source` is the lot they are in, empty where nobody named them."""

    sku: str
    node: str
    lot: str
    units: int
    expires_date: dt.date | None = None
    owner: str | None = None
    source: str = ""


class NotInLot(Refusal):
    """More units than a lot has, or a part of one whose day is corrected."""

    kind, code = Kind.CONFLICT, "inventory.not_in_lot"
    title = N_("Not in this lot")
    detail = N_(
        "Lot “{lot}” of {sku} has {units} base units. Name no more than these; to correct a day, "
        "all of them."
    )
    sku: str
    lot: str
    units: int


class LotEndsOtherwise(Refusal):
    """Units for a lot that ends on another day."""

    kind, code = Kind.CONFLICT, "inventory.lot_ends_otherwise"
    title = N_("This lot ends on another day")
    detail = N_("Lot {lot} ends on {expires_date}. Correct the day, or write another lot.")
    lot: str
    expires_date: str | None


class ExpiryMissing(Refusal):
    """A lot of a SKU that wants a last day, without one."""

    kind, code = Kind.INVALID, "inventory.expiry_missing"
    title = N_("The day is missing")
    detail = N_("{sku} wants the day on which a lot expires, and has no shelf life to tell it.")
    sku: str


class GoodsExpired(Refusal):
    """Goods that would leave to a buyer have expired."""

    kind, code = Kind.CONFLICT, "inventory.goods_expired"
    title = N_("Expired goods do not leave")
    detail = N_(
        "{sku} at {node}: {fresh} base units have not expired, fewer than are to leave. Report "
        "the others as short, and replace or refund them."
    )
    sku: str
    node: str
    fresh: int
