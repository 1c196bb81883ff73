"""The server process dies before each write of what is done to goods beside their journeys.

Commands of journeys die in the voyage of `test_journeys_killed`; the others of their module are
flows here, or it fails.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final
from uuid import UUID

import pytest

from beltline.fulfillment import actions
from beltline.fulfillment.actions import packing, photos
from beltline.fulfillment.types.packing import MadeParcel, PackUnit
from beltline.fulfillment.types.photos import PhotoKind
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import Answer, AnswerKind, NewLine
from tests.fulfillment import journeys
from tests.orders.make import fresh_key, make_market
from tests.procurement.make import ship
from tests.proofs.test_every_write_killed import (
    Call,
    Stage,
    _claimed,
    _factory,
    _opened,
    _place,
    _prove,
    _sent,
    _writing,
)
from tests.suppliers.make import png
from tests.trade.make import import_cartons, import_rates

pytestmark = pytest.mark.proof


async def add_photo(stage: Stage) -> Call:
    """A supplier's, on a claim, and the door's, with the name of who took the goods."""
    claim = await _claimed(stage)
    order_id = await _sent(stage)
    [journey] = await journeys.journeys_of(stage.victim, stage.market, order_id)

    async def act(db: object) -> None:
        for actor, kind, subject, name in (
            (stage.market.supplier, PhotoKind.CLAIM, claim.id, ""),
            (stage.market.operator, PhotoKind.DELIVERY, journey.id, "A. Nowak"),
        ):
            await photos.add_photos(
                db, actor, kind=kind, subject_id=subject, photos=[png(1), png(2)],
                received_by=name, now=stage.now,
            )  # fmt: skip

    return _writing(stage, act)


async def pack_goods(stage: Stage) -> Call:
    """Two parcels of other cartons, with their numbers: `number_parcels` is of the same."""
    order_id = read_id("ord", await _place(stage, ("S-1", 4)))
    await journeys.open_all(stage.victim, stage.market, stage.now, order_id)
    await journeys.run_to_end(stage.victim, stage.market, order_id, stage.now, until="PACK")
    [journey] = await journeys.journeys_of(stage.victim, stage.market, order_id)
    made = [
        MadeParcel("other", [PackUnit(journey.id, 2)], weighed_g=400, sides=(100, 90, 80))
        for _ in range(2)
    ]

    async def call() -> None:
        async with stage.victim.writing(stage.market.operator) as db:
            await packing.pack_order(
                db, stage.market.operator, order_id=order_id, node="", parcels=made, now=stage.now
            )

    return call


async def receive_parcel(stage: Stage) -> Call:
    """A box that nobody announced, with what its label says: `describe_parcel` is of the same."""
    waybill = f"YT-{fresh_key()}"
    return _writing(
        stage,
        lambda db: actions.receive_parcel(
            db, stage.market.operator, waybill=waybill, node="WAW", counts=[], note="wet",
            now=stage.now, sender="Jinhua Toys", contents="dolls",
        ),
    )  # fmt: skip


async def _bought(stage: Stage) -> UUID:
    """A purchase of ten S-1 that its factory has confirmed."""
    market, now = stage.market, stage.now
    async with stage.victim.system() as db:
        order = await purchases.issue_order(
            db, market.operator, supplier_org_id=market.supplier.org_id,
            node_id=market.nodes["YIW"], currency="CNY",
            expected_date=day_of(now + dt.timedelta(days=9)), order_by_date=None,
            plan_run_id=None, now=now, lines=[NewLine(market.skus["S-1"], 10, Decimal(60))],
        )  # fmt: skip
        await purchases.answer_order(
            db, market.supplier, order_id=order.id, answer=Answer(AnswerKind.CONFIRMED), now=now
        )
    return order.id


async def receive_goods(stage: Stage) -> Call:
    """Nine pieces at the dock, and no more will come."""
    order_id = await _bought(stage)
    return _writing(
        stage,
        lambda db: actions.receive_goods(
            db, stage.market.operator, purchase_order_id=order_id, lines=[Counted(9, sku="S-1")],
            note="dock 3", is_final=True, now=stage.now,
        ),
    )  # fmt: skip


async def receive_notice(stage: Stage) -> Call:
    """What was announced with its waybill, counted one short."""
    order_id = await _bought(stage)
    notice = await ship(
        stage.victim, stage.market.supplier, order_id, (1, 10), waybill=f"SF-{fresh_key()}",
        now=stage.now,
    )  # fmt: skip
    return _writing(
        stage,
        lambda db: actions.receive_goods(
            db, stage.market.operator, purchase_order_id=order_id, lines=[Counted(9, line_no=1)],
            note="", notice_id=notice.id, now=stage.now,
        ),
    )  # fmt: skip


FLOWS: Final = (add_photo, pack_goods, receive_parcel, receive_goods, receive_notice)
ALONE: Final = {flow.__name__ for flow in FLOWS} | {"number_parcels", "describe_parcel"}
"""Command functions that these flows run."""


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
async def test_a_session_killed_before_any_write_leaves_no_goods_half_done(
    dsn: str, database: Database, now: dt.datetime, flow: Callable[[Stage], Awaitable[Call]]
) -> None:
    market = await make_market(database, now, buyers=1, skus=4, on_hand=50)
    await _factory(database, market, now)
    await import_cartons(database, market.operator, now, node="WAW")
    await import_rates(database, market.operator, now, node="WAW")
    async with _opened(dsn) as victim:
        await _prove(dsn, database, Stage(victim, market, now), flow)
