"""What suppliers are owed: stated once with the rate of the day, paid by two people, exact."""

import asyncio
import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id, show_id
from beltline.ledger import actions, queries
from beltline.ledger.queries import settlements
from beltline.ledger.types import (
    Earning,
    NeedsAnother,
    RateStands,
    Settlement,
    SettlementMovedOn,
)
from tests.ledger.test_papers import text_of
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.procurement.browser import member, send

DAY = dt.timedelta(days=1)
JANUARY = dt.date(2026, 1, 1)


def earning(market: Market, amount: int, **changes: Any) -> Earning:
    """A sale (or, below 0, what is taken back) of the market's supplier."""
    kind = "SALE" if amount > 0 else "CLAWBACK"
    one = Earning(
        market.supplier.org_id, kind, new_id(), 1, 1, "PO-1", "S-1", 3, amount, "CNY",
        dt.date(2026, 11, 20), True,
    )  # fmt: skip
    return msgspec.structs.replace(one, **changes)


async def book(database: Database, market: Market, now: dt.datetime, *earnings: Earning) -> int:
    async with database.system() as db:
        return await actions.earn(db, market.operator, earnings, now=now)


async def rate(
    database: Database, market: Market, ppm: int, now: dt.datetime, *,
    day: dt.date = JANUARY, own: bool = False, until: dt.date | None = None,
) -> None:  # fmt: skip
    async with database.writing(market.operator) as db:
        await actions.set_commission(
            db, market.operator, supplier_org_id=market.supplier.org_id if own else None,
            rate_ppm=ppm, valid_from=day, valid_until=until, note="", now=now,
        )  # fmt: skip


async def settle(database: Database, market: Market, now: dt.datetime) -> list[Settlement]:
    """The statements of a run until now."""
    async with database.writing(market.operator) as db:
        made = await actions.settle(db, market.operator, until=now, now=now)
        return (await settlements.list_settlements(db, market.operator))[:made]


def second(actor: Actor) -> Actor:
    """Somebody else of the same organization."""
    return msgspec.structs.replace(actor, via_id=new_id(), name="second")


async def pay(
    database: Database, market: Market, statement: Settlement, now: dt.datetime
) -> Settlement:
    async with database.writing(market.operator) as db:
        await actions.ask_payout(db, market.operator, settlement_id=statement.id, now=now)
    other = second(market.operator)
    async with database.writing(other) as db:
        return await actions.decide_payout(
            db, other, settlement_id=statement.id, is_approved=True, reference="BK-7", now=now
        )


async def assert_proved(database: Database) -> None:
    async with database.system() as db:
        proofs = [
            await settlements.prove_settlements(db), await queries.prove_transfers(db),
        ]  # fmt: skip
    assert [proof for proof in proofs if not proof.holds] == []


