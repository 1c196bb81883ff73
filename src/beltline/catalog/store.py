"""Writes of the schema `catalog`. Private to the module."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.catalog.types import (
    Approval,
    Attribute,
    Change,
    Draft,
    DraftRow,
    EvidenceBody,
    Product,
    ProductBody,
    Sku,
    TranslationBody,
    Wording,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.images import Image
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
    # What a row is of is looked up once, and stands beside it from then on.
    sold, breaks = f"{name}_sold", f"{name}_breaks"
    await _keep_as(db, sold, f"select i.*, k.id as sku_id, s.id as org_id from {name} i {_SELLER}")
    are_new = await _merge_terms(db, sold, now)
    await _keep_as(
        db,
        breaks,
        f"""select o.id as offer_id, coalesce(i.quantity_from, 1)::bigint as quantity_from,
                   i.unit_price
              from {sold} i {_OFFER}""",
    )
    if not are_new:
        await _replace_breaks(db, breaks, now)
    return await merge(
        db,
        name,
        f"""insert into catalog.offer_break as b (offer_id, quantity_from, unit_price)
            select i.offer_id, i.quantity_from, i.unit_price from {breaks} i
             order by i.offer_id, i.quantity_from
            on conflict (offer_id, quantity_from) do update set unit_price = excluded.unit_price
             where b.unit_price <> excluded.unit_price
            returning (xmax = 0)""",
    )


async def _keep_as(db: Writer, name: str, rows: str) -> None:
    await db.execute(f"drop table if exists pg_temp.{name}")
    await db.execute(f"create temporary table {name} on commit drop as {rows}")


async def _replace_breaks(db: Writer, breaks: str, now: dt.datetime) -> None:
    """Keep what prices were before a file changes them, and drop breaks that it has no more."""
    await db.execute(
        f"""insert into catalog.price_change (id, offer_id, quantity_from, price_before,
              unit_price, at)
            select kit.uuid7($1), i.offer_id, b.quantity_from, b.unit_price, i.unit_price, $1
              from {breaks} i
             cross join lateral (
               select b.quantity_from, b.unit_price from catalog.offer_break b
                where b.offer_id = i.offer_id and b.quantity_from = i.quantity_from
               offset 0) b
             where b.unit_price <> i.unit_price""",
        now,
    )
    await db.execute(
        f"""delete from catalog.offer_break b
             using (select i.offer_id, array_agg(i.quantity_from) as quantities
                      from {breaks} i group by i.offer_id) f
             where b.offer_id = f.offer_id and not (b.quantity_from = any(f.quantities))"""
    )


# Rows are looked up through unique indexes, in this order whatever the planner thinks of tables
# that were filled a moment ago.
_SELLER = """
  cross join lateral (select k.id from catalog.sku k where k.code = i.sku offset 0) k
  cross join lateral (
    select s.id from accounts.organization s where s.code = i.supplier offset 0) s
"""
_OFFER = """
  cross join lateral (
    select o.id from catalog.offer o
     where o.sku_id = i.sku_id and o.supplier_org_id = i.org_id and o.audience = i.audience
       and o.currency = i.currency offset 0) o
