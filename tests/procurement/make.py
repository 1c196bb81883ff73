"""Builders: a small network with two suppliers, and purchase orders in it."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.procurement import actions, queries
from beltline.procurement.actions import notices
from beltline.procurement.types.notices import NoticeBody, NoticeLine, ShippingNotice
from beltline.procurement.types.orders import Answer, AnswerKind, NewLine, PurchaseOrder
from tests.catalog.make import make_network

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
AHEAD = dt.timedelta(days=14)
EXPECTED = day_of(NOW) + AHEAD


class Trade(msgspec.Struct, frozen=True):
    """Who buys from whom, what, and where it goes. Goods and nodes are by code."""

    operator: Actor
    supplier: Actor
    other_supplier: Actor
    buyer: Actor
    goods: dict[str, UUID]
    nodes: dict[str, UUID]


async def make_trade(database: Database) -> Trade:
    """The network of the catalog's builder, with its two suppliers as actors."""
    await make_network(database)
    return await find_trade(database)


async def find_trade(database: Database) -> Trade:
    """The network that `make_trade` made in this database before."""
    async with database.system() as db:
        operator = await organizations.get_organization(db, "operator")
        buyer = await organizations.get_organization(db, "demo-buyer")
        zhili = await organizations.get_organization(db, "zhili-01")
        yiwu = await organizations.get_organization(db, "yiwu-02")
        goods = await db.value("select jsonb_object_agg(code, id) from catalog.sku")
        nodes = await db.value("select jsonb_object_agg(code, id) from trade.node")
    actors = [accounts.system_actor(org) for org in (operator, zhili, yiwu, buyer)]
    return Trade(*actors, goods=_ids(goods), nodes=_ids(nodes))


def _ids(found: dict[str, str]) -> dict[str, UUID]:
    return {code: UUID(value) for code, value in found.items()}


async def make_order(
    database: Database,
    trade: Trade,
    *,
    lines: tuple[tuple[str, int, str], ...] = (("SKU-1", 600, "19.8"), ("SKU-2", 40, "1.2")),
    node: str = "CON-YIW",
    supplier: Actor | None = None,
    currency: str = "CNY",
    now: dt.datetime = NOW,
) -> PurchaseOrder:
    """An issued order for in two weeks of (SKU code, quantity, unit price) lines."""
    async with database.writing(trade.operator) as db:
        return await actions.issue_order(
            db,
            trade.operator,
            supplier_org_id=(supplier or trade.supplier).org_id,
            node_id=trade.nodes[node],
            currency=currency,
            expected_date=day_of(now) + AHEAD,
            order_by_date=None,
            plan_run_id=None,
            lines=[NewLine(trade.goods[c], q, Decimal(p)) for c, q, p in lines],
            now=now,
        )


async def inbound(database: Database) -> dict[tuple[str, str], int]:
    """What is on its way by (SKU, node), without the zeros."""
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(k.code, n.code, s.inbound) from inventory.stock s
                 join catalog.sku k on k.id = s.sku_id join trade.node n on n.id = s.node_id
                where s.inbound > 0"""
        )
    return {(sku, node): units for sku, node, units in rows}


async def assert_inbound_is_awaited(database: Database) -> None:
    """The invariant: inbound of a stock row is the sum of what orders await there."""
    async with database.system() as db:
        proof = await queries.prove_inbound(db)
    assert (proof.holds, proof.faults) == (True, [])


async def confirm(
    database: Database, trade: Trade, order: PurchaseOrder, *, now: dt.datetime = NOW
) -> None:
    """The supplier's yes to an order."""
    answer = Answer(AnswerKind.CONFIRMED)
    async with database.writing(trade.supplier) as db:
        await actions.answer_order(db, trade.supplier, order_id=order.id, answer=answer, now=now)


async def ship(
    database: Database,
    actor: Actor,
    order_id: UUID,
    *lines: tuple[int, int],
    waybill: str = "SF-1",
    now: dt.datetime = NOW,
) -> ShippingNotice:
    """What was sent of an order, as (line number, units)."""
    body = NoticeBody(waybill, 3, [NoticeLine(line_no, units) for line_no, units in lines])
    async with database.writing(actor) as db:
        return await notices.announce_shipment(db, actor, order_id=order_id, body=body, now=now)
