"""Customs files: made by themselves, grouped, checked by dated rules, stopped and let go."""

import datetime as dt
from uuid import UUID

import pytest

from beltline.customs import actions
from beltline.customs.types import (
    Act,
    Bearer,
    BearerMissing,
    DeclarationState,
    NotInState,
    NotJoinable,
    Setting,
    Stopped,
)
from beltline.fulfillment import actions as fulfillment
from beltline.fulfillment.actions.documents import order_document
from beltline.fulfillment.queries import journeys
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.orders import actions as orders
from tests.customs.make import (
    EXPORTER,
    answer,
    at_export,
    carry_events,
    check,
    declarations,
    documents,
    enter_fapiao,
    files,
    make_border,
    move,
    stages,
    tasks,
    with_rules,
)
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, place, run_to_end
from tests.orders.make import Market, fresh_key, make_market
from tests.trade.make import (
    import_cargo_rules,
    import_export_terms,
    import_valuation_rules,
)

DAY = dt.timedelta(days=1)


async def test_without_rules_a_file_says_what_is_unknown_and_stops_nothing(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    order_id = await at_export(database, market, now, ("S-1", 4), ("S-2", 2))
    [file] = await files(database, market)
    [declaration] = await declarations(database, market)
    assert (file.number[:3], file.node, file.country, file.stopping) == ("CF-", "YIW", "PL", 0)
    assert (declaration.mode, declaration.exporter, declaration.incoterm) == ("", "", "")
    assert declaration.state == DeclarationState.DRAFT
    assert list(await tasks(database, market)) == ["MODE_UNKNOWN 1"]
    [document] = await documents(database, market, now)
    assert [(tax.percent, tax.amount) for tax in document.taxes] == [(None, None)] * 4
    assert (document.payer, document.refunds) == ("", [])
    assert [line.quantity for line in document.lines] == [4, 2]
    assert await run_to_end(database, market, order_id, now) == [
        "EXPORT", "DISPATCH", "TRUNK", "LAST_MILE",
    ]  # fmt: skip
    [file], [declaration] = await files(database, market), await declarations(database, market)
    assert (file.state, declaration.state) == ("CLOSED", "RELEASED")
    assert await tasks(database, market) == {}
    await assert_sound(database, now)


async def test_what_stays_in_the_country_has_no_file(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 1))
    await run_to_end(database, market, order_id, now)
    assert await files(database, market) == []


async def test_the_operator_may_let_the_unknown_stop(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    async with database.writing(market.operator) as db:
        await actions.set_setting(db, market.operator, setting=Setting(is_strict=True), now=now)
    async with database.system() as db:
        await db.execute("update catalog.sku set hs_code = '', weight_g = null")
    order_id = await at_export(database, market, now)
    found = await tasks(database, market)
    assert {name: task.stops for name, task in found.items()} == {
        "MODE_UNKNOWN 1": True, "HS_MISSING S-1": True, "WEIGHT_MISSING S-1": True,
        "VALUATION_UNKNOWN PL": False,
    }  # fmt: skip
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.operator) as db:
        with pytest.raises(Stopped) as stopped:
            await fulfillment.finish_stages(
                db, market.operator, stage="EXPORT", journey_ids=[journey.id], document="", now=now
            )
    assert stopped.value.fields["order"] == journey.number
    assert await stages(database, market, order_id) == ["EXPORT"]


async def test_goods_are_grouped_by_mode_exporter_and_class(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now, skus=3)
    await with_rules(database, market, now)
    await import_export_terms(
        database, market.operator, now, node="YIW", country="PL", tax_basis="NONE",
        export_mode="1039", exporter="Yiwu Market", principal="Stall 7", incoterm="FOB",
        vat="EXEMPT",
    )  # fmt: skip
    async with database.system() as db:
        await db.execute(
            """update catalog.offer set tax_basis = 'NONE'
                where sku_id = $1 and audience = 'OPERATOR'""",
            market.skus["S-2"],
        )
        await db.execute("update catalog.sku set cargo_class = 'magnetic' where code = 'S-3'")
    await at_export(database, market, now, ("S-1", 4), ("S-2", 2), ("S-3", 1))
    found = await declarations(database, market)
    assert [(d.mode, d.exporter, d.cargo_class, d.principal) for d in found] == [
        ("1039", "Yiwu Market", "GENERAL", "Stall 7"), ("9710", EXPORTER, "GENERAL", ""),
        ("9710", EXPORTER, "MAGNETIC", ""),
    ]  # fmt: skip
    assert [d.state for d in found] == ["READY", "DRAFT", "DRAFT"]
    assert {k: t.stops for k, t in (await tasks(database, market)).items()} == {
        "FAPIAO_MISSING S-1": True, "FAPIAO_MISSING S-3": True, "CLASS_UNKNOWN S-3": False,
    }  # fmt: skip
    first, *_ = await documents(database, market, now)
    assert [(line.sku, line.amount) for line in first.lines] == [("S-2", 2_500)]


