"""What to move between nodes before anything is bought.

All nodes of a SKU lie in one shard, so its transfers are decided there, from the paths of demand
that its orders are decided by, and the orders of every node that gives or takes are decided anew
with what leaves it and what comes. A unit moved saves a lost sale where it arrives before a
purchase could, and a purchase else; where it is taken from, it saves being kept until it is sold.
Only the operator's own free units move, and never slower than a purchase would come.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np
import polars as pl

from beltline.kit.uom import Uom, base_unit
from beltline.planning.rules.overrides import decide_anew, factors, paths_of
from beltline.planning.rules.remedies import LEAST_RATE, LOST_AFTER_DAYS
from beltline.planning.rules.shards import Frame, SeriesContext
from beltline.planning.rules.ways import Route
from beltline.planning.types import Reason
from beltline.science.forecast import Model
from beltline.science.keys import Doubles, Floats
from beltline.science.panel import Panel
from beltline.science.placement import Transfer, decide_transfers
from beltline.science.shard import Settings
from beltline.science.terms import Terms

STEPS: Final = 64
"""A need is filled in so many lots at most: what is moved is a multiple of them."""
WANTS: Final = 0.02
"""A node whose chance of running out is lower, and which orders nothing, needs no transfer."""


class Move(msgspec.Struct, frozen=True):
    """Units of a SKU to move from node to node.

    `gain` is after `freight`, both for all units in major units of the plan's currency; `origin`
    and `target` are positions of series in the shard, `origin` None where the goods lie idle.
    """

    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID
    quantity: int
    gain: float
    freight: float
    is_assumed: bool
    order_by: dt.date
    arrives: int
    expected_date: dt.date
    origin_code: str
    why: list[Reason]
    origin: int | None
    target: int


class Spare(msgspec.Struct, frozen=True):
    """What a node still has to spare for a series (its position in the shard) after all moves.

    It costs more to keep than to send, and comes sooner than a purchase.
    """

    sku_id: UUID
    origin_node_id: UUID
    target: int
    units: float


class _Node(msgspec.Struct, frozen=True, eq=False):
    """One node of a SKU: what stands there, and what is asked of it, by path.

    `urgent` is needed before a purchase could arrive, `needed` what a purchase would have to bring
    beside it; `series` is None where goods lie idle. `rate` is units a day.
    """

    node_id: UUID
    code: str
    series: int | None
    on_hand: float
    movable: float
    urgent: Floats
    needed: Floats
    days: float
    rate: float


def transfer(
    frame: Frame, model: Model, panel: Panel, terms: Terms, settings: Settings,
    contexts: Sequence[SeriesContext], decisions: pl.DataFrame,
) -> tuple[Terms, pl.DataFrame, list[Move]]:  # fmt: skip
    """What moves between the nodes of a shard's SKUs, and its terms and decisions with that."""
    rows = list(decisions.iter_rows(named=True))
    groups = wanting(contexts, rows)
    if not groups:
        return terms, decisions, []
    looked = np.array([i for group in groups for i in group], np.intp)
    paths = paths_of(model, panel, settings, looked, factors(contexts, frame.periods))
    place = {int(i): at for at, i in enumerate(looked)}
    moves: list[Move] = []
    spares: list[Spare] = []
    for group in groups:
        own, left = moves_of(frame, terms, contexts, rows, group, paths[[place[i] for i in group]])
        moves += own
        spares += left
    touched = {m.target for m in moves} | {m.origin for m in moves if m.origin is not None}

    def anew(series: set[int], agreed: Terms, known: pl.DataFrame) -> pl.DataFrame:
        if not series:
            return known
        some = np.array(sorted(series), np.intp)
        return decide_anew(agreed, settings, panel, some, paths[[place[i] for i in some]], known)

    terms = applied(terms, moves)
    decisions = anew(touched, terms, decisions)
    waiting = _waiting(spares, decisions["units"].to_list())
    capacity = terms.capacity.copy()
    capacity[sorted(waiting)] = 0.0
    terms = msgspec.structs.replace(terms, capacity=capacity)
    return terms, anew(waiting, terms, decisions), moves


