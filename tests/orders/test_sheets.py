"""Orders from a file: grouped by reference, bad rows named, the same file twice is one set."""

from pathlib import Path

import pytest
import xlsxwriter

from beltline.kit.db import Database
from beltline.orders.rules.sheets import OrderColumnsMissing, columns_of, read_orders
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import make_market
from tests.visitor import visiting

CSV = """订单号,货号,数量,收件人,国家,城市,Payment
A-1,S-1,3,Anna,pl,Warszawa,
A-1,S-2,2,,,,
A-2,S-1,none,Jan,PL,Kraków,
A-3,S-9,1,Ewa,PL,Gdynia,
A-4,S-3,1,Ola,PL,Gdynia,transfer
"""


def test_rows_become_orders_or_problems() -> None:
    lines = [line.split(",") for line in CSV.splitlines()]
    rows = [(n, dict(zip(lines[0], cells, strict=True))) for n, cells in enumerate(lines[1:], 2)]
    orders, problems = read_orders(lines[0], rows)
    assert [(order.rows, order.body.reference) for order in orders] == [
        ((5,), "A-3"),
        ((6,), "A-4"),
    ]
    assert [(p.row, p.reference, p.detail.split(":")[0]) for p in problems] == [
        (3, "A-1", "name, country"), (4, "A-2", "quantity"),
    ]  # fmt: skip
    assert orders[1].body.payment.method == "TRANSFER"
    with pytest.raises(OrderColumnsMissing) as raised:
        columns_of(["SKU", "Qty"])
    assert raised.value.missing == "reference, name, country"


async def test_a_sheet_is_placed_once_by_api(database: Database, tmp_path: Path) -> None:
    market = await make_market(database, await database.now(), buyers=1)
    buyer = await key_of(database, market.buyer)
    path = tmp_path / "orders.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for at, cells in enumerate((
        ("Reference", "SKU", "Quantity", "Name", "Country", "City"),
        ("A-1", "S-1", 3, "Anna", "PL", "Warszawa"),
        ("A-1", "S-2", 2, "Anna", "PL", "Warszawa"),
        ("A-2", "S-9", 1, "Jan", "PL", "Gdynia"),
        ("A-3", "S-1", 1.5, "Jan", "PL", "Gdynia"),
    )):  # fmt: skip
        sheet.write_row(at, 0, cells)
    book.close()
    headers = idempotent(buyer)
    async with api(database) as http:
        answers = [
            await http.post(
                "/v1/orders/sheet", headers=headers,
                files={"file": ("orders.xlsx", path.read_bytes())},
            )
            for _ in range(2)
        ]  # fmt: skip
        wrong = await http.post(
            "/v1/orders/sheet", headers=idempotent(buyer), files={"file": ("a.csv", b"a,b\n1,2\n")}
        )
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    result = answers[0].json()
    assert result["placed"] == 1
    assert [(row["row"], "id" in row) for row in result["rows"]] == [
        (2, True), (3, True), (4, False), (5, False),
    ]  # fmt: skip
    assert "S-9" in result["rows"][2]["problem"]
    assert (wrong.status_code, wrong.json()["code"]) == (422, "orders.columns_missing")


async def test_the_page_shows_every_row(database: Database) -> None:
    market = await make_market(database, await database.now(), buyers=1)
    async with visiting(database, market.buyer) as visitor:
        await visitor.see("/orders/sheet")
        token = (await visitor.see("/settings")).split('name="_csrf" value="')[1].split('"')[0]
        page = await visitor.client.post(
            "/orders/sheet", data={"_csrf": token, "key": "k"},
            files={"file": ("orders.csv", CSV.encode())},
        )  # fmt: skip
        assert page.status_code == 200, page.text[:500]
        assert "1 order was placed" in page.text
        assert "name, country: empty" in page.text
    async with visiting(database, market.operator) as visitor:
        assert (await visitor.get("/orders/sheet")).status_code == 403
