"""Reads of what only documents ask for."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.fulfillment.types.documents import Leaving
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


async def find_wanted(db: Reader, purchase_id: UUID) -> dict[str, int] | None:
    """Base units by SKU that are still wanted of a purchase for orders; None of another."""
    found: dict[str, int] | None = await db.value("select fulfillment.wanted_of($1)", purchase_id)
    return found


async def list_leaving(db: Reader, order_id: UUID, *, on: dt.date) -> list[Leaving]:
    """On which terms goods of an order cross a border; for its buyer and the operator."""
    return await db.rows(
        Leaving,
        "select incoterm, departure from fulfillment.delivery_terms($1, $2)",
        order_id,
        on,
    )
