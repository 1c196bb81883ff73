"""Writes of stock. Everything else that moves stock is a SQL function that others call."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.inventory.types import StockItem, StockOutcome
from beltline.inventory.types.adjustments import AdjustmentWanted
from beltline.inventory.types.counts import CountEntry, CountWanted
from beltline.inventory.types.lots import LotNamed, LotRule
from beltline.inventory.types.transfers import TransferWanted
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.kit.staging import Imported, RowProblem
from beltline.kit.texts import N_


class _Outcome(msgspec.Struct, frozen=True):
    owner: str | None
    outcome: str
    version: int | None
    shortage: bool


async def set_stock(
    db: Writer, actor: Actor, items: Sequence[StockItem], now: dt.datetime
) -> list[StockOutcome]:
    """Set what stands; one outcome an item, in the order given."""
    outcomes = await db.rows(
        _Outcome,
        "select owner, outcome, version, shortage"
        " from inventory.set_stock($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        [item.sku for item in items],
        [item.node for item in items],
        [item.owner for item in items],
        [item.on_hand for item in items],
        [item.version for item in items],
        now,
    )
    return [
        StockOutcome(item.sku, item.node, done.owner, done.outcome, done.version, done.shortage)
        for item, done in zip(items, outcomes, strict=True)
    ]


async def adjust(db: Writer, actor: Actor, wanted: AdjustmentWanted, now: dt.datetime) -> UUID:
    """Ask for a change, which is done at once up to the limit; its id."""
    adjustment_id = new_id()
    await db.execute(
        "select inventory.adjust($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        actor.as_row(),
        adjustment_id,
        wanted.sku,
        wanted.node,
        wanted.owner,
        wanted.kind,
        wanted.quantity,
        wanted.reason,
        wanted.note,
        now,
    )
    return adjustment_id


async def decide_adjustment(
    db: Writer, actor: Actor, adjustment_id: UUID, *, is_approved: bool, now: dt.datetime
) -> None:
    """Carry out or reject what waits."""
    await db.execute(
        "select inventory.decide_adjustment($1, $2, $3, $4)",
        actor.as_row(),
        adjustment_id,
        is_approved,
        now,
    )


async def send_transfers(
    db: Writer, actor: Actor, wanted: Sequence[TransferWanted], now: dt.datetime
) -> list[UUID]:
    """Send what is free; the ids of what went."""
    return await db.values(
        "select inventory.send_transfers($1, $2, $3)",
        actor.as_row(),
        [msgspec.to_builtins(one) for one in wanted],
        now,
    )


async def end_transfer(
    db: Writer, actor: Actor, transfer_id: UUID, *, quantity: int, is_back: bool, now: dt.datetime
) -> None:
    """Receive a transfer at its target, or back at its origin."""
    await db.execute(
        "select inventory.end_transfer($1, $2, $3, $4, $5)",
        actor.as_row(),
        transfer_id,
        quantity,
        is_back,
        now,
    )


async def watch(
    db: Writer, actor: Actor, *, sku: str, node: str, low_at: int | None, now: dt.datetime
) -> int:
    """Tell when no more than `low_at` units are available; on how many rows."""
    rows: int = await db.value(
        "select inventory.watch($1, $2, $3, $4, $5)", actor.as_row(), sku, node, low_at, now
    )
    return rows


async def tell_low(db: Writer, now: dt.datetime) -> int:
    """Tell of every row that fell to where somebody wants to know it; how many."""
    told: int = await db.value("select inventory.tell_low(null, $1)", now)
    return told


async def open_count(
    db: Writer, actor: Actor, wanted: CountWanted, *, most: int, now: dt.datetime
) -> UUID:
    """Freeze a sheet of at most so many lines; its id."""
    count_id = new_id()
    await db.execute(
        "select inventory.open_count($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        actor.as_row(),
        count_id,
        wanted.node,
        None if wanted.skus is None else list(wanted.skus),
        wanted.words,
        wanted.is_blind,
        wanted.note,
        most,
        now,
    )
    return count_id


async def count_lines(
    db: Writer, actor: Actor, count_id: UUID, entries: Sequence[CountEntry], now: dt.datetime
) -> list[str]:
    """Write down what was found; an outcome an entry, in the order given."""
    outcomes: list[str] = await db.values(
        "select outcome from inventory.count_lines($1, $2, $3, $4, $5, $6, $7) order by n",
        actor.as_row(),
        count_id,
        [entry.sku for entry in entries],
        [entry.owner for entry in entries],
        [entry.counted for entry in entries],
        [entry.is_found for entry in entries],
        now,
    )
    return outcomes


async def post_count(
    db: Writer, actor: Actor, count_id: UUID, *, skip_uncounted: bool, now: dt.datetime
) -> None:
    """Book the differences as adjustments."""
    await db.execute(
        "select inventory.post_count($1, $2, $3, $4)", actor.as_row(), count_id, skip_uncounted, now
    )


async def cancel_count(db: Writer, actor: Actor, count_id: UUID, now: dt.datetime) -> None:
    """End a count that changes nothing more."""
    await db.execute("select inventory.cancel_count($1, $2, $3)", actor.as_row(), count_id, now)


async def keep_lots(db: Writer, actor: Actor, rule: LotRule, now: dt.datetime) -> None:
    """Say how the lots of a SKU are kept."""
    await db.execute(
        "select inventory.keep_lots($1, $2, $3, $4, $5, $6)",
        actor.as_row(),
        rule.sku,
        rule.kind,
        rule.shelf_life_days,
        rule.soon_days,
        now,
    )


async def name_lot(db: Writer, actor: Actor, named: LotNamed, now: dt.datetime) -> None:
    """Say which lot some units are of."""
    await db.execute(
        "select inventory.name_lot($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        actor.as_row(),
        named.sku,
        named.node,
        named.owner,
        named.source,
        named.lot,
        named.expires_date,
        named.units,
        now,
    )


async def hold_expired(db: Writer, *, limit: int, now: dt.datetime) -> int:
    """Take what has expired off sale; on how many rows of at most so many."""
    rows: int = await db.value("select inventory.hold_expired(null, $1, $2)", limit, now)
    return rows


class _Difference(msgspec.Struct, frozen=True):
    row: int
    line: dict[str, Any]
    is_new: bool


async def merge_stock(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Set the staged rows that differ from what is known; the others change nothing."""
    staged = int(await db.value(f"select count(*) from {name}"))
    different = await db.rows(
        _Difference,
        f"""select i.row, s.sku_id is null as is_new,
                   jsonb_build_object('sku_id', k.id, 'node_id', n.id, 'owner_org_id', o.id,
                     'kind', coalesce(i.kind, 'COUNTED'), 'on_hand', i.on_hand::bigint,
                     'version', i.version, 'operator_org_id', accounts.operator_org()) as line
              from {name} i
              join catalog.sku k on k.code = i.sku
              join trade.node n on n.code = i.node
              join accounts.organization o
                on case when i.owner is null then o.id = accounts.operator_org()
                        else o.code = i.owner end
              left join inventory.stock s
                on s.sku_id = k.id and s.node_id = n.id and s.owner_org_id = o.id
             where s.sku_id is null or s.on_hand <> i.on_hand
                or s.kind <> coalesce(i.kind, 'COUNTED')
                or s.version <> coalesce(i.version, s.version)
             order by k.id, n.id, o.id""",
    )
    if not different:
        return Imported(unchanged=staged)
    outcomes = await db.value(
        "select inventory.set_on_hand($1, 'import', null, $2)",
        [each.line for each in different],
        now,
    )
    refused = [
        _stale(each, outcome)
        for each, outcome in zip(different, outcomes, strict=True)
        if outcome["outcome"] in ("STALE", "COUNTED")
    ]
    inserted = sum(1 for each in different if each.is_new)
    return Imported(
        inserted,
        len(different) - inserted - len(refused),
        staged - len(different),
        tuple(refused),
    )


def _stale(each: _Difference, outcome: dict[str, Any]) -> RowProblem:
    if outcome["outcome"] == "COUNTED":
        return RowProblem(
            each.row, "kind", "inventory.counted", "DECLARED",
            N_("This stock was counted; a declaration does not replace a count."),
            N_("Count it again, or leave the row out."),
        )  # fmt: skip
    return RowProblem(
        each.row, "version", "inventory.stale_version", str(each.line["version"]),
        N_("The source already sent a newer version than {value}."),
        N_("Send the newest export, or leave the version out."),
    )  # fmt: skip
