"""Reads of organizations, members, keys and the audit."""

import datetime as dt
from uuid import UUID

from beltline.accounts.types import (
    ApiKey,
    AuditEntry,
    Contact,
    Member,
    Organization,
    SavedView,
    UnknownOrganization,
)
from beltline.accounts.types.legal import LegalEntity
from beltline.kit.db import Reader

_ORGANIZATION = (
    "select id, code, kind, name, name_zh, country, is_active from accounts.organization"
)
_MEMBER = "select id, org_id, email, name, role, locale, theme, is_active from accounts.member"


async def get_organization(db: Reader, code: str) -> Organization:
    """The organization with this code."""
    found = await db.find(Organization, f"{_ORGANIZATION} where code = $1", code)
    if found is None:
        raise UnknownOrganization(org=code)
    return found


async def get_organization_by_id(db: Reader, org_id: UUID) -> Organization:
    """The organization with this id."""
    return await db.get(
        Organization, "organization", org_id, f"{_ORGANIZATION} where id = $1", org_id
    )


async def get_operator(db: Reader) -> Organization:
    """The one that runs this network."""
    found = await db.find(Organization, f"{_ORGANIZATION} where kind = 'OPERATOR'")
    if found is None:
        raise UnknownOrganization(org="OPERATOR")
    return found


async def find_operator(db: Reader) -> Organization | None:
    """The one that runs this network, or None in an empty database."""
    return await db.find(Organization, f"{_ORGANIZATION} where kind = 'OPERATOR'")


async def list_organizations(
    db: Reader, *, kind: str | None = None, after: str = "", limit: int = 250
) -> list[Organization]:
    """Organizations in order of their code, of one kind or all."""
    return await db.rows(
        Organization,
        f"""{_ORGANIZATION} where ($1::text is null or kind = $1) and code > $2
            order by code limit $3""",
        kind,
        after,
        limit,
    )


async def organization_ids(db: Reader, codes: list[str]) -> dict[str, UUID]:
    """The ids of organizations known by code; a code that is unknown is left out."""
    rows = await db.rows(Organization, f"{_ORGANIZATION} where code = any($1)", codes)
    return {row.code: row.id for row in rows}


async def list_members(db: Reader, org_id: UUID, *, limit: int = 250) -> list[Member]:
    """The people of an organization."""
    return await db.rows(
        Member, f"{_MEMBER} where org_id = $1 order by name, id limit $2", org_id, limit
    )


async def list_keys(
    db: Reader,
    org_id: UUID,
    *,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 250,
) -> list[ApiKey]:
    """The keys of an organization, newest first, revoked ones included."""
    return await db.rows(
        ApiKey,
        """select id, name, prefix, scopes, expires_at, revoked_at, latest_used_at, created_by,
                  created_at
             from accounts.api_key
            where org_id = $1 and ($2::timestamptz is null or (created_at, id) < ($2, $3))
            order by created_at desc, id desc limit $4""",
        org_id,
        *(before or (None, None)),
        limit,
    )


async def get_key(db: Reader, org_id: UUID, key_id: UUID) -> ApiKey:
    """One key of an organization."""
    return await db.get(
        ApiKey,
        "key",
        key_id,
        """select id, name, prefix, scopes, expires_at, revoked_at, latest_used_at, created_by,
                  created_at
             from accounts.api_key where org_id = $1 and id = $2""",
        org_id,
        key_id,
    )


async def list_audit(
    db: Reader,
    org_id: UUID,
    *,
    object_id: UUID | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """What was done by an organization, newest first; of one object or all."""
    at, after_id = before or (None, None)
    return await db.rows(
        AuditEntry,
        """select id, at, actor, via, action, object, object_id, change, request_id
             from accounts.audit
            where org_id = $1 and ($2::uuid is null or object_id = $2)
              and ($3::timestamptz is null or (at, id) < ($3, $4))
            order by at desc, id desc limit $5""",
        org_id,
        object_id,
        at,
        after_id,
        limit,
    )


async def get_contact(db: Reader, org_id: UUID, contact_id: UUID) -> Contact:
    """Personal data of the organization's own."""
    return await db.get(
        Contact,
        "contact",
        contact_id,
        """select id, name, phone, email, country, region, city, postcode, line1, line2, erased_at
             from accounts.contact where org_id = $1 and id = $2""",
        org_id,
        contact_id,
    )


_VIEWS = """select id, path, query, name, member_id, made_by from accounts.saved_view
             where org_id = $1 and (member_id is null or member_id = $2)"""


async def list_views(
    db: Reader, org_id: UUID, member_id: UUID | None, *, path: str | None = None, limit: int = 200
) -> list[SavedView]:
    """A member's own views and those of all, of one list or every, by list and name."""
    return await db.rows(
        SavedView,
        f"{_VIEWS} and ($3::text is null or path = $3) order by path, lower(name), id limit $4",
        org_id, member_id, path, limit,
    )  # fmt: skip


async def find_view(
    db: Reader, org_id: UUID, member_id: UUID | None, view_id: UUID
) -> SavedView | None:
    """A view that a member sees."""
    return await db.find(SavedView, f"{_VIEWS} and id = $3", org_id, member_id, view_id)


async def count_other_views(
    db: Reader, org_id: UUID, member_id: UUID | None, view: SavedView
) -> int:
    """How many views a member sees, but for one of the same list, name and reader."""
    return int(
        await db.value(
            """select count(*) from accounts.saved_view
                where org_id = $1 and (member_id is null or member_id = $2)
                  and (path, name, member_id) is distinct from ($3, $4, $5)""",
            org_id, member_id, view.path, view.name, view.member_id,
        )
    )  # fmt: skip


_ENTITY = """select id, seq, name, name_latin, address, address_latin, country, registration_number,
                    tax_id, bank_accounts, valid_from, stated_by, created_at
               from accounts.legal_entity"""


async def find_legal_entity(db: Reader, org_id: UUID, *, on: dt.date) -> LegalEntity | None:
    """The company that papers of a day name for an organization, of those stated so far."""
    return await db.find(
        LegalEntity,
        f"""{_ENTITY} where org_id = $1 and valid_from <= $2
            order by valid_from desc, seq desc limit 1""",
        org_id, on,
    )  # fmt: skip


async def list_legal_entities(
    db: Reader, org_id: UUID, *, before: int | None = None, limit: int = 50
) -> list[LegalEntity]:
    """All versions of an organization's company, those stated last first."""
    return await db.rows(
        LegalEntity,
        f"""{_ENTITY} where org_id = $1 and ($2::bigint is null or seq < $2)
            order by seq desc limit $3""",
        org_id, before, limit,
    )  # fmt: skip
