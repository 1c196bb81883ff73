"""The measured record from the events of real orders: facts, tiers, pages and API."""

import datetime as dt
from decimal import Decimal

import msgspec

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.fulfillment import actions as fulfillment
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.kit.relay import deliver, publish
from beltline.procurement import actions as procurement
from beltline.procurement.types.orders import Answer, AnswerKind, OrderBody, OrderLineBody
from beltline.suppliers import actions as imports
from beltline.suppliers import queries, workflows
from beltline.suppliers.queries import record
from beltline.suppliers.types import Assessment, Measure
from tests.app.client import client_of
from tests.catalog.make import NOW, SUPPLIER_COLUMNS, make_network
from tests.visitor import visiting


async def order(
    database: Database, operator: Actor, *, issued: dt.datetime, late_days: int = 0,
    answered: bool = True, received: bool = True, supplier: str = "zhili-01",
) -> None:  # fmt: skip
    """One order of 10 pieces, due in eight days."""
    async with database.writing(operator) as db:
        found = await procurement.order_goods(
            db, operator,
            OrderBody(supplier, "CON-YIW", "CNY", day_of(issued) + dt.timedelta(days=8),
                      [OrderLineBody("SKU-1", 10, Decimal("19.8"))]),
            now=issued,
        )  # fmt: skip
    if answered:
        async with database.system() as db:
            seller = accounts.system_actor(
                await organizations.get_organization_by_id(db, found.supplier_org_id)
            )
        async with database.writing(seller) as db:
            await procurement.answer_order(
                db, seller, order_id=found.id, answer=Answer(AnswerKind.CONFIRMED),
                now=issued + dt.timedelta(hours=3),
            )  # fmt: skip
    if received:
        async with database.writing(operator) as db:
            await fulfillment.receive_goods(
                db, operator, purchase_order_id=found.id, lines=[Counted(sku="SKU-1", quantity=10)],
                note="", is_final=False, over=False, now=issued + dt.timedelta(days=8 + late_days),
            )  # fmt: skip


async def assess(database: Database, operator: Actor) -> Assessment:
    while await publish(database):
        pass
    for listener in workflows.LISTENERS:
        while await deliver(database, listener):
            pass
    job = await run_inline(
        database, operator, kind="suppliers.assess.v1", title="x", parameters={}, now=NOW,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    return msgspec.convert(job.result, Assessment)


async def test_real_orders_make_facts_figures_and_tiers(database: Database) -> None:
    network = await make_network(database)
    for n in range(6):
        issued = NOW - dt.timedelta(days=200 - 9 * n)
        await order(database, network.operator, issued=issued, late_days=6)
    await order(database, network.operator, issued=NOW - dt.timedelta(days=30), received=False)
    await order(
        database, network.operator, issued=NOW, answered=False, received=False, supplier="yiwu-02"
    )
    done = await assess(database, network.operator)
    assert done == Assessment(suppliers=1, facts=6 * 4 + 3 + 1, late=1, tiers_changed=1)
    async with database.system() as db:
        seller = await queries.get_supplier_by_code(db, "zhili-01")
        figures = {one.measure: one for one in await record.list_figures(db, seller.org_id)}
        changes = await record.list_tier_changes(db, seller.org_id)
        silent = await queries.get_supplier_by_code(db, "yiwu-02")
        events = await db.values("select data from kit.outbox where type = 'supplier.tier_changed'")
    assert (seller.tier, seller.tier_basis) == ("C", "MEASURED")
    # Nobody else is measured, and an order that has not arrived by its day is late already.
    on_time = figures[Measure.ON_TIME]
    assert (on_time.trials, on_time.raw, on_time.value_median) == (7, 0.0, 6.0)
    assert 0.0 < on_time.low < on_time.mean < on_time.high < 0.75
    assert on_time.good_to_a is None or on_time.good_to_a > 7
    assert figures[Measure.ANSWERED].raw == 1.0
    assert figures[Measure.ANSWERED].mean < 1.0
    assert [(c.tier_before, c.tier) for c in changes] == [("A", "C")]
    assert changes[0].reasons[0].measure is Measure.ON_TIME
    assert (silent.tier, silent.tier_basis) == ("B", "GIVEN")
    assert [(e["supplier"], e["tier"]) for e in events] == [("zhili-01", "C")]


async def test_once_measured_a_file_does_not_change_the_tier(database: Database) -> None:
    network = await make_network(database)
    for n in range(5):
        issued = NOW - dt.timedelta(days=200 - 9 * n)
        await order(database, network.operator, issued=issued, late_days=6)
    await assess(database, network.operator)
    csv = b"1,zhili-01,FACTORY,Zhili Kidswear,,A,6,12\n2,yiwu-02,TRADER,Yiwu Trade,,A,9,20\n"
    async with database.system() as db:
        await imports.import_suppliers(db, columns=SUPPLIER_COLUMNS, csv=csv, now=NOW)
        found = {s.code: s.tier for s in await queries.list_suppliers(db)}
    assert found == {"zhili-01": "C", "yiwu-02": "A"}
    again = await assess(database, network.operator)
    assert again.tiers_changed == 0


async def test_pages_and_api_tell_the_figures_to_all_and_the_orders_to_the_parties(
    database: Database,
) -> None:
    network = await make_network(database)
    for n in range(5):
        await order(database, network.operator, issued=NOW - dt.timedelta(days=100 - 9 * n))
    await order(database, network.operator, issued=NOW - dt.timedelta(days=40), late_days=2)
    await assess(database, network.operator)
    async with visiting(database, network.operator) as visitor:
        page = await visitor.see("/suppliers/zhili-01")
        assert "What would lift it to tier A" in page
        assert "good in a row" in page
        bad = await visitor.see("/suppliers/zhili-01/record?measure=ON_TIME&bad=1")
        assert bad.count("PO-") == 1
        assert "2 d late" in bad
        answer = await visitor.send("/suppliers/assess")
        assert answer.headers["location"] == "/jobs"
    async with visiting(database, network.buyer, language="zh") as visitor:
        hidden = await visitor.see("/suppliers/zhili-01/record")
        assert "PO-" not in hidden
        assert "实测记录" in hidden
    async with database.writing(network.buyer) as db:
        key = await accounts.create_key(
            db, network.buyer, name="x", scopes=["suppliers:read"], now=NOW
        )
    async with client_of(database.dsn, authorization=f"Bearer {key.secret}") as client:
        found = (await client.get("/v1/suppliers/zhili-01/record")).json()
        assert {f["measure"] for f in found["figures"]} == {
            "ON_TIME", "ANSWERED", "PRICE_KEPT", "CAPACITY_KEPT",
        }  # fmt: skip
        assert (await client.get("/v1/suppliers/zhili-01/facts")).json()["items"] == []
        assert (await client.get("/v1/suppliers/zhili-01/tiers")).status_code == 200
        assert (await client.get("/v1/suppliers/nobody/record")).status_code == 404
        listed = (await client.get("/v1/suppliers?limit=1")).json()
        after = (await client.get(f"/v1/suppliers?limit=1&cursor={listed['next_cursor']}")).json()
        assert [r["code"] for r in listed["items"] + after["items"]] == ["yiwu-02", "zhili-01"]
        refused = await client.post("/v1/suppliers/assess", headers={"Idempotency-Key": "1"})
        assert refused.status_code == 403
