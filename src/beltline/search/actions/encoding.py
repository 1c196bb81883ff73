"""What goods mean and how they look, kept as vectors. Only the worker imports it: it computes."""

import asyncio
import datetime as dt
from typing import Final
from uuid import UUID

from beltline.kit.db import Reader, Writer
from beltline.search import adapters, store
from beltline.search.actions.nearby import PHOTO_KEPT
from beltline.search.queries import vectors as queries
from beltline.search.types import ReadSoFar, Space, Vector, VectorKind

MEANINGS: Final = 500
PICTURES: Final = 32
PLACED: Final = 5_000
# A mean of fewer vectors tells nothing; with so many times more a layout is learned again.
LEARN_FROM: Final = 20
LEARN_AGAIN: Final = 2
BEGIN: Final = UUID(int=0)
NOWHERE: Final = (0, -1, b"")


async def count_unread(db: Reader) -> int:
    """How many products and pictures wait to be read by the models that are installed."""
    meaning = await asyncio.to_thread(adapters.meaning_model)
    picture = await asyncio.to_thread(adapters.picture_model)
    return await queries.count_unread(db, meaning=meaning, picture=picture)


async def encode_meanings(db: Writer, *, after: UUID = BEGIN) -> ReadSoFar:
    """Read the titles of some products that changed."""
    model = await asyncio.to_thread(adapters.meaning_model)
    if model is None:
        return ReadSoFar(0, after)
    rows = await queries.list_unmeant(db, model=model, after=after, limit=MEANINGS)
    titles = [list(dict.fromkeys(t for t in (row.title, row.title_zh) if t)) or [" "]
              for row in rows]  # fmt: skip
    encoded = await asyncio.to_thread(adapters.mean_texts, titles)
    placed = await _place(db, VectorKind.MEANING, encoded)
    await store.keep_vectors(db, [
        Vector(VectorKind.MEANING, row.id, row.id, model, vector, None, *where, row.source_at)
        for row, vector, where in zip(rows, encoded, placed, strict=True)
    ])  # fmt: skip
    return ReadSoFar(len(rows), rows[-1].id if rows else after)


async def encode_pictures(db: Writer, *, after: UUID = BEGIN) -> ReadSoFar:
    """Look at some pictures that nobody has looked at."""
    model = await asyncio.to_thread(adapters.picture_model)
    if model is None:
        return ReadSoFar(0, after)
    rows = await queries.list_unseen(db, model=model, after=after, limit=PICTURES)
    seen = await asyncio.to_thread(adapters.see_pictures, [row.content for row in rows])
    placed = iter(
        await _place(db, VectorKind.PICTURE, [one.vector for one in seen if one is not None])
    )
    await store.keep_vectors(db, [
        Vector(
            VectorKind.PICTURE, row.id, row.product_id, model, one.vector if one else b"",
            one.print if one else None, *(next(placed) if one else NOWHERE), row.source_at,
        )
        for row, one in zip(rows, seen, strict=True)
    ])  # fmt: skip
    return ReadSoFar(len(rows), rows[-1].id if rows else after)


async def _place(
    db: Reader, kind: VectorKind, vectors: list[bytes]
) -> list[tuple[int, int, bytes]]:
    """Space, cell and signs of new vectors; before a layout was learned they wait for one."""
    space = await queries.find_space(db, kind)
    if space is None:
        return [NOWHERE] * len(vectors)
    found = await asyncio.to_thread(adapters.place, space, vectors)
    return [(space.version, cell, signs) for cell, signs in found]


async def learn_layout(db: Writer, kind: VectorKind, *, now: dt.datetime) -> int:
    """Learn how vectors of a kind are laid out, when there are many more than at the last time.

    How many vectors there are to be placed anew.
    """
    count = await queries.count_vectors(db, kind)
    known = await queries.find_space(db, kind)
    if known is None and count:
        await store.keep_space(db, await _learn(db, kind, count, 1), now)
        return count
    if known is None or count < max(LEARN_FROM, LEARN_AGAIN * known.learned_on):
        return 0
    await store.keep_space(db, await _learn(db, kind, count, known.version + 1), now)
    return count


async def _learn(db: Reader, kind: VectorKind, count: int, version: int) -> Space:
    sample = await queries.sample_vectors(db, kind, limit=adapters.SAMPLE_MOST)
    return await asyncio.to_thread(adapters.learn, kind, sample, of=count, version=version)


async def place_again(db: Writer, kind: VectorKind) -> int:
    """Place some vectors that lie where an earlier layout put them; how many."""
    space = await queries.find_space(db, kind)
    if space is None:
        return 0
    rows = await queries.list_misplaced(db, kind, version=space.version, limit=PLACED)
    found = await asyncio.to_thread(adapters.place, space, [row.vector for row in rows])
    placed = [(row.of_id, cell, signs) for row, (cell, signs) in zip(rows, found, strict=True)]
    await store.place_vectors(db, kind, space.version, placed)
    return len(rows)


async def tidy(db: Writer, *, now: dt.datetime) -> None:
    """Forget what is of goods that are no more, and photos that nobody asks with any more."""
    await store.forget_vectors(db)
    await store.forget_photos(db, before=now - PHOTO_KEPT)
