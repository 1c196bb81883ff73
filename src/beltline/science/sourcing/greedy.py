"""Supplier choice for the many small needs: greedy, improved until nothing helps, gap proved."""

import math
from collections.abc import Iterable

from beltline.science.sourcing.exact import lower_bound
from beltline.science.sourcing.types import (
    Choice,
    Need,
    Offer,
    Purchase,
    Supplier,
    tiers,
    whole_cost,
)

ROUNDS = 4
MOST_PARTS = 6


def decide_greedy(
    needs: list[Need], offers: list[Offer], suppliers: list[Supplier], *, prove: bool = True
) -> Choice:
    """Purchases of any number of needs, dearest first, each then bought anew given the others.

    The bound is that of the linear relaxation (0 without `prove`).
    """
    book = _Book(needs, offers, suppliers)
    for need in book.by_value():
        book.buy(need)
    for _ in range(ROUNDS):
        if not (book.improve_needs() | book.close_suppliers()):
            break
    bought = book.purchases()
    cost = whole_cost(needs, offers, suppliers, bought)
    bound = min(lower_bound(needs, offers, suppliers), cost) if prove else 0.0
    return Choice(tuple(sorted(bought)), cost, bound, "GREEDY")


class _Book:
    """Who supplies what so far, and what capacity is left."""

    def __init__(self, needs: list[Need], offers: list[Offer], suppliers: list[Supplier]) -> None:
        self._needs, self._offers, self._all = needs, offers, suppliers
        self._fixed = {s.code: s.fixed_cost for s in suppliers}
        self._left = {s.code: s.capacity for s in suppliers}
        self._lines: dict[str, list[Purchase]] = {n.sku: [] for n in needs}
        self._uses = dict.fromkeys(self._left, 0)
        self._by_sku: dict[str, list[Offer]] = {}
        for offer in sorted(offers, key=lambda o: (o.sku, o.supplier)):
            self._by_sku.setdefault(offer.sku, []).append(offer)

    def by_value(self) -> list[Need]:
        return sorted(self._needs, key=lambda n: (-n.units * n.short_cost, n.sku))

    def purchases(self) -> list[Purchase]:
        return [line for lines in self._lines.values() for line in lines]

    def buy(self, need: Need, barred: frozenset[str] = frozenset()) -> None:
        """Take the best offer for what is open, again until nothing pays or everything is met."""
        for _ in range(MOST_PARTS):
            covered = sum(p.units for p in self._lines[need.sku])
            open_units = need.units - covered
            taken = {p.supplier for p in self._lines[need.sku]} | barred
            best = self._best(need, open_units, taken)
            if best is None:
                return
            self._take(best)

    def _best(self, need: Need, open_units: float, taken: Iterable[str]) -> Purchase | None:
        """The purchase that saves most against leaving the open units short; None if none does.

        What a part covers is judged per unit where it cannot cover all.
        """
        if open_units <= 1e-9:
            return None
        best, saving = None, 1e-9
        for offer in self._by_sku.get(need.sku, ()):
            if offer.supplier in taken:
                continue
            share = need.max_share * need.units if need.max_share < 1.0 else math.inf
            limit = min(share, self._left[offer.supplier])
            for units, price in _lots(offer, open_units, limit):
                met = min(units, open_units)
                cost = units * (price + offer.risk) + (units - met) * need.over_cost
                if self._uses[offer.supplier] == 0:
                    cost += self._fixed[offer.supplier]
                gain = need.short_cost * met - cost
                # A part leaves room for others: it competes by what it saves per unit.
                gain = gain if met >= open_units - 1e-9 else gain * met / open_units
                if gain > saving:
                    best, saving = Purchase(need.sku, offer.supplier, units, price), gain
        return best

    def _take(self, line: Purchase) -> None:
        self._lines[line.sku].append(line)
        self._left[line.supplier] -= line.units
        self._uses[line.supplier] += 1

    def _drop(self, sku: str) -> list[Purchase]:
        lines, self._lines[sku] = self._lines[sku], []
        for line in lines:
            self._left[line.supplier] += line.units
            self._uses[line.supplier] -= 1
        return lines

    def _cost(self, need: Need) -> float:
        """Cost of a need alone; a supplier nobody else uses is on its account."""
        lines = self._lines[need.sku]
        alone = [Supplier(p.supplier, self._fixed[p.supplier]) for p in lines
                 if self._uses[p.supplier] == 1]  # fmt: skip
        return whole_cost([need], self._by_sku.get(need.sku, []), alone, lines)

    def improve_needs(self) -> bool:
        """Buy each need anew given all others; whether anything became cheaper."""
        better = False
        for need in self.by_value():
            before, old = self._cost(need), self._drop(need.sku)
            self.buy(need)
            if self._cost(need) < before - 1e-9:
                better = True
                continue
            self._drop(need.sku)
            for line in old:
                self._take(line)
        return better

    def close_suppliers(self) -> bool:
        """Try each supplier's needs with the others instead; whether any closing paid."""
        better = False
        for code in sorted(self._uses, key=lambda c: (self._uses[c], c)):
            touched = [n for n in self.by_value()
                       if any(p.supplier == code for p in self._lines[n.sku])]  # fmt: skip
            if not touched or self._fixed[code] <= 0:
                continue
            before = whole_cost(self._needs, self._offers, self._all, self.purchases())
            old = {n.sku: self._drop(n.sku) for n in touched}
            for need in touched:
                self.buy(need, frozenset({code}))
            after = whole_cost(self._needs, self._offers, self._all, self.purchases())
            if after < before - 1e-9:
                better = True
                continue
            for sku, lines in old.items():
                self._drop(sku)
                for line in lines:
                    self._take(line)
        return better


def _lots(offer: Offer, units: float, limit: float) -> list[tuple[float, float]]:
    """Quantities worth a look: the need in each tier, cut to what the tier allows."""
    found = []
    for step in tiers(offer, limit):
        lot = math.ceil(units / offer.pack - 1e-9) * offer.pack
        found.append((min(max(lot, step.low), step.high), step.price))
        if step.high < lot:
            continue
        less = math.floor(units / offer.pack + 1e-9) * offer.pack
        if step.low <= less < lot:
            found.append((less, step.price))
    return found
