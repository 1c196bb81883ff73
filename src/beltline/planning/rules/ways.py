"""Ways from node to node: how long they take and what they cost, by rate cards or as assumed."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.planning.types import Size


class Way(msgspec.Struct, frozen=True):
    """From node to node: how long, and what it costs in the plan's currency.

    By a rate card (`service`): `per_kg` of the heavier of scale and volume, `kg_per_m3` of which
    count for a cubic meter. Without one, the `share` of the goods' cost is assumed; without a lane
    the days are, too.
    """

    days: float
    service: str = ""
    per_kg: float = 0.0
    kg_per_m3: float = 0.0
    share: float = 0.0


class Route(msgspec.Struct, frozen=True):
    """A way units of a series could come from another node, where `movable` are free.

    They can be sold from period `arrives` on. `freight` is per base unit by a rate card; without
    one (`service` empty) `share` of the unit's cost is assumed. `is_idle` is a node that has no
    series of the SKU.
    """

    node_id: UUID
    node: str
    movable: int
    days: float
    arrives: int
    service: str = ""
    freight: float = 0.0
    share: float = 0.0
    is_idle: bool = False


def cheapest(ways: Sequence[Way], size: Size | None) -> Way | None:
    """The cheapest way with a rate card, where the goods say what they weigh; else what is left."""
    known = [w for w in ways if w.service and size is not None and size.kilograms]
    if known:
        return min(known, key=lambda w: (carried(w, size), w.days, w.service))
    return min((w for w in ways if not w.service), key=lambda w: w.days, default=None)


def carried(way: Way, size: Size | None) -> float:
    """What a rate card asks for a base unit."""
    if size is None or not way.service:
        return 0.0
    return way.per_kg * max(size.kilograms or 0.0, (size.cubic_meters or 0.0) * way.kg_per_m3)