def _waiting(spares: Sequence["Spare"], units: Sequence[float]) -> set[int]:
    """The series that buy nothing now: another node can spare it, and sends it sooner."""
    left = {(s.sku_id, s.origin_node_id): s.units for s in spares}
    found: set[int] = set()
    for spare in spares:
        wanted, key = units[spare.target], (spare.sku_id, spare.origin_node_id)
        if spare.target not in found and 0 < wanted <= left[key]:
            left[key] -= wanted
            found.add(spare.target)
    return found


def wanting(
    contexts: Sequence[SeriesContext], decisions: Sequence[Mapping[str, Any]]
) -> list[list[int]]:
    """The series of each SKU that may move: some node needs units and has a way to get them."""
    groups: dict[UUID, list[int]] = {}
    for i, context in enumerate(contexts):
        groups.setdefault(context.sku_id, []).append(i)
    return [
        sorted(members, key=lambda i: contexts[i].node)
        for _, members in sorted(groups.items())
        if any(_wants(contexts[i], decisions[i]) for i in members)
    ]


def _wants(c: SeriesContext, row: Mapping[str, Any]) -> bool:
    if not c.alternatives or not any(r.arrives <= row["arrives"] for r in c.routes):
        return False
    return bool(row["units"] > 0 or row["p_stockout_now"] > WANTS)


def moves_of(
    frame: Frame, terms: Terms, contexts: Sequence[SeriesContext],
    decisions: Sequence[Mapping[str, Any]], members: Sequence[int], paths: Floats,
) -> tuple[list[Move], list[Spare]]:  # fmt: skip
    """What to move of one SKU now, and what could be moved later instead of buying more.

    `paths` (M x S x H) are the demand of its series, in their order.
    """
    takers = [i for i in members if _wants(contexts[i], decisions[i])]
    nodes = _nodes(frame, terms, contexts, decisions, members, paths)
    place = {node.node_id: n for n, node in enumerate(nodes)}
    routes: dict[tuple[int, int], Route] = {
        (place[route.node_id], place[contexts[i].node_id]): route
        for i in takers
        for route in contexts[i].routes
        if route.arrives <= decisions[i]["arrives"]
    }
    freight = np.full((len(nodes), len(nodes)), np.inf)
    for (a, b), route in routes.items():
        freight[a, b] = _freight(route, contexts[_series(nodes[b])])
    lot = _lot(contexts[takers[0]], nodes)
    cost = contexts[takers[0]].alternatives[0].cost_price
    # A unit too many costs no less where it comes to than anywhere: nothing moves that is not
    # needed there.
    kept = np.array([_kept(n, cost, frame) for n in nodes])
    found = decide_transfers(
        np.array([n.on_hand for n in nodes]) / lot,
        np.stack([n.needed for n in nodes]) / np.float32(lot),
        (freight + _late(nodes, routes, paths, members, terms)) * lot,
        shortage=np.array([0.0 if n.series is None else float(terms.shortage[n.series])
                           for n in nodes]) * lot,
        holding=np.where([n.series in takers for n in nodes], kept.max(), kept) * lot,
        urgent=np.stack([n.urgent for n in nodes]) / np.float32(lot),
        movable=np.array([n.movable for n in nodes]) / lot,
    )  # fmt: skip
    worth = [t for t in found if t.gain > frame.parameters.order_cost]
    left = [
        min(n.movable, n.on_hand - float(n.needed.max()))
        - sum(t.units * lot for t in worth if t.origin == at)
        for at, n in enumerate(nodes)
    ]  # fmt: skip
    takes = {t.target for t in worth}
    return [
        _move(frame, contexts, decisions, nodes, routes[t.origin, t.target], t, lot)
        for t in worth
    ], [
        Spare(contexts[takers[0]].sku_id, nodes[a].node_id, _series(nodes[b]), left[a])
        for a, b in sorted(routes)
        if left[a] > 0 and kept[a] > freight[a, b] and a not in takes
    ]  # fmt: skip


