"""Somebody who does anything that may be done to orders, goods and money, in any order.

What is refused is refused; whatever is done, all invariants hold after it. The walk's clock is its
own, so that deadlines pass.
"""

import asyncio
import collections
import datetime as dt
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.app.workflows import LISTENERS
from beltline.customs import actions as customs
from beltline.customs.types import Act, Bearer, MoveBody
from beltline.fulfillment import actions
from beltline.fulfillment.actions import earnings, returns
from beltline.fulfillment.types.journeys import ParcelCount
from beltline.inventory import actions as inventory
from beltline.inventory.types import StockItem
from beltline.inventory.types.adjustments import AdjustmentWanted
from beltline.inventory.types.counts import CountEntry, CountWanted
from beltline.inventory.types.lots import LotNamed, LotRule
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal, Transient
from beltline.kit.relay import deliver, publish
from beltline.orders import actions as orders
from beltline.orders.types import (
    AmendBody,
    AmendedLine,
    ClaimAnswer,
    ClaimBody,
    ClaimedLine,
    OrderBody,
    PayBody,
)
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import Answer, AnswerKind
from tests.customs.make import enter_fapiao, with_rules
from tests.fulfillment.journeys import assert_sound
from tests.orders.make import (
    Market,
    fresh_key,
    make_market,
    make_node,
    make_offer,
    order_body,
    set_stock,
)
from tests.procurement.make import ship

MODELS: Final = {"S-1": "OWNED", "S-2": "VIRTUAL", "S-3": "DIRECT", "S-4": "PRESTOCK"}
CAUSES: Final = ("SHORT", "DAMAGED", "WRONG", "REJECTED", "LOST", "REFUSED", "LATE", "HELD")
AT_ONCE: Final = 50
HOURS: Final = (1, 5, 30, 60, 120)
"""By how much the clock is moved: within a stage, over its deadline, over two of them."""


async def make_world(database: Database, now: dt.datetime) -> Market:
    """A market that sells a SKU by each model, with a little to replace goods from.

    `S-2` is made to order, for a deposit that never comes out even.
    """
    market = await make_market(database, now, on_hand=60, skus=len(MODELS), balance=10**8)
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)

        async def stock(node_id: UUID, on_hand: int, *skus: str, **more: Any) -> None:
            goods = {sku: market.skus[sku] for sku in skus}
            await set_stock(
                db, market.operator, goods, node_id=node_id, on_hand=on_hand, now=now, **more
            )

        await stock(factory, 200, "S-2", "S-3", owner=market.supplier, kind="DECLARED")
        await stock(market.nodes["WAW"], 0, "S-2", "S-3", "S-4")
        await stock(market.nodes["YIW"], 90, "S-4", owner=market.supplier)
        await stock(market.nodes["YIW"], 9, "S-1", "S-2")
        for sku, model in MODELS.items():
            await db.execute(
                "update catalog.offer set sales_model = $2 where sku_id = $1",
                market.skus[sku], model,
            )  # fmt: skip
            await make_offer(
                db, market.skus[sku], market.supplier, now, audience="OPERATOR", currency="CNY",
                breaks={1: "60", 10: "50"}, operator=market.operator,
            )  # fmt: skip
        for sku, kind, life in (("S-1", "EXPIRY", 2), ("S-2", "LOT", None), ("S-4", "EXPIRY", 9)):
            rule = LotRule(sku, kind, life, 1)
            await inventory.keep_lots(db, market.operator, rule, now=now)
        await db.execute(
            """update catalog.offer set availability = 'MADE_TO_ORDER', deposit_percent = 33.33
                where sku_id = $1 and audience = 'BUYERS'""",
            market.skus["S-2"],
        )
    return market


