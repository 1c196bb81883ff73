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
    capacities,
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
    for need in book.needs:
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
        self.needs = sorted(needs, key=_by_value)
        self._at = {n.sku: n for n in needs}
        self._fixed = {s.code: s.fixed_cost for s in suppliers}
        self._source = {s.code: s.source for s in suppliers}
        self._left = capacities(suppliers)
        self._lines: dict[str, list[Purchase]] = {n.sku: [] for n in needs}
        self._sold: dict[str, set[str]] = {code: set() for code in self._fixed}
        self._by_sku: dict[str, list[Offer]] = {}
        for offer in sorted(offers, key=lambda o: (o.sku, o.supplier)):
            self._by_sku.setdefault(offer.sku, []).append(offer)

    def purchases(self) -> list[Purchase]:
        return [line for lines in self._lines.values() for line in lines]

    def buy(self, need: Need, barred: frozenset[str] = frozenset(), first: str = "") -> None:
        """Take the best offer for what is open, again until nothing pays or everything is met.

        With `first` the first purchase is that supplier's.
        """
        for part in range(MOST_PARTS):
            covered = sum(p.units for p in self._lines[need.sku])
            open_units = need.units - covered
            taken = {p.supplier for p in self._lines[need.sku]} | barred
            best = self._best(need, open_units, taken, first if part == 0 else "")
            if best is None:
                return
            self._take(best)

    def _best(
        self, need: Need, open_units: float, taken: Iterable[str], only: str
    ) -> Purchase | None:
        """The purchase that saves most against leaving the open units short; None if none does.

        What a part covers is judged per unit where it cannot cover all.
        """
        if open_units <= 1e-9:
            return None
        best, saving = None, 1e-9
        for offer in self._by_sku.get(need.sku, ()):
            if offer.supplier in taken or only not in {"", offer.supplier}:
                continue
            limit = self._limit(need, offer)
            for units, price in lots(offer, open_units, limit):
                met = min(units, open_units)
                cost = units * (price + offer.risk) + offer.line_cost
                cost += (units - met) * need.over_cost
                if not self._sold[offer.supplier]:
                    cost += self._fixed[offer.supplier]
                gain = need.short_cost * met - cost
                # A part leaves room for others: it competes by what it saves per unit.
                gain = gain if met >= open_units - 1e-9 else gain * met / open_units
                if gain > saving:
                    best, saving = Purchase(need.sku, offer.supplier, units, price), gain
        return best

    def _take(self, line: Purchase) -> None:
        self._lines[line.sku].append(line)
        self._left[self._source[line.supplier]] -= line.units
        self._sold[line.supplier].add(line.sku)

    def _drop(self, sku: str) -> list[Purchase]:
        lines, self._lines[sku] = self._lines[sku], []
        for line in lines:
            self._left[self._source[line.supplier]] += line.units
            self._sold[line.supplier].discard(sku)
        return lines

    def _cost(self, need: Need) -> float:
        """Cost of a need alone; a supplier nobody else uses is on its account."""
        lines = self._lines[need.sku]
        alone = [Supplier(p.supplier, self._fixed[p.supplier]) for p in lines
                 if self._sold[p.supplier] == {need.sku}]  # fmt: skip
        return whole_cost([need], self._by_sku.get(need.sku, []), alone, lines)

    def improve_needs(self) -> bool:
        """Buy each need anew given all others; whether anything became cheaper."""
        better = False
        for need in self.needs:
            lines = self._lines[need.sku]
            if lines and len(self._by_sku[need.sku]) == 1:
                continue  # there is nobody else to buy it from
            least, best = self._cost(need) - 1e-9, self._drop(need.sku)
            for first in ("", *self._limited(need)):
                self.buy(need, first=first)
                cost, tried = self._cost(need), self._drop(need.sku)
                if cost < least:
                    least, best, better = cost, tried, True
            for line in best:
                self._take(line)
        return better

    def _limited(self, need: Need) -> list[str]:
        """Suppliers that cannot deliver all of a need: parts that are judged with the rest."""
        return [
            o.supplier for o in self._by_sku.get(need.sku, ())
            if self._limit(need, o) < need.units - 1e-9
        ]  # fmt: skip

    def _limit(self, need: Need, offer: Offer) -> float:
        share = need.max_share * need.units if need.max_share < 1.0 else math.inf
        return min(share, offer.capacity, self._left[self._source[offer.supplier]])

    def close_suppliers(self) -> bool:
        """Try each supplier's needs with the others instead; whether any closing paid."""
        better = False
        for code in sorted(self._sold, key=lambda c: (len(self._sold[c]), c)):
            if not self._sold[code] or self._fixed[code] <= 0:
                continue
            touched = sorted((self._at[sku] for sku in self._sold[code]), key=_by_value)
            before = self._cost_with_suppliers(touched)
            old = {n.sku: self._drop(n.sku) for n in touched}
            for need in touched:
                self.buy(need, frozenset({code}))
            if self._cost_with_suppliers(touched) < before - 1e-9:
                better = True
                continue
            for sku, lines in old.items():
                self._drop(sku)
                for line in lines:
                    self._take(line)
        return better

    def _cost_with_suppliers(self, needs: list[Need]) -> float:
        """Cost of some needs and of all suppliers in use: the rest does not change with them."""
        lines = [line for n in needs for line in self._lines[n.sku]]
        offers = [o for n in needs for o in self._by_sku.get(n.sku, ())]
        fixed = sum(self._fixed[code] for code, skus in self._sold.items() if skus)
        return whole_cost(needs, offers, [], lines) + fixed


def _by_value(need: Need) -> tuple[float, str]:
    """What is dear to lack comes first."""
    return -need.units * need.short_cost, need.sku


def lots(offer: Offer, units: float, limit: float) -> list[tuple[float, float]]:
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
