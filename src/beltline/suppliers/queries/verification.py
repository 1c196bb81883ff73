"""Reads of verifications: profiles, papers, tasks on the spot, strict reviews."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.db import Reader
from beltline.suppliers.types import (
    Certificate,
    Check,
    Document,
    Profile,
    StrictReview,
    Verification,
    VerificationState,
)

_VERIFICATION = """
  select v.id, v.org_id, s.code as supplier, o.name, o.name_zh, s.kind, s.standing, s.belt_id,
         coalesce(b.name_en, '') as belt, coalesce(b.name_zh, '') as belt_zh, v.state, v.note,
         v.version, v.created_at, v.submitted_at, v.decided_at, v.decided_by, v.valid_until
    from suppliers.verification v
    join suppliers.supplier s on s.org_id = v.org_id
    join accounts.organization o on o.id = v.org_id
    left join suppliers.belt b on b.id = s.belt_id
"""
_CHECK = """
  select t.id, t.verification_id, t.org_id, s.code as supplier, o.name, o.name_zh,
         p.code as partner, t.state, t.due_at, t.answers, t.note, t.done_by, t.done_at
    from suppliers.check_task t
    join suppliers.supplier s on s.org_id = t.org_id
    join accounts.organization o on o.id = t.org_id
    join accounts.organization p on p.id = t.partner_org_id
"""


async def get_verification(db: Reader, verification_id: UUID) -> Verification:
    """One verification, for who is a party to it."""
    return await db.get(
        Verification, "verification", verification_id,
        f"{_VERIFICATION} where v.id = $1", verification_id,
    )  # fmt: skip


async def find_latest(db: Reader, org_id: UUID) -> Verification | None:
    """A supplier's latest verification."""
    return await db.find(
        Verification,
        f"{_VERIFICATION} where v.org_id = $1 order by v.created_at desc, v.id desc limit 1",
        org_id,
    )


async def list_verifications(
    db: Reader,
    *,
    states: Sequence[VerificationState] = (),
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Verification]:
    """Verifications in some states, those that wait longest first."""
    return await db.rows(
        Verification,
        f"""{_VERIFICATION}
            where (cardinality($1::text[]) = 0 or v.state = any($1))
              and ($2::timestamptz is null
                   or (coalesce(v.submitted_at, v.created_at), v.id) > ($2, $3))
            order by coalesce(v.submitted_at, v.created_at), v.id limit $4""",
        list(states), *(after or (None, None)), limit,
    )  # fmt: skip


async def get_profile(db: Reader, org_id: UUID) -> Profile:
    """What a supplier says of itself; empty while it has said nothing."""
    found = await db.find(
        Profile,
        """select legal_name, licence_number, address, source, founded_year, staff, lines,
                  capacity_month, capacity_unit, goods, video_url
             from suppliers.profile where org_id = $1""",
        org_id,
    )
    return found or Profile()


async def list_documents(db: Reader, org_id: UUID, *, limit: int = 100) -> list[Document]:
    """The pictures of a supplier, the first first."""
    return await db.rows(
        Document,
        """select id, org_id, purpose, media_type, width, height, created_by, created_at
             from suppliers.document where org_id = $1 order by created_at, id limit $2""",
        org_id,
        limit,
    )


async def find_content(db: Reader, document_id: UUID) -> tuple[str, bytes] | None:
    """Type and bytes of a picture, for who may see it."""
    media_type = await db.value(
        "select media_type from suppliers.document where id = $1", document_id
    )
    if media_type is None:
        return None
    content: bytes = await db.value(
        "select content from suppliers.document where id = $1", document_id
    )
    return media_type, content


async def list_certificates(db: Reader, org_id: UUID, *, limit: int = 100) -> list[Certificate]:
    """The certificates of a supplier, those that end first first; others see confirmed ones."""
    return await db.rows(
        Certificate,
        """select id, kind, number, issuer, valid_until, document_id, state, decided_by
             from suppliers.certificate where org_id = $1
            order by valid_until, id limit $2""",
        org_id,
        limit,
    )


async def list_checks(
    db: Reader, *, verification_id: UUID | None = None, open_only: bool = False, limit: int = 100
) -> list[Check]:
    """Tasks on the spot: the partner's own, or all of the operator's; the most urgent first."""
    return await db.rows(
        Check,
        f"""{_CHECK} where ($1::uuid is null or t.verification_id = $1)
              and (not $2 or t.state = 'OPEN')
            order by t.due_at, t.id limit $3""",
        verification_id,
        open_only,
        limit,
    )


async def get_check(db: Reader, check_id: UUID) -> Check:
    """One task on the spot."""
    return await db.get(Check, "task", check_id, f"{_CHECK} where t.id = $1", check_id)


async def list_reviews(db: Reader, org_id: UUID, *, limit: int = 20) -> list[StrictReview]:
    """The strict reviews of a supplier, the latest first."""
    return await db.rows(
        StrictReview,
        """select id, standard, results, is_passed, note, reviewed_by, reviewed_at, valid_until
             from suppliers.strict_review where org_id = $1
            order by reviewed_at desc, id desc limit $2""",
        org_id,
        limit,
    )
