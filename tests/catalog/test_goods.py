"""Goods described, shown, proved and edited: typed, cleaned, confirmed by people, undone."""

import datetime as dt
from decimal import Decimal

import pytest

from beltline.accounts import actions as accounts
from beltline.catalog import queries as catalog
from beltline.catalog.actions import goods as actions
from beltline.catalog.queries import goods as queries
from beltline.catalog.rules import attributes, edits
from beltline.catalog.types import (
    Attribute,
    AttributeKind,
    AttributeUnusable,
    Change,
    EditStale,
    NothingToEdit,
    NotYours,
    ProductBody,
    TranslationBody,
    UndoTooLate,
)
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from tests.app.client import client_of
from tests.catalog.make import NOW, make_network
from tests.suppliers.make import actor_of, png
from tests.visitor import visiting

WEIGHT = Attribute("fabric_weight", "Fabric weight", AttributeKind.NUMBER, "克重", "g/m2")
COLOR = Attribute("color", "Color", AttributeKind.CHOICE, choices=["red", "blue"])


@pytest.mark.parametrize(
    ("attribute", "value", "read"),
    [
        (WEIGHT, "180 g/m2", (None, Decimal(180))), (WEIGHT, "1,180.5", (None, Decimal("1180.5"))),
        (COLOR, "red", ("red", None)),
        (Attribute("w", "W", AttributeKind.BOOLEAN), "是", ("true", None)),
        (Attribute("t", "T", AttributeKind.TEXT), " a\x00b ", ("ab", None)),
    ],
)  # fmt: skip
def test_a_value_is_read_by_its_type(
    attribute: Attribute, value: str, read: tuple[str | None, Decimal | None]
) -> None:
    assert attributes.read(attribute, value) == read


@pytest.mark.parametrize(
    ("attribute", "value"),
    [(WEIGHT, "heavy"), (WEIGHT, "NaN"), (WEIGHT, "1e30"), (COLOR, "green"), (COLOR, "")],
)
def test_a_value_of_another_type_is_refused(attribute: Attribute, value: str) -> None:
    with pytest.raises(AttributeUnusable):
        attributes.read(attribute, value)


CURRENT = {
    "S-1": {"title": "Pyjamas", "price": "19.8", "moq": "50", "weight_g": "180"},
    "S-2": {"title": "Studs", "price": None, "moq": None, "weight_g": None},
}


def test_a_paste_says_what_it_would_change() -> None:
    text = "货号\t价格\t重量\n S-1 \t¥ 25.5\t\nS-2\t\t1,200\nS-9\t1\t1\nS-1\t1\t1\n"
    plan = edits.plan(edits.read_paste(text.replace("¥ ", "¥")), CURRENT)
    assert plan.changes == [
        Change("S-1", "price", "19.8", "25.5"), Change("S-2", "weight_g", None, "1200"),
    ]  # fmt: skip
    assert [(p.row, p.why) for p in plan.problems] == [(4, edits.UNKNOWN_SKU), (5, edits.TWICE)]
    assert plan.warnings == []


def test_what_cannot_be_kept_leaves_its_row_out() -> None:
    rows = [{"sku": "S-1", "price": "-3", "title": "New"}, {"sku": "S-2", "price": "3"}]
    plan = edits.plan(rows, CURRENT)
    assert plan.changes == []
    assert [(p.column, p.why) for p in plan.problems] == [
        ("price", edits.NOT_USABLE), ("price", edits.NO_OFFER),
    ]  # fmt: skip
    assert edits.plan([{"sku": "S-1", "title": "-"}], CURRENT).problems[0].column == "title"
    emptied = edits.plan([{"sku": "S-1", "weight_g": "-"}], CURRENT)
    assert emptied.changes == [Change("S-1", "weight_g", "180", None)]
    assert edits.plan([{"sku": "S-1", "price": "19.80"}], CURRENT).unchanged == 1


def test_a_price_that_falls_far_is_warned_of() -> None:
    plan = edits.plan([{"sku": "S-1", "price": "1.98"}], CURRENT)
    assert [w.why for w in plan.warnings] == [edits.BIG_MOVE]


@pytest.mark.parametrize("text", ["", "sku\n", "price\n1\n", "sku,color\nS-1,red\n", "sku,price"])
def test_a_paste_without_a_header_is_refused(text: str) -> None:
    with pytest.raises(NothingToEdit):
        edits.read_paste(text)


