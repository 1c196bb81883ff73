"""Reads of what goods are beside their codes: words, attributes, media, evidence, prices, sales."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.catalog.types import (
    Attribute,
    AttributeValue,
    BeltGoods,
    BestSeller,
    CargoEvidence,
    Edit,
    HsCandidate,
    Media,
    PriceChange,
    Product,
    Translation,
    UnknownProduct,
    Untranslated,
)
from beltline.kit.clock import day_of
from beltline.kit.db import Reader


async def get_product(db: Reader, code: str) -> Product:
    """The product with this code."""
    found = await db.find(
        Product,
        """select p.id, p.code, p.category, p.supplier_org_id, s.code as supplier, p.locale,
                  p.title, p.title_zh, p.description, p.origin_country, p.origin_place,
                  p.is_customizable, p.version
             from catalog.product p join accounts.organization s on s.id = p.supplier_org_id
            where p.code = $1""",
        code,
    )
    if found is None:
        raise UnknownProduct(product=code)
    return found


async def list_attributes(db: Reader, category: str) -> list[Attribute]:
    """The attributes of a category, in the order they are asked for."""
    return await db.rows(
        Attribute,
        """select code, name, name_zh, kind, unit, choices from catalog.attribute
            where category = $1 order by position, code limit 200""",
        category,
    )


async def list_values(db: Reader, product_id: UUID) -> list[AttributeValue]:
    """What a product says under the attributes of its category."""
    return await db.rows(
        AttributeValue,
        """select v.code, coalesce(a.name, v.code) as name, coalesce(a.name_zh, '') as name_zh,
                  coalesce(a.kind, 'TEXT') as kind, coalesce(a.unit, '') as unit, v.text_value,
                  v.number_value
             from catalog.product_attribute v
             join catalog.product p on p.id = v.product_id
             left join catalog.attribute a on a.category = p.category and a.code = v.code
            where v.product_id = $1 order by a.position nulls last, v.code limit 200""",
        product_id,
    )


async def list_media(db: Reader, product_id: UUID) -> list[Media]:
    """The pictures of a product, in order."""
    return await db.rows(
        Media,
        """select id, position, media_type, width, height from catalog.media
            where product_id = $1 order by position, id limit 50""",
        product_id,
    )


async def find_content(db: Reader, media_id: UUID) -> tuple[str, bytes] | None:
    """Type and bytes of a picture."""
    media_type = await db.value("select media_type from catalog.media where id = $1", media_id)
    if media_type is None:
        return None
    content: bytes = await db.value("select content from catalog.media where id = $1", media_id)
    return media_type, content


async def list_translations(db: Reader, product: Product, source: bytes) -> list[Translation]:
    """A product's words in other languages; stale when made of another `source`."""
    return await db.rows(
        Translation,
        """select locale, title, description, is_machine, model, source_hash <> $2 as is_stale,
                  made_at
             from catalog.translation where product_id = $1 order by locale limit 60""",
        product.id,
        source,
    )


async def list_untranslated(
    db: Reader, locale: str, *, after: UUID, limit: int
) -> list[Untranslated]:
    """Products behind an id, by id, whose words stand in another language only.

    A translation of older words counts as none. A Chinese title without a description needs no more
    Chinese.
    """
    return await db.rows(
        Untranslated,
        """select p.id, p.title, p.title_zh, p.description, catalog.source_hash(p) as source_hash
             from catalog.product p
             left join catalog.translation t on t.product_id = p.id and t.locale = $1
            where p.id > $2 and p.locale <> $1
              and not ($1 = 'zh' and p.title_zh <> '' and p.description = '')
              and (t.product_id is null or t.source_hash <> catalog.source_hash(p))
            order by p.id limit $3""",
        locale,
        after,
        limit,
    )


