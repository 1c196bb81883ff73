"""The companies on the paper of a purchase: as they were stated when it went out."""

import datetime as dt

import pytest

from beltline.fulfillment.actions import documents as actions
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import PurchaseOrder
from tests.accounts.legal import OPERATOR, SUPPLIER, state
from tests.fulfillment.test_documents import text_of
from tests.procurement.browser import guest, member
from tests.procurement.make import NOW, Trade, make_order, make_trade

HOUR = dt.timedelta(hours=1)
_COMPANIES = """{buyer} {o.name}
{o.name_latin}
{o.address}
{o.address_latin}
{country}
{code}{o.tax_id}
{supplier} {s.name}
{s.name_latin}
{s.address}
{s.address_latin}
{country}
{code}{s.tax_id}
"""
GOLDEN = {
    "en": _COMPANIES.format(
        o=OPERATOR, s=SUPPLIER, buyer="Buyer", supplier="Supplier", country="China",
        code="Unified social credit code: ",
    ) + f"""Deliver to Yiwu hub
Arrive by Fri 4 Dec 2026
Pay to {SUPPLIER.name}
样本银行湖州分行
Account: 6200 0000 0000 1234 567
""",
    "zh": _COMPANIES.format(
        o=OPERATOR, s=SUPPLIER, buyer="采购方", supplier="供应商", country="中国",
        code="统一社会信用代码：",
    ) + f"""送货至 Yiwu hub
到货日期 2026年12月4日 周五
收款账户 {SUPPLIER.name}
样本银行湖州分行
账号：6200 0000 0000 1234 567
""",
}  # fmt: skip


async def printed(database: Database, trade: Trade, order: PurchaseOrder, locale: str) -> bytes:
    async with database.reading(trade.supplier) as db:
        found = await actions.purchase_paper(db, trade.supplier, purchase_id=order.id, now=NOW)
    return (await actions.print_purchase(found, locale=locale, at=NOW)).content


async def stated(database: Database) -> tuple[Trade, PurchaseOrder]:
    """An order whose parties had stated who they are when it went out."""
    trade = await make_trade(database)
    for actor, entity in ((trade.operator, OPERATOR), (trade.supplier, SUPPLIER)):
        await state(database, actor, entity, NOW - HOUR)
    return trade, await make_order(database, trade)


@pytest.mark.parametrize("locale", GOLDEN)
async def test_an_order_names_who_they_were_when_it_went_out(
    database: Database, locale: str
) -> None:
    trade, order = await stated(database)
    before = await printed(database, trade, order, locale)
    assert GOLDEN[locale] in text_of(before).replace("\r\n", "\n")
    for actor, entity in ((trade.operator, OPERATOR), (trade.supplier, SUPPLIER)):
        await state(
            database, actor, entity, NOW + HOUR, name="Moved Ltd.", name_latin="", bank_accounts=[]
        )
    assert await printed(database, trade, order, locale) == before


async def test_both_parties_see_them_on_the_page_and_behind_the_link(database: Database) -> None:
    trade, order = await stated(database)
    shown, now = show_id("po", order.id), await database.now()
    async with database.writing(trade.operator) as db:
        link = await purchases.send_link(db, trade.operator, order_id=order.id, now=now)
    async with guest(database) as http:
        page = await http.get(link.path)
        file = await http.get(f"{link.path}/paper?lang=en")
    assert f"{link.path}/paper?lang=zh" in page.text
    assert OPERATOR.tax_id in page.text
    assert OPERATOR.name in text_of(file.content)
    for actor, path in ((trade.operator, "purchases"), (trade.supplier, "supplier/orders")):
        async with member(database, actor) as http:
            page = await http.get(f"/{path}/{shown}")
        assert all(x.tax_id in page.text for x in (OPERATOR, SUPPLIER))
        assert "6200 0000 0000 1234 567" in page.text


async def test_a_factory_that_stated_nothing_is_told_and_named_by_its_name(
    database: Database,
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    async with member(database, trade.supplier) as http:
        queue = await http.get("/supplier")
        page = await http.get(f"/supplier/orders/{show_id('po', order.id)}")
    assert "No legal entity is stated" in queue.text
    assert order.supplier_name in page.text
    assert "Pay to" not in page.text
    # Told afterwards, it does not stand on what went out.
    await state(database, trade.supplier, SUPPLIER, NOW + HOUR)
    assert SUPPLIER.tax_id not in text_of(await printed(database, trade, order, "en"))
