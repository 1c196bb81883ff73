"""Column mappings as they are kept: one per organization, data set and source."""

import datetime as dt
from typing import Any
from uuid import UUID

from beltline.kit.db import Reader, Writer


async def find(db: Reader, org_id: UUID, dataset: str, fingerprint: str) -> dict[str, Any] | None:
    """The kept mapping of a source, or None."""
    found: dict[str, Any] | None = await db.value(
        """select mapping from kit.column_mapping
            where org_id = $1 and dataset = $2 and fingerprint = $3""",
        org_id,
        dataset,
        fingerprint,
    )
    return found


async def keep(
    db: Writer,
    *,
    org_id: UUID,
    dataset: str,
    fingerprint: str,
    mapping: dict[str, Any],
    now: dt.datetime,
) -> None:
    """Keep the mapping of a source in place of the one before."""
    await db.execute(
        """insert into kit.column_mapping (org_id, dataset, fingerprint, mapping, updated_at)
           values ($1, $2, $3, $4, $5)
           on conflict (org_id, dataset, fingerprint)
             do update set mapping = excluded.mapping, updated_at = excluded.updated_at""",
        org_id,
        dataset,
        fingerprint,
        mapping,
        now,
    )
