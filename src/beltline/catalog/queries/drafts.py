"""Reads of goods that suppliers tell of and that are not in the catalog yet."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.catalog.types import Draft, DraftState
from beltline.kit.db import Reader

_DRAFT = """
  select d.id, d.supplier_org_id, s.code as supplier, s.name as supplier_name,
         s.name_zh as supplier_name_zh, d.code, d.title, d.title_zh, d.category, d.price, d.moq,
         d.lead_time_days, d.weight_g, d.pack_size, d.state, d.note, d.sku, d.version, d.sent_at,
         coalesce((select array_agg(f.id order by f.created_at, f.id) from catalog.draft_photo f
                    where f.draft_id = d.id), '{}') as photos
    from catalog.draft d join accounts.organization s on s.id = d.supplier_org_id
"""


async def get_draft(db: Reader, draft_id: UUID) -> Draft:
    """Goods that the caller told of, or the operator decides about."""
    return await db.get(Draft, "draft", draft_id, f"{_DRAFT} where d.id = $1", draft_id)


async def list_own(db: Reader, org_id: UUID, *, limit: int = 250) -> list[Draft]:
    """What a supplier told of, the latest first."""
    return await db.rows(
        Draft,
        f"{_DRAFT} where d.supplier_org_id = $1 order by d.sent_at desc, d.id desc limit $2",
        org_id,
        limit,
    )


async def list_by_code(db: Reader, org_id: UUID, codes: Sequence[str]) -> list[Draft]:
    """What a supplier told of under some own numbers, by number."""
    return await db.rows(
        Draft,
        f"""{_DRAFT} where d.supplier_org_id = $1 and d.code = any($2)
            order by d.code, d.id limit 5000""",
        org_id,
        list(codes),
    )


async def list_drafts(
    db: Reader, state: DraftState, *, after: tuple[dt.datetime, UUID] | None, limit: int
) -> list[Draft]:
    """Goods of all suppliers in a state, the longest waiting first."""
    return await db.rows(
        Draft,
        f"""{_DRAFT} where d.state = $1
              and ($2::timestamptz is null or (d.sent_at, d.id) > ($2, $3::uuid))
            order by d.sent_at, d.id limit $4""",
        state,
        after and after[0],
        after and after[1],
        limit,
    )


async def current_fields(
    db: Reader, org_id: UUID, codes: Sequence[str]
) -> tuple[dict[str, dict[str, str | None]], set[str]]:
    """What a supplier told of some own numbers, as text by field; and which are approved."""
    rows = await db.values(
        """select jsonb_build_object('code', d.code, 'state', d.state, 'title', d.title,
                    'title_zh', d.title_zh, 'category', d.category,
                    'price', trim_scale(d.price)::text, 'moq', d.moq::text,
                    'lead_time_days', d.lead_time_days::text, 'weight_g', d.weight_g::text,
                    'pack_size', d.pack_size::text)
             from catalog.draft d
            where d.supplier_org_id = $1 and d.code = any($2) limit 5000""",
        org_id,
        list(codes),
    )
    known = {row.pop("code"): row for row in rows}
    approved = {code for code, row in known.items() if row.pop("state") == DraftState.APPROVED}
    return known, approved


async def find_photo(db: Reader, photo_id: UUID) -> tuple[str, bytes] | None:
    """Type and bytes of a photo of goods that are not in the catalog yet."""
    media_type = await db.value(
        "select media_type from catalog.draft_photo where id = $1", photo_id
    )
    if media_type is None:
        return None
    content: bytes = await db.value(
        "select content from catalog.draft_photo where id = $1", photo_id
    )
    return media_type, content
