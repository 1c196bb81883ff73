"""What a decision was worth, once the demand is known.

Each position is played once more over the cycle its order was for: from the cut-off until the order
after it could be sold, with the demand that came. Every planner pays for lost margin, for capital
in what stands there, for what is left until it would be sold, and for placing an order, which is
spread over the further cycles it serves. The naive planner orders what the last week sold until
the next order, less what there is; the clairvoyant takes the cheapest of all quantities, knowing
the demand. Regret closed is the share of the way from the naive to the clairvoyant.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from beltline.science.keys import Doubles
from beltline.science.terms import round_to_lots

STEPS: Final = 24
"""Quantities the clairvoyant tries between nothing and twice what was lacking."""
MOST_WAITING: Final = 400.0
MOST_CYCLES: Final = 8.0


class Position(msgspec.Struct, frozen=True):
    """What was decided for a position, and the demand that came, by period after the cut-off.

    `decided` is what people made of it, None where nobody did; `plain` what the plan would have
    ordered without overrides. Money is in major units; `rate` is the latest demand a period.
    """

    on_hand: float
    coming: list[tuple[int, float]]
    units: float
    plain: float | None
    decided: float | None
    arrives: int
    next_arrival: int
    moq: float
    pack_size: float
    unit_cost: float
    unit_margin: float
    rate: float
    demand: list[float]


class Judged(msgspec.Struct, frozen=True):
    """Costs of one cycle in major units."""

    plan: float
    naive: float
    best: float
    decided: float | None
    plain: float | None


def judge(
    positions: Sequence[Position], *, holding_rate: float, order_cost: float, period_days: int
) -> list[Judged]:
    """The costs of every position, as planned and as others would have done."""
    if not positions:
        return []
    table = _Table.of(positions, holding_rate / 365.0 * period_days, order_cost)
    own = np.array(
        [
            [p.units, p.units if p.decided is None else p.decided,
             p.units if p.plain is None else p.plain]
            for p in positions
        ],
        np.float64,
    )  # fmt: skip
    naive = _naive(table)
    tried = np.concatenate([own, naive[:, None], _tried(table)], axis=1)
    costs = _costs(table, tried)
    best = costs.min(axis=1)
    return [
        Judged(
            plan=float(costs[i, 0]), naive=float(costs[i, 3]), best=float(best[i]),
            decided=None if p.decided is None else float(costs[i, 1]),
            plain=None if p.plain is None else float(costs[i, 2]),
        )
        for i, p in enumerate(positions)
    ]  # fmt: skip


def saved_by(
    positions: Sequence[tuple[Position, Sequence[tuple[int, float]]]], *, holding_rate: float,
    order_cost: float, period_days: int,
) -> list[float]:  # fmt: skip
    """What transfers saved each position in major units, beside the same orders without them.

    With each position come the transfers that it was planned with: period and units, below 0 what
    it gave.
    """
    plain = [
        msgspec.structs.replace(
            p, coming=[*p.coming, *((period, -units) for period, units in moved)]
        )
        for p, moved in positions
    ]  # fmt: skip
    both = judge(
        [p for p, _ in positions] + plain, holding_rate=holding_rate, order_cost=order_cost,
        period_days=period_days,
    )  # fmt: skip
    half = len(positions)
    return [
        without.plan - planned.plan
        for planned, without in zip(both[:half], both[half:], strict=True)
    ]  # fmt: skip


def regret_closed(plan: float, naive: float, best: float) -> float | None:
    """The share of the way from the naive planner to the clairvoyant; None where there is none."""
    return (naive - plan) / (naive - best) if naive > best else None


class _Table(msgspec.Struct, frozen=True, eq=False):
    """Positions as arrays: N, or N x W over the longest cycle."""

    stock: Doubles
    coming: Doubles
    demand: Doubles
    first: Any
    end: Any
    moq: Doubles
    pack: Doubles
    holding: Doubles
    margin: Doubles
    rate: Doubles
    order_cost: float

    @classmethod
    def of(cls, positions: Sequence[Position], holding: float, order_cost: float) -> "_Table":
        wide = max(p.next_arrival for p in positions)
        coming, demand = np.zeros((len(positions), wide)), np.zeros((len(positions), wide))
        for i, p in enumerate(positions):
            for period, units in p.coming:
                if period < wide:
                    coming[i, period] += units
            demand[i, : p.next_arrival] = p.demand[: p.next_arrival]
        return cls(
            stock=np.array([p.on_hand for p in positions], np.float64),
            coming=coming, demand=demand,
            first=np.array([p.arrives for p in positions]),
            end=np.array([p.next_arrival for p in positions]),
            moq=np.array([p.moq for p in positions], np.float64),
            pack=np.array([p.pack_size for p in positions], np.float64),
            holding=np.array([p.unit_cost * holding for p in positions]),
            margin=np.array([p.unit_margin for p in positions]),
            rate=np.array([p.rate for p in positions]), order_cost=order_cost,
        )  # fmt: skip


def _costs(table: _Table, units: Doubles) -> Doubles:
    """Cost of each quantity (N x C) with the demand that came."""
    stock = np.repeat(table.stock[:, None], units.shape[1], axis=1)
    lost, held = np.zeros_like(stock), np.zeros_like(stock)
    for t in range(table.demand.shape[1]):
        runs = (t < table.end)[:, None]
        came = table.coming[:, t, None] + np.where((t == table.first)[:, None], units, 0.0)
        stock = np.where(runs, stock + came, stock)
        gone = np.where(runs, np.minimum(stock, table.demand[:, t, None]), 0.0)
        lost += np.where(runs, table.demand[:, t, None] - gone, 0.0)
        stock -= gone
        held += np.where(runs, stock, 0.0)
    mean = np.maximum(table.demand.sum(axis=1) / np.maximum(table.end, 1), 1e-3)[:, None]
    waiting = stock * np.minimum(stock / (2.0 * mean), MOST_WAITING)
    cycle = np.maximum(mean * np.maximum(table.end - table.first, 1)[:, None], 1e-3)
    further = 1.0 + np.minimum(np.floor(stock / cycle), MOST_CYCLES)
    return np.asarray(
        table.margin[:, None] * lost + table.holding[:, None] * (held + waiting)
        + table.order_cost * (units > 0) / further
    )  # fmt: skip


def _naive(table: _Table) -> Doubles:
    """What the last week sold, until the next order, less what there is and comes."""
    need = table.rate * table.end - table.stock - table.coming.sum(axis=1)
    return _lots(table, need[:, None])[:, 0]


def _tried(table: _Table) -> Doubles:
    """Quantities the clairvoyant looks at: none, and steps up to twice what is lacking."""
    lacking = np.maximum(
        table.demand.sum(axis=1) - table.stock - table.coming.sum(axis=1), table.moq
    )
    steps = np.linspace(0.0, 2.0, STEPS + 1)[None, :] * lacking[:, None]
    return _lots(table, steps)


def _lots(table: _Table, need: Doubles) -> Doubles:
    limit = np.full(len(table.moq), np.inf)
    raised = np.where(need > 0, np.maximum(need, table.moq[:, None]), 0.0)
    return round_to_lots(raised, table.moq, table.pack, limit)
