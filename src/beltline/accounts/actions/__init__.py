"""Use cases of accounts: take part, sign in, hold a key, hold a link, be accountable."""

import asyncio
import datetime as dt
import functools
import secrets
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import argon2
import msgspec

from beltline.accounts import rules, store
from beltline.accounts.types import (
    CodeTaken,
    Guest,
    IssuedKey,
    IssuedLink,
    LastAdministrator,
    LinkEnded,
    Member,
    NotAMember,
    Organization,
    PasswordWrong,
    Role,
    Session,
    SignInRefused,
    TooManyTries,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.gathering import Gatherers
from beltline.kit.ids import new_id

_hasher = argon2.PasswordHasher()  # argon2id with the library's current parameters (RFC 9106)


@functools.cache
def _decoy() -> str:
    """A password's hash that nothing matches; made when first needed, since it takes its time."""
    return _hasher.hash(secrets.token_urlsafe())


def system_actor(organization: Organization, name: str = "system") -> Actor:
    """The system acting for an organization: jobs, schedules, commands."""
    return Actor(organization.id, organization.kind, name, "SYSTEM")


async def record_audit(
    db: Writer,
    actor: Actor,
    *,
    action: str,
    object_: str,
    object_id: UUID | None,
    change: dict[str, Any],
    now: dt.datetime,
) -> None:
    """Write who did what, in the transaction of the change.

    `change` holds `[before, after]` per changed field, or the facts of what was made. Personal
    data stays out of it: name the contact's id.
    """
    await store.insert_audit(
        db, actor, action=action, object_=object_, object_id=object_id, change=change, now=now
    )


async def create_organization(
    db: Writer,
    *,
    code: str,
    kind: str,
    name: str,
    country: str,
    now: dt.datetime,
    name_zh: str = "",
) -> Organization:
    """Add a party to the network."""
    organization = Organization(new_id(), code, kind, name, name_zh, country, is_active=True)
    if not await store.insert_organization(db, organization, now):
        raise CodeTaken(value=code, param="code")
    return organization


async def import_organizations(
    db: Writer, *, staged: str, kind: str, country: str, now: dt.datetime
) -> None:
    """Add the organizations of a staged table, and the contacts of those that give a phone.

    `staged` has columns code, name, name_zh, phone and contact_id; the last is filled in.
    """
    await store.merge_organizations(db, staged, kind=kind, country=country, now=now)
    await store.insert_staged_contacts(db, staged, now)


async def create_member(
    db: Writer,
    actor: Actor,
    *,
    org_id: UUID,
    email: str,
    name: str,
    password: str,
    role: str,
    now: dt.datetime,
    locale: str = "en",
) -> Member:
    """Add a person to an organization."""
    member = Member(new_id(), org_id, email.lower(), name, role, locale, "auto", is_active=True)
    digest = await asyncio.to_thread(_hasher.hash, rules.check_password(password))
    if not await store.insert_member(db, member, digest, now):
        raise CodeTaken(value=email, param="email")
    await record_audit(
        db, actor, action="create", object_="member", object_id=member.id,
        change={"role": role}, now=now,
    )  # fmt: skip
    return member


async def change_member(
    db: Writer,
    actor: Actor,
    *,
    member_id: UUID,
    role: str | None = None,
    is_active: bool | None = None,
    now: dt.datetime,
) -> None:
    """Give a member of the own organization another role, close it, or let it in again.

    Closing ends its sessions. Refuses to leave the organization without an administrator.
    """
    actor.needs_role()
    members = await store.lock_members(db, actor.org_id)
    before = next((member for member in members if member.id == member_id), None)
    if before is None:
        raise NotFound(what="member", key=str(member_id))
    after = msgspec.structs.replace(
        before,
        role=before.role if role is None else role,
        is_active=before.is_active if is_active is None else is_active,
    )
    others = [member for member in members if member.id != member_id]
    if not any(member.is_active and member.role == Role.ADMIN for member in [*others, after]):
        raise LastAdministrator(name=before.name)
    await store.update_member(db, after)
    if not after.is_active:
        await store.delete_sessions_of(db, member_id)
    change = {
        name: [getattr(before, name), getattr(after, name)]
        for name in ("role", "is_active")
        if getattr(before, name) != getattr(after, name)
    }
    await record_audit(
        db, actor, action="change", object_="member", object_id=member_id, change=change, now=now
    )


async def change_password(
    database: Database, actor: Actor, *, current: str, password: str, token: str, now: dt.datetime
) -> None:
    """Give the acting member another password; its sessions but that of `token` end.

    Wrong tries at the present one are counted as they are at signing in.
    """
    if actor.via != "MEMBER" or actor.via_id is None:
        raise NotAMember
    subjects = [f"member:{actor.via_id}"]
    async with database.system() as db:
        failures = await store.count_failures(db, subjects, now - rules.TRIES_WITHIN)
        kept = await store.get_password_hash(db, actor.via_id)
    if failures >= rules.TRIES:
        raise TooManyTries(minutes=int(rules.TRIES_WITHIN.total_seconds() // 60), param="current")
    if not await asyncio.to_thread(_matches, kept, current):
        async with database.system() as db:
            await store.insert_failures(db, subjects, now)
        raise PasswordWrong(param="current")
    digest = await asyncio.to_thread(_hasher.hash, rules.check_password(password))
    async with database.writing(actor) as db:
        await store.update_password(db, actor.via_id, digest)
        await store.delete_sessions_of(db, actor.via_id, but=rules.secret_hash(token))
        await record_audit(
            db, actor, action="change_password", object_="member", object_id=actor.via_id,
            change={}, now=now,
        )  # fmt: skip


async def set_preferences(db: Writer, actor: Actor, *, locale: str, theme: str) -> None:
    """Keep the language and theme of the acting member."""
    if actor.via == "MEMBER" and actor.via_id is not None:
        await store.update_preferences(db, actor.via_id, locale=locale, theme=theme)


async def sign_in(
    database: Database, *, email: str, password: str, address: str, now: dt.datetime
) -> str:
    """Begin a session; the token for the cookie, which is kept as a hash only.

    A member of several organizations gets the one whose password this is, the oldest first.
    """
    subjects = [f"email:{email.lower()[:200]}", f"address:{address}"]
    async with database.system() as db:
        failures = await store.count_failures(db, subjects, now - rules.TRIES_WITHIN)
        candidates = await store.list_credentials(db, email.lower())
    if failures >= rules.TRIES:
        raise TooManyTries(minutes=int(rules.TRIES_WITHIN.total_seconds() // 60))
    for candidate in candidates:
        if await asyncio.to_thread(_matches, candidate.password_hash, password):
            return await _begin_session(database, candidate, now)
    if not candidates:
        # As slow as for a name that exists.
        await asyncio.to_thread(lambda: _matches(_decoy(), password))
    async with database.system() as db:
        await store.insert_failures(db, subjects, now)
    raise SignInRefused


async def _begin_session(database: Database, member: store.Credentials, now: dt.datetime) -> str:
    token = secrets.token_urlsafe(32)
    async with database.system() as db:
        await store.insert_session(
            db, id_hash=rules.secret_hash(token), org_id=member.org_id, member_id=member.id,
            csrf_token=secrets.token_urlsafe(24), now=now, expires_at=now + rules.SESSION_LIFE,
        )  # fmt: skip
    return token


def _matches(digest: str, password: str) -> bool:
    try:
        return _hasher.verify(digest, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


async def authenticate_session(
    database: Database, token: str, now: dt.datetime, *, request_id: str = ""
) -> Session | None:
    """The session a cookie's token belongs to, or None when there is none that stands."""
    digest = rules.secret_hash(token)
    async with database.system_call() as db:
        row = await store.find_session(db, digest)
        if row is None or not rules.is_alive(
            created_at=row.created_at, seen_at=row.seen_at, now=now
        ):
            return None
        if now - row.seen_at > rules.SEEN_EVERY:
            await store.touch_session(db, digest, now)
    member = msgspec.convert(row.member, Member)
    organization = msgspec.convert(row.organization, Organization)
    actor = Actor(
        organization.id, organization.kind, member.name, "MEMBER", member.id, member.role,
        None, request_id,
    )  # fmt: skip
    return Session(actor, member, organization, row.csrf_token)


async def sign_out(database: Database, token: str) -> None:
    """End a session."""
    async with database.system() as db:
        await store.delete_session(db, rules.secret_hash(token))


async def forget_ended_sessions(db: Writer, now: dt.datetime) -> int:
    """Delete sessions that can no longer be used; how many."""
    return await store.delete_sessions_before(db, seen=now - rules.SESSION_LIFE)


async def create_key(
    db: Writer,
    actor: Actor,
    *,
    name: str,
    scopes: Sequence[str],
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    test: bool = False,
) -> IssuedKey:
    """Make a key of the acting organization. Its secret is in the answer and nowhere else.

    `test` only gives it the prefix of a sandbox: it must be made in the sandbox's database.
    """
    actor.needs_role()
    granted = rules.check_scopes(scopes)
    for scope in granted:
        # A key cannot make one that may do more than itself.
        actor.needs_scope(scope)
    secret = (rules.TEST if test else rules.LIVE) + secrets.token_urlsafe(32)
    key_id = await store.insert_key(
        db, org_id=actor.org_id, name=name, prefix=secret[:12],
        secret_hash=rules.secret_hash(secret), scopes=granted, expires_at=expires_at,
        created_by=actor.name, now=now,
    )  # fmt: skip
    await record_audit(
        db, actor, action="create", object_="api_key", object_id=key_id,
        change={"name": name, "scopes": ", ".join(granted)}, now=now,
    )  # fmt: skip
    return IssuedKey(key_id, secret)


async def revoke_key(db: Writer, actor: Actor, *, key_id: UUID, now: dt.datetime) -> None:
    """End a key of the acting organization at once."""
    actor.needs_role()
    if not await store.revoke_key(db, actor.org_id, key_id, now):
        raise NotFound(what="key", key=str(key_id))
    await record_audit(
        db, actor, action="revoke", object_="api_key", object_id=key_id, change={}, now=now
    )


async def authenticate_key(
    database: Database, secret: str, now: dt.datetime, *, request_id: str = ""
) -> Actor | None:
    """Who a key belongs to, or None when no such key stands.

    Looked up for each request anew, so that a key ends at once; for those that come together, once.
    """
    row = await _keys.of(database).one((rules.secret_hash(secret), now))
    if row is None:
        return None
    return Actor(
        row.org_id, row.org_kind, f"{row.org_name} ({row.name})", "API_KEY", row.id, "ADMIN",
        frozenset(row.scopes), request_id,
    )  # fmt: skip


async def _find_keys(
    database: Database, asked: Sequence[tuple[bytes, dt.datetime]]
) -> list[store.KeyRow | None]:
    now = max(at for _, at in asked)
    async with database.system_call() as db:
        rows = await store.find_keys(db, list({secret_hash for secret_hash, _ in asked}), now)
        unseen = [
            row.id for row in rows
            if row.latest_used_at is None or now - row.latest_used_at > rules.SEEN_EVERY
        ]  # fmt: skip
        if unseen:
            await store.touch_keys(db, unseen, now)
    found = {row.secret_hash: row for row in rows}
    return [found.get(secret_hash) for secret_hash, _ in asked]


_keys: Final = Gatherers(_find_keys, size=128, at_once=2, crowd=16)


async def create_link(
    db: Writer,
    actor: Actor,
    *,
    for_org_id: UUID,
    purpose: str,
    object_id: UUID,
    life: dt.timedelta,
    now: dt.datetime,
) -> IssuedLink:
    """Make a link by which somebody of `for_org_id` may do one thing with one object.

    The link before it, for the same purpose and object, ends.
    """
    token = secrets.token_urlsafe(32)
    link_id = await store.insert_link(
        db, secret_hash=rules.secret_hash(token), org_id=for_org_id, purpose=purpose,
        object_id=object_id, expires_at=now + life, created_by_org_id=actor.org_id, now=now,
    )  # fmt: skip
    await record_audit(
        db, actor, action="create", object_="guest_link", object_id=object_id,
        change={"purpose": purpose}, now=now,
    )  # fmt: skip
    return IssuedLink(link_id, token, now + life)


async def authenticate_link(
    database: Database, token: str, *, purpose: str, now: dt.datetime, request_id: str = ""
) -> Guest:
    """Who holds a guest link, and for what object; refuses one that has ended."""
    async with database.system_call() as db:
        row = await store.find_link(db, rules.secret_hash(token), purpose, now)
    if row is None:
        raise LinkEnded
    actor = Actor(
        row.org_id, row.org_kind, f"{row.org_name} (link)", "GUEST", row.id, "VIEWER",
        frozenset(), request_id,
    )  # fmt: skip
    return Guest(actor, row.object_id, row.expires_at)


async def erase_contact(db: Writer, actor: Actor, *, contact_id: UUID, now: dt.datetime) -> None:
    """Blank a person's data for good; orders and events keep adding up without it."""
    if not await store.erase_contact(db, actor.org_id, contact_id, now):
        raise NotFound(what="contact", key=str(contact_id))
    await record_audit(
        db, actor, action="erase", object_="contact", object_id=contact_id, change={}, now=now
    )
