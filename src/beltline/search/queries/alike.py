"""Reads of pairs and groups, and of products as they are compared."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from beltline.kit.db import Reader
from beltline.search.types import (
    BARCODE_CODES,
    BRAND_CODES,
    Article,
    Block,
    Link,
    Maker,
    Pair,
    Print,
)

_ARTICLE = """
  select p.id, s.code as shop, p.category,
         concat_ws(' ', p.title, nullif(nullif(p.title_zh, ''), p.title)) as title,
         coalesce(v.brand, '') as brand, coalesce(v.barcodes, '{}') as barcodes,
         coalesce(v.said, '{}') as said,
         coalesce((select array_agg(encode(m.sha256, 'hex')) from catalog.media m
                    where m.product_id = p.id), '{}') as pictures,
         coalesce((select array_agg(v.print) from search.vector v
                    where v.product_id = p.id and v.kind = 'PICTURE' and v.print is not null),
                  '{}') as prints,
         coalesce((select array_remove(array[nullif(upper(f.licence_number), ''),
                                             nullif(lower(f.address), '')], null)
                     from suppliers.profile f where f.org_id = p.supplier_org_id), '{}')
           as shop_marks,
         coalesce((select array_agg(distinct left(k.hs_code, 4)) from catalog.sku k
                    where k.product_id = p.id and length(k.hs_code) >= 4), '{}') as headings
    from catalog.product p
    join accounts.organization s on s.id = p.supplier_org_id
    left join lateral (
      select min(a.text_value) filter (where a.code = any($1)) as brand,
             array_agg(a.text_value) filter (where a.code = any($2)) as barcodes,
             jsonb_object_agg(a.code, coalesce(a.text_value, trim_scale(a.number_value)::text))
               filter (where not a.code = any($1::text[] || $2::text[])) as said
        from catalog.product_attribute a where a.product_id = p.id) v on true
"""
# A product of a pair with the first of its SKUs, by which it is known to people.
_SIDE = """(select jsonb_build_object('product', p.code, 'sku', coalesce(k.code, p.code),
              'title', p.title, 'title_zh', p.title_zh, 'supplier', s.code,
              'supplier_name', s.name, 'supplier_name_zh', s.name_zh,
              'tier', coalesce(v.tier, ''), 'media',
              coalesce('med_' || replace(m.id::text, '-', ''), ''))
         from catalog.product p
         join accounts.organization s on s.id = p.supplier_org_id
         left join suppliers.supplier v on v.org_id = p.supplier_org_id
         left join lateral (select code from catalog.sku where product_id = p.id
                             order by code limit 1) k on true
         left join lateral (select id from catalog.media where product_id = p.id
                             order by position, id limit 1) m on true
        where p.id = r.product_)"""
_A = _SIDE.replace("r.product_", "r.product_a")
_B = _SIDE.replace("r.product_", "r.product_b")
_PAIR = f"""select r.id, r.kind, r.state, r.score, r.doubt, r.evidence, r.differences,
                   r.decided_by, r.decided_at, r.version, {_A} as a, {_B} as b
              from search.pair r"""


async def find_stale_block(db: Reader) -> Block | None:
    """A category that says something else than when it was last compared."""
    return await db.find(Block, f"{_STALE} order by n.category limit 1")


async def count_stale_blocks(db: Reader) -> int:
    """How many categories there are to compare."""
    return int(await db.value(f"select count(*) from ({_STALE}) as stale"))


_STALE = """
  select n.category, n.said
    from (select p.category,
                 concat_ws(' ', count(*), max(p.updated_at), sum(m.pictures), max(m.latest),
                           sum(m.prints), max(k.latest)) as said
            from catalog.product p
            left join lateral (
              select count(*) as pictures, max(i.created_at) as latest, count(v.print) as prints
                from catalog.media i
                left join search.vector v on v.kind = 'PICTURE' and v.of_id = i.id
               where i.product_id = p.id) m on true
            left join lateral (
              select max(i.updated_at) as latest from catalog.sku i where i.product_id = p.id
              ) k on true
           group by p.category) n
    left join search.compared c on c.block = n.category
   where c.said is distinct from n.said
