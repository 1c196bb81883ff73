"""Reads of the index, and of the catalog as the index sees it."""

import datetime as dt
from typing import Any
from uuid import UUID

from beltline.kit.db import Reader
from beltline.search.types import (
    Corpus,
    Hit,
    Known,
    Label,
    Look,
    Named,
    Source,
    Suggestion,
    Wishes,
    WordCount,
)

_NEAR_WORDS = 2_000
# Documents that are looked at for the words they say; of a word in more of them the first.
SCANNED = 20_000


async def list_changed(db: Reader, *, after: UUID, limit: int) -> list[Source]:
    """SKUs behind an id that say something the index does not know yet, by id."""
    return await db.plain_rows(
        Source,
        """select k.id,
                  array_remove(array[k.code, p.code, k.title, k.title_zh, p.category, s.code]
                    || case when p.title <> k.title then array[p.title] end
                    || case when p.title_zh <> k.title_zh then array[p.title_zh] end
                    || (select array_agg(t.title order by t.locale) from catalog.translation t
                         where t.product_id = p.id)
                    || (select array_agg(a.text_value order by a.code)
                          from catalog.product_attribute a
                         where a.product_id = p.id and a.text_value is not null), null),
                  greatest(k.updated_at, p.updated_at)
             from catalog.sku k
             join catalog.product p on p.id = k.product_id
             join accounts.organization s on s.id = k.supplier_org_id
             left join search.document d on d.sku_id = k.id
            where k.id > $2
              and (d.source_at is null or d.source_at < greatest(k.updated_at, p.updated_at))
            order by k.id limit $1""",
        limit,
        after,
    )


async def count_changed(db: Reader) -> int:
    """How many SKUs the index does not know as they are."""
    return int(
        await db.value(
            """select count(*)
                 from catalog.sku k
                 join catalog.product p on p.id = k.product_id
                 left join search.document d on d.sku_id = k.id
                where d.source_at is null or d.source_at < greatest(k.updated_at, p.updated_at)"""
        )
    )


async def get_known(db: Reader, words: list[str]) -> Known:
    """The size of the index, and how many documents say each word; unknown ones are left out."""
    found = await db.find(
        Known,
        """select jsonb_build_object('documents', c.documents, 'length_mean', c.length_mean)
                    as corpus,
                  (select coalesce(jsonb_object_agg(w.word, w.documents), '{}')
                     from search.word w where w.word = any($1::text[])) as words
             from search.corpus c""",
        words,
    )
    return found or Known(Corpus(0, 1.0), {})


async def list_near_words(db: Reader, word: str) -> list[str]:
    """Known words that begin like this one and are about as long, the commonest first."""
    return await db.values(
        """select word from search.word
            where word >= left($1, 1) and word < left($1, 1) || chr(1114109)
              and length(word) between length($1) - 2 and length($1) + 2 and length(word) > 2
            order by documents desc, word limit $2""",
        word,
        _NEAR_WORDS,
    )


async def list_completions(db: Reader, beginnings: list[str], *, limit: int) -> dict[str, int]:
    """Known words that begin like one of these, the commonest first, and in how many documents."""
    rows = await db.rows(
        WordCount,
        """select w.word, w.documents
             from unnest($1::text[]) b (begins)
             join search.word w on w.word >= b.begins and w.word < b.begins || chr(1114109)
            group by w.word, w.documents
            order by w.documents desc, w.word limit $2""",
        beginnings,
        limit,
    )
    return {row.word: row.documents for row in rows}


async def list_named(db: Reader, search: str, *, limit: int) -> list[Named]:
    """Titles and categories of some goods that fit `search`, short titles first."""
    return await db.rows(
        Named,
        """select p.title, p.title_zh, p.category
             from (select sku_id from search.document where words @@ $1::text::tsquery
                    limit $2) d
             join catalog.sku k on k.id = d.sku_id
             join catalog.product p on p.id = k.product_id
            group by p.title, p.title_zh, p.category
            order by length(p.title), p.title, p.title_zh, p.category limit $2""",
        search,
        limit,
    )


async def list_belts_named(db: Reader, words: str, *, limit: int) -> list[Suggestion]:
    """Belts whose name or place says the words."""
    return await db.rows(
        Suggestion,
        """select 'BELT' as kind, name_en as text, name_zh as text_zh, id as value
             from suppliers.belt
            where position(lower($1) in lower(concat_ws(' ', name_en, name_zh, city, county))) > 0
            order by length(name_en), id limit $2""",
        words,
        limit,
    )


