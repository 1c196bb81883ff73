"""What keeps the index, what is alike and what answers saved searches up to the catalog."""

import datetime as dt
import functools
from collections.abc import Awaitable, Callable
from uuid import UUID

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.search import actions, queries
from beltline.search.actions import alike, comparing, encoding, nearby, saved
from beltline.search.queries import alike as alike_queries
from beltline.search.types import LookedAt, ReadSoFar, VectorKind


@job(actions.INDEX_KIND)
async def index_goods(run: Run) -> int:
    """Bring every changed SKU into the index, batch by batch; how many were changed."""

    async def count(db: Writer, _now: dt.datetime) -> int:
        return await queries.count_changed(db)

    async def index(after: UUID, db: Writer, _now: dt.datetime) -> ReadSoFar:
        return await actions.index_batch(db, after=after, counted=total <= actions.FEW)

    async def count_words(db: Writer, _now: dt.datetime) -> int:
        return await actions.count_words(db, counted=total <= actions.FEW)

    total = await run.step("count", count, int)
    done, batch, last = 0, 0, actions.BEGIN
    # What changes behind the place that was reached is the next job's: its edit asked for one.
    while done < total:
        batch += 1
        indexed = await run.step(f"part {batch}", functools.partial(index, last), ReadSoFar)
        if not indexed.count:
            break
        done, last = done + indexed.count, indexed.last
        run.report(done=done, total=max(total, done))
    if done:
        await run.step("words", count_words, int)
    await run.step("next", lambda db, now: _go_on(db, run.actor, now))
    return done


async def _go_on(db: Writer, actor: Actor, now: dt.datetime) -> None:
    """Ask for the next jobs that have something to do: tell of goods; read, then compare them."""
    await saved.ask_to_tell(db, actor, now=now)
    if await encoding.count_unread(db):
        await nearby.ask_to_encode(db, actor, now=now)
    elif await alike_queries.count_stale_blocks(db):
        await alike.ask_to_compare(db, actor, now=now)


@job(saved.TELL_KIND)
async def tell_of_answers(run: Run) -> int:
    """Tell of goods that have come to answer saved searches; how many."""

    async def tell(after: UUID, db: Writer, now: dt.datetime) -> LookedAt:
        return await saved.tell_batch(db, after=after, now=now)

    batch, done, told, last = 0, 0, 0, saved.BEGIN
    while True:
        looked = await run.step(f"part {batch}", functools.partial(tell, last), LookedAt)
        if not looked.count:
            return told
        batch, done, told, last = batch + 1, done + looked.count, told + looked.told, looked.last
        run.report(done=done)


@job(alike.ALIKE_KIND)
async def find_alike(run: Run) -> int:
    """Compare every changed category across suppliers, then group; how many are in a group."""

    async def count(db: Writer, _now: dt.datetime) -> int:
        return await alike_queries.count_stale_blocks(db)

    async def compare(db: Writer, now: dt.datetime) -> bool:
        return await comparing.compare_block(db, now=now)

    async def compare_marks(db: Writer, now: dt.datetime) -> int:
        return await comparing.compare_marks(db, now=now)

    async def regroup(db: Writer, _now: dt.datetime) -> int:
        return await comparing.regroup(db)

    total = await run.step("count", count, int)
    for number in range(1, total + 1):
        if not await run.step(f"block {number}", compare, bool):
            break
        run.report(done=number, total=total)
    await run.step("marks", compare_marks, int)
    return await run.step("groups", regroup, int)


@job(nearby.ENCODE_KIND)
async def encode_goods(run: Run) -> int:
    """Read changed titles and new pictures, and lay out what was read; how many were read."""

    async def tidy(db: Writer, now: dt.datetime) -> int:
        await encoding.tidy(db, now=now)
        return await encoding.count_unread(db)

    async def compare(db: Writer, now: dt.datetime) -> None:
        if await alike_queries.count_stale_blocks(db):
            await alike.ask_to_compare(db, run.actor, now=now)

    total, done = await run.step("count", tidy, int), 0
    for kind, encode in _READERS.items():
        batch, last = 0, encoding.BEGIN
        while True:
            read = await run.step(
                f"{kind} {batch}", functools.partial(_read, encode, last), ReadSoFar
            )
            if not read.count:
                break
            batch, done, last = batch + 1, done + read.count, read.last
            run.report(done=done, total=max(total, done))
            if batch == 1:
                # The first goods are found while the others are still read.
                await _lay_out(run, kind, "first")
        await _lay_out(run, kind, "all")
    await run.step("next", compare)
    return done


_READERS = {
    VectorKind.MEANING: encoding.encode_meanings, VectorKind.PICTURE: encoding.encode_pictures,
}  # fmt: skip


async def _read(
    encode: Callable[..., Awaitable[ReadSoFar]], after: UUID, db: Writer, _now: dt.datetime
) -> ReadSoFar:
    return await encode(db, after=after)


async def _lay_out(run: Run, kind: VectorKind, name: str) -> None:
    async def learn(db: Writer, now: dt.datetime) -> int:
        return await encoding.learn_layout(db, kind, now=now)

    async def place(db: Writer, _now: dt.datetime) -> int:
        return await encoding.place_again(db, kind)

    if await run.step(f"{kind} learn {name}", learn, int):
        batch = 0
        while await run.step(f"{kind} place {name} {batch}", place, int):
            batch += 1


async def follow_edits(db: Writer, _event: PublishedEvent, now: dt.datetime) -> None:
    """Goods are new, changed or have one more picture: search and saved ones follow at once."""
    operator = await find_operator(db)
    if operator is not None:
        await actions.ask_to_index(db, system_actor(operator, "search"), now=now)


JOBS = (index_goods, tell_of_answers, find_alike, encode_goods)
LISTENERS = (
    Listener(
        "search.goods",
        frozenset({"goods.edited", "goods.undone", "goods.approved", "goods.pictured"}),
        follow_edits,
    ),
)
