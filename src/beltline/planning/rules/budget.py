"""Which proposals a budget buys: those that save most for their money."""

from collections.abc import Sequence
from uuid import UUID

import msgspec


class Want(msgspec.Struct, frozen=True):
    """A proposal, what it costs to buy and what it saves against buying nothing.

    `cost` and `gain` are in the plan's currency; `relief` is how much it lowers the chance of
    running out, and tells apart what saves alike.
    """

    id: UUID
    cost: float
    gain: float
    relief: float


class Bought(msgspec.Struct, frozen=True):
    """What was chosen: its cost and gain, what has to wait, and the most any choice could gain."""

    deferred: list[UUID]
    cost: float
    gain: float
    gain_bound: float


def choose(wants: Sequence[Want], budget: float) -> Bought:
    """Fill the budget by gain for money, or with the one proposal that gains more than all that.

    The bound is Dantzig's (1957) for the knapsack problem: the first that no longer fits counts by
    the part that does. What is chosen gains at least half of it, and nearly all of it where no
    single proposal is large beside the budget.
    """
    ranked = sorted(wants, key=_rank)
    fitting = [w for w in ranked if w.cost <= budget]
    chosen, left, bound, is_full = [], budget, 0.0, False
    for want in fitting:
        if want.cost <= left:
            chosen.append(want)
            left -= want.cost
            bound += 0.0 if is_full else want.gain
        elif not is_full:
            bound += want.gain * left / want.cost
            is_full = True
    best = max(fitting, key=lambda w: w.gain, default=None)
    if best is not None and best.gain > sum(w.gain for w in chosen):
        chosen = [best]
    kept = {w.id for w in chosen}
    gain = sum(w.gain for w in chosen)
    return Bought(
        deferred=[w.id for w in wants if w.id not in kept],
        cost=sum(w.cost for w in chosen), gain=gain, gain_bound=max(bound, gain),
    )  # fmt: skip


def _rank(want: Want) -> tuple[float, float, float, UUID]:
    cost = max(want.cost, 1e-9)
    return -want.gain / cost, -want.relief / cost, want.cost, want.id