async def test_each_sale_takes_the_rate_of_its_day_and_none_takes_a_guess(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    old = earning(market, 10_000, earned_on=dt.date(2026, 6, 30))
    sale, bought = earning(market, 10_001), earning(market, 500, kind="PURCHASE", upto=2)
    bought = msgspec.structs.replace(bought, is_commissioned=False)
    assert await book(database, market, now, old, sale, bought) == 3
    assert await book(database, market, now, old, sale, bought) == 0
    [only] = await settle(database, market, now + DAY)
    assert (only.earned, only.commission, only.closing) == (500, 0, 500)
    async with database.reading(market.operator) as db:
        [waiting] = await settlements.list_unstated(db)
    assert (waiting.items, waiting.unrated, waiting.amount) == (2, 2, 20_001)
    await rate(database, market, 50_000, now, until=dt.date(2026, 6, 30))
    await rate(database, market, 25_000, now, day=dt.date(2026, 7, 1), own=True)
    with pytest.raises(RateStands):
        await rate(database, market, 30_000, now, day=dt.date(2026, 7, 1), own=True)
    [second_one] = await settle(database, market, now + 2 * DAY)
    async with database.reading(market.supplier) as db:
        items = await settlements.list_items(db, second_one.id)
        told = [event.type for event in await list_events_of(db, second_one.id)]
    assert {(item.rate_ppm, item.commission) for item in items} == {(50_000, 500), (25_000, 250)}
    assert (second_one.closing, told) == (20_001 - 750, ["settlement.stated"])
    assert await settle(database, market, now + 3 * DAY) == []
    await assert_proved(database)


async def test_two_people_pay_and_what_is_taken_back_later_is_carried(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    await rate(database, market, 100_000, now)
    await book(database, market, now, earning(market, 9_000))
    [statement] = await settle(database, market, now + DAY)
    async with database.writing(market.operator) as db:
        await actions.ask_payout(db, market.operator, settlement_id=statement.id, now=now)
    with pytest.raises(NeedsAnother):
        async with database.writing(market.operator) as db:
            await actions.decide_payout(
                db, market.operator, settlement_id=statement.id, is_approved=True,
                reference="", now=now,
            )  # fmt: skip
    other = second(market.operator)
    async with database.writing(other) as db:
        back = await actions.decide_payout(
            db, other, settlement_id=statement.id, is_approved=False, reference="", now=now
        )
    assert back.state == "DUE"
    paid = await pay(database, market, statement, now + DAY)
    assert (paid.state, paid.closing, paid.payment_reference) == ("PAID", 8_100, "BK-7")
    with pytest.raises(SettlementMovedOn):
        await pay(database, market, statement, now + DAY)
    await book(database, market, now + DAY, earning(market, -2_000))
    [below] = await settle(database, market, now + 2 * DAY)
    assert (below.state, below.closing, below.commission) == ("CARRIED", -1_800, -200)
    await book(database, market, now + 2 * DAY, earning(market, 3_000))
    [after] = await settle(database, market, now + 3 * DAY)
    assert (after.opening, after.closing, after.state) == (-1_800, 900, "DUE")
    await pay(database, market, after, now + 3 * DAY)
    async with database.reading(market.supplier) as db:
        [owed] = await queries.list_balances(db, market.supplier.org_id)
    assert (owed.account, owed.amount) == ("SUPPLIER_PAYABLE", 0)
    await assert_proved(database)


async def test_what_is_booked_while_statements_are_drawn_up_is_in_one_of_them(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1, skus=1)
    await rate(database, market, 33_333, now)

    async def run(n: int) -> None:
        for _ in range(5):
            if n % 2:
                await book(database, market, now, earning(market, 1_001))
            else:
                await settle(database, market, now + DAY)

    await asyncio.gather(*(run(n) for n in range(4)))
    await settle(database, market, now + DAY)
    async with database.reading(market.operator) as db:
        stated = await settlements.list_settlements(db, market.operator)
    assert (sum(one.earned for one in stated), sum(one.commission for one in stated)) == (
        10 * 1_001, 10 * 33,
    )  # fmt: skip
    await assert_proved(database)


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("earn"), st.integers(1, 99_999)),
            st.tuples(st.just("take"), st.integers(-99_999, -1)),
            st.tuples(st.just("rate"), st.integers(0, 1_000_000)),
            st.tuples(st.sampled_from(["settle", "pay"]), st.just(0)),
        ),
        min_size=4, max_size=14,
    )
)  # fmt: skip
@settings(
    max_examples=8, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
async def test_whatever_happens_every_unit_has_its_place(
    database: Database, now: dt.datetime, steps: list[tuple[str, int]]
) -> None:
    market = await _fresh(database, now)
    day, ppm, due = JANUARY, 33_333, Decimal(0)
    await rate(database, market, ppm, now, own=True)
    amounts: list[tuple[int, int]] = []
    for n, (step, value) in enumerate([*steps, ("settle", 0), ("pay", 0)], 1):
        at = now + n * DAY
        if step in {"earn", "take"}:
            await book(database, market, at, earning(market, value, earned_on=day))
            amounts.append((value, ppm))
        elif step == "rate":
            ppm, day = value, day + DAY
            await rate(database, market, ppm, at, day=day, own=True)
        elif step == "settle":
            await settle(database, market, at)
        else:
            async with database.reading(market.supplier) as db:
                standing = await settlements.list_settlements(db, market.supplier, state="DUE")
            for statement in standing:
                due += (await pay(database, market, statement, at)).closing
    async with database.reading(market.supplier) as db:
        stated = await settlements.list_settlements(db, market.supplier, limit=100)
        balances = await queries.list_balances(db, market.supplier.org_id)
    kept = [
        int((Decimal(a) * p / 1_000_000).quantize(Decimal(1), ROUND_HALF_EVEN)) for a, p in amounts
    ]
    assert sum(one.commission for one in stated) == sum(kept)
    left = sum(one.amount for one in balances)
    assert left + due == sum(a for a, _ in amounts) - sum(kept)
    assert left <= 0
    await assert_proved(database)


async def _fresh(database: Database, now: dt.datetime) -> Market:
    """The market with a supplier that has earned nothing yet."""
    async with database.system() as db:
        operator = await db.value("select id from accounts.organization where kind = 'OPERATOR'")
        if operator is None:
            return await make_market(database, now, buyers=1, skus=1)
        supplier_id, code = new_id(), f"fresh-{new_id().hex}"
        await db.execute(
            """insert into accounts.organization (id, code, kind, name, country, created_at)
               values ($1, $2, 'SUPPLIER', $2, 'CN', $3)""",
            supplier_id, code, now,
        )  # fmt: skip
    acting = Actor(operator, "OPERATOR", "op", "API_KEY", new_id())
    return Market(acting, Actor(supplier_id, "SUPPLIER", code, "API_KEY", new_id()), [], {}, {})


async def test_settlements_by_api(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    operator, other = [await key_of(database, market.operator) for _ in range(2)]
    supplier = await key_of(database, market.supplier)
    buyer = await key_of(database, market.buyer)
    await book(database, market, now, earning(market, 10_000, reference="=1+1"))
    async with api(database) as http:
        body = {"rate_ppm": 30_000, "valid_from": "2026-01-01"}
        refused = await http.post("/v1/commission-rates", headers=idempotent(supplier), json=body)
        await http.post("/v1/commission-rates", headers=idempotent(operator), json=body)
        rates = await http.get("/v1/commission-rates", headers=supplier)
        run = await http.post("/v1/settlements/run", headers=idempotent(operator), json={})
        [row] = (await http.get("/v1/settlements?status=DUE", headers=supplier)).json()["items"]
        path = f"/v1/settlements/{row['id']}"
        hidden = await http.get(path, headers=buyer)
        lines = await http.get(f"{path}/lines", headers=supplier)
        csv = await http.get(f"{path}/file?format=csv", headers=supplier)
        xlsx = await http.get(f"{path}/file?format=xlsx", headers=operator)
        pdf = await http.get(f"{path}/file?format=pdf&lang=zh", headers=supplier)
        odd = await http.get(f"{path}/file?format=doc", headers=operator)
        await http.post(f"{path}/ask", headers=idempotent(operator))
        same = await http.post(
            f"{path}/decide", headers=idempotent(operator), json={"approve": True}
        )
        done = await http.post(
            f"{path}/decide", headers=idempotent(other), json={"approve": True, "reference": "B1"}
        )
        shown = await http.get(path, headers=supplier)
    assert (refused.status_code, hidden.status_code, same.status_code) == (403, 404, 403)
    assert (rates.json()["items"][0]["rate_ppm"], run.json()) == (30_000, {"made": 1})
    assert (row["closing"], lines.json()["items"][0]["commission"]) == (9_700, 300)
    assert "'=1+1" in csv.text
    assert "CLOSING,2" in csv.text
    assert "97.00" in csv.text
    assert (xlsx.content[:2], odd.status_code) == (b"PK", 422)
    text = text_of(pdf.content)
    words = ["结算单", row["number"], "zhili-1", "=1+1 S-1", "CNY 100.00", "CNY 3.00", "CNY 97.00"]
    assert [word for word in words if word not in text] == [], text
    assert (done.json()["state"], done.json()["paid_by"] != "") == ("PAID", True)
    assert (shown.json()["paid_by"], shown.json()["payment_reference"]) == ("", "B1")


async def test_settlements_on_the_pages(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    await book(database, market, now, earning(market, 10_000))
    async with member(database, market.operator, role="FINANCE") as http:
        page = await http.get("/settlements")
        assert "1 sale waits for a rate" in page.text
        odd = await send(http, "/settlements/rates", seen=page, rate="lots", valid_from="x")
        await send(http, "/settlements/rates", seen=page, rate="2.5", valid_from="2026-01-01")
        run = await send(http, "/settlements/run", seen=page)
        async with database.reading(market.operator) as db:
            [row] = await settlements.list_settlements(db, market.operator)
        path = f"/settlements/{show_id('stm', row.id)}"
        await send(http, f"{path}/ask", seen=page)
        refused = await send(http, f"{path}/decide", seen=page, act="approve")
        other = second(market.operator)
        async with database.writing(other) as db:
            await actions.decide_payout(
                db, other, settlement_id=row.id, is_approved=False, reference="", now=now
            )
            await actions.ask_payout(db, other, settlement_id=row.id, now=now)
        page = await http.get(path)
        assert "Approve and pay" in page.text
        await send(http, f"{path}/decide", seen=page, act="approve", reference="BK-9")
    async with member(database, market.supplier, locale="zh") as http:
        listed = await http.get("/settlements")
        page = await http.get(path)
        file = await http.get(f"{path}/file?format=csv")
        empty = await http.get("/settlements?status=DUE")
    assert (odd.status_code, run.status_code, refused.status_code) == (422, 303, 403)
    assert row.number in listed.text
    assert "97.50" in page.text
    assert "BK-9" in page.text
    assert file.status_code == 200
    assert "没有符合的对账单" in empty.text


async def test_a_buyer_settles_nothing(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    for actor in (market.buyer, market.supplier):
        with pytest.raises(WrongRole):
            async with database.writing(actor) as db:
                await actions.settle(db, actor, until=now, now=now)
