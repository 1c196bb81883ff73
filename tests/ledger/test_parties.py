"""Papers name the companies of their parties as they were stated, and never otherwise again."""

import datetime as dt

import msgspec

from beltline.accounts.types.legal import BankAccount
from beltline.fulfillment.actions import documents
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.ledger import actions as ledger
from beltline.ledger.queries import settlements
from beltline.orders import actions as orders
from beltline.orders.queries import papers as parties
from tests.accounts.legal import BUYER, IBAN, OPERATOR, SUPPLIER, state
from tests.fulfillment import journeys
from tests.ledger.test_papers import ask, bill, papers_of, place, text_of
from tests.ledger.test_settlements import book, earning, rate, settle
from tests.orders.http import api, key_of
from tests.orders.make import Market, make_market
from tests.visitor import visiting

HOUR = dt.timedelta(hours=1)

GOLDEN = {
    "en": f"""Invoice
Number INV-2026-000001
Date Fri 20 Nov 2026
Order SO-80001 PO-77
Seller {OPERATOR.name}
{OPERATOR.name_latin}
{OPERATOR.address}
{OPERATOR.address_latin}
China
Unified social credit code: {OPERATOR.tax_id}
Buyer Sklep Łódź sp. z o.o.
ul. Prosta 1, 90-001 Łódź
Poland
VAT number: {BUYER.tax_id}
Registration number: KRS 0000000000
Pay to {OPERATOR.name}
Sample Bank, Warsaw
IBAN: {" ".join(IBAN[n : n + 4] for n in range(0, len(IBAN), 4))}
BIC: ABCDPLPW
No. Goods Quantity Price Amount
1
S-1
Pyjamas
2 pcs 12.5 USD 25.00
Total USD 25.00""",
    "zh": f"""发票
编号 INV-2026-000001
日期 2026年11月20日 周五
订单 SO-80001 PO-77
卖家 {OPERATOR.name}
{OPERATOR.name_latin}
{OPERATOR.address}
{OPERATOR.address_latin}
中国
统一社会信用代码：{OPERATOR.tax_id}
采购方 Sklep Łódź sp. z o.o.
ul. Prosta 1, 90-001 Łódź
波兰
增值税号：{BUYER.tax_id}
注册号：KRS 0000000000
收款账户 {OPERATOR.name}
Sample Bank, Warsaw
IBAN：{" ".join(IBAN[n : n + 4] for n in range(0, len(IBAN), 4))}
BIC：ABCDPLPW
序号 货品 数量 单价 金额
1
S-1
Pyjamas
2 件 12.5 USD 25.00
合计 USD 25.00""",
}


async def stated(database: Database, now: dt.datetime) -> Market:
    """A market whose parties have stated who they are."""
    market = await make_market(database, now)
    for actor, entity in (
        (market.operator, OPERATOR), (market.buyer, BUYER), (market.supplier, SUPPLIER),
    ):  # fmt: skip
        await state(database, actor, entity, now)
    return market


async def change_all(database: Database, market: Market, now: dt.datetime) -> None:
    """Everybody moves, and the operator to another bank."""
    other = BankAccount("Other Bank", "99998888777766665555")
    for actor, entity in (
        (market.operator, OPERATOR), (market.buyer, BUYER), (market.supplier, SUPPLIER),
    ):  # fmt: skip
        await state(
            database, actor, entity, now, name="Moved Ltd.", name_latin="", bank_accounts=[other]
        )


async def test_an_invoice_reads_as_it_was_issued_whatever_changes(
    database: Database, now: dt.datetime
) -> None:
    market = await stated(database, now)
    order_id = await place(database, market, now, ("S-1", 2))
    await ask(database, market, order_id, now)
    [invoice] = await papers_of(database, market, order_id)

    async def printed() -> dict[str, bytes]:
        return {
            locale: (await ledger.print_paper(
                database, market.buyer, paper_id=invoice.id, locale=locale
            )).content
            for locale in GOLDEN
        }  # fmt: skip

    before = await printed()
    for locale, golden in GOLDEN.items():
        text = text_of(before[locale]).replace("\r\n", "\n")
        assert text == golden.replace("SO-80001", invoice.reference)
    await change_all(database, market, now + HOUR)
    assert await printed() == before
    # The next paper names who they are now.
    (await orders.cancel_order(
        database, market.buyer, order_id, key="cancel", now=now + 2 * HOUR
    )).unwrap()  # fmt: skip
    assert await bill(database, market, now + 2 * HOUR) == 1
    _, note = await papers_of(database, market, order_id)
    assert (note.content.seller.legal_name, note.content.seller.bank) == ("Moved Ltd.", None)
    assert note.content.buyer.legal_name == "Moved Ltd."


async def test_who_stated_nothing_is_named_as_an_organization(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 2))
    await ask(database, market, order_id, now)
    [invoice] = await papers_of(database, market, order_id)
    seller = invoice.content.seller
    assert (seller.legal_name, seller.address, seller.tax_id, seller.bank) == ("", "", "", None)
    async with visiting(database, market.operator) as visitor:
        assert "No legal entity is stated" in await visitor.see("/papers")
        await state(database, market.operator, OPERATOR, now)
        assert "No legal entity is stated" not in await visitor.see("/papers")


