"""Cartonization: goods of several suppliers into few cheap parcels.

What a parcel costs is its chargeable weight at a lane's rate: the larger of its weight and of
its volume over the lane's divisor, in steps, at least a minimum, and a fixed price a parcel.
`pack` is best fit, the largest piece first, once for each bound on the size of boxes, then improved
by joins, moves and exchanges; on small cases it is held against `pack_exactly`, which looks at all
partitions.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec


class Item(msgspec.Struct, frozen=True, gc=False):
    """One piece to pack: grams and millimeters. Fragile pieces bear nothing on top of them."""

    key: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    is_fragile: bool = False


class Box(msgspec.Struct, frozen=True):
    """A size of carton: inner millimeters, its own grams, its load, minor units it costs."""

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    load_g_max: int
    cost: int = 0

    @property
    def volume_mm3(self) -> int:
        """Its inner room."""
        return self.length_mm * self.width_mm * self.height_mm


class Rate(msgspec.Struct, frozen=True):
    """How a lane charges a parcel, in minor units.

    `divisor` turns cm3 into kg (5,000 for express, 6,000 for air); `step_g` is what weights are
    rounded up to, `minimum_g` the least that is charged, `per_kg` the price of a kilogram,
    `per_parcel` what every parcel costs.
    """

    divisor: int
    step_g: int
    minimum_g: int
    per_kg: int
    per_parcel: int
    weight_g_max: int


class Parcel(msgspec.Struct, frozen=True):
    """A packed box: its items, what it weighs and what is charged for."""

    box: Box
    items: tuple[Item, ...]
    weight_g: int
    chargeable_g: int
    cost: int


class Unpackable(ValueError):
    """A piece that goes into no box, or over the lane's limit."""


FILL = 0.85
"""The share of a box's room that goods of mixed shapes can use."""
FRAGILE_FILL = 0.70
"""The same with a fragile piece among them, which needs padding."""


