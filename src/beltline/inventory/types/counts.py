"""Counts of stock: values and refusals."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_


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


class CountedHere(Refusal):
    """A declaration for stock that the network counts itself."""

    kind, code = Kind.CONFLICT, "inventory.counted_here"
    title = "This stock is counted, not declared"
    detail = "{sku} at {node} is counted by the network; a declaration does not replace a count."
    sku: str
    node: str