"""


async def _merge_terms(db: Writer, sold: str, now: dt.datetime) -> bool:
    """Upsert the offers that rows are of; whether all of them are new."""
    return bool(
        await db.value(
            f"""with told as materialized (
                  select distinct on (i.sku_id, i.org_id, i.audience, i.currency)
                         i.sku_id, i.org_id, i.audience, i.currency, coalesce(i.moq, 1) as moq,
                         coalesce(i.availability, 'SPOT') as availability,
                         coalesce(i.sales_model, 'OWNED') as sales_model, i.lead_time_days,
                         coalesce(i.tax_basis, 'NONE') as tax_basis, i.deposit_percent,
                         coalesce(i.valid_from, kit.day_of($1)) as valid_from, i.valid_until
                    from {sold} i
                   order by i.sku_id, i.org_id, i.audience, i.currency,
                            i.quantity_from nulls first),
                done as (
                  insert into catalog.offer as o (id, sku_id, supplier_org_id, audience, currency,
                    moq, availability, sales_model, lead_time_days, tax_basis, deposit_percent,
                    valid_from, valid_until, operator_org_id, created_at, updated_at)
                  select kit.uuid7($1), f.sku_id, f.org_id, f.audience, f.currency, f.moq,
                         f.availability, f.sales_model, f.lead_time_days, f.tax_basis,
                         f.deposit_percent, f.valid_from, f.valid_until, accounts.operator_org(),
                         $1, $1
                    from told f
                  on conflict (sku_id, supplier_org_id, audience, currency) do update set
                    moq = excluded.moq, availability = excluded.availability,
                    sales_model = excluded.sales_model, lead_time_days = excluded.lead_time_days,
                    tax_basis = excluded.tax_basis, deposit_percent = excluded.deposit_percent,
                    valid_from = case when o.held_from is null
                                      then least(o.valid_from, excluded.valid_from)
                                      else o.valid_from end,
                    valid_until = excluded.valid_until, updated_at = excluded.updated_at
                  where (o.moq, o.availability, o.sales_model, o.lead_time_days, o.tax_basis,
                         o.deposit_percent, o.valid_until)
                    is distinct from (excluded.moq, excluded.availability, excluded.sales_model,
                                      excluded.lead_time_days, excluded.tax_basis,
                                      excluded.deposit_percent, excluded.valid_until)
                  returning (xmax = 0) as is_new)
                select (select count(*) from told)
                       = (select count(*) from done where is_new)""",
            now,
        )
    )


async def follow_cases(db: Writer) -> int:
    """Take the goods of cases that hold them off the shelf, and put others back; how many offers.

    A case is about offers of the shop, and about every offer of goods that the shop makes.
    """
    return await db.execute(
        """with wanted as (
             select o.id, exists (
                      select from suppliers.shop_case c
                       where c.state in ('FROZEN', 'ANSWERED', 'APPEALED', 'DELISTED',
                                         'FINAL_DELISTED')
                         and c.org_id in (o.supplier_org_id, k.supplier_org_id)
                         and (c.skus = '{}' or k.code = any(c.skus))) as is_held
               from catalog.offer o join catalog.sku k on k.id = o.sku_id
              where exists (select from suppliers.shop_case)
                and (o.held_from is not null or exists (
                      select from suppliers.shop_case c
                       where c.org_id in (o.supplier_org_id, k.supplier_org_id))))
           update catalog.offer o
              set held_from = case when w.is_held then o.valid_from end,
                  valid_from = case when w.is_held then 'infinity' else o.held_from end
             from wanted w
            where w.id = o.id and w.is_held <> (o.held_from is not null)"""
    )


_SKU_FIELDS = {
    "title": "text", "title_zh": "text", "pack_size": "bigint", "weight_g": "int",
    "length_mm": "int", "width_mm": "int", "height_mm": "int", "carton_pieces": "int",
    "carton_weight_g": "int",
}  # fmt: skip
_OFFER_FIELDS = {"moq": "bigint", "lead_time_days": "double precision"}


async def apply_change(db: Writer, org_id: UUID, change: Change, now: dt.datetime) -> bool:
    """Change one field of one SKU from what it was; False when it is that no longer.

    Prices and terms are those of the organization's own single offer of the SKU.
    """
    before, after = change.before, change.after
    if change.field in _SKU_FIELDS:
        cast = _SKU_FIELDS[change.field]
        kept = (
            f"coalesce($3::text::{cast}, '')"
            if change.field == "title_zh"
            else (f"$3::text::{cast}")
        )
        done = await db.execute(
            f"""update catalog.sku
                   set {change.field} = {kept}, version = version + 1, updated_at = $4
                 where code = $1
                   and nullif({change.field}::text, '') is not distinct from $2::text""",
            change.sku, before, after, now,
        )  # fmt: skip
    elif change.field in _OFFER_FIELDS:
        cast = _OFFER_FIELDS[change.field]
        done = await db.execute(
            f"""update catalog.offer o
                   set {change.field} = $3::text::{cast}, updated_at = $4
                  from catalog.sku k
                 where k.id = o.sku_id and k.code = $1 and o.supplier_org_id = $5
                   and o.{change.field} is not distinct from $2::text::{cast}""",
            change.sku, before, after, now, org_id,
        )  # fmt: skip
    else:
        done = await _change_price(db, org_id, change, now)
    return done == 1


async def _change_price(db: Writer, org_id: UUID, change: Change, now: dt.datetime) -> int:
    return await db.execute(
        """with target as (
             select o.id, min(b.quantity_from) as first
               from catalog.offer o
               join catalog.sku k on k.id = o.sku_id
               join catalog.offer_break b on b.offer_id = o.id
              where k.code = $1 and o.supplier_org_id = $4 group by o.id),
           moved as (
             update catalog.offer_break b set unit_price = $3::text::numeric
               from target t
              where b.offer_id = t.id and b.quantity_from = t.first
                and b.unit_price = $2::text::numeric
             returning b.offer_id, b.quantity_from, b.unit_price)
           insert into catalog.price_change (id, offer_id, quantity_from, price_before, unit_price,
             at)
           select kit.uuid7($5), offer_id, quantity_from, $2::text::numeric, unit_price, $5
             from moved""",
        change.sku, change.before, change.after, org_id, now,
    )  # fmt: skip


async def insert_edit(
    db: Writer, edit_id: UUID, org_id: UUID, changes: Sequence[Change], *, by: str, now: dt.datetime
) -> None:
    """Keep what an edit did."""
    await db.execute(
        """insert into catalog.edit (id, org_id, made_by, made_at, changes)
           values ($1, $2, $3, $4, $5)""",
        edit_id, org_id, by, now, msgspec.to_builtins(list(changes)),
    )  # fmt: skip


async def mark_undone(db: Writer, edit_id: UUID, *, since: dt.datetime, now: dt.datetime) -> bool:
    """Take an edit for undone; False when it was, or was made before `since`."""
    done = await db.execute(
        """update catalog.edit set undone_at = $2
            where id = $1 and undone_at is null and made_at >= $3""",
        edit_id, now, since,
    )  # fmt: skip
    return bool(done)


async def replace_attributes(db: Writer, category: str, attributes: Sequence[Attribute]) -> None:
    """Make the attributes of a category these, in this order."""
    await db.execute("delete from catalog.attribute where category = $1", category)
    await db.execute_many(
        """insert into catalog.attribute (category, code, name, name_zh, kind, unit, choices,
             position)
           values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        [
            (category, one.code, one.name, one.name_zh, one.kind, one.unit, one.choices, n)
            for n, one in enumerate(attributes)
        ],
    )


