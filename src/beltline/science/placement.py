"""Whose stock and where: forward, left at the factory, or owned; and what to move between nodes.

All by sample paths of one cycle's demand. A model's quantity is the newsvendor's at its own
margin and risk, so the profits of the models are those of each at its best.
"""

import enum

import msgspec
import numpy as np

from beltline.science.keys import Doubles, Floats


class Model(enum.StrEnum):
    """Sales model of a SKU at a node."""

    VIRTUAL = "VIRTUAL"
    PRESTOCK = "PRESTOCK"
    OWNED = "OWNED"


class Economics(msgspec.Struct, frozen=True, eq=False):
    """What a unit earns and risks under one model, for N SKUs; amounts per unit, one currency.

    `margin` is earned by a unit sold, `carry` paid for a unit left after the cycle (holding of
    the cycle, obsolescence, clearance or return), `handling` for every unit put forward.
    `converted` is the share of demand that still buys at this model's delivery time, `kept` the
    share of promises that are kept, and `broken` what each that is not costs.
    """

    margin: Doubles
    carry: Doubles
    handling: Doubles
    converted: Doubles
    kept: Doubles
    broken: Doubles


class Placement(msgspec.Struct, frozen=True, eq=False):
    """For N SKUs: units to place under each model, expected profit of each, index of the best.

    Columns are in the order of `models`; VIRTUAL places nothing.
    """

    models: tuple[Model, ...]
    units: Doubles
    profit: Doubles
    best: Doubles


class Transfer(msgspec.Struct, frozen=True, order=True):
    """Units to move between two nodes (indices) and the expected gain after freight."""

    origin: int
    target: int
    units: int
    gain: float


def decide_models(demand: Floats, economics: dict[Model, Economics]) -> Placement:
    """Units and expected profit of every model offered, from N x S demand of a cycle.

    A SKU no model earns anything with is best left at the factory, where nothing is risked.
    """
    models = tuple(sorted(economics))
    ranked = np.sort(demand.astype(np.float64), axis=1)
    parts = [_one_model(ranked, model, economics[model]) for model in models]
    units = np.stack([u for u, _ in parts], axis=1)
    profit = np.stack([p for _, p in parts], axis=1)
    return Placement(models=models, units=units, profit=profit, best=profit.argmax(axis=1))


def _one_model(ranked: Doubles, model: Model, own: Economics) -> tuple[Doubles, Doubles]:
    wanted = ranked * own.converted[:, None]
    earned = own.margin * own.kept - own.broken * (1.0 - own.kept)
    if model is Model.VIRTUAL:
        return np.zeros(len(ranked)), wanted.mean(axis=1) * np.maximum(earned, 0.0)
    gain = np.maximum(earned - own.handling, 0.0)
    ratio = gain / np.maximum(gain + own.carry + own.handling, 1e-12)
    count = ranked.shape[1]
    at = np.minimum((ratio * count).astype(np.intp), count - 1)
    best = np.where(ratio > 0, np.ceil(wanted[np.arange(len(ranked)), at] - 1e-9), 0.0)
    units, profit = np.zeros(len(ranked)), np.zeros(len(ranked))
    for tried in (best, np.maximum(best - 1.0, 0.0)):
        sold = np.minimum(wanted, tried[:, None]).mean(axis=1)
        worth = earned * sold - own.carry * (tried - sold) - own.handling * tried
        units, profit = np.where(worth > profit, tried, units), np.maximum(profit, worth)
    return units, profit


def decide_transfers(
    stock: Doubles,
    demand: Floats,
    freight: Doubles,
    *,
    shortage: float | Doubles,
    holding: float | Doubles,
    urgent: Floats | None = None,
    movable: Doubles | None = None,
) -> tuple[Transfer, ...]:
    """Moves of one SKU between M nodes, unit by unit while a move earns more than its freight.

    `demand` is M x S until the next replenishment, `freight` M x M per unit (infinite: no way). A
    unit at a node is worth what it saves there: `shortage` where it is asked for, less `holding`
    where it is not; both are per unit, of each node or of all. `urgent` is the part of the demand
    that comes before anything else could arrive (all of it unless given): only there a unit saves
    a shortage, later it saves a purchase, which is worth as much as the unit. A node gives no more
    than its `movable` units. Values fall with every unit, so the steepest move first is at most one
    unit from the best. What has given does not take, what has taken does not give: no unit goes in
    a circle.
    """
    held = np.floor(np.asarray(stock, np.float64)).astype(int)
    left = held.copy() if movable is None else np.minimum(held, np.floor(movable).astype(int))
    lost = np.broadcast_to(np.asarray(shortage, np.float64), held.shape)
    kept = np.broadcast_to(np.asarray(holding, np.float64), held.shape)
    asked = np.sort(demand, axis=1)
    pressed = asked if urgent is None else np.sort(urgent, axis=1)

    def worth(node: int, unit: int) -> float:
        return _value(pressed[node], asked[node], unit, float(lost[node]), float(kept[node]))

    nodes = range(len(held))
    gives = np.array([worth(n, held[n]) for n in nodes])
    takes = np.array([worth(n, held[n] + 1) for n in nodes])
    has_given, has_taken = np.zeros(len(held), np.bool_), np.zeros(len(held), np.bool_)
    moved: dict[tuple[int, int], tuple[int, float]] = {}
    for _ in range(int(left.sum())):
        gain = takes[None, :] - gives[:, None] - freight
        gain[(left <= 0) | has_taken] = -np.inf
        gain[:, has_given] = -np.inf
        np.fill_diagonal(gain, -np.inf)
        origin, target = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[origin, target] <= 1e-9:
            break
        left[origin] -= 1
        has_given[origin] = has_taken[target] = True
        pair = int(origin), int(target)
        units, earned = moved.get(pair, (0, 0.0))
        moved[pair] = units + 1, earned + float(gain[origin, target])
        for node, change in ((pair[0], -1), (pair[1], 1)):
            held[node] += change
            gives[node], takes[node] = worth(node, held[node]), worth(node, held[node] + 1)
    return tuple(sorted(Transfer(a, b, n, gain) for (a, b), (n, gain) in moved.items()))


def _value(pressed: Floats, asked: Floats, unit: int, shortage: float, holding: float) -> float:
    """What the `unit`-th unit at a node is worth; `pressed` and `asked` are ranked."""
    if unit <= 0:
        return shortage
    lost = 1.0 - np.searchsorted(pressed, unit - 1e-6, side="left") / len(pressed)
    idle = np.searchsorted(asked, unit - 1e-6, side="left") / len(asked)
    return float(shortage * lost - holding * idle)