class Walk:
    """A walk through a world from a seed; `done` counts what was done and what was refused.

    Several may `go` on one walk at once.
    """

    def __init__(self, database: Database, market: Market, seed: int, now: dt.datetime) -> None:
        self.now = now
        self.done: collections.Counter[str] = collections.Counter()
        self.trail: list[str] = []
        self._database = database
        self._market = market
        self._chance = random.Random(seed)
        self._relay = asyncio.Lock()
        self._steps: dict[Callable[[], Awaitable[None]], int] = {
            self.place: 6, self.pay: 2, self.cancel: 3, self.amend: 2, self.finish: 14,
            self.question: 5, self.decide: 4, self.receive: 4, self.inspect: 3,
            self.meet_deadlines: 2, self.ask_factories: 2, self.answer_purchase: 3,
            self.cancel_purchase: 1, self.expire_purchase: 1, self.announce: 2,
            self.request_return: 2, self.answer_return: 2, self.grade_return: 2, self.claim: 2,
            self.answer_claim: 2, self.confirm: 1, self.wait: 3, self.run_jobs: 2,
            self.carry_events: 8, self.clear_customs: 5, self.open_count: 2, self.count: 6,
            self.end_count: 2, self.adjust: 2, self.name_lot: 4, self.expire: 2,
        }  # fmt: skip

    async def go(self, steps: int) -> None:
        """So many steps by chance, each of them sound."""
        for step in self._chance.choices(list(self._steps), list(self._steps.values()), k=steps):
            name = step.__name__
            try:
                await step()
            except Refusal as refusal:
                name = f"{name}: {refusal.code}"
            except Transient:
                name = f"{name}: gave way"
            self.done[name] += 1
            self.trail.append(name)
            await assert_sound(self._database, self.now)

    async def end(self, days: int = 60) -> list[str]:
        """Goods come in place of what expired, then nobody does anything more but the clock.

        The orders that have not ended after it.
        """
        await self._restock()
        for _ in range(days):
            self.now += dt.timedelta(days=1)
            await self.meet_deadlines()
            await self.run_jobs()
            async with self._database.system() as db:
                await inventory.hold_expired(db, limit=AT_ONCE, now=self.now)
            await self.carry_events()
            await assert_sound(self._database, self.now)
        return await self._values(
            """select o.number || ' ' || o.status || ' ' || coalesce(h.state, '') || ' ' || (
                        select string_agg(k.code || ' ' || p.status, ', ' order by p.line_no)
                          from orders.order_part p join catalog.sku k on k.id = p.sku_id
                         where p.order_id = o.id)
                 from orders."order" o left join ledger.hold h on h.reference_id = o.id
                where o.status not in ('COMPLETED', 'CANCELLED') or h.state <> 'CLOSED'
                order by 1"""
        )

    async def place(self) -> None:
        """A buyer orders one or two goods, paid at once or not yet."""
        wanted = self._chance.sample(sorted(MODELS), self._chance.randint(1, 2))
        body = order_body(
            *((sku, self._chance.randint(1, 6)) for sku in wanted),
            decision=self._chance.choice(["WAIT", "SHIP_PART", "CANCEL"]),
            back_order=self._chance.random() < 0.3,
            payment={"method": self._chance.choice(["BALANCE"] * 3 + ["TRANSFER"])},
        )
        placed = await orders.place_order(
            self._database, self._chance.choice(self._market.buyers),
            msgspec.convert(body, OrderBody), key=fresh_key(), now=self.now,
        )  # fmt: skip
        placed.unwrap()

    async def pay(self) -> None:
        """A buyer pays what waits for its money, or a balance."""
        if order := await self._order("o.status = 'PLACED' or o.deferred_amount > 0"):
            paid = await orders.pay_order(
                self._database, order[1], order[0], PayBody("BALANCE"), key=fresh_key(),
                now=self.now,
            )  # fmt: skip
            paid.unwrap()

    async def cancel(self) -> None:
        """A buyer cancels."""
        if order := await self._order("o.status not in ('COMPLETED', 'CANCELLED')"):
            cancelled = await orders.cancel_order(
                self._database, order[1], order[0], key=fresh_key(), now=self.now
            )
            cancelled.unwrap()

    async def amend(self) -> None:
        """A buyer wants more or fewer of the first line, or none."""
        if order := await self._order("o.status not in ('COMPLETED', 'CANCELLED')"):
            body = AmendBody([AmendedLine(1, self._chance.randint(0, 7))])
            amended = await orders.amend_order(
                self._database, order[1], order[0], body, key=fresh_key(), now=self.now
            )
            amended.unwrap()

    async def finish(self) -> None:
        """Some journeys of a stage go on."""
        stages = "select distinct stage from fulfillment.journey where stage is not null order by 1"
        if stage := await self._one(stages):
            found = await self._values(
                "select id from fulfillment.journey where stage = $1 order by id", stage
            )
            if not found:
                return
            is_factory = stage == "FACTORY" and self._chance.random() < 0.7
            actor = self._market.supplier if is_factory else self._market.operator
            document = self._paper("W") if stage in {"FACTORY", "DISPATCH"} else ""
            moved = self._chance.sample(found, self._chance.randint(1, len(found)))
            async with self._database.writing(actor) as db:
                await actions.finish_stages(
                    db, actor, stage=stage, journey_ids=moved, document=document, now=self.now
                )

    async def question(self) -> None:
        """Something is wrong with units of a journey, wherever it is."""
        if found := await self._pair("moving from fulfillment.journey where moving > 0"):
            async with self._operating() as db:
                await actions.question_units(
                    db, self._market.operator, journey_id=found[0],
                    cause=self._chance.choice(CAUSES), units=self._chance.randint(1, found[1]),
                    note="", now=self.now,
                )  # fmt: skip

    async def decide(self) -> None:
        """A question is answered, perhaps by what it does not offer."""
        if decision := await self._one(
            "select id from fulfillment.decision where state = 'OPEN' order by id"
        ):
            option = self._chance.choice(["REFUND", "REPLACE", "WAIT", "LOST", "LATER", "GIVE_UP"])
            [buyer] = await self._values(
                "select buyer_org_id from fulfillment.decision where id = $1", decision
            )
            who = self._market.operator if self._chance.random() < 0.5 else self._buyer(buyer)
            async with self._database.writing(who) as db:
                await actions.decide(db, who, decision_id=decision, option=option, now=self.now)

    async def receive(self) -> None:
        """A box is opened at the hub; some of its goods are short, broken or wrong."""
        boxes = """select distinct waybill from fulfillment.journey
                    where stage = 'RECEIPT' and waybill <> '' order by 1"""
        if waybill := await self._one(boxes):
            within = await self._pairs(
                "moving from fulfillment.journey where stage = 'RECEIPT' and waybill = $1", waybill
            )
            counts = [self._count(*pair) for pair in within if self._chance.random() < 0.5]
            async with self._operating() as db:
                await actions.receive_parcel(
                    db, self._market.operator, waybill=waybill, node="YIW", counts=counts,
                    note="", now=self.now,
                )  # fmt: skip

    async def inspect(self) -> None:
        """A sample of a lot shows some defects."""
        if journey := await self._one(
            "select id from fulfillment.journey where stage = 'INSPECTION' order by id"
        ):
            async with self._operating() as db:
                await returns.inspect(
                    db, self._market.operator, journey_id=journey, critical=0,
                    major=self._chance.choice([0, 0, 1, 3]), minor=0, note="", now=self.now,
                )  # fmt: skip

    async def meet_deadlines(self) -> None:
        """The clock meets the deadlines of journeys."""
        await self._as_system(actions.meet_deadlines)

    async def ask_factories(self) -> None:
        """Factories are asked for what buyers ordered of them."""
        async with self._database.system() as db:
            await orders.purchase_parts(
                db, self._market.operator, cut_off=self.now, limit=9, now=self.now
            )

    async def answer_purchase(self) -> None:
        """A factory says yes or no."""
        if purchase := await self._purchase("ISSUED"):
            kind = self._chance.choice([AnswerKind.CONFIRMED] * 3 + [AnswerKind.REFUSED] * 2)
            async with self._database.writing(self._market.supplier) as db:
                await purchases.answer_order(
                    db, self._market.supplier, order_id=purchase,
                    answer=Answer(kind, note="busy"), now=self.now,
                )  # fmt: skip

    async def cancel_purchase(self) -> None:
        """The operator takes a purchase back."""
        if purchase := await self._purchase("ISSUED", "CONFIRMED", "RECEIVED"):
            async with self._operating() as db:
                await purchases.cancel_order(
                    db, self._market.operator, order_id=purchase, note="no", now=self.now
                )

    async def expire_purchase(self) -> None:
        """A purchase nobody answered ends, if its time is over."""
        if purchase := await self._purchase("ISSUED"):
            async with self._database.system() as db:
                await purchases.expire_order(
                    db, self._market.operator, order_id=purchase, now=self.now
                )

    async def announce(self) -> None:
        """A factory says what it has sent of a purchase: all of its first line, or a part."""
        confirmed = """quantity from procurement.purchase_order_line l
                       join procurement.purchase_order o on o.id = l.purchase_order_id
                        and o.status = 'CONFIRMED' where l.line_no = 1"""
        if found := await self._pair(confirmed, "o.id"):
            sent = (1, self._chance.randint(1, found[1]))
            await ship(
                self._database, self._market.supplier, found[0], sent, waybill=self._paper("A"),
                now=self.now,
            )  # fmt: skip

    async def request_return(self) -> None:
        """A buyer asks to send something back."""
        if found := await self._pair("delivered from fulfillment.journey where delivered > 0"):
            [buyer] = await self._values(
                "select buyer_org_id from fulfillment.journey where id = $1", found[0]
            )
            actor = self._buyer(buyer)
            async with self._database.writing(actor) as db:
                await returns.request_return(
                    db, actor, journey_id=found[0], units=self._chance.randint(1, found[1]),
                    reason="DEFECTIVE", note="", now=self.now,
                )  # fmt: skip

    async def answer_return(self) -> None:
        """The operator approves a return, or refuses it."""
        if found := await self._one(
            "select id from fulfillment.return_case where state = 'REQUESTED' order by id"
        ):
            node = "WAW" if self._chance.random() < 0.8 else None
            async with self._operating() as db:
                await returns.answer_return(
                    db, self._market.operator, return_id=found, node=node, note="", now=self.now
                )

    async def grade_return(self) -> None:
        """What came back is good, or not, or did not come."""
        if found := await self._pair("units from fulfillment.return_case where state = 'APPROVED'"):
            resell = self._chance.randint(0, found[1])
            async with self._operating() as db:
                await returns.grade_return(
                    db, self._market.operator, return_id=found[0], resell=resell,
                    scrap=self._chance.randint(0, found[1] - resell),
                    charged_to=self._chance.choice(["SUPPLIER", "CARRIER", "OPERATOR"]),
                    now=self.now,
                )  # fmt: skip

    async def claim(self) -> None:
        """A buyer claims money back for all, for some units, or an amount."""
        if order := await self._order("true"):
            lines = self._chance.choice([
                [], [ClaimedLine(1, units=self._chance.randint(1, 4))],
                [ClaimedLine(1, amount=self._chance.randint(1, 5_000))],
            ])  # fmt: skip
            async with self._database.writing(order[1]) as db:
                await orders.open_claim(
                    db, order[1], order_id=order[0], body=ClaimBody("DAMAGED", "", lines),
                    now=self.now,
                )  # fmt: skip

    async def answer_claim(self) -> None:
        """The operator grants a claim, a part of it, too much, or nothing."""
        if found := await self._one("select id from orders.claim where state = 'OPEN' order by id"):
            amount = self._chance.choice([0, 100, 1_250, 5_000, 10**6])
            async with self._operating() as db:
                await orders.answer_claim(
                    db, self._market.operator, claim_id=found, now=self.now,
                    answer=ClaimAnswer(amount, self._chance.choice(["SUPPLIER", "OPERATOR"])),
                )  # fmt: skip

    async def confirm(self) -> None:
        """A buyer says that all has arrived."""
        if order := await self._order("true"):
            async with self._database.writing(order[1]) as db:
                await orders.confirm_receipt(db, order[1], order_id=order[0], now=self.now)

    async def wait(self) -> None:
        """Time passes."""
        self.now += dt.timedelta(hours=self._chance.choice(HOURS))

    async def clear_customs(self) -> None:
        """Rules come in, fapiaos are entered, tasks answered, declarations moved, files joined."""
        operator = self._market.operator
        match self._chance.randint(0, 5):
            case 0:
                await with_rules(self._database, self._market, self.now)
                await self._values("update catalog.sku set hs_code = '6108310000', weight_g = 90")
            case 1:
                await enter_fapiao(
                    self._database, self._market, self.now,
                    (self._chance.choice(sorted(MODELS)), self._chance.randint(1, 9), 900),
                    number=self._paper("F"),
                )  # fmt: skip
            case 2:
                tasks = "select id from customs.task where state = 'OPEN' order by id"
                if task := await self._one(tasks):
                    async with self._operating() as db:
                        await customs.answer_task(
                            db, operator, task_id=task, note="so", now=self.now,
                            option=self._chance.choice(["GO_WITHOUT", "CONFIRM", "ANSWER"]),
                        )  # fmt: skip
            case 3:
                files = await self._values("select id from customs.file order by id")
                if len(files) > 1:
                    into, other = self._chance.sample(files, 2)
                    async with self._operating() as db:
                        await customs.join_files(
                            db, operator, file_id=into, others=[other], now=self.now
                        )
            case _:
                if found := await self._one("select id from customs.declaration order by id"):
                    body = MoveBody(
                        self._chance.choice(list(Act)), self._paper("C"), "note", 72,
                        Bearer.OPERATOR,
                    )  # fmt: skip
                    async with self._operating() as db:
                        await customs.move_declaration(
                            db, operator, declaration_id=found, body=body, now=self.now
                        )

    async def open_count(self) -> None:
        """Some goods of a place are to be counted, or all."""
        some = tuple(self._chance.sample(sorted(MODELS), 2))
        wanted = CountWanted(self._chance.choice(["WAW", "YIW"]), self._chance.choice([None, some]))
        async with self._operating() as db:
            await inventory.open_count(db, self._market.operator, wanted, now=self.now)

    async def count(self) -> None:
        """Somebody counts some lines, a few units off, and perhaps goods nobody expected."""
        if count := await self._count_open():
            rows = await self._values(
                """select jsonb_build_array(k.code, o.code, s.on_hand)
                     from inventory.stock_count c
                     join inventory.stock s on s.node_id = c.node_id and s.kind = 'COUNTED'
                     join catalog.sku k on k.id = s.sku_id
                     join accounts.organization o on o.id = s.owner_org_id
                    where c.id = $1 order by k.code, o.code""",
                count,
            )
            entries = [
                CountEntry(sku, max(on_hand + self._chance.choice([-2, 0, 0, 0, 1, 3]), 0), owner,
                           is_found=self._chance.random() < 0.2)
                for sku, owner, on_hand in self._chance.sample(rows, min(len(rows), 2))
            ]  # fmt: skip
            async with self._operating() as db:
                await inventory.count_lines(db, self._market.operator, count, entries, now=self.now)

    async def end_count(self) -> None:
        """A count is posted, counted to its end or not, or cancelled."""
        if count := await self._count_open():
            operator = self._market.operator
            async with self._operating() as db:
                if self._chance.random() < 0.2:
                    await inventory.cancel_count(db, operator, count, now=self.now)
                else:
                    await inventory.post_count(
                        db, operator, count, skip_uncounted=self._chance.random() < 0.7,
                        now=self.now,
                    )  # fmt: skip

    async def adjust(self) -> None:
        """Somebody corrects stock, perhaps of a row that was just counted."""
        wanted = AdjustmentWanted(
            self._chance.choice(sorted(MODELS)), self._chance.choice(["WAW", "YIW"]), None,
            "ADJUST", self._chance.choice([-1, 1, 2]),
            self._chance.choice(["COUNT", "FOUND", "SAMPLE"]), "",
        )  # fmt: skip
        async with self._operating() as db:
            await inventory.adjust(db, self._market.operator, wanted, now=self.now)

    async def name_lot(self) -> None:
        """Units of a lot are named, or its day is corrected, perhaps to one that has passed."""
        lots = await self._values(
            """select jsonb_build_array(k.code, n.code, o.code, l.code, l.units)
                 from inventory.lot l
                 join catalog.sku k on k.id = l.sku_id
                 join trade.node n on n.id = l.node_id
                 join accounts.organization o on o.id = l.owner_org_id
                where l.units > 0 order by k.code, n.code, o.code, l.code"""
        )
        if lots:
            sku, node, owner, source, units = self._chance.choice(lots)
            some = self._chance.choice([units, 1, units // 2 + 1])
            named = LotNamed(
                sku, node, self._chance.choice("ABC"), some,
                self.now.date() + dt.timedelta(days=self._chance.choice([-1, 0, 1, 3, 40])),
                owner, source,
            )  # fmt: skip
            async with self._operating() as db:
                await inventory.name_lots(db, self._market.operator, [named], now=self.now)

    async def expire(self) -> None:
        """Lots whose day has come go off sale, and are perhaps written off."""
        async with self._database.system() as db:
            await inventory.hold_expired(db, limit=AT_ONCE, now=self.now)
        held = """held from inventory.lot l join catalog.sku k on k.id = l.sku_id
                  where held > 0 and l.owner_org_id = accounts.operator_org()"""
        if (found := await self._pair(held, "l.id")) and self._chance.random() < 0.4:
            [place] = await self._values(
                """select k.code || ' ' || n.code from inventory.lot l
                     join catalog.sku k on k.id = l.sku_id
                     join trade.node n on n.id = l.node_id where l.id = $1""",
                found[0],
            )
            sku, node = place.split()
            kind, units = self._chance.choice([("ADJUST", -found[1]), ("UNHOLD", 1)])
            wanted = AdjustmentWanted(sku, node, None, kind, units, "EXPIRED", "")
            async with self._operating() as db:
                await inventory.adjust(db, self._market.operator, wanted, now=self.now)

    async def _count_open(self) -> UUID | None:
        found: UUID | None = await self._one(
            "select id from inventory.stock_count where state = 'OPEN' order by id"
        )
        return found

    async def run_jobs(self) -> None:
        """The clock's work on orders and their money."""
        for work in (
            orders.expire_orders, orders.allocate_waiting, orders.default_claims,
            orders.release_due, orders.bill_orders, earnings.book_earnings,
            customs.meet_deadlines,
        ):  # fmt: skip
            await self._as_system(work)

    async def carry_events(self) -> None:
        """Everybody hears of what happened, and nobody fails on it."""
        async with self._relay:
            await publish(self._database)
            for listener in LISTENERS:
                await deliver(self._database, listener)
        assert await self._values("select subscriber || ': ' || error from kit.parked") == []

    async def _restock(self) -> None:
        """More of all that is counted: orders that wait for goods get them."""
        rows = await self._values(
            """select jsonb_build_array(k.code, n.code, s.on_hand + 60, o.code)
                 from inventory.stock s
                 join catalog.sku k on k.id = s.sku_id
                 join trade.node n on n.id = s.node_id
                 join accounts.organization o on o.id = s.owner_org_id
                where s.kind = 'COUNTED' order by k.code, n.code, o.code"""
        )
        items = [StockItem(*row) for row in rows]
        await inventory.set_stock(self._database, self._market.operator, items, now=self.now)

    def _operating(self) -> Any:
        return self._database.writing(self._market.operator)

    async def _as_system(self, work: Callable[..., Awaitable[object]]) -> None:
        async with self._database.system() as db:
            await work(db, self._market.operator, limit=AT_ONCE, now=self.now)

    def _buyer(self, org_id: UUID) -> Actor:
        return next(buyer for buyer in self._market.buyers if buyer.org_id == org_id)

    def _paper(self, letter: str) -> str:
        return f"{letter}{self._chance.randrange(10**6)}"

    def _count(self, journey_id: UUID, moving: int) -> ParcelCount:
        good = self._chance.randint(0, moving)
        damaged = self._chance.randint(0, moving - good)
        wrong = self._chance.randint(0, moving - good - damaged)
        return ParcelCount(journey_id, good, damaged, wrong)

    async def _values(self, sql: str, *args: object) -> list[Any]:
        async with self._database.system() as db:
            return await db.values(sql, *args)

    async def _one(self, sql: str, *args: object) -> Any:
        found = await self._values(sql, *args)
        return self._chance.choice(found) if found else None

    async def _pairs(self, what: str, *args: object, key: str = "id") -> list[tuple[UUID, int]]:
        """An id and a number of each row; `what` is the number's name and where the rows are."""
        number, _, rows = what.partition(" ")
        sql = f"select jsonb_build_array({key}, {number}) {rows} order by {key}"
        return [(UUID(row[0]), row[1]) for row in await self._values(sql, *args)]

    async def _pair(self, what: str, key: str = "id") -> tuple[UUID, int] | None:
        found = await self._pairs(what, key=key)
        return self._chance.choice(found) if found else None

    async def _order(self, condition: str) -> tuple[UUID, Actor] | None:
        """An order for which it is so, and its buyer."""
        order = await self._one(f'select o.id from orders."order" o where {condition} order by id')
        if order is None:
            return None
        [buyer] = await self._values('select buyer_org_id from orders."order" where id = $1', order)
        return order, self._buyer(buyer)

    async def _purchase(self, *states: str) -> UUID | None:
        found: UUID | None = await self._one(
            "select id from procurement.purchase_order where status = any($1) order by id",
            list[str](states),
        )
        return found
