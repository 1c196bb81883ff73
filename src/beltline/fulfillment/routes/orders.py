"""`/v1/orders/{id}/journeys`, `/v1/shipments`: an order's units, and what a factory has to ship."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.fulfillment.queries import journeys as queries
from beltline.fulfillment.routes.journeys import JourneyDetail, details_of
from beltline.fulfillment.types.journeys import SupplierTask
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.orders import queries as orders

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class OrderJourneys(msgspec.Struct, frozen=True):
    """All journeys of an order, those that ended too, in the order of its lines."""

    items: list[JourneyDetail]


class ShipmentRow(msgspec.Struct, frozen=True):
    """What a factory has to ship until `due_at`, in base units of `uom`.

    To the hub, or blind and without a price to the door in `ship_to`. Shipped, the stage FACTORY of
    `journey_id` is ended with the waybill (`POST /v1/journeys/finish`).
    """

    journey_id: str
    order: str
    sku: str
    title: str
    title_zh: str
    uom: str
    units: int
    due_at: dt.datetime
    hub: str | None
    ship_to: dict[str, str] | None


class ShipmentList(msgspec.Struct, frozen=True):
    """One page of what is to be shipped, the first due first."""

    items: list[ShipmentRow]
    next_cursor: str | None


@get("/v1/orders/{order_id:str}/journeys", summary="The journeys of an order")
async def list_of_order(order_id: str, database: Database, actor: Actor) -> OrderJourneys:
    """Where every unit of the order is or ended, with stages, owners and decisions."""
    actor.needs_scope("orders:read")
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        await orders.get_order(db, found)
        return OrderJourneys(await details_of(db, found))


@get("/v1/shipments", summary="What a factory has to ship")
async def list_shipments(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> ShipmentList:
    """The calling supplier's tasks for buyers' orders; nobody else has any."""
    actor.needs_scope("purchases:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_supplier_tasks(
            db, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.due_at, row.id))
    return ShipmentList([_shown(row) for row in shown], following)


def _shown(task: SupplierTask) -> ShipmentRow:
    return ShipmentRow(
        show_id("jny", task.id), task.number, task.sku, task.title, task.title_zh, task.uom,
        task.units, task.due_at, task.hub, task.ship_to,
    )  # fmt: skip


ROUTES = (list_of_order, list_shipments)
