"""Reads of the index, and of the catalog as the index sees it."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from beltline.kit.db import Reader
from beltline.search.types import Corpus, Hit, Look, Named, Source, Suggestion, Wishes, WordCount

_NEAR_WORDS = 2_000


async def list_changed(db: Reader, *, limit: int) -> list[Source]:
    """SKUs that say something the index does not know yet, the longest unknown first."""
    return await db.rows(
        Source,
        """select k.id as sku_id, greatest(k.updated_at, p.updated_at) as source_at,
                  array_remove(array[k.code, p.code, k.title, k.title_zh, p.category, s.code]
                    || case when p.title <> k.title then array[p.title] end
                    || case when p.title_zh <> k.title_zh then array[p.title_zh] end
                    || (select array_agg(t.title order by t.locale) from catalog.translation t
                         where t.product_id = p.id)
                    || (select array_agg(a.text_value order by a.code)
                          from catalog.product_attribute a
                         where a.product_id = p.id and a.text_value is not null), null) as texts
             from catalog.sku k
             join catalog.product p on p.id = k.product_id
             join accounts.organization s on s.id = k.supplier_org_id
             left join search.document d on d.sku_id = k.id
            where d.source_at is null or d.source_at < greatest(k.updated_at, p.updated_at)
            order by 2, k.id limit $1""",
        limit,
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


async def get_corpus(db: Reader) -> Corpus:
    """The size of the index; nothing before it was made."""
    found = await db.find(Corpus, "select documents, length_mean from search.corpus")
    return found or Corpus(0, 1.0)


async def count_words(db: Reader, words: list[str]) -> dict[str, int]:
    """In how many documents each word stands; unknown words are left out."""
    rows = await db.rows(
        WordCount, "select word, documents from search.word where word = any($1::text[])", words
    )
    return {row.word: row.documents for row in rows}


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
) -> list[Hit]:
    """SKUs whose words fit a look and whose terms on the day fit the wishes.

    Of the documents that fit, `among` with the most of the words asked (short ones first) are
    joined with their terms, which are read here and now.
    """
    return await db.rows(
        Hit,
        f"""with said as (
             select f.sku_id, f.length, f.found
               from (select d.sku_id, d.length,
                            case when $14 then $15::text[]
                                 else (select array_agg(a.word)
                                         from unnest($15::text[], $16::text[]::tsquery[])
                                                as a (word, query)
                                        where d.words @@ a.query) end as found
                       from search.document d where d.words @@ $17::text::tsquery) f
              order by cardinality(f.found) desc, f.length, f.sku_id limit $18
           )
           {_TERMS}""",
        *_terms_of(wishes, on), limit, look.is_for_all, look.words, look.queries, look.search,
        among,
    )  # fmt: skip


async def find_goods(
    db: Reader, products: Collection[UUID], *, wishes: Wishes, on: dt.date, limit: int
) -> list[Hit]:
    """SKUs of some products whose terms on the day fit the wishes; no words are looked at."""
    return await db.rows(
        Hit,
        f"""with said as (
             select id as sku_id, 0 as length, array[]::text[] as found
               from catalog.sku where product_id = any($14::uuid[])
           )
           {_TERMS}""",
        *_terms_of(wishes, on), limit, list(products),
    )  # fmt: skip


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


def _terms_of(wishes: Wishes, on: dt.date) -> tuple[object, ...]:
    """The first twelve parameters of `_TERMS`."""
    return (
        wishes.quantity, on, wishes.currency, wishes.price_max, wishes.moq_max,
        wishes.lead_time_days_max, wishes.availability, wishes.of_offers, wishes.category,
        wishes.supplier, wishes.belt, wishes.tier,
    )  # fmt: skip


_TERMS = """-- The goods of `said` with their best terms for buyers now.
           select k.id as sku_id, k.product_id, k.code, k.title, k.title_zh, p.category, k.uom,
                  s.code as supplier, s.name as supplier_name, s.name_zh as supplier_name_zh,
                  coalesce(v.tier, '') as tier, coalesce(v.belt_id, '') as belt, o.currency,
                  o.unit_price, o.moq, o.availability, o.lead_time_days, d.length, d.found
             from said d
             join catalog.sku k on k.id = d.sku_id
             join catalog.product p on p.id = k.product_id
             join accounts.organization s on s.id = k.supplier_org_id
             left join suppliers.supplier v on v.org_id = k.supplier_org_id
             left join lateral (
               select o.currency, b.unit_price, o.moq, o.availability, o.lead_time_days
                 from catalog.offer o
                 join lateral (
                   select b.unit_price from catalog.offer_break b
                    where b.offer_id = o.id and b.quantity_from <= greatest($1, o.moq)
                    order by b.quantity_from desc limit 1) b on true
                where o.sku_id = k.id and o.audience = 'BUYERS' and o.valid_from <= $2
                  and (o.valid_until is null or o.valid_until >= $2)
                  and ($3::text is null or o.currency = $3)
                  and ($4::numeric is null or b.unit_price <= $4)
                  and ($5::bigint is null or o.moq <= $5)
                  and ($6::float8 is null or o.lead_time_days <= $6)
                  and ($7::text is null or o.availability = $7)
                order by b.unit_price, o.id limit 1) o on true
            where (not $8::boolean or o.currency is not null)
              and ($9::text is null or p.category = $9)
              and ($10::text is null or s.code = $10)
              and ($11::text is null or v.belt_id = $11)
              and ($12::text is null or v.tier = $12)
            order by cardinality(d.found) desc, d.length, k.code limit $13"""
