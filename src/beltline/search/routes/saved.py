"""Saved searches by API: `/v1/search/saved`, and the goods that come to answer them."""

import datetime as dt
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import Meta

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.search.actions import saved as actions
from beltline.search.queries import saved as queries
from beltline.search.types import Alert, Saved, SavedState, Wishes

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
Word = Annotated[str, Meta(min_length=1, max_length=200)]
Count = Annotated[int, Meta(ge=1, le=10**12)]
Price = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
Act = Callable[[Writer], Awaitable[Saved]]


class SavedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A search to keep: what `GET /v1/search` takes, and a name of the organization's own."""

    name: Name
    q: Annotated[str, Meta(min_length=1, max_length=400)]
    quantity: Count = 1
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    price_max: Price | None = None
    moq_max: Count | None = None
    lead_time_days_max: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    availability: Literal["SPOT", "MADE_TO_ORDER", "PRESALE"] | None = None
    category: Word | None = None
    supplier: Word | None = None
    belt: Word | None = None
    tier: Literal["A", "B", "C"] | None = None


class NameBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another name."""

    name: Name


class SavedAnswer(msgspec.Struct, frozen=True):
    """A saved search; `told` goods have come to answer it, of which nobody has seen `unseen`.

    While PAUSED nothing is told, and what comes then is not told later.
    """

    id: str
    name: str
    q: str
    quantity: int
    currency: str | None
    price_max: str | None
    moq_max: int | None
    lead_time_days_max: float | None
    availability: str | None
    category: str | None
    supplier: str | None
    belt: str | None
    tier: str | None
    state: SavedState
    told: int
    unseen: int
    made_by: str
    created_at: dt.datetime
    checked_at: dt.datetime


class SavedList(msgspec.Struct, frozen=True):
    """One page of saved searches, the latest first."""

    items: list[SavedAnswer]
    next_cursor: str | None


class AlertAnswer(msgspec.Struct, frozen=True):
    """A SKU that came to answer a saved search, at its price of that moment (null: no offer)."""

    sku: str
    title: str
    title_zh: str
    supplier: str
    supplier_name: str
    currency: str | None
    unit_price: str | None
    told_at: dt.datetime
    seen_at: dt.datetime | None


class AlertList(msgspec.Struct, frozen=True):
    """One page of goods that came, the latest first."""

    items: list[AlertAnswer]
    next_cursor: str | None


@get("/v1/search/saved", summary="List saved searches")
async def list_saved(
    *, database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> SavedList:
    """The organization's saved searches, with how many goods have come to answer each."""
    actor.needs_scope("catalog:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_saved(
            db, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.created_at, row.id))
    return SavedList([_saved(row) for row in shown], following)