async def set_attribute(
    db: Writer, product: Product, code: str, value: tuple[str | None, Decimal | None] | None
) -> None:
    """Set what a product says under an attribute; None takes it away."""
    if value is None:
        await db.execute(
            "delete from catalog.product_attribute where product_id = $1 and code = $2",
            product.id, code,
        )  # fmt: skip
        return
    await db.execute(
        """insert into catalog.product_attribute (product_id, supplier_org_id, code, text_value,
             number_value)
           values ($1, $2, $3, $4, $5)
           on conflict (product_id, code) do update set
             text_value = excluded.text_value, number_value = excluded.number_value""",
        product.id, product.supplier_org_id, code, *value,
    )  # fmt: skip


async def update_product(db: Writer, product: Product, told: ProductBody, now: dt.datetime) -> None:
    """Change what a product says of itself; None leaves a thing as it is."""
    await db.execute(
        """update catalog.product
              set title = coalesce($2, title), title_zh = coalesce($3, title_zh),
                  description = coalesce($4, description), locale = coalesce($5, locale),
                  origin_country = coalesce($6, origin_country),
                  origin_place = coalesce($7, origin_place),
                  is_customizable = coalesce($8, is_customizable),
                  version = version + 1, updated_at = $9
            where id = $1""",
        product.id, told.title, told.title_zh, told.description, told.locale, told.origin_country,
        told.origin_place, told.is_customizable, now,
    )  # fmt: skip


async def insert_media(
    db: Writer, media_id: UUID, product: Product, image: Image, digest: bytes, now: dt.datetime
) -> None:
    """Keep a cleaned picture behind those a product has."""
    await db.execute(
        """insert into catalog.media (id, product_id, supplier_org_id, position, media_type, width,
             height, sha256, content, created_at)
           select $1, $2, $3, coalesce(max(m.position) + 1, 0), $4, $5, $6, $7, $8, $9
             from catalog.media m where m.product_id = $2""",
        media_id, product.id, product.supplier_org_id, image.media_type, image.width, image.height,
        digest, image.content, now,
    )  # fmt: skip