def applied(terms: Terms, moves: Sequence[Move]) -> Terms:
    """Terms of a shard with what moves: gone from one node, on its way to the other."""
    on_hand, inbound = terms.on_hand.copy(), terms.inbound.copy()
    for move in moves:
        if move.origin is not None:
            on_hand[move.origin] -= move.quantity
        if move.arrives < inbound.shape[1]:
            inbound[move.target, move.arrives] += move.quantity
    return msgspec.structs.replace(terms, on_hand=on_hand, inbound=inbound)


def _nodes(
    frame: Frame, terms: Terms, contexts: Sequence[SeriesContext],
    decisions: Sequence[Mapping[str, Any]], members: Sequence[int], paths: Floats,
) -> list[_Node]:  # fmt: skip
    """The nodes of a SKU by code: those that sell it, and those where it lies idle."""
    first = {i: _first(contexts[i], decisions[i]) for i in members}
    movable = {r.node_id: r.movable for i in members for r in contexts[i].routes}
    found = []
    for at, i in enumerate(members):
        c, row = contexts[i], decisions[i]
        wide = paths.shape[2]
        gap = min(max(int(row["arrives"]), 1), wide)
        end = min(max(int(row["next_arrival"]), gap), wide)
        urgent = _need(paths[at], terms.inbound[i], c.on_hand, first[i], gap)
        needed = _need(paths[at], terms.inbound[i], c.on_hand, first[i], end)
        if not _wants(c, row):
            # What is given below the stock target would have to be bought again.
            target = float(row["order_up_to"]) - float(terms.inbound[i].sum())
            needed = np.maximum(needed, np.float32(target))
        elif row["units"] > 0:
            # A purchase is made for the chance a margin is worth; so much can stand in for it.
            cycle = float(terms.holding[i]) * max(end - gap, 1)
            ratio = float(terms.shortage[i]) / max(float(terms.shortage[i]) + cycle, 1e-9)
            needed = np.maximum(needed, np.quantile(needed, ratio).astype(np.float32))
        else:
            needed = urgent
        found.append(
            _Node(
                node_id=c.node_id, code=c.node, series=i, on_hand=float(c.on_hand),
                movable=float(movable.get(c.node_id, 0)), urgent=urgent,
                needed=needed,
                days=float(end * frame.freq.days),
                rate=float(paths[at, :, :end].mean()) / frame.freq.days,
            )
        )  # fmt: skip
    none = np.zeros(paths.shape[1], np.float32)
    idle = {r.node_id: r for i in members for r in contexts[i].routes if r.is_idle}
    found += [
        _Node(
            node_id=r.node_id, code=r.node, series=None, on_hand=float(r.movable),
            movable=float(r.movable), urgent=none, needed=none, days=0.0, rate=0.0,
        )
        for r in idle.values()
    ]  # fmt: skip
    return sorted(found, key=lambda n: n.code)


def _first(c: SeriesContext, row: Mapping[str, Any]) -> int:
    """The first period in which something moved here could be sold."""
    return min((r.arrives for r in c.routes if r.arrives <= row["arrives"]), default=0)


def _need(paths: Floats, inbound: Floats, on_hand: float, first: int, end: int) -> Floats:
    """Units to stand at a node now, by path, so that nothing is missed until `end`.

    What comes in later is counted on; what is lost before `first` no transfer can save.
    """
    lacking = np.cumsum(paths - inbound[None, : paths.shape[1]], axis=1, dtype=np.float64)
    needed = np.maximum(lacking[:, :end].max(axis=1), 0.0)
    if first <= 0:
        return np.asarray(needed, np.float32)
    lost = np.maximum(lacking[:, :first].max(axis=1) - on_hand, 0.0)
    return np.asarray(np.maximum(needed - lost, 0.0), np.float32)


def _late(
    nodes: Sequence[_Node], routes: Mapping[tuple[int, int], Route], paths: Floats,
    members: Sequence[int], terms: Terms,
) -> Doubles:  # fmt: skip
    """What a way slower than the fastest one misses: the margin, by the chance to be sold out."""
    late = np.zeros((len(nodes), len(nodes)))
    for (a, b), route in routes.items():
        i = _series(nodes[b])
        fastest = min(r.arrives for (_, to), r in routes.items() if to == b)
        if route.arrives > fastest:
            lacking = np.cumsum(
                paths[list(members).index(i)] - terms.inbound[i][None, : paths.shape[2]], axis=1
            )
            out = lacking[:, : route.arrives].max(axis=1) > nodes[b].on_hand
            late[a, b] = float(terms.shortage[i]) * float(out.mean())
    return late


