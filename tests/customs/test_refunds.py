"""Refunds of VAT: declaration, fapiao, payment and transport matched by line; no unit twice."""

import datetime as dt

import pytest

from beltline.customs import actions, queries, rules
from beltline.customs.types import (
    Act,
    Bearer,
    Declaration,
    FapiaoKnown,
    NotInState,
    RefundStep,
    Worth,
)
from beltline.fulfillment import actions as fulfillment
from beltline.kit.db import Database
from tests.customs.make import (
    answer,
    at_export,
    carry_events,
    declarations,
    documents,
    enter_fapiao,
    make_border,
    move,
    tasks,
    with_rules,
)
from tests.fulfillment.journeys import finish, journeys_of
from tests.orders.make import Market


async def step(
    database: Database, market: Market, declaration: Declaration, state: RefundStep,
    now: dt.datetime, reference: str = "",
) -> Declaration:  # fmt: skip
    async with database.writing(market.operator) as db:
        return await actions.move_refund(
            db, market.operator, declaration_id=declaration.id, state=state, reference=reference,
            now=now,
        )  # fmt: skip


async def test_a_refund_is_matched_by_line_and_paid(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    order_id = await at_export(database, market, now, ("S-1", 4), ("S-2", 2))
    # 1,001 for three units is 333.67 a unit: of one unit, half-even once.
    await enter_fapiao(database, market, now, ("S-1", 3, 1_001), ("S-2", 2, 2_000))
    await enter_fapiao(database, market, now, ("S-1", 3, 3_000), number="F-2")
    moved = [j.id for j in await journeys_of(database, market, order_id)]
    await finish(database, market.operator, "EXPORT", moved, now, "310-1")
    [declaration] = await declarations(database, market)
    assert declaration.refund_state == "COLLECTING"
    [document] = await documents(database, market, now)
    # Two and a unit more of the second: 1,001 + 1,000 at 13 %.
    assert [(r.sku, r.fapiaos, r.refund, r.lost, r.is_paid) for r in document.refunds] == [
        ("S-1", ["F-1", "F-2"], 260, 0, True), ("S-2", ["F-1"], 260, 0, True),
    ]  # fmt: skip
    assert not document.refunds[0].is_matched
    await finish(database, market.operator, "DISPATCH", moved, now, "SF-1")
    [document] = await documents(database, market, now)
    assert [r.is_matched for r in document.refunds] == [True, True]
    assert document.transport_documents == ["SF-1"]
    [declaration] = await declarations(database, market)
    assert declaration.refund_state == "MATCHED"
    with pytest.raises(NotInState):
        await step(database, market, declaration, RefundStep.PAID, now)
    filed = await step(database, market, declaration, RefundStep.FILED, now, "TX-1")
    assert (filed.refund_state, filed.refund_reference) == ("FILED", "TX-1")
    await step(database, market, declaration, RefundStep.PAID, now)
    repaid = await step(database, market, declaration, RefundStep.REPAID, now, "")
    assert (repaid.refund_state, repaid.refund_reference) == ("REPAID", "TX-1")
    with pytest.raises(NotInState):
        await step(database, market, declaration, RefundStep.DEEMED_DOMESTIC, now)


async def test_a_fapiao_that_comes_late_still_counts(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    order_id = await at_export(database, market, now)
    [task] = (await tasks(database, market)).values()
    await answer(database, market, task, "GO_WITHOUT", now)
    moved = [j.id for j in await journeys_of(database, market, order_id)]
    for stage in ("EXPORT", "DISPATCH"):
        assert await finish(database, market.operator, stage, moved, now, "SF-1") == 1
    [declaration] = await declarations(database, market)
    assert declaration.refund_state == "COLLECTING"
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000))
    [declaration] = await declarations(database, market)
    assert declaration.refund_state == "MATCHED"
    [document] = await documents(database, market, now)
    assert [(r.refund, r.lost) for r in document.refunds] == [(520, 0)]


