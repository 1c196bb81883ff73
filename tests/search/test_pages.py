"""The pages and the route of search."""

import base64
import re

from bs4 import BeautifulSoup

from beltline.kit.db import Database
from tests.catalog.make import NOW
from tests.orders.http import api, idempotent, key_of
from tests.search.make import (
    compare_all,
    index_all,
    make_alike,
    make_index,
    picture,
    read_all,
    show_picture,
)
from tests.visitor import visiting


async def test_search_in_both_languages_with_reasons_and_facets(database: Database) -> None:
    network = await make_index(database)
    async with visiting(database, network.buyer) as visitor:
        page = BeautifulSoup(await visitor.see("/find?q=SKU"), "html.parser")
        assert len(page.select("#compare tbody tr")) == 3
        assert page.select_one('a.chip[href*="category=jewellery"]')
        makers = {chip.text.rsplit(" ", 1)[0] for chip in page.select('a.chip[href*="supplier="]')}
        assert "Zhili Kidswear" in makers
        narrowed = await visitor.see("/find?q=SKU&category=jewellery&tier=B")
        assert "SKU-1" not in narrowed
        assert "ships fast" not in narrowed  # nobody said how fast
        assert "in stock" not in narrowed  # its offer says so, and nothing is there
        await _stock(database, "SKU-2")
        assert "in stock" in await visitor.see("/find?q=SKU&category=jewellery&tier=B")
        assert "Did you mean" in await visitor.see("/find?q=pyjmas")
        assert "Nothing answers" in await visitor.see("/find?q=zebra")
        assert "Nothing asked yet" in await visitor.see("/find?price=x&moq=-1&quantity=0")
    async with visiting(database, network.other_buyer, language="zh") as visitor:
        assert "儿童睡衣" in await visitor.see("/find?q=%E7%9D%A1%E8%A1%A3")


async def _stock(database: Database, sku: str) -> None:
    async with database.system() as db:
        await db.execute(
            """insert into inventory.stock (sku_id, node_id, owner_org_id, kind, on_hand,
                 counted_at, operator_org_id)
               select k.id, n.id, k.supplier_org_id, 'COUNTED', 10000, $2, k.supplier_org_id
                 from catalog.sku k, trade.node n where k.code = $1 and n.code = 'CON-YIW'""",
            sku, NOW,
        )  # fmt: skip


async def test_goods_are_compared_side_by_side(database: Database) -> None:
    network = await make_index(database)
    async with visiting(database, network.buyer) as visitor:
        page = BeautifulSoup(await visitor.see("/find/compare?sku=SKU-1&sku=SKU-2"), "html.parser")
        assert [row.a.text for row in page.select("tbody tr")] == ["Kids pyjamas", "Ear studs"]
        assert "Nothing to compare" in await visitor.see("/find/compare")
        assert (await visitor.get("/find/compare?sku=NONE")).status_code == 404


async def test_who_else_makes_it(database: Database) -> None:
    network = await make_index(database)
    async with visiting(database, network.buyer) as visitor:
        assert "Nobody else" in await visitor.see("/find/panels/alike/SKU-1")
        await _rename_goods(database)
        panel = await visitor.see("/find/panels/alike/SKU-1")
        assert "SKU-2" in panel
        assert "Yiwu Trade" in panel


async def _rename_goods(database: Database) -> None:
    async with database.system() as db:
        await db.execute(
            """update catalog.sku set title = 'Kids pyjamas', title_zh = '儿童睡衣',
                      updated_at = updated_at + interval '1 hour'
                where code = 'SKU-2'"""
        )
    await index_all(database)


async def test_the_route_pages_through_answers(database: Database) -> None:
    network = await make_index(database)
    async with visiting(database, network.buyer) as visitor:
        first = (await visitor.get("/v1/search?q=SKU&limit=2")).json()
        assert (len(first["items"]), first["goods"]) == (2, 3)
        rest = (await visitor.get(f"/v1/search?q=SKU&cursor={first['next_cursor']}")).json()
        codes = [goods["sku"] for goods in (*first["items"], *rest["items"])]
        assert sorted(codes) == ["SKU-1", "SKU-2", "SKU-3"]
        assert rest["next_cursor"] is None
        item = first["items"][0]
        assert abs(item["score"] - sum(reason["adds"] for reason in item["reasons"])) < 1e-3
        assert (await visitor.get("/v1/search?q=--")).status_code == 422
        assert (await visitor.get("/v1/search?q=x&tier=Z")).status_code in (400, 422)


async def test_people_decide_pairs_in_a_queue(database: Database) -> None:
    network = await make_alike(database)
    await compare_all(database)
    async with visiting(database, network.operator) as visitor:
        page = BeautifulSoup(await visitor.see("/same-items"), "html.parser")
        forms = page.select("form[hx-post]")
        assert {"a", "b", "r"} <= {
            button["data-key"] for button in forms[0].select("button[data-key]")
        }
        path = str(forms[0]["hx-post"])
        answer = await visitor.send(path, {"verdict": "SAME"}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.text) == (200, "")
        assert (await visitor.send(path, {"verdict": "MAYBE"})).status_code == 404
        decided = await visitor.see("/same-items?tab=decided")
        assert "confirmed" in decided
        answer = await visitor.send(path, {"verdict": "UNLIKE", "tab": "decided"})
        assert answer.headers["location"] == "/same-items?tab=decided"
        assert "different goods" in await visitor.see("/same-items?tab=decided")
        assert (await visitor.send("/same-items")).headers["location"] == "/jobs"
    async with visiting(database, network.buyer, language="zh") as visitor:
        assert (await visitor.get("/same-items")).status_code == 403
        panels = [
            await visitor.see(f"/find/panels/alike/{own}-S?quantity=9") for own in ("A-1", "A-2")
        ]
        # One of the two was split above.
        assert sorted(panel.count("同款商品") for panel in panels) == [0, 1]


