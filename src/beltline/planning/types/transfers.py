"""Moves of goods between nodes that a plan proposes, and what became of them."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.planning.types import Reason


class TransferStatus(enum.StrEnum):
    """The states of a proposed transfer. DRAFT is not shown; what is ACCEPTED has been sent."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    SUPERSEDED = "SUPERSEDED"


class TransferProposal(msgspec.Struct, frozen=True):
    """Move `quantity` base units of a SKU from a node to another before more is bought: and why.

    `gain` is what is expected of it after `freight`, `realised` what it earned (or would have, had
    it been accepted) once the demand was known; minor units of `currency`. With `is_assumed` no
    rate card knows the way. `move_*` tell of the stock transfer an accepted one became.
    """

    id: UUID
    plan_run_id: UUID
    sku_id: UUID
    sku: str
    title: str
    title_zh: str
    uom: str
    origin_node_id: UUID
    origin: str
    target_node_id: UUID
    target: str
    quantity: int
    currency: str
    gain: int
    freight: int
    is_assumed: bool
    order_by: dt.date
    expected_date: dt.date
    why: list[Reason]
    status: TransferStatus
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    realised: int | None
    stock_transfer_id: UUID | None
    move_status: str | None
    move_number: str | None
    received: int | None


class TransferFilters(msgspec.Struct, frozen=True):
    """Which proposed transfers: every member narrows; `node` is where they come from or go to."""

    status: TransferStatus | None = None
    node: str | None = None
    words: str = ""
    plan_run_id: UUID | None = None


class TransferTally(msgspec.Struct, frozen=True):
    """Proposed transfers of a status in a currency; money in its minor units."""

    status: TransferStatus
    currency: str
    count: int
    gain: int
    freight: int
    in_transit: int


class TransfersDecided(msgspec.Struct, frozen=True):
    """What a decision did: `count` transfers changed, `left` could not."""

    count: int
    left: int