def chargeable_g(weight_g: int, volume_mm3: int, rate: Rate) -> int:
    """The grams that are charged for: the heavier of scale and volume, rounded up to a step."""
    # cm3 / divisor is kg; mm3 / divisor is grams.
    volume_g = -(-volume_mm3 // rate.divisor)
    heavier = max(weight_g, volume_g, rate.minimum_g)
    return -(-heavier // rate.step_g) * rate.step_g


def cost_of(weight_g: int, box: Box, rate: Rate) -> tuple[int, int]:
    """Chargeable grams and cost in minor units of a box with this much in it."""
    charged = chargeable_g(weight_g + box.tare_g, box.volume_mm3, rate)
    return charged, box.cost + rate.per_parcel + -(-charged * rate.per_kg // 1_000)


EXCHANGED_PIECES: Final = 40
"""Up to how many pieces a packing is improved by moves and exchanges; that grows as their cube."""


def pack(items: Sequence[Item], boxes: Sequence[Box], rate: Rate) -> list[Parcel]:
    """Cheap parcels for all items. Raises Unpackable for a piece that fits nowhere.

    More than `EXCHANGED_PIECES` are stuffed into boxes one after the other instead of improved.
    """
    if not items:
        return []
    if not boxes:
        raise Unpackable(items[0].key)
    sizes = _sized(tuple(boxes), rate)
    ordered = sorted(items, key=_size, reverse=True)
    plans = [_fill(ordered, sizes, len(sizes))]
    if len(items) > 1 and _total(plans[0]) > _floor(ordered, sizes):
        plans += [_fill(ordered, sizes, cap) for cap in range(1, len(sizes))]
        plans.sort(key=_total)
        if len(items) > EXCHANGED_PIECES:
            plans += [_stuff(ordered, sizes, cap) for cap in range(1, len(sizes) + 1)]
        else:
            plans = [_improve(plan, sizes) for plan in plans[:2]]
    return [_parcel(load, sizes, rate) for load in min(plans, key=_total)]


def pack_exactly(items: Sequence[Item], boxes: Sequence[Box], rate: Rate) -> list[Parcel]:
    """The cheapest parcels of all, by looking at every partition; for up to about ten pieces."""
    sizes = _sized(tuple(boxes), rate)
    found: list[_Load] | None = None
    for groups in _partitions(list(items)):
        loads = [_load_of(group, sizes) for group in groups]
        if all(load.size >= 0 for load in loads) and (
            found is None or _total(loads) < _total(found)
        ):
            found = loads
    if found is None:
        raise Unpackable(", ".join(item.key for item in items))
    return [_parcel(load, sizes, rate) for load in found]


class _Size(msgspec.Struct, frozen=True):
    """A box on a lane: its sides in order, its rooms, its limits, what its volume is charged."""

    box: Box
    a: int
    b: int
    c: int
    volume: int
    room: int
    fragile_room: int
    load_g_max: int
    volume_g: int
    rate: Rate
    is_cheapest: bool
    """Whether no larger box is lighter or costs less: what fits here is cheapest here."""


@functools.lru_cache(maxsize=64)
def _sized(boxes: tuple[Box, ...], rate: Rate) -> tuple[_Size, ...]:
    found = []
    ordered = sorted(boxes, key=lambda b: (b.volume_mm3, b.code))
    for at, box in enumerate(ordered):
        a, b, c = sorted((box.length_mm, box.width_mm, box.height_mm), reverse=True)
        volume = box.volume_mm3
        limit = min(box.load_g_max, rate.weight_g_max - box.tare_g)
        found.append(
            _Size(
                box, a, b, c, volume, int(volume * FILL), int(volume * FRAGILE_FILL), limit,
                max(-(-volume // rate.divisor), rate.minimum_g), rate,
                all(b.tare_g >= box.tare_g and b.cost >= box.cost for b in ordered[at + 1 :]),
            )
        )  # fmt: skip
    return tuple(found)


class _Load(msgspec.Struct, frozen=True, gc=False):
    """Pieces in one box: what they ask of it, which size holds them (-1: none), what it costs."""

    items: tuple[Item, ...]
    weight_g: int
    volume: int
    is_fragile: bool
    a: int
    b: int
    c: int
    size: int
    cost: int


_NEVER = 2**62
_NOTHING = _Load((), 0, 0, False, 0, 0, 0, -1, 0)


def _add(load: _Load, item: Item, sizes: Sequence[_Size], cap: int) -> _Load:
    """The load with one more piece, in the cheapest of the first `cap` sizes that holds it."""
    a, b, c = item.length_mm, item.width_mm, item.height_mm
    if a < b:
        a, b = b, a
    if b < c:
        b, c = c, b
        if a < b:
            a, b = b, a
    a, b, c = max(a, load.a), max(b, load.b), max(c, load.c)
    weight = load.weight_g + item.weight_g
    volume = load.volume + item.length_mm * item.width_mm * item.height_mm
    fragile = load.is_fragile or item.is_fragile
    found, cost = -1, _NEVER
    for at in range(cap):
        size = sizes[at]
        # A single piece may fill its box; several leave gaps.
        room = size.volume if not load.items else size.fragile_room if fragile else size.room
        if (
            volume <= room and a <= size.a and b <= size.b and c <= size.c
            and weight <= size.load_g_max
        ):  # fmt: skip
            rate = size.rate
            heavier = max(weight + size.box.tare_g, size.volume_g)
            charged = -(-heavier // rate.step_g) * rate.step_g
            asked = size.box.cost + rate.per_parcel + -(-charged * rate.per_kg // 1_000)
            if asked < cost:
                found, cost = at, asked
            if size.is_cheapest:
                break
    return _Load((*load.items, item), weight, volume, fragile, a, b, c, found, cost)


def _load_of(items: Iterable[Item], sizes: Sequence[_Size]) -> _Load:
    load = _NOTHING
    for item in items:
        load = _add(load, item, sizes, len(sizes))
    return load


def _fill(ordered: Sequence[Item], sizes: Sequence[_Size], cap: int) -> list[_Load]:
    """Best fit of the largest first: where the total grows least; only the first `cap` sizes.

    A piece that none of them holds alone gets a larger one.
    """
    groups: list[_Load] = []
    for item in ordered:
        best_at, best = -1, _add(_NOTHING, item, sizes, cap)
        if best.size < 0:
            best = _add(_NOTHING, item, sizes, len(sizes))
            if best.size < 0:
                raise Unpackable(item.key)
        grown = best.cost
        for at, group in enumerate(groups):
            load = _add(group, item, sizes, cap)
            if load.cost - group.cost < grown:
                grown, best_at, best = load.cost - group.cost, at, load
        if best_at < 0:
            groups.append(best)
        else:
            groups[best_at] = best
    return groups


def _stuff(ordered: Sequence[Item], sizes: Sequence[_Size], cap: int) -> list[_Load]:
    """First fit of the largest first: what an open parcel holds goes into it, whatever it costs."""
    groups: list[_Load] = []
    for item in ordered:
        for at, group in enumerate(groups):
            load = _add(group, item, sizes, cap)
            if load.size >= 0:
                groups[at] = load
                break
        else:
            alone = _add(_NOTHING, item, sizes, cap)
            groups.append(alone if alone.size >= 0 else _add(_NOTHING, item, sizes, len(sizes)))
    return groups


def _improve(groups: list[_Load], sizes: Sequence[_Size]) -> list[_Load]:
    """Join two parcels, move a piece or exchange two, as long as that is cheaper."""
    while len(groups) > 1:
        step = next(_cheaper(groups, sizes), None)
        if step is None:
            break
        groups = step
    return groups


def _cheaper(groups: list[_Load], sizes: Sequence[_Size]) -> Iterator[list[_Load]]:
    for at, one in enumerate(groups):
        for to, other in enumerate(groups):
            if at == to:
                continue
            now = one.cost + other.cost
            for changed in _changes(one, other, sizes):
                if sum(load.cost for load in changed) < now:
                    rest = [g for n, g in enumerate(groups) if n not in (at, to)]
                    yield [*rest, *changed]


def _changes(one: _Load, other: _Load, sizes: Sequence[_Size]) -> Iterator[list[_Load]]:
    """Ways to divide the pieces of two loads a little otherwise."""
    yield [_load_of((*one.items, *other.items), sizes)]
    for n, item in enumerate(one.items):
        kept = one.items[:n] + one.items[n + 1 :]
        if kept:
            yield [_load_of(kept, sizes), _add(other, item, sizes, len(sizes))]
        for m, back in enumerate(other.items):
            left = other.items[:m] + other.items[m + 1 :]
            yield [_load_of((*kept, back), sizes), _load_of((*left, item), sizes)]


def _floor(items: Sequence[Item], sizes: Sequence[_Size]) -> int:
    """What no packing is cheaper than: one parcel in the cheapest box, charged by its goods."""
    rate = sizes[0].rate
    charged = chargeable_g(sum(item.weight_g for item in items), 0, rate)
    least = min(size.box.cost for size in sizes)
    return least + rate.per_parcel + -(-charged * rate.per_kg // 1_000)


def _total(groups: Sequence[_Load]) -> int:
    return sum(load.cost for load in groups)


def _partitions(items: list[Item]) -> Iterator[list[list[Item]]]:
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for groups in _partitions(rest):
        for at, group in enumerate(groups):
            yield [*groups[:at], [first, *group], *groups[at + 1 :]]
        yield [[first], *groups]


def _size(item: Item) -> int:
    return item.length_mm * item.width_mm * item.height_mm


def _parcel(load: _Load, sizes: Sequence[_Size], rate: Rate) -> Parcel:
    box = sizes[load.size].box
    charged, cost = cost_of(load.weight_g, box, rate)
    return Parcel(box, load.items, load.weight_g + box.tare_g, charged, cost)
