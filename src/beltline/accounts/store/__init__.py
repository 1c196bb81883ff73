"""Writes of the schema `accounts`. Private to the module."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.accounts.types import Member, Organization
from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id


class Credentials(msgspec.Struct, frozen=True):
    """What signing in compares."""

    id: UUID
    org_id: UUID
    password_hash: str


class SessionRow(msgspec.Struct, frozen=True):
    """A session with its member and organization."""

    csrf_token: str
    created_at: dt.datetime
    seen_at: dt.datetime
    member: dict[str, Any]
    organization: dict[str, Any]


class KeyRow(msgspec.Struct, frozen=True):
    """A key with what its organization is, as `find_keys` reads it."""

    secret_hash: bytes
    id: UUID
    name: str
    scopes: list[str]
    latest_used_at: dt.datetime | None
    org_id: UUID
    org_kind: str
    org_name: str


class LinkRow(msgspec.Struct, frozen=True):
    """A guest link with what its organization is."""

    id: UUID
    object_id: UUID
    expires_at: dt.datetime
    org_id: UUID
    org_kind: str
    org_name: str


async def insert_organization(db: Writer, organization: Organization, now: dt.datetime) -> bool:
    """Add an organization; False when its code is taken."""
    return bool(
        await db.execute(
            """insert into accounts.organization
                 (id, code, kind, name, name_zh, country, is_active, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (code) do nothing""",
            organization.id,
            organization.code,
            organization.kind,
            organization.name,
            organization.name_zh,
            organization.country,
            organization.is_active,
            now,
        )
    )


async def merge_organizations(
    db: Writer, staged: str, *, kind: str, country: str, now: dt.datetime
) -> None:
    """Add staged organizations by code; one that exists takes the staged name."""
    await db.execute(
        f"""insert into accounts.organization as o
              (id, code, kind, name, name_zh, country, created_at)
            select kit.uuid7($3), i.code, $1, coalesce(i.name, i.name_zh, i.code),
                   coalesce(i.name_zh, ''), $2, $3
              from {staged} i order by i.code
            on conflict (code) do update set name = excluded.name, name_zh = excluded.name_zh
             where (o.name, o.name_zh) is distinct from (excluded.name, excluded.name_zh)
               and o.kind = excluded.kind""",
        kind,
        country,
        now,
    )


async def insert_staged_contacts(db: Writer, staged: str, now: dt.datetime) -> None:
    """Keep staged phone numbers as contacts of their organizations, once each."""
    await db.execute(
        f"update {staged} set contact_id = kit.uuid7($1) where coalesce(phone, '') <> ''", now
    )
    await db.execute(
        f"""insert into accounts.contact (id, org_id, name, phone, created_at)
            select i.contact_id, o.id, coalesce(i.name_zh, i.name, ''), i.phone, $1
              from {staged} i join accounts.organization o on o.code = i.code
             where i.contact_id is not null
               and not exists (select from accounts.contact c where c.org_id = o.id)""",
        now,
    )
    await db.execute(
        f"""update {staged} i set contact_id = null
             where not exists (select from accounts.contact c where c.id = i.contact_id)"""
    )


async def insert_member(db: Writer, member: Member, password_hash: str, now: dt.datetime) -> bool:
    """Add a member; False when the organization has one with this e-mail address."""
    return bool(
        await db.execute(
            """insert into accounts.member
                 (id, org_id, email, name, password_hash, role, locale, theme, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               on conflict (org_id, email) do nothing""",
            member.id,
            member.org_id,
            member.email,
            member.name,
            password_hash,
            member.role,
            member.locale,
            member.theme,
            now,
        )
    )


async def update_preferences(db: Writer, member_id: UUID, *, locale: str, theme: str) -> None:
    """Keep how a member likes its pages."""
    await db.execute(
        "update accounts.member set locale = $2, theme = $3 where id = $1",
        member_id,
        locale,
        theme,
    )


async def lock_members(db: Writer, org_id: UUID) -> list[Member]:
    """The people of an organization, kept as they are until the transaction ends."""
    return await db.rows(
        Member,
        """select id, org_id, email, name, role, locale, theme, is_active
             from accounts.member where org_id = $1 order by id for update""",
        org_id,
    )


async def update_member(db: Writer, member: Member) -> None:
    """Keep the role of a member and whether it may sign in."""
    await db.execute(
        "update accounts.member set role = $2, is_active = $3 where id = $1",
        member.id,
        member.role,
        member.is_active,
    )


async def get_password_hash(db: Reader, member_id: UUID) -> str:
    """What the password of a member is compared with."""
    return str(await db.value("select password_hash from accounts.member where id = $1", member_id))


async def update_password(db: Writer, member_id: UUID, digest: str) -> None:
    """Keep another password of a member."""
    await db.execute(
        "update accounts.member set password_hash = $2 where id = $1", member_id, digest
    )


async def delete_sessions_of(db: Writer, member_id: UUID, *, but: bytes = b"") -> None:
    """End the sessions of a member, except one."""
    await db.execute(
        "delete from accounts.session where member_id = $1 and id_hash <> $2", member_id, but
    )


async def list_credentials(db: Reader, email: str) -> list[Credentials]:
    """Every active membership of an e-mail address."""
    return await db.rows(
        Credentials,
        """select m.id, m.org_id, m.password_hash
             from accounts.member m join accounts.organization o on o.id = m.org_id
            where m.email = $1 and m.is_active and o.is_active
            order by m.created_at, m.id limit 50""",
        email,
    )


async def count_failures(db: Reader, subjects: list[str], since: dt.datetime) -> int:
    """The most wrong passwords any of `subjects` had since then."""
    return int(
        await db.value(
            """select coalesce(max(n), 0) from (
                 select count(*) as n from accounts.sign_in_failure
                  where subject = any($1) and failed_at > $2 group by subject) x""",
            subjects,
            since,
        )
    )


async def insert_failures(db: Writer, subjects: list[str], now: dt.datetime) -> None:
    """Count a wrong password against each subject, and forget the day before."""
    await db.execute(
        "insert into accounts.sign_in_failure select unnest($1::text[]), $2", subjects, now
    )
    await db.execute(
        "delete from accounts.sign_in_failure where failed_at < $1", now - dt.timedelta(days=1)
    )


async def insert_session(
    db: Writer, *, id_hash: bytes, org_id: UUID, member_id: UUID, csrf_token: str,
    now: dt.datetime, expires_at: dt.datetime,
) -> None:  # fmt: skip
    """Begin a session."""
    await db.execute(
        """insert into accounts.session
             (id_hash, org_id, member_id, csrf_token, created_at, seen_at, expires_at)
           values ($1, $2, $3, $4, $5, $5, $6)""",
        id_hash,
        org_id,
        member_id,
        csrf_token,
        now,
        expires_at,
    )


async def find_session(db: Reader, id_hash: bytes) -> SessionRow | None:
    """A session by the hash of its token."""
    return await db.find(
        SessionRow,
        """select s.csrf_token, s.created_at, s.seen_at,
                  to_jsonb(m) - 'password_hash' as member, to_jsonb(o) as organization
             from accounts.session s
             join accounts.member m on m.id = s.member_id and m.is_active
             join accounts.organization o on o.id = s.org_id and o.is_active
            where s.id_hash = $1""",
        id_hash,
    )


async def touch_session(db: Writer, id_hash: bytes, now: dt.datetime) -> None:
    """Note that the session was used."""
    await db.execute("update accounts.session set seen_at = $2 where id_hash = $1", id_hash, now)


async def delete_session(db: Writer, id_hash: bytes) -> None:
    """End a session."""
    await db.execute("delete from accounts.session where id_hash = $1", id_hash)


async def delete_sessions_before(db: Writer, *, seen: dt.datetime) -> int:
    """Forget sessions that nobody used since then."""
    return await db.execute("delete from accounts.session where seen_at < $1", seen)


async def insert_key(
    db: Writer, *, org_id: UUID, name: str, prefix: str, secret_hash: bytes, scopes: list[str],
    expires_at: dt.datetime | None, created_by: str, now: dt.datetime,
) -> UUID:  # fmt: skip
    """Add a key; its id."""
    key_id = new_id()
    await db.execute(
        """insert into accounts.api_key
             (id, org_id, name, prefix, secret_hash, scopes, expires_at, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        key_id,
        org_id,
        name,
        prefix,
        secret_hash,
        scopes,
        expires_at,
        created_by,
        now,
    )
    return key_id


async def find_keys(db: Reader, secret_hashes: list[bytes], now: dt.datetime) -> list[KeyRow]:
    """Those that are valid now of the keys with these hashes of their secrets."""
    return await db.plain_rows(
        KeyRow,
        """select k.secret_hash, k.id, k.name, k.scopes, k.latest_used_at, o.id as org_id,
                  o.kind as org_kind, o.name as org_name
             from accounts.api_key k join accounts.organization o on o.id = k.org_id
            where k.secret_hash = any($1) and k.revoked_at is null and o.is_active
              and (k.expires_at is null or k.expires_at > $2)""",
        secret_hashes,
        now,
    )


async def touch_keys(db: Writer, key_ids: list[UUID], now: dt.datetime) -> None:
    """Note that keys were used."""
    await db.execute(
        "update accounts.api_key set latest_used_at = $2 where id = any($1)", key_ids, now
    )


async def revoke_key(db: Writer, org_id: UUID, key_id: UUID, now: dt.datetime) -> bool:
    """End a key; False when there is none that stands."""
    return bool(
        await db.execute(
            """update accounts.api_key set revoked_at = $3
                where org_id = $1 and id = $2 and revoked_at is null""",
            org_id,
            key_id,
            now,
        )
    )


async def insert_link(
    db: Writer, *, secret_hash: bytes, org_id: UUID, purpose: str, object_id: UUID,
    expires_at: dt.datetime, created_by_org_id: UUID, now: dt.datetime,
) -> UUID:  # fmt: skip
    """Add a guest link; its id. Older ones for the same purpose and object are withdrawn."""
    await db.execute(
        """update accounts.guest_link set revoked_at = $3
            where object_id = $1 and purpose = $2 and revoked_at is null""",
        object_id,
        purpose,
        now,
    )
    link_id = new_id()
    await db.execute(
        """insert into accounts.guest_link
             (id, secret_hash, org_id, purpose, object_id, expires_at, created_by_org_id,
              created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        link_id,
        secret_hash,
        org_id,
        purpose,
        object_id,
        expires_at,
        created_by_org_id,
        now,
    )
    return link_id


async def find_link(
    db: Reader, secret_hash: bytes, purpose: str, now: dt.datetime
) -> LinkRow | None:
    """A guest link that is valid now, by the hash of its token."""
    return await db.find(
        LinkRow,
        """select l.id, l.object_id, l.expires_at, o.id as org_id, o.kind as org_kind,
                  o.name as org_name
             from accounts.guest_link l join accounts.organization o on o.id = l.org_id
            where l.secret_hash = $1 and l.purpose = $2 and l.expires_at > $3
              and l.revoked_at is null and o.is_active""",
        secret_hash,
        purpose,
        now,
    )


async def insert_audit(
    db: Writer, actor: Actor, *, action: str, object_: str, object_id: UUID | None,
    change: dict[str, Any], now: dt.datetime,
) -> None:  # fmt: skip
    """Write who did what."""
    await db.execute(
        "select accounts.record_audit($1, $2, $3, $4, $5, $6)",
        actor.as_row(),
        now,
        action,
        object_,
        object_id,
        change,
    )


async def erase_contact(db: Writer, org_id: UUID, contact_id: UUID, now: dt.datetime) -> bool:
    """Blank a person's data; the row stays, so that history adds up."""
    return bool(
        await db.execute(
            """update accounts.contact
                  set name = '', phone = '', email = '', region = '', city = '', postcode = '',
                      line1 = '', line2 = '', erased_at = $3
                where org_id = $1 and id = $2 and erased_at is null""",
            org_id,
            contact_id,
            now,
        )
    )
