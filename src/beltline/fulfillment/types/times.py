"""How long stages and roads took."""

import datetime as dt
from uuid import UUID

import msgspec


class Waited(msgspec.Struct, frozen=True):
    """Stages of one kind and party of about the same length: how many, and how much they count."""

    kind: str
    party_id: UUID
    country: str
    hours: float
    has_ended: bool
    stages: int
    weight: float


class StageTime(msgspec.Struct, frozen=True):
    """How long a stage takes at a supplier or node, or the ROAD from a node to a country."""

    kind: str
    party_id: UUID
    country: str
    ended: int
    hours_p50: float
    hours_p90: float


class StageTimeRow(msgspec.Struct, frozen=True):
    """A learned time with its party's names, and the hours that were planned before."""

    kind: str
    party: str
    party_name: str
    party_name_zh: str
    country: str
    ended: int
    hours_p50: float
    hours_p90: float
    hours_declared: float | None
    learned_at: dt.datetime


class Learnt(msgspec.Struct, frozen=True):
    """What a night of learning kept: times of stages, and lanes measured."""

    stages: int
    lanes: int