async def test_no_unit_of_a_fapiao_covers_two(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await enter_fapiao(database, market, now, ("S-1", 5, 5_000))
    await at_export(database, market, now, ("S-1", 4))
    assert await tasks(database, market) == {}
    await at_export(database, market, now, ("S-1", 4))
    [task] = (await tasks(database, market)).values()
    assert task.facts["units"] == 3
    async with database.system() as db:
        used = await db.value("select sum(units) from customs.fapiao_use")
    assert used == 5
    with pytest.raises(FapiaoKnown):
        await enter_fapiao(database, market, now, ("S-1", 5, 5_000))


async def test_what_stands_on_credit_is_not_paid(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000))
    order_id = await at_export(database, market, now)
    async with database.system() as db:
        await db.execute("update orders.\"order\" set payment_method = 'CREDIT'")
    moved = [j.id for j in await journeys_of(database, market, order_id)]
    for stage in ("EXPORT", "DISPATCH"):
        await finish(database, market.operator, stage, moved, now, "SF-1")
    [document] = await documents(database, market, now)
    assert [(r.is_paid, r.is_matched) for r in document.refunds] == [(False, False)]
    [declaration] = await declarations(database, market)
    assert declaration.refund_state == "COLLECTING"


async def test_what_is_sent_back_is_not_refunded(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000))
    order_id = await at_export(database, market, now)
    moved = [j.id for j in await journeys_of(database, market, order_id)]
    for stage in ("EXPORT", "DISPATCH"):
        await finish(database, market.operator, stage, moved, now, "SF-1")
    [declaration] = await declarations(database, market)
    await move(database, market, declaration, Act.HOLD, now, note="no importer")
    back = await move(database, market, declaration, Act.RETURN, now, bearer=Bearer.OPERATOR)
    assert (back.state, back.refund_state, back.bearer) == ("RETURNED", None, "OPERATOR")
    await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.moving, journey.in_question) == (0, 4)


async def test_only_what_left_is_refunded(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000))
    order_id = await at_export(database, market, now)
    [journey] = await journeys_of(database, market, order_id)
    await finish(database, market.operator, "EXPORT", [journey.id], now)
    async with database.writing(market.operator) as db:
        await fulfillment.question_units(
            db, market.operator, journey_id=journey.id, cause="DAMAGED", units=1, note="", now=now
        )
    await finish(database, market.operator, "DISPATCH", [journey.id], now, "SF-1")
    [document] = await documents(database, market, now)
    assert [(r.units, r.refund) for r in document.refunds] == [(3, 390)]


async def test_without_a_rate_the_refund_is_not_known(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    async with database.system() as db:
        await db.execute("delete from trade.tax_rate where kind = 'REFUND'")
    await at_export(database, market, now)
    assert "RATE_UNKNOWN REFUND CN 6108310000" in await tasks(database, market)
    [document] = await documents(database, market, now)
    assert [(r.percent, r.refund, r.lost) for r in document.refunds] == [(None, None, None)]
    assert rules.sums_of([(None, "CNY"), (5, "CNY")]) is None
    assert rules.sums_of([(7, "CNY"), (5, "CNY"), (3, "EUR"), (0, None)]) == [
        Worth(12, "CNY"), Worth(3, "EUR"),
    ]  # fmt: skip


async def test_a_unit_that_covers_two_is_found(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await at_export(database, market, now, ("S-1", 3))
    await enter_fapiao(database, market, now, ("S-1", 3, 1_001))
    async with database.system() as db:
        proof = await queries.prove_fapiaos(db)
        assert (proof.holds, proof.figures) == (True, {"fapiao_lines": 1, "covered": 3})
        await db.execute("set local role bl_owner")
        await db.execute("update customs.fapiao_use set units = units + 1")
        proof = await queries.prove_fapiaos(db)
    assert not proof.holds
    assert [(f["units"], f["used"]) for f in proof.faults] == [(3, 4), (3, 4)]
    assert {f["number"] for f in proof.faults} > {"F-1"}