async def upsert_translation(
    db: Writer, product: Product, told: TranslationBody, locale: str, source_hash: bytes,
    now: dt.datetime,
) -> bool:  # fmt: skip
    """Keep a translation; a machine's never replaces a person's of the same source."""
    done = await db.execute(
        """insert into catalog.translation as t (product_id, supplier_org_id, locale, title,
             description, is_machine, model, source_hash, made_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (product_id, locale) do update set
             title = excluded.title, description = excluded.description,
             is_machine = excluded.is_machine, model = excluded.model,
             source_hash = excluded.source_hash, made_at = excluded.made_at
           where t.is_machine or not excluded.is_machine
              or t.source_hash <> excluded.source_hash""",
        product.id, product.supplier_org_id, locale, told.title, told.description,
        told.is_machine, told.model, source_hash, now,
    )  # fmt: skip
    if done:
        await _say_changed(db, [product.id], now)
    return bool(done)


async def keep_machine_words(
    db: Writer, told: Sequence[tuple[UUID, bytes, Wording]], *, locale: str, model: str,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Keep what a machine said of (product, hash of its source), where the source is still that.

    How many: none replaces a person's words of the same source.
    """
    kept = await db.values(
        """insert into catalog.translation as t (product_id, supplier_org_id, locale, title,
             description, is_machine, model, source_hash, made_at)
           select p.id, p.supplier_org_id, $5, d.title, d.description, true, $6, d.source_hash, $7
             from unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[])
                  as d (product_id, source_hash, title, description)
             join catalog.product p
               on p.id = d.product_id and catalog.source_hash(p) = d.source_hash
            order by p.id
           on conflict (product_id, locale) do update set
             title = excluded.title, description = excluded.description,
             is_machine = excluded.is_machine, model = excluded.model,
             source_hash = excluded.source_hash, made_at = excluded.made_at
           where t.is_machine or t.source_hash <> excluded.source_hash
           returning product_id""",
        [product for product, _, _ in told], [source for _, source, _ in told],
        [words.title for _, _, words in told], [words.description for _, _, words in told],
        locale, model, now,
    )  # fmt: skip
    await _say_changed(db, kept, now)
    return len(kept)


async def _say_changed(db: Writer, product_ids: Sequence[UUID], now: dt.datetime) -> None:
    """Let those who follow changes, such as the search index, read products anew."""
    await db.execute(
        "update catalog.product set updated_at = $2 where id = any($1)", product_ids, now
    )


async def insert_evidence(
    db: Writer, evidence_id: UUID, sku: Sku, told: EvidenceBody, now: dt.datetime
) -> None:
    """Keep why a cargo class holds."""
    await db.execute(
        """insert into catalog.cargo_evidence (id, sku_id, supplier_org_id, kind, number,
             valid_until, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        evidence_id, sku.id, sku.supplier_org_id, told.kind, told.number, told.valid_until, now,
    )  # fmt: skip


async def suggest_hs(db: Writer, sku: Sku, category: str) -> None:
    """Make the five HS codes with the best evidence candidates; what a person decided stays.

    Evidence is what goods of the same category carry (a share of them), and what the maker's belt
    is known for (headings, worth little).
    """
    await db.execute(
        "delete from catalog.hs_candidate where sku_id = $1 and state = 'CANDIDATE'", sku.id
    )
    await db.execute(
        r"""with kin as (
             select k.hs_code, count(*) as n, sum(count(*)) over () as total
               from catalog.sku k join catalog.product p on p.id = k.product_id
              where p.category = $3 and k.id <> $1 and k.hs_code ~ '^[0-9]{4,10}$'
              group by k.hs_code),
           found as (
             select hs_code, 0.9 * n / total as score,
                    n || ' of ' || total || ' SKUs in ' || $3 as evidence from kin
             union all
             select heading, 0.1, 'belt ' || b.name_en || ' (' || b.evidence || ')'
               from suppliers.supplier s join suppliers.belt b on b.id = s.belt_id,
                    regexp_split_to_table(b.hs4, '\s+') heading
              where s.org_id = $2 and heading ~ '^[0-9]{4}$')
           insert into catalog.hs_candidate (sku_id, supplier_org_id, hs_code, score, evidence)
           select $1, $2, hs_code, least(sum(score), 1),
                  string_agg(evidence, '; ' order by evidence)
             from found group by hs_code order by 4 desc, hs_code limit 5
           on conflict (sku_id, hs_code) do nothing""",
        sku.id, sku.supplier_org_id, category,
    )  # fmt: skip


