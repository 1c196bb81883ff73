"""Which column was which field: remembered per organization, data set and source."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit import mappings as store
from beltline.kit.db import Reader, Writer
from beltline.kit.sheets.mapping import fingerprint
from beltline.kit.sheets.types import Mapping


async def find_mapping(
    db: Reader, org_id: UUID, dataset: str, headers: Sequence[str]
) -> Mapping | None:
    """The mapping used before for a source with these headers."""
    kept = await store.find(db, org_id, dataset, fingerprint(headers))
    return None if kept is None else msgspec.convert(kept, Mapping)


async def keep_mapping(db: Writer, org_id: UUID, mapping: Mapping, now: dt.datetime) -> None:
    """Remember a mapping for the next file of its source."""
    await store.keep(
        db, org_id=org_id, dataset=mapping.dataset, fingerprint=mapping.fingerprint,
        mapping=msgspec.to_builtins(mapping), now=now,
    )  # fmt: skip
