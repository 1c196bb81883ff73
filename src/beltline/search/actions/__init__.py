"""Use cases of search: keep the index up to the catalog, and answer questions."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.jobs import queue
from beltline.search import queries, rules, store
from beltline.search.actions import nearby
from beltline.search.types import (
    Document,
    Found,
    Hit,
    Look,
    NothingAsked,
    Ranked,
    ReadSoFar,
    Shown,
    Source,
    Suggestion,
    VectorKind,
    Wishes,
)

INDEX_KIND = "search.index.v1"
BATCH = 10_000
PART = 2_000
# Changed SKUs whose words are counted as they change; of more all words are counted anew.
FEW = 5_000
BEGIN = UUID(int=0)


async def index_batch(db: Writer, *, after: UUID = BEGIN, counted: bool = False) -> ReadSoFar:
    """Bring up to `BATCH` changed SKUs behind an id into the index.

    While the database takes one part, the words of the next are found. `counted`: the counts of
    words follow each part, so that they need not be counted anew.
    """
    changed = await queries.list_changed(db, after=after, limit=BATCH)
    parts = [changed[start : start + PART] for start in range(0, len(changed), PART)]
    made: list[Document] = []
    for part in [*parts, []]:
        following = asyncio.create_task(asyncio.to_thread(_documents_of, part))
        try:
            if counted and made:
                await store.count_changes(db, made)
            await store.keep_documents(db, made)
        finally:
            made = await following
    return ReadSoFar(len(changed), changed[-1].sku_id if changed else after)


def _documents_of(sources: Sequence[Source]) -> list[Document]:
    found = map(rules.document_of, sources)
    return [document for document in found if document is not None]


async def count_words(db: Writer, *, counted: bool = False) -> int:
    """Count the words anew after changes, unless they were; how many documents there are."""
    return await (store.settle(db) if counted else store.count_again(db))


async def ask_to_index(db: Writer, actor: Actor, *, now: dt.datetime) -> None:
    """Have the index brought up to date, and then what hangs on it, in the background."""
    await queue.enqueue(
        db, actor, kind=INDEX_KIND, title="Index goods for search", parameters={}, now=now
    )


async def search_goods(db: Reader, question: str, *, wishes: Wishes, on: dt.date) -> Found:
    """What answers a question on a day: goods with all of its words, then with the rarest.

    Where few do, those that mean nearly the same come in (`rules.fuse`). Goods, words and vectors
    come from the index, terms from the catalog as it is now. Where terms fit so few goods that
    they lead (`queries.list_few`), words and meaning are looked at of those alone.
    """
    asked = rules.asked_words(question)
    if not asked:
        raise NothingAsked(param="q")
    known = await queries.get_known(db, asked)
    unknown = [word for word in asked if word not in known.words]
    hits: Sequence[Hit] = []
    looks = rules.looks_for(asked, known.words, of=known.corpus.documents)
    few = await few_of(db, known.corpus.documents, wishes=wishes, on=on)
    if few is not None:
        # The loosest sees what each would, of so few.
        looks = looks[-1:]
    steps: Sequence[int] = rules.JOINED
    for look in looks:
        if len(steps) < len(rules.JOINED) and look is not looks[-1]:
            continue
        # A looser look that follows finds what a deeper one of these words would.
        allowed = steps if look is looks[-1] else steps[:1]
        found, were_all = await _hits_of(db, look, wishes=wishes, on=on, steps=allowed, few=few)
        hits = rules.best_said(found, asked)
        if len(hits) >= rules.ENOUGH:
            break
        # Its best documents are those that this look has just had.
        steps = steps if were_all else steps[1:]
    goods = rules.rank(hits[: rules.CANDIDATES], asked, known.words, known.corpus)
    if rules.needs_meaning(goods):
        meant = await nearby.find_by_meaning(db, question, wishes=wishes, on=on, few=few)
        goods = rules.fuse(goods, meant)[: rules.CANDIDATES]
    return Found(
        goods=goods,
        facets=rules.count_facets([ranked.hit for ranked in goods]),
        has_more=len(hits) > rules.CANDIDATES,
        left_out=unknown,
        meant=await _meant(db, question, asked, unknown),
    )


async def show(db: Reader, goods: Sequence[Ranked]) -> list[Shown]:
    """Some goods of an answer with what they are called."""
    labels = await queries.list_labels(db, [one.hit.code for one in goods])
    return [Shown(one.hit, labels[one.hit.code], one.score, one.reasons) for one in goods]


async def few_of(db: Reader, documents: int, *, wishes: Wishes, on: dt.date) -> list[UUID] | None:
    """The SKUs that terms leave, where they are few enough, of so many, to be looked at first."""
    # Of fewer goods the first step reads the terms of all.
    if not wishes.of_few or documents <= 2 * rules.JOINED[0]:
        return None
    most = min(rules.FEW, documents // rules.FEW_OF)
    return await queries.list_few(db, wishes, on, most=most)


async def _hits_of(
    db: Reader, look: Look, *, wishes: Wishes, on: dt.date, steps: Sequence[int],
    few: Sequence[UUID] | None,
) -> tuple[list[Hit], bool]:  # fmt: skip
    """What one look finds: the best documents by their words, more where filters leave too few.

    Also whether all of its documents were joined with their terms.
    """
    hits: list[Hit] = []
    were_all = False
    if few is not None:
        hits, _ = await queries.find_hits(
            db, look, among=len(few), wishes=wishes, on=on, limit=rules.CANDIDATES + 1, few=few
        )
        return hits, True
    for most in steps:
        # A few more at once cost less than all of them again.
        among = look.documents if look.documents <= 2 * most else most
        hits, joined = await queries.find_hits(
            db, look, among=among, wishes=wishes, on=on, limit=rules.CANDIDATES + 1
        )
        were_all = joined < among or look.documents <= among
        if len(hits) >= rules.ENOUGH or were_all:
            break
    return hits, were_all


async def suggest(db: Reader, typed: str) -> list[Suggestion]:
    """What somebody who types may want: categories, belts, titles; nothing for one letter."""
    text = typed.strip()
    if len(text) < rules.TYPED_LEAST and text.isascii():
        return []
    finished, beginnings = rules.begun_words(text)
    words = await queries.list_completions(db, beginnings, limit=rules.COMPLETIONS)
    named = []
    if words:
        search = f"({rules.any_of(rules.rare_first(words))})"
        look = " & ".join([*map(rules.quoted, finished), search])
        named = await queries.list_named(db, look, limit=rules.NAMED)
    belts = await queries.list_belts_named(db, text, limit=rules.SUGGESTED)
    return rules.suggest(named, belts, text)


async def search_by_photo(db: Reader, photo_id: UUID, *, wishes: Wishes, on: dt.date) -> Found:
    """Goods with a picture that looks like a photo, terms as they are now."""
    hits = await nearby.find_by_photo(db, photo_id, wishes=wishes, on=on)
    goods = rules.near(hits, VectorKind.PICTURE)
    facets = rules.count_facets([ranked.hit for ranked in goods])
    return Found(goods, facets, has_more=False, left_out=[], meant="")


async def _meant(db: Reader, question: str, asked: list[str], unknown: list[str]) -> str:
    """The question with its unknown words replaced by near ones; empty where none is near."""
    if not unknown or any(ord(letter) > 0x2E80 for letter in question):
        return ""
    candidates = {word: await queries.list_near_words(db, word) for word in unknown[:3]}
    near = rules.nearest_words(unknown[:3], candidates)
    if not near:
        return ""
    return " ".join([*(word for word in asked if word not in unknown), *near])
