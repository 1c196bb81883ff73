"""The API of accounts: `/v1/organization`, `/v1/legal-entity`, `/v1/api-keys`, `/v1/audit`."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import Meta

from beltline.accounts import actions, queries, rules
from beltline.accounts.actions import legal
from beltline.accounts.rules.legal import missing_of
from beltline.accounts.types import ApiKey, AuditEntry
from beltline.accounts.types.legal import BankAccount, EntityBody, LegalEntity
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered, replay_headers

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]


class OrganizationAnswer(msgspec.Struct, frozen=True):
    """The organization a key or member acts for."""

    id: str
    code: str
    kind: str
    name: str
    name_zh: str
    country: str


class EntityRow(msgspec.Struct, frozen=True):
    """A version of the company that papers name, from `valid_from` on; none is ever changed."""

    id: str
    name: str
    name_latin: str
    address: str
    address_latin: str
    country: str
    registration_number: str
    tax_id: str
    bank_accounts: list[BankAccount]
    valid_from: dt.date
    stated_by: str
    stated_at: dt.datetime


class EntityAnswer(msgspec.Struct, frozen=True):
    """The company that papers of today name, null while none is stated.

    `missing` is what they lack: `entity`, or `address`, `tax_id`, `bank_accounts`.
    """

    entity: EntityRow | None
    missing: list[str]


class EntityList(msgspec.Struct, frozen=True):
    """One page of versions, those stated last first."""

    items: list[EntityRow]
    next_cursor: str | None


class KeyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make. Without `expires_at` it stands until it is revoked."""

    name: Name
    scopes: Annotated[list[str], Meta(min_length=1, max_length=40)]
    expires_at: dt.datetime | None = None


class KeyRow(msgspec.Struct, frozen=True):
    """A key as it can be shown later; `prefix` is the visible beginning of its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    latest_used_at: dt.datetime | None
    created_by: str
    created_at: dt.datetime


class NewKey(msgspec.Struct, frozen=True):
    """A new key. `secret` is told in the first answer only: a repeated request gets null."""

    id: str
    secret: str | None


class KeyList(msgspec.Struct, frozen=True):
    """One page of keys, newest first."""

    items: list[KeyRow]
    next_cursor: str | None


class AuditRow(msgspec.Struct, frozen=True):
    """Who did what. `change` holds `[before, after]` per changed field, or facts."""

    id: str
    at: dt.datetime
    actor: str
    via: str
    action: str
    object: str
    object_id: str | None
    change: dict[str, Any]
    request_id: str


class AuditList(msgspec.Struct, frozen=True):
    """One page of the audit, newest first."""

    items: list[AuditRow]
    next_cursor: str | None


@get("/v1/organization", summary="Who you are")
async def get_organization(database: Database, actor: Actor) -> OrganizationAnswer:
    """The organization that the key belongs to."""
    actor.needs_scope("accounts:read")
    async with database.reading(actor) as db:
        found = await queries.get_organization_by_id(db, actor.org_id)
    return OrganizationAnswer(
        show_id("org", found.id), found.code, found.kind, found.name, found.name_zh, found.country
    )


@get("/v1/legal-entity", summary="The company that papers name")
async def get_legal_entity(database: Database, actor: Actor, now: dt.datetime) -> EntityAnswer:
    """Of the organization that the key belongs to, and what papers lack of it."""
    actor.needs_scope("accounts:read")
    async with database.reading(actor) as db:
        found = await queries.find_legal_entity(db, actor.org_id, on=day_of(now))
    return EntityAnswer(_entity(found) if found else None, missing_of(found, actor.org_kind))


@get("/v1/legal-entity/versions", summary="All versions of the company that papers name")
async def list_legal_entities(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> EntityList:
    """What was stated, and from which day on it stands on papers."""
    actor.needs_scope("accounts:read")
    before = decode_cursor(cursor, int)
    async with database.reading(actor) as db:
        rows = await queries.list_legal_entities(
            db, actor.org_id, before=before[0] if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.seq,))
    return EntityList([_entity(row) for row in shown], following)


@post("/v1/legal-entity", summary="State the company that papers name")
async def state_legal_entity(
    data: EntityBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[EntityRow]:
    """Adds a version. Papers name it from its day on; those that were issued do not change."""
    actor.needs_scope("accounts:write")

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _entity(await legal.state_legal_entity(db, actor, entity=data, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation="legal-entity.state", body=data, act=act
    )
    return answered(answer, EntityRow)


def _entity(entity: LegalEntity) -> EntityRow:
    return EntityRow(
        show_id("ent", entity.id), entity.name, entity.name_latin, entity.address,
        entity.address_latin, entity.country, entity.registration_number, entity.tax_id,
        entity.bank_accounts, entity.valid_from, entity.stated_by, entity.created_at,
    )  # fmt: skip


@get("/v1/api-keys", summary="API keys")
async def list_keys(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> KeyList:
    """The organization's keys, revoked ones included; never a secret."""
    actor.needs_scope("accounts:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_keys(
            db, actor.org_id, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.created_at, row.id))
    return KeyList([_key(row) for row in shown], following)


