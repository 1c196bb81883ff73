"""New goods: told of by a supplier, seen by nobody else, taken in or given back by the operator."""

import asyncio
import base64
import re
from decimal import Decimal

import asyncpg
import pytest

from beltline.accounts import actions as accounts
from beltline.catalog import queries as catalog
from beltline.catalog.actions import drafts as actions
from beltline.catalog.queries import drafts as queries
from beltline.catalog.queries import goods
from beltline.catalog.rules import drafts as rules
from beltline.catalog.types import (
    Approval,
    CodeTaken,
    Draft,
    DraftDecided,
    DraftState,
    DraftUnusable,
    NothingTold,
    NotYours,
    SupplierNotVerified,
)
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import show_id
from beltline.suppliers.types import ReasonNeeded
from tests.app.client import client_of
from tests.catalog.make import NOW, Network, make_network
from tests.suppliers.make import actor_of, invited, png
from tests.visitor import visiting

TAKEN_IN = Approval("Glass teapot", "玻璃茶壶", "drinkware", "USD", Decimal("4.2"))


async def _told(
    database: Database, supplier: str = "zhili-01", **fields: str
) -> tuple[Actor, Draft]:
    seller = await actor_of(database, supplier)
    row = {"sku": "T-1", "title_zh": "玻璃茶壶", "price": "19.5", "moq": "20"} | fields
    async with database.writing(seller) as db:
        return seller, await actions.tell(db, seller, row, png(), now=NOW)


async def _approve(database: Database, operator: Actor, draft: Draft) -> str:
    async with database.writing(operator) as db:
        return await actions.approve(db, operator, draft_id=draft.id, told=TAKEN_IN, now=NOW)


def test_a_sheet_is_read_with_chinese_headers_and_short_rows() -> None:
    rows = rules.read_sheet("货号,品名,出厂价,备注,起订量\nT-1,茶壶,￥1\n\nT-2,杯,2,x,10\n")
    assert rows[0]["price"] == "￥1"
    assert (rows[0]["moq"], rows[1]["moq"]) == ("", "10")
    plan = rules.plan(rows, {}, ())
    assert [(one.code, one.is_new) for one in plan.rows] == [("T-1", True), ("T-2", True)]
    assert plan.rows[0].fields["price"] == "1"


@pytest.mark.parametrize("text", ["", "货号,品名\n", "品名,价格\n茶壶,1\n", "货号,备注\nT-1,x\n"])
def test_what_is_no_sheet_of_goods_is_refused(text: str) -> None:
    with pytest.raises(NothingTold):
        rules.read_sheet(text)


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ({"sku": "T 1", "title": "x", "price": "1"}, "sku", rules.NOT_A_CODE),
        ({"sku": "T@1", "title": "x", "price": "1"}, "sku", rules.NOT_A_CODE),
        ({"sku": "t" * 61, "title": "x", "price": "1"}, "sku", rules.NOT_A_CODE),
        ({"sku": "OLD", "title": "x", "price": "1"}, "sku", rules.APPROVED),
        ({"sku": "T-1", "price": "1"}, "title_zh", rules.NO_NAME),
        ({"sku": "T-1", "title": "x"}, "price", rules.NO_PRICE),
        ({"sku": "T-1", "title": "x", "price": "cheap"}, "price", rules.NOT_USABLE),
        ({"sku": "T-1", "title": "x", "price": "1", "moq": "0"}, "moq", rules.NOT_USABLE),
    ],
)
def test_a_row_that_cannot_be_kept_says_why(row: dict[str, str], column: str, why: str) -> None:
    plan = rules.plan([row], {}, {"OLD"})
    assert [(one.row, one.column, one.why) for one in plan.problems] == [(2, column, why)]
    assert plan.rows == []
    assert plan.unchanged == 0


@pytest.mark.parametrize(
    ("text", "price"),
    [("", None), ("4.2", Decimal("4.2")), ("1,200", Decimal(1200)), ("0.000001", Decimal("1e-6"))],
)
def test_what_buyers_pay_is_read_as_it_is_written(text: str, price: Decimal | None) -> None:
    assert rules.read_price(text) == price


