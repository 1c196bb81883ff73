"""Reads of the index, and of the catalog as the index sees it."""

import datetime as dt
from collections.abc import Sequence
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
# Where all of them say all words, only short titles are looked for: those that are joined of so
# many are hardly longer than usual, and one that is shorter ranks no higher (`rules.rank`).
SCANNED_FOR_ALL = 3_000


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
                  c.source_at, p.id, k.supplier_org_id, k.code, p.category
             from search.changed_goods($2, $1) c
             join catalog.sku k on k.id = c.sku_id
             join catalog.product p on p.id = c.product_id
             join accounts.organization s on s.id = k.supplier_org_id
            order by k.id""",
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


async def list_few(db: Reader, wishes: Wishes, on: dt.date, *, most: int) -> list[UUID] | None:
    """The SKUs that offers with the wanted terms lead to, and some more; None for over `most`."""
    found: list[UUID] | None = await db.value(
        "select search.few_fitting($1, $2, $3, $4, $5, $6, $7)",
        on, wishes.currency, wishes.price_max, wishes.moq_max, wishes.lead_time_days_max,
        wishes.availability, most,
    )  # fmt: skip
    return found


async def find_hits(
    db: Reader, look: Look, *, among: int, wishes: Wishes, on: dt.date, limit: int,
    few: Sequence[UUID] | None = None,
) -> tuple[list[Hit], int]:  # fmt: skip
    """SKUs whose words fit a look and whose terms on the day fit the wishes.

    Of the documents that fit, category and maker too (of the first `SCANNED` or `SCANNED_FOR_ALL`
    where a word is everywhere), `among` with the most of the words asked, short ones first, are
    joined with their terms, which are read here and now. Also how many documents were joined: less
    than `among` when they were all. With `few`, all documents of these SKUs that fit are joined.
    """
    said, asked = _said(look)
    scanned = max(among, SCANNED_FOR_ALL if look.is_for_all else SCANNED)
    args = [*terms_of(wishes, on), asked, look.search, among, scanned, limit]
    fits = "d.words @@ $9::text::tsquery"
    if few is not None:
        args[9:11] = [len(few) + 1] * 2
        args.append(few)
        # As a row of its own: it is parsed once, not with each document.
        fits = "d.sku_id = any($13::uuid[]) and d.words @@ (select $9::text::tsquery)"
    rows = await db.plain_rows(
        _counted,
        f"""with said as materialized (
             select d.*
               from (select {DOCUMENT}, {said} as said from search.document d
                      where {fits} {wanted_of(wishes, args)} limit $11) d
              order by bit_count(d.said::bit(64)) desc, d.length, d.sku_id limit $10),
           fit as (
             select s.*, {TERMS} from said s
               {with_terms(wishes, "(select array_agg(sku_id) from said)")}
              order by bit_count(s.said::bit(64)) desc, s.length, s.code limit $12)
           select {HIT}, j.joined
             from (select count(*) as joined from said) j
             left join (fit t {MAKER}) on true
            order by bit_count(t.said::bit(64)) desc, t.length, t.code""",
        *args,
    )  # fmt: skip
    return [hit for hit, _ in rows if hit is not None], rows[0][1]


def _counted(*columns: Any) -> tuple[Hit | None, int]:
    return None if columns[0] is None else Hit(*columns[:-1]), columns[-1]


def _said(look: Look) -> tuple[str, object]:
    """The words asked that a document says, as bits, and what the expression is of ($8).

    Each word is a text search that is parsed once a statement, not once a document; one that is
    all that is looked for is said by each document.
    """
    if look.is_for_all:
        return "$8::bigint", (1 << len(look.queries)) - 1
    each = (
        f"1::bigint << {n}"
        if query == look.search
        else f"(words @@ (select ($8::text[])[{n + 1}]::tsquery))::int::bigint << {n}"
        for n, query in enumerate(look.queries)
    )
    return " | ".join(f"({one})" for one in each), look.queries


# What a hit is made of: a document `d`, the best terms of its SKU, who makes the goods, and whether
# they are there.
DOCUMENT = "d.sku_id, d.code, d.category, d.supplier_org_id, d.length"
TERMS = "t.currency, t.unit_price, t.moq, t.availability, t.lead_time_days"
# What an order cannot take now is not in stock, whatever its offer says.
MAKER = """join accounts.organization o on o.id = t.supplier_org_id
             left join suppliers.supplier v on v.org_id = t.supplier_org_id
             left join search.can_take(
               (select array_agg(sku_id order by sku_id) from fit where availability = 'SPOT'),
               (select array_agg(greatest($2, moq) order by sku_id) from fit
                 where availability = 'SPOT')) r (sku_id) on r.sku_id = t.sku_id"""
HIT = """t.code, t.category, o.code, coalesce(v.tier, ''), coalesce(v.belt_id, ''), t.currency,
         t.unit_price, t.moq,
         case when t.availability <> 'SPOT' or r.sku_id is not null then t.availability end,
         t.lead_time_days, t.length, t.said"""


# Conditions on a row `d` that says category and maker of goods, in the order of `wanted_of`.
FILTERS = (
    "d.category = {0}",
    "d.supplier_org_id = (select id from accounts.organization where code = {0})",
    "d.supplier_org_id in (select org_id from suppliers.supplier where belt_id = {0})",
    "d.supplier_org_id in (select org_id from suppliers.supplier where tier = {0})",
)
# Of a document they are said twice: as they are, and as the index of the words has them.
_KEYS = "array[d.category, d.supplier_org_id::text] @>"
_OF_DOCUMENTS = (
    f"{FILTERS[0]} and {_KEYS} array[{{0}}]",
    f"""{FILTERS[1]}
      and {_KEYS} array[(select id from accounts.organization where code = {{0}})::text]""",
    *FILTERS[2:],
)


def wanted_of(
    wishes: Wishes, args: list[Any], *, of: Sequence[str] = _OF_DOCUMENTS
) -> str:  # fmt: skip
    """The conditions of category and maker; what they ask for is added to `args`."""
    parts = []
    values = (wishes.category, wishes.supplier, wishes.belt, wishes.tier)
    for value, condition in zip(values, of, strict=True):
        if value is not None:
            args.append(value)
            parts.append(f" and {condition.format(f'${len(args)}::text')}")
    return "".join(parts)


def with_terms(wishes: Wishes, skus: str) -> str:
    """A join of `s` with the best terms of `skus`; who asks for no terms gets goods without too."""
    return f"""{"" if wishes.of_offers else "left"} join search.best_terms(
                 {skus}, $1, $2, $3, $4, $5, $6, $7) t on t.sku_id = s.sku_id"""


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


def terms_of(wishes: Wishes, on: dt.date) -> tuple[object, ...]:
    """The terms that `search.best_terms` takes, in its order."""
    return (
        on, wishes.quantity, wishes.currency, wishes.price_max, wishes.moq_max,
        wishes.lead_time_days_max, wishes.availability,
    )  # fmt: skip
