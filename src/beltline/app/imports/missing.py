"""What a file names and nobody knows yet, made with nothing but its code.

Somebody who begins has a demand sheet, a price list and a stock list, and no master data. What
is made here can be said better later by importing suppliers, SKUs and nodes.
"""

from collections.abc import Iterable

import polars as pl

from beltline.accounts import queries as organizations
from beltline.app.imports.loaders import Batch
from beltline.catalog import actions as catalog
from beltline.kit.db import Writer
from beltline.suppliers import actions as suppliers
from beltline.trade import actions as trade


async def create_missing(db: Writer, dataset: str, batch: Batch) -> int:
    """Make the suppliers, SKUs and nodes of a batch that do not exist; how many.

    A SKU is the product of the supplier its row names, else of the organization that imports.
    """
    made = 0
    if "supplier" in batch.columns:
        codes = _plain(batch.codes("supplier")["supplier"])
        made += await suppliers.create_suppliers(db, codes=codes, now=batch.now)
    if "node" in batch.columns:
        organization = await organizations.get_organization_by_id(db, batch.actor.org_id)
        made += await trade.create_nodes(
            db, codes=_plain(batch.codes("node")["node"]), country=organization.country,
            now=batch.now,
        )  # fmt: skip
    if "sku" in batch.columns:
        made += await _create_skus(db, batch)
    elif dataset == "skus":
        # Rows that name a product are that product's; the others are a product of their own.
        rows = batch.codes("code", "product")
        if "product" in rows.columns:
            rows = rows.filter(pl.col("product").is_null())
        made += await catalog.create_skus(
            db, codes=_plain(rows["code"]), owner_org_id=batch.actor.org_id, now=batch.now
        )
    return made


async def _create_skus(db: Writer, batch: Batch) -> int:
    rows = batch.codes("sku", "supplier").unique("sku", maintain_order=True)
    if "supplier" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("supplier"))
    sellers = rows["supplier"].drop_nulls().unique().to_list()
    known = await organizations.organization_ids(db, sellers)
    made = 0
    for (seller,), group in rows.group_by("supplier", maintain_order=True):
        made += await catalog.create_skus(
            db, codes=_plain(group["sku"]), now=batch.now,
            owner_org_id=known.get(str(seller), batch.actor.org_id),
        )  # fmt: skip
    return made


def _plain(codes: Iterable[str | None]) -> list[str]:
    """Codes that can be codes; of the others the import itself says what is wrong."""
    return [code for code in codes if code and not any(c.isspace() or c == "@" for c in code)]
