"""New goods by API: `/v1/new-goods`, told of by suppliers, taken in or returned by the operator."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from msgspec import Meta

from beltline.catalog.actions import drafts as actions
from beltline.catalog.queries import drafts as queries
from beltline.catalog.rules import drafts as rules
from beltline.catalog.types import (
    Approval,
    BuyersCurrency,
    Change,
    Draft,
    DraftPlan,
    DraftState,
    EditProblem,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
State = Literal["WAITING", "RETURNED", "APPROVED"]
Words = Annotated[str, Meta(max_length=400)]
Price = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
Act = Callable[[Writer], Awaitable[Draft]]


class NewGoods(msgspec.Struct, frozen=True):
    """Goods a supplier told of. `code` is its own number; `price` in CNY a unit, from `moq` on.

    `weight_g` in g; `photos` are ids; `note` says why they were RETURNED; `sku` is their code in
    the network once APPROVED.
    """

    id: str
    supplier: str
    supplier_name: str
    code: str
    title: str
    title_zh: str
    category: str
    price: str
    moq: int
    lead_time_days: float | None
    weight_g: int | None
    pack_size: int
    state: DraftState
    note: str
    sku: str | None
    sent_at: dt.datetime
    photos: list[str]


class NewGoodsList(msgspec.Struct, frozen=True):
    """One page of new goods, the longest waiting first."""

    items: list[NewGoods]
    next_cursor: str | None


class TellBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods as texts by column; with `dry_run` nothing is kept.

    Columns: `sku` (your own number), `title_zh` or `title`, `price` in CNY, `category`, `moq`,
    `lead_time_days`, `weight_g`, `pack_size`. A number told of before is changed: a blank cell
    leaves a field as it is.
    """

    rows: Annotated[list[dict[str, str]], Meta(min_length=1, max_length=2_000)]
    dry_run: bool = False


class TellAnswer(msgspec.Struct, frozen=True):
    """What was kept (nothing of a dry run), what that changed, and which rows are left out.

    Rows count from 2, as those of a sheet with a header do.
    """

    items: list[NewGoods]
    changes: list[Change]
    problems: list[EditProblem]
    unchanged: int


class NewPhotoBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A photo of goods: JPEG, PNG or WebP of at most 8 MiB, in base64."""

    content: bytes


class ApproveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How goods are taken in; null is as the supplier told.

    `price` is what buyers pay a unit in `currency`; null: buyers see no price yet.
    """

    title: Words | None = None
    title_zh: Words | None = None
    category: Words | None = None
    currency: BuyersCurrency = "USD"
    price: Price | None = None


class SendBackBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why goods are given back; the supplier reads it."""

    note: Annotated[str, Meta(min_length=1, max_length=400)]


@get("/v1/new-goods", summary="List new goods")
async def list_new_goods(
    *, database: Database, actor: Actor, status: State = "WAITING", cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> NewGoodsList:  # fmt: skip
    """Goods in a state: a supplier's own, the operator's all, the longest waiting first."""
    actor.needs_scope("catalog:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_drafts(
            db, DraftState(status), after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.sent_at, row.id))
    return NewGoodsList([_shown(row) for row in shown], following)


@get("/v1/new-goods/{draft_id:str}", summary="One of the new goods")
async def get_new_goods(draft_id: str, database: Database, actor: Actor) -> NewGoods:
    """Goods that the caller told of, or that the operator decides about."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return _shown(await queries.get_draft(db, read_id("dft", draft_id)))


