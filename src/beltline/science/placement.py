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
    stock: Doubles, demand: Floats, freight: Doubles, *, shortage: float, holding: float
) -> tuple[Transfer, ...]:
    """Moves of one SKU between M nodes, unit by unit while a move earns more than its freight.

    `demand` is M x S until the next replenishment, `freight` M x M per unit. A unit at a node is
    worth what it saves there: `shortage` where it is asked for, less `holding` where it is not.
    Values fall with every unit, so the steepest move first is at most one unit from the best.
    """
    held = np.floor(np.asarray(stock, np.float64)).astype(int)
    moved: dict[tuple[int, int], tuple[int, float]] = {}
    ranked = np.sort(demand, axis=1)
    for _ in range(int(held.sum())):
        gives = np.array([_value(ranked[n], held[n], shortage, holding) for n in range(len(held))])
        takes = np.array(
            [_value(ranked[n], held[n] + 1, shortage, holding) for n in range(len(held))]
        )
        gain = takes[None, :] - gives[:, None] - freight
        gain[held <= 0] = -np.inf
        np.fill_diagonal(gain, -np.inf)
        origin, target = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[origin, target] <= 1e-9:
            break
        held[origin] -= 1
        held[target] += 1
        pair = int(origin), int(target)
        units, earned = moved.get(pair, (0, 0.0))
        moved[pair] = units + 1, earned + float(gain[origin, target])
    return tuple(sorted(Transfer(a, b, n, gain) for (a, b), (n, gain) in moved.items()))


def _value(ranked: Floats, unit: int, shortage: float, holding: float) -> float:
    """What the `unit`-th unit at a node is worth."""
    if unit <= 0:
        return shortage
    asked = 1.0 - np.searchsorted(ranked, unit - 1e-6, side="left") / len(ranked)
    return float(shortage * asked - holding * (1.0 - asked))
