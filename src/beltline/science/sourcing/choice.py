"""Exact where money is, greedy for the rest, group by group."""

import numpy as np
from scipy.sparse import coo_array, csgraph

from beltline.science.sourcing.exact import decide_exact
from beltline.science.sourcing.greedy import decide_greedy
from beltline.science.sourcing.types import Choice, Need, Offer, Supplier

MOST_OFFERS = 1_500
"""Offers up to which a group is worth a try with HiGHS."""


def decide(
    needs: list[Need],
    offers: list[Offer],
    suppliers: list[Supplier],
    *,
    big_ticket: float,
    seconds: float = 20.0,
) -> Choice:
    """Purchases for all needs: `decide(needs, offers, suppliers, big_ticket=50_000.0)`.

    Needs that share a supplier or its maker belong to one group. A group whose needs at their
    cheapest prices come to `big_ticket` or more is solved exactly; all others, and one HiGHS does
    not finish within `seconds`, greedily. The answer's bound is the sum of the groups' bounds.
    Needs without an offer stay short. Suppliers, offers and needs may come in any order.
    """
    known = {n.sku for n in needs}
    offers = sorted((o for o in offers if o.sku in known), key=lambda o: (o.sku, o.supplier))
    by_sku: dict[str, list[Offer]] = {}
    for offer in offers:
        by_sku.setdefault(offer.sku, []).append(offer)
    firms = {s.code: s for s in suppliers}
    parts = []
    for group in _groups(sorted(needs, key=lambda n: n.sku), offers, firms):
        own = [o for n in group for o in by_sku.get(n.sku, ())]
        there = [firms[code] for code in sorted({o.supplier for o in own})]
        parts.append(_part(group, own, there, big_ticket, seconds))
    exact = all(p.method == "EXACT" for p in parts)
    return Choice(
        purchases=tuple(sorted(line for p in parts for line in p.purchases)),
        cost=sum(p.cost for p in parts),
        bound=sum(p.bound for p in parts),
        method="EXACT" if exact else "GREEDY",
    )


def _part(
    needs: list[Need], own: list[Offer], there: list[Supplier], big: float, seconds: float
) -> Choice:
    if own and len(own) <= MOST_OFFERS and _value(needs, own) >= big:
        found = decide_exact(needs, own, there, seconds=seconds)
        greedy = decide_greedy(needs, own, there, prove=False)
        if found is not None and found.cost <= greedy.cost:
            return found
        if found is not None:  # the time limit ended the search above a greedy answer
            return Choice(greedy.purchases, greedy.cost, found.bound, "GREEDY")
    return decide_greedy(needs, own, there)


def _value(needs: list[Need], offers: list[Offer]) -> float:
    cheapest: dict[str, float] = {}
    for offer in offers:
        price = min(price for _, price in offer.prices)
        cheapest[offer.sku] = min(price, cheapest.get(offer.sku, price))
    return sum(n.units * cheapest.get(n.sku, 0.0) for n in needs)


def _groups(needs: list[Need], offers: list[Offer], firms: dict[str, Supplier]) -> list[list[Need]]:
    """Needs connected by common suppliers, or makers of theirs, each group in order of SKU."""
    at = {n.sku: k for k, n in enumerate(needs)}
    codes = sorted({firms[o.supplier].source for o in offers})
    spot = {code: len(needs) + k for k, code in enumerate(codes)}
    rows = [at[o.sku] for o in offers]
    columns = [spot[firms[o.supplier].source] for o in offers]
    size = len(needs) + len(codes)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, labels = csgraph.connected_components(graph, directed=False)
    groups: dict[int, list[Need]] = {}
    for need, label in zip(needs, labels, strict=False):
        groups.setdefault(int(label), []).append(need)
    return list(groups.values())