def _freight(route: Route, c: SeriesContext) -> float:
    """What moving a unit costs: by a rate card, or the share of its cost that is assumed."""
    return route.freight + route.share * c.alternatives[0].cost_price


def _kept(node: _Node, cost: float, frame: Frame) -> float:
    """What a unit beyond the need of a node costs until it is sold; what never is, is lost."""
    left = max(node.on_hand - float(node.needed.mean()), 0.0)
    capital = frame.parameters.holding_rate / 365.0
    if node.rate <= LEAST_RATE:
        return cost * (1.0 + capital * LOST_AFTER_DAYS)
    lasts = node.days + left / node.rate
    lost = max(lasts - LOST_AFTER_DAYS, 0.0) / max(lasts, 1e-9)
    waits = node.days + min(left / node.rate, LOST_AFTER_DAYS) / 2.0
    return cost * (lost + capital * min(waits, LOST_AFTER_DAYS))


def _lot(c: SeriesContext, nodes: Sequence[_Node]) -> int:
    """Units moved together, so that the largest need takes few steps; whole units of sale."""
    unit = base_unit(Uom(c.uom)).per_uom
    most = min(max(float(n.needed.max()) - n.on_hand for n in nodes), sum(n.movable for n in nodes))
    return max(-(-int(max(most, 0.0)) // (STEPS * unit)), 1) * unit


def _move(
    frame: Frame, contexts: Sequence[SeriesContext], decisions: Sequence[Mapping[str, Any]],
    nodes: Sequence[_Node], route: Route, t: Transfer, lot: int,
) -> Move:  # fmt: skip
    origin, target = nodes[t.origin], nodes[t.target]
    i = _series(target)
    c, row = contexts[i], decisions[i]
    step = dt.timedelta(days=frame.freq.days)
    quantity = t.units * lot
    # Until a purchase would do as well, and while the stock lasts until they are there.
    spare = int(row["order_by"]) + int(row["arrives"]) - route.arrives
    last = max(min(spare, int(row["periods_of_cover"]) - route.arrives), 0)
    return Move(
        sku_id=c.sku_id, origin_node_id=origin.node_id, target_node_id=target.node_id,
        quantity=quantity, gain=t.gain - frame.parameters.order_cost,
        freight=_freight(route, c) * quantity, is_assumed=not route.service,
        order_by=frame.order_date + last * step, arrives=route.arrives,
        expected_date=frame.cut_off + step + route.arrives * step, origin_code=origin.code,
        why=_why(frame, c, row, origin, target, route), origin=origin.series, target=i,
    )  # fmt: skip


def _why(
    frame: Frame, c: SeriesContext, row: Mapping[str, Any], origin: _Node, target: _Node,
    route: Route,
) -> list[Reason]:  # fmt: skip
    purchase = (int(row["arrives"]) + 1) * frame.freq.days
    told = [
        Reason(code="TRANSFER_NEED", name=target.code, value=float(c.on_hand + c.inbound),
               limit=float(round(row["order_up_to"]))),
        Reason(code="TRANSFER_IDLE", name=origin.code, value=origin.on_hand)
        if origin.series is None else
        Reason(code="TRANSFER_SPARE", name=origin.code, value=origin.on_hand,
               limit=round(float(origin.needed.mean()), 1)),
        Reason(code="TRANSFER_SOONER", value=float(route.days), limit=float(purchase)),
    ]  # fmt: skip
    unit = base_unit(Uom(c.uom)).per_uom
    if route.service:
        told.append(Reason(code="TRANSFER_FREIGHT", name=route.service,
                           value=round(route.freight * unit, 4)))  # fmt: skip
    else:
        told.append(Reason(code="TRANSFER_ASSUMED", value=route.share, limit=float(route.days)))
    return told


def _series(node: _Node) -> int:
    if node.series is None:
        raise LookupError(f"nothing is sold at {node.code}")
    return node.series
