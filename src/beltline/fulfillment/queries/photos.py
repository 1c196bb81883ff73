"""Reads of photos, as far as who asks sees what they are of."""

from collections.abc import Sequence
from uuid import UUID

from beltline.fulfillment.types.photos import Photo, PhotoKind, PhotoSubject
from beltline.kit.db import Reader

# A buyer does not learn who made its goods, nor a supplier who bought them.
_PHOTO = """
  select p.id, p.kind, p.subject_id, p.side, coalesce(o.code, '') as org,
         coalesce(o.name, '') as org_name, coalesce(o.name_zh, '') as org_name_zh, p.media_type,
         p.width, p.height, octet_length(p.content) as size_bytes,
         encode(p.sha256, 'hex') as sha256,
         case when o.id is null then '' else p.added_by end as added_by, p.added_at,
         coalesce(fulfillment.received_by(p.id), '') as received_by
    from fulfillment.photo p
    left join accounts.organization o on o.id = p.org_id and (p.side = 'OPERATOR'
         or nullif(current_setting('app.org', true), '')::uuid in (p.org_id, p.operator_org_id))
"""


async def list_photos(
    db: Reader, kind: PhotoKind, subject_ids: Sequence[UUID], *, limit: int = 1_000
) -> list[Photo]:
    """The photos of some subjects of a kind, the oldest first."""
    return await db.rows(
        Photo,
        f"""{_PHOTO} where p.kind = $1 and p.subject_id = any($2)
            order by p.added_at, p.position, p.id limit $3""",
        kind,
        subject_ids,
        limit,
    )


async def get_photo(db: Reader, photo_id: UUID) -> Photo:
    """What is known of a photo."""
    return await db.get(Photo, "photo", photo_id, f"{_PHOTO} where p.id = $1", photo_id)


async def get_content(db: Reader, photo_id: UUID) -> bytes:
    """The bytes of a photo."""
    content: bytes = await db.value("select content from fulfillment.photo where id = $1", photo_id)
    return content


async def find_subject(db: Reader, kind: PhotoKind, subject_id: UUID) -> PhotoSubject | None:
    """What photos of a kind would be of, if the caller is a party to it."""
    return await db.find(
        PhotoSubject,
        """select $2 as id, $1 as kind, s.number, s.is_mutual, s.is_open
             from fulfillment.photo_subject($1, $2) s""",
        kind,
        subject_id,
    )


async def find_claim(db: Reader, case_id: UUID) -> UUID | None:
    """The claim that a supplier's case is of."""
    found: UUID | None = await db.value(
        "select claim_id from orders.claim_case where id = $1", case_id
    )
    return found


async def find_parcel(db: Reader, waybill: str) -> UUID | None:
    """The id of a box by its waybill."""
    found: UUID | None = await db.value(
        "select id from fulfillment.inbound_parcel where waybill = $1 order by id limit 1", waybill
    )
    return found
