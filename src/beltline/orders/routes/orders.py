"""The API of orders: `/v1/orders`, and `/v1/catalog/skus` to find what can be ordered."""

import asyncio
import datetime as dt
import tempfile
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from beltline.catalog import queries as catalog
from beltline.catalog.types import Offer, Sku
from beltline.inventory import queries as inventory
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.errors import Refusal
from beltline.kit.events import Event, list_events_of
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor, encode_cursor
from beltline.kit.web.kept import answered, replay_headers
from beltline.orders import actions, queries
from beltline.orders.types import (
    AmendBody,
    Break,
    BulkBody,
    Deposit,
    Line,
    Order,
    OrderBody,
    OrderDetail,
    OrderHead,
    PayBody,
    Payment,
    PaymentBodyIn,
    Promise,
    Quote,
    SheetResult,
    Total,
)
from beltline.orders.types.landed import LandedCost

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


SHEET_BYTES = 5_000_000


class SheetUpload(msgspec.Struct, frozen=True):
    """The form of a file of orders."""

    file: UploadFile


class OrderRow(msgspec.Struct, frozen=True):
    """An order in a list; `buyer` is the code of the buyer's organization."""

    id: str
    number: str
    reference: str
    buyer: str
    status: str
    total: Total
    promise: Promise | None
    line_count: int
    created_at: dt.datetime
    cancelled_at: dt.datetime | None


class OrderList(msgspec.Struct, frozen=True):
    """One page of orders, newest first."""

    items: list[OrderRow]
    next_cursor: str | None


class Happening(msgspec.Struct, frozen=True):
    """One event of the order's timeline."""

    type: str
    occurred_at: dt.datetime
    sequence: int
    data: dict[str, Any]


class OrderAnswer(msgspec.Struct, frozen=True):
    """One order with its timeline, oldest event first."""

    id: str
    number: str
    reference: str
    buyer: str
    status: str
    total: Total
    promise: Promise | None
    payment: dict[str, str]
    partial: bool
    back_order: bool
    decision: str
    downstream_reference: str
    note: str
    ship_to: dict[str, Any]
    lines: list[Line]
    expires_at: dt.datetime | None
    created_at: dt.datetime
    cancelled_at: dt.datetime | None
    timeline: list[Happening]
    deposit: Deposit | None = None
    landed_cost: LandedCost | None = None


class BulkProblem(msgspec.Struct, frozen=True):
    """Why an order of a bulk was refused; `params` are the members that its code comes with."""

    code: str
    title: str
    status: int
    detail: str
    param: str | None
    params: dict[str, Any]


class BulkResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of the order at a place: its id, or why it was refused."""

    index: int
    id: str | None = None
    problem: BulkProblem | None = None


class BulkAnswer(msgspec.Struct, frozen=True):
    """One result for each order, in the order sent."""

    results: list[BulkResult]


class OfferAnswer(msgspec.Struct, frozen=True):
    """Terms at which a buyer can order today.

    `deposit_percent` is paid with the order and the rest when the goods are made; null: all at
    once.
    """

    currency: str
    moq: int
    sales_model: str
    availability: str
    lead_time_days: float | None
    valid_until: dt.date | None
    breaks: list[Break]
    deposit_percent: float | None = None


class SkuAnswer(msgspec.Struct, frozen=True):
    """What can be ordered.

    The SKU, today's terms, and `available` base units over all nodes (`/v1/stock?sku=` says where).
    """

    code: str
    product: str
    category: str
    title: str
    title_zh: str
    uom: str
    pack_size: int
    weight_g: int | None
    cargo_class: str
    available: int
    offers: list[OfferAnswer]


class SkuList(msgspec.Struct, frozen=True):
    """One page of SKUs by code."""

    items: list[SkuAnswer]
    next_cursor: str | None


@post("/v1/orders", summary="Place an order")
async def place_order(
    data: OrderBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Order]:
    """Reserves the stock and holds the money, or changes nothing and says what would be accepted.

    An order by TRANSFER is PLACED: it keeps its stock until `expires_at` and waits for the money.
    Repeat it with the same Idempotency-Key as often as needed: it has one effect and one answer.
    """
    actor.needs_scope("orders:write")
    answer = await actions.place_order(database, actor, data, key=idempotency_key, now=now)
    return answered(answer, Order)


@post("/v1/orders/preview", summary="Preview an order", status_code=200)
async def preview_order(
    data: OrderBody, database: Database, actor: Actor, now: dt.datetime
) -> Quote:
    """What the order would be now. Nothing is reserved, and no Idempotency-Key is needed."""
    actor.needs_scope("orders:read")
    return await actions.preview_order(database, actor, data, now=now)


@post("/v1/orders/bulk", summary="Place many orders", status_code=200)
async def place_bulk(
    data: BulkBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[BulkAnswer]:
    """Up to 1,000 orders, each placed or refused on its own, all under one Idempotency-Key."""
    actor.needs_scope("orders:write")
    answer = await actions.place_bulk(database, actor, data.orders, key=idempotency_key, now=now)
    results = [_bulk_result(result) for result in answer.unwrap().response["results"]]
    return Response(BulkAnswer(results), headers=replay_headers(answer))


@post(
    "/v1/orders/sheet",
    summary="Place the orders of a file",
    status_code=200,
    request_max_body_size=SHEET_BYTES,
)
async def place_sheet(
    data: Annotated[SheetUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> SheetResult:
    """A CSV or XLSX file of up to 1,000 orders; a result for every row.

    Columns: reference, sku, quantity (base units), name, country, and if wanted currency, payment,
    sales_model, phone, region, city, postcode, line1, line2, customer, note. Rows of one reference
    are one order. One with a bad row is left out, the others are placed or refused on their own.
    """
    actor.needs_scope("orders:write")
    with tempfile.TemporaryDirectory(prefix="beltline-orders-") as folder:
        path = Path(folder) / f"sheet{Path(data.file.filename).suffix[:10]}"
        await asyncio.to_thread(path.write_bytes, await data.file.read())
        return await actions.place_sheet(
            database, actor, path, name=data.file.filename[:200], key=idempotency_key, now=now
        )


@post("/v1/orders/{order_id:str}/pay", summary="Pay an order")
async def pay_order(
    order_id: str,
    data: PayBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Order]:
    """Pays a PLACED order, or the balance of one, from the buyer's balance or line of credit.

    Of an order with a deposit the first payment takes the deposit. The next takes the balance of
    the lines whose goods are made, or of all while there are none, from where the deposit came.
    """
    actor.needs_scope("orders:write")
    found = read_id("ord", order_id)
    answer = await actions.pay_order(database, actor, found, data, key=idempotency_key, now=now)
    return answered(answer, Order)


@post("/v1/ledger/payments", summary="Tell of a payment", status_code=200)
async def receive_payment(
    data: PaymentBodyIn, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Payment]:
    """Money that came from outside pays the order its reference names. For the operator.

    It goes to the buyer's balance; when the order waits and the balance suffices, it is paid.
    """
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, await actions.receive_payment(db, actor, data, now=now)

    answer = await once(
        database, actor, key=idempotency_key, operation="payments.receive", body=data, act=act
    )
    payment = msgspec.convert(answer.unwrap().response, Payment)
    return Response(payment, headers=replay_headers(answer))


@post("/v1/orders/{order_id:str}/amend", summary="Amend an order")
async def amend_order(
    order_id: str,
    data: AmendBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Order]:
    """Changes or cancels lines of which nothing has left, at the price the new quantity has.

    The stock reserved and the money held follow exactly; all of it happens, or nothing.
    """
    actor.needs_scope("orders:write")
    found = read_id("ord", order_id)
    answer = await actions.amend_order(database, actor, found, data, key=idempotency_key, now=now)
    return answered(answer, Order)


@post("/v1/orders/{order_id:str}/cancel", summary="Cancel an order")
async def cancel_order(
    order_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Order]:
    """Gives back the stock and the money of an order of which nothing has left."""
    actor.needs_scope("orders:write")
    found = read_id("ord", order_id)
    answer = await actions.cancel_order(database, actor, found, key=idempotency_key, now=now)
    return answered(answer, Order)


@get("/v1/orders", summary="List orders")
async def list_orders(
    *,
    database: Database,
    actor: Actor,
    status: str | None = None,
    reference: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> OrderList:
    """The caller's orders (the operator: of all buyers), newest first."""
    actor.needs_scope("orders:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_orders(
            db,
            actor,
            status=status,
            reference=reference,
            before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )
    shown, following = cut(rows, limit, lambda row: (row.created_at, row.id))
    return OrderList([_row(row) for row in shown], following)


@get("/v1/orders/{order_id:str}", summary="One order")
async def get_order(order_id: str, database: Database, actor: Actor) -> OrderAnswer:
    """The order with lines, parts and timeline."""
    actor.needs_scope("orders:read")
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
        timeline = await list_events_of(db, found)
        landed_cost = await queries.find_landed(db, found)
    return _detail(order, timeline, landed_cost)


