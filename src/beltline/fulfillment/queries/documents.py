"""Reads of what only documents ask for."""

from collections.abc import Sequence

from beltline.kit.db import Reader


async def list_origins(db: Reader, skus: Sequence[str]) -> dict[str, str]:
    """The country each SKU is made in, by code: as it is declared to customs."""
    found: dict[str, str] | None = await db.value(
        """select jsonb_object_agg(k.code, p.origin_country)
             from catalog.sku k join catalog.product p on p.id = k.product_id
            where k.code = any($1)""",
        skus,
    )
    return found or {}
