"""Invoices, credit notes and statements: numbered without a gap, exact, never changed."""

import asyncio
import contextlib
import datetime as dt
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pypdfium2
import pytest

from beltline.accounts.types.legal import PaperParty
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id, read_id, show_id
from beltline.ledger import actions as ledger
from beltline.ledger.adapters import papers as drawing
from beltline.ledger.queries import list_statements
from beltline.ledger.queries import papers as queries
from beltline.ledger.types import (
    MonthOpen,
    PaperContent,
    PaperCredit,
    PaperDetail,
    PaperLine,
    PaperSums,
    Settlement,
    SettlementItem,
    StatedEntry,
)
from beltline.orders import actions as orders
from beltline.orders.types import (
    AmendBody,
    AmendedLine,
    ClaimAnswer,
    ClaimBody,
    ClaimedLine,
    NothingToInvoice,
    OrderBody,
)
from beltline.tower.queries.proofs import prove_all
from tests.fulfillment import journeys
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, fresh_key, make_market, order_body
from tests.visitor import visiting

NOVEMBER = dt.date(2026, 11, 1)
# Half past midnight where the network works: still November in UTC.
DECEMBER = dt.datetime(2026, 11, 30, 16, 30, tzinfo=dt.UTC)


async def assert_sound(database: Database, now: dt.datetime) -> None:
    health = await prove_all(database, now)
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []


