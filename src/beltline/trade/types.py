"""Nodes, closures of nodes, lanes, exchange rates."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Node(msgspec.Struct, frozen=True):
    """A place goods stand at. `tz` names its time zone."""

    id: UUID
    code: str
    kind: str
    name: str
    name_zh: str
    country: str
    tz: str
    latitude: float | None
    longitude: float | None
    supplier_org_id: UUID | None


class NodeClosure(msgspec.Struct, frozen=True):
    """A node closed from `starts` to `ends`, both included; slower between the ramps."""

    node_id: UUID
    starts: dt.date
    ends: dt.date
    ramp_down_from: dt.date
    ramp_up_until: dt.date
    last_order_date: dt.date
    reason: str


class Lane(msgspec.Struct, frozen=True):
    """How long goods take from a node to a country, in days."""

    node_id: UUID
    country: str
    mode: str
    transit_days_p50: float
    transit_days_p90: float
    source: str


class FxRate(msgspec.Struct, frozen=True):
    """One unit of `base` costs `rate` of `quote` on `ds`, says `source`."""

    base: str
    quote: str
    ds: dt.date
    rate: Decimal
    source: str


class UnknownNode(Refusal):
    """No node has this code."""

    kind, code = Kind.NOT_FOUND, "trade.unknown_node"
    title = "Unknown node"
    detail = "There is no node “{node}” here."
    node: str


class NoRate(Refusal):
    """No exchange rate for a pair of currencies on or before a day."""

    kind, code = Kind.CONFLICT, "trade.no_rate"
    title = "No exchange rate"
    detail = "There is no rate from {base} to {quote} on or before {ds}; import one."
    base: str
    quote: str
    ds: str
