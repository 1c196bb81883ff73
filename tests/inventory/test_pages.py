"""Stock as pages: what an organization may see of it, narrowed and paged."""

import re

from beltline.kit.db import Database
from beltline.kit.web.view import PAGE_ROWS
from tests.catalog.make import NOW, make_network
from tests.planning.make import set_stock
from tests.visitor import visiting


async def test_the_operator_sees_rows_and_a_buyer_only_what_can_be_had(
    database: Database,
) -> None:
    network = await make_network(database)
    await set_stock(database, network.operator, {("SKU-1", "OVS-WAW"): 40})
    async with visiting(database, network.operator) as visitor:
        page = await visitor.see("/inventory")
        assert "40\u00a0pcs" in page
        assert "Reserved" in page
    async with visiting(database, network.buyer) as visitor:
        page = await visitor.see("/inventory")
        assert "40\u00a0pcs" in page
        assert "Reserved" not in page
        assert "Movements" not in await visitor.see("/inventory/SKU-1")


async def test_a_supplier_sees_only_its_own_stock(database: Database) -> None:
    network = await make_network(database)
    await set_stock(database, network.operator, {("SKU-1", "OVS-WAW"): 40})
    async with database.system() as db:
        supplier = await db.value("select org_id from suppliers.supplier where code = 'zhili-01'")
    from beltline.kit.actor import Actor

    async with visiting(database, Actor(supplier, "SUPPLIER", "s", "SYSTEM")) as visitor:
        assert "40\u00a0pcs" not in await visitor.see("/inventory")


async def test_a_list_is_narrowed_and_every_row_is_reached_once(database: Database) -> None:
    network = await make_network(database)
    codes = [f"T-{n:03}" for n in range(PAGE_ROWS + 7)]
    async with database.system() as db:
        await db.execute_many(
            """insert into catalog.sku (id, code, product_id, supplier_org_id, title, title_zh,
                                        uom, created_at, updated_at)
               select gen_random_uuid(), $1, product_id, supplier_org_id, $2, '睡衣', 'PIECE',
                      $3, $3 from catalog.sku where code = 'SKU-1'""",
            [(code, f"Thing {code}", NOW) for code in codes],
        )
    await set_stock(database, network.operator, {(code, "CON-YIW"): 5 for code in codes})
    async with visiting(database, network.operator) as visitor:
        first = await visitor.see("/inventory?q=thing")
        link = re.search(r'href="(/inventory\?[^"]*after=[^"]+)"', first)
        assert link
        second = await visitor.see(link[1].replace("&amp;", "&"))
        shown = [re.findall(r'href="/inventory/(T-\d+)"', page) for page in (first, second)]
        assert [len(page) for page in shown] == [PAGE_ROWS, 7]
        assert sorted(shown[0] + shown[1]) == codes
        assert "No stock matches" in await visitor.see("/inventory?q=thing&node=OVS-WAW")
        assert "T-001" in await visitor.see("/inventory?q=%E7%9D%A1%E8%A1%A3")


async def test_a_shortage_and_its_movements_are_told(database: Database) -> None:
    network = await make_network(database)
    await set_stock(database, network.operator, {("SKU-1", "OVS-WAW"): 40})
    async with database.system() as db:
        await db.execute("update inventory.stock set reserved = 45 where on_hand = 40")
    async with visiting(database, network.operator) as visitor:
        assert "5\u00a0pcs short" in await visitor.see("/inventory?short=1")
        page = await visitor.see("/inventory/SKU-1")
        assert "Opening" in page
        assert "+40\u00a0pcs" in page
        assert (await visitor.get("/inventory/NONE")).status_code == 404


async def test_cells_say_what_can_be_had_in_any_list(database: Database) -> None:
    network = await make_network(database)
    await set_stock(database, network.operator, {("SKU-1", "OVS-WAW"): 40})
    async with database.system() as db:
        ids = await db.values("select id from catalog.sku order by code")
    async with visiting(database, network.buyer) as visitor:
        query = "&".join(f"sku={sku.hex}" for sku in ids)
        cells = await visitor.see(f"/inventory/cells?{query}")
    assert f'id="stock-{ids[0].hex}" hx-swap-oob="true">40\u00a0pcs' in cells
    assert cells.count("none") == 2
