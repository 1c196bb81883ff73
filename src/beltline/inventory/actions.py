"""Use cases of stock."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.inventory import adapters, queries, rules, store
from beltline.inventory.queries import counts
from beltline.inventory.types import StockItem, StockOutcome
from beltline.inventory.types.adjustments import Adjustment, AdjustmentWanted
from beltline.inventory.types.counts import (
    CountEntry,
    CountProblem,
    CountTaken,
    CountWanted,
    StockCount,
)
from beltline.inventory.types.lots import LotNamed, LotRule
from beltline.inventory.types.transfers import Transfer, TransferWanted
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_

_STOCK_TYPES = {
    "sku": "text", "node": "text", "owner": "text", "kind": "text", "on_hand": "numeric",
    "version": "bigint",
}  # fmt: skip
_REFERENCES = (
    Reference(
        "on_hand", "inventory.not_whole",
        N_("{value} is not a whole number of base units."), "i.on_hand = trunc(i.on_hand)",
        N_("Write whole base units (pieces; mm of goods sold by the meter; g by the kilogram)."),
    ),
    Reference(
        "sku", "catalog.unknown_sku",
        N_("No SKU has the code “{value}”."),
        "exists (select from catalog.sku k where k.code = i.sku)",
        N_("Import the SKU first, or correct its code."),
    ),
    Reference(
        "node", "trade.unknown_node",
        N_("No node has the code “{value}”."),
        "exists (select from trade.node n where n.code = i.node)",
        N_("Import the node first, or correct its code."),
    ),
    Reference(
        "owner", "accounts.unknown_organization",
        N_("No organization that can own stock has the code “{value}”."),
        """exists (select from accounts.organization o where o.code = i.owner
                    and o.kind in ('OPERATOR', 'SUPPLIER'))""",
        N_("Name the operator or a supplier."),
    ),
)  # fmt: skip


async def set_stock(
    database: Database, actor: Actor, items: Sequence[StockItem], *, now: dt.datetime
) -> list[StockOutcome]:
    """Say what stands.

    The operator by count at the network's nodes, a supplier by declaration at its own factories.
    One outcome an item, in the order given; items that are refused leave the others standing.
    Audited, with an event `stock.set` for each row that changed.
    """
    return await database.call(lambda db: store.set_stock(db, actor, items, now))


async def adjust(
    db: Writer, actor: Actor, wanted: AdjustmentWanted, *, now: dt.datetime
) -> Adjustment:
    """Change counted stock for a reason: one movement, one event, one line of the audit.

    Beyond the limit of the stock policy it waits for a second person.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    adjustment_id = await store.adjust(db, actor, wanted, now)
    return await queries.get_adjustment(db, adjustment_id)


async def decide_adjustment(
    db: Writer, actor: Actor, adjustment_id: UUID, *, is_approved: bool, now: dt.datetime
) -> Adjustment:
    """Carry out or reject an adjustment that waits; whoever asked for it may not."""
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    await store.decide_adjustment(db, actor, adjustment_id, is_approved=is_approved, now=now)
    return await queries.get_adjustment(db, adjustment_id)


async def open_count(
    db: Writer, actor: Actor, wanted: CountWanted, *, now: dt.datetime
) -> StockCount:
    """Freeze a sheet of what is to be counted at a node of the network.

    Refused where any of it is in another open count, or where there is nothing to count.
    """
    _needs_counter(actor)
    count_id = await store.open_count(db, actor, wanted, most=rules.COUNT_LINES_MAX, now=now)
    return await counts.get_count(db, count_id)


async def count_lines(
    db: Writer, actor: Actor, count_id: UUID, entries: Sequence[CountEntry], *, now: dt.datetime
) -> CountTaken:
    """Write down what was found, each with what the books say at this moment.

    A line counted twice keeps the later figure. A problem's `row` is the entry's index.
    """
    _needs_counter(actor)
    outcomes = await store.count_lines(db, actor, count_id, entries, now)
    problems = [
        CountProblem(row, entry.sku, outcome)
        for row, (entry, outcome) in enumerate(zip(entries, outcomes, strict=True))
        if outcome != "COUNTED"
    ]
    return CountTaken(len(entries) - len(problems), problems)


async def read_count_file(
    content: bytes, *, name: str
) -> tuple[dict[int, CountEntry], list[CountProblem]]:
    """The entries of a CSV or XLSX file by row, and the rows that are not right."""
    headers, rows = await asyncio.to_thread(adapters.read_sheet, content, name)
    return rules.read_count_sheet(headers, rows)


