"""Order decisions of the long tail in closed form, from mean and spread alone."""

from typing import Any

import msgspec
import numpy as np
from scipy import special

from beltline.science.cycle import MOST_WAITING
from beltline.science.forecast import Forecast
from beltline.science.keys import Doubles, Ints
from beltline.science.terms import TOLERANCE, Decisions, Policy, Terms, f32, i32, round_to_lots


def decide_closed_form(
    terms: Terms, forecast: Forecast, *, policy: Policy | None = None
) -> Decisions:
    """Decisions of the long tail from mean and spread alone, a million series in seconds.

    Demand until an arrival is taken as gamma distributed, the lead time at its mean, an order as
    one cycle's; price steps are not searched. Risks and costs are those of the approximation.
    """
    chosen = policy or Policy()
    lead, first, after = _typical_arrivals(terms, forecast.mean.shape[1])
    wait = _Gamma.of(terms, forecast, np.maximum(first, 1))
    cycle = _Gamma.of(terms, forecast, after)
    weight = terms.shortage.astype(np.float64) * chosen.shortage_factor
    hold = terms.holding.astype(np.float64) * (after - first)
    ratio = weight / np.maximum(weight + hold, 1e-12)
    ratio = np.where(terms.service_level > 0, terms.service_level, ratio)
    target = special.gammaincinv(cycle.shape, ratio) * (cycle.mean / cycle.shape)
    need = target - cycle.stock
    pack = np.maximum(terms.pack, TOLERANCE)
    units = round_to_lots(need[:, None], terms.moq, pack, terms.capacity)[:, 0]
    now, then = cycle.lost(0.0), np.maximum(cycle.lost(units), wait.lost(0.0))
    rate = np.maximum(cycle.mean / after, 1e-9)
    stock_now = np.maximum(cycle.stock - cycle.mean + now, 0.0)
    stock_then = np.maximum(cycle.stock + units - cycle.mean + then, 0.0)
    position = terms.on_hand + terms.inbound.sum(axis=1)
    idle = np.floor((cycle.stock - target) / rate)
    return Decisions(
        unique_ids=forecast.unique_ids,
        units=f32(units),
        order_up_to=f32(np.maximum(position + np.where(units > 0, units, np.minimum(need, 0)), 0)),
        need=f32(need),
        arrives=i32(first),
        normal_arrival=i32(lead),
        next_arrival=i32(after),
        order_by=i32(np.clip(idle, 0, terms.arrivals.shape[1])),
        p_stockout_now=f32(cycle.risk(0.0)),
        p_stockout_after=f32(np.maximum(cycle.risk(units), wait.risk(0.0))),
        fill_rate=f32(1.0 - np.minimum(then / cycle.mean, 1.0)),
        cost_now=f32(terms.shortage * now + hold * stock_now),
        expected_cost=f32(
            terms.shortage * then + hold * stock_then + terms.order_cost * (units > 0)
        ),
        periods_of_cover=f32(np.minimum(position / rate, MOST_WAITING)),
        unit_price=f32(terms.break_price[:, 0]),
    )


class _Gamma(msgspec.Struct, frozen=True, eq=False):
    """Demand of the first periods as gamma distributions, with the stock that meets it."""

    mean: Doubles
    shape: Doubles
    stock: Doubles

    @classmethod
    def of(cls, terms: Terms, forecast: Forecast, periods: Ints) -> "_Gamma":
        row, at = np.arange(terms.size), periods - 1
        mean = np.maximum(np.cumsum(forecast.mean, axis=1, dtype=np.float64)[row, at], 1e-9)
        spread = np.maximum(forecast.cumulative_sd[row, at].astype(np.float64), 1e-3 * mean)
        coming = np.cumsum(terms.inbound, axis=1, dtype=np.float64)[row, at]
        return cls(mean=mean, shape=(mean / spread) ** 2, stock=terms.on_hand + coming)

    def risk(self, order: Any) -> Doubles:
        """Chance that demand exceeds the stock and an order."""
        x = np.maximum(self.stock + order, 0.0) * self.shape / self.mean
        return np.asarray(special.gammaincc(self.shape, x), np.float64)

    def lost(self, order: Any) -> Doubles:
        """Expected demand above the stock and an order (partial expectation)."""
        have = np.maximum(self.stock + order, 0.0)
        x = have * self.shape / self.mean
        above = special.gammaincc(self.shape + 1.0, x) * self.mean
        over = above - have * special.gammaincc(self.shape, x)
        return np.asarray(np.maximum(over, 0.0), np.float64)


def _typical_arrivals(terms: Terms, horizon: int) -> tuple[Doubles, Ints, Ints]:
    """Mean nominal lead time, and the arrivals of an order now and of the next one with it."""
    mean = terms.lead_pmf @ np.arange(terms.lead_pmf.shape[1])
    lead = np.rint(mean).astype(np.intp)
    again = np.minimum(terms.review, terms.arrivals.shape[1] - 1)
    first = np.minimum(terms.arrivals[terms.calendar, 0, lead], horizon - 1)
    after = np.minimum(terms.arrivals[terms.calendar, again, lead], horizon)
    return mean.astype(np.float64), first, np.maximum(after, first + 1)