async def test_a_blocked_line_does_not_hold_the_others(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    async with database.system() as db:
        await db.execute("update catalog.sku set hs_code = '' where code = 'S-2'")
    order_id = await at_export(database, market, now, ("S-1", 4), ("S-2", 2))
    moved = [j.id for j in await journeys_of(database, market, order_id)]
    assert await finish(database, market.operator, "EXPORT", moved, now, "310-1") == 1
    assert await stages(database, market, order_id) == ["DISPATCH", "EXPORT"]
    left, waiting = await declarations(database, market)
    assert (left.state, left.customs_number, left.refund_state) == ("RELEASED", "310-1", "EXEMPT")
    assert waiting.state == "DRAFT"
    async with database.system() as db:
        await db.execute("update catalog.sku set hs_code = '610831' where code = 'S-2'")
    assert await finish(database, market.operator, "EXPORT", moved, now, "310-2") == 1
    assert [d.customs_number for d in await declarations(database, market)] == ["310-1", "310-2"]


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("1,BATTERY,,PL,,FORBID,,,2026-01-01,,carrier,", "CLASS_FORBIDDEN S-1"),
        ("1,BATTERY,,PL,,DOCUMENT,UN38_3,,2026-01-01,,ADR,", "EVIDENCE_MISSING S-1 UN38_3"),
        ("1,BATTERY,YIW,,,PACK,,in bags,2026-01-01,,ADR,", "PACKING S-1"),
    ],
)
async def test_nothing_goes_that_its_class_may_not(
    database: Database, now: dt.datetime, rule: str, kind: str
) -> None:
    market = await make_border(database, now)
    await import_cargo_rules(database, market.operator, now, rule)
    async with database.system() as db:
        await db.execute("update catalog.sku set cargo_class = 'BATTERY'")
    order_id = await at_export(database, market, now)
    [journey] = await journeys_of(database, market, order_id)
    found = await tasks(database, market)
    [name] = [n for n in found if n.startswith(kind)]
    assert found[name].stops
    assert await _blocked(database, market, "EXPORT", journey.id, now)
    if kind.startswith("EVIDENCE"):
        await _evidence(database, market, "2026-11-01", now)
        assert await _blocked(database, market, "EXPORT", journey.id, now)
        await _evidence(database, market, "2027-01-01", now)
    async with database.system() as db:
        if kind.startswith("CLASS"):
            await db.execute("update trade.cargo_rule set valid_until = valid_from")
    if kind.startswith("PACKING"):
        await answer(database, market, found[name], "CONFIRM", now)
    assert await finish(database, market.operator, "EXPORT", [journey.id], now) == 1


async def _evidence(database: Database, market: Market, until: str, now: dt.datetime) -> None:
    async with database.system() as db:
        await db.execute(
            """insert into catalog.cargo_evidence
               values (gen_random_uuid(), $1, $2, 'UN38_3', 'T-1', $3, $4)""",
            market.skus["S-1"], market.supplier.org_id, dt.date.fromisoformat(until), now,
        )  # fmt: skip


async def _blocked(
    database: Database, market: Market, stage: str, journey_id: UUID, now: dt.datetime
) -> bool:
    async with database.writing(market.operator) as db:
        with pytest.raises(Stopped):
            await fulfillment.finish_stages(
                db, market.operator, stage=stage, journey_ids=[journey_id], document="", now=now
            )
    return True


