"""Needs, offers and suppliers in; purchases and a proved bound out."""

import math

import msgspec


class Need(msgspec.Struct, frozen=True):
    """Units of one SKU to buy.

    `short_cost` is what each unit that is not bought costs, `over_cost` each unit bought beyond
    the need (holding until it is sold, or what it loses); both per unit, in one currency.
    `max_share` below 1 forbids to take a larger part of the need from one supplier.
    """

    sku: str
    units: float
    short_cost: float
    over_cost: float
    max_share: float = 1.0


class Offer(msgspec.Struct, frozen=True):
    """What a supplier asks for a SKU.

    `prices` are (from quantity, unit price) steps, ascending, for all units of a purchase. `risk`
    is what lateness and defects of this supplier cost per unit beside the price, `line_cost` what
    ordering any of it costs. `capacity` is the most units of this SKU.
    """

    supplier: str
    sku: str
    prices: tuple[tuple[float, float], ...]
    moq: float = 1.0
    pack: float = 1.0
    capacity: float = math.inf
    risk: float = 0.0
    line_cost: float = 0.0


class Supplier(msgspec.Struct, frozen=True):
    """A supplier's own limits: cost of dealing with it at all, units of all SKUs together.

    Those of one `maker` (a factory that is dealt with for several nodes) share its capacity, the
    smallest that any of them names.
    """

    code: str
    fixed_cost: float = 0.0
    capacity: float = math.inf
    maker: str = ""

    @property
    def source(self) -> str:
        """Whose capacity it draws on."""
        return self.maker or self.code


class Purchase(msgspec.Struct, frozen=True, order=True):
    """Units of a SKU from one supplier at the price of that quantity."""

    sku: str
    supplier: str
    units: float
    unit_price: float


class Choice(msgspec.Struct, frozen=True):
    """Purchases, their whole cost and a proved lower bound of the cost of any others.

    `cost` holds price, risk, fixed costs, and what is short or over. `gap` is how far the cost
    can be above the best, as a share of the bound. `method` is EXACT or GREEDY. `hurried` says that
    a clock ended the search, so that another machine may choose otherwise.
    """

    purchases: tuple[Purchase, ...]
    cost: float
    bound: float
    method: str
    hurried: bool = False

    @property
    def gap(self) -> float:
        """(cost - bound) / bound, never below 0."""
        return max(0.0, self.cost - self.bound) / max(self.bound, 1e-9)


class Tier(msgspec.Struct, frozen=True):
    """One price step as a range of quantities that may really be bought, both ends in packs."""

    low: float
    high: float
    price: float


def tiers(offer: Offer, limit: float) -> tuple[Tier, ...]:
    """The ranges of an offer up to `limit` units: MOQ, packs, capacity and steps kept.

    Steps that no whole pack falls into are left out.
    """
    found = []
    most = min(offer.capacity, limit)
    ends = [step for step, _ in offer.prices[1:]] + [math.inf]
    for (start, price), end in zip(offer.prices, ends, strict=True):
        low = math.ceil(max(start, offer.moq, offer.pack) / offer.pack - 1e-9) * offer.pack
        high = min(end - 1e-6, most)
        if math.isfinite(high):
            high = math.floor(high / offer.pack + 1e-9) * offer.pack
        if low <= high:
            found.append(Tier(low, high, price))
    return tuple(found)


def most_units(need: Need, offers: list[Offer]) -> float:
    """No reasonable purchase of a need is larger: its units, or the largest lot above them."""
    lots = [max(o.moq, *(step for step, _ in o.prices)) + o.pack for o in offers]
    return max([need.units, *lots]) + max((o.pack for o in offers), default=0.0)


def capacities(suppliers: list[Supplier]) -> dict[str, float]:
    """The most units of all SKUs together, of each maker."""
    found: dict[str, float] = {}
    for supplier in suppliers:
        found[supplier.source] = min(supplier.capacity, found.get(supplier.source, math.inf))
    return found


def whole_cost(
    needs: list[Need], offers: list[Offer], suppliers: list[Supplier], bought: list[Purchase]
) -> float:
    """Price, risk, fixed costs and the cost of what is short or over, of any purchases."""
    asked = {(o.supplier, o.sku): o for o in offers}
    fixed = {s.code: s.fixed_cost for s in suppliers}
    cost = sum(fixed.get(code, 0.0) for code in {p.supplier for p in bought})
    covered: dict[str, float] = {}
    for p in bought:
        offer = asked[p.supplier, p.sku]
        cost += p.units * (p.unit_price + offer.risk) + offer.line_cost
        covered[p.sku] = covered.get(p.sku, 0.0) + p.units
    for need in needs:
        left = need.units - covered.get(need.sku, 0.0)
        cost += need.short_cost * max(left, 0.0) + need.over_cost * max(-left, 0.0)
    return cost
