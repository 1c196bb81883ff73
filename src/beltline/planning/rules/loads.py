"""How full trucks and containers are with what is on its way, and what fits into the last one."""

import math
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

STOWED: Final = 0.85
"""Assumed share of a load's volume that cartons fill."""


class Load(msgspec.Struct, frozen=True):
    """A kind of truck or container: what it holds."""

    name: str
    cubic_meters: float
    kilograms: float


TRUCK: Final = Load("9.6 m", 55.0, 18_000.0)
"""What carries goods inside China: a box truck of 9.6 meters, typical figures."""
CONTAINER: Final = Load("40HC", 76.0, 28_000.0)
"""What goes abroad: a 40-foot high cube (ISO 668), with its typical payload."""


class Fill(msgspec.Struct, frozen=True):
    """Loads needed, and of the last: the share that is full and what is left of it.

    `by` is what fills it first, VOLUME or WEIGHT.
    """

    load: str
    loads: int
    last: float
    by: str
    room_cubic_meters: float
    room_kilograms: float


class Parcel(msgspec.Struct, frozen=True):
    """Something that could go along, and what it saves."""

    id: UUID
    cubic_meters: float
    kilograms: float
    gain: float


def load_for(country: str) -> Load:
    """What goods come in to a node of a country."""
    return TRUCK if country == "CN" else CONTAINER


def fill_of(cubic_meters: float, kilograms: float, load: Load) -> Fill:
    """How many loads it takes, by volume or weight, whichever is more."""
    space = load.cubic_meters * STOWED
    by_volume, by_weight = cubic_meters / space, kilograms / load.kilograms
    loads = max(math.ceil(max(by_volume, by_weight) - 1e-9), 0)
    return Fill(
        load=load.name, loads=loads, last=max(by_volume, by_weight) - max(loads - 1, 0),
        by="VOLUME" if by_volume >= by_weight else "WEIGHT",
        room_cubic_meters=max(loads * space - cubic_meters, 0.0),
        room_kilograms=max(loads * load.kilograms - kilograms, 0.0),
    )  # fmt: skip


def goes_along(fill: Fill, parcels: Sequence[Parcel]) -> list[Parcel]:
    """What fits into the last load beside what is there, the most saved for its space first."""
    volume, weight = fill.room_cubic_meters, fill.room_kilograms
    scale = max(volume, 1e-9), max(weight, 1e-9)

    def share(one: Parcel) -> float:
        return max(one.cubic_meters / scale[0], one.kilograms / scale[1])

    found = []
    for one in sorted(parcels, key=lambda p: (-p.gain / max(share(p), 1e-12), p.id)):
        if one.gain > 0 and one.cubic_meters <= volume and one.kilograms <= weight:
            found.append(one)
            volume -= one.cubic_meters
            weight -= one.kilograms
    return found
