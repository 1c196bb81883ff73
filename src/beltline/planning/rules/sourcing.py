"""Whom a plan's proposals are bought from, all together: one purchase carries many lines.

Each series first took the offer cheapest for itself alone (`suppliers.compare`). Together they
meet what no series sees: a purchase from another supplier costs `Parameters.purchase_cost`
whatever is on it, a factory makes only so much a month, and `Parameters.largest_share` may forbid
to hang on one. The problem is `science.sourcing`'s: exact where much money is, greedy with a proved
bound for the rest. A unit costs its price at the quantity, the lateness of the supplier and what
is lost while an offer is awaited that comes after the order was due. Quantities are the
plan's: a line that stays where it was keeps its own.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from beltline.kit.uom import Uom, base_unit
from beltline.planning.rules.quantities import least_quantity, price_at, round_up
from beltline.planning.rules.suppliers import DEMAND_FLOOR, MOST_HOLDING_DAYS, Candidate
from beltline.planning.types import Alternative, Parameters, Reason
from beltline.science.sourcing.choice import decide
from beltline.science.sourcing.types import Choice, Need, Offer, Purchase, Supplier, whole_cost

BIG_TICKET: Final = 50_000.0
"""Groups of needs worth this much (major units of the plan's currency) are solved exactly."""
_FORCED: Final = 10.0
_WORDS: Final = {
    Uom.PIECE: "pc pcs piece pieces unit units 件 个 只 条 支 台 把 顶",
    Uom.SET: "set sets 套", Uom.PAIR: "pair pairs pr prs 双 对",
    Uom.METRE: "m meter meters metre metres 米", Uom.KILOGRAM: "kg kilogram kilograms 公斤 千克",
}  # fmt: skip
_UNITS: Final = {word: uom for uom, words in _WORDS.items() for word in words.split()}
_QUANTITY_CODES: Final = frozenset({"MOQ_RAISED", "PACK_ROUNDED", "PRICE_BREAK"})
_SUPPLIER_CODES: Final = frozenset(
    {"SUPPLIER_CHEAPEST", "SUPPLIER_ONLY", "CLOSURE_AHEAD", "LAST_ORDER_DATE"}
)
_NONE: Final[Mapping[UUID, list[Reason]]] = {}


class Wanted(msgspec.Struct, frozen=True):
    """A drafted proposal: what is to be bought, and the offers compared for it.

    `slack_days` is how long it may still wait to be ordered.
    """

    id: UUID
    node: str
    offer_id: UUID
    quantity: int
    uom: str
    pack_size: int
    units_a_day: float
    unit_margin: float
    slack_days: int
    why: list[Reason]
    alternatives: list[Alternative]


class Part(msgspec.Struct, frozen=True):
    """What one supplier delivers of a proposal; `later_days` than was planned (negative: sooner).

    `offer` is one of the alternatives; `unit_price` is per unit of sale, in its currency.
    """

    offer: Alternative
    quantity: int
    unit_price: Decimal
    later_days: float
    why: list[Reason]


class Sourced(msgspec.Struct, frozen=True):
    """The proposals that change, and what the choice came to.

    `parts` of a proposal are the largest first; none where no supplier has the capacity. Costs are
    in major units of the plan's currency: of all proposals as chosen one by one, as chosen
    together, and what no other choice can cost less than. Units nobody can make count with what
    they would have cost and earned. `hurried` says that a clock ended the choice.
    """

    parts: dict[UUID, list[Part]]
    cost_apart: float
    cost: float
    bound: float
    method: str
    moved: int
    split: int
    short: int
    hurried: bool = False

    @property
    def gap(self) -> float:
        """How far the cost can be above the best, as a share of it."""
        return max(0.0, self.cost - self.bound) / max(self.bound, 1e-9)


def source(
    wanted: Sequence[Wanted],
    candidates: Mapping[UUID, Candidate],
    capacities: Mapping[UUID, int],
    p: Parameters,
    closings: Mapping[UUID, list[Reason]] = _NONE,
) -> Sourced:
    """Choose suppliers for all proposals of a plan.

    `candidates` are the compared offers by id, `capacities` the base units that a supplier's
    organization can still make in the coming month, where that is known, `closings` what is to be
    said of the closures ahead of it.
    """
    market = _Market(wanted, candidates, capacities, p, closings)
    found = decide(market.needs, market.offers, market.suppliers, big_ticket=BIG_TICKET)
    return market.read(found)


class _Market:
    """The plan's proposals as needs, offers and suppliers, and the way back."""

    def __init__(
        self, wanted: Sequence[Wanted], candidates: Mapping[UUID, Candidate],
        capacities: Mapping[UUID, int], p: Parameters, closings: Mapping[UUID, list[Reason]],
    ) -> None:  # fmt: skip
        self._p, self._capacities, self._closings = p, capacities, closings
        self._candidates = candidates
        self._wanted = {w.id.hex: w for w in wanted}
        self._offered: dict[tuple[str, str], Alternative] = {}
        self.needs: list[Need] = []
        self.offers: list[Offer] = []
        self._asked: list[Offer] = []
        firms: dict[str, Supplier] = {}
        for w in wanted:
            own = self._offers_of(w, firms)
            if own:
                self._asked += own
                self.needs.append(_need(w, own, p))
                self.offers += _shared(own, self.needs[-1], p.largest_share)
        self.suppliers = list(firms.values())

    def _offers_of(self, w: Wanted, firms: dict[str, Supplier]) -> list[Offer]:
        """The compared offers of a proposal, one a supplier: the cheaper of two of the same."""
        chosen = next((a for a in w.alternatives if a.offer_id == w.offer_id), None)
        found = []
        for a in w.alternatives:
            code, c = f"{a.supplier}@{w.node}", self._candidates.get(a.offer_id)
            if c is None or chosen is None or (code, w.id.hex) in self._offered:
                continue
            self._offered[code, w.id.hex] = a
            firms[code] = Supplier(
                code=code, fixed_cost=self._p.purchase_cost, maker=a.supplier_org_id.hex,
                capacity=float(self._capacities.get(a.supplier_org_id, math.inf)),
            )  # fmt: skip
            rate = c.fx / base_unit(Uom(c.uom)).per_uom
            found.append(
                Offer(
                    supplier=code, sku=w.id.hex, moq=float(a.moq), pack=float(w.pack_size),
                    prices=tuple((float(start), float(unit) * rate) for start, unit in c.breaks),
                    risk=a.cost_lateness + _waiting(w, a, chosen), line_cost=self._p.order_cost,
                )
            )  # fmt: skip
        return found

    def read(self, found: Choice) -> Sourced:
        """What changes by a choice, told by proposal."""
        bought: dict[str, list[Purchase]] = {n.sku: [] for n in self.needs}
        for line in found.purchases:
            bought[line.sku].append(line)
        parts: dict[UUID, list[Part]] = {}
        kept: list[Purchase] = []
        moved = split = short = 0
        for need in self.needs:
            w = self._wanted[need.sku]
            lines = sorted(bought[need.sku], key=lambda line: (-line.units, line.supplier))
            missing = math.floor(need.units - sum(line.units for line in lines) + 1e-6)
            if self._stays(w, lines) and missing <= 0 and self._has_room(w, lines[0]):
                kept.append(self._as_drafted(w))
                continue
            kept += lines
            parts[w.id] = [self._part(w, lines, line) for line in lines]
            split += len(lines) > 1
            moved += len(lines) == 1 and not self._stays(w, lines)
            short += max(missing, 0)
        # Told what it saves, a unit nobody can make counts with its price and its margin.
        plain = [msgspec.structs.replace(n, short_cost=self._dearest(n.sku)) for n in self.needs]
        lacking = {n.sku: max(n.units - sum(x.units for x in bought[n.sku]), 0.0) for n in plain}
        forced = sum(lacking[n.sku] * (n.short_cost - self._dearest(n.sku)) for n in self.needs)
        apart = whole_cost(plain, self._asked, self.suppliers, self._one_by_one())
        cost = whole_cost(plain, self._asked, self.suppliers, kept)
        is_free = not self._capacities and self._p.largest_share >= 1.0
        if is_free and cost > apart:
            # Lines that stay keep their own quantities: what was gained on others' may be lost.
            parts, cost, moved, split = {}, apart, 0, 0
        return Sourced(
            parts=parts, cost_apart=apart, cost=cost, bound=min(found.bound - forced, cost),
            method=found.method, moved=moved, split=split, short=short,
            hurried=found.hurried,
        )  # fmt: skip

    def _one_by_one(self) -> list[Purchase]:
        """What series buy that each take the offer cheapest for them, the dearest first.

        A factory that is full sends them on to the next.
        """
        left = {org: float(units) for org, units in self._capacities.items()}
        found = []
        for need in sorted(self.needs, key=lambda n: (-n.units * self._dearest(n.sku), n.sku)):
            w = self._wanted[need.sku]
            for a in w.alternatives:
                quantity = w.quantity if a.offer_id == w.offer_id else round_up(
                    need.units, moq=a.moq, pack_size=w.pack_size
                )  # fmt: skip
                c = self._candidates.get(a.offer_id)
                if c is None or left.get(a.supplier_org_id, math.inf) < quantity:
                    continue
                if a.supplier_org_id in left:
                    left[a.supplier_org_id] -= quantity
                found.append(_line(w, a, c, quantity))
                break
        return found

    def _dearest(self, key: str) -> float:
        """What a unit costs at most, and what it would have earned."""
        w = self._wanted[key]
        return max(a.cost_price for a in w.alternatives) + w.unit_margin

    def _stays(self, w: Wanted, lines: Sequence[Purchase]) -> bool:
        return len(lines) == 1 and self._of(lines[0]).offer_id == w.offer_id

    def _has_room(self, w: Wanted, line: Purchase) -> bool:
        """Whether the drafted quantity takes no more of a factory than was chosen."""
        return line.units >= w.quantity or self._of(line).supplier_org_id not in self._capacities

    def _of(self, line: Purchase) -> Alternative:
        return self._offered[line.supplier, line.sku]

    def _as_drafted(self, w: Wanted) -> Purchase:
        """The line as the series alone chose it."""
        drafted = next(a for a in w.alternatives if a.offer_id == w.offer_id)
        return _line(w, drafted, self._candidates[w.offer_id], w.quantity)

    def _part(self, w: Wanted, lines: Sequence[Purchase], line: Purchase) -> Part:
        offer = self._of(line)
        drafted = next(a for a in w.alternatives if a.offer_id == w.offer_id)
        quantity = round(line.units)
        breaks = self._candidates[offer.offer_id].breaks
        return Part(
            offer=offer, quantity=quantity, unit_price=price_at(breaks, quantity),
            later_days=offer.lead_time_days_mean - drafted.lead_time_days_mean,
            why=[*_quantity_reasons(w, lines, offer, quantity, breaks),
                 *self._closings.get(offer.supplier_org_id, ()),
                 *self._supplier_reasons(w, lines, offer, quantity)],
        )  # fmt: skip

    def _supplier_reasons(
        self, w: Wanted, lines: Sequence[Purchase], offer: Alternative, quantity: int
    ) -> list[Reason]:
        cheapest = next(a for a in w.alternatives if a.offer_id == w.offer_id)
        limit = self._capacities.get(cheapest.supplier_org_id)
        found = []
        if limit is not None and sum(line.units for line in lines
                                     if self._of(line) is cheapest) < w.quantity:  # fmt: skip
            found.append(Reason(code="SUPPLIER_FULL", name=cheapest.supplier, value=float(limit)))
        elif offer is not cheapest and len(lines) == 1:
            found.append(
                Reason(code="SUPPLIER_JOINT", name=offer.supplier, value=_figure(offer.cost),
                       limit=_figure(cheapest.cost))
            )  # fmt: skip
        if len(lines) > 1:
            whole = sum(line.units for line in lines)
            found.append(Reason(code="SUPPLIER_SPLIT", name=offer.supplier, value=float(quantity),
                                limit=whole))  # fmt: skip
        return found


def _line(w: Wanted, a: Alternative, c: Candidate, quantity: int) -> Purchase:
    """A purchase of a proposal, at what its quantity costs in the plan's currency."""
    price = float(price_at(c.breaks, quantity)) * c.fx / base_unit(Uom(c.uom)).per_uom
    return Purchase(w.id.hex, f"{a.supplier}@{w.node}", float(quantity), price)


def units_left(month: int, unit: str, *, awaited: int, uoms: set[Uom]) -> int | None:
    """Base units a supplier can still make in the coming month.

    None where its words for the unit do not say which, or some of its goods are counted in another
    one: a capacity that may mean something else limits nothing.
    """
    said = _UNITS.get(unit.strip().lower())
    if said is None or {base_unit(u) for u in uoms} != {base_unit(said)}:
        return None
    return max(month * base_unit(said).per_uom - awaited, 0)


def _need(w: Wanted, offers: Sequence[Offer], p: Parameters) -> Need:
    """What a proposal asks for before it was rounded up to a lot of the supplier chosen.

    Whether to order at all was decided by simulation: going without costs more than any lot does.
    """
    raised = [r.value for r in w.why if r.code in {"MOQ_RAISED", "PACK_ROUNDED"}]
    is_break = any(r.code == "PRICE_BREAK" for r in w.why)
    units = float(w.quantity) if is_break or not raised else min(raised[0], float(w.quantity))
    cheapest = min(price for o in offers for _, price in o.prices)
    lots = [max(o.moq, math.ceil(units / o.pack) * o.pack) for o in offers]
    dearest = max(
        lot * (max(price for _, price in o.prices) + o.risk) + o.line_cost
        for lot, o in zip(lots, offers, strict=True)
    )
    # A surplus is worth what it costs elsewhere, less the capital it binds until it is needed.
    waits = min((units + max(lots)) / 2 / max(w.units_a_day, DEMAND_FLOOR), MOST_HOLDING_DAYS)
    over = -cheapest * max(1.0 - p.holding_rate * waits / 365.0, 0.0)
    forced = _FORCED * (dearest + p.purchase_cost) / max(units, 1e-9)
    return Need(sku=w.id.hex, units=units, short_cost=w.unit_margin + forced, over_cost=over)


def _shared(offers: list[Offer], need: Need, largest: float) -> list[Offer]:
    """Offers cut to the largest share one may have, where they cover the need together so."""
    if largest >= 1.0 or len(offers) < 2:
        return offers
    cut = []
    for offer in offers:
        most = math.floor(largest * need.units / offer.pack + 1e-9) * offer.pack
        if most >= least_quantity(round(offer.moq), round(offer.pack)):
            cut.append(msgspec.structs.replace(offer, capacity=most))
    return cut if sum(o.capacity for o in cut) >= need.units - 1e-9 else offers


def _waiting(w: Wanted, a: Alternative, chosen: Alternative) -> float:
    """Margin lost a unit while an offer is awaited that comes after the order was due."""
    late = a.lead_time_days_mean - chosen.lead_time_days_mean - w.slack_days
    if late <= 0:
        return 0.0
    return w.unit_margin * min(1.0, late * w.units_a_day / w.quantity)


def _quantity_reasons(
    w: Wanted, lines: Sequence[Purchase], offer: Alternative, quantity: int,
    breaks: Sequence[tuple[int, Decimal]],
) -> list[Reason]:  # fmt: skip
    """The reasons of the proposal, those of the quantity told anew for another lot."""
    kept = [r for r in w.why if r.code not in _QUANTITY_CODES | _SUPPLIER_CODES]
    asked = next((r.value for r in w.why if r.code in {"MOQ_RAISED", "PACK_ROUNDED"}),
                 float(w.quantity))  # fmt: skip
    if len(lines) == 1 and quantity > asked:
        code = "MOQ_RAISED" if quantity == least_quantity(offer.moq, w.pack_size) else (
            "PACK_ROUNDED" if quantity - asked < w.pack_size else "PRICE_BREAK"
        )  # fmt: skip
        if code != "PRICE_BREAK":
            kept.append(Reason(code=code, value=asked, limit=float(quantity)))
    price = price_at(breaks, quantity)
    if price < min(breaks)[1]:
        kept.append(Reason(code="PRICE_BREAK", value=float(quantity), limit=float(price)))
    return kept


def _figure(value: float) -> float:
    return float(f"{value:.6g}")
