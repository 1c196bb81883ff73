"""Order decisions by simulation: how much now, when at the latest, at what risk and cost.

An order decided at the end of period t with lead time L can be sold from the start of t + L + 1,
index L of the future periods. It must carry the series from its own arrival to the arrival of the
next order, one review later. On every demand path the stock before arrival is played forward; the
shortfall of each path then prices every candidate quantity at once. The candidate set does not
depend on the shortage cost, and what an order does beyond its own cycle is worth more, not less,
where shortage is dear: therefore a higher shortage cost never lowers an order. Where orders cost
something, reorder point and level are the exact ones of `levels`.
"""

from typing import Any

import numpy as np
import polars as pl

from beltline.science.cycle import draw_leads, play, price_candidates
from beltline.science.keys import Bools, Doubles, Floats, Ints, Keys
from beltline.science.levels import reorder_levels
from beltline.science.terms import TOLERANCE, Decisions, Policy, Terms, f32, i32, round_to_lots

LADDER = np.concatenate(
    [np.linspace(0.05, 0.5, 7), np.linspace(0.55, 0.9, 8), np.linspace(0.92, 0.995, 8)]
)
"""Ranks of the shortfall at which an order quantity is tried."""
CYCLES = np.array([1.0, 2.0, 4.0, 8.0])
"""Review periods of extra demand tried where an order costs something."""
USUAL_CHANCE = 0.9
"""The chance of enough at which the cycles are counted that a large lot carries."""


def decide(
    terms: Terms,
    paths: Floats,
    unique_ids: pl.Series,
    keys: Keys,
    *,
    policy: Policy | None = None,
    seed: int = 0,
) -> Decisions:
    """Decisions of N series from their demand paths (N x S x H); `keys` is `series_keys` of ids.

    Lead times are drawn per path from the key of the series, so decisions do not depend on which
    series are decided together.
    """
    chosen = policy or Policy()
    leads = draw_leads(terms.lead_pmf, keys, np.uint64(seed), paths.shape[1])
    stock, short, before, net, span, means, wait_lost = play(
        paths, terms.on_hand, terms.inbound, leads, terms.arrivals, terms.calendar, terms.review,
        terms.backorder,
    )  # fmt: skip
    rate, total, cover, first, after = means.T
    ranked = np.sort(short, axis=1)
    length = span.mean(axis=1)
    ratio = _critical_ratio(length, terms, chosen)
    step, usual = _usual_step(rate, terms)
    worth = _cycle_worth(rate, step, terms, chosen)
    # Further cycles are counted at the same chance whatever shortage costs: counted at the critical
    # ratio a dearer shortage would leave fewer of them, and lower the order.
    later = np.where(worth > 0, np.maximum(terms.service_level, USUAL_CHANCE), ratio)
    absorbed = np.maximum(_at_rank(np.sort(short + stock, axis=1), later), 0.0)
    fixed = _level_orders(net, stock, length, usual, terms, chosen)
    units = candidate_units(ranked, rate, fixed, terms)
    lost, held, risk, safe, skipped = price_candidates(
        units, stock, short, before, net, span, rate, terms.review, terms.holding, absorbed,
        terms.backorder,
    )  # fmt: skip
    unit_price = _unit_prices(units, terms)
    premium = np.nan_to_num((unit_price - usual[:, None]) * units)
    pick = _choose(units, lost, held, safe, skipped, premium, worth, fixed, terms, chosen)
    row = np.arange(terms.size)
    best = units[row, pick]
    cost = _cycle_cost(units, lost, held, skipped, premium, terms)
    need = _at_rank(ranked, ratio)
    early = before.mean(axis=1)
    position = terms.on_hand + terms.inbound.sum(axis=1)
    return Decisions(
        unique_ids=unique_ids,
        units=f32(best),
        order_up_to=f32(np.maximum(position + np.where(best > 0, best, np.minimum(need, 0)), 0)),
        need=f32(need),
        arrives=i32(first),
        normal_arrival=i32(leads.mean(axis=1)),
        next_arrival=i32(after),
        order_by=_order_by(wait_lost, np.maximum(best, rate * terms.review), cover, paths, terms),
        p_stockout_now=f32(risk[:, 0]),
        p_stockout_after=f32(risk[row, pick]),
        fill_rate=f32(np.clip(1.0 - (early + lost[row, pick]) / np.maximum(total, 1e-9), 0, 1)),
        cost_now=f32(terms.shortage * early + cost[:, 0]),
        expected_cost=f32(terms.shortage * early + cost[row, pick]),
        periods_of_cover=f32(cover),
        unit_price=f32(unit_price[row, pick]),
    )


