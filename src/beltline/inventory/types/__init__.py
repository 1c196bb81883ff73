"""Stock by owner, node and state: values and refusals; counts, lots and transfers beside it."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_


class Stock(msgspec.Struct, frozen=True):
    """What stands of a SKU at a node for an owner, in base units, as owner and operator see it.

    `available` is 0 in a shortage. `version` is the source's own number for the row.
    """

    sku_id: UUID
    node_id: UUID
    owner_org_id: UUID
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
    node: str
    owner: str
    kind: str
    on_hand: int
    reserved: int
    quality_hold: int
    damaged: int
    available: int
    inbound: int
    version: int
    counted_at: dt.datetime

    @property
    def is_shortage(self) -> bool:
        """Whether more is promised or set aside than stands there."""
        return self.on_hand < self.reserved + self.quality_hold + self.damaged


class Availability(msgspec.Struct, frozen=True):
    """What a buyer may know: how much of a SKU can be had at a node, whoever owns it."""

    sku_id: UUID
    node_id: UUID
    sku: str
    node: str
    available: int
    inbound: int


class Movement(msgspec.Struct, frozen=True):
    """One change of a stock row; the amounts are differences in base units."""

    id: UUID
    at: dt.datetime
    sku: str
    node: str
    owner: str
    kind: str
    on_hand: int
    reserved: int
    quality_hold: int
    damaged: int
    reference: str
    reference_id: UUID | None


class StockRow(Stock, frozen=True):
    """Stock as a page lists it: with the names of its node and owner."""

    node_name: str
    node_name_zh: str
    owner_name: str
    owner_name_zh: str


class AvailableRow(Availability, frozen=True):
    """Availability as a page lists it: with titles and the node's names.

    What stands at a factory is declared: its factory still has to confirm the order.
    """

    sku_title: str
    sku_title_zh: str
    uom: str
    node_name: str
    node_name_zh: str
    is_declared: bool


class AvailableTotal(msgspec.Struct, frozen=True):
    """How much of a SKU can be had over all nodes, in base units of `uom`."""

    sku_id: UUID
    uom: str
    available: int


class StockSummary(msgspec.Struct, frozen=True):
    """The stock rows of an organization in figures; `stale` were declared before a given day."""

    skus: int
    nodes: int
    shortages: int
    declared: int
    stale: int
    inbound: int


class StockItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a source says stands somewhere.

    No `owner` is the caller itself; `version` is a number of the source that only grows, to keep an
    old message from replacing a new one.
    """

    sku: str
    node: str
    on_hand: int
    owner: str | None = None
    version: int | None = None


class StockOutcome(msgspec.Struct, frozen=True):
    """What became of one item.

    SET, UNCHANGED, STALE, COUNTED, UNKNOWN_SKU, UNKNOWN_NODE, UNKNOWN_OWNER or NOT_YOURS; `version`
    is the one now kept.
    """

    sku: str
    node: str
    owner: str | None
    outcome: str
    version: int | None
    shortage: bool


class HoldExpired(Refusal):
    """Somebody would lift the hold of units that have expired."""

    kind, code = Kind.CONFLICT, "inventory.hold_expired"
    title = N_("These units have expired")
    detail = N_(
        "Units of {sku} on hold have expired and stay there. Take them away with the reason "
        "EXPIRED, or correct the day of their lot."
    )
    sku: str


class NotEnough(Refusal):
    """An adjustment would take, hold or damage more than there is."""

    kind, code = Kind.CONFLICT, "inventory.not_enough"
    title = N_("Not enough there")
    detail = N_(
        "{on_hand} stand there: {reserved} reserved, {quality_hold} on hold, {damaged} damaged. "
        "Only what is free can be set aside, only what is there taken away."
    )
    on_hand: int
    reserved: int
    quality_hold: int
    damaged: int


class QuantityUnusable(Refusal):
    """A quantity that this kind of adjustment cannot have."""

    kind, code = Kind.INVALID, "inventory.quantity_unusable"
    title = N_("Not a quantity for this")
    detail = N_("An adjustment needs some units; only ADJUST can take away with a minus.")


class NotAvailable(Refusal):
    """Stock that was free when looked at is not free any more."""

    kind, code = Kind.CONFLICT, "inventory.not_available"
    title = "Not available any more"
    detail = "Stock for {reference} was taken in the meantime; look again and order what is left."
    reference: str


class StaleVersion(Refusal):
    """The source sent an older version than the one kept."""

    kind, code = Kind.CONFLICT, "inventory.stale_version"
    title = "An older version"
    detail = "{sku} at {node}: version {kept} is kept already; only a higher one is taken."
    sku: str
    node: str
    kept: int


class NotYourStock(Refusal):
    """Somebody else is the source of this stock."""

    kind, code = Kind.CONFLICT, "inventory.not_your_stock"
    title = "Not yours to set"
    detail = (
        "{sku} at {node}: the operator counts at the network's nodes, a supplier declares its own "
        "goods at its own factories."
    )
    sku: str
    node: str


class DuplicateItem(Refusal):
    """Two items of one request name the same stock."""

    kind, code = Kind.INVALID, "inventory.duplicate_item"
    title = "The same stock twice"
    detail = "{sku} at {node} is named twice; send one item for each SKU, node and owner."
    sku: str
    node: str
