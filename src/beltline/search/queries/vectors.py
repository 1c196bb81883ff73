"""Reads of vectors: what lacks one, how they are laid out, and which lie near."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from beltline.kit.db import Reader
from beltline.search.queries import (
    DOCUMENT,
    FILTERS,
    HIT,
    MAKER,
    TERMS,
    terms_of,
    wanted_of,
    with_terms,
)
from beltline.search.types import (
    Hit,
    Kept,
    Near,
    Photo,
    Space,
    Unmeant,
    Unseen,
    VectorKind,
    Wishes,
)

# Of so many times what is asked for signs are counted before they are weighed.
_LISTED = 5


async def list_unmeant(db: Reader, *, model: str, after: UUID, limit: int) -> list[Unmeant]:
    """Products behind an id whose titles no vector of this model knows as they are."""
    return await db.rows(
        Unmeant,
        """select p.id, p.title, p.title_zh, p.updated_at as source_at
             from catalog.product p
             left join search.vector v on v.kind = 'MEANING' and v.of_id = p.id and v.of_id > $3
            where p.id > $3
              and (v.of_id is null or v.source_at < p.updated_at or v.model <> $1)
            order by p.id limit $2""",
        model,
        limit,
        after,
    )


async def list_unseen(db: Reader, *, model: str, after: UUID, limit: int) -> list[Unseen]:
    """Pictures behind an id without a vector of this model."""
    return await db.rows(
        Unseen,
        """select m.id, m.product_id, m.content, m.created_at as source_at
             from catalog.media m
             left join search.vector v on v.kind = 'PICTURE' and v.of_id = m.id and v.of_id > $3
            where m.id > $3 and (v.of_id is null or v.model <> $1)
            order by m.id limit $2""",
        model,
        limit,
        after,
    )


async def count_unread(db: Reader, *, meaning: str | None, picture: str | None) -> int:
    """How many products and pictures lack a vector of these models; None: not looked at."""
    return int(
        await db.value(
            """select (select count(*) from catalog.product p
                         left join search.vector v on v.kind = 'MEANING' and v.of_id = p.id
                        where $1::text is not null and (v.of_id is null
                          or v.source_at < p.updated_at or v.model <> $1))
                    + (select count(*) from catalog.media m
                         left join search.vector v on v.kind = 'PICTURE' and v.of_id = m.id
                        where $2::text is not null and (v.of_id is null or v.model <> $2))""",
            meaning,
            picture,
        )
    )


async def count_vectors(db: Reader, kind: VectorKind) -> int:
    """How many vectors of a kind there are."""
    return int(
        await db.value(
            "select count(*) from search.numbers where kind = $1 and octet_length(vector) > 0",
            kind,
        )
    )


async def find_space_id(db: Reader, kind: VectorKind) -> UUID | None:
    """Which layout a kind has; None before one was learned."""
    found: UUID | None = await db.value("select id from search.space where kind = $1", kind)
    return found


async def find_space(db: Reader, kind: VectorKind) -> Space | None:
    """How vectors of a kind are laid out."""
    return await db.find(
        Space,
        """select id, kind, version, learned_on, probes, mean, centers
             from search.space where kind = $1""",
        kind,
    )


async def sample_vectors(db: Reader, kind: VectorKind, *, limit: int) -> list[bytes]:
    """Vectors of a kind, chosen without regard to what they are of."""
    return await db.values(
        """select vector from search.numbers where kind = $1 and octet_length(vector) > 0
            order by md5(of_id::text) limit $2""",
        kind,
        limit,
    )


async def list_misplaced(db: Reader, kind: VectorKind, *, version: int, limit: int) -> list[Kept]:
    """Vectors that lie where an earlier layout put them."""
    return await db.rows(
        Kept,
        """select v.of_id, n.vector
             from search.vector v join search.numbers n using (kind, of_id)
            where v.kind = $1 and v.space < $2 and octet_length(n.vector) > 0
            order by v.space, v.of_id limit $3""",
        kind,
        version,
        limit,
    )


async def is_narrow(db: Reader, kind: VectorKind, wishes: Wishes, *, most: int) -> bool:
    """Whether filters of category and maker leave `most` vectors or fewer."""
    args: list[Any] = [kind, most]
    wanted = wanted_of(wishes, args, of=FILTERS)
    if not wanted:
        return False
    left = await db.value(
        f"""select count(*)
             from (select from search.vector d where d.kind = $1 {wanted} limit $2 + 1) few""",
        *args,
    )
    return int(left) <= most


async def list_near(
    db: Reader, kind: VectorKind, *, cells: Collection[int] | None, signs: bytes,
    heavy: tuple[bytes, bytes], asked: int, wishes: Wishes, on: dt.date, limit: int,
    few: Sequence[UUID] | None = None,
) -> tuple[list[Near], int]:  # fmt: skip
    """Goods whose terms fit among the `asked` nearest by signs, each with its vectors.

    Looked for among those of the wanted category and maker (and of `few` SKUs), in some cells or
    wherever they lie (None): by signs alone, and then by what the signs weigh. The numbers are read
    of those that fit, to be compared in full. Also how many were looked at: less than `asked` when
    they were all.
    """
    weights = [_bits(bits) for bits in heavy]
    args = [*terms_of(wishes, on), kind, _bits(signs), asked, limit, asked * _LISTED, *weights]
    place = "d.cell >= 0"
    if cells is not None:
        args.append(list(cells))
        place = f"d.cell = any(${len(args)}::int[])"
    if few is not None:
        args.append(few)
        place += f""" and d.product_id = any(array(
          select product_id from search.document where sku_id = any(${len(args)}::uuid[])))"""
    rows = await db.plain_rows(
        _counted,
        f"""with listed as (
             select d.of_id, d.product_id, d.signs from search.vector d
              where d.kind = $8 and {place} {wanted_of(wishes, args, of=FILTERS)}
              order by bit_count(d.signs # $9), d.of_id limit $12),
           near as materialized (
             select d.of_id, d.product_id, bit_count(d.signs # $9)
                      + bit_count((d.signs # $9) & $13) + bit_count((d.signs # $9) & $14) as apart
               from listed d
              order by apart, d.of_id limit $10),
           said as materialized (
             select {DOCUMENT}, d.product_id, n.apart, 0::bigint as said
               from (select product_id, min(apart) as apart from near group by product_id) n
               join search.document d on d.product_id = n.product_id),
           fit as (
             select s.*, {TERMS} from said s
               {with_terms(wishes, "(select array_agg(sku_id) from said)")}
              order by s.apart, s.code limit $11)
           select {HIT}, b.vector, l.looked
             from (select count(*) as looked from near) l
             left join (fit t {MAKER}
                        join near n on n.product_id = t.product_id
                        join search.numbers b on b.kind = $8 and b.of_id = n.of_id) on true
            order by n.apart, t.code, n.of_id""",
        *args,
    )  # fmt: skip
    return [near for near, _ in rows if near is not None], rows[0][1]


def _counted(*columns: Any) -> tuple[Near | None, int]:
    near = None if columns[0] is None else Near(Hit(*columns[:-2]), columns[-2])
    return near, columns[-1]


async def get_photo(db: Reader, photo_id: UUID) -> Photo:
    """A photo of the caller's organization; gone after a day."""
    return await db.get(
        Photo, "photo", photo_id,
        "select id, vector, created_at from search.photo where id = $1", photo_id,
    )  # fmt: skip


def _bits(signs: bytes) -> asyncpg.BitString:
    return asyncpg.BitString.frombytes(signs, bitlength=8 * len(signs))
