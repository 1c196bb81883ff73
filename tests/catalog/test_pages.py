"""Goods as pages: prices for buyers, and terms to the operator for the operator alone."""

from beltline.kit.db import Database
from tests.catalog.make import make_network
from tests.visitor import visiting


async def test_products_are_found_in_both_languages(database: Database) -> None:
    network = await make_network(database)
    async with visiting(database, network.buyer) as visitor:
        page = await visitor.see("/products?q=%E7%9D%A1%E8%A1%A3")
        assert "SKU-1" in page
        assert "SKU-2" not in page
        assert "$5.25" in page
        assert "to $4.80" in page
        assert "SKU-2" in await visitor.see("/products?category=jewellery")
        assert "No product matches" in await visitor.see("/products?q=zzz")


async def test_what_the_operator_pays_is_no_buyers_business(database: Database) -> None:
    network = await make_network(database)
    async with visiting(database, network.buyer) as visitor:
        page = await visitor.see("/products/SKU-1")
        assert "$4.80" in page
        assert "19.8" not in page
        assert (await visitor.get("/products/NONE")).status_code == 404
    async with visiting(database, network.operator) as visitor:
        page = await visitor.see("/products/SKU-1")
        assert "¥19.80" in page
        assert "Zhili Kidswear" in page


async def test_a_quantity_is_said_in_the_unit_of_sale(database: Database) -> None:
    network = await make_network(database)
    async with visiting(database, network.buyer) as visitor:
        # 1,000 mm are the minimum of a fabric sold by the meter.
        assert "1\u00a0m<" in await visitor.see("/products/SKU-3")


async def test_a_page_is_in_the_readers_language(database: Database) -> None:
    network = await make_network(database)
    async with visiting(database, network.buyer, language="zh") as visitor:
        page = await visitor.see("/products")
        assert 'lang="zh-CN"' in page
        assert "找货" in page
        assert "儿童睡衣" in page
