"""Judging plans whose demand is known: a step after each new plan."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.money import minor_digits
from beltline.planning.queries import hindsight, transfers
from beltline.planning.rules.hindsight import Judged, Position, judge, saved_by
from beltline.planning.store import hindsight as hindsight_store
from beltline.planning.store import transfers as transfer_store
from beltline.planning.types import Parameters

AT_ONCE: Final = 4_000


async def judge_finished(db: Writer, actor: Actor) -> int:
    """Judge the plans whose cycles are over; how many."""
    runs = await hindsight.list_judgeable(db, actor.org_id)
    for run in runs:
        await _judge(db, actor, run)
    return len(runs)


async def _judge(db: Writer, actor: Actor, run: hindsight.Judgeable) -> None:
    parameters = msgspec.convert(run.parameters, Parameters)
    days = 7 if run.freq == "W" else 1
    factor = 10 ** minor_digits(parameters.currency)
    moved = await transfers.list_moved(db, run.id)
    touched = _touched(moved)
    saved: dict[hindsight.Key, float] = {}
    after: hindsight.Key | None = None
    while rows := await hindsight.list_positions(db, run, after=after, limit=AT_ONCE):
        judged = await asyncio.to_thread(
            judge, [_position(row, days) for row in rows], holding_rate=parameters.holding_rate,
            order_cost=parameters.order_cost, period_days=days,
        )  # fmt: skip
        await hindsight_store.insert_hindsight(
            db, run.id, actor.org_id,
            [_row(row, one, factor) for row, one in zip(rows, judged, strict=True)],
        )  # fmt: skip
        after = (rows[-1].sku_id, rows[-1].node_id)
        ends = [row for row in rows if (row.sku_id, row.node_id) in touched]
        found = await asyncio.to_thread(
            saved_by, [(_position(row, days), touched[row.sku_id, row.node_id]) for row in ends],
            holding_rate=parameters.holding_rate, order_cost=parameters.order_cost,
            period_days=days,
        )  # fmt: skip
        saved |= {(row.sku_id, row.node_id): s for row, s in zip(ends, found, strict=True)}
    await transfer_store.set_realised(
        db, _realised(moved, touched, saved, factor, parameters.order_cost)
    )  # fmt: skip
    sums = await hindsight.sum_hindsight(db, actor.org_id, run.id)
    summary = msgspec.to_builtins(sums) | {"regret_closed": sums.regret_closed}
    await hindsight_store.set_hindsight(db, run.id, summary)


def _touched(
    moved: Sequence[transfers.MovedRow],
) -> dict[hindsight.Key, list[tuple[int, float]]]:
    """By series, the periods and units that transfers bring to it or (below 0) take from it."""
    found: dict[hindsight.Key, list[tuple[int, float]]] = {}
    for m in moved:
        found.setdefault((m.sku_id, m.origin_node_id), []).append((0, -float(m.quantity)))
        found.setdefault((m.sku_id, m.target_node_id), []).append((m.arrives, float(m.quantity)))
    return found


def _realised(
    moved: Sequence[transfers.MovedRow],
    touched: Mapping[hindsight.Key, Sequence[tuple[int, float]]],
    saved: Mapping[hindsight.Key, float], factor: int, order_cost: float,
) -> list[transfer_store.Realised]:  # fmt: skip
    """What each transfer earned: its share, by units, of what both its ends saved, less freight.

    Where goods lay idle nothing was judged: there it is taken to have saved nothing. A transfer
    whose target was not judged stays without a figure.
    """
    found = []
    for m in moved:
        ends = [(m.sku_id, m.origin_node_id), (m.sku_id, m.target_node_id)]
        if ends[1] not in saved:
            continue
        earned = sum(
            saved.get(end, 0.0) * m.quantity / sum(abs(units) for _, units in touched[end])
            for end in ends
        )
        found.append(
            transfer_store.Realised(m.id, round((earned - order_cost) * factor) - m.freight)
        )  # fmt: skip
    return found


def _position(row: hindsight.PositionRow, days: int) -> Position:
    demand = [0.0] * row.next_arrival
    for day, units in zip(row.days, row.y, strict=True):
        demand[min((day - 1) // days, row.next_arrival - 1)] += units
    return Position(
        on_hand=row.on_hand, coming=row.coming, units=row.units, plain=row.units_plain,
        decided=row.decided, arrives=row.arrives, next_arrival=row.next_arrival, moq=row.moq,
        pack_size=row.pack_size, unit_cost=row.unit_cost, unit_margin=row.unit_margin,
        rate=row.latest * days / 7, demand=demand,
    )  # fmt: skip


def _row(row: hindsight.PositionRow, one: Judged, factor: int) -> tuple[Any, ...]:
    def minor(cost: float | None) -> int | None:
        return None if cost is None else round(cost * factor)

    return (
        row.sku_id, row.node_id, row.category, row.belt_id, minor(one.plan), minor(one.naive),
        minor(one.best), minor(one.decided), minor(one.plain),
    )  # fmt: skip