async def test_an_edit_is_made_whole_and_taken_back_whole(database: Database) -> None:
    await make_network(database)
    seller = await actor_of(database, "zhili-01")
    text = "sku,price,moq,weight_g,title_zh\nSKU-1,20.5,60,190,睡衣套装\nSKU-2,1,1,1,x\n"
    async with database.writing(seller) as db:
        made = await actions.make_edit(db, seller, text, now=NOW)
    assert len(made.changes) == 4  # SKU-2 is somebody else's
    async with database.writing(seller) as db:
        sku = await catalog.get_sku(db, "SKU-1")
        offer = (await catalog.list_offers(db, [sku.id], audience="OPERATOR", on=day_of(NOW)))[
            sku.id
        ][0]
        prices = await queries.list_prices(db, sku.id)
        assert (sku.weight_g, sku.title_zh, offer.moq) == (190, "睡衣套装", 60)
        assert [b.unit_price for b in offer.breaks] == [Decimal("20.5"), Decimal("19.8")]
        assert [(p.price_before, p.unit_price) for p in prices] == [
            (Decimal("21.5"), Decimal("20.5"))
        ]
        await actions.undo_edit(db, seller, edit_id=made.id, now=NOW + dt.timedelta(minutes=9))
        back = await catalog.get_sku(db, "SKU-1")
        assert (back.weight_g, back.title_zh) == (None, "儿童睡衣")
        with pytest.raises(UndoTooLate):
            await actions.undo_edit(db, seller, edit_id=made.id, now=NOW)


async def test_an_edit_is_not_undone_over_somebody_elses(database: Database) -> None:
    network = await make_network(database)
    seller = await actor_of(database, "zhili-01")
    async with database.writing(seller) as db:
        made = await actions.make_edit(db, seller, "sku,weight_g\nSKU-1,190\n", now=NOW)
    async with database.writing(network.operator) as db:
        await actions.make_edit(db, network.operator, "sku,weight_g\nSKU-1,200\n", now=NOW)
    with pytest.raises(EditStale):
        async with database.writing(seller) as db:
            await actions.undo_edit(db, seller, edit_id=made.id, now=NOW)
    async with database.writing(seller) as db:
        late = await actions.make_edit(db, seller, "sku,weight_g\nSKU-1,210\n", now=NOW)
        with pytest.raises(UndoTooLate):
            await actions.undo_edit(db, seller, edit_id=late.id, now=NOW + dt.timedelta(minutes=11))


async def test_a_product_is_described_by_its_maker_alone(database: Database) -> None:
    network = await make_network(database)
    seller, other = await actor_of(database, "zhili-01"), await actor_of(database, "yiwu-02")
    async with database.writing(network.operator) as db:
        await actions.define_attributes(
            db, network.operator, category="apparel", told=[WEIGHT, COLOR], now=NOW
        )
    told = ProductBody(description="纯棉", origin_place="湖州", attributes={"fabric_weight": "180"})
    async with database.writing(other) as db:
        with pytest.raises(NotYours):
            await actions.describe(db, other, product="P-1", told=told, now=NOW)
    async with database.writing(seller) as db:
        await actions.describe(db, seller, product="P-1", told=told, now=NOW)
        person = TranslationBody("Kids pyjamas, cotton")
        machine = TranslationBody("Pajamas of child", is_machine=True, model="m")
        assert await actions.translate(db, seller, product="P-1", locale="en", told=person, now=NOW)
        assert not await actions.translate(
            db, seller, product="P-1", locale="en", told=machine, now=NOW
        )
        await actions.describe(
            db, seller, product="P-1", told=ProductBody(description="纯棉，加厚"), now=NOW
        )
        product = await queries.get_product(db, "P-1")
        (spoken,) = await queries.list_translations(db, product, actions.source_of(product))
        assert (spoken.title, spoken.is_machine, spoken.is_stale) == (person.title, False, True)
        # Of a newer source, a machine's words are better than a person's of an older one.
        assert await actions.translate(
            db, seller, product="P-1", locale="en", told=machine, now=NOW
        )
        await actions.add_media(db, seller, product="P-1", data=png(), now=NOW)
    async with visiting(database, network.buyer) as visitor:
        page = await visitor.see("/products/SKU-1")
        assert "machine translated" in page
        assert "180" in page
        assert "g/m2" in page
        assert "/products/media/med_" in page