async def test_a_rule_that_comes_after_the_declaration_stops_the_departure(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    order_id = await at_export(database, market, now)
    [journey] = await journeys_of(database, market, order_id)
    await finish(database, market.operator, "EXPORT", [journey.id], now)
    await import_cargo_rules(
        database, market.operator, now, "1,GENERAL,,PL,,FORBID,,,2026-01-01,,embargo,"
    )
    assert await _blocked(database, market, "DISPATCH", journey.id, now)
    assert await stages(database, market, order_id) == ["DISPATCH"]


async def test_a_release_by_customs_ends_the_stage(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    order_id = await at_export(database, market, now, ("S-1", 4), ("S-2", 2))
    [declaration] = await declarations(database, market)
    with pytest.raises(NotInState):
        await move(database, market, declaration, Act.RELEASE, now)
    lodged = await move(database, market, declaration, Act.LODGE, now, number="310-9")
    assert (lodged.state, lodged.customs_number, lodged.lodged_at) == ("LODGED", "310-9", now)
    await move(database, market, declaration, Act.QUERY, now, note="what is it made of?")
    [journey, _] = await journeys_of(database, market, order_id)
    assert await _blocked(database, market, "EXPORT", journey.id, now)
    [query] = (await tasks(database, market)).values()
    assert (query.kind, query.options, query.facts["note"]) == (
        "QUERY", ["ANSWER"], "what is it made of?",
    )  # fmt: skip
    with pytest.raises(NotFound):
        async with database.writing(market.buyer) as db:
            await db.execute(
                "select customs.answer_task($1, $2, 'ANSWER', 'x', $3)",
                market.buyer.as_row(), query.id, now,
            )  # fmt: skip
    answered = await answer(database, market, query, "ANSWER", now, note="cotton")
    assert (answered.state, answered.note) == ("DECIDED", "cotton")
    await move(database, market, declaration, Act.HOLD, now, note="inspection")
    released = await move(database, market, declaration, Act.RELEASE, now)
    assert (released.state, released.customs_number) == ("RELEASED", "310-9")
    assert await tasks(database, market) == {}
    await carry_events(database)
    assert await stages(database, market, order_id) == ["DISPATCH", "DISPATCH"]
    async with database.reading(market.operator) as db:
        told = [event.type for event in await list_events_of(db, declaration.id)]
    assert told == [
        "declaration.ready", "declaration.lodged", "declaration.queried", "declaration.answered",
        "declaration.held", "declaration.released",
    ]  # fmt: skip


async def test_full_cartons_have_a_gross_weight(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await at_export(database, market, now, ("S-1", 20))
    [document] = await documents(database, market, now)
    assert (document.net_weight_g, document.gross_weight_g) == (5_000, 5_600)


async def test_lodged_goods_are_not_put_together_anew(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    await at_export(database, market, now)
    [declaration] = await declarations(database, market)
    await move(database, market, declaration, Act.LODGE, now)
    async with database.system() as db:
        await db.execute("update catalog.sku set hs_code = '999999', weight_g = 1")
    await check(database, market, now + DAY)
    [document] = await documents(database, market, now + DAY)
    assert (document.lines[0].hs_code, document.net_weight_g) == ("6108310000", 1_000)
    # Four of ten in a carton: what they weigh with it, nobody knows.
    assert document.gross_weight_g is None


async def test_seized_goods_become_a_question_and_somebody_bears_them(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    order_id = await at_export(database, market, now)
    [declaration] = await declarations(database, market)
    await move(database, market, declaration, Act.LODGE, now)
    await move(database, market, declaration, Act.HOLD, now, note="brand")
    with pytest.raises(BearerMissing):
        await move(database, market, declaration, Act.FORFEIT, now)
    ended = await move(
        database, market, declaration, Act.FORFEIT, now, note="kept", bearer=Bearer.SUPPLIER,
    )  # fmt: skip
    assert (ended.state, ended.bearer) == ("FORFEITED", "SUPPLIER")
    [journey] = await journeys_of(database, market, order_id)
    assert await _blocked(database, market, "EXPORT", journey.id, now)
    await carry_events(database)
    await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.moving, journey.in_question, journey.stage) == (0, 4, None)
    async with database.reading(market.buyer) as db:
        [decision] = await journeys.list_decisions(db, market.buyer)
    assert (decision.cause, decision.note) == ("HELD", "kept")
    async with database.writing(market.buyer) as db:
        await fulfillment.decide(
            db, market.buyer, decision_id=decision.id, option="REFUND", now=now
        )
    await assert_sound(database, now)


async def test_cancelled_and_questioned_units_leave_the_declaration(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    order_id = await at_export(database, market, now, ("S-1", 4), ("S-2", 2))
    first, _ = await journeys_of(database, market, order_id)
    async with database.writing(market.operator) as db:
        await fulfillment.question_units(
            db, market.operator, journey_id=first.id, cause="DAMAGED", units=1, note="", now=now
        )
    await check(database, market, now)
    [document] = await documents(database, market, now)
    assert [(x.quantity, x.amount) for x in document.lines] == [(3, 3_750), (2, 2_500)]
    await orders.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    await carry_events(database)
    await check(database, market, now)
    assert await declarations(database, market) == []
    assert await tasks(database, market) == {}


async def test_files_of_one_way_are_one_box(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    one = await at_export(database, market, now, ("S-1", 4))
    two = await at_export(database, market, now, ("S-1", 3), ("S-2", 1))
    first, second = await files(database, market)
    assert first.orders != second.orders
    async with database.writing(market.operator) as db:
        joined = await actions.join_files(
            db, market.operator, file_id=first.id, others=[second.id], now=now
        )
    assert sorted(joined.orders) == sorted(first.orders + second.orders)
    [declaration] = await declarations(database, market)
    [document] = await documents(database, market, now)
    assert [(line.sku, line.quantity) for line in document.lines] == [("S-1", 7), ("S-2", 1)]
    assert [f.state for f in await files(database, market)] == ["OPEN", "JOINED"]
    await move(database, market, declaration, Act.LODGE, now)
    await at_export(database, market, now, ("S-1", 1))
    *_, third = await files(database, market)
    async with database.writing(market.operator) as db:
        with pytest.raises(NotJoinable):
            await actions.join_files(
                db, market.operator, file_id=third.id, others=[first.id], now=now
            )
    with pytest.raises(NotFound):
        async with database.writing(market.buyer) as db:
            await db.execute(
                "select customs.join_files($1, $2, $3, $4)",
                market.buyer.as_row(), first.id, [third.id], now,
            )  # fmt: skip
    await move(database, market, declaration, Act.RELEASE, now)
    await carry_events(database)
    assert await stages(database, market, one) == ["DISPATCH"]
    assert await stages(database, market, two) == ["DISPATCH", "DISPATCH"]


async def test_a_declaration_above_its_limit_waits(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT", value_max="49.99", value_currency="USD")
    await at_export(database, market, now, ("S-1", 4))
    assert "ABOVE_LIMIT 1" in await tasks(database, market)
    async with database.system() as db:
        await db.execute("update trade.export_term set value_max = 50")
    await check(database, market, now)
    assert await tasks(database, market) == {}
    async with database.system() as db:
        await db.execute("update trade.export_term set value_currency = 'EUR'")
    await check(database, market, now)
    assert list(await tasks(database, market)) == ["LIMIT_UNKNOWN 1"]


async def test_a_fapiao_that_does_not_come_is_gone_without(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    order_id = await at_export(database, market, now)
    [task] = (await tasks(database, market)).values()
    assert (task.kind, task.default_option, task.due_at) == (
        "FAPIAO_MISSING",
        "GO_WITHOUT",
        now + DAY,
    )
    assert task.facts == {
        "sku": "S-1", "units": 4, "exporter": EXPORTER, "supplier": "zhili-1",
    }  # fmt: skip
    async with database.system() as db:
        assert await actions.meet_deadlines(db, market.operator, limit=9, now=now) == 0
        assert await actions.meet_deadlines(db, market.operator, limit=9, now=now + DAY) == 2
        assert await actions.meet_deadlines(db, market.operator, limit=9, now=now + DAY) == 0
    assert await tasks(database, market) == {}
    [declaration] = await declarations(database, market)
    assert declaration.state == "READY"
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.operator, "EXPORT", [journey.id], now + DAY) == 1
    [document] = await documents(database, market, now + DAY)
    [line] = document.refunds
    # 4 x 11.30 holds 13 % VAT: 40.00 without it, and 13 % of that would have come back.
    assert (line.refund, line.lost, line.currency, line.is_matched) == (0, 520, "CNY", False)


async def test_a_fapiao_lets_the_goods_go(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await at_export(database, market, now)
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000), buyer="Somebody else")
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000), number="F-2", kind="ORDINARY")
    assert list(await tasks(database, market)) == ["FAPIAO_MISSING S-1"]
    await enter_fapiao(database, market, now, ("S-1", 3, 3_000), number="F-3")
    [task] = (await tasks(database, market)).values()
    assert task.facts["units"] == 1
    await enter_fapiao(database, market, now, ("S-1", 9, 9_000), number="F-4")
    assert await tasks(database, market) == {}
    [declaration] = await declarations(database, market)
    assert declaration.state == "READY"


async def test_the_invoice_names_the_origin_that_is_declared(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    async with database.system() as db:
        await db.execute("update catalog.product set origin_country = 'VN'")
    order_id = await at_export(database, market, now, ("S-1", 4))
    [declared] = await documents(database, market, now)
    async with database.reading(market.buyer) as db:
        invoice = await order_document(
            db, order_id=order_id, document="commercial-invoice", now=now
        )
    assert [line.origin for line in declared.lines] == ["VN"]
    assert [line.origin for line in invoice.lines] == ["VN"]


async def test_within_a_customs_union_nothing_is_declared(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await import_valuation_rules(
        database, market.operator, now,
        "1,PL,CIF,CARRIAGE,,,EU,2016-05-01,,UCC,", "2,DE,CIF,CARRIAGE,,,EU,2016-05-01,,UCC,",
    )  # fmt: skip
    async with database.system() as db:
        await db.execute("update trade.node set country = 'DE' where code = 'YIW'")
    order_id = await at_export(database, market, now)
    assert await files(database, market) == []
    await run_to_end(database, market, order_id, now)
    assert await files(database, market) == []
    # One that has left the union declares, as any other country.
    async with database.system() as db:
        await db.execute("update trade.valuation_rule set customs_union = '' where country = 'DE'")
    await at_export(database, market, now, ("S-2", 2))
    assert [(file.node, file.country) for file in await files(database, market)] == [("YIW", "PL")]