async def decide_hs(
    db: Writer, sku: Sku, hs_code: str, *, confirm: bool, by: str, now: dt.datetime
) -> bool:
    """Confirm or reject a candidate; the confirmed one becomes the SKU's code."""
    done = await db.execute(
        """update catalog.hs_candidate
              set state = case when $3 then 'CONFIRMED' else 'REJECTED' end, decided_by = $4,
                  decided_at = $5
            where sku_id = $1 and hs_code = $2""",
        sku.id, hs_code, confirm, by, now,
    )  # fmt: skip
    if done and confirm:
        await db.execute(
            """update catalog.hs_candidate set state = 'CANDIDATE'
                where sku_id = $1 and hs_code <> $2 and state = 'CONFIRMED'""",
            sku.id, hs_code,
        )  # fmt: skip
        await db.execute(
            """update catalog.sku set hs_code = $2, version = version + 1, updated_at = $3
                where id = $1""",
            sku.id, hs_code, now,
        )  # fmt: skip
    return bool(done)


async def count_sales(db: Writer, lines: object, day: dt.date) -> None:
    """Add the lines of one order, [{sku, quantity}], to what was sold that day."""
    await db.execute(
        """insert into catalog.sku_day as d (sku_id, day, orders, units)
           select k.id, $2, 1, sum(l.quantity)::bigint
             from jsonb_to_recordset($1) as l(sku text, quantity bigint)
             join catalog.sku k on k.code = l.sku
            group by k.id order by k.id
           on conflict (sku_id, day) do update set
             orders = d.orders + excluded.orders, units = d.units + excluded.units""",
        lines,
        day,
    )


async def upsert_draft(
    db: Writer, draft_id: UUID, org_id: UUID, row: DraftRow, now: dt.datetime
) -> tuple[UUID, int]:
    """Keep what a supplier tells of goods under its own number; they wait for the operator again.

    Their id and how often they were told of or decided.
    """
    told = row.fields
    kept: list[UUID | int] = await db.value(
        """insert into catalog.draft as d (id, supplier_org_id, code, title, title_zh, category,
             price, moq, lead_time_days, weight_g, pack_size, sent_at)
           values ($1, $2, $3, coalesce($4::text, ''), coalesce($5::text, ''),
                   coalesce($6::text, ''), $7::text::numeric, coalesce($8::text::bigint, 1),
                   $9::text::double precision, $10::text::int, coalesce($11::text::bigint, 1), $12)
           on conflict (supplier_org_id, code) do update set
             title = excluded.title, title_zh = excluded.title_zh, category = excluded.category,
             price = excluded.price, moq = excluded.moq,
             lead_time_days = excluded.lead_time_days, weight_g = excluded.weight_g,
             pack_size = excluded.pack_size, state = 'WAITING', version = d.version + 1,
             sent_at = excluded.sent_at
           returning jsonb_build_array(d.id, d.version)""",
        draft_id, org_id, row.code, told["title"], told["title_zh"], told["category"],
        told["price"], told["moq"], told["lead_time_days"], told["weight_g"], told["pack_size"],
        now,
    )  # fmt: skip
    return UUID(str(kept[0])), int(str(kept[1]))


async def insert_draft_photo(
    db: Writer, photo_id: UUID, draft: Draft, image: Image, digest: bytes, now: dt.datetime
) -> None:
    """Keep a cleaned photo of goods that wait; the same one twice is one."""
    await db.execute(
        """insert into catalog.draft_photo (id, draft_id, supplier_org_id, media_type, width,
             height, sha256, content, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (draft_id, sha256) do nothing""",
        photo_id, draft.id, draft.supplier_org_id, image.media_type, image.width, image.height,
        digest, image.content, now,
    )  # fmt: skip


async def delete_draft(db: Writer, draft_id: UUID) -> bool:
    """Forget goods with their photos; False when they are gone, or in the catalog (a policy)."""
    return await db.execute("delete from catalog.draft where id = $1", draft_id) == 1


async def return_draft(db: Writer, draft_id: UUID, note: str, *, by: str, now: dt.datetime) -> bool:
    """Give waiting goods back; False when they do not wait."""
    done = await db.execute(
        """update catalog.draft set state = 'RETURNED', note = $2, decided_by = $3,
             decided_at = $4, version = version + 1
            where id = $1 and state = 'WAITING'""",
        draft_id, note, by, now,
    )  # fmt: skip
    return done == 1


async def approve_draft(
    db: Writer, actor: Actor, draft_id: UUID, told: Approval, now: dt.datetime
) -> str:
    """Take goods into the catalog; the code of their SKU."""
    sku: str = await db.value(
        "select catalog.approve_draft($1::accounts.actor, $2, $3, $4)",
        actor.as_row(), draft_id, msgspec.to_builtins(told), now,
    )  # fmt: skip
    return sku