async def list_hs(db: Reader, sku_id: UUID) -> list[HsCandidate]:
    """The HS codes that may fit a SKU, the best first."""
    return await db.rows(
        HsCandidate,
        """select hs_code, score, evidence, state, decided_by from catalog.hs_candidate
            where sku_id = $1 order by (state = 'CONFIRMED') desc, score desc, hs_code limit 20""",
        sku_id,
    )


async def list_evidence(db: Reader, sku_id: UUID) -> list[CargoEvidence]:
    """Why a SKU's cargo class holds, what ends first first."""
    return await db.rows(
        CargoEvidence,
        """select id, kind, number, valid_until from catalog.cargo_evidence
            where sku_id = $1 order by valid_until, id limit 50""",
        sku_id,
    )


async def list_prices(db: Reader, sku_id: UUID, *, limit: int = 20) -> list[PriceChange]:
    """Prices of a SKU that changed, the latest first, of the offers one may see."""
    return await db.rows(
        PriceChange,
        """select c.at, s.code as seller, o.currency, c.quantity_from, c.price_before, c.unit_price
             from catalog.price_change c
             join catalog.offer o on o.id = c.offer_id
             join accounts.organization s on s.id = o.supplier_org_id
            where o.sku_id = $1 order by c.at desc, c.id desc limit $2""",
        sku_id,
        limit,
    )


async def current_fields(
    db: Reader, org_id: UUID, skus: Sequence[str], *, all_goods: bool
) -> dict[str, dict[str, str | None]]:
    """What can be edited of SKUs, as text by field; `all_goods` includes those of others."""
    rows = await db.values(
        """select jsonb_build_object('sku', k.code, 'title', k.title, 'title_zh', k.title_zh,
                    'pack_size', k.pack_size::text, 'weight_g', k.weight_g::text,
                    'length_mm', k.length_mm::text, 'width_mm', k.width_mm::text,
                    'height_mm', k.height_mm::text, 'carton_pieces', k.carton_pieces::text,
                    'carton_weight_g', k.carton_weight_g::text, 'moq', t.moq, 'price', t.price,
                    'lead_time_days', t.lead_time_days)
             from catalog.sku k
             left join lateral (
               select min(o.moq)::text as moq, min(o.lead_time_days)::text as lead_time_days,
                      trim_scale(min(b.unit_price))::text as price
                 from catalog.offer o
                 left join lateral (select unit_price from catalog.offer_break x
                                     where x.offer_id = o.id
                                     order by quantity_from limit 1) b on true
                where o.sku_id = k.id and o.supplier_org_id = $1
               having count(*) = 1) t on true
            where k.code = any($2) and ($3 or k.supplier_org_id = $1) limit 5000""",
        org_id,
        list(skus),
        all_goods,
    )
    return {row.pop("sku"): row for row in rows}


async def get_edit(db: Reader, edit_id: UUID) -> Edit:
    """One edit of the acting organization."""
    return await db.get(
        Edit, "edit", edit_id,
        "select id, made_by, made_at, changes, undone_at from catalog.edit where id = $1", edit_id,
    )  # fmt: skip


async def list_belt_goods(db: Reader, belt_id: str, *, on: dt.date) -> list[BeltGoods]:
    """The bands of first prices of a belt's goods by category and currency, as buyers pay them."""
    return await db.rows(
        BeltGoods,
        """select p.category, o.currency, count(*) as offers,
                  percentile_disc(0.1) within group (order by b.unit_price) as low,
                  percentile_disc(0.5) within group (order by b.unit_price) as middle,
                  percentile_disc(0.9) within group (order by b.unit_price) as high
             from catalog.offer o
             join catalog.sku k on k.id = o.sku_id
             join catalog.product p on p.id = k.product_id
             join suppliers.supplier s on s.org_id = k.supplier_org_id
             join lateral (select unit_price from catalog.offer_break x
                            where x.offer_id = o.id order by quantity_from limit 1) b on true
            where s.belt_id = $1 and o.audience = 'BUYERS' and o.valid_from <= $2
              and (o.valid_until is null or o.valid_until >= $2)
            group by p.category, o.currency order by count(*) desc, 1, 2 limit 12""",
        belt_id,
        on,
    )


