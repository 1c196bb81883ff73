"""Where each line of an order ships from: online, priced by scarcity, mended in blocks.

Every order takes the cheapest set of up to three warehouses; a unit costs its freight and the
dual price of the stock it uses up. Dual prices are those of an expected future in which each SKU's
remaining demand meets its remaining stock. Periodically the latest orders that have not been
released yet are promised anew: a few that want the same SKUs are taken back at a time (a local
search over the block that never makes it dearer).
"""

import itertools

import msgspec
import numpy as np

from beltline.science.keys import Doubles, Ints, compiled, mixed, uniform

MOST_SOURCES = 3
TOGETHER = 4
"""Most orders that are taken back together."""
RARITY = 5.0
"""What a unit is worth at the place where its SKU is rare, in the currency of the freights."""
BLOCK = 300
TRIES = 5
"""How often an order of a block is looked at again."""


class Orders(msgspec.Struct, frozen=True, eq=False):
    """O orders in the order of their arrival; line k belongs to order `order[k]`, ascending.

    `parcel` (O x W) is what a parcel from each warehouse costs, `unit` (O x W) each unit in it.
    """

    order: Ints
    sku: Ints
    units: Ints
    parcel: Doubles
    unit: Doubles

    @property
    def size(self) -> int:
        """Number of orders O."""
        return len(self.parcel)


class Promise(msgspec.Struct, frozen=True, eq=False):
    """Units of each line from each warehouse (K x W), cost of each order, stock left (SKU x W)."""

    shipped: Ints
    cost: Doubles
    left: Ints


def decide(
    orders: Orders,
    stock: Ints,
    *,
    lost_cost: float,
    expected: Doubles | None = None,
    block: int = BLOCK,
    tries: int = TRIES,
) -> Promise:
    """Promise all orders one after the other, mending every `block` of them before release.

    `stock` is SKU x W. `expected` is the demand of each SKU that is still to come, these orders
    included: where it nears the stock, units far from their demand are kept back. None: no
    prices, as where stock is ample. `lost_cost` is the cost of a unit that cannot be promised.
    """
    starts = np.searchsorted(orders.order, np.arange(orders.size + 1)).astype(np.int32)
    future = np.zeros(len(stock)) if expected is None else expected.astype(np.float64)
    shipped, cost, left = _promise(
        starts, orders.sku, orders.units, orders.parcel, orders.unit, stock.astype(np.int32).copy(),
        future.copy(), _subsets(stock.shape[1]), lost_cost, block, tries,
    )  # fmt: skip
    return Promise(shipped=shipped, cost=cost, left=left)


def cost_of(orders: Orders, shipped: Ints, *, lost_cost: float) -> float:
    """Whole cost of any promise: parcels, units in them, units lost."""
    used = np.zeros_like(orders.parcel)
    np.add.at(used, orders.order, shipped)
    freight = (shipped * orders.unit[orders.order]).sum()
    lost = orders.units.sum() - shipped.sum()
    return float((orders.parcel * (used > 0)).sum() + freight + lost_cost * lost)


def _subsets(warehouses: int) -> Ints:
    """All sets of up to `MOST_SOURCES` warehouses, one row each, filled up with -1."""
    rows = [
        [*chosen, *[-1] * (MOST_SOURCES - size)]
        for size in range(1, min(MOST_SOURCES, warehouses) + 1)
        for chosen in itertools.combinations(range(warehouses), size)
    ]
    return np.array(rows, np.int32)