@post("/v1/api-keys", summary="Make an API key")
async def create_key(
    data: KeyBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[NewKey]:
    """Makes a key with some of the caller's own scopes. The secret is told once and kept nowhere.

    A repeated request answers with the same key and without its secret: if the first answer was
    lost, revoke the key and make another.
    """
    actor.needs_scope("accounts:write")
    secrets: list[str] = []

    async def act(db: Writer) -> tuple[int, Any]:
        issued = await actions.create_key(
            db, actor, name=data.name, scopes=data.scopes, expires_at=data.expires_at, now=now
        )
        secrets.append(issued.secret)
        # What is kept for a repetition must not hold the secret.
        return 201, NewKey(show_id("key", issued.id), None)

    answer = await once(
        database, actor, key=idempotency_key, operation="POST /v1/api-keys",
        body=msgspec.to_builtins(data), act=act,
    )  # fmt: skip
    answer.unwrap()
    kept = msgspec.convert(answer.response, NewKey)
    secret = None if answer.replayed else secrets[-1]
    return Response(NewKey(kept.id, secret), status_code=201, headers=replay_headers(answer))


@post("/v1/api-keys/{key_id:str}/revoke", summary="Revoke an API key", status_code=200)
async def revoke_key(
    key_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[KeyRow]:
    """Ends a key at once. One that has ended already cannot be revoked (404)."""
    actor.needs_scope("accounts:write")
    found = read_id("key", key_id)

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.revoke_key(db, actor, key_id=found, now=now)
        return 200, _key(await queries.get_key(db, actor.org_id, found))

    answer = await once(
        database, actor, key=idempotency_key, operation=f"POST /v1/api-keys/{found}/revoke",
        body=None, act=act,
    )  # fmt: skip
    return answered(answer, KeyRow)


@get("/v1/audit", summary="The audit")
async def list_audit(
    database: Database,
    actor: Actor,
    object_id: Annotated[str | None, QueryParameter(max_length=80)] = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> AuditList:
    """What the organization did, newest first; with `object_id` only to one object."""
    actor.needs_scope("accounts:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    wanted = rules.read_any_id(object_id) if object_id else None
    async with database.reading(actor) as db:
        rows = await queries.list_audit(
            db, actor.org_id, object_id=wanted,
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.at, row.id))
    return AuditList([_audit(row) for row in shown], following)


def _key(row: ApiKey) -> KeyRow:
    return KeyRow(
        id=show_id("key", row.id),
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        latest_used_at=row.latest_used_at,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _audit(row: AuditEntry) -> AuditRow:
    return AuditRow(
        id=show_id("aud", row.id),
        at=row.at,
        actor=row.actor,
        via=row.via,
        action=row.action,
        object=row.object,
        object_id=rules.shown_object_id(row.object, row.object_id),
        change=row.change,
        request_id=row.request_id,
    )


ROUTES = (
    get_organization, get_legal_entity, list_legal_entities, state_legal_entity, list_keys,
    create_key, revoke_key, list_audit,
)  # fmt: skip
