"""Supplier choice as a mixed-integer program, solved by HiGHS, and its linear relaxation."""

import math
from typing import Any

import numpy as np
from scipy import optimize, sparse

from beltline.science.sourcing.types import (
    Choice,
    Need,
    Offer,
    Purchase,
    Supplier,
    Tier,
    capacities,
    most_units,
    tiers,
    whole_cost,
)

GAP = 1e-3
WORK = 2_000
"""Nodes of the search times offers of a group: its end must not depend on the machine."""
EMERGENCY_SECONDS = 300.0
_LIMIT_OF_TIME = 1  # scipy's; the limit of nodes is no status of its own
MOST_RELAXED = 20_000
"""Offers up to which the linear relaxation is solved for a bound."""


def decide_exact(
    needs: list[Need], offers: list[Offer], suppliers: list[Supplier], *,
    seconds: float = EMERGENCY_SECONDS,
) -> Choice | None:  # fmt: skip
    """The cheapest purchases to within `GAP`, or None where the search finds none.

    The search ends at the gap or after `nodes_of` nodes, the same on every machine; the answer
    carries the bound that was proved until then. `seconds` are an emergency: an answer they ended
    is `hurried`, and has no purchases and an infinite cost where none were found.
    """
    program = Program(needs, offers, suppliers)
    found = program.solve(integral=True, seconds=seconds, nodes=nodes_of(len(offers)))
    hurried = found.status == _LIMIT_OF_TIME
    if found.x is None:
        dual = max(float(found.mip_dual_bound or 0.0), 0.0)
        return Choice((), math.inf, dual, "EXACT", hurried=True) if hurried else None
    bought = program.purchases(found.x)
    cost = whole_cost(needs, offers, suppliers, bought)
    bound = cost if found.mip_dual_bound is None else min(float(found.mip_dual_bound), cost)
    return Choice(tuple(sorted(bought)), cost, bound, "EXACT", hurried=hurried)


