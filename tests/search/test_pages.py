"""The pages and the route of search."""

from bs4 import BeautifulSoup

from beltline.kit.db import Database
from tests.search.make import index_all, make_index
from tests.visitor import visiting


async def test_search_in_both_languages_with_reasons_and_facets(database: Database) -> None:
    network = await make_index(database)
    async with visiting(database, network.buyer) as visitor:
        page = BeautifulSoup(await visitor.see("/find?q=SKU"), "html.parser")
        assert len(page.select("#compare tbody tr")) == 3
        assert page.select_one('a.chip[href*="category=jewellery"]')
        narrowed = await visitor.see("/find?q=SKU&category=jewellery&tier=B")
        assert "SKU-1" not in narrowed
        assert "ships fast" not in narrowed  # nobody said how fast
        assert "in stock" in narrowed
        assert "Did you mean" in await visitor.see("/find?q=pyjmas")
        assert "Nothing answers" in await visitor.see("/find?q=zebra")
        assert "Nothing asked yet" in await visitor.see("/find?price=x&moq=-1&quantity=0")
    async with visiting(database, network.other_buyer, language="zh") as visitor:
        assert "儿童睡衣" in await visitor.see("/find?q=%E7%9D%A1%E8%A1%A3")


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
