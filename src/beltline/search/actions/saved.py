"""Use cases of saved searches: keep one, look for goods that have come to answer, tell of them."""

import datetime as dt
from typing import Final
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Reader, Writer
from beltline.kit.events import Parties
from beltline.kit.figures import decimal_text
from beltline.kit.ids import new_id
from beltline.kit.jobs import queue
from beltline.search import queries as index
from beltline.search import rules, store
from beltline.search.queries import saved as queries
from beltline.search.types import (
    LookedAt,
    NewAnswer,
    NothingAsked,
    Saved,
    SavedNameTaken,
    SavedState,
    SavedTooMany,
    SavedTooWide,
    Wishes,
)

TELL_KIND: Final = "search.alerts.v1"
# Searches that an organization keeps, and goods that may answer one when it is saved.
SAVED_MOST: Final = 200
WIDEST: Final = 5_000
# Searches looked at in one step; goods told of at a time, and in one event.
BATCH: Final = 50
TOLD_MOST: Final = 2_000
EVENT_GOODS: Final = 100
BEGIN: Final = UUID(int=0)


async def ask_to_tell(db: Writer, actor: Actor, *, now: dt.datetime) -> None:
    """Have goods looked for that have come to answer saved searches, where there are any."""
    if await queries.has_active(db):
        await queue.enqueue(
            db, actor, kind=TELL_KIND, title="Look for goods that answer saved searches",
            parameters={}, now=now,
        )  # fmt: skip


async def save(
    db: Writer, actor: Actor, *, name: str, question: str, wishes: Wishes, now: dt.datetime
) -> Saved:
    """Keep a search. What answers it now is known, and only what comes later is told of."""
    if not rules.asked_words(question):
        raise NothingAsked(param="q")
    if await queries.count_saved(db, actor.org_id) >= SAVED_MOST:
        raise SavedTooMany(most=SAVED_MOST)
    saved = Saved(
        new_id(), actor.org_id, actor.org_kind, name, question, wishes, SavedState.ACTIVE, 0,
        actor.name, now, now, 0, 0,
    )  # fmt: skip
    if not await store.insert_saved(db, saved):
        raise SavedNameTaken(name=name, param="name")
    await _learn(db, saved, on=day_of(now))
    await _audit(db, actor, saved, "save", {"name": name, "question": question}, now)
    return await queries.get_saved(db, saved.id)


async def rename(db: Writer, actor: Actor, saved_id: UUID, name: str, *, now: dt.datetime) -> Saved:
    """Call a saved search otherwise."""
    saved = await queries.get_saved(db, saved_id)
    if not await store.rename_saved(db, saved_id, name):
        raise SavedNameTaken(name=name, param="name")
    await _audit(db, actor, saved, "rename", {"name": [saved.name, name]}, now)
    return await queries.get_saved(db, saved_id)


async def pause(db: Writer, actor: Actor, saved_id: UUID, *, now: dt.datetime) -> Saved:
    """Tell of no more goods until somebody goes on; paused already, nothing happens."""
    saved = await queries.get_saved(db, saved_id)
    if await store.set_saved_state(db, saved_id, SavedState.PAUSED):
        await _audit(db, actor, saved, "pause", {}, now)
    return await queries.get_saved(db, saved_id)


async def resume(db: Writer, actor: Actor, saved_id: UUID, *, now: dt.datetime) -> Saved:
    """Tell of goods that come from now on; what came meanwhile is known and not told of."""
    saved = await queries.get_saved(db, saved_id)
    if await store.set_saved_state(db, saved_id, SavedState.ACTIVE):
        await _learn(db, saved, on=day_of(now))
        await _audit(db, actor, saved, "resume", {}, now)
    return await queries.get_saved(db, saved_id)


async def delete(db: Writer, actor: Actor, saved_id: UUID, *, now: dt.datetime) -> Saved:
    """Forget a saved search; what it was."""
    saved = await queries.get_saved(db, saved_id)
    await store.delete_saved(db, saved_id)
    await _audit(db, actor, saved, "delete", {"name": saved.name}, now)
    return saved


async def mark_seen(db: Writer, saved_id: UUID, *, now: dt.datetime) -> Saved:
    """Say that the goods that came were seen."""
    await queries.get_saved(db, saved_id)
    await store.mark_seen(db, saved_id, now)
    return await queries.get_saved(db, saved_id)


async def tell_batch(db: Writer, *, after: UUID, now: dt.datetime) -> LookedAt:
    """Tell of goods that have come to answer some saved searches, those behind an id."""
    ids = await queries.list_active(db, after=after, limit=BATCH)
    told = 0
    for saved_id in ids:
        if await store.lock_saved(db, saved_id):
            told += await _tell(db, await queries.get_saved(db, saved_id), now)
    return LookedAt(len(ids), ids[-1] if ids else after, told)


async def _tell(db: Writer, saved: Saved, now: dt.datetime) -> int:
    new = await _new_answers(db, saved, on=day_of(now), limit=TOLD_MOST)
    await store.keep_answers(db, saved, new, told_at=now)
    parts = [new[start : start + EVENT_GOODS] for start in range(0, len(new), EVENT_GOODS)]
    for n, goods in enumerate(parts, start=1):
        await events.record(
            db, type_="saved_search.answered", aggregate="saved_search", aggregate_id=saved.id,
            sequence=saved.version + n, parties=_parties_of(saved),
            data={"name": saved.name, "question": saved.question,
                  "goods": [_told(one) for one in goods]},
            now=now,
        )  # fmt: skip
    await store.note_checked(db, saved.id, events=len(parts), now=now)
    return len(new)


async def _learn(db: Writer, saved: Saved, *, on: dt.date) -> None:
    """Know what answers now without telling of it; refuses what far too many goods answer."""
    known = await _new_answers(db, saved, on=on, limit=WIDEST + 1)
    if len(known) > WIDEST:
        raise SavedTooWide(most=WIDEST, param="q")
    await store.keep_answers(db, saved, known, told_at=None)


async def _new_answers(db: Reader, saved: Saved, *, on: dt.date, limit: int) -> list[NewAnswer]:
    """Goods with all of its words whose terms fit; near words and meanings tell of too much."""
    return await queries.list_new_answers(
        db, saved, search=rules.all_of(rules.asked_words(saved.question)), on=on,
        scanned=index.SCANNED, limit=limit,
    )  # fmt: skip


def _told(one: NewAnswer) -> dict[str, str | None]:
    price = None if one.unit_price is None else decimal_text(one.unit_price)
    return {"sku": one.code, "currency": one.currency, "unit_price": price}


def _parties_of(saved: Saved) -> Parties:
    """Whose business it is: the organization's that saved it."""
    if saved.org_kind == "OPERATOR":
        return Parties(operator_org_id=saved.org_id)
    if saved.org_kind == "SUPPLIER":
        return Parties(supplier_org_id=saved.org_id)
    return Parties(buyer_org_id=saved.org_id)


async def _audit(
    db: Writer, actor: Actor, saved: Saved, action: str, change: dict[str, object],
    now: dt.datetime,
) -> None:  # fmt: skip
    await accounts.record_audit(
        db, actor, action=action, object_="saved_search", object_id=saved.id, change=change, now=now
    )
