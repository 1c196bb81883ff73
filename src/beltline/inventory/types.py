"""Stock, availability, movements; and why a setting is refused."""

import datetime as dt
import enum
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


class AdjustmentWanted(msgspec.Struct, frozen=True):
    """A change to ask for; without an owner it is the operator's own stock."""

    sku: str
    node: str
    owner: str | None
    kind: str
    quantity: int
    reason: str
    note: str


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


class Adjustment(msgspec.Struct, frozen=True):
    """A change of stock that a person asked for, with its reason; large ones wait for a second.

    `quantity` is in base units of `uom`, below 0 only where an ADJUST takes away.
    """

    id: UUID
    number: str
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
    node: str
    owner: str
    kind: str
    quantity: int
    reason: str
    note: str
    status: str
    asked_by: str
    asked_via_id: UUID | None
    asked_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


class AdjustmentKind(enum.StrEnum):
    """What an adjustment does: to what stands there, what is held, or what is damaged."""

    ADJUST = "ADJUST"
    HOLD = "HOLD"
    UNHOLD = "UNHOLD"
    DAMAGE = "DAMAGE"
    MEND = "MEND"
    SCRAP = "SCRAP"


class AdjustmentReason(enum.StrEnum):
    """Why stock is adjusted."""

    COUNT = "COUNT"
    FOUND = "FOUND"
    LOST = "LOST"
    BROKEN = "BROKEN"
    QUALITY = "QUALITY"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    SAMPLE = "SAMPLE"
    CORRECTION = "CORRECTION"


class AdjustmentStatus(enum.StrEnum):
    """How far an adjustment is."""

    WAITING = "WAITING"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"


class CountState(enum.StrEnum):
    """How far a count of stock is."""

    OPEN = "OPEN"
    POSTED = "POSTED"
    CANCELLED = "CANCELLED"


class CountLineState(enum.StrEnum):
    """How far a line of a count is."""

    OPEN = "OPEN"
    AGAIN = "AGAIN"
    """Counted, but its stock was corrected since: to be counted again."""
    COUNTED = "COUNTED"
    POSTED = "POSTED"
    LEFT = "LEFT"
    """The count ended without it."""


class CountWanted(msgspec.Struct, frozen=True):
    """A count to open: of `skus`, of those whose code or title has `words`, or of all goods."""

    node: str
    skus: tuple[str, ...] | None = None
    words: str = ""
    is_blind: bool = False
    note: str = ""


class StockCount(msgspec.Struct, frozen=True):
    """A count of stock at a node: its sheet has `lines`, of which `left` are still to be counted.

    `differences` are lines where something else was found than the books say, `waiting` those
    whose adjustment waits for a second person.
    """

    id: UUID
    number: str
    node: str
    node_name: str
    node_name_zh: str
    is_blind: bool
    note: str
    state: str
    lines: int
    left: int
    differences: int
    waiting: int
    opened_by: str
    opened_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class CountLine(msgspec.Struct, frozen=True):
    """A line of a count, in base units of `uom`.

    `expected` is what the books said when it was counted, before that when the sheet was frozen;
    None for whoever counts blind. `difference` is what was found more than that.
    """

    line_no: int
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
    owner: str
    state: str
    is_found: bool
    expected: int | None
    counted: int | None
    difference: int | None
    counted_by: str | None
    counted_at: dt.datetime | None
    adjustment: str | None
    adjustment_status: str | None


class CountEntry(msgspec.Struct, frozen=True):
    """What was found of a SKU, in base units; `is_found` also where the sheet lacks it."""

    sku: str
    counted: int
    owner: str | None = None
    is_found: bool = False


class CountProblem(msgspec.Struct, frozen=True):
    """Why an entry of a count was not taken.

    `code` EMPTY, NOT_UNITS or TWICE, or an outcome of the sheet: NOT_ON_SHEET, UNKNOWN_SKU,
    UNKNOWN_OWNER, SEVERAL_OWNERS, BEING_COUNTED, POSTED.
    """

    row: int
    sku: str
    code: str


COUNT_PROBLEMS = {
    "EMPTY": N_("The row has a figure and no SKU; write the SKU, or clear the row."),
    "NOT_UNITS": N_("Not a whole number of base units of 0 or more."),
    "TWICE": N_("The SKU is in the file twice; add the figures up in one row."),
    "NOT_ON_SHEET": N_("Not on this sheet. Check the code, or say that it was found."),
    "UNKNOWN_SKU": N_("No SKU has this code."),
    "UNKNOWN_OWNER": N_("No owner of stock has this code; it is the operator or a supplier."),
    "SEVERAL_OWNERS": N_("Several owners have this SKU here; say whose it is."),
    "BEING_COUNTED": N_("Another count has it, or its difference waits for a decision."),
    "POSTED": N_("Posted already; open another count for it."),
}
"""What is wrong with an entry of a count, and what to do, by code."""


