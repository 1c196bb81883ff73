"""Builders: a small market with an operator, a supplier, buyers with money, and goods."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.ids import new_id

_keys = itertools.count()


class Market(msgspec.Struct, frozen=True):
    """Who trades and what: SKUs `S-1`…, each at the nodes `WAW` (Poland) and `YIW` (China)."""

    operator: Actor
    supplier: Actor
    buyers: list[Actor]
    skus: dict[str, UUID]
    nodes: dict[str, UUID]

    @property
    def buyer(self) -> Actor:
        """The first buyer."""
        return self.buyers[0]


async def make_market(
    database: Database,
    now: dt.datetime,
    *,
    buyers: int = 2,
    skus: int = 3,
    on_hand: int = 100,
    balance: int = 1_000_000,
    price: str = "12.5",
    moq: int = 1,
    uom: str = "PIECE",
) -> Market:
    """A market in which every SKU stands `on_hand` in Warsaw and nothing in Yiwu.

    The operator counted and owns the stock; every buyer has `balance` cents of USD.
    """
    async with database.system() as db:
        operator = await make_org(db, "operator", "OPERATOR", now)
        supplier = await make_supplier(db, "zhili-1", now)
        people = [await make_org(db, f"buyer-{n}", "BUYER", now) for n in range(1, buyers + 1)]
        nodes = {
            "WAW": await make_node(db, "WAW", "OVERSEAS", "PL", now),
            "YIW": await make_node(db, "YIW", "CONSOLIDATION", "CN", now),
        }
        await make_lane(db, nodes["WAW"], "PL", 2.5, now)
        await make_lane(db, nodes["YIW"], "PL", 14, now)
        goods = await _make_skus(db, supplier, skus, uom, now)
        for sku_id in goods.values():
            await make_offer(db, sku_id, operator, now, moq=moq, breaks={1: price})
        await set_stock(db, operator, goods, node_id=nodes["WAW"], on_hand=on_hand, now=now)
        if balance:
            for actor in people:
                await deposit(db, actor, operator, balance, now)
    return Market(operator, supplier, people, goods, nodes)


async def make_org(db: Writer, code: str, kind: str, now: dt.datetime) -> Actor:
    """An organization and the actor that is the system on its behalf, through a key."""
    org_id = new_id()
    await db.execute(
        """insert into accounts.organization (id, code, kind, name, country, created_at)
           values ($1, $2, $3, $2, 'CN', $4)""",
        org_id, code, kind, now,
    )  # fmt: skip
    return Actor(org_id, kind, f"{code} test", "API_KEY", new_id(), request_id="req_test")


async def make_supplier(db: Writer, code: str, now: dt.datetime) -> Actor:
    """A factory with its organization."""
    actor = await make_org(db, code, "SUPPLIER", now)
    await db.execute(
        """insert into suppliers.supplier (org_id, code, kind, created_at, updated_at)
           values ($1, $2, 'FACTORY', $3, $3)""",
        actor.org_id, code, now,
    )  # fmt: skip
    return actor


async def make_node(
    db: Writer,
    code: str,
    kind: str,
    country: str,
    now: dt.datetime,
    *,
    supplier: Actor | None = None,
) -> UUID:
    """A place; a FACTORY needs its supplier."""
    node_id = new_id()
    await db.execute(
        """insert into trade.node (id, code, kind, name, country, tz, supplier_org_id,
                                   created_at, updated_at)
           values ($1, $2, $3, $2, $4, 'UTC', $5, $6, $6)""",
        node_id, code, kind, country, supplier and supplier.org_id, now,
    )  # fmt: skip
    return node_id


async def make_lane(
    db: Writer, node_id: UUID, country: str, days_p90: float, now: dt.datetime
) -> None:
    """How long goods take from a node to a country."""
    await db.execute(
        "insert into trade.lane values ($1, $2, 'TRUCK', $3, $3, 'test', $4)",
        node_id, country, float(days_p90), now,
    )  # fmt: skip


async def _make_skus(
    db: Writer, supplier: Actor, count: int, uom: str, now: dt.datetime
) -> dict[str, UUID]:
    product_id = new_id()
    await db.execute(
        """insert into catalog.product (id, code, supplier_org_id, category, title, created_at,
                                        updated_at)
           values ($1, 'P-1', $2, 'test', 'Pyjamas', $3, $3)""",
        product_id, supplier.org_id, now,
    )  # fmt: skip
    goods = {f"S-{n}": new_id() for n in range(1, count + 1)}
    await db.execute_many(
        """insert into catalog.sku (id, code, product_id, supplier_org_id, title, uom, created_at,
                                    updated_at)
           values ($1, $2, $3, $4, 'Pyjamas', $5, $6, $6)""",
        [(i, code, product_id, supplier.org_id, uom, now) for code, i in goods.items()],
    )
    return goods


async def make_offer(
    db: Writer,
    sku_id: UUID,
    seller: Actor,
    now: dt.datetime,
    *,
    audience: str = "BUYERS",
    currency: str = "USD",
    moq: int = 1,
    breaks: dict[int, str],
    operator: Actor | None = None,
) -> UUID:
    """An offer valid from today on, with its price breaks."""
    offer_id = new_id()
    await db.execute(
        """insert into catalog.offer (id, sku_id, supplier_org_id, audience, currency, moq,
                                      valid_from, operator_org_id, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)""",
        offer_id, sku_id, seller.org_id, audience, currency, moq, day_of(now),
        (operator or seller).org_id, now,
    )  # fmt: skip
    await db.execute_many(
        "insert into catalog.offer_break values ($1, $2, $3)",
        [(offer_id, start, Decimal(price)) for start, price in breaks.items()],
    )
    return offer_id


async def set_stock(
    db: Writer,
    operator: Actor,
    goods: dict[str, UUID],
    *,
    node_id: UUID,
    on_hand: int,
    now: dt.datetime,
    owner: Actor | None = None,
    kind: str = "COUNTED",
) -> None:
    """What stands of some SKUs at a node, by count or declaration."""
    lines = [
        {
            "sku_id": sku_id,
            "node_id": node_id,
            "owner_org_id": (owner or operator).org_id,
            "kind": kind,
            "on_hand": on_hand,
            "version": None,
            "operator_org_id": operator.org_id,
        }
        for sku_id in goods.values()
    ]
    await db.value("select inventory.set_on_hand($1, 'test', null, $2)", lines, now)


async def deposit(
    db: Writer,
    buyer: Actor,
    operator: Actor,
    amount: int,
    now: dt.datetime,
    *,
    currency: str = "USD",
) -> None:
    """Money a buyer paid in."""
    await db.value(
        "select ledger.deposit($1, $2, $3, $4, 'test', null, $5)",
        buyer.org_id, operator.org_id, amount, currency, now,
    )  # fmt: skip


def order_body(*lines: tuple[str, int], **changes: Any) -> dict[str, Any]:
    """The JSON body of an order, with some members changed."""
    return {
        "reference": "PO-77",
        "currency": "USD",
        "ship_to": {
            "name": "Anna Nowak", "phone": "+48 22 555 01 10", "country": "PL", "region": "MZ",
            "city": "Warszawa", "postcode": "00-001", "line1": "Prosta 1", "line2": "",
        },
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        "payment": {"method": "BALANCE"},
        "partial": False,
        **changes,
    }  # fmt: skip


def fresh_key() -> str:
    """An Idempotency-Key nobody used yet in this process."""
    return f"key-{next(_keys)}-{new_id().hex}"