@post("/v1/search/saved", summary="Save a search")
async def save_search(
    *, data: SavedBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[SavedAnswer]:
    """Keeps a search; goods that come to answer it later are told of, each once.

    A good answers when it says every word and its terms fit. It is told by an event
    (`saved_search.answered`), on the console, and by webhooks, after imports and changes.
    """
    actor.needs_scope("catalog:read")
    wishes = Wishes(
        quantity=data.quantity, currency=data.currency,
        price_max=None if data.price_max is None else Decimal(data.price_max),
        moq_max=data.moq_max, lead_time_days_max=data.lead_time_days_max,
        availability=data.availability, category=data.category, supplier=data.supplier,
        belt=data.belt, tier=data.tier,
    )  # fmt: skip

    async def act(db: Writer) -> tuple[int, Any]:
        kept = await actions.save(
            db, actor, name=data.name, question=data.q, wishes=wishes, now=now
        )
        return 201, _saved(kept)

    answer = await once(
        database, actor, key=idempotency_key, operation="search.save",
        body=msgspec.to_builtins(data), act=act,
    )  # fmt: skip
    return answered(answer, SavedAnswer)


@get("/v1/search/saved/{saved_id:str}", summary="One saved search")
async def get_saved(saved_id: str, database: Database, actor: Actor) -> SavedAnswer:
    """A saved search and how it stands."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return _saved(await queries.get_saved(db, read_id("sav", saved_id)))


@get("/v1/search/saved/{saved_id:str}/alerts", summary="Goods that came to answer")
async def list_alerts(
    *, saved_id: str, database: Database, actor: Actor, cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> AlertList:  # fmt: skip
    """Goods that came to answer a saved search, the latest first, each once."""
    actor.needs_scope("catalog:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        found = await queries.get_saved(db, read_id("sav", saved_id))
        rows = await queries.list_alerts(
            db, found.id, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.told_at, row.sku_id))
    return AlertList([_alert(row) for row in shown], following)


@post("/v1/search/saved/{saved_id:str}/rename", summary="Rename a saved search", status_code=200)
async def rename_saved(
    *, saved_id: str, data: NameBody, database: Database, actor: Actor, idempotency_key: str,
    now: dt.datetime,
) -> Response[SavedAnswer]:  # fmt: skip
    """Another name; what came to answer stays."""
    found = read_id("sav", saved_id)
    return await _once(
        database, actor, idempotency_key, f"search.rename {found}", msgspec.to_builtins(data),
        lambda db: actions.rename(db, actor, found, data.name, now=now),
    )  # fmt: skip


@post("/v1/search/saved/{saved_id:str}/pause", summary="Pause a saved search", status_code=200)
async def pause_saved(
    saved_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[SavedAnswer]:
    """Nothing more is told of; what comes meanwhile is not told later either."""
    found = read_id("sav", saved_id)
    return await _once(
        database, actor, idempotency_key, f"search.pause {found}", None,
        lambda db: actions.pause(db, actor, found, now=now),
    )  # fmt: skip


@post("/v1/search/saved/{saved_id:str}/resume", summary="Resume a saved search", status_code=200)
async def resume_saved(
    saved_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[SavedAnswer]:
    """Goods that come to answer from now on are told of again."""
    found = read_id("sav", saved_id)
    return await _once(
        database, actor, idempotency_key, f"search.resume {found}", None,
        lambda db: actions.resume(db, actor, found, now=now),
    )  # fmt: skip


@post("/v1/search/saved/{saved_id:str}/seen", summary="Mark goods as seen", status_code=200)
async def mark_seen(
    saved_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[SavedAnswer]:
    """Says that the goods that came so far were seen."""
    found = read_id("sav", saved_id)
    return await _once(
        database, actor, idempotency_key, f"search.seen {found}", None,
        lambda db: actions.mark_seen(db, found, now=now),
    )  # fmt: skip


@post("/v1/search/saved/{saved_id:str}/delete", summary="Delete a saved search", status_code=200)
async def delete_saved(
    saved_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[SavedAnswer]:
    """Forgets a search with what came to answer it; the answer is what it was."""
    found = read_id("sav", saved_id)
    return await _once(
        database, actor, idempotency_key, f"search.delete {found}", None,
        lambda db: actions.delete(db, actor, found, now=now),
    )  # fmt: skip


async def _once(
    database: Database, actor: Actor, key: str, operation: str, body: object, act: Act
) -> Response[SavedAnswer]:
    actor.needs_scope("catalog:read")

    async def done(db: Writer) -> tuple[int, Any]:
        return 200, _saved(await act(db))

    answer = await once(database, actor, key=key, operation=operation, body=body, act=done)
    return answered(answer, SavedAnswer)


def _saved(row: Saved) -> SavedAnswer:
    wishes = row.wishes
    return SavedAnswer(
        id=show_id("sav", row.id), name=row.name, q=row.question, quantity=wishes.quantity,
        currency=wishes.currency, price_max=_price(wishes.price_max), moq_max=wishes.moq_max,
        lead_time_days_max=wishes.lead_time_days_max, availability=wishes.availability,
        category=wishes.category, supplier=wishes.supplier, belt=wishes.belt, tier=wishes.tier,
        state=row.state, told=row.told, unseen=row.unseen, made_by=row.made_by,
        created_at=row.created_at, checked_at=row.checked_at,
    )  # fmt: skip


def _alert(row: Alert) -> AlertAnswer:
    return AlertAnswer(
        row.sku, row.title, row.title_zh, row.supplier, row.supplier_name, row.currency,
        _price(row.unit_price), row.told_at, row.seen_at,
    )  # fmt: skip


def _price(price: Decimal | None) -> str | None:
    return None if price is None else decimal_text(price)


ROUTES = (
    list_saved, save_search, get_saved, list_alerts, rename_saved, pause_saved, resume_saved,
    mark_seen, delete_saved,
)  # fmt: skip