"""


async def list_articles(db: Reader, category: str) -> list[Article]:
    """Every product of a category, as it is compared; barcodes as they were written."""
    return await db.rows(
        Article, f"{_ARTICLE} where p.category = $3 order by p.id",
        list(BRAND_CODES), list(BARCODE_CODES), category,
    )  # fmt: skip


async def list_prints(db: Reader) -> list[tuple[UUID, int]]:
    """The fingerprint of every picture and whose it is."""
    found = await db.rows(
        Print, "select product_id, print from search.vector where print is not null"
    )
    return [(one.product_id, one.print) for one in found]


async def list_marked_articles(db: Reader, *, also: Collection[UUID] = ()) -> list[Article]:
    """Products that share a barcode's text or a picture with one of another category and shop.

    And some more that are known by another mark.
    """
    return await db.rows(
        Article,
        f"""with mark as (
              select encode(m.sha256, 'hex') as mark, m.product_id from catalog.media m
              union
              select a.text_value, a.product_id from catalog.product_attribute a
               where a.code = any($2) and a.text_value <> ''
            ), shared as (
              select t.mark from mark t join catalog.product p on p.id = t.product_id
               group by t.mark
              having count(distinct p.category) > 1 and count(distinct p.supplier_org_id) > 1)
            {_ARTICLE}
            where p.id in (select t.product_id from mark t join shared using (mark))
               or p.id = any($3)
            order by p.id""",
        list(BRAND_CODES),
        list(BARCODE_CODES),
        list(also),
    )


async def list_links(db: Reader, *, among: Collection[UUID] | None = None) -> list[Link]:
    """Every pair that says something of groups, or those between some products."""
    return await db.rows(
        Link,
        """select product_a as a, product_b as b, kind, state, score from search.pair
            where $1::uuid[] is null or (product_a = any($1) and product_b = any($1))
            order by product_a, product_b""",
        None if among is None else list(among),
    )


async def list_grouped_with(db: Reader, products: Collection[UUID]) -> list[UUID]:
    """The members of the groups of some products, themselves included."""
    return await db.values(
        """select product_id from search.alike
            where group_id in (select group_id from search.alike where product_id = any($1))
           union select unnest($1) order by 1""",
        list(products),
    )


async def count_pairs(db: Reader) -> dict[str, int]:
    """How many pairs wait, and how many were decided, by state."""
    counted = await db.value(
        """select coalesce(jsonb_object_agg(state, n), '{}')
             from (select state, count(*) as n from search.pair group by state) c"""
    )
    return dict(counted)


async def list_waiting_pairs(
    db: Reader, *, after: tuple[float, UUID] | None = None, limit: int
) -> list[Pair]:
    """Pairs that nobody has decided, the most doubtful first."""
    return await db.rows(
        Pair,
        f"""{_PAIR} where r.state = 'PROPOSED'
               and ($1::float8 is null or (r.doubt, r.id) > ($1, $2))
             order by r.doubt, r.id limit $3""",
        *(after or (None, None)),
        limit,
    )


async def list_decided_pairs(
    db: Reader, *, after: tuple[dt.datetime, UUID] | None = None, limit: int
) -> list[Pair]:
    """Pairs that people decided, the latest first."""
    return await db.rows(
        Pair,
        f"""{_PAIR} where r.state <> 'PROPOSED'
               and ($1::timestamptz is null or (r.decided_at, r.id) < ($1, $2))
             order by r.decided_at desc, r.id desc limit $3""",
        *(after or (None, None)),
        limit,
    )


async def get_pair(db: Reader, pair_id: UUID) -> Pair:
    """One pair."""
    return await db.get(Pair, "pair", pair_id, f"{_PAIR} where r.id = $1", pair_id)


async def products_of(db: Reader, pair_id: UUID) -> list[UUID]:
    """The two products of a pair, the lesser id first."""
    found: list[UUID] = await db.value(
        "select array[product_a, product_b] from search.pair where id = $1", pair_id
    )
    return found


async def find_group(db: Reader, product: str) -> UUID | None:
    """The group of a product by its code; None where it is alone."""
    found: UUID | None = await db.value(
        """select a.group_id from search.alike a join catalog.product p on p.id = a.product_id
            where p.code = $1""",
        product,
    )
    return found


async def list_makers(
    db: Reader, product: str, *, quantity: int, audience: str, on: dt.date, limit: int = 20
) -> list[Maker]:
    """Who else makes a product: its group, then its substitutes; each with its best terms.

    Each list by price at the quantity, goods without an offer last.
    """
    return await db.rows(
        Maker,
        f"""with own as (select id from catalog.product where code = $1),
            near as (
              select o.product_id, coalesce(r.kind, 'SAME_ITEM') as kind,
                     coalesce(r.state, 'PROPOSED') as state, r.score,
                     coalesce(r.evidence, '[]') as evidence, r.differences, r.product_a
                from own
                join search.alike mine on mine.product_id = own.id
                join search.alike o on o.group_id = mine.group_id and o.product_id <> own.id
                left join search.pair r on r.product_a = least(own.id, o.product_id)
                                       and r.product_b = greatest(own.id, o.product_id)
                                       and r.kind in ('SAME_ITEM', 'SAME_FACTORY')
              {_SUBSTITUTES})
            select p.code as product, k.code as sku, k.title, k.title_zh, k.uom,
                   s.code as supplier, s.name as supplier_name, s.name_zh as supplier_name_zh,
                   coalesce(v.kind, '') as supplier_kind, coalesce(v.tier, '') as tier,
                   coalesce(v.belt_id, '') as belt, n.kind, n.state, n.score, n.evidence,
                   coalesce(d.told, '[]') as differences, k.currency, k.unit_price, k.moq,
                   k.availability, k.lead_time_days, c.mean as on_time,
                   coalesce(c.trials, 0) as trials
              from near n
              join catalog.product p on p.id = n.product_id
              join accounts.organization s on s.id = p.supplier_org_id
              left join suppliers.supplier v on v.org_id = p.supplier_org_id
              left join suppliers.record c on c.org_id = p.supplier_org_id
                                          and c.measure = 'ON_TIME'
              left join lateral (
                select jsonb_agg(jsonb_build_object('code', e ->> 'code',
                         'a', e ->> case when n.product_a = n.product_id then 'b' else 'a' end,
                         'b', e ->> case when n.product_a = n.product_id then 'a' else 'b' end)
                         ) as told
                  from jsonb_array_elements(n.differences) e) d on true
              join {_BEST_SKU} k on true
             order by n.kind = 'SUBSTITUTE', k.unit_price is null, k.currency, k.unit_price,
                      n.score desc nulls last, p.id
             limit $5""",
        product, quantity, audience, on, limit,
    )  # fmt: skip


_SUBSTITUTES = """union all
  select case when r.product_a = own.id then r.product_b else r.product_a end, r.kind,
         r.state, r.score, r.evidence, r.differences, r.product_a
    from own join search.pair r on own.id in (r.product_a, r.product_b)
   where r.kind = 'SUBSTITUTE'
     and not exists (
       select from search.alike x join search.alike y using (group_id)
        where x.product_id = r.product_a and y.product_id = r.product_b)
"""
_BEST_SKU = """lateral (
  select k.code, k.title, k.title_zh, k.uom, o.currency, o.unit_price, o.moq, o.availability,
         o.lead_time_days
    from catalog.sku k
    left join lateral (
      select o.currency, b.unit_price, o.moq, o.availability, o.lead_time_days
        from catalog.offer o
        join lateral (
          select b.unit_price from catalog.offer_break b
           where b.offer_id = o.id and b.quantity_from <= greatest($2, o.moq)
           order by b.quantity_from desc limit 1) b on true
       where o.sku_id = k.id and o.audience = $3 and o.valid_from <= $4
         and (o.valid_until is null or o.valid_until >= $4)
       order by b.unit_price, o.id limit 1) o on true
   where k.product_id = p.id
   order by o.unit_price is null, o.unit_price, k.code limit 1)"""
