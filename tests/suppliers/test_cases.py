"""Cases: frozen at once, heard before they are lost, appealed once; goods leave and return."""

import datetime as dt

import pytest

from beltline.catalog import actions as catalog_actions
from beltline.catalog import queries as catalog
from beltline.catalog import workflows as catalog_workflows
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.relay import deliver, publish
from beltline.suppliers import queries as directory
from beltline.suppliers.actions import cases as actions
from beltline.suppliers.queries import cases as queries
from beltline.suppliers.types import CaseState, Ground, ReasonNeeded, ShopCase, WrongState
from tests.catalog.make import NOW, OFFER_COLUMNS, make_network
from tests.suppliers.make import actor_of, png
from tests.visitor import visiting

LATER = NOW + dt.timedelta(days=8)


async def opened(database: Database, operator: Actor, *skus: str) -> ShopCase:
    told = actions.Complaint(
        "zhili-01", Ground.INFRINGING, "Copies a protected print", list(skus), "Brand Ltd", "TM-1"
    )
    async with database.writing(operator) as db:
        case = await actions.open_case(db, operator, told, now=NOW)
    await follow(database)
    return case


async def follow(database: Database) -> None:
    while await publish(database):
        pass
    for listener in catalog_workflows.LISTENERS:
        while await deliver(database, listener):
            pass


async def offered(database: Database) -> dict[str, int]:
    """How many offers each SKU has today, of both audiences."""
    async with database.system() as db:
        skus = await catalog.skus_of(db, ["SKU-1", "SKU-2", "SKU-3"])
        counted = {}
        for code, sku in skus.items():
            lists = [
                await catalog.list_offers(db, [sku.id], audience=audience, on=day_of(NOW))
                for audience in ("OPERATOR", "BUYERS")
            ]
            counted[code] = sum(len(found.get(sku.id, [])) for found in lists)
    return counted


async def test_goods_leave_the_shelf_and_return(database: Database) -> None:
    network = await make_network(database)
    before = await offered(database)
    case = await opened(database, network.operator, "SKU-1")
    assert await offered(database) == {**before, "SKU-1": 0}
    # A file that comes in meanwhile does not put them back.
    csv = b"1,zhili-01,SKU-1,OPERATOR,CNY,1,20,50\n"
    async with database.system() as db:
        await catalog_actions.import_offers(db, columns=OFFER_COLUMNS, csv=csv, now=NOW)
    assert (await offered(database))["SKU-1"] == 0
    async with database.writing(network.operator) as db:
        await actions.decide_case(
            db, network.operator, case_id=case.id, restore=True, note="licensed", now=NOW
        )
    await follow(database)
    assert await offered(database) == before


async def test_nothing_is_delisted_unheard_before_its_time(database: Database) -> None:
    network = await make_network(database)
    case = await opened(database, network.operator)
    seller = await actor_of(database, "zhili-01")
    async with database.writing(network.operator) as db:
        assert (await directory.get_supplier(db, case.org_id)).standing == "SUSPENDED"
        with pytest.raises(WrongState):
            await actions.decide_case(
                db, network.operator, case_id=case.id, restore=False, note="copied", now=NOW
            )
    async with database.writing(seller) as db:
        answered = await actions.answer_case(
            db, seller, case_id=case.id, text="Our own drawing", data=png(), now=NOW
        )
    assert answered.state is CaseState.ANSWERED
    async with database.writing(network.operator) as db:
        with pytest.raises(ReasonNeeded):
            await actions.decide_case(
                db, network.operator, case_id=case.id, restore=False, note="", now=NOW
            )
        await actions.decide_case(
            db, network.operator, case_id=case.id, restore=False, note="copied", now=NOW
        )
        assert (await directory.get_supplier(db, case.org_id)).standing == "REMOVED"
    async with database.writing(seller) as db:
        await actions.appeal_case(db, seller, case_id=case.id, text="Look at the date", now=LATER)
        with pytest.raises(WrongState):
            await actions.appeal_case(db, seller, case_id=case.id, text="again", now=LATER)
    async with database.writing(network.operator) as db:
        final = await actions.decide_case(
            db, network.operator, case_id=case.id, restore=True, note="older than the right",
            now=LATER,
        )  # fmt: skip
        said = await queries.list_statements(db, case.id)
        assert (await directory.get_supplier(db, case.org_id)).standing == "ACTIVE"
    assert final.state is CaseState.FINAL_RESTORED
    assert [(one.side, one.kind) for one in said] == [
        ("SUPPLIER", "EVIDENCE"), ("OPERATOR", "DECISION"), ("SUPPLIER", "APPEAL"),
        ("OPERATOR", "DECISION"),
    ]  # fmt: skip
    async with database.system() as db:
        types = await db.values("select type from kit.event where aggregate = 'shop_case'")
        types += await db.values("select type from kit.outbox where aggregate = 'shop_case'")
    assert [t.partition(".")[2] for t in types] == [
        "opened", "answered", "delisted", "appealed", "restored",
    ]  # fmt: skip


async def test_silence_is_decided_after_its_time_and_strangers_see_nothing(
    database: Database,
) -> None:
    network = await make_network(database)
    case = await opened(database, network.operator, "SKU-1")
    other = await actor_of(database, "yiwu-02")
    async with database.reading(other) as db:
        with pytest.raises(NotFound):
            await queries.get_case(db, case.id)
    async with database.writing(network.operator) as db:
        done = await actions.decide_case(
            db, network.operator, case_id=case.id, restore=False, note="no answer", now=LATER
        )
    assert done.state is CaseState.DELISTED


async def test_a_case_is_opened_and_answered_on_pages(database: Database) -> None:
    network = await make_network(database)
    seller = await actor_of(database, "zhili-01")
    async with visiting(database, network.operator) as visitor:
        told = {"supplier": "zhili-01", "ground": "NON_SOURCE", "statement": "Buys from others",
                "skus": "SKU-1"}  # fmt: skip
        assert (await visitor.send("/cases", {**told, "supplier": "nobody"})).status_code == 404
        path = (await visitor.send("/cases", told)).headers["location"]
        assert "Freeze and open" in await visitor.see("/cases")
        assert (await visitor.send(path, {"step": "delist", "text": "x"})).status_code == 409
    async with visiting(database, seller, language="zh") as visitor:
        assert "CASE-7" in await visitor.see("/cases")
        assert (await visitor.send("/cases", told)).status_code == 403
        await visitor.send(path, {"step": "evidence", "text": "我们自己做"})
        assert "我们自己做" in await visitor.see(path)
        assert (await visitor.send(path, {"step": "restore", "text": "x"})).status_code == 403
