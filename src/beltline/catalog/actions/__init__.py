"""Use cases of the catalog: bring in products, SKUs and offers."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.catalog import store
from beltline.kit.db import Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_

_PRODUCT_TYPES = {
    "code": "text", "supplier": "text", "category": "text", "title": "text", "title_zh": "text",
}  # fmt: skip
_SKU_TYPES = {
    "code": "text", "product": "text", "title": "text", "title_zh": "text", "uom": "text",
    "pack_size": "numeric", "weight_g": "numeric", "length_mm": "numeric", "width_mm": "numeric",
    "height_mm": "numeric", "cargo_class": "text", "hs_code": "text",
}  # fmt: skip
_OFFER_TYPES = {
    "supplier": "text", "sku": "text", "audience": "text", "currency": "text",
    "quantity_from": "numeric", "unit_price": "numeric(18, 6)", "moq": "numeric",
    "availability": "text", "sales_model": "text", "lead_time_days": "double precision",
    "valid_from": "date", "valid_until": "date", "tax_basis": "text", "deposit_percent": "numeric",
}  # fmt: skip
_KNOWN_SUPPLIER = Reference(
    "supplier", "suppliers.unknown_supplier",
    N_("No supplier has the code “{value}”."),
    "exists (select from suppliers.supplier s where s.code = i.supplier)",
    N_("Import the supplier first, or correct its code."),
)  # fmt: skip
_KNOWN_SELLER = Reference(
    "supplier", "accounts.unknown_organization",
    N_("No seller has the code “{value}”."),
    """exists (select from accounts.organization o where o.code = i.supplier
                and o.kind in ('SUPPLIER', 'OPERATOR'))""",
                N_("Name a supplier, or the operator for what buyers pay."),
)  # fmt: skip
_KNOWN_PRODUCT = Reference(
    "product", "catalog.unknown_product",
    N_("No product has the code “{value}”."),
    "exists (select from catalog.product p where p.code = i.product)",
    N_("Import the product first, or correct its code."),
)  # fmt: skip
# Asked of the column `code`, since the product's is empty.
_HAS_PRODUCT = Reference(
    "code", "catalog.product_missing",
    N_("The SKU “{value}” is new and names no product."), "i.product is not null",
    N_("Name the product it belongs to, or let the import create what is missing."),
)  # fmt: skip
_KNOWN_SKU = Reference(
    "sku", "catalog.unknown_sku",
    N_("No SKU has the code “{value}”."),
    "exists (select from catalog.sku k where k.code = i.sku)",
    N_("Import the SKU first, or correct its code."),
)  # fmt: skip
_DEPOSIT_SHARE = Reference(
    "deposit_percent", "catalog.deposit_out_of_range",
    N_("{value} is no share of a price that is paid first."),
    """i.deposit_percent > 0 and i.deposit_percent < 100
        and i.deposit_percent = round(i.deposit_percent, 2)""",
    N_("Write a percentage above 0 and below 100, or nothing where all is paid with the order."),
)  # fmt: skip
_DEPOSIT_GOODS = Reference(
    "deposit_percent", "catalog.deposit_not_made_to_order",
    N_("A deposit of {value}% stands with goods that are not made to order for buyers."),
    """i.audience = 'BUYERS' and i.availability is not distinct from 'MADE_TO_ORDER'
        and i.sales_model is not distinct from 'VIRTUAL'""",
    N_("Say BUYERS, MADE_TO_ORDER and VIRTUAL in the same row, or leave the deposit empty."),
)  # fmt: skip


def _whole(column: str) -> Reference:
    """Quantities count base units: pieces, millimeters of goods sold by the meter, grams."""
    return Reference(
        column, "catalog.not_whole",
        N_("{value} is not a whole number of base units."),
        f"i.{column} = trunc(i.{column}) and i.{column} >= 1",
        N_("Write whole base units (pieces; mm of goods sold by the meter; g by the kilogram)."),
    )  # fmt: skip


async def import_products(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change products from canonical CSV."""
    name = "incoming_products"
    await stage(db, name, _PRODUCT_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SUPPLIER])
    return await store.merge_products(db, name, now) + Imported(problems=problems)


async def import_skus(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change SKUs from canonical CSV."""
    name = "incoming_skus"
    await stage(db, name, _SKU_TYPES, columns, csv)
    await db.execute(
        f"""update {name} i set product = p.code
              from catalog.sku k join catalog.product p on p.id = k.product_id
             where i.product is null and k.code = i.code"""
    )
    problems = await refuse_unknown(db, name, [_whole("pack_size"), _KNOWN_PRODUCT, _HAS_PRODUCT])
    return await store.merge_skus(db, name, now) + Imported(problems=problems)


async def create_skus(
    db: Writer, *, codes: Sequence[str], owner_org_id: UUID, now: dt.datetime
) -> int:
    """Make SKUs (each its own product) of codes that nobody knows yet; how many were made.

    They are pieces of `owner_org_id` until a file says more of them.
    """
    return await store.insert_bare_skus(db, codes, owner_org_id, now)


async def import_offers(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change offers from canonical CSV, one row a price break."""
    name = "incoming_offers"
    await stage(db, name, _OFFER_TYPES, columns, csv)
    # What a price list leaves unsaid: it is a supplier's, to the operator, in yuan.
    await db.execute(
        f"""update {name} set audience = coalesce(audience, 'OPERATOR'),
                              currency = coalesce(currency, 'CNY')
             where audience is null or currency is null"""
    )
    problems = await refuse_unknown(
        db, name,
        [_whole("quantity_from"), _whole("moq"), _KNOWN_SKU, _KNOWN_SELLER, _DEPOSIT_SHARE,
         _DEPOSIT_GOODS],
    )  # fmt: skip
    done = await store.merge_offers(db, name, now) + Imported(problems=problems)
    await store.follow_cases(db)
    return done


async def follow_cases(db: Writer) -> int:
    """Take goods off the shelf, or put them back, as the cases against their shops stand."""
    return await store.follow_cases(db)