async def test_who_else_makes_it_by_the_api(database: Database) -> None:
    network = await make_alike(database)
    await compare_all(database)
    async with visiting(database, network.operator) as visitor:
        pairs = (await visitor.get("/v1/search/pairs?limit=1")).json()
        assert pairs["next_cursor"]
        rest = (await visitor.get(f"/v1/search/pairs?cursor={pairs['next_cursor']}")).json()
        assert pairs["items"][0]["id"] not in [pair["id"] for pair in rest["items"]]
        found = (await visitor.get("/v1/search/alike/A-1-S?quantity=100")).json()
        (maker,) = found["items"]
        assert (found["product"], maker["product"], maker["currency"]) == ("A-1", "B-1", "CNY")
        assert found["group_id"].startswith("grp_")
    async with visiting(database, network.buyer) as visitor:
        assert (await visitor.get("/v1/search/pairs")).status_code == 403
        (maker,) = (await visitor.get("/v1/search/alike/A-1-S?quantity=100")).json()["items"]
        assert (maker["currency"], maker["unit_price"]) == ("USD", "3")
        assert (await visitor.get("/v1/search/alike/NONE")).status_code == 404


async def test_a_program_decides_a_pair_once(database: Database) -> None:
    network = await make_alike(database)
    await compare_all(database)
    headers = idempotent(await key_of(database, network.operator))
    async with api(database) as http:
        pair = (await http.get("/v1/search/pairs", headers=headers)).json()["items"][0]
        path = f"/v1/search/pairs/{pair['id']}/decision"
        first = await http.post(path, headers=headers, json={"verdict": "SUBSTITUTE"})
        again = await http.post(path, headers=headers, json={"verdict": "SUBSTITUTE"})
    assert first.json()["state"] == "SPLIT"
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


async def test_suggestions_while_typing(database: Database) -> None:
    network = await make_alike(database)
    await index_all(database)
    async with visiting(database, network.buyer) as visitor:
        page = await visitor.see("/find")
        assert 'hx-get="/find/suggest"' in page
        for typed, category, title in (
            ("bott", "drinkware", "Vacuum steel bottle 750 ml wide mouth black"),
            ("Glass teapots", "drinkware", "Glass teapot with bamboo lid and infuser"),
            ("玻璃", "drinkware", "Glass teapot with bamboo lid and infuser"),
            ("kitch", "kitchen", "Cutting board of acacia wood"),
        ):
            links = BeautifulSoup(await visitor.see(f"/find/suggest?q={typed}"), "html.parser")
            found = {link["href"]: link.get_text(" ", strip=True) for link in links.select("a")}
            assert f"/find?q={category}&category={category}" in found, typed
            assert any(title in text for text in found.values()), typed
        assert "/belts/" in await visitor.see("/find/suggest?q=Zhili")
        for nothing in ("b", "", "zzzz", "') | 'x"):
            assert "<a" not in await visitor.see(f"/find/suggest?q={nothing}")
        items = (await visitor.get("/v1/search/suggestions?q=steel bo")).json()["items"]
        assert [item["kind"] for item in items] == ["CATEGORY", "TITLE", "TITLE"]


async def test_a_photo_dropped_on_the_page_finds_goods(database: Database) -> None:
    network = await make_alike(database)
    await show_picture(database, network, "A-1", picture("red", "disc"))
    await index_all(database)
    await read_all(database, network)
    photo = picture("red", "disc", side=400, kind="JPEG")
    async with visiting(database, network.buyer) as visitor:
        token = re.search(r'name="_csrf" value="([^"]+)"', await visitor.see("/find"))
        assert token
        answer = await visitor.client.post(
            "/find/photo", data={"_csrf": token[1]}, files={"photo": ("a.jpg", photo)}
        )
        assert answer.status_code == 303
        page = await visitor.see(answer.headers["location"])
        assert "A-1-S" in page
        assert "by picture" in page
        assert "Nothing looks like it" in await visitor.see(
            f"{answer.headers['location']}&category=kitchen"
        )
        assert (await visitor.send("/find/photo")).status_code == 422
        shown = answer.headers["location"].partition("photo=")[2]
        both = await visitor.get(f"/v1/search?q=cup&photo={shown}")
        assert both.json()["code"] == "search.two_questions"
    headers = idempotent(await key_of(database, network.buyer))
    async with api(database) as http:
        body = {"content": base64.b64encode(photo).decode()}
        sent = await http.post("/v1/search/photos", headers=headers, json=body)
        assert sent.status_code == 201
        found = await http.get(f"/v1/search?photo={sent.json()['id']}", headers=headers)
    assert [goods["sku"] for goods in found.json()["items"]] == ["A-1-S"]