async def place(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> UUID:
    body = msgspec.convert(order_body(*lines, **changes), OrderBody)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    return read_id("ord", answer.unwrap().response["id"])


async def bill(database: Database, market: Market, now: dt.datetime) -> int:
    async with database.system() as db:
        return await orders.bill_orders(db, market.operator, limit=10, now=now)


async def ask(database: Database, market: Market, order_id: UUID, now: dt.datetime) -> None:
    async with database.writing(market.buyer) as db:
        await orders.ask_invoice(db, market.buyer, order_id=order_id, now=now)


async def papers_of(database: Database, market: Market, order_id: UUID) -> list[PaperDetail]:
    """The papers of an order, oldest first."""
    async with database.reading(market.buyer) as db:
        rows = await queries.list_papers(db, reference_id=order_id)
        found = [await queries.get_paper(db, row.id) for row in rows]
    return sorted(found, key=lambda paper: (paper.issued_at, paper.kind))


def said(paper: PaperDetail) -> tuple[str, int, list[tuple[str, int, int]]]:
    return (
        paper.kind, paper.total,
        [(line.sku, line.quantity, line.amount) for line in paper.content.lines],
    )  # fmt: skip


async def test_an_order_is_invoiced_when_it_leaves_and_refunds_get_credit_notes(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, price="3.333333")
    order_id = await place(database, market, now, ("S-1", 3), ("S-2", 2))
    assert await bill(database, market, now) == 0
    await journeys.open_all(database, market, now, order_id)
    await journeys.run_to_end(database, market, order_id, now, until="LAST_MILE")
    assert [await bill(database, market, now) for _ in range(2)] == [1, 0]
    async with database.system() as db:
        claim = await orders.open_claim(
            db, market.buyer, order_id=order_id, now=now,
            body=ClaimBody(
                "DEFECTIVE", lines=[ClaimedLine(1, units=1), ClaimedLine(2, amount=101)]
            ),
        )  # fmt: skip
        await orders.answer_claim(
            db, market.operator, claim_id=claim.id, answer=ClaimAnswer(434), now=now
        )
    assert await bill(database, market, now + dt.timedelta(hours=1)) == 1
    invoice, note = await papers_of(database, market, order_id)
    assert said(invoice) == ("INVOICE", 1_667, [("S-1", 3, 1_000), ("S-2", 2, 667)])
    assert said(note) == ("CREDIT_NOTE", 434, [("S-1", 1, 333), ("S-2", 0, 101)])
    assert note.content.corrects == [invoice.number]
    assert invoice.content.lines[0].unit_price == "3.333333"
    await assert_sound(database, now)


async def test_an_order_in_use_is_billed_the_next_time(
    database: Database, now: dt.datetime
) -> None:
    """Who changes an order holds it before noting it: waiting for it would be a deadlock."""
    market = await make_market(database, now)
    held, free = [await place(database, market, now, ("S-1", 2)) for _ in range(2)]
    for order_id in (held, free):
        await ask(database, market, order_id, now)
        body = AmendBody([AmendedLine(1, 1)])
        answer = await orders.amend_order(
            database, market.buyer, order_id, body, key=fresh_key(), now=now
        )
        answer.unwrap()
    async with database.system() as other:
        await other.execute('select from orders."order" where id = $1 for no key update', held)
        async with asyncio.timeout(60):
            assert [await bill(database, market, now) for _ in range(2)] == [1, 0]
        # What it changes now is noted without waiting for the biller, too.
        await other.execute("select orders.note_to_bill($1, $2)", held, now)
    assert [await bill(database, market, now) for _ in range(2)] == [1, 0]
    for order_id in (held, free):
        kinds = [paper.kind for paper in await papers_of(database, market, order_id)]
        assert sorted(kinds) == ["CREDIT_NOTE", "INVOICE"]


async def test_what_was_asked_for_early_follows_the_order(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, price="5")
    async with database.system() as db:
        offer = await db.value(
            """select o.id from catalog.offer o join catalog.sku s on s.id = o.sku_id
                where s.code = 'S-1' and o.audience = 'BUYERS'"""
        )
        await db.execute(
            "insert into catalog.offer_break (offer_id, quantity_from, unit_price) "
            "values ($1, 10, 4)", offer,
        )  # fmt: skip
    unpaid = await place(database, market, now, ("S-1", 1), payment={"method": "TRANSFER"})
    with pytest.raises(NothingToInvoice):
        await ask(database, market, unpaid, now)
    order_id = await place(database, market, now, ("S-1", 2), ("S-2", 1))
    for _ in range(2):
        await ask(database, market, order_id, now)
    later = now + dt.timedelta(hours=1)
    body = AmendBody([AmendedLine(1, 10), AmendedLine(2, 3)])
    answer = await orders.amend_order(
        database, market.buyer, order_id, body, key=fresh_key(), now=later
    )
    answer.unwrap()
    assert await bill(database, market, later) == 1
    last = later + dt.timedelta(hours=1)
    (await orders.cancel_order(
        database, market.buyer, order_id, key=fresh_key(), now=last
    )).unwrap()  # fmt: skip
    assert await bill(database, market, last) == 1
    assert [said(paper) for paper in await papers_of(database, market, order_id)] == [
        ("INVOICE", 1_500, [("S-1", 2, 1_000), ("S-2", 1, 500)]),
        ("CREDIT_NOTE", 1_000, [("S-1", 2, 1_000)]),
        ("INVOICE", 5_000, [("S-1", 10, 4_000), ("S-2", 2, 1_000)]),
        ("CREDIT_NOTE", 5_500, [("S-1", 10, 4_000), ("S-2", 3, 1_500)]),
    ]
    await assert_sound(database, last)


async def test_numbers_have_no_gap_whoever_is_at_it(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, buyers=1, balance=1_000_000, on_hand=1_000)
    placed = [await place(database, market, now, ("S-1", 1)) for _ in range(8)]

    async def fail(order_id: UUID) -> None:
        with contextlib.suppress(ZeroDivisionError):
            async with database.writing(market.buyer) as db:
                await orders.ask_invoice(db, market.buyer, order_id=order_id, now=now)
                raise ZeroDivisionError

    await asyncio.gather(
        *(ask(database, market, order_id, now) for order_id in placed[:6]),
        *(fail(order_id) for order_id in placed[6:]),
    )
    async with database.reading(market.buyer) as db:
        numbers = sorted(paper.number for paper in await queries.list_papers(db))
    assert numbers == [f"INV-{now.year}-{serial:06}" for serial in range(1, 7)]
    await assert_sound(database, now)


async def test_a_paper_is_never_changed(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    await ask(database, market, await place(database, market, now, ("S-1", 1)), now)
    async with database.system() as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("update ledger.paper set total = 1")
    async with database.system() as db:
        await db.execute(
            "update ledger.paper_series set latest = latest + 1 where kind = 'INVOICE'"
        )
        proof = await queries.prove_papers(db)
    assert (proof.holds, proof.faults[0]["why"]) == (False, "numbers")


async def test_accounts_are_stated_month_by_month(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, buyers=1, balance=20_000)
    async with database.system() as db:
        await ledger.set_credit_line(
            db, market.operator, for_org_id=market.buyer.org_id, currency="USD", limit=10_000,
            due_day=8, late_fee_ppm=0, now=now,
        )  # fmt: skip
    await place(database, market, now, ("S-1", 4), payment={"method": "CREDIT"})
    await place(database, market, now, ("S-1", 2))
    async with database.writing(market.buyer) as db:
        await ledger.repay_credit(db, market.buyer, currency="USD", amount=1_000, now=now)

    async def state(month: dt.date, at: dt.datetime) -> int:
        async with database.system() as db:
            await ledger.close_month(db, market.operator, month=month, now=at)
            return await ledger.issue_statements(db, market.operator, month=month, limit=10, now=at)

    with pytest.raises(MonthOpen):
        await state(NOVEMBER, DECEMBER - dt.timedelta(minutes=25))
    assert [await state(NOVEMBER, DECEMBER) for _ in range(2)] == [2, 0]
    await place(database, market, DECEMBER, ("S-1", 1))
    january = DECEMBER + dt.timedelta(days=31)
    assert await state(dt.date(2026, 12, 1), january) == 1
    async with database.reading(market.buyer) as db:
        found = [await queries.get_paper(db, row.id) for row in await queries.list_papers(db)]
        shown = {
            paper.kind: [(e.kind, e.amount) for e in await queries.list_stated(db, paper.id)]
            for paper in found if paper.month == NOVEMBER
        }  # fmt: skip
        [balance] = [p for p in found if p.month == NOVEMBER and p.kind == "ACCOUNT_STATEMENT"]
        days = await queries.list_days(db, balance.id)
    assert {(p.kind, p.reference): p.content.sums for p in found} == {
        ("ACCOUNT_STATEMENT", "2026-11"): PaperSums(0, 20_000, -3_500, 16_500, 3),
        ("CREDIT_STATEMENT", "2026-11"): PaperSums(0, 5_000, -1_000, 4_000, 2),
        ("ACCOUNT_STATEMENT", "2026-12"): PaperSums(16_500, 0, -1_250, 15_250, 1),
    }
    async with database.reading(market.buyer) as db:
        [stated] = await list_statements(db)
    assert stated.paper_id in {show_id("ppr", p.id) for p in found if p.kind == "CREDIT_STATEMENT"}
    async with visiting(database, market.buyer) as visitor:
        assert f"/papers/{stated.paper_id}/pdf" in await visitor.see("/money")
    [credit] = [(p.content.credit, p.due_on) for p in found if p.kind == "CREDIT_STATEMENT"]
    assert credit == (PaperCredit(5_000, 1_000, 4_000), dt.date(2026, 12, 8))
    assert sorted(shown["CREDIT_STATEMENT"]) == [
        ("CREDIT_REPAYMENT", -1_000), ("ORDER_HOLD", 5_000)
    ]  # fmt: skip
    assert sum(amount for _, amount in shown["ACCOUNT_STATEMENT"]) == 16_500
    assert (sum(d.amount for d in days), sum(d.entries for d in days)) == (16_500, 3)
    await assert_sound(database, january)


async def test_papers_by_page_and_api_for_their_parties_only(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = show_id("ord", await place(database, market, now, ("S-1", 2)))
    own, other = await key_of(database, market.buyer), await key_of(database, market.buyers[1])
    async with api(database) as http:
        stolen = await http.post(f"/v1/orders/{order_id}/invoice", headers=idempotent(other))
        asked = await http.post(f"/v1/orders/{order_id}/invoice", headers=idempotent(own))
        [row] = asked.json()["items"]
        path = f"/v1/ledger/papers/{row['id']}"
        listed = await http.get("/v1/ledger/papers?kind=INVOICE", headers=own)
        whole = (await http.get(path, headers=own)).json()
        pdf = await http.get(f"{path}/pdf?lang=zh", headers=own)
        entries = await http.get(f"{path}/entries", headers=own)
        foreign = [
            (await http.get(path + tail, headers=other)).status_code
            for tail in ("", "/pdf", "/entries")
        ]
        hidden = await http.get("/v1/ledger/papers", headers=other)
    assert (stolen.status_code, asked.status_code, foreign) == (404, 200, [404] * 3)
    assert hidden.json() == {"items": [], "next_cursor": None}
    assert [item["number"] for item in listed.json()["items"]] == [row["number"]]
    assert (whole["order_id"], whole["total"], whole["lines"][0]["amount"]) == (
        order_id, 2_500, 2_500,
    )  # fmt: skip
    assert entries.json()["items"] == []
    assert "发票" in text_of(pdf.content)
    async with visiting(database, market.buyer) as visitor:
        page = await visitor.see("/papers")
        assert row["number"] in page
        assert row["number"] in await visitor.see(f"/orders/{order_id}")
        assert "No paper matches" in await visitor.see("/papers?q=nothing")
        assert "/papers" in await visitor.see("/money")
    async with visiting(database, market.buyers[1]) as visitor:
        assert "No papers yet" in await visitor.see("/papers")
    async with visiting(database, market.operator) as visitor:
        assert row["number"] in await visitor.see("/papers?q=buyer-1")


async def test_an_order_that_waits_for_money_has_a_proforma(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    transfer = {"method": "TRANSFER"}
    waiting = show_id("ord", await place(database, market, now, ("S-1", 2), payment=transfer))
    paid = show_id("ord", await place(database, market, now, ("S-1", 2)))
    async with visiting(database, market.buyer) as visitor:
        assert f"/orders/{waiting}/proforma" in await visitor.see(f"/orders/{waiting}")
        text = text_of((await visitor.get(f"/orders/{waiting}/proforma?lang=zh")).content)
        assert (await visitor.get(f"/orders/{paid}/proforma")).status_code == 409
    number = text.partition("PI-")[2].split()[0]
    assert ("形式发票" in text, "USD 25.00" in text) == (True, True)
    assert f"SO-{number}" in text
    async with api(database) as http:
        own, other = await key_of(database, market.buyer), await key_of(database, market.buyers[1])
        path = f"/v1/orders/{waiting}/proforma"
        statuses = [(await http.get(path, headers=h)).status_code for h in (own, other)]
    assert statuses == [200, 404]


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
SELLER = PaperParty("Beltline Trading", "带线贸易有限公司", "CN", "", "91310000MA1")
BUYER = PaperParty("Sklep", "", "PL", "Sklep Łódź sp. z o.o.", "PL525")


def paper(kind: str, total: int, **content: Any) -> PaperDetail:
    return PaperDetail(
        new_id(), "INV-2026-000007", kind, "buyer-1", "Sklep", "SO-80001", new_id(),
        None if content.get("lines") else NOVEMBER, "USD", total, day_of(NOW), NOW,
        PaperContent(SELLER, BUYER, **content), dt.date(2026, 12, 8),
    )  # fmt: skip


LINES = [
    PaperLine(1, "S-1", "Hoodie", "儿童卫衣", "PIECE", 3, "3.333333", 1_000),
    PaperLine(2, "S-2", "Cloth", "布料", "METRE", 0, "4.2", 101),
]
SUMS = PaperSums(10_000, 5_000, -1_000, 14_000, 3)
ENTRIES = [
    StatedEntry(new_id(), NOW, "ORDER_HOLD", "SO-80001", 5_000),
    StatedEntry(new_id(), NOW, "ORDER_REFUND", "", -1_000, 2),
]


@pytest.mark.parametrize(
    ("locale", "found", "words"),
    [
        ("en", paper("INVOICE", 1_101, lines=LINES, order_reference="PO-7"),
         ["Invoice", "INV-2026-000007", "20 Nov 2026", "SO-80001 PO-7", "Beltline Trading", "China",
          "91310000MA1", "Sklep Łódź sp. z o.o.", "Poland", "VAT number: PL525", "S-1",
          "Hoodie", "3.333333", "USD 10.00", "USD 1.01", "USD 11.01"]),
        ("zh", paper("CREDIT_NOTE", 1_101, lines=LINES, corrects=["INV-2026-000003"]),
         ["贷项通知单", "INV-2026-000003", "带线贸易有限公司", "中国", "儿童卫衣", "USD 11.01"]),
        ("en", paper("PROFORMA", 1_101, lines=LINES),
         ["Proforma invoice", "Transfer text", "SO-80001", "To pay until", "8 Dec 2026",
          "USD 11.01"]),
        ("en", paper("CREDIT_STATEMENT", 14_000, sums=SUMS,
                     credit=PaperCredit(5_000, 1_000, 4_000)),
         ["Statement of credit", "2026-11", "Held for an order", "USD 50.00", "× 2", "Owed before",
          "USD 100.00", "USD \u221210.00", "USD 140.00", "8 Dec 2026", "USD 40.00"]),
        ("zh", paper("ACCOUNT_STATEMENT", 14_000, sums=SUMS),
         ["账户对账单", "2026-11", "SO-80001", "USD 140.00"]),
    ],
)  # fmt: skip
def test_a_paper_reads_in_both_languages(locale: str, found: PaperDetail, words: list[str]) -> None:
    text = text_of(drawing.paper_pdf(found, ENTRIES, locale=locale))
    assert [word for word in words if word not in text] == [], text


def test_a_long_settlement_is_summed_up_by_kind() -> None:
    statement = Settlement(
        new_id(), "ST-50001", "zhili-1", "Zhili Kids", "CNY", NOW, NOW, -100, 1_000, -200, 30, 670,
        "DUE", "", "", None, "", NOW, SELLER, PaperParty("Zhili Kids", "", "CN"),
    )  # fmt: skip
    items = [
        SettlementItem(
            new_id(), NOW, kind, "PO-1", "S-1", 2, amount, 30_000, cut, day_of(NOW), new_id()
        )
        for kind, amount, cut in (("SALE", 600, 18), ("SALE", 400, 12), ("CLAWBACK", -200, 0))
    ]
    text = text_of(drawing.settlement_pdf(statement, items, locale="en", is_summed=True))
    words = ["Settlement", "ST-50001", "Zhili Kids", "zhili-1", "× 2", "CNY 10.00", "CNY 0.30",
             "CNY \u22122.00", "CNY \u22121.00", "CNY 6.70"]  # fmt: skip
    assert [word for word in words if word not in text] == [], text