@compiled
def _promise(
    starts: Ints, sku: Ints, units: Ints, parcel: Doubles, unit: Doubles, left: Ints,
    future: Doubles, subsets: Ints, lost_cost: float, block: int, tries: int,
) -> tuple[Ints, Doubles, Ints]:  # fmt: skip
    count = len(starts) - 1
    shipped = np.zeros((len(sku), left.shape[1]), np.int32)
    cost = np.zeros(count)
    price = np.zeros(left.shape)
    first = 0
    for o in range(count):
        low, high = starts[o], starts[o + 1]
        for k in range(low, high):
            future[sku[k]] = max(future[sku[k]] - units[k], 0.0)
            _price(left[sku[k]], future[sku[k]], units[k], lost_cost, price[sku[k]])
        _serve(o, low, high, sku, units, parcel, unit, left, price, subsets, lost_cost, shipped)
        if o + 1 - first >= block or o == count - 1:
            _mend(first, o + 1, starts, sku, units, parcel, unit, left, price, subsets, lost_cost,
                  shipped, tries)  # fmt: skip
            first = o + 1
    for o in range(count):
        cost[o] = _paid(o, starts[o], starts[o + 1], units, parcel, unit, lost_cost, shipped)
    return shipped, cost, left


@compiled
def _price(left: Ints, future: float, wanted: int, lost_cost: float, price: Doubles) -> None:
    """Dual prices of one SKU: what a unit is worth to later orders at each warehouse.

    The share of later demand that finds no stock bears the loss of a sale. Warehouses that hold
    much of what is left are cheaper to take from than those that run out first.
    """
    total = 0.0
    for w in range(len(left)):
        total += left[w]
    spare = total - wanted
    short = max(0.0, 1.0 - spare / future) if future > 0 else 0.0
    for w in range(len(left)):
        share = left[w] / total if total > 0 else 0.0
        scarce = min(1.0, future * 0.5 / max(spare, 1.0))
        price[w] = 0.5 * lost_cost * short + RARITY * scarce * (1.0 - share)


@compiled
def _serve(
    o: int, low: int, high: int, sku: Ints, units: Ints, parcel: Doubles, unit: Doubles,
    left: Ints, price: Doubles, subsets: Ints, lost_cost: float, shipped: Ints,
) -> float:  # fmt: skip
    """Take the cheapest set of warehouses for an order; its cost at dual prices."""
    warehouses, most = left.shape[1], subsets.shape[1]
    each = np.empty((high - low, warehouses))
    useful = np.zeros(warehouses, np.bool_)
    # What the lines cost at least, wherever they come from: with their parcels no set is cheaper.
    nothing = least = 0.0
    for k in range(low, high):
        bottom = lost_cost
        for w in range(warehouses):
            each[k - low, w] = lost_cost
            if left[sku[k], w] > 0:
                useful[w] = True
                each[k - low, w] = unit[o, w] + price[sku[k], w]
                bottom = min(bottom, each[k - low, w])
        nothing += units[k] * lost_cost
        least += units[k] * bottom
    best, chosen = nothing, -1
    for c in range(len(subsets)):
        total, possible = 0.0, True
        for j in range(most):
            w = subsets[c, j]
            if w >= 0:
                possible &= useful[w]
                total += parcel[o, w]
        if not possible or total + least >= best:
            continue
        for k in range(low, high):
            total += _line(k, each[k - low], units[k], left[sku[k]], subsets[c], lost_cost, shipped,
                           False)  # fmt: skip
            if total >= best:
                break
        if total < best:
            best, chosen = total, c
    if chosen >= 0:
        for k in range(low, high):
            _line(k, each[k - low], units[k], left[sku[k]], subsets[chosen], lost_cost, shipped,
                  True)  # fmt: skip
    return best


@compiled
def _line(
    k: int, each: Doubles, need: int, left: Ints, chosen: Ints, lost_cost: float, shipped: Ints,
    book: bool,
) -> float:  # fmt: skip
    """Fill a line from a set of warehouses, cheapest first; book it or only tell the cost."""
    total = 0.0
    taken = 0
    for _ in range(len(chosen)):
        spot, low = -1, lost_cost
        for j in range(len(chosen)):
            w = chosen[j]
            if w >= 0 and each[w] < low and not (taken >> j) & 1:
                spot, low = j, each[w]
        if spot < 0:
            break
        taken |= 1 << spot
        w = chosen[spot]
        part = min(need, left[w])
        total += part * low
        need -= part
        if book:
            shipped[k, w] += part
            left[w] -= part
        if need == 0:
            break
    return float(total + need * lost_cost)


