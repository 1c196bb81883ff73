"""Writes of the index, of vectors, of pairs and groups, and of saved searches."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import asyncpg
import msgspec

from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.search.types import (
    Block,
    Candidate,
    Document,
    NewAnswer,
    Pair,
    PairKind,
    PairState,
    Photo,
    Saved,
    SavedState,
    Space,
    Vector,
    VectorKind,
)


async def keep_documents(db: Writer, documents: Sequence[Document]) -> None:
    """Add documents, or put them in place of what the index knew."""
    if not documents:
        return
    # No word has a control character in it: terms are letters and digits.
    await db.execute(
        """insert into search.document (sku_id, product_id, supplier_org_id, code, category, words,
             length, source_at)
           select d.sku_id, d.product_id, d.supplier_org_id, d.code, d.category,
                  array_to_tsvector(string_to_array(d.words, e'\\x1f')), d.length, d.source_at
             from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                         $7::int[], $8::timestamptz[])
                  as d (sku_id, product_id, supplier_org_id, code, category, words, length,
                        source_at)
           on conflict (sku_id) do update set product_id = excluded.product_id,
             supplier_org_id = excluded.supplier_org_id, code = excluded.code,
             category = excluded.category, words = excluded.words, length = excluded.length,
             source_at = excluded.source_at""",
        [d.of.sku_id for d in documents], [d.of.product_id for d in documents],
        [d.of.supplier_org_id for d in documents], [d.of.code for d in documents],
        [d.of.category for d in documents], ["\x1f".join(d.words) for d in documents],
        [d.length for d in documents], [d.of.source_at for d in documents],
    )  # fmt: skip


async def count_changes(db: Writer, documents: Sequence[Document]) -> None:
    """Change the counts of words by what these documents will say instead of what they say."""
    # One at a time: two that change the same words would wait for each other.
    await db.execute("lock table search.word in share row exclusive mode")
    await db.execute(
        """with told as (
             select d.sku_id, string_to_array(d.words, e'\\x1f') as words
               from unnest($1::uuid[], $2::text[]) as d (sku_id, words)),
           change as materialized (
             select c.word, sum(c.n) as n
               from (select unnest(t.words) as word, 1 as n from told t
                     union all
                     select unnest(tsvector_to_array(d.words)), -1
                       from told t join search.document d on d.sku_id = t.sku_id) c
              group by c.word having sum(c.n) <> 0),
           gone as (
             delete from search.word w using change c
              where w.word = c.word and w.documents + c.n <= 0),
           fewer as (
             update search.word w set documents = w.documents + c.n from change c
              where w.word = c.word and c.n < 0 and w.documents + c.n > 0)
           insert into search.word as w (word, documents)
           select c.word, c.n from change c where c.n > 0
           on conflict (word) do update set documents = w.documents + excluded.documents""",
        [d.of.sku_id for d in documents], ["\x1f".join(d.words) for d in documents],
    )  # fmt: skip


async def settle(db: Writer) -> int:
    """Settle words and measure the index; how many documents there are."""
    await db.value("select search.settle_words()")
    await db.execute(
        """insert into search.corpus (documents, length_mean)
           select count(*), coalesce(avg(length), 1) from search.document
           on conflict (is_only) do update set documents = excluded.documents,
             length_mean = excluded.length_mean"""
    )
    return int(await db.value("select documents from search.corpus"))


async def count_again(db: Writer) -> int:
    """Forget goods that are no more, settle and count words; how many documents there are."""
    # Two that count at once would write every word twice: the second counts when the first has.
    await db.execute("lock table search.word in share row exclusive mode")
    await db.execute(
        """delete from search.document d
            where not exists (select from catalog.sku k where k.id = d.sku_id)"""
    )
    await db.execute("delete from search.word")
    await db.execute(
        """insert into search.word (word, documents)
           select s.word, s.ndoc from ts_stat('select words from search.document') s
            order by s.word"""
    )
    return await settle(db)


async def keep_pairs(db: Writer, block: str, found: Sequence[Candidate], now: dt.datetime) -> int:
    """Make the pairs of a block these; what people decided stays as they said. How many remain."""
    await db.execute_many(
        """insert into search.pair as r (id, product_a, product_b, block, kind, score, evidence,
             differences, found_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (product_a, product_b) do update set
             block = excluded.block, score = excluded.score, evidence = excluded.evidence,
             differences = excluded.differences, found_at = excluded.found_at,
             kind = case when r.state = 'PROPOSED' then excluded.kind else r.kind end""",
        [
            (new_id(), c.a, c.b, block, c.judged.kind, c.judged.score,
             msgspec.to_builtins(c.judged.evidence), msgspec.to_builtins(c.judged.differences), now)
            for c in found
        ],
    )  # fmt: skip
    await db.execute(
        """delete from search.pair where block = $1 and state = 'PROPOSED' and found_at < $2""",
        block,
        now,
    )
    return len(found)


async def note_compared(db: Writer, block: Block, now: dt.datetime) -> None:
    """Remember what a category said when it was compared."""
    await db.execute(
        """insert into search.compared (block, said, compared_at) values ($1, $2, $3)
           on conflict (block) do update set said = excluded.said,
             compared_at = excluded.compared_at""",
        block.category,
        block.said,
        now,
    )


async def forget_gone_products(db: Writer) -> None:
    """Drop pairs and members whose product the catalog has no more."""
    await db.execute(
        """delete from search.pair r
            where not exists (select from catalog.product p where p.id = r.product_a)
               or not exists (select from catalog.product p where p.id = r.product_b)"""
    )
    await db.execute(
        """delete from search.alike a
            where not exists (select from catalog.product p where p.id = a.product_id)"""
    )


async def put_groups(
    db: Writer, groups: Mapping[UUID, UUID], *, among: Collection[UUID] | None = None
) -> None:
    """Make the groups (of some products, or of all) these; rows that stay are not touched."""
    members = list(groups)
    await db.execute(
        """delete from search.alike
            where not product_id = any($1) and ($2::uuid[] is null or product_id = any($2))""",
        members,
        None if among is None else list(among),
    )
    await db.execute(
        """insert into search.alike as a (product_id, group_id)
           select * from unnest($1::uuid[], $2::uuid[])
           on conflict (product_id) do update set group_id = excluded.group_id
            where a.group_id <> excluded.group_id""",
        members,
        [groups[member] for member in members],
    )


async def decide_pair(
    db: Writer, pair: Pair, *, kind: PairKind, state: PairState, by: str, now: dt.datetime
) -> bool:
    """Say what a pair is; False when somebody decided it since it was read."""
    changed = await db.execute(
        """update search.pair
              set kind = $3, state = $4, decided_by = $5, decided_at = $6, version = version + 1
            where id = $1 and version = $2""",
        pair.id, pair.version, kind, state, by, now,
    )  # fmt: skip
    return changed > 0


async def keep_vectors(db: Writer, vectors: Sequence[Vector]) -> None:
    """Add vectors, or put them in place of earlier ones of the same things."""
    if not vectors:
        return
    await db.execute(
        """insert into search.numbers (kind, of_id, vector)
           select * from unnest($1::text[], $2::uuid[], $3::bytea[])
           on conflict (kind, of_id) do update set vector = excluded.vector""",
        [v.kind for v in vectors], [v.of_id for v in vectors], [v.vector for v in vectors],
    )  # fmt: skip
    await db.execute(
        """insert into search.vector (kind, of_id, product_id, supplier_org_id, category, model,
             print, space, cell, signs, source_at)
           select v.kind, v.of_id, p.id, p.supplier_org_id, p.category, v.model, v.print, v.space,
                  v.cell, v.signs, v.source_at
             from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::int[],
                         $7::int[], $8::varbit[], $9::timestamptz[])
                  as v (kind, of_id, product_id, model, print, space, cell, signs, source_at)
             join catalog.product p on p.id = v.product_id
           on conflict (kind, of_id) do update set product_id = excluded.product_id,
             supplier_org_id = excluded.supplier_org_id, category = excluded.category,
             model = excluded.model, print = excluded.print, space = excluded.space,
             cell = excluded.cell, signs = excluded.signs, source_at = excluded.source_at""",
        [v.kind for v in vectors], [v.of_id for v in vectors], [v.product_id for v in vectors],
        [v.model for v in vectors], [v.print for v in vectors], [v.space for v in vectors],
        [v.cell for v in vectors], [_bits(v.signs) for v in vectors],
        [v.source_at for v in vectors],
    )  # fmt: skip
    # A product that goes into another category takes its pictures along.
    await db.execute(
        """update search.vector v set category = p.category
             from catalog.product p
            where p.id = any($1) and v.product_id = p.id and v.kind = 'PICTURE'
              and v.category <> p.category""",
        list({v.product_id for v in vectors}),
    )


async def place_vectors(
    db: Writer, kind: VectorKind, space: int, placed: Sequence[tuple[UUID, int, bytes]]
) -> None:
    """Say where vectors lie in a layout: cell and signs."""
    await db.execute(
        """update search.vector v set space = $2, cell = d.cell, signs = d.signs
             from unnest($3::uuid[], $4::int[], $5::varbit[]) as d (of_id, cell, signs)
            where v.kind = $1 and v.of_id = d.of_id""",
        kind, space, [of_id for of_id, _, _ in placed], [cell for _, cell, _ in placed],
        [_bits(signs) for _, _, signs in placed],
    )  # fmt: skip


async def keep_space(db: Writer, space: Space, now: dt.datetime) -> None:
    """Put a layout in place of the one before."""
    await db.execute(
        """insert into search.space (id, kind, version, learned_on, probes, mean, centers,
             learned_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (kind) do update set id = excluded.id, version = excluded.version,
             learned_on = excluded.learned_on, probes = excluded.probes, mean = excluded.mean,
             centers = excluded.centers, learned_at = excluded.learned_at""",
        space.id, space.kind, space.version, space.learned_on, space.probes, space.mean,
        space.centers, now,
    )  # fmt: skip


async def forget_vectors(db: Writer) -> None:
    """Drop vectors of products and pictures that are no more."""
    await db.execute(
        """delete from search.vector v
            where v.kind = 'MEANING'
                  and not exists (select from catalog.product p where p.id = v.of_id)
               or v.kind = 'PICTURE'
                  and not exists (select from catalog.media m where m.id = v.of_id)"""
    )
    await db.execute(
        """delete from search.numbers n
            where not exists (select from search.vector v
                               where v.kind = n.kind and v.of_id = n.of_id)"""
    )


async def insert_photo(db: Writer, photo: Photo, *, org_id: UUID) -> None:
    """Keep what a photo looks like."""
    await db.execute(
        "insert into search.photo (id, org_id, vector, created_at) values ($1, $2, $3, $4)",
        photo.id,
        org_id,
        photo.vector,
        photo.created_at,
    )


async def forget_photos(db: Writer, *, before: dt.datetime) -> int:
    """Drop photos made before an instant; how many."""
    return await db.execute("delete from search.photo where created_at < $1", before)


async def insert_saved(db: Writer, saved: Saved) -> bool:
    """Keep a search; False when the organization has one of that name."""
    done = await db.execute(
        """insert into search.saved (id, org_id, name, question, wishes, state, made_by, created_at,
             checked_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (org_id, name) do nothing""",
        saved.id, saved.org_id, saved.name, saved.question, msgspec.to_builtins(saved.wishes),
        saved.state, saved.made_by, saved.created_at, saved.checked_at,
    )  # fmt: skip
    return done == 1


async def rename_saved(db: Writer, saved_id: UUID, name: str) -> bool:
    """Call a saved search otherwise; False when another one has that name."""
    try:
        async with db.savepoint():
            await db.execute("update search.saved set name = $2 where id = $1", saved_id, name)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def set_saved_state(db: Writer, saved_id: UUID, state: SavedState) -> bool:
    """Pause a saved search or go on with it; False when it is so already."""
    done = await db.execute(
        "update search.saved set state = $2 where id = $1 and state <> $2", saved_id, state
    )
    return done == 1


async def delete_saved(db: Writer, saved_id: UUID) -> None:
    """Forget a saved search with what came to answer it."""
    await db.execute("delete from search.saved where id = $1", saved_id)


async def lock_saved(db: Writer, saved_id: UUID) -> bool:
    """Hold a saved search until the transaction ends; False when it is gone or paused."""
    return bool(
        await db.value(
            "select true from search.saved where id = $1 and state = 'ACTIVE' for update", saved_id
        )
    )


async def keep_answers(
    db: Writer, saved: Saved, answers: Sequence[NewAnswer], *, told_at: dt.datetime | None
) -> None:
    """Remember goods that answer a saved search, so that each is told of once at most."""
    await db.execute(
        """insert into search.answer (saved_id, sku_id, org_id, currency, unit_price, told_at)
           select $1, a.sku_id, $2, a.currency, a.unit_price, $3
             from unnest($4::uuid[], $5::text[], $6::numeric[]) as a (sku_id, currency, unit_price)
           on conflict (saved_id, sku_id) do nothing""",
        saved.id, saved.org_id, told_at, [one.sku_id for one in answers],
        [one.currency for one in answers], [one.unit_price for one in answers],
    )  # fmt: skip


async def note_checked(db: Writer, saved_id: UUID, *, events: int, now: dt.datetime) -> None:
    """Say that goods were looked for, and how many events told of some."""
    await db.execute(
        "update search.saved set checked_at = $2, version = version + $3 where id = $1",
        saved_id,
        now,
        events,
    )


async def mark_seen(db: Writer, saved_id: UUID, now: dt.datetime) -> int:
    """Say that what came to answer a saved search was seen; how many goods were new."""
    return await db.execute(
        """update search.answer set seen_at = $2
            where saved_id = $1 and told_at is not null and seen_at is null""",
        saved_id,
        now,
    )


def _bits(signs: bytes) -> asyncpg.BitString:
    return asyncpg.BitString.frombytes(signs, bitlength=8 * len(signs))
