"""A simulated network: days of orders of all models, every fault on; one seed, one history.

Memory does not grow with the orders: who acts is told by the database, some hundreds at a time.
"""

import collections
import datetime as dt
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.app.advance import advance
from beltline.fulfillment.actions import returns
from beltline.fulfillment.types.journeys import Faults
from beltline.inventory import actions as inventory
from beltline.inventory.types.lots import LotRule
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.sandbox import start_clock
from beltline.orders import actions as orders
from beltline.orders.types import OrderBody, PayBody
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import Answer, AnswerKind
from tests.orders.make import Market, deposit, order_body, set_stock
from tests.proofs.walker import MODELS, make_world
from tests.proofs.worlds import opened

AT_ONCE: Final = 500
DAY: Final = dt.timedelta(days=1)
EVERYTHING: Final = Faults(
    factory_late=0.1, defects=0.03, customs_hold=0.1, lost_parcel=0.03, damaged_parcel=0.03
)
PLENTY: Final = 10**8
"""Units of each SKU, so that what is sold does not depend on what stands there."""


@asynccontextmanager
async def sandboxed(dsn: str, now: dt.datetime) -> AsyncIterator[tuple[Database, Market]]:
    """A network that goes by the clock of a sandbox."""
    async with opened(dsn, pool_size=2) as database:
        market = await _make_network(database, now)
    # Opened again, it goes by the clock that was started.
    async with opened(dsn, pool_size=4) as database:
        yield database, market


async def _make_network(database: Database, now: dt.datetime) -> Market:
    """The walker's world as a sandbox, with goods and money for any number of orders."""
    async with database.system() as db:
        await start_clock(db, now)
    market = await make_world(database, now)
    async with database.system() as db:
        for sku, life in (("S-1", 3_000), ("S-4", 3_000)):
            rule = LotRule(sku, "EXPIRY", life, 1)
            await inventory.keep_lots(db, market.operator, rule, now=now)
        factory = await db.value("select id from trade.node where code = 'FAB'")
        for node, owner, kind, skus in (
            (market.nodes["WAW"], market.operator, "COUNTED", ("S-1",)),
            (market.nodes["YIW"], market.supplier, "COUNTED", ("S-4",)),
            (factory, market.supplier, "DECLARED", ("S-2", "S-3")),
        ):
            goods = {sku: market.skus[sku] for sku in skus}
            await set_stock(
                db, market.operator, goods, node_id=node, on_hand=PLENTY, now=now, owner=owner,
                kind=kind,
            )  # fmt: skip
        await set_stock(
            db, market.operator, {"S-2": market.skus["S-2"]}, node_id=market.nodes["YIW"],
            on_hand=0, now=now,
        )  # fmt: skip
        for buyer in market.buyers:
            await deposit(db, buyer, market.operator, 10**14, now)
    return market