class CountTaken(msgspec.Struct, frozen=True):
    """How many entries were written down, and what was wrong with the others."""

    counted: int
    problems: list[CountProblem]


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


class HoldExpired(Refusal):
    """Somebody would lift the hold of units that have expired."""

    kind, code = Kind.CONFLICT, "inventory.hold_expired"
    title = N_("These units have expired")
    detail = N_(
        "Units of {sku} on hold have expired and stay there. Take them away with the reason "
        "EXPIRED, or correct the day of their lot."
    )
    sku: str


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


class BeingCounted(Refusal):
    """Stock that another count has, or whose difference still waits for a decision."""

    kind, code = Kind.CONFLICT, "inventory.being_counted"
    title = N_("Being counted already")
    detail = N_(
        "{sku} at {node} is in {number}. Post or cancel that count, decide its adjustments, "
        "or leave the SKU out."
    )
    sku: str
    node: str
    number: str


class NothingToCount(Refusal):
    """A sheet that would have no line."""

    kind, code = Kind.CONFLICT, "inventory.nothing_to_count"
    title = N_("Nothing to count")
    detail = N_("No counted stock at {node} is meant by this; choose other goods or another node.")
    node: str


class CountTooLong(Refusal):
    """A sheet with more lines than one count has."""

    kind, code = Kind.TOO_LARGE, "inventory.count_too_long"
    title = N_("Too much for one count")
    detail = N_("That would be {lines} lines; a count has up to {most}. Count a part of the goods.")
    lines: int
    most: int


class CountEnded(Refusal):
    """A count that was posted or cancelled."""

    kind, code = Kind.CONFLICT, "inventory.count_ended"
    title = N_("This count has ended")
    detail = N_("{number} was posted or cancelled; open another count.")
    number: str


class NothingCounted(Refusal):
    """A count that is to be posted before anything was counted."""

    kind, code = Kind.CONFLICT, "inventory.nothing_counted"
    title = N_("Nothing counted yet")
    detail = N_("No line of {number} has been counted; count some, or cancel it.")
    number: str


class LinesUncounted(Refusal):
    """A count that is to be posted while lines are not counted."""

    kind, code = Kind.CONFLICT, "inventory.lines_uncounted"
    title = N_("Some lines are not counted")
    detail = N_("{lines} lines of {number} are not counted. Count them, or say that they are left.")
    number: str
    lines: int


class CountIsBlind(Refusal):
    """Who counts blind may not decide the differences."""

    kind, code = Kind.FORBIDDEN, "inventory.count_is_blind"
    title = N_("Somebody else reviews this count")
    detail = N_("{number} is counted blind; an administrator or a planner posts it.")
    number: str


class CountColumnsMissing(Refusal):
    """A file of counted figures without the columns it needs."""

    kind, code = Kind.INVALID, "inventory.count_columns_missing"
    title = N_("Columns are missing")
    detail = N_("The file has no column for: {missing}. It has: {found}.")
    missing: str
    found: str


class StockTransferStatus(enum.StrEnum):
    """How far a transfer is; RETURNED is back where it came from."""

    SENT = "SENT"
    RECEIVED = "RECEIVED"
    RETURNED = "RETURNED"


class Transfer(msgspec.Struct, frozen=True):
    """Goods of the operator on their way from one node to another, in base units of `uom`.

    `received` came in when it ended; what is missing of `quantity` was lost on the way.
    """

    id: UUID
    number: str
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
    origin: str
    target: str
    quantity: int
    received: int | None
    status: StockTransferStatus
    expected_date: dt.date
    sent_by: str
    sent_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class TransferWanted(msgspec.Struct, frozen=True):
    """Units of the operator's own to send from node to node; `id` is the transfer's."""

    id: UUID
    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID
    quantity: int
    expected_date: dt.date


class TransferEnded(Refusal):
    """A transfer that came in, or back, already."""

    kind, code = Kind.CONFLICT, "inventory.transfer_ended"
    title = N_("The transfer has ended")
    detail = N_("{number} is {state} already; correct the stock by an adjustment.")
    number: str
    state: str


class MoreThanSent(Refusal):
    """More came in than was sent."""

    kind, code = Kind.INVALID, "inventory.more_than_sent"
    title = N_("More than was sent")
    detail = N_("{number} took {sent} on its way; receive at most that, and adjust what is found.")
    number: str
    sent: int


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


class NeedsAnother(Refusal):
    """Who asked for a large adjustment may not decide it."""

    kind, code = Kind.FORBIDDEN, "inventory.needs_another"
    title = N_("A second person decides")
    detail = N_("{asked_by} asked for this adjustment; somebody else has to decide it.")
    asked_by: str


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


class CountedHere(Refusal):
    """A declaration for stock that the network counts itself."""

    kind, code = Kind.CONFLICT, "inventory.counted_here"
    title = "This stock is counted, not declared"
    detail = "{sku} at {node} is counted by the network; a declaration does not replace a count."
    sku: str
    node: str


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