async def list_best_sellers(db: Reader, belt_id: str, *, since: dt.date) -> list[BestSeller]:
    """What sold best of a belt's goods; the operator alone sees sales."""
    return await db.rows(
        BestSeller,
        """select k.code, k.title, k.title_zh, k.uom, sum(d.units)::bigint as units,
                  sum(d.orders)::bigint as orders
             from catalog.sku_day d
             join catalog.sku k on k.id = d.sku_id
             join suppliers.supplier s on s.org_id = k.supplier_org_id
            where s.belt_id = $1 and d.day >= $2
            group by k.id order by sum(d.orders) desc, sum(d.units) desc, k.code limit 10""",
        belt_id,
        since,
    )


async def months_of_belt(db: Reader, belt_id: str, *, since: dt.date) -> list[tuple[str, int]]:
    """Orders of a belt's goods by month (`2026-11`), the first first."""
    rows = await db.values(
        """select jsonb_build_array(to_char(d.day, 'YYYY-MM'), sum(d.orders))
             from catalog.sku_day d
             join catalog.sku k on k.id = d.sku_id
             join suppliers.supplier s on s.org_id = k.supplier_org_id
            where s.belt_id = $1 and d.day >= $2
            group by to_char(d.day, 'YYYY-MM') order by to_char(d.day, 'YYYY-MM') limit 36""",
        belt_id,
        since,
    )
    return [(month, int(orders)) for month, orders in rows]


async def heat_by_belt(db: Reader, *, now: dt.datetime) -> list[dict[str, object]]:
    """What each belt sold, made and asked for in the latest 28 days, beside the 28 before.

    The price index is the geometric mean, over offers to the operator, of the first price now by
    the one 28 days ago (Jevons): 1 where nothing changed.
    """
    return await db.values(
        """with goods as (
             select k.id, s.belt_id, p.created_at as made_at
               from catalog.sku k
               join catalog.product p on p.id = k.product_id
               join suppliers.supplier s on s.org_id = k.supplier_org_id
              where s.belt_id is not null),
           sold as (
             select g.belt_id,
                    sum(d.orders) filter (where d.day > $1::date - 28) as orders_28d,
                    sum(d.units) filter (where d.day > $1::date - 28) as units_28d,
                    sum(d.orders) filter (where d.day <= $1::date - 28) as orders_before
               from catalog.sku_day d join goods g on g.id = d.sku_id
              where d.day > $1::date - 56 group by g.belt_id),
           prices as (
             select g.belt_id, count(*) as offers, exp(avg(ln(b.unit_price / coalesce((
                      select c.price_before from catalog.price_change c
                       where c.offer_id = o.id and c.quantity_from = b.quantity_from
                         and c.at > $2::timestamptz - interval '28 days' and c.price_before > 0
                       order by c.at, c.id limit 1), b.unit_price)))) as index
               from catalog.offer o
               join goods g on g.id = o.sku_id
               join lateral (select quantity_from, unit_price from catalog.offer_break x
                              where x.offer_id = o.id order by quantity_from limit 1) b
                 on b.unit_price > 0
              where o.audience = 'OPERATOR' group by g.belt_id)
           select jsonb_build_object('belt_id', g.belt_id,
                    'orders_28d', coalesce(max(s.orders_28d), 0),
                    'units_28d', coalesce(max(s.units_28d), 0),
                    'orders_before', coalesce(max(s.orders_before), 0), 'skus', count(*),
                    'new_products_28d',
                    count(*) filter (where g.made_at > $2::timestamptz - interval '28 days'),
                    'price_index', max(p.index), 'priced_offers', coalesce(max(p.offers), 0))
             from goods g
             left join sold s on s.belt_id = g.belt_id
             left join prices p on p.belt_id = g.belt_id
            group by g.belt_id order by g.belt_id limit 5000""",
        day_of(now),
        now,
    )