async def count_file(
    db: Writer,
    actor: Actor,
    count_id: UUID,
    read: tuple[dict[int, CountEntry], list[CountProblem]],
    *,
    now: dt.datetime,
) -> CountTaken:
    """Write down what a file says that was found; a problem's `row` is the file's row."""
    entries, problems = read
    rows = list(entries)
    taken = await count_lines(db, actor, count_id, list(entries.values()), now=now)
    found = [CountProblem(rows[p.row], p.sku, p.code) for p in taken.problems]
    return CountTaken(taken.counted, sorted([*problems, *found], key=lambda p: p.row))


async def count_sheet(db: Reader, actor: Actor, count: StockCount) -> bytes:
    """The sheet of a count as XLSX, to fill in; what the books say where the actor may see it."""
    is_shown = rules.sees_books(count, actor.role)
    lines = await counts.list_count_lines(
        db, count.id, is_shown=is_shown, limit=2 * rules.COUNT_LINES_MAX
    )
    return await asyncio.to_thread(adapters.write_sheet, lines, is_shown=is_shown)


async def post_count(
    db: Writer, actor: Actor, count_id: UUID, *, skip_uncounted: bool, now: dt.datetime
) -> StockCount:
    """Book what was found as adjustments; the large ones wait for a second person.

    Lines whose stock was corrected since are to be counted again: then the count stays open.
    """
    _needs_counter(actor)
    rules.check_reviewer(await counts.get_count(db, count_id), actor.role)
    await store.post_count(db, actor, count_id, skip_uncounted=skip_uncounted, now=now)
    return await counts.get_count(db, count_id)


async def cancel_count(db: Writer, actor: Actor, count_id: UUID, *, now: dt.datetime) -> StockCount:
    """End a count; what was not posted changes nothing."""
    _needs_counter(actor)
    rules.check_reviewer(await counts.get_count(db, count_id), actor.role)
    await store.cancel_count(db, actor, count_id, now)
    return await counts.get_count(db, count_id)


async def keep_lots(db: Writer, actor: Actor, rule: LotRule, *, now: dt.datetime) -> None:
    """Have a SKU keep lots, or no more; what stands of it waits to be named.

    Stock stands still for a moment, so that no unit is missed.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    await store.keep_lots(db, actor, rule, now)


async def name_lots(
    db: Writer, actor: Actor, named: Sequence[LotNamed], *, now: dt.datetime
) -> None:
    """Say which lots units are of and when they end; units that have ended go on hold at once."""
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    for each in named:
        await store.name_lot(db, actor, each, now)


async def hold_expired(db: Writer, *, limit: int, now: dt.datetime) -> int:
    """Take lots whose day has come off sale, of at most so many rows; how many there were."""
    return await store.hold_expired(db, limit=limit, now=now)


def _needs_counter(actor: Actor) -> None:
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")


async def send_transfers(
    db: Writer, actor: Actor, wanted: Sequence[TransferWanted], *, now: dt.datetime
) -> list[UUID]:
    """Send units from node to node: out of one, inbound at the other; the ids of what went.

    What wants more than is free of the operator's own counted stock does not go, and neither does
    what goes to or from a factory.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    return await store.send_transfers(db, actor, wanted, now)


async def end_transfer(
    db: Writer, actor: Actor, transfer_id: UUID, *, quantity: int | None = None,
    is_back: bool = False, now: dt.datetime,
) -> Transfer:  # fmt: skip
    """Receive a transfer (all of it unless a quantity is given), at its target or back again.

    What does not come in was lost on the way.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    if quantity is None:
        quantity = (await queries.get_transfer(db, transfer_id)).quantity
    await store.end_transfer(db, actor, transfer_id, quantity=quantity, is_back=is_back, now=now)
    return await queries.get_transfer(db, transfer_id)


async def watch_level(
    db: Writer, actor: Actor, *, sku: str, node: str, low_at: int | None, now: dt.datetime
) -> int:
    """Record `stock.low` when no more than `low_at` units can be had; None ends it."""
    actor.needs_role("WAREHOUSE", "PLANNER")
    return await store.watch(db, actor, sku=sku, node=node, low_at=low_at, now=now)


async def tell_low(db: Writer, *, now: dt.datetime) -> int:
    """Tell of every watched row that orders made low since; how many."""
    return await store.tell_low(db, now)


async def import_stock(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Bring in what stands where, from canonical CSV; without an owner it is the operator's.

    A row that says what is known changes nothing; one with an older version is refused.
    """
    actor.needs_operator()
    name = "incoming_stock"
    await stage(db, name, _STOCK_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, _REFERENCES)
    return await store.merge_stock(db, name, now) + Imported(problems=problems)
