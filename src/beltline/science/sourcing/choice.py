"""What is certain first, then exact where it can be, greedy for the rest, group by group."""

import math
from collections.abc import Iterable

import msgspec
import numpy as np
from scipy.sparse import coo_array, csgraph

from beltline.science.sourcing.exact import EMERGENCY_SECONDS, decide_exact
from beltline.science.sourcing.greedy import decide_greedy, lots
from beltline.science.sourcing.types import (
    Choice,
    Need,
    Offer,
    Purchase,
    Supplier,
    capacities,
    whole_cost,
)

MOST_OFFERS = 1_500
"""Offers up to which a group is worth a try with HiGHS."""
FEW_OFFERS = 40
"""Offers up to which HiGHS answers at once, whatever the group is worth."""
MOST_EXACT, MOST_LARGE = 1_000, 50
"""So many of the dearest groups are solved exactly at most, and of those of many offers."""

GAP_TOLD = 2e-3
"""An answer as near to its bound as HiGHS was asked to come, and a little, counts as exact."""


def decide(
    needs: list[Need],
    offers: list[Offer],
    suppliers: list[Supplier],
    *,
    big_ticket: float,
    seconds: float = EMERGENCY_SECONDS,
) -> Choice:
    """Purchases for all needs: `decide(needs, offers, suppliers, big_ticket=50_000.0)`.

    A need with one offer whose supplier has no limit is settled at once, and its supplier is dealt
    with whatever else is chosen. Of the rest, needs that share a supplier with a cost or a limit
    belong to one group. Groups of few offers, and those whose needs at their cheapest prices come
    to `big_ticket` or more, are solved exactly; all others, and those HiGHS finds no better answer
    for in its nodes, greedily. A group that takes `seconds` is ended by the clock and makes the
    answer `hurried`. The answer's bound is the sum of the groups' bounds. Needs without an
    offer stay short. Suppliers, offers and needs may come in any order.
    """
    known = {n.sku for n in needs}
    by_sku: dict[str, list[Offer]] = {}
    for offer in sorted((o for o in offers if o.sku in known), key=lambda o: (o.sku, o.supplier)):
        by_sku.setdefault(offer.sku, []).append(offer)
    firms = {s.code: s for s in suppliers}
    limits = capacities(suppliers)
    certain, left = _settled(sorted(needs, key=lambda n: n.sku), by_sku, firms, limits)
    used = [firms[code] for code in sorted({line.supplier for line in certain})]
    settled = {line.sku for line in certain}
    spent = whole_cost([n for n in needs if n.sku in settled], offers, used, certain)
    firms |= {s.code: msgspec.structs.replace(s, fixed_cost=0.0) for s in used}
    groups = _groups(left, by_sku, firms, limits)
    worth = [_value(group, by_sku) for group in groups]
    place = {k: n for n, k in enumerate(sorted(range(len(groups)), key=lambda k: -worth[k]))}
    parts = []
    for k, group in enumerate(groups):
        own = [o for n in group for o in by_sku.get(n.sku, ())]
        there = [firms[code] for code in sorted({o.supplier for o in own})]
        is_large = worth[k] >= big_ticket and place[k] < MOST_LARGE
        most = MOST_OFFERS if is_large else FEW_OFFERS
        is_exact = place[k] < MOST_EXACT and 0 < len(own) <= most
        parts.append(_part(group, own, there, seconds if is_exact else 0.0))
    return Choice(
        purchases=tuple(sorted([*certain, *(line for p in parts for line in p.purchases)])),
        cost=spent + sum(p.cost for p in parts),
        bound=spent + sum(p.bound for p in parts),
        method="EXACT" if all(p.method == "EXACT" for p in parts) else "GREEDY",
        hurried=any(p.hurried for p in parts),
    )


def _settled(
    needs: Iterable[Need],
    by_sku: dict[str, list[Offer]],
    firms: dict[str, Supplier],
    limits: dict[str, float],
) -> tuple[list[Purchase], list[Need]]:
    """Purchases no other choice could change, and the needs that are open."""
    certain, left = [], []
    for need in needs:
        own = by_sku.get(need.sku, [])
        line = _only_lot(need, own[0], firms[own[0].supplier]) if len(own) == 1 else None
        if line is None or math.isfinite(limits[firms[line.supplier].source]):
            left.append(need)
        else:
            certain.append(line)
    return certain, left


def _only_lot(need: Need, offer: Offer, firm: Supplier) -> Purchase | None:
    """The best lot of the only offer, where it covers the need and pays for its supplier alone."""
    if need.max_share < 1.0:
        return None
    every = lots(offer, need.units, math.inf)
    whole = [lot for lot in every if lot[0] >= need.units - 1e-9]

    def cost(lot: tuple[float, float]) -> float:
        units, price = lot
        return units * (price + offer.risk) + (units - need.units) * need.over_cost

    best = min(whole, key=lambda lot: (cost(lot), lot), default=None)
    if best is None or len(whole) < len(every):
        return None  # a smaller lot, left short, may be the better one
    if need.short_cost * need.units <= cost(best) + offer.line_cost + firm.fixed_cost:
        return None
    return Purchase(need.sku, offer.supplier, *best)


def _part(needs: list[Need], own: list[Offer], there: list[Supplier], seconds: float) -> Choice:
    """One group; exactly where HiGHS has `seconds` for it."""
    if seconds > 0:
        found = decide_exact(needs, own, there, seconds=seconds)
        greedy = decide_greedy(needs, own, there, prove=False)
        if found is not None and found.cost <= greedy.cost:
            return found
        if found is not None:  # the limit of nodes, or the gap, ended it above a greedy answer
            is_near = found.cost - found.bound <= GAP_TOLD * max(found.bound, 1e-9)
            return Choice(greedy.purchases, greedy.cost, min(found.bound, greedy.cost),
                          "EXACT" if is_near else "GREEDY", hurried=found.hurried)  # fmt: skip
    return decide_greedy(needs, own, there)


def _value(needs: list[Need], by_sku: dict[str, list[Offer]]) -> float:
    found = 0.0
    for need in needs:
        prices = [price for o in by_sku.get(need.sku, ()) for _, price in o.prices]
        found += need.units * min(prices, default=0.0)
    return found


def _groups(
    needs: list[Need], by_sku: dict[str, list[Offer]], firms: dict[str, Supplier],
    limits: dict[str, float],
) -> list[list[Need]]:  # fmt: skip
    """Needs connected by suppliers with a cost or their makers' limits, each in order of SKU."""
    spot: dict[str, int] = {}
    rows, columns = [], []
    for at, need in enumerate(needs):
        for offer in by_sku.get(need.sku, ()):
            firm = firms[offer.supplier]
            ties = [f"code {firm.code}"] if firm.fixed_cost > 0 else []
            if math.isfinite(limits[firm.source]):
                ties.append(f"source {firm.source}")
            for tie in ties:
                rows.append(at)
                columns.append(len(needs) + spot.setdefault(tie, len(spot)))
    size = len(needs) + len(spot)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, labels = csgraph.connected_components(graph, directed=False)
    groups: dict[int, list[Need]] = {}
    for need, label in zip(needs, labels, strict=False):
        groups.setdefault(int(label), []).append(need)
    return list(groups.values())
