"""Statements of a bank: read exactly or not at all, booked once, whose money it is said later."""

import pytest

from beltline.kit.db import Database
from beltline.ledger.actions import read_bank_file
from beltline.ledger.types import BankEntry, BankFileUnreadable
from beltline.tower.queries.proofs import prove_all
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import make_market, order_body
from tests.procurement.browser import member, send

HEAD = "id,amount,currency,reference\n"


def camt(*entries: tuple[str, str, str, str, str]) -> bytes:
    """A camt.053 of (name, amount, currency, CRDT or DBIT, text) entries."""
    rows = "".join(
        f"""<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>
            <Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>{name}</AcctSvcrRef>
            <NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""
        for name, amount, currency, side, text in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt><Stmt>{rows}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def test_camt_and_csv_say_the_same() -> None:
    wanted = [BankEntry("B-1", 2_500, "USD", "PI-80001"), BankEntry("B-3", 700, "JPY", "rent")]
    xml = camt(
        ("B-1", "25.00", "USD", "CRDT", "PI-80001"), ("B-2", "9.99", "USD", "DBIT", "fees"),
        ("B-3", "700", "JPY", "CRDT", "rent"),
    )  # fmt: skip
    text = f"{HEAD}B-1,25.00,USD,PI-80001\nB-2,-9.99,USD,fees\nB-3,700,JPY,rent\n"
    assert read_bank_file(xml) == wanted
    assert read_bank_file(b"\xef\xbb\xbf" + text.encode()) == wanted
    pending = camt(("B-1", "1", "USD", "CRDT", "x")).replace(b"BOOK", b"PDNG")
    assert read_bank_file(pending) == []


@pytest.mark.parametrize(
    "content",
    [
        b"<Document/>", b"<", camt()[:-9], b"id,amount\n1,2\n", b"\xff\xfe\x00",
        camt(("B", "1.005", "USD", "CRDT", "x")), camt(("B", "x", "USD", "CRDT", "x")),
        camt(("", "1", "USD", "CRDT", "x")), camt(("B", "1", "usd", "CRDT", "x")),
        f"{HEAD}B,1e20,USD,x\n".encode(), f"{HEAD}B,NaN,USD,x\n".encode(), f"{HEAD}B\n".encode(),
        camt().replace(b"<Document", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Document"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused_whole(content: bytes) -> None:
    with pytest.raises(BankFileUnreadable):
        read_bank_file(content)


async def test_a_statement_pays_its_orders_once(database: Database) -> None:
    market = await make_market(database, await database.now(), buyers=1, balance=0)
    buyer, operator = [await key_of(database, one) for one in (market.buyer, market.operator)]
    async with api(database) as http:
        body = order_body(("S-1", 2), payment={"method": "TRANSFER"})
        order = (await http.post("/v1/orders", headers=idempotent(buyer), json=body)).json()
        entries = [
            ("B-1", "25.00", "USD", "CRDT", f"invoice {order['number']}"),
            ("B-2", "3.10", "USD", "CRDT", "no idea"),
        ]
        results = []
        for more in ([], [("B-3", "1.00", "USD", "CRDT", order["proforma"]["number"])]):
            file = {"file": ("s.xml", camt(*entries, *more), "application/xml")}
            answer = await http.post(
                "/v1/ledger/bank-files", headers=idempotent(operator), files=file,
                data={"bank": "CN-1"},
            )  # fmt: skip
            results.append(answer.json())
        refused = await http.post(
            "/v1/ledger/bank-files", headers=idempotent(buyer), data={"bank": "CN-1"}, files=file
        )
        paid = await http.get(f"/v1/orders/{order['id']}", headers=buyer)
    counts = [(r["paid"], r["credited"], r["unmatched"], r["known"]) for r in results]
    assert counts == [(1, 0, 1, 0), (1, 1, 1, 2)]
    assert (refused.status_code, paid.json()["status"]) == (403, "ALLOCATED")
    health = await prove_all(database, await database.now())
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []


async def test_the_page_books_a_file_and_says_whose_the_rest_is(database: Database) -> None:
    market = await make_market(database, await database.now(), buyers=1, balance=0)
    async with member(database, market.operator, role="FINANCE", locale="zh") as http:
        page = await http.get("/money/bank-file")
        kept = {"_csrf": page.text.split('name="_csrf" value="')[1].split('"')[0], "bank": "CN-1"}
        bad = await http.post("/money/bank-file", data=kept, files={"file": ("s.csv", b"x")})
        text = f"{HEAD}B-1,9.99,USD,no idea\n".encode()
        done = await http.post("/money/bank-file", data=kept, files={"file": ("s.csv", text)})
        money = await http.get("/money")
        async with database.system() as db:
            payment = await db.value("select id from ledger.incoming")
        path = f"/money/payments/pay_{payment.hex}/assign"
        assert path in money.text
        wrong = await send(http, path, seen=money, org="nobody")
        given = await send(http, path, seen=money, org="buyer-1")
        after = await http.get("/money")
    assert (bad.status_code, done.status_code) == (422, 200)
    assert "1 笔待认领" in done.text
    assert (wrong.status_code, given.status_code) == (404, 303)
    assert path not in after.text
    async with database.system() as db:
        assert await db.value("select state from ledger.incoming") == "CREDITED"
