"""Orders of all four sales models on their whole way, step by step: what the kill proof kills.

Each step may be sent again: it is what a person does again after an answer that never came (with
the same key), or what a job or a listener begins again.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.customs import actions as customs
from beltline.customs.types import Act, MoveBody
from beltline.fulfillment import actions
from beltline.fulfillment.actions import carriage, earnings, learning, returns, tracking
from beltline.fulfillment.types.carriage import BoxBody
from beltline.fulfillment.types.journeys import ParcelCount
from beltline.fulfillment.types.tracking import TrackingEvent, TrackingKind
from beltline.inventory import actions as inventory
from beltline.inventory.types.lots import LotRule
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import Answer as Answered
from beltline.kit.idempotency import KeyInFlight, once
from beltline.ledger import actions as ledger
from beltline.orders import actions as orders
from beltline.orders.types import OrderBody, PayBody
from beltline.procurement import actions as purchases
from beltline.procurement.actions import changes, notices
from beltline.procurement.types.changes import ChangeBody
from beltline.procurement.types.notices import NoticeBody, NoticeLine
from beltline.procurement.types.orders import Answer, AnswerKind
from tests.customs.make import carry_events as carry_all
from tests.customs.make import enter_fapiao, with_rules
from tests.orders.make import Market, order_body, set_stock
from tests.proofs import walker
from tests.trade.make import import_rates

UNITS: Final = 3
AT_ONCE: Final = 50
MODELS: Final = {model: sku for sku, model in walker.MODELS.items()}

Step = Callable[["Voyage"], Awaitable[None]]


async def make_voyage_world(database: Database, now: dt.datetime) -> Market:
    """The walker's world, with rules of export: customs stops what is not released."""
    market = await walker.make_world(database, now)
    await with_rules(database, market, now)
    await import_rates(database, market.operator, now, node="YIW")
    async with database.system() as db:
        await db.execute("update catalog.sku set hs_code = '6108310000', weight_g = 90")
        for sku in ("S-1", "S-4"):
            rule = LotRule(sku, "EXPIRY", 900, 1)
            await inventory.keep_lots(db, market.operator, rule, now=now)
        # Nothing of what is made to order stands anywhere.
        await set_stock(
            db, market.operator, {"S-2": market.skus["S-2"]}, node_id=market.nodes["YIW"],
            on_hand=0, now=now,
        )  # fmt: skip
    await enter_fapiao(database, market, now, ("S-2", 90, 9_000), ("S-4", 90, 9_000))
    return market


class Voyage:
    """Where a voyage is played, and the instant of the step that is played."""

    def __init__(self, database: Database, market: Market, now: dt.datetime) -> None:
        self.database, self.market, self.now = database, market, now

    async def with_key(
        self, actor: Actor, key: str, act: Callable[[Writer], Awaitable[Any]]
    ) -> None:
        """What an API does with a request that has a key."""

        async def answered(db: Writer) -> tuple[int, Any]:
            await act(db)
            return 200, {}

        await self.until_answered(
            lambda: once(self.database, actor, key=key, operation=key, body=key, act=answered)
        )

    async def until_answered(self, ask: Callable[[], Awaitable[Answered]]) -> None:
        """Ask with a key, again while the server still has the request of somebody who died."""
        while True:
            try:
                answer = await ask()
            except KeyInFlight:
                await asyncio.sleep(0.01)
            else:
                answer.unwrap()
                return

    async def ids(self, sql: str, *args: object) -> list[Any]:
        """What a person sees before it acts, always in the same order."""
        async with self.database.system_call() as db:
            return await db.values(sql, *args)

    async def as_system(self, work: Callable[..., Awaitable[int]], **terms: Any) -> None:
        """What a job does: a step again, until it finds nothing to do."""
        done = 1
        while done:
            async with self.database.system() as db:
                done = await work(db, self.market.operator, now=self.now, **terms)


def _order(model: str, key: str) -> Step:
    async def place(v: Voyage) -> None:
        body = msgspec.convert(order_body((MODELS[model], UNITS), reference=key), OrderBody)
        await v.until_answered(lambda: orders.place_order(
            v.database, v.market.buyer, body, key=f"place {key}", now=v.now))  # fmt: skip

    place.__name__ = f"place {key}"
    return place


async def carry_events(v: Voyage) -> None:
    await carry_all(v.database)


async def ask_factories(v: Voyage) -> None:
    async with v.database.system() as db:
        await orders.purchase_parts(db, v.market.operator, cut_off=v.now, limit=AT_ONCE, now=v.now)


async def say_yes(v: Voyage) -> None:
    for order in await v.ids(
        "select id from procurement.purchase_order where status = 'ISSUED' order by number"
    ):
        await v.with_key(v.market.supplier, f"yes {order}", lambda db, order=order: (
            purchases.answer_order(db, v.market.supplier, order_id=order,
                                   answer=Answer(AnswerKind.CONFIRMED), now=v.now)))  # fmt: skip