async def test_a_proforma_is_the_same_whenever_it_is_printed(
    database: Database, now: dt.datetime
) -> None:
    market = await stated(database, now)
    waiting = await place(database, market, now, ("S-1", 2), payment={"method": "TRANSFER"})

    async def printed(at: dt.datetime) -> bytes:
        return (await orders.print_proforma(
            database, market.buyer, order_id=waiting, locale="en", now=at
        )).content  # fmt: skip

    before = await printed(now)
    assert all(word in text_of(before) for word in (OPERATOR.tax_id, BUYER.tax_id, "ABCDPLPW"))
    await change_all(database, market, now + HOUR)
    assert await printed(now + 2 * HOUR) == before


async def test_what_goes_with_goods_names_who_the_invoice_names(
    database: Database, now: dt.datetime
) -> None:
    market = await stated(database, now)
    order_id = await place(database, market, now, ("S-1", 2))
    await journeys.open_all(database, market, now, order_id)
    await journeys.run_to_end(database, market, order_id, now, until="LAST_MILE")

    async def named(document: str) -> list[str]:
        async with database.reading(market.buyer) as db:
            found = await documents.order_document(
                db, order_id=order_id, document=document, now=now + 2 * HOUR
            )
        assert (found.seller.bank is None) == (document == "packing-list")
        return [found.seller.legal_name, found.buyer.legal_name]

    assert await named("commercial-invoice") == [OPERATOR.name, BUYER.name]
    assert await bill(database, market, now) == 1
    await change_all(database, market, now + HOUR)
    for document in ("commercial-invoice", "packing-list"):
        assert await named(document) == [OPERATOR.name, BUYER.name]


async def test_a_stranger_learns_nobody_by_an_order(database: Database, now: dt.datetime) -> None:
    market = await stated(database, now)
    order_id = await place(database, market, now, ("S-1", 2))
    for actor, seen in ((market.buyer, 1), (market.operator, 1), (market.buyers[1], 0),
                        (market.supplier, 0)):  # fmt: skip
        async with database.reading(actor) as db:
            found = await db.value("select orders.parties_at($1, $2)", order_id, now)
            assert (found is not None) == bool(seen)
            if seen:
                known = await parties.parties_of(db, order_id, now=now)
                assert known.buyer.tax_id == BUYER.tax_id


async def test_a_settlement_says_where_its_money_goes(database: Database, now: dt.datetime) -> None:
    market = await stated(database, now)
    await rate(database, market, 50_000, now)
    await book(database, market, now, earning(market, 10_000, currency="CNY"))
    [statement] = await settle(database, market, now + HOUR)
    another = "states something else today"
    async with visiting(database, market.operator) as visitor:
        path = f"/settlements/{show_id('stm', statement.id)}"
        assert another not in await visitor.see(path)
        await change_all(database, market, now + 2 * HOUR)
        assert another in await visitor.see(path)
        await state(database, market.supplier, SUPPLIER, now + 2 * HOUR, bank_accounts=[])
        assert another in await visitor.see(path)
    async with database.reading(market.supplier) as db:
        again = await settlements.get_settlement(db, statement.id)
    assert again == statement
    assert (again.payee.legal_name, again.payee.bank) == (
        SUPPLIER.name, SUPPLIER.bank_accounts[0],
    )  # fmt: skip
    assert (again.payer.legal_name, again.payer.bank) == (OPERATOR.name, None)
    shown = show_id("stm", statement.id)
    for locale, words in (
        ("en", ["Account: 6200 0000 0000 1234 567", "Pay to", SUPPLIER.name_latin]),
        ("zh", ["账号：6200 0000 0000 1234 567", "收款账户", OPERATOR.name, OPERATOR.tax_id]),
    ):
        file = await ledger.write_statement(
            database, market.supplier, settlement_id=statement.id, file_format="pdf", locale=locale
        )
        text = text_of(file.content)
        assert [word for word in words if word not in text] == [], text
    async with visiting(database, market.supplier) as visitor:
        page = await visitor.see(f"/settlements/{shown}")
        assert ("6200 0000 0000 1234 567" in page, another in page) == (True, False)
    async with api(database) as http:
        own, other = await key_of(database, market.supplier), await key_of(database, market.buyer)
        whole = (await http.get(f"/v1/settlements/{shown}", headers=own)).json()
        hidden = await http.get(f"/v1/settlements/{shown}", headers=other)
    assert whole["payee"]["bank"] == msgspec.to_builtins(SUPPLIER.bank_accounts[0])
    assert hidden.status_code == 404


async def test_a_settlement_of_before_names_organizations(
    database: Database, now: dt.datetime
) -> None:
    market = await stated(database, now)
    await rate(database, market, 50_000, now)
    await book(database, market, now, earning(market, 10_000))
    [statement] = await settle(database, market, now + HOUR)
    async with database.system() as db:
        # As one that was made before companies were stated.
        await db.execute("update ledger.settlement set payer = null, payee = null")
        old = await settlements.get_settlement(db, statement.id)
    assert (old.payee.name, old.payee.legal_name, old.payee.bank) == (
        statement.payee.name, "", None,
    )  # fmt: skip