@pytest.mark.parametrize(
    "text", ["0", "0.00", "-1", "-", "cheap", "nan", "1e10", "0.0000001", "¥4"]
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(DraftUnusable):
        rules.read_price(text)


def test_goods_told_of_again_change_only_what_is_said() -> None:
    before = dict.fromkeys(rules.FIELDS) | {"title": "x", "price": "1", "moq": "5"}
    plan = rules.plan(
        [{"sku": "T-1", "price": "1.50", "moq": ""}, {"sku": "T-1", "price": "9"}],
        {"T-1": before}, (),
    )  # fmt: skip
    assert [(c.field, c.before, c.after) for c in plan.changes] == [("price", "1", "1.5")]
    assert (plan.rows[0].is_new, plan.rows[0].fields["moq"]) == (False, "5")
    assert plan.problems[0].why == rules.TWICE
    same = rules.plan([{"sku": "T-1", "price": "1"}], {"T-1": before}, ())
    assert (same.rows, same.unchanged) == ([], 1)


async def test_approved_goods_are_in_the_catalog_with_terms_and_pictures(
    database: Database,
) -> None:
    network = await make_network(database)
    seller, draft = await _told(database)
    sku = await _approve(database, network.operator, draft)
    assert sku == "zhili-01-T-1"
    async with database.reading(network.buyer) as db:
        found = await catalog.get_sku(db, sku)
        product = await goods.get_product(db, found.product)
        media = await goods.list_media(db, product.id)
        offers = await catalog.list_offers(db, [found.id], audience="BUYERS", on=day_of(NOW))
        hidden = await catalog.list_offers(db, [found.id], audience="OPERATOR", on=day_of(NOW))
    (offer,) = offers[found.id]
    assert (offer.currency, offer.breaks[0].unit_price, offer.moq) == ("USD", Decimal("4.2"), 20)
    assert (found.title, found.title_zh, found.supplier) == ("Glass teapot", "玻璃茶壶", "zhili-01")
    assert len(media) == 1
    assert hidden == {}
    async with database.reading(seller) as db:
        (own,) = await queries.list_own(db, seller.org_id)
    assert (own.state, own.sku, own.photos) == (DraftState.APPROVED, sku, [])
    async with database.system() as db:
        told = await db.values(
            "select type || ' ' || sequence from kit.outbox where aggregate = 'draft' order by seq"
        )
        audited = await db.value(
            "select count(*) from accounts.audit where object = 'draft' and object_id = $1",
            draft.id,
        )
    assert told == ["goods.told 1", "goods.approved 2"]
    assert audited == 2
    for again in (_told(database), _approve(database, network.operator, draft)):
        with pytest.raises((DraftDecided, DraftUnusable)):
            await again


async def test_nobody_else_sees_or_changes_what_was_told(database: Database) -> None:
    network = await make_network(database)
    seller, draft = await _told(database)
    other = await actor_of(database, "yiwu-02")
    for stranger in (other, network.buyer):
        async with database.reading(stranger) as db:
            with pytest.raises(NotFound):
                await queries.get_draft(db, draft.id)
            assert await queries.find_photo(db, draft.photos[0]) is None
    async with database.writing(network.operator) as db:
        with pytest.raises(NotYours):
            await actions.take_back(db, network.operator, draft_id=draft.id, now=NOW)
        with pytest.raises(WrongRole):
            await actions.plan_sheet(db, network.operator, "sku,title,price\nA,B,1\n")
    async with database.writing(seller) as db:
        with pytest.raises(WrongRole):
            await actions.approve(db, seller, draft_id=draft.id, told=TAKEN_IN, now=NOW)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.writing(seller) as db:
            await db.execute(
                "update catalog.draft set state = 'APPROVED', sku = 'X' where id = $1", draft.id
            )


async def test_goods_are_returned_with_a_reason_told_again_and_taken_back(
    database: Database,
) -> None:
    network = await make_network(database)
    seller, draft = await _told(database)
    operator = network.operator
    async with database.writing(operator) as db:
        with pytest.raises(ReasonNeeded):
            await actions.return_draft(db, operator, draft_id=draft.id, note=" ", now=NOW)
        returned = await actions.return_draft(
            db, operator, draft_id=draft.id, note="a photo, please", now=NOW
        )
        assert (returned.state, returned.note) == (DraftState.RETURNED, "a photo, please")
        with pytest.raises(DraftDecided):
            await actions.return_draft(db, operator, draft_id=draft.id, note="again", now=NOW)
    _, again = await _told(database, price="18")
    # The same photo twice is one.
    assert (again.id, again.state, len(again.photos)) == (draft.id, DraftState.WAITING, 1)
    async with database.writing(seller) as db:
        await actions.take_back(db, seller, draft_id=draft.id, now=NOW)
        assert await queries.list_own(db, seller.org_id) == []


async def test_goods_of_nobody_verified_or_of_a_taken_code_are_not_approved(
    database: Database,
) -> None:
    network = await make_network(database)
    await invited(database, network.operator)
    _, unknown = await _told(database, "xiaoxiang")
    with pytest.raises(SupplierNotVerified):
        await _approve(database, network.operator, unknown)
    _, draft = await _told(database)
    async with database.system() as db:
        await db.execute("update catalog.sku set code = 'zhili-01-T-1' where code = 'SKU-1'")
    with pytest.raises(CodeTaken):
        await _approve(database, network.operator, draft)


async def test_a_signed_in_supplier_and_the_operator_on_pages(database: Database) -> None:
    network: Network = await make_network(database)
    seller = await actor_of(database, "zhili-01")
    async with visiting(database, seller, language="zh") as visitor:
        sent = {"step": "one", "sku": "T-1", "title_zh": "茶壶", "price": ""}
        bad = await visitor.send("/shop/goods", sent)
        assert bad.status_code == 422
        assert "缺少价格" in bad.text
        assert (await visitor.send("/shop/goods", {**sent, "price": "9"})).status_code == 303
        preview = await visitor.send(
            "/shop/goods", {"step": "preview", "text": "货号,价格\nT-1,8\nT-2,1\n"}
        )
        assert "更改 1" in preview.text
        assert "缺少名称" in preview.text
        page = await visitor.see("/shop/goods")
        assert "¥9.00" in page
        assert (await visitor.get("/new-goods")).status_code == 403
    async with visiting(database, network.operator) as visitor:
        link = re.search(r"/new-goods/dft_\w+", await visitor.see("/new-goods"))
        assert link
        form = {"step": "approve", "title": "Teapot", "title_zh": "茶壶", "category": "",
                "price": "nine", "currency": "USD"}  # fmt: skip
        assert (await visitor.send(link[0], form)).status_code == 422
        assert (await visitor.send(link[0], {**form, "currency": "XXX"})).status_code == 422
        assert (await visitor.send(link[0], {**form, "price": ""})).status_code == 303
        assert "/products/zhili-01-T-1" in await visitor.see(link[0])
        assert "zhili-01-T-1" in await visitor.see("/new-goods?tab=approved")
    async with client_of(database.dsn, accept="text/html") as phone:
        assert (await phone.get("/g/supplier/nobody/goods")).status_code == 410


async def _key(database: Database, actor: Actor) -> str:
    async with database.writing(actor) as db:
        key = await accounts.create_key(
            db, actor, name="x", scopes=["catalog:read", "catalog:write"], now=NOW
        )
    return f"Bearer {key.secret}"


def _once(number: str) -> dict[str, str]:
    return {"Idempotency-Key": number}


async def test_goods_that_are_approved_meanwhile_are_not_taken_back(
    database: Database, dsn: str
) -> None:
    watching = await asyncpg.connect(dsn)
    network = await make_network(database)
    seller, draft = await _told(database)
    waits = "select exists(select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))"
    async with database.writing(network.operator) as db:
        await actions.approve(db, network.operator, draft_id=draft.id, told=TAKEN_IN, now=NOW)
        holder = await db.value("select pg_backend_pid()")
        taking = asyncio.create_task(_take_back(database, seller, draft))
        async with asyncio.timeout(20):
            while not await watching.fetchval(waits, holder):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await watching.close()
    with pytest.raises(DraftDecided):
        await taking


async def _take_back(database: Database, actor: Actor, draft: Draft) -> None:
    async with database.writing(actor) as db:
        await actions.take_back(db, actor, draft_id=draft.id, now=NOW)


async def test_the_api_tells_of_goods_and_takes_them_in(database: Database) -> None:
    network = await make_network(database)
    seller = await actor_of(database, "zhili-01")
    rows = [{"sku": "T-1", "title_zh": " 茶壶 ", "price": "19.50"}, {"sku": "T-2", "price": "1"}]
    async with client_of(database.dsn, authorization=await _key(database, seller)) as client:
        dry = await client.post(
            "/v1/new-goods", json={"rows": rows, "dry_run": True}, headers=_once("1")
        )
        assert (dry.status_code, dry.json()["items"]) == (200, [])
        told = (await client.post("/v1/new-goods", json={"rows": rows}, headers=_once("2"))).json()
        assert [(one["row"], one["column"]) for one in told["problems"]] == [(3, "title_zh")]
        (kept,) = told["items"]
        assert (kept["code"], kept["title_zh"], kept["price"]) == ("T-1", "茶壶", "19.5")
        path = f"/v1/new-goods/{kept['id']}"
        photo = {"content": base64.b64encode(png()).decode()}
        for number in ("3", "4"):
            shown = await client.post(f"{path}/photos", json=photo, headers=_once(number))
            assert (shown.status_code, len(shown.json()["photos"])) == (201, 1)
        assert (await client.get("/v1/new-goods")).json()["items"] == [shown.json()]
        wrong = await client.post(
            "/v1/new-goods", json={"rows": [{"sku": "T-1", "prise": "2"}]}, headers=_once("5")
        )
        assert (wrong.status_code, wrong.json()["field"]) == (422, "prise")
        refused = await client.post(f"{path}/approve", json={}, headers=_once("6"))
        assert refused.status_code == 403
    async with client_of(
        database.dsn, authorization=await _key(database, network.operator)
    ) as client:
        body = {"title": "Teapot", "price": "4.2"}
        none = await client.post(f"{path}/approve", json={"price": "0.00"}, headers=_once("1"))
        assert (none.status_code, none.json()["code"]) == (422, "catalog.draft_unusable")
        taken = await client.post(f"{path}/approve", json=body, headers=_once("2"))
        assert taken.json()["sku"] == "zhili-01-T-1"
        again = await client.post(f"{path}/approve", json=body, headers=_once("2"))
        assert again.json() == taken.json()
        goods_ = (await client.get("/v1/catalog/goods/zhili-01-T-1")).json()
        assert (goods_["title"], goods_["title_zh"]) == ("Teapot", "茶壶")
        approved = (await client.get("/v1/new-goods?status=APPROVED")).json()
        assert [one["code"] for one in approved["items"]] == ["T-1"]


async def test_the_api_returns_goods_and_hides_them_from_others(database: Database) -> None:
    network = await make_network(database)
    _, draft = await _told(database)
    _, second = await _told(database, sku="T-2")
    path = f"/v1/new-goods/{show_id('dft', draft.id)}"
    async with client_of(
        database.dsn, authorization=await _key(database, network.operator)
    ) as client:
        first = (await client.get("/v1/new-goods?limit=1")).json()
        rest = (await client.get(f"/v1/new-goods?cursor={first['next_cursor']}")).json()
        codes = [one["code"] for one in (*first["items"], *rest["items"])]
        assert sorted(codes) == ["T-1", "T-2"]
        silent = await client.post(f"{path}/return", json={"note": " "}, headers=_once("1"))
        assert silent.status_code == 422
        returned = await client.post(f"{path}/return", json={"note": "photo?"}, headers=_once("2"))
        assert (returned.json()["state"], returned.json()["note"]) == ("RETURNED", "photo?")
        refused = await client.post(f"{path}/take-back", headers=_once("3"))
        assert refused.status_code == 403
    other = await actor_of(database, "yiwu-02")
    async with client_of(database.dsn, authorization=await _key(database, other)) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.post(f"{path}/take-back", headers=_once("1"))).status_code == 404
        assert (await client.get("/v1/new-goods?status=RETURNED")).json()["items"] == []
    seller = await actor_of(database, "zhili-01")
    async with client_of(database.dsn, authorization=await _key(database, seller)) as client:
        gone = await client.post(f"{path}/take-back", headers=_once("1"))
        assert (gone.status_code, gone.json()["code"]) == (200, "T-1")
        left = (await client.get("/v1/new-goods")).json()["items"]
        assert [one["id"] for one in left] == [show_id("dft", second.id)]
