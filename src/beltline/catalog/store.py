"""Writes of the schema `catalog`. Private to the module."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge


async def merge_products(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged products by code; a product does not change its supplier."""
    return await merge(
        db,
        name,
        f"""insert into catalog.product as p (id, code, supplier_org_id, category, title, title_zh,
              created_at, updated_at)
            select kit.uuid7($1), i.code, s.org_id, coalesce(i.category, ''),
                   coalesce(i.title, i.title_zh, i.code), coalesce(i.title_zh, ''), $1, $1
              from {name} i join suppliers.supplier s on s.code = i.supplier
             order by i.code
            on conflict (code) do update set
              category = excluded.category, title = excluded.title,
              title_zh = excluded.title_zh, updated_at = excluded.updated_at
            where (p.category, p.title, p.title_zh)
              is distinct from (excluded.category, excluded.title, excluded.title_zh)
            returning (xmax = 0)""",
        now,
    )


async def merge_skus(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged SKUs by their network-wide code; empty measures keep their value."""
    return await merge(
        db,
        name,
        f"""insert into catalog.sku as k (id, code, product_id, supplier_org_id, title, title_zh,
              uom, pack_size, weight_g, length_mm, width_mm, height_mm, cargo_class, hs_code,
              created_at, updated_at)
            select kit.uuid7($1), i.code, p.id, p.supplier_org_id, coalesce(i.title, p.title),
                   coalesce(i.title_zh, p.title_zh), coalesce(i.uom, 'PIECE'),
                   coalesce(i.pack_size, 1), round(i.weight_g), round(i.length_mm),
                   round(i.width_mm), round(i.height_mm),
                   coalesce(i.cargo_class, 'GENERAL'), coalesce(i.hs_code, ''), $1, $1
              from {name} i join catalog.product p on p.code = i.product
             order by i.code
            on conflict (code) do update set
              title = excluded.title, title_zh = excluded.title_zh, uom = excluded.uom,
              pack_size = excluded.pack_size,
              weight_g = coalesce(excluded.weight_g, k.weight_g),
              length_mm = coalesce(excluded.length_mm, k.length_mm),
              width_mm = coalesce(excluded.width_mm, k.width_mm),
              height_mm = coalesce(excluded.height_mm, k.height_mm),
              cargo_class = excluded.cargo_class, hs_code = excluded.hs_code,
              updated_at = excluded.updated_at
            where (k.title, k.title_zh, k.uom, k.pack_size, k.cargo_class, k.hs_code)
                  is distinct from (excluded.title, excluded.title_zh, excluded.uom,
                                    excluded.pack_size, excluded.cargo_class, excluded.hs_code)
               or (coalesce(excluded.weight_g, k.weight_g),
                   coalesce(excluded.length_mm, k.length_mm),
                   coalesce(excluded.width_mm, k.width_mm),
                   coalesce(excluded.height_mm, k.height_mm))
                  is distinct from (k.weight_g, k.length_mm, k.width_mm, k.height_mm)
            returning (xmax = 0)""",
        now,
    )


async def insert_bare_skus(
    db: Writer, codes: Sequence[str], owner_org_id: UUID, now: dt.datetime
) -> int:
    """Add the codes that are no SKU yet, each under a product of its own code."""
    await db.execute(
        """insert into catalog.product (id, code, supplier_org_id, category, title, created_at,
             updated_at)
           select kit.uuid7($3), c.code, $2, '', c.code, $3, $3
             from unnest($1::text[]) as c (code)
            where not exists (select from catalog.sku k where k.code = c.code)
            order by c.code
           on conflict (code) do nothing""",
        codes, owner_org_id, now,
    )  # fmt: skip
    return await db.execute(
        """insert into catalog.sku (id, code, product_id, supplier_org_id, title, uom, created_at,
             updated_at)
           select kit.uuid7($2), p.code, p.id, p.supplier_org_id, p.title, 'PIECE', $2, $2
             from catalog.product p where p.code = any($1)
            order by p.code
           on conflict (code) do nothing""",
        codes, now,
    )  # fmt: skip


async def merge_offers(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged offers: one row a price break; the breaks of a file replace those before.

    Counted by row: a break that is new is inserted, one with another price or other terms
    around it is updated.
    """
    await _merge_terms(db, name, now)
    await db.execute(
        f"""delete from catalog.offer_break b using ({_offers_of(name)}) f
             where b.offer_id = f.offer_id and not (b.quantity_from = any(f.quantities))"""
    )
    return await merge(
        db,
        name,
        f"""insert into catalog.offer_break as b (offer_id, quantity_from, unit_price)
            select o.id, coalesce(i.quantity_from, 1), i.unit_price
              from {name} i {_JOIN_OFFER}
             order by 1, 2
            on conflict (offer_id, quantity_from) do update set unit_price = excluded.unit_price
             where b.unit_price <> excluded.unit_price
            returning (xmax = 0)""",
    )


_JOIN_SELLER = """
  join catalog.sku k on k.code = i.sku
  join accounts.organization s on s.code = i.supplier
"""
_JOIN_OFFER = f"""{_JOIN_SELLER}
  join catalog.offer o on o.sku_id = k.id and o.supplier_org_id = s.id
                      and o.audience = i.audience and o.currency = i.currency
"""


def _offers_of(name: str) -> str:
    return f"""select o.id as offer_id, array_agg(coalesce(i.quantity_from, 1)) as quantities
                 from {name} i {_JOIN_OFFER} group by o.id"""


async def _merge_terms(db: Writer, name: str, now: dt.datetime) -> None:
    await db.execute(
        f"""insert into catalog.offer as o (id, sku_id, supplier_org_id, audience, currency, moq,
              availability, sales_model, lead_time_days, tax_basis, valid_from, valid_until,
              operator_org_id, created_at, updated_at)
            select kit.uuid7($1), f.sku_id, f.org_id, f.audience, f.currency, f.moq,
                   f.availability, f.sales_model, f.lead_time_days, f.tax_basis, f.valid_from,
                   f.valid_until, accounts.operator_org(), $1, $1
              from (select distinct on (k.id, s.id, i.audience, i.currency)
                           k.id as sku_id, s.id as org_id, i.audience, i.currency,
                           coalesce(i.moq, 1) as moq,
                           coalesce(i.availability, 'SPOT') as availability,
                           coalesce(i.sales_model, 'OWNED') as sales_model, i.lead_time_days,
                           coalesce(i.tax_basis, 'NONE') as tax_basis,
                           coalesce(i.valid_from, ($1 at time zone 'UTC')::date) as valid_from,
                           i.valid_until
                      from {name} i {_JOIN_SELLER}
                     order by k.id, s.id, i.audience, i.currency, i.quantity_from nulls first) f
            on conflict (sku_id, supplier_org_id, audience, currency) do update set
              moq = excluded.moq, availability = excluded.availability,
              sales_model = excluded.sales_model, lead_time_days = excluded.lead_time_days,
              tax_basis = excluded.tax_basis,
              valid_from = least(o.valid_from, excluded.valid_from),
              valid_until = excluded.valid_until, updated_at = excluded.updated_at
            where (o.moq, o.availability, o.sales_model, o.lead_time_days, o.tax_basis,
                   o.valid_until)
              is distinct from (excluded.moq, excluded.availability, excluded.sales_model,
                                excluded.lead_time_days, excluded.tax_basis,
                                excluded.valid_until)""",
        now,
    )