def candidate_units(ranked: Doubles, rate: Doubles, fixed: Doubles, terms: Terms) -> Doubles:
    """Quantities to price, ascending from 0 (N x C), whatever the shortage cost.

    They are ranks of the shortfall, the MOQ, the price steps and, where an order costs
    something, more cycles and the `fixed` quantity of its levels.
    """
    count = ranked.shape[1]
    ranks = np.minimum((LADDER * count).astype(np.intp), count - 1)
    cycle = (rate * terms.review)[:, None]
    middle = np.maximum(ranked[:, count // 2], 0.0)[:, None]
    more = np.where(terms.order_cost[:, None] > 0, middle + CYCLES * cycle, 0.0)
    steps = np.nan_to_num(terms.break_quantity)
    known = np.maximum(fixed, 0.0)[:, None]
    raw = np.concatenate([ranked[:, ranks], terms.moq[:, None], steps, more, known], axis=1)
    pack = np.maximum(terms.pack, TOLERANCE)
    shelf = np.maximum(terms.shelf_life * np.maximum(rate, TOLERANCE), pack)
    units = round_to_lots(raw, terms.moq, pack, np.minimum(terms.capacity, shelf))
    return np.sort(np.concatenate([np.zeros((len(units), 1)), units], axis=1), axis=1)


def _unit_prices(units: Doubles, terms: Terms) -> Doubles:
    """Unit price of each candidate by the price steps; NaN where there are none."""
    price = np.repeat(terms.break_price[:, :1].astype(np.float64), units.shape[1], axis=1)
    for quantity, step in zip(terms.break_quantity.T, terms.break_price.T, strict=True):
        price = np.where(units >= quantity[:, None] - TOLERANCE, step[:, None], price)
    return price


def _cycle_cost(
    units: Doubles, lost: Doubles, held: Doubles, skipped: Doubles, premium: Doubles, terms: Terms
) -> Doubles:
    """Expected cost of each candidate per review cycle, at the true shortage cost.

    Where an order costs something, one that carries several cycles is spread over them.
    """
    extra = terms.order_cost[:, None] * (units > 0) + premium
    cycles = np.where(terms.order_cost[:, None] > 0, 1.0 + skipped, 1.0)
    return np.asarray((terms.shortage[:, None] * lost + held + extra) / cycles, np.float64)


def _choose(
    units: Doubles, lost: Doubles, held: Doubles, safe: Doubles, skipped: Doubles,
    premium: Doubles, worth: Doubles, fixed: Doubles, terms: Terms, policy: Policy,
) -> Any:  # fmt: skip
    """Index of the chosen candidate: cheapest, or the smallest that keeps the service level.

    Each further cycle an order carries is worth what a cycle costs in the long run (renewal
    reward). Where levels have fixed the quantity (not NaN), that quantity is taken.
    """
    weight = terms.shortage.astype(np.float64) * policy.shortage_factor
    setup = terms.order_cost.astype(np.float64)[:, None] * (units > 0)
    cost = weight[:, None] * lost + held + setup + premium
    cheapest = (cost - worth[:, None] * skipped).argmin(axis=1)
    nearest = np.abs(units - np.nan_to_num(fixed)[:, None]).argmin(axis=1)
    cheapest = np.where(np.isnan(fixed), cheapest, nearest)
    kept = safe >= terms.service_level[:, None] - TOLERANCE
    smallest = np.where(kept.any(axis=1), kept.argmax(axis=1), units.shape[1] - 1)
    return np.where(terms.service_level > 0, smallest, cheapest)


def _usual_step(rate: Doubles, terms: Terms) -> tuple[Doubles, Doubles]:
    """The price step that pays in the long run: its least lot and its unit price (N each).

    The economic lot of each step (Hadley and Whitin 1963, Analysis of Inventory Systems, 2-11),
    at least its own quantity, the MOQ and what a review period sells. Goods not ordered now are
    bought later at this price: only what differs from it is a cost or a saving. It does not depend
    on the shortage cost, and neither does what an order saves.
    """
    k, hold = terms.order_cost[:, None], terms.holding[:, None]
    steady = np.maximum(rate, TOLERANCE)[:, None]
    least = np.maximum(np.nan_to_num(terms.break_quantity.astype(np.float64)), terms.moq[:, None])
    economic = np.sqrt(2.0 * k * steady / np.maximum(hold, 1e-9))
    lot = np.maximum(np.maximum(least, economic), steady * terms.review[:, None])
    price = terms.break_price.astype(np.float64)
    most = np.minimum(terms.capacity, terms.shelf_life * steady[:, 0])[:, None]
    cost = np.where(least <= most, price, np.inf) * steady + k * steady / lot + 0.5 * hold * lot
    pick = np.nan_to_num(cost, nan=np.inf).argmin(axis=1)
    row = np.arange(terms.size)
    return least[row, pick], price[row, pick]


def _cycle_worth(rate: Doubles, step: Doubles, terms: Terms, policy: Policy) -> Doubles:
    """What a cycle costs in the long run where goods come in lots larger than it sells.

    Order cost and holding of the economic lot (at least the MOQ), or doing without: the cheaper.
    """
    k, hold = terms.order_cost.astype(np.float64), terms.holding.astype(np.float64)
    steady = np.maximum(rate, TOLERANCE)
    lot = np.maximum(step, np.sqrt(2.0 * k * steady / np.maximum(hold, 1e-9)))
    cost = (k * steady / np.maximum(lot, TOLERANCE) + 0.5 * hold * lot) * terms.review
    without = terms.shortage * policy.shortage_factor * steady * terms.review
    large = (k > 0) | (step > steady * terms.review)
    return np.where(large, np.minimum(cost, without), 0.0)


def _level_orders(
    net: Doubles, stock: Doubles, span: Doubles, usual: Doubles, terms: Terms, policy: Policy
) -> Doubles:
    """Quantities of the exact reorder levels (N), NaN where an order costs nothing.

    The position is counted against the demand until the next arrival, both as the paths have it.
    Where a price step pays the candidates are priced instead: below its lot a small order at a
    higher price can still be the cheaper way through a cycle, and levels do not know of it.
    """
    found = np.full(terms.size, np.nan)
    stepped = usual < terms.break_price[:, 0]
    rows = np.flatnonzero((terms.order_cost > 0) & (terms.service_level <= 0) & ~stepped)
    if len(rows) == 0:
        return found
    some = terms.take(rows)
    own = (net + stock)[rows]
    position = (some.on_hand + some.inbound.sum(axis=1)).astype(np.float64)
    total = net[rows] + position[:, None]
    hold = np.maximum(some.holding * np.maximum(span[rows], 1.0), 1e-9)
    short = np.maximum(some.shortage.astype(np.float64) * policy.shortage_factor, 1e-9)
    low, high, _ = reorder_levels(
        np.maximum(total.mean(axis=1), 1e-6), total.var(axis=1),
        np.maximum(own.mean(axis=1), 1e-6), own.var(axis=1),
        some.order_cost.astype(np.float64), hold, short,
        np.maximum(some.moq.astype(np.float64), 1.0),
    )  # fmt: skip
    found[rows] = np.where(position <= low + TOLERANCE, high - position, 0.0)
    return found


def _critical_ratio(span: Doubles, terms: Terms, policy: Policy) -> Doubles:
    """The chance of enough that costs least, or the service level."""
    weight = terms.shortage.astype(np.float64) * policy.shortage_factor
    ratio = weight / np.maximum(weight + terms.holding * span, 1e-12)
    return np.where(terms.service_level > 0, terms.service_level, ratio)


def _at_rank(ranked: Doubles, ratio: Doubles) -> Doubles:
    """The value of each row of sorted values at its rank."""
    count = ranked.shape[1]
    at = np.minimum((ratio * count).astype(np.intp), count - 1)
    return np.asarray(ranked[np.arange(len(ranked)), at], np.float64)


def _order_by(
    wait_lost: Doubles, quantity: Doubles, cover: Doubles, paths: Floats, terms: Terms
) -> Ints:
    """The latest wait whose added lost sales cost no more than the holding it saves."""
    waits = np.arange(wait_lost.shape[1])
    saved = terms.holding[:, None] * quantity[:, None] * waits
    dear = terms.shortage[:, None] * wait_lost > saved + TOLERANCE
    latest = np.where(dear.any(axis=1), dear.argmax(axis=1) - 1, len(waits) - 1)
    unseen = ~dear.any(axis=1) & (cover >= paths.shape[2])
    return np.asarray(np.where(unseen, len(waits), np.maximum(latest, 0)), np.int32)


def explain(decisions: Decisions, terms: Terms) -> pl.Series:
    """Why each order is what it is: per series a list of `{code, value, limit}`.

    STOCKOUT_RISK (chance without the order, with it), BELOW_TARGET (position, target), CLOSURE
    (period of the next arrival, what it would normally be), MOQ_RAISED (need, MOQ), PACK_ROUNDED
    (need, units), PRICE_BREAK (units, price), CAPACITY_LIMITED (need, capacity), OVERSTOCK
    (periods of cover, cycle), NOT_WORTH_IT (need, MOQ: the smallest lot costs more than going
    without), NO_NEED (position, target).
    """
    position = terms.on_hand + terms.inbound.sum(axis=1)
    d = decisions
    ordered = d.units > 0
    base = terms.break_price[:, 0]
    cycle = (d.next_arrival).astype(np.float32)
    usual = d.normal_arrival + terms.review
    reasons: list[tuple[str, Bools, Any, Any]] = [
        ("STOCKOUT_RISK", d.p_stockout_now >= 0.05, d.p_stockout_now, d.p_stockout_after),
        ("BELOW_TARGET", ordered, position, d.order_up_to),
        ("CLOSURE", d.next_arrival > usual, d.next_arrival, usual),
        ("MOQ_RAISED", ordered & (d.need < terms.moq), d.need, terms.moq),
        ("PACK_ROUNDED", ordered & (d.units > d.need) & (terms.pack > 1), d.need, d.units),
        ("PRICE_BREAK", ordered & (d.unit_price < base), d.units, d.unit_price),
        ("CAPACITY_LIMITED", d.need > terms.capacity, d.need, terms.capacity),
        ("OVERSTOCK", d.periods_of_cover > 3 * cycle, d.periods_of_cover, cycle),
        ("NOT_WORTH_IT", ~ordered & (d.need > 0), d.need, terms.moq),
        ("NO_NEED", ~ordered & (d.need <= 0), position, d.order_up_to),
    ]
    rows = pl.concat(
        [
            pl.DataFrame(
                {
                    "at": np.flatnonzero(where),
                    "code": [code] * int(where.sum()),
                    "value": np.asarray(value, np.float64)[where],
                    "limit": np.asarray(limit, np.float64)[where],
                }
            )
            for code, where, value, limit in reasons
        ]
    )
    lists = rows.group_by("at", maintain_order=True).agg(
        pl.struct("code", "value", "limit").alias("why")
    )
    order = pl.DataFrame({"at": np.arange(terms.size)})
    return order.join(lists, on="at", how="left", maintain_order="left")["why"]