class Network:
    """A network whose people act by chance, from a seed; the clock is the sandbox's own."""

    def __init__(self, database: Database, market: Market, seed: int, faults: Faults) -> None:
        self.placed = 0
        self.done: collections.Counter[str] = collections.Counter()
        self._database, self._market = database, market
        self._faults = msgspec.structs.replace(faults, seed=seed)
        self._chance = random.Random(seed)

    async def live(self, orders_of_day: int) -> dt.datetime:
        """A day: orders come in, people act, and the world goes on; the instant after it."""
        now = await self._database.now()
        for at in range(0, orders_of_day, AT_ONCE):
            await self._order(min(AT_ONCE, orders_of_day - at), now)
        await self._buyers_act(now)
        await self._factories_answer(now)
        await self._operator_acts(now)
        done = await advance(self._database, until=now + DAY, faults=self._faults)
        return done.now

    async def ends(self) -> bool:
        """Whether every order has ended, and no money is held any more."""
        [[left]] = await self._rows(
            """select count(*) from orders."order" o
                 left join ledger.hold h on h.reference_id = o.id
                where o.status not in ('COMPLETED', 'CANCELLED') or h.state <> 'CLOSED'"""
        )
        return not left

    async def _order(self, count: int, now: dt.datetime) -> None:
        by_buyer: dict[UUID, list[OrderBody]] = {}
        for _ in range(count):
            wanted = self._chance.sample(sorted(MODELS), self._chance.choice([1, 1, 2]))
            body = order_body(
                *((sku, self._chance.randint(1, 6)) for sku in wanted),
                decision=self._chance.choice(["WAIT", "SHIP_PART", "CANCEL"]),
            )
            buyer = self._chance.choice(self._market.buyers)
            by_buyer.setdefault(buyer.org_id, []).append(msgspec.convert(body, OrderBody))
        for buyer in self._market.buyers:
            if found := by_buyer.get(buyer.org_id):
                key = f"{buyer.name} {self.placed}"
                await orders.place_bulk(self._database, buyer, found, key=key, now=now)
                self.placed += len(found)

    async def _buyers_act(self, now: dt.datetime) -> None:
        # Most balances are paid, some orders are given up, some goods are sent back.
        for order, buyer in await self._some(
            """select o.id, o.buyer_org_id from orders."order" o
                where o.deferred_amount > 0 and o.status <> 'CANCELLED' order by o.number""",
            share=0.3,
        ):
            paid = await orders.pay_order(
                self._database, buyer, order, PayBody("BALANCE"), key=f"pay {order} {now}", now=now
            )
            self._count("paid", paid.status)
        for order, buyer in await self._some(
            """select o.id, o.buyer_org_id from orders."order" o
                where o.created_at = $1 order by o.number""",
            now, share=0.02,
        ):  # fmt: skip
            given_up = await orders.cancel_order(
                self._database, buyer, order, key=f"cancel {order}", now=now
            )
            self._count("cancelled", given_up.status)
        for journey, buyer in await self._some(
            """select j.id, j.buyer_org_id from fulfillment.journey j
                where j.ended_at > $1 and j.delivered > 0
                order by j.number, j.line_no, j.part_no, j.attempt""",
            now - DAY, share=0.03,
        ):  # fmt: skip
            async with self._database.writing(buyer) as db:
                await returns.request_return(
                    db, buyer, journey_id=journey, units=1, reason="DEFECTIVE", note="", now=now
                )
            self._count("sent back", 200)

    async def _factories_answer(self, now: dt.datetime) -> None:
        supplier = self._market.supplier
        async with self._database.system() as db:
            await orders.purchase_parts(
                db, self._market.operator, cut_off=now, limit=10 * AT_ONCE, now=now
            )
        for [order] in await self._rows(
            "select id from procurement.purchase_order where status = 'ISSUED' order by number"
        ):
            kind = AnswerKind.REFUSED if self._chance.random() < 0.05 else AnswerKind.CONFIRMED
            async with self._database.writing(supplier) as db:
                await purchases.answer_order(
                    db, supplier, order_id=order, answer=Answer(kind, note="busy"), now=now
                )
            self._count(f"purchase {kind}", 200)

    async def _operator_acts(self, now: dt.datetime) -> None:
        operator = self._market.operator
        for found, state in await self._rows(
            """select id, state from fulfillment.return_case
                where state in ('REQUESTED', 'APPROVED') order by id"""
        ):
            async with self._database.writing(operator) as db:
                if state == "REQUESTED":
                    await returns.answer_return(
                        db, operator, return_id=found, node="WAW", note="", now=now
                    )
                else:
                    resell = self._chance.randint(0, 1)
                    await returns.grade_return(
                        db, operator, return_id=found, resell=resell, scrap=1 - resell,
                        charged_to="OPERATOR", now=now,
                    )  # fmt: skip
        for work in (orders.expire_orders, orders.allocate_waiting, orders.bill_orders):
            async with self._database.system() as db:
                while await work(db, operator, limit=AT_ONCE, now=now):
                    pass

    async def _some(self, sql: str, *args: object, share: float) -> list[tuple[UUID, Actor]]:
        """A share of some things, each with its buyer."""
        buyers = {buyer.org_id: buyer for buyer in self._market.buyers}
        rows = await self._rows(sql, *args)
        return [(found, buyers[buyer]) for found, buyer in rows if self._chance.random() < share]

    async def _rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        async with self._database.system() as db:
            return await db.plain_rows(lambda *row: row, sql, *args)

    def _count(self, what: str, status: int | None) -> None:
        self.done[what if status else f"{what}: refused"] += 1