async def find_hits(
    db: Reader, look: Look, *, among: int, wishes: Wishes, on: dt.date, limit: int
) -> tuple[list[Hit], int]:
    """SKUs whose words fit a look and whose terms on the day fit the wishes.

    Of the documents that fit (of the first `SCANNED` where a word is everywhere), `among`
    with the most of the words asked, short ones first, are joined with their terms, which are
    read here and now. Also how many documents were joined: less than `among` when they were all.
    """
    said, asked = _said(look)
    rows = await db.plain_rows(
        _counted,
        f"""with said as (
             select d.sku_id, d.length, d.said
               from (select sku_id, length, {said} as said from search.document
                      where words @@ $15::text::tsquery limit $17) d
              order by bit_count(d.said::bit(64)) desc, d.length, d.sku_id limit $16
           )
           select {HIT}, d.joined
             from (select array_agg(sku_id) as skus, array_agg(length) as lengths,
                          array_agg(said) as said, count(*) as joined from said) d
             left join {on_terms(among)} on true""",
        *terms_of(wishes, on), limit, asked, look.search, among, max(among, SCANNED),
    )  # fmt: skip
    return [hit for hit, _ in rows if hit is not None], rows[0][1]


def _counted(*columns: Any) -> tuple[Hit | None, int]:
    return None if columns[0] is None else Hit(*columns[:-1]), columns[-1]


def _said(look: Look) -> tuple[str, object]:
    """The words asked that a document says, as bits, and what the expression is of ($14).

    Each word is a text search that is parsed once a statement, not once a document; one that is
    all that is looked for is said by each document.
    """
    if look.is_for_all:
        return "$14::bigint", (1 << len(look.queries)) - 1
    each = (
        f"1::bigint << {n}"
        if query == look.search
        else f"(words @@ (select ($14::text[])[{n + 1}]::tsquery))::int::bigint << {n}"
        for n, query in enumerate(look.queries)
    )
    return " | ".join(f"({one})" for one in each), look.queries


HIT = """t.code, t.category, t.supplier, t.tier, t.belt, t.currency, t.unit_price, t.moq,
          t.availability, t.lead_time_days, t.length, t.said"""
# More SKUs than this are cheaper to ask about table by table (1.5 to 3 times at 6,000, measured).
_AT_ONCE = 1_000


def on_terms(skus: int) -> str:
    """The function that says which of the SKUs of `d`, so many at most, have terms that fit."""
    function = "on_terms" if skus <= _AT_ONCE else "on_terms_of_many"
    return f"""search.{function}(d.skus, d.lengths, d.said, $1, $2, $3, $4, $5, $6, $7, $8, $9,
                               $10, $11, $12, $13) as t"""


async def list_labels(db: Reader, codes: list[str]) -> dict[str, Label]:
    """What some SKUs are called, by code."""
    rows = await db.plain_rows(
        Label,
        """select k.code, k.title, k.title_zh, k.uom, s.name, s.name_zh
             from catalog.sku k join accounts.organization s on s.id = k.supplier_org_id
            where k.code = any($1)""",
        codes,
    )
    return {row.code: row for row in rows}


async def list_narrowed_products(db: Reader, wishes: Wishes, *, limit: int) -> list[UUID]:
    """The products that category and maker leave, which do not change by the minute."""
    return await db.values(
        """select p.id from catalog.product p
             join accounts.organization s on s.id = p.supplier_org_id
             left join suppliers.supplier v on v.org_id = p.supplier_org_id
            where ($1::text is null or p.category = $1) and ($2::text is null or s.code = $2)
              and ($3::text is null or v.belt_id = $3) and ($4::text is null or v.tier = $4)
            order by p.id limit $5""",
        wishes.category,
        wishes.supplier,
        wishes.belt,
        wishes.tier,
        limit,
    )


def terms_of(wishes: Wishes, on: dt.date) -> tuple[object, ...]:
    """The terms that `search.on_terms` takes, in its order, without the limit."""
    return (
        on, wishes.quantity, wishes.currency, wishes.price_max, wishes.moq_max,
        wishes.lead_time_days_max, wishes.availability, wishes.of_offers, wishes.category,
        wishes.supplier, wishes.belt, wishes.tier,
    )  # fmt: skip
