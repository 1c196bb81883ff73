"""Use cases of meaning and pictures: goods near a question, and photos to ask with.

Models and numbers are loaded when somebody first asks, so that the web process starts without them.
"""

import asyncio
import datetime as dt
from types import ModuleType
from typing import Final
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id
from beltline.kit.images import clean_image
from beltline.kit.jobs import queue
from beltline.search import queries, rules, store
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
# Compared in full; more of them where filters leave too few of them.
COMPARED: Final = (500, 3_000)
# Filters that leave this many products at most are applied before anything is compared.
NARROW: Final = 3_000
# Products that are joined with their terms at a time, until enough of them fit.
JOINED: Final = 250

_SPACES: dict[VectorKind, Space] = {}


async def ask_to_encode(db: Writer, actor: Actor, *, now: dt.datetime) -> None:
    """Have changed titles and new pictures read in the background."""
    await queue.enqueue(
        db, actor, kind=ENCODE_KIND, title="Read goods for search by meaning", parameters={},
        now=now,
    )  # fmt: skip


async def keep_photo(db: Writer, actor: Actor, data: bytes, *, now: dt.datetime) -> Photo:
    """Look at a photo that goods are to be found with; its vector is kept for a day."""
    image = clean_image(data)
    adapters = await asyncio.to_thread(_adapters)
    if await asyncio.to_thread(adapters.picture_model) is None:
        raise NoPictureModel
    (seen,) = await asyncio.to_thread(adapters.see_pictures, [image.content])
    if seen is None:
        raise PhotoUnreadable(param="photo")
    photo = Photo(new_id(), seen.vector, now)
    await store.insert_photo(db, photo, org_id=actor.org_id)
    return photo


async def find_by_meaning(
    db: Reader, question: str, *, wishes: Wishes, on: dt.date
) -> list[tuple[Hit, float]]:
    """Goods that mean nearly what a question does, and how near; nothing where nothing is kept."""
    if await vectors.find_space_id(db, VectorKind.MEANING) is None:
        return []
    adapters = await asyncio.to_thread(_adapters)
    vector = await asyncio.to_thread(adapters.mean_question, question)
    if vector is None:
        return []
    return await _find(db, VectorKind.MEANING, vector, wishes=wishes, on=on)


async def find_by_photo(
    db: Reader, photo_id: UUID, *, wishes: Wishes, on: dt.date
) -> list[tuple[Hit, float]]:
    """Goods that look nearly like a photo, and how nearly."""
    photo = await vectors.get_photo(db, photo_id)
    return await _find(db, VectorKind.PICTURE, photo.vector, wishes=wishes, on=on)


async def _find(
    db: Reader, kind: VectorKind, vector: bytes, *, wishes: Wishes, on: dt.date
) -> list[tuple[Hit, float]]:
    """Goods near a vector whose terms fit now.

    Filters of category and maker that leave few products come first and the answer is exact; else
    the nearest are joined with their terms, more of them where too few fit.
    """
    space = await _space(db, kind)
    if space is None:
        return []
    adapters = _adapters()
    sought = await asyncio.to_thread(adapters.seek, space, vector)
    among = await _narrowed(db, wishes)
    found: list[tuple[Hit, float]] = []
    joined: set[UUID] = set()
    for limit in COMPARED:
        if among is None:
            kept = await vectors.list_near(
                db, kind, cells=sought.cells, signs=sought.signs, limit=limit
            )
        else:
            kept = await vectors.list_near_among(
                db, kind, products=among, signs=sought.signs, limit=limit
            )
        close = await asyncio.to_thread(adapters.closeness, space, vector, kept)
        near = rules.nearest(kind, [one.product_id for one in kept], close)
        new = {product: value for product, value in near.items() if product not in joined}
        found += await _with_terms(db, new, wishes=wishes, on=on)
        joined |= new.keys()
        # Where half of those compared are too far, farther ones answer nothing.
        if len(found) >= rules.ENOUGH or len(kept) < limit or len(near) < len(kept) // 2:
            break
    return found


async def _with_terms(
    db: Reader, near: dict[UUID, float], *, wishes: Wishes, on: dt.date
) -> list[tuple[Hit, float]]:
    """Goods of products, the nearest first, as far as needed: some whose terms fit now."""
    found: list[tuple[Hit, float]] = []
    products = list(near)
    for start in range(0, len(products), JOINED):
        part = products[start : start + JOINED]
        hits = await queries.find_goods(db, part, wishes=wishes, on=on, limit=rules.CANDIDATES)
        found += [(hit, near[hit.product_id]) for hit in hits]
        if len(found) >= rules.ENOUGH:
            break
    return found


async def _narrowed(db: Reader, wishes: Wishes) -> list[UUID] | None:
    """The products that filters leave, where they are few; None where they are many or all."""
    if not (wishes.category or wishes.supplier or wishes.belt or wishes.tier):
        return None
    found = await queries.list_narrowed_products(db, wishes, limit=NARROW + 1)
    return found if len(found) <= NARROW else None


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


def _adapters() -> ModuleType:
    """Numbers and models, imported when first needed."""
    from beltline.search import adapters  # noqa: PLC0415 - the web process starts without them

    return adapters