async def _purchase(v: Voyage) -> UUID:
    [found] = await v.ids("select id from procurement.purchase_order order by number")
    return UUID(str(found))


async def ask_another_day(v: Voyage) -> None:
    order = await _purchase(v)
    body = ChangeBody(expected_date=day_of(v.now) + dt.timedelta(days=20), note="later")
    await v.with_key(v.market.supplier, "later", lambda db: changes.ask_change(
        db, v.market.supplier, order_id=order, body=body, now=v.now))  # fmt: skip


async def grant_another_day(v: Voyage) -> None:
    for change in await v.ids("select id from procurement.order_change where state = 'OPEN'"):
        await v.with_key(v.market.operator, "granted", lambda db, change=change: (
            changes.answer_change(db, v.market.operator, change_id=change, is_accepted=True,
                                  note="", now=v.now)))  # fmt: skip


async def remind(v: Voyage) -> None:
    await v.as_system(actions.remind, limit=AT_ONCE)


async def announce(v: Voyage) -> None:
    order = await _purchase(v)
    body = NoticeBody("SF-1", 3, [NoticeLine(1, 2 * UNITS)])
    await v.with_key(v.market.supplier, "sent", lambda db: notices.announce_shipment(
        db, v.market.supplier, order_id=order, body=body, now=v.now))  # fmt: skip


async def receive(v: Voyage) -> None:
    # Of the box's units one is broken.
    counts = [ParcelCount(await _journey_of(v, "VIRTUAL"), UNITS - 1, 1, 0)]
    await v.with_key(v.market.operator, "box", lambda db: actions.receive_parcel(
        db, v.market.operator, waybill="SF-1", node="YIW", counts=counts, note="", now=v.now,
    ))  # fmt: skip


def _decide(cause: str, option: str) -> Step:
    async def decide(v: Voyage) -> None:
        for question in await v.ids(
            "select id from fulfillment.decision where state = 'OPEN' and cause = $1", cause
        ):
            await v.with_key(v.market.buyer, option, lambda db, question=question: actions.decide(
                db, v.market.buyer, decision_id=question, option=option, now=v.now))  # fmt: skip

    decide.__name__ = f"decide {option}"
    return decide


async def inspect(v: Voyage) -> None:
    for journey in await v.ids(
        "select id from fulfillment.journey where stage = 'INSPECTION' order by id"
    ):
        await v.with_key(v.market.operator, f"inspected {journey}", lambda db, journey=journey: (
            returns.inspect(db, v.market.operator, journey_id=journey, critical=0, major=0,
                            minor=0, note="", now=v.now)))  # fmt: skip


async def pay_balances(v: Voyage) -> None:
    for order in await v.ids(
        """select id from orders."order" where deferred_amount > 0 and reference <> 'unpaid'"""
    ):
        await v.until_answered(lambda order=order: orders.pay_order(
            v.database, v.market.buyer, order, PayBody("BALANCE"), key="balance", now=v.now,
        ))  # fmt: skip


async def choose_service(v: Voyage) -> None:
    journey = await _journey_of(v, "PRESTOCK")
    box = BoxBody(500, 200, 200, 100)
    await v.with_key(v.market.operator, "service", lambda db: carriage.choose_service(
        db, v.market.operator, journey_id=journey, service="YUN-AIR", measured=box, now=v.now,
    ))  # fmt: skip


def _end(stage: str, document: str = "") -> Step:
    async def end(v: Voyage) -> None:
        actor = v.market.supplier if stage == "FACTORY" else v.market.operator
        moved = await v.ids(
            "select id from fulfillment.journey where stage = $1 order by id", stage
        )
        await v.with_key(actor, f"end {stage} {document}", lambda db: actions.finish_stages(
            db, actor, stage=stage, journey_ids=moved, document=document, now=v.now))  # fmt: skip

    end.__name__ = f"end {stage}"
    return end


def _declare(act: Act) -> Step:
    async def move(v: Voyage) -> None:
        for declaration in await v.ids("select id from customs.declaration order by id"):
            await v.with_key(v.market.operator, f"{act} {declaration}",
                             lambda db, declaration=declaration: customs.move_declaration(
                db, v.market.operator, declaration_id=declaration,
                body=MoveBody(act, "310-1", "", 72, None), now=v.now))  # fmt: skip

    move.__name__ = f"declaration {act}"
    return move


async def carrier_tells(v: Voyage) -> None:
    told = [TrackingEvent("SF-2", TrackingKind.DELIVERED, v.now, "Warsaw")]
    await v.with_key(v.market.operator, "told", lambda db: tracking.record_tracking(
        db, v.market.operator, "SF", told, now=v.now))  # fmt: skip


async def meet_deadlines(v: Voyage) -> None:
    await v.as_system(actions.meet_deadlines, limit=AT_ONCE)


async def question_silence(v: Voyage) -> None:
    await v.as_system(tracking.question_silence, limit=AT_ONCE)


