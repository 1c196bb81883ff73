"""Stock at risk, and what can be done about it."""

import enum

import msgspec


class RiskState(enum.StrEnum):
    """Where a position stands: nothing left, likely to run out, as it should be, too much, dead."""

    OUT = "OUT"
    AT_RISK = "AT_RISK"
    FIT = "FIT"
    OVER = "OVER"
    DEAD = "DEAD"


class RemedyKind(enum.StrEnum):
    """What can be done about too much stock."""

    TRANSFER = "TRANSFER"
    MARKDOWN = "MARKDOWN"
    RETURN = "RETURN"
    BUNDLE = "BUNDLE"


class Remedy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A remedy for an excess: how many units, what it saves and what it costs (major units).

    `at` is the node a transfer goes to, `partner` the SKU a bundle is made with, `discount` the
    share taken off the price.
    """

    kind: RemedyKind
    units: int
    benefit: float
    cost: float
    at: str = ""
    partner: str = ""
    discount: float = 0.0


class ModelProfit(msgspec.Struct, frozen=True):
    """A sales model of a position: units it would hold, expected profit a cycle (major units)."""

    model: str
    units: int
    profit: float


class RiskFilters(msgspec.Struct, frozen=True):
    """Which positions: every member narrows. `classes` is of ABC and XYZ, such as A, Z or AZ."""

    state: RiskState | None = None
    remedy: RemedyKind | None = None
    node: str | None = None
    classes: str = ""
    words: str = ""
