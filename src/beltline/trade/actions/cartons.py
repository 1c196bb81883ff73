"""Use cases of cartons: bring in what nodes pack into, by file or one by one."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.trade import queries, store
from beltline.trade.types import CartonBody, CartonEndsFirst, NotPackedHere, PrefixUnusable

_NAME = "incoming_cartons"
_TYPES = {
    "node": "text", "code": "text", "length_mm": "int", "width_mm": "int", "height_mm": "int",
    "tare_g": "int", "load_g_max": "int", "cost": "numeric(18, 6)", "currency": "text",
    "valid_from": "date", "valid_until": "date",
}  # fmt: skip
_USABLE = (
    Reference(
        "node", "trade.unknown_node",
        N_("No node has the code “{value}”."),
        "exists (select from trade.node n where n.code = i.node)",
        N_("Import the node first, or correct its code."),
    ),
    Reference(
        "node", "trade.packs_nothing",
        N_("{value} is a factory; the operator packs nothing there."),
        "exists (select from trade.node n where n.code = i.node and n.kind <> 'FACTORY')",
        N_("Name a node of the operator."),
    ),
    Reference(
        "valid_until", "trade.ends_before_it_begins",
        N_("{value} lies before the first day."), "i.valid_until >= i.valid_from",
        N_("Let it end on or after its first day."),
    ),
)  # fmt: skip


async def import_cartons(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change cartons from canonical CSV; one without a first day is used from today."""
    today = day_of(now)
    await stage(db, _NAME, _TYPES, columns, csv)
    await db.execute(f"update {_NAME} set valid_from = coalesce(valid_from, $1)", today)
    problems = await refuse_unknown(db, _NAME, _USABLE)
    done = await store.merge_cartons(db, _NAME, actor.org_id, today, now)
    return done + Imported(problems=problems)


async def keep_carton(db: Writer, actor: Actor, carton: CartonBody, *, now: dt.datetime) -> UUID:
    """Add a carton, or change the one of its node, code and first day (today unless given).

    Its id. A carton that is used no more gets a last day; what was packed into it stays.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    node = await queries.get_node(db, carton.node)
    if node.kind == "FACTORY":
        raise NotPackedHere(node=node.code, param="node")
    first = carton.valid_from or day_of(now)
    if carton.valid_until is not None and carton.valid_until < first:
        raise CartonEndsFirst(
            carton=carton.code, first=first.isoformat(), last=carton.valid_until.isoformat(),
            param="valid_until",
        )  # fmt: skip
    return await store.keep_carton(db, actor, node.id, carton, first, now)


async def set_gs1_prefix(db: Writer, actor: Actor, prefix: str, *, now: dt.datetime) -> None:
    """Make SSCCs of a GS1 company prefix from now on; an empty one makes none any more.

    Codes that were given stay; a prefix that comes back goes on with its own numbers.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    digits = prefix.replace(" ", "")
    if digits and not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 12):
        raise PrefixUnusable(prefix=prefix[:40], param="prefix")
    await store.set_gs1_prefix(db, actor, digits, now)