@compiled
def _mend(
    first: int, end: int, starts: Ints, sku: Ints, units: Ints, parcel: Doubles, unit: Doubles,
    left: Ints, price: Doubles, subsets: Ints, lost_cost: float, shipped: Ints, tries: int,
) -> None:  # fmt: skip
    """Take back a few orders of the block that want the same SKUs, promise them anew, often.

    The new promise stays where it is not dearer at dual prices. The first tries take one order
    each, in turn; the later ones up to `TOGETHER`, in an order of chance (drawn from the place).
    """
    group = np.empty(TOGETHER, np.int32)
    wide = starts[end] - starts[first]
    old = np.empty((wide, left.shape[1]), np.int32)
    for turn in range(tries * (end - first)):
        state = mixed(np.uint64(first) ^ mixed(np.uint64(turn)))
        lead = first + turn % (end - first)
        size = 1
        group[0] = lead
        if turn >= end - first:
            size = _companions(lead, first, end, starts, sku, state, group)
        before = 0.0
        row = 0
        for g in range(size):
            o = group[g]
            low, high = starts[o], starts[o + 1]
            before += _paid(o, low, high, units, parcel, unit, lost_cost, shipped)
            for k in range(low, high):
                for w in range(left.shape[1]):
                    taken = shipped[k, w]
                    before += taken * price[sku[k], w]
                    old[row, w] = taken
                    left[sku[k], w] += taken
                    shipped[k, w] = 0
                row += 1
        after = 0.0
        for g in range(size):
            o = group[g]
            after += _serve(o, starts[o], starts[o + 1], sku, units, parcel, unit, left, price,
                            subsets, lost_cost, shipped)  # fmt: skip
        if after <= before + 1e-9:
            continue
        for g in range(size):
            for k in range(starts[group[g]], starts[group[g] + 1]):
                for w in range(left.shape[1]):
                    left[sku[k], w] += shipped[k, w]
        row = 0
        for g in range(size):
            for k in range(starts[group[g]], starts[group[g] + 1]):
                for w in range(left.shape[1]):
                    shipped[k, w] = old[row, w]
                    left[sku[k], w] -= old[row, w]
                row += 1


@compiled
def _companions(
    lead: int, first: int, end: int, starts: Ints, sku: Ints, state: np.uint64, group: Ints
) -> int:
    """Fill `group` with orders of the block that share a SKU with `lead`, it last; how many."""
    size = 0
    begin = first + int(uniform(state) * (end - first))
    for step in range(end - first):
        o = first + (begin - first + step) % (end - first)
        if o == lead or size == TOGETHER - 1:
            continue
        shared = False
        for k in range(starts[o], starts[o + 1]):
            for j in range(starts[lead], starts[lead + 1]):
                if sku[k] == sku[j]:
                    shared = True
        if shared:
            group[size] = o
            size += 1
    # Whoever lost out comes first half of the time: `lead` is put at either end.
    if uniform(mixed(state)) < 0.5 and size > 0:
        group[size] = group[0]
        group[0] = lead
    else:
        group[size] = lead
    return size + 1


@compiled
def _paid(
    o: int, low: int, high: int, units: Ints, parcel: Doubles, unit: Doubles, lost_cost: float,
    shipped: Ints,
) -> float:  # fmt: skip
    total = 0.0
    for w in range(parcel.shape[1]):
        used = False
        for k in range(low, high):
            if shipped[k, w] > 0:
                used = True
                total += shipped[k, w] * unit[o, w]
        if used:
            total += parcel[o, w]
    for k in range(low, high):
        need = units[k]
        for w in range(parcel.shape[1]):
            need -= shipped[k, w]
        total += need * lost_cost
    return total