async def question(v: Voyage) -> None:
    journey = await _journey_of(v, "late")
    await v.with_key(v.market.operator, "short", lambda db: actions.question_units(
        db, v.market.operator, journey_id=journey, cause="SHORT", units=1, note="", now=v.now,
    ))  # fmt: skip


async def _journey_of(v: Voyage, reference: str) -> UUID:
    [found] = await v.ids(
        """select j.id from fulfillment.journey j join orders."order" o on o.id = j.order_id
            where o.reference = $1 and j.attempt = 1""",
        reference,
    )
    return UUID(str(found))


async def cancel(v: Voyage) -> None:
    [order] = await v.ids("""select id from orders."order" where reference = 'given up'""")
    await v.until_answered(lambda: orders.cancel_order(
        v.database, v.market.buyer, order, key="cancel", now=v.now))  # fmt: skip


async def confirm(v: Voyage) -> None:
    [order] = await v.ids("""select id from orders."order" where reference = 'OWNED'""")
    await v.with_key(v.market.buyer, "arrived", lambda db: orders.confirm_receipt(
        db, v.market.buyer, order_id=order, now=v.now))  # fmt: skip


async def ask_return(v: Voyage) -> None:
    journey = await _journey_of(v, "OWNED")
    await v.with_key(v.market.buyer, "return", lambda db: returns.request_return(
        db, v.market.buyer, journey_id=journey, units=2, reason="DEFECTIVE", note="", now=v.now,
    ))  # fmt: skip


def _of_return(state: str, act: Callable[[Voyage, Writer, UUID], Awaitable[Any]]) -> Step:
    async def step(v: Voyage) -> None:
        for found in await v.ids("select id from fulfillment.return_case where state = $1", state):
            await v.with_key(
                v.market.operator, f"return {state}", lambda db, found=found: act(v, db, found)
            )

    step.__name__ = f"return {state}"
    return step


async def _approve(v: Voyage, db: Writer, found: UUID) -> None:
    await returns.answer_return(
        db, v.market.operator, return_id=found, node="WAW", note="", now=v.now
    )


async def _grade(v: Voyage, db: Writer, found: UUID) -> None:
    await returns.grade_return(
        db, v.market.operator, return_id=found, resell=1, scrap=1, charged_to="OPERATOR",
        now=v.now,
    )  # fmt: skip


async def release(v: Voyage) -> None:
    await v.as_system(orders.release_due, limit=AT_ONCE)


async def bill(v: Voyage) -> None:
    await v.as_system(orders.bill_orders, limit=AT_ONCE)


async def book_earnings(v: Voyage) -> None:
    await v.as_system(earnings.book_earnings, limit=AT_ONCE)


async def settle(v: Voyage) -> None:
    async with v.database.system() as db:
        await ledger.settle(db, v.market.operator, until=v.now, now=v.now)


async def learn(v: Voyage) -> None:
    async with v.database.system() as db:
        await learning.learn_times(db, v.market.operator, now=v.now)


HOUR: Final = dt.timedelta(hours=1)
# Each step with the hours that pass before it.
_STEPS: Final[tuple[tuple[int, Step], ...]] = (
    *((0, _order(model, model)) for model in MODELS),
    (0, _order("OWNED", "late")), (0, _order("PRESTOCK", "given up")),
    (0, _order("VIRTUAL", "unpaid")),
    (0, carry_events), (1, ask_factories), (0, carry_events), (1, say_yes), (0, carry_events),
    (1, ask_another_day), (1, grant_another_day), (0, carry_events),
    (0, cancel), (0, choose_service), (0, carry_events), (1, question),
    (0, _decide("SHORT", "REPLACE")), (0, remind),
    (1, announce), (0, carry_events), (0, _end("FACTORY", "SF-2")),
    (1, receive), (0, _decide("DAMAGED", "REFUND")), (0, carry_events), (1, inspect),
    (0, pay_balances), (0, carry_events),
    (80, meet_deadlines), (30, meet_deadlines), (0, remind), (0, carry_events),
    (1, _end("PACK")), (0, carry_events), (1, _end("TITLE")), (0, carry_events),
    (1, _declare(Act.LODGE)), (1, _declare(Act.RELEASE)), (0, carry_events),
    (1, _end("DISPATCH", "DHL-1")), (0, carry_events),
    (400, question_silence), (0, carry_events),
    (1, _end("TRUNK")), (1, carrier_tells), (1, _end("LAST_MILE")), (0, carry_events),
    (1, confirm), (1, ask_return), (1, _of_return("REQUESTED", _approve)),
    (1, _of_return("APPROVED", _grade)), (0, carry_events),
    (24 * 40, meet_deadlines), (0, release), (0, bill), (0, book_earnings), (0, settle), (0, learn),
    (0, carry_events),
)  # fmt: skip


def steps(start: dt.datetime) -> Iterator[tuple[str, dt.datetime, Step]]:
    """Each step with its name and its instant."""
    now = start
    for number, (hours, step) in enumerate(_STEPS):
        now += hours * HOUR
        yield f"{number} {step.__name__}", now, step
