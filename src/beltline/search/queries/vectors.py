"""Reads of vectors: what lacks one, how they are laid out, and which lie near."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg

from beltline.kit.db import Reader
from beltline.search.queries import HIT, on_terms, terms_of
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


async def list_unmeant(db: Reader, *, model: str, after: UUID, limit: int) -> list[Unmeant]:
    """Products behind an id whose titles no vector of this model knows as they are."""
    return await db.rows(
        Unmeant,
        """select p.id, p.title, p.title_zh, p.updated_at as source_at
             from catalog.product p
             left join search.vector v on v.kind = 'MEANING' and v.of_id = p.id
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
             left join search.vector v on v.kind = 'PICTURE' and v.of_id = m.id
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
            "select count(*) from search.vector where kind = $1 and octet_length(vector) > 0", kind
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
        "select id, kind, version, learned_on, mean, centers from search.space where kind = $1",
        kind,
    )


async def sample_vectors(db: Reader, kind: VectorKind, *, limit: int) -> list[bytes]:
    """Vectors of a kind, chosen without regard to what they are of."""
    return await db.values(
        """select vector from search.vector where kind = $1 and octet_length(vector) > 0
            order by md5(of_id::text) limit $2""",
        kind,
        limit,
    )


async def list_misplaced(db: Reader, kind: VectorKind, *, version: int, limit: int) -> list[Kept]:
    """Vectors that lie where an earlier layout put them."""
    return await db.rows(
        Kept,
        """select of_id, product_id, vector from search.vector
            where kind = $1 and space <> $2 and octet_length(vector) > 0 order by of_id limit $3""",
        kind,
        version,
        limit,
    )


async def list_near(
    db: Reader, kind: VectorKind, *, cells: Collection[int], products: Collection[UUID] | None,
    signs: bytes, asked: int, wishes: Wishes, on: dt.date, limit: int,
) -> list[Near]:  # fmt: skip
    """Goods whose terms fit among the `asked` nearest by signs, each with its vectors.

    Looked for in some cells, or among some products wherever they lie.
    """
    return await db.plain_rows(
        _near,
        f"""with near as materialized (
             select of_id, product_id, bit_count(signs # $15) as apart from search.vector
              where {_AMONG if products is not None else _IN_CELLS}
              order by apart, of_id limit $17),
           goods as (
             select k.id as sku_id, min(n.apart)::int as apart
               from near n join catalog.sku k on k.product_id = n.product_id group by k.id)
           select {HIT}, v.vector
             from (select array_agg(sku_id) as skus, array_agg(apart) as lengths,
                          array_agg(0::bigint) as said from goods) d
            cross join {on_terms(asked)}
             join near n on n.product_id = t.product_id
             join search.vector v on v.kind = $14 and v.of_id = n.of_id
            order by n.apart, t.code, n.of_id""",
        *terms_of(wishes, on), limit, kind, _bits(signs),
        list(cells if products is None else products), asked,
    )  # fmt: skip


# The first is answered by an index that covers it, and the numbers of a vector are not read.
_IN_CELLS = "kind = $14 and cell = any($16::int[])"
_AMONG = "kind = $14 and product_id = any($16::uuid[]) and cell >= 0"


def _near(*columns: Any) -> Near:
    return Near(Hit(*columns[:-1]), columns[-1])


async def get_photo(db: Reader, photo_id: UUID) -> Photo:
    """A photo of the caller's organization; gone after a day."""
    return await db.get(
        Photo, "photo", photo_id,
        "select id, vector, created_at from search.photo where id = $1", photo_id,
    )  # fmt: skip


def _bits(signs: bytes) -> asyncpg.BitString:
    return asyncpg.BitString.frombytes(signs, bitlength=8 * len(signs))
