"""What an order decision is given and what it answers: terms, policy, decisions."""

from typing import Any

import msgspec
import numpy as np
import polars as pl

from beltline.science.keys import Doubles, Floats, Ints

TOLERANCE = 1e-6


class Terms(msgspec.Struct, frozen=True, eq=False):
    """What is in stock, on the way and agreed, for N series over H future periods.

    `inbound[i, h]` is sold from the start of future period h on. `lead_pmf` (N x (L + 1)) is the
    chance of a nominal lead time of l periods; `arrivals[calendar[i], d, l]` the index of the
    first period in which an order of d periods from now with lead l can be sold (see
    `calendar.arrival_periods`; H = beyond). Costs: `holding` per unit and period, `shortage` per
    lost unit, `order_cost` per order. `break_quantity`, `break_price` (N x B, NaN = none)
    are the price steps, the first one the base price. `service_level` above 0 replaces the costs
    by a chance of no stock-out per cycle. `capacity` and `shelf_life` are inf where none. Where
    `backorder` is above 0 what is missing is delivered later, and `shortage` is per unit and
    period of waiting; elsewhere it is lost.
    """

    on_hand: Floats
    inbound: Floats
    lead_pmf: Floats
    arrivals: Ints
    calendar: Ints
    review: Ints
    holding: Floats
    shortage: Floats
    order_cost: Floats
    moq: Floats
    pack: Floats
    break_quantity: Floats
    break_price: Floats
    capacity: Floats
    shelf_life: Floats
    service_level: Floats
    backorder: Floats

    @property
    def size(self) -> int:
        """Number of series N."""
        return len(self.on_hand)

    def take(self, rows: Any) -> "Terms":
        """The terms of some of the series (a slice or row numbers)."""
        shared = {"arrivals"}
        parts = {k: getattr(self, k)[rows] for k in self.__struct_fields__ if k not in shared}
        return msgspec.structs.replace(self, **parts)


class Policy(msgspec.Struct, frozen=True):
    """The policy's one scalar: shortage costs are multiplied by it when quantities are chosen.

    1 is the theoretical critical ratio; `calibrate` finds the value that would have been
    cheapest.
    """

    shortage_factor: float = 1.0


class Decisions(msgspec.Struct, frozen=True, eq=False):
    """Answers for N series.

    `units` is the order to place now (MOQ and packs kept), `order_up_to` the stock position it
    aims at, `arrives` the expected first period of sale, `order_by` the latest period (0 = now,
    the length of the calendar table = not in sight) at which waiting still costs less in lost
    sales than it saves in holding. `p_stockout_now` and `p_stockout_after` are the chance of a
    lost sale until the next order could arrive, without and with this order; `fill_rate` is with
    it; `cost_now` and `expected_cost` are the expected costs over that cycle, without and with.
    `need` is the unrounded quantity at the chosen risk and `periods_of_cover` the time until
    stock and inbound run out.
    """

    unique_ids: pl.Series
    units: Floats
    order_up_to: Floats
    need: Floats
    arrives: Ints
    normal_arrival: Ints
    next_arrival: Ints
    order_by: Ints
    p_stockout_now: Floats
    p_stockout_after: Floats
    fill_rate: Floats
    cost_now: Floats
    expected_cost: Floats
    periods_of_cover: Floats
    unit_price: Floats


def make_terms(
    *,
    on_hand: Any,
    inbound: Floats,
    lead_pmf: Floats,
    review: Any = 1,
    holding: Any = 1.0,
    shortage: Any = 10.0,
    arrivals: Ints | None = None,
    **others: Any,
) -> Terms:
    """Terms with defaults: no calendar, no order cost, MOQ and pack 1, one price, no limits.

    Scalars are spread over all series; `others` are fields of `Terms`.
    """
    stock = np.asarray(on_hand, np.float32)
    n, horizon = inbound.shape
    spans = np.asarray(review, np.int32)
    if arrivals is None:
        longest = lead_pmf.shape[1]
        orders = max(int(spans.max(initial=1)) + 1, horizon)
        table = np.add.outer(np.arange(orders), np.arange(longest))
        arrivals = np.minimum(table, horizon)[None].astype(np.int32)
    empty = np.full((n, 1), np.nan, np.float32)
    plain = {
        "order_cost": 0.0, "moq": 1.0, "pack": 1.0, "capacity": np.inf, "shelf_life": np.inf,
        "service_level": 0.0, "holding": holding, "shortage": shortage, "backorder": 0.0,
    }  # fmt: skip
    flat = {k: np.broadcast_to(others.get(k, v), n).astype(np.float32) for k, v in plain.items()}
    return Terms(
        on_hand=stock,
        inbound=np.ascontiguousarray(inbound, np.float32),
        lead_pmf=np.ascontiguousarray(lead_pmf, np.float32),
        arrivals=arrivals,
        calendar=np.broadcast_to(others.get("calendar", 0), n).astype(np.int32),
        review=np.broadcast_to(spans, n).astype(np.int32),
        break_quantity=others.get("break_quantity", empty),
        break_price=others.get("break_price", empty),
        **flat,
    )


def round_to_lots(raw: Doubles, moq: Any, pack: Any, most: Any) -> Doubles:
    """At least the MOQ, whole packs, at most `most`; 0 where nothing fits or is needed."""
    lot = pack[:, None]
    units = np.ceil(np.maximum(raw, moq[:, None]) / lot - TOLERANCE) * lot
    limit = np.where(np.isfinite(most), np.floor(most / pack + TOLERANCE) * pack, np.inf)
    units = np.minimum(units, limit[:, None])
    fits = (raw > TOLERANCE) & (units >= moq[:, None])
    return np.asarray(np.where(fits, units, 0.0), np.float64)


def f32(values: Any) -> Floats:
    """Values as a contiguous float32 array."""
    return np.ascontiguousarray(values, np.float32)


def i32(values: Any) -> Ints:
    """Values rounded to an int32 array."""
    return np.asarray(np.rint(values), np.int32)
