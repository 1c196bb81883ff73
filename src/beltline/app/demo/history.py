"""What a source of demand hands to the world: a panel, its products, and how it was shifted."""

from datetime import date
from decimal import Decimal
from typing import Final, Literal, cast

import msgspec
import polars as pl

from beltline.kit.errors import Kind, Refusal

Frequency = Literal["D", "W"]

# One fixed rate each, for the demo only: round numbers, no market rate of any day.
TWD_PER_CNY: Final = Decimal("4.4")
TWD_PER_USD: Final = Decimal(32)
CNY_PER_USD: Final = TWD_PER_USD / TWD_PER_CNY

DEMAND_NODES: Final = ("SHARP-HGH", "SHARP-DGM", "OVS-WAW", "CON-YIW")


class DemoDataMissing(Refusal):
    """The package that carries the demand of the chosen world is not installed."""

    kind, code = Kind.NOT_FOUND, "demo.data_missing"
    title = "The demo's data is not installed"
    detail = "The demo world '{world}' reads {package}, which is not installed. Run: {command}"
    world: str
    package: str
    command: str


class DemoDataUnreadable(Refusal):
    """The data package is there, but its file is not what this version of it should hold."""

    kind, code = Kind.INVALID, "demo.data_unreadable"
    title = "The demo's data cannot be read"
    detail = "{package} does not hold {expected} as expected. Run: {command}"
    package: str
    expected: str
    command: str


class Item(msgspec.Struct, frozen=True):
    """A product of the source with its mean price and cost over the whole source."""

    source: str
    family: str
    units: int
    price_usd: Decimal
    cost_cny: Decimal


class Event(msgspec.Struct, frozen=True):
    """A calendar event inside the history: where it lies now and where it lay in the source."""

    kind: str
    day: date
    source_day: date


class History(msgspec.Struct, frozen=True):
    """Demand of a source after the shift.

    `demand` has the columns source (str), node (str), ds (date), y (int64, units) and
    price_usd (float64, mean price a unit, null where nothing was sold and none is known),
    sorted by source, node, ds. `promotions` has source, node, starts, ends, kind, price_usd.
    """

    frequency: Frequency
    demand: pl.DataFrame
    items: tuple[Item, ...]
    promotions: pl.DataFrame | None
    source_first: date
    source_last: date
    cut_days: int
    shift_days: int
    events: tuple[Event, ...]
    measured: dict[str, int]

    @property
    def first(self) -> date:
        """First day (or first day of the first week) of the shifted history."""
        return first_day(self.demand)

    @property
    def latest(self) -> date:
        """Latest day (or first day of the latest week) of the shifted history."""
        return last_day(self.demand)


def first_day(table: pl.DataFrame) -> date:
    """The earliest `ds` of a table that has rows."""
    return cast("date", table["ds"].min())


def last_day(table: pl.DataFrame) -> date:
    """The latest `ds` of a table that has rows."""
    return cast("date", table["ds"].max())


def money(value: float, places: int = 2) -> Decimal:
    """A measured mean as money: rounded once, and never to nothing."""
    step = Decimal(1).scaleb(-places)
    return max(Decimal(repr(value)).quantize(step), step)
