"""Reads of SKUs and offers."""

import datetime as dt
from collections import defaultdict
from uuid import UUID

from beltline.catalog.types import Offer, Sku, UnknownSku
from beltline.kit.db import Reader

_SKU = """
  select k.id, k.code, p.code as product, p.category, k.supplier_org_id, s.code as supplier,
         k.title, k.title_zh, k.uom, k.pack_size, k.weight_g, k.length_mm, k.width_mm, k.height_mm,
         k.cargo_class, k.hs_code
    from catalog.sku k
    join catalog.product p on p.id = k.product_id
    join accounts.organization s on s.id = k.supplier_org_id
"""


async def get_sku(db: Reader, code: str) -> Sku:
    """The SKU with this code."""
    found = await db.find(Sku, f"{_SKU} where k.code = $1", code)
    if found is None:
        raise UnknownSku(sku=code)
    return found


async def list_skus(
    db: Reader,
    *,
    words: str = "",
    category: str | None = None,
    supplier: str | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Sku]:
    """SKUs in order of their code; `words` is looked for in code and titles."""
    return await db.rows(
        Sku,
        f"""{_SKU}
            where k.code > $1
              and ($2 = '' or position(lower($2) in lower(k.code || ' ' || k.title)) > 0
                   or position($2 in k.title_zh) > 0)
              and ($3::text is null or p.category = $3)
              and ($4::text is null or s.code = $4)
            order by k.code limit $5""",
        after,
        words,
        category,
        supplier,
        limit,
    )


async def list_categories(db: Reader, *, limit: int = 500) -> list[str]:
    """Every category of a product, by name."""
    return await db.values(
        "select distinct category from catalog.product order by category limit $1", limit
    )


async def list_offers(
    db: Reader, sku_ids: list[UUID], *, audience: str, on: dt.date
) -> dict[UUID, list[Offer]]:
    """Offers that hold on a day, by SKU; each list by currency, then seller.

    Without breaks an offer has no price and is left out.
    """
    rows = await db.rows(
        Offer,
        """select o.id, o.sku_id, s.code as seller, o.audience, o.currency, o.moq, o.availability,
                  o.sales_model, o.lead_time_days, o.tax_basis, o.deposit_percent, o.valid_from,
                  o.valid_until,
                  b.breaks
             from catalog.offer o
             join accounts.organization s on s.id = o.supplier_org_id
             join lateral (
               select jsonb_agg(jsonb_build_object('quantity_from', quantity_from,
                        'unit_price', trim_scale(unit_price)::text) order by quantity_from)
                        as breaks
                 from catalog.offer_break where offer_id = o.id) b on b.breaks is not null
            where o.sku_id = any($1) and o.audience = $2 and o.valid_from <= $3
              and (o.valid_until is null or o.valid_until >= $3)
            order by o.sku_id, o.currency, s.code, o.id limit 10000""",
        sku_ids,
        audience,
        on,
    )
    offers: dict[UUID, list[Offer]] = defaultdict(list)
    for row in rows:
        offers[row.sku_id].append(row)
    return dict(offers)


async def skus_of(db: Reader, codes: list[str]) -> dict[str, Sku]:
    """The SKUs with these codes, by code; one that is unknown is left out."""
    rows = await db.rows(Sku, f"{_SKU} where k.code = any($1)", codes)
    return {row.code: row for row in rows}