@post(
    "/v1/new-goods",
    summary="Tell of new goods",
    responses={200: ResponseSpec(TellAnswer, description="A dry run: nothing was kept.")},
)
async def tell_new_goods(
    data: TellBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[TellAnswer]:
    """A supplier tells of goods; they wait for the operator. Told of again, they wait again."""
    actor.needs_scope("catalog:write")
    rows = [rules.read_row(row) for row in data.rows]

    async def act(db: Writer) -> tuple[int, Any]:
        if data.dry_run:
            return 200, _told(await actions.plan_rows(db, actor, rows), [])
        plan = await actions.tell_rows(db, actor, rows, now=now)
        codes = [row.code for row in plan.rows]
        return 201, _told(plan, await queries.list_by_code(db, actor.org_id, codes))

    answer = await once(
        database, actor, key=idempotency_key, operation="new_goods.tell", body=data, act=act
    )
    return answered(answer, TellAnswer)


@post(
    "/v1/new-goods/{draft_id:str}/photos",
    summary="Add a photo to new goods",
    request_max_body_size=2 * BYTES_MAX,
)
async def add_photo(
    *, draft_id: str, data: NewPhotoBody, database: Database, actor: Actor, idempotency_key: str,
    now: dt.datetime,
) -> Response[NewGoods]:  # fmt: skip
    """A photo of goods that wait; the same one twice is one."""
    found = read_id("dft", draft_id)
    return await _once(
        database, actor, idempotency_key, f"new_goods.photo {found}", data,
        lambda db: actions.add_photo(db, actor, draft_id=found, data=data.content, now=now),
        status=201,
    )  # fmt: skip


@post("/v1/new-goods/{draft_id:str}/take-back", summary="Take new goods back", status_code=200)
async def take_back(
    draft_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[NewGoods]:
    """Forgets goods one told of that are not in the catalog; the answer is what they were."""
    found = read_id("dft", draft_id)
    return await _once(
        database, actor, idempotency_key, f"new_goods.take_back {found}", None,
        lambda db: actions.take_back(db, actor, draft_id=found, now=now),
    )  # fmt: skip


@post("/v1/new-goods/{draft_id:str}/approve", summary="Approve new goods", status_code=200)
async def approve(
    *, draft_id: str, data: ApproveBody, database: Database, actor: Actor, idempotency_key: str,
    now: dt.datetime,
) -> Response[NewGoods]:  # fmt: skip
    """Takes goods of a verified supplier into the catalog: SKU, pictures and terms."""
    found = read_id("dft", draft_id)

    async def act(db: Writer) -> Draft:
        told = _approval(data, await queries.get_draft(db, found))
        await actions.approve(db, actor, draft_id=found, told=told, now=now)
        return await queries.get_draft(db, found)

    return await _once(database, actor, idempotency_key, f"new_goods.approve {found}", data, act)


@post("/v1/new-goods/{draft_id:str}/return", summary="Return new goods", status_code=200)
async def return_new_goods(
    *, draft_id: str, data: SendBackBody, database: Database, actor: Actor, idempotency_key: str,
    now: dt.datetime,
) -> Response[NewGoods]:  # fmt: skip
    """Gives goods back to their supplier with a reason; it may tell of them again."""
    found = read_id("dft", draft_id)
    return await _once(
        database, actor, idempotency_key, f"new_goods.return {found}", data,
        lambda db: actions.return_draft(db, actor, draft_id=found, note=data.note, now=now),
    )  # fmt: skip


async def _once(
    database: Database, actor: Actor, key: str, operation: str, body: object, act: Act, *,
    status: int = 200,
) -> Response[NewGoods]:  # fmt: skip
    actor.needs_scope("catalog:write")

    async def done(db: Writer) -> tuple[int, Any]:
        return status, _shown(await act(db))

    answer = await once(database, actor, key=key, operation=operation, body=body, act=done)
    return answered(answer, NewGoods)


def _approval(told: ApproveBody, draft: Draft) -> Approval:
    return Approval(
        draft.title if told.title is None else told.title.strip(),
        draft.title_zh if told.title_zh is None else told.title_zh.strip(),
        draft.category if told.category is None else told.category.strip(),
        told.currency, rules.read_price(told.price or ""),
    )  # fmt: skip


def _told(plan: DraftPlan, kept: list[Draft]) -> TellAnswer:
    return TellAnswer([_shown(one) for one in kept], plan.changes, plan.problems, plan.unchanged)


def _shown(one: Draft) -> NewGoods:
    return NewGoods(
        id=show_id("dft", one.id), supplier=one.supplier, supplier_name=one.supplier_name,
        code=one.code, title=one.title, title_zh=one.title_zh, category=one.category,
        price=decimal_text(one.price), moq=one.moq, lead_time_days=one.lead_time_days,
        weight_g=one.weight_g, pack_size=one.pack_size, state=one.state, note=one.note,
        sku=one.sku, sent_at=one.sent_at, photos=[show_id("pic", photo) for photo in one.photos],
    )  # fmt: skip


ROUTES = (
    list_new_goods, get_new_goods, tell_new_goods, add_photo, take_back, approve, return_new_goods,
)  # fmt: skip