async def test_hs_codes_have_evidence_and_a_person_confirms(database: Database) -> None:
    network = await make_network(database)
    seller = await actor_of(database, "yiwu-02")
    async with database.system() as db:
        await db.execute("update catalog.sku set hs_code = '711719' where code = 'SKU-3'")
        await db.execute(
            "update suppliers.supplier set belt_id = 'CN-330782-001' where code = 'yiwu-02'"
        )
    async with database.writing(seller) as db:
        found = await actions.suggest_hs(db, seller, sku="SKU-2")
    assert [(c.hs_code, c.score) for c in found] == [
        ("711719", 0.9), ("3926", 0.1), ("7117", 0.1), ("9505", 0.1),
    ]  # fmt: skip
    assert found[0].evidence == "1 of 1 SKUs in jewellery"
    async with visiting(database, network.operator) as visitor:
        sent = await visitor.send("/products/SKU-2", {"step": "confirm", "hs_code": "711719"})
        assert sent.status_code == 303
        assert "711719" in await visitor.see("/products/SKU-2")
    async with visiting(database, seller) as visitor:
        refused = await visitor.send("/products/SKU-2", {"step": "confirm", "hs_code": "3926"})
        assert refused.status_code == 403
        await visitor.send(
            "/products/SKU-2",
            {"step": "evidence", "kind": "MSDS", "number": "M-1", "valid_until": "2026-01-01"},
        )
        assert "expired 2026-01-01" in await visitor.see("/products/SKU-2")
    async with database.system() as db:
        assert (await catalog.get_sku(db, "SKU-2")).hs_code == "711719"


async def test_goods_are_edited_on_a_page_with_a_preview_and_undo(database: Database) -> None:
    await make_network(database)
    seller = await actor_of(database, "zhili-01")
    paste = "货号\t价格\nSKU-1\t10\nSKU-9\t1\n"
    async with visiting(database, seller, language="zh") as visitor:
        assert "SKU-1" in await visitor.see("/goods")
        assert "SKU-2" not in await visitor.see("/goods")
        preview = (await visitor.send("/goods", {"text": paste, "act": "show"})).text
        assert "21.5" in preview
        assert "波动超过" in preview
        assert "SKU-9" in preview
        applied = await visitor.send("/goods", {"text": paste, "act": "apply"})
        path = applied.headers["location"]
        page = await visitor.see("/products/SKU-1")
        assert "¥10" in page
        assert (await visitor.send("/goods", {"text": "x"})).status_code == 422
        undone = await visitor.send(f"/goods/undo/{path.partition('=')[2]}")
        assert undone.status_code in (303, 409)


async def test_the_api_reads_and_edits_goods(database: Database) -> None:
    await make_network(database)
    seller = await actor_of(database, "zhili-01")
    async with database.writing(seller) as db:
        key = await accounts.create_key(
            db, seller, name="x", scopes=["catalog:read", "catalog:write"], now=NOW
        )
    async with client_of(database.dsn, authorization=f"Bearer {key.secret}") as client:
        listed = (await client.get("/v1/catalog/goods?limit=2")).json()
        assert [row["code"] for row in listed["items"]] == ["SKU-1", "SKU-2"]
        own, other = listed["items"]
        assert {o["audience"] for o in own["offers"]} == {"BUYERS", "OPERATOR"}
        assert {o["audience"] for o in other["offers"]} == {"BUYERS"}
        rows = [{"sku": "SKU-1", "price": "22"}]
        dry = await client.post(
            "/v1/catalog/edits", json={"rows": rows, "dry_run": True},
            headers={"Idempotency-Key": "1"},
        )  # fmt: skip
        assert (dry.status_code, dry.json()["id"]) == (200, None)
        made = await client.post(
            "/v1/catalog/edits", json={"rows": rows}, headers={"Idempotency-Key": "2"}
        )
        assert made.status_code == 201
        undone = await client.post(
            f"/v1/catalog/edits/{made.json()['id']}/undo", headers={"Idempotency-Key": "3"}
        )
        assert undone.status_code == 200
        one = (await client.get("/v1/catalog/goods/SKU-1")).json()
        assert [o["breaks"][0]["unit_price"] for o in one["offers"]] == ["5.25", "21.5"]
        described = await client.put("/v1/catalog/products/P-1", json={"description": "纯棉"})
        assert described.json()["description"] == "纯棉"
        assert (await client.get("/v1/catalog/products/none")).status_code == 404
        refused = await client.put("/v1/catalog/products/P-2", json={"description": "x"})
        assert refused.status_code == 403