@get("/v1/catalog/skus", summary="List SKUs that can be ordered")
async def list_skus(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    q: Annotated[str, Parameter(max_length=200)] = "",
    category: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> SkuList:
    """SKUs by code with buyers' terms and availability; `q` is looked for in code and titles."""
    actor.needs_scope("catalog:read")
    after = decode_cursor(cursor, str)
    async with database.reading(actor) as db:
        skus = await catalog.list_skus(
            db, words=q, category=category, after=after[0] if after else "", limit=limit + 1
        )
        items = await _skus(db, skus[:limit], now)
    return SkuList(items, encode_cursor(skus[limit - 1].code) if len(skus) > limit else None)


@get("/v1/catalog/skus/{code:str}", summary="One SKU")
async def get_sku(code: str, database: Database, actor: Actor, now: dt.datetime) -> SkuAnswer:
    """One SKU with buyers' terms and availability."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return (await _skus(db, [await catalog.get_sku(db, code)], now))[0]


async def _skus(db: Reader, skus: list[Sku], now: dt.datetime) -> list[SkuAnswer]:
    ids = [sku.id for sku in skus]
    offers = await catalog.list_offers(db, ids, audience="BUYERS", on=day_of(now))
    available = await inventory.available_of(db, ids)
    return [_sku(sku, offers.get(sku.id, []), available.get(sku.id, 0)) for sku in skus]


def _sku(sku: Sku, offers: list[Offer], available: int) -> SkuAnswer:
    return SkuAnswer(
        code=sku.code,
        product=sku.product,
        category=sku.category,
        title=sku.title,
        title_zh=sku.title_zh,
        uom=sku.uom,
        pack_size=sku.pack_size,
        weight_g=sku.weight_g,
        cargo_class=sku.cargo_class,
        available=available,
        offers=[_offer(offer) for offer in offers],
    )


def _offer(offer: Offer) -> OfferAnswer:
    return OfferAnswer(
        currency=offer.currency,
        moq=offer.moq,
        sales_model=offer.sales_model,
        availability=offer.availability,
        lead_time_days=offer.lead_time_days,
        valid_until=offer.valid_until,
        breaks=[Break(b.quantity_from, str(b.unit_price)) for b in offer.breaks],
        deposit_percent=None if offer.deposit_percent is None else float(offer.deposit_percent),
    )


def _bulk_result(result: dict[str, Any]) -> BulkResult:
    if "code" not in result:
        return BulkResult(result["index"], result["id"])
    refusal = Refusal.from_code(result["code"], dict(result["fields"]))
    problem = BulkProblem(
        code=refusal.code,
        title=refusal.title,
        status=refusal.status,
        detail=refusal.message,
        param=refusal.param,
        params=msgspec.to_builtins(refusal.fields),
    )
    return BulkResult(result["index"], problem=problem)


def _promise(head: OrderHead) -> Promise | None:
    if head.promise_date is None or head.promise_probability is None:
        return None
    return Promise(head.promise_date, head.promise_probability)


def _row(head: OrderHead) -> OrderRow:
    return OrderRow(
        id=show_id("ord", head.id),
        number=head.number,
        reference=head.reference,
        buyer=head.buyer,
        status=head.status,
        total=Total(head.total_amount, head.currency),
        promise=_promise(head),
        line_count=head.line_count,
        created_at=head.created_at,
        cancelled_at=head.cancelled_at,
    )


def _detail(
    order: OrderDetail, timeline: list[Event], landed_cost: LandedCost | None
) -> OrderAnswer:
    head = order.head
    return OrderAnswer(
        id=show_id("ord", head.id),
        number=head.number,
        reference=head.reference,
        buyer=head.buyer,
        status=head.status,
        total=Total(head.total_amount, head.currency),
        promise=_promise(head),
        payment={"method": order.payment_method},
        partial=order.partial,
        back_order=order.back_order,
        decision=order.decision,
        downstream_reference=order.downstream_reference,
        note=order.note,
        ship_to=order.ship_to,
        lines=order.lines,
        expires_at=head.expires_at,
        created_at=head.created_at,
        cancelled_at=head.cancelled_at,
        timeline=[Happening(e.type, e.occurred_at, e.sequence, e.data) for e in timeline],
        deposit=order.deposit,
        landed_cost=landed_cost,
    )


ROUTES = (
    place_order,
    preview_order,
    place_bulk,
    place_sheet,
    pay_order,
    receive_payment,
    amend_order,
    cancel_order,
    list_orders,
    get_order,
    list_skus,
    get_sku,
)
