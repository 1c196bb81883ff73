"""Use cases of meaning and pictures: goods near a question, and photos to ask with.

Models and numbers are loaded behind a web process that serves already (`prepare`), or when somebody
first asks, so that it starts without them.
"""

import asyncio
import datetime as dt
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id
from beltline.kit.images import clean_image
from beltline.kit.jobs import queue
from beltline.search import rules, store
from beltline.search.queries import vectors
from beltline.search.types import (
    Hit,
    NoPictureModel,
    Photo,
    PhotoUnreadable,
    Space,
    VectorKind,
    Wishes,
)

ENCODE_KIND: Final = "search.encode.v1"
PHOTO_KEPT: Final = dt.timedelta(days=1)
# Goods nearest by signs that are asked for their terms, more of them where too few fit; at first
# one of so many of all, where that is more: signs tell apart less, the closer goods lie.
ASKED: Final = (600, 3_000, 6_000)
ASKED_OF: Final = 500
# Of those that fit so many are compared in full.
COMPARED: Final = 500
# Vectors that filters of category and maker leave: so few are all looked through.
NARROW: Final = 3_000
MEANINGS_KEPT: Final = 1_000

_ADAPTERS: Final = "beltline.search.adapters"
_SPACES: dict[VectorKind, Space] = {}
_MEANINGS: dict[str, bytes] = {}


async def ask_to_encode(db: Writer, actor: Actor, *, now: dt.datetime) -> None:
    """Have changed titles and new pictures read in the background."""
    await queue.enqueue(
        db, actor, kind=ENCODE_KIND, title="Read goods for search by meaning", parameters={},
        now=now,
    )  # fmt: skip


async def keep_photo(db: Writer, actor: Actor, data: bytes, *, now: dt.datetime) -> Photo:
    """Look at a photo that goods are to be found with; its vector is kept for a day."""
    image = clean_image(data)
    adapters = await _loaded()
    if await asyncio.to_thread(adapters.picture_model) is None:
        raise NoPictureModel
    (seen,) = await asyncio.to_thread(adapters.see_pictures, [image.content])
    if seen is None:
        raise PhotoUnreadable(param="photo")
    photo = Photo(new_id(), seen.vector, now)
    await store.insert_photo(db, photo, org_id=actor.org_id)
    return photo


async def find_by_meaning(
    db: Reader, question: str, *, wishes: Wishes, on: dt.date, few: Sequence[UUID] | None = None
) -> list[tuple[Hit, float]]:
    """Goods that mean nearly what a question does, and how near; nothing where nothing is kept.

    `few`: the SKUs that can answer, where they are known (`queries.list_few`).
    """
    space = await _space(db, VectorKind.MEANING)
    if space is None:
        return []
    vector = await _meaning_of(question)
    if vector is None:
        return []
    return await _find(db, space, vector, wishes=wishes, on=on, few=few)


async def find_by_photo(
    db: Reader, photo_id: UUID, *, wishes: Wishes, on: dt.date
) -> list[tuple[Hit, float]]:
    """Goods that look nearly like a photo, and how nearly."""
    photo = await vectors.get_photo(db, photo_id)
    space = await _space(db, VectorKind.PICTURE)
    if space is None:
        return []
    return await _find(db, space, photo.vector, wishes=wishes, on=on)


async def _meaning_of(question: str) -> bytes | None:
    """What a question means, read once while it is asked again: with filters, on its next page."""
    if question not in _MEANINGS:
        adapters = await _loaded()
        vector = await asyncio.to_thread(adapters.mean_question, question)
        if vector is None:
            return None
        if len(_MEANINGS) >= MEANINGS_KEPT:
            _MEANINGS.pop(next(iter(_MEANINGS)), None)
        _MEANINGS[question] = vector
    return _MEANINGS[question]


async def _find(
    db: Reader, space: Space, vector: bytes, *, wishes: Wishes, on: dt.date,
    few: Sequence[UUID] | None = None,
) -> list[tuple[Hit, float]]:  # fmt: skip
    """Goods near a vector whose terms fit now.

    Of the goods nearest by signs those whose terms fit are compared in full, the nearest first;
    more goods are asked about where too few fit. Where category and maker, or terms, leave few, all
    of those are looked through, in whatever cell they lie.
    """
    adapters = await _loaded()
    sought = adapters.seek(space, vector)
    is_narrow = few is not None or await vectors.is_narrow(db, space.kind, wishes, most=NARROW)
    found: list[tuple[Hit, float]] = []
    for asked in steps_for(space.learned_on):
        kept, looked = await vectors.list_near(
            db, space.kind, cells=None if is_narrow else sought.cells, signs=sought.signs,
            heavy=sought.heavy, asked=asked, wishes=wishes, on=on, limit=COMPARED, few=few,
        )  # fmt: skip
        close = adapters.closeness(space, vector, [one.vector for one in kept])
        found = rules.nearest(space.kind, [one.hit for one in kept], close)
        # Where half of those compared are too far, farther ones answer nothing.
        if len(found) >= rules.ENOUGH or len(found) < len(kept) // 2 or looked < asked:
            break
    return found


def steps_for(vectors: int) -> tuple[int, ...]:
    """How many goods near a question are asked for their terms, among so many vectors."""
    first, *more = ASKED
    return max(first, min(vectors // ASKED_OF, more[0])), *more


async def _space(db: Reader, kind: VectorKind) -> Space | None:
    """The layout of a kind, read once while it stands."""
    now = await vectors.find_space_id(db, kind)
    if now is None:
        return None
    known = _SPACES.get(kind)
    if known is None or known.id != now:
        known = await vectors.find_space(db, kind)
        if known is not None:
            _SPACES[kind] = known
    return known


async def _loaded() -> ModuleType:
    """Numbers and models; the first time in a thread, because it takes a while."""
    if _ADAPTERS not in sys.modules:
        return await asyncio.to_thread(_adapters)
    return _adapters()


def prepare() -> None:
    """Load numbers and the model of meaning ahead of the first question; it takes a second."""
    _adapters().mean_question("")


def _adapters() -> ModuleType:
    """Numbers and models, imported when first needed."""
    from beltline.search import adapters  # noqa: PLC0415 - the web process starts without them

    return adapters