def nodes_of(offers: int) -> int:
    """How many nodes of the search a group of so many offers is worth."""
    return max(WORK // max(offers, 1), 1)


def lower_bound(needs: list[Need], offers: list[Offer], suppliers: list[Supplier]) -> float:
    """What no purchases at all can cost less than.

    The cost of the linear relaxation, or for more than `MOST_RELAXED` offers that of every need at
    its cheapest unit.
    """
    apart = _cheapest_units(needs, offers)
    if len(offers) > MOST_RELAXED:
        return apart
    found = Program(needs, offers, suppliers).solve(integral=False, seconds=EMERGENCY_SECONDS).fun
    return apart if found is None else max(apart, float(found))


def _cheapest_units(needs: list[Need], offers: list[Offer]) -> float:
    """Cost without limits, lots and fixed costs; never below 0."""
    unit: dict[str, float] = {}
    for offer in offers:
        least = min(price for _, price in offer.prices) + offer.risk
        unit[offer.sku] = min(least, unit.get(offer.sku, math.inf))
    by_sku: dict[str, list[Offer]] = {}
    for offer in offers:
        by_sku.setdefault(offer.sku, []).append(offer)
    cost = 0.0
    for need in needs:
        least = unit.get(need.sku, math.inf)
        surplus = min(least + need.over_cost, 0.0)  # a surplus worth more than it costs
        most = most_units(need, by_sku[need.sku]) if surplus < 0 else 0.0
        cost += need.units * min(least, need.short_cost) + most * surplus
    return max(cost, 0.0)


class Program:
    """The program in matrices. Columns: a tier's packs, whether it is used; suppliers; short, over.

    A purchase lies in one tier of its offer (all units at its price); an offer is used only where
    its supplier is.
    """

    def __init__(self, needs: list[Need], offers: list[Offer], suppliers: list[Supplier]) -> None:
        """Lay out columns and rows."""
        by_sku: dict[str, list[Offer]] = {}
        for offer in offers:
            by_sku.setdefault(offer.sku, []).append(offer)
        self._cells: list[tuple[Offer, Tier, int]] = []
        rank = {s.code: k for k, s in enumerate(suppliers)}
        groups: list[tuple[int, int, int, int]] = []
        for n, need in enumerate(needs):
            own = by_sku.get(need.sku, [])
            for offer in own:
                first = len(self._cells)
                steps = tiers(offer, most_units(need, own))
                self._cells += [(offer, step, n) for step in steps]
                groups.append((n, rank[offer.supplier], first, len(self._cells)))
        self._layout(needs, suppliers, groups)

    def _layout(
        self, needs: list[Need], suppliers: list[Supplier], groups: list[tuple[int, int, int, int]]
    ) -> None:
        cells, s, n = len(self._cells), len(suppliers), len(needs)
        units, used, opened, short, over = np.cumsum([0, cells, cells, s, n])
        self._width = int(over) + n
        rows = _Rows()
        for k, (offer, step, _) in enumerate(self._cells):
            rows.add({units + k: offer.pack, used + k: -step.high}, -math.inf, 0.0)
            rows.add({units + k: offer.pack, used + k: -step.low}, 0.0, math.inf)
        limits = capacities(suppliers)
        load: dict[str, dict[int, float]] = {source: {} for source in limits}
        covers: list[dict[int, float]] = [{short + i: 1.0, over + i: -1.0} for i in range(n)]
        for need_at, supplier_at, first, end in groups:
            need = needs[need_at]
            rows.add({used + k: 1.0 for k in range(first, end)} | {opened + supplier_at: -1.0},
                     -math.inf, 0.0)  # fmt: skip
            packs = {units + k: self._cells[k][0].pack for k in range(first, end)}
            covers[need_at] |= packs
            load[suppliers[supplier_at].source] |= packs
            if need.max_share < 1.0:
                rows.add(packs, -math.inf, max(need.max_share * need.units, 0.0))
        for need, row in zip(needs, covers, strict=True):
            rows.add(row, need.units, need.units)
        for source, row in load.items():
            if row and math.isfinite(limits[source]):
                rows.add(row, -math.inf, limits[source])
        self._rows = rows
        self._price = np.zeros(self._width)
        self._price[:cells] = [o.pack * (t.price + o.risk) for o, t, _ in self._cells]
        self._price[cells:opened] = [o.line_cost for o, _, _ in self._cells]
        self._price[opened : opened + s] = [x.fixed_cost for x in suppliers]
        self._price[short : short + n] = [x.short_cost for x in needs]
        self._price[over : over + n] = [x.over_cost for x in needs]
        self._high = np.full(self._width, np.inf)
        self._high[:cells] = [t.high / o.pack for o, t, _ in self._cells]
        self._high[used:short] = 1.0
        self._high[short : short + n] = [x.units for x in needs]
        self._whole = np.zeros(self._width)
        self._whole[:short] = 1.0

    def solve(self, *, integral: bool, seconds: float, nodes: int = 1) -> Any:
        """HiGHS' answer."""
        matrix, low, high = self._rows.build(self._width)
        return optimize.milp(
            self._price,
            constraints=optimize.LinearConstraint(matrix, low, high),
            bounds=optimize.Bounds(0.0, self._high),
            integrality=self._whole if integral else None,
            options={"time_limit": seconds, "node_limit": nodes, "mip_rel_gap": GAP},
        )

    def purchases(self, x: Any) -> list[Purchase]:
        """The purchases of a solution, in whole packs."""
        found = []
        for packs, (offer, step, _) in zip(x, self._cells, strict=False):
            if round(packs) > 0:
                units = round(packs) * offer.pack
                found.append(Purchase(offer.sku, offer.supplier, units, step.price))
        return found


class _Rows:
    """Rows of a sparse matrix with their limits."""

    def __init__(self) -> None:
        self._at: list[int] = []
        self._columns: list[int] = []
        self._values: list[float] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, row: dict[int, float], low: float, high: float) -> None:
        self._at += [len(self._low)] * len(row)
        self._columns += [int(c) for c in row]
        self._values += row.values()
        self._low.append(low)
        self._high.append(high)

    def build(self, width: int) -> tuple[Any, list[float], list[float]]:
        shape = (len(self._low), width)
        cells = (self._values, (self._at, self._columns))
        return sparse.csr_array(cells, shape=shape), self._low, self._high
