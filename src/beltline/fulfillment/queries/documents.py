"""Reads of what only documents ask for."""

from collections.abc import Sequence

from beltline.kit.db import Reader


async def list_origins(db: Reader, skus: Sequence[str]) -> dict[str, str]:
    """The country of the factory of each SKU, by code."""
    found: dict[str, str] | None = await db.value(
        """select jsonb_object_agg(k.code, o.country)
             from catalog.sku k join accounts.organization o on o.id = k.supplier_org_id
            where k.code = any($1)""",
        skus,
    )
    return found or {}
