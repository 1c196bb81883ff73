"""Trade assurance: money waits after the delivery, freezes under a claim, and moves exactly."""

import asyncio
import datetime as dt
import re
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import get_operator
from beltline.kit.actor import WrongRole
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.ledger import queries as ledger
from beltline.ledger.types import Hold
from beltline.orders import actions, queries, workflows
from beltline.orders.types import (
    Assurance,
    CaseClosed,
    Claim,
    ClaimAnswer,
    ClaimBeyond,
    ClaimBody,
    ClaimCase,
    ClaimedLine,
    ClaimEnded,
    ClaimOpen,
    ClaimTooLate,
    EvidenceNeeded,
    NotArrived,
    NothingToClaim,
    UnknownLine,
)
from tests.fulfillment.journeys import assert_sound, place, run_to_end
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.procurement.browser import member, send

DAY = dt.timedelta(days=1)


async def delivered(
    database: Database, now: dt.datetime, *lines: tuple[str, int], price: str = "12.5"
) -> tuple[Market, UUID]:
    """A market with an order that is paid and has all arrived."""
    market = await make_market(database, now, buyers=1, price=price)
    order_id = await place(database, market, now, *lines)
    await run_to_end(database, market, order_id, now)
    return market, order_id


async def claim(
    database: Database, market: Market, order_id: UUID, now: dt.datetime, *lines: ClaimedLine
) -> Claim:
    async with database.writing(market.buyer) as db:
        return await actions.open_claim(
            db, market.buyer, order_id=order_id, now=now,
            body=ClaimBody("DAMAGED", "two boxes were wet", list(lines)),
        )  # fmt: skip


async def answer(
    database: Database, market: Market, case: Claim, amount: int, now: dt.datetime
) -> Claim:
    async with database.writing(market.operator) as db:
        return await actions.answer_claim(
            db, market.operator, claim_id=case.id, answer=ClaimAnswer(amount, "SUPPLIER", "sorry"),
            now=now,
        )  # fmt: skip


async def hold_of(database: Database, market: Market, order_id: UUID) -> Hold:
    async with database.reading(market.operator) as db:
        return await ledger.get_hold(db, order_id)


async def release(database: Database, market: Market, now: dt.datetime) -> int:
    async with database.system() as db:
        return await actions.release_due(db, market.operator, limit=100, now=now)


async def test_money_waits_for_the_buyers_word(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, buyers=2)
    order_id = await place(database, market, now, ("S-1", 4))
    async with database.writing(market.buyer) as db:
        with pytest.raises(NotArrived):
            await actions.confirm_receipt(db, market.buyer, order_id=order_id, now=now)
    await run_to_end(database, market, order_id, now)
    assert (await hold_of(database, market, order_id)).release_after == now + 7 * DAY
    for stranger, error in ((market.operator, WrongRole), (market.buyers[1], Refusal)):
        with pytest.raises(error):
            async with database.writing(stranger) as db:
                await actions.confirm_receipt(db, stranger, order_id=order_id, now=now)
    for _ in range(2):
        async with database.writing(market.buyer) as db:
            await actions.confirm_receipt(db, market.buyer, order_id=order_id, now=now + DAY)
    hold = await hold_of(database, market, order_id)
    async with database.reading(market.buyer) as db:
        told = [event.type for event in await list_events_of(db, order_id)]
    assert (hold.released, hold.state, hold.closed_at) == (5_000, "CLOSED", now + DAY)
    assert told[-2:] == ["order.completed", "order.released"]
    await assert_sound(database, now)


async def test_time_releases_once_and_never_under_a_claim(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    first, second, third = [
        await place(database, market, now, ("S-1", units)) for units in (1, 2, 3)
    ]
    for order_id in (first, second):
        await run_to_end(database, market, order_id, now)
    case = await claim(database, market, second, now)
    assert (await hold_of(database, market, second)).state == "FROZEN"
    with pytest.raises(ClaimOpen):
        async with database.writing(market.buyer) as db:
            await actions.confirm_receipt(db, market.buyer, order_id=second, now=now)
    assert await release(database, market, now + 7 * DAY - dt.timedelta(seconds=1)) == 0
    later = now + 8 * DAY
    both = await asyncio.gather(*(release(database, market, later) for _ in range(2)))
    assert sorted(both) == [0, 1]
    assert [(await hold_of(database, market, o)).state for o in (first, second, third)] == [
        "CLOSED", "FROZEN", "OPEN",
    ]  # fmt: skip
    async with database.writing(market.buyer) as db:
        ended = await actions.withdraw_claim(db, market.buyer, claim_id=case.id, now=later)
    assert (ended.state, ended.refunded_amount) == ("WITHDRAWN", 0)
    assert [await release(database, market, later) for _ in range(2)] == [1, 0]
    assert (await hold_of(database, market, second)).released == 2_500
    await assert_sound(database, now)


async def test_a_claim_for_units_gives_their_price_back_and_the_rest_is_released(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await delivered(database, now, ("S-1", 10), price="0.333333")
    case = await claim(database, market, order_id, now, ClaimedLine(1, units=3))
    assert (case.state, case.asked_amount, case.due_at) == ("OPEN", 100, now + 7 * DAY)
    with pytest.raises(ClaimOpen):
        await claim(database, market, order_id, now)
    with pytest.raises(WrongRole):
        async with database.writing(market.buyer) as db:
            await actions.answer_claim(
                db, market.buyer, claim_id=case.id, answer=ClaimAnswer(100), now=now
            )
    with pytest.raises(ClaimBeyond):
        await answer(database, market, case, 101, now)
    done = await answer(database, market, case, 100, now)
    assert (done.state, done.refunded_amount, done.charged_to) == ("REFUNDED", 100, "SUPPLIER")
    with pytest.raises(ClaimEnded):
        await answer(database, market, case, 100, now)
    hold = await hold_of(database, market, order_id)
    assert (hold.state, hold.refunded) == ("OPEN", 100)
    assert await release(database, market, now + 8 * DAY) == 1
    again = await claim(database, market, order_id, now + 9 * DAY, ClaimedLine(1, amount=33))
    await answer(database, market, again, 33, now + 9 * DAY)
    await assert_sound(database, now)
    async with database.reading(market.operator) as db:
        told = [event.type for event in await list_events_of(db, case.id)]
        balances = await ledger.list_balances(db, market.operator.org_id)
    assert told == ["claim.opened", "claim.refunded"]
    assert {b.account: b.amount for b in balances}["SALES"] == 333 - 100 - 33


async def test_a_claim_nobody_answers_is_granted(database: Database, now: dt.datetime) -> None:
    market, order_id = await delivered(database, now, ("S-1", 2), ("S-2", 1))
    case = await claim(database, market, order_id, now)
    assert case.asked_amount == 3_750
    async with database.system() as db:
        actor = system_actor(await get_operator(db), "schedule")
        assert await actions.default_claims(db, actor, limit=9, now=now + 6 * DAY) == 0
        # The job goes by the clock.
        await db.execute("update orders.claim set due_at = opened_at")
    results = []
    for _ in range(2):
        job = await run_inline(
            database, actor, kind=workflows.keep_assurance.name, title="x", parameters={}, now=now,
            registry=registry_of(*workflows.JOBS),
        )  # fmt: skip
        results.append(job.result)
    assert results == [{"granted": 1, "released": 0}, {"granted": 0, "released": 0}]
    async with database.reading(market.buyer) as db:
        found = await queries.get_claim(db, case.id)
    assert (found.state, found.by_default, found.refunded_amount) == ("REFUNDED", True, 3_750)
    hold = await hold_of(database, market, order_id)
    assert (hold.state, hold.refunded, hold.released) == ("CLOSED", 3_750, 0)
    await assert_sound(database, now)


async def test_claims_have_their_time_and_their_bounds(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    order_id = await place(database, market, now, ("S-1", 2))
    with pytest.raises(NothingToClaim):
        await claim(database, market, order_id, now)
    await run_to_end(database, market, order_id, now, until="LAST_MILE")
    with pytest.raises(UnknownLine):
        await claim(database, market, order_id, now, ClaimedLine(2, units=1))
    for line in (ClaimedLine(1, units=3), ClaimedLine(1, amount=2_501)):
        with pytest.raises(ClaimBeyond):
            await claim(database, market, order_id, now, line)
    with pytest.raises(ValueError, match="either"):
        ClaimedLine(1)
    with pytest.raises(ValueError, match="twice"):
        ClaimBody("LATE", lines=[ClaimedLine(1, units=1), ClaimedLine(1, amount=1)])
    await run_to_end(database, market, order_id, now)
    await release(database, market, now + 7 * DAY)
    with pytest.raises(ClaimTooLate):
        await claim(database, market, order_id, now + 37 * DAY + dt.timedelta(seconds=1))
    async with database.writing(market.operator) as db:
        await actions.set_assurance(db, market.operator, rules=Assurance(3, 60, 2), now=now)
    late = await claim(database, market, order_id, now + 40 * DAY)
    assert late.due_at == now + 42 * DAY
    await assert_sound(database, now)


@given(data=st.data())
@settings(
    max_examples=8, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
async def test_every_split_of_a_claim_is_exact(
    database: Database, now: dt.datetime, data: st.DataObject
) -> None:
    async with database.system() as db:
        known = await db.value("select count(*) from accounts.organization")
    if not known:
        await make_market(database, now, buyers=1, on_hand=10**6, price="0.37")
    market = await _market(database)
    order_id = await place(database, market, now, ("S-1", 7), ("S-2", 11), ("S-3", 13))
    await run_to_end(database, market, order_id, now)
    refunded = 0
    for _ in range(data.draw(st.integers(1, 3))):
        lines = [
            ClaimedLine(n, **data.draw(st.one_of(
                st.builds(lambda u: {"units": u}, st.integers(1, 3)),
                st.builds(lambda a: {"amount": a}, st.integers(1, 60)),
            )))
            for n in data.draw(st.sets(st.integers(1, 3), min_size=1))
        ]  # fmt: skip
        case = await claim(database, market, order_id, now, *lines)
        amount = data.draw(st.integers(1, case.asked_amount))
        done = await answer(database, market, case, amount, now)
        assert done.refunded_amount == amount == sum(one.refunded_amount for one in done.lines)
        refunded += amount
    hold = await hold_of(database, market, order_id)
    assert (hold.refunded, hold.state) == (refunded, "OPEN")
    await assert_sound(database, now)


async def _market(database: Database) -> Market:
    """The parties of the market that stands already."""
    async with database.system() as db:
        operator = system_actor(await get_operator(db), "test")
        buyer = await db.value("select id from accounts.organization where kind = 'BUYER'")
    acting = msgspec.structs.replace(operator, org_id=buyer, org_kind="BUYER")
    return Market(operator, operator, [acting], {}, {})


async def test_claims_by_api(database: Database, now: dt.datetime) -> None:
    market, order_id = await delivered(database, now, ("S-1", 4))
    buyer, operator = await key_of(database, market.buyer), await key_of(database, market.operator)
    path = f"/v1/orders/{show_id('ord', order_id)}"
    body: dict[str, Any] = {"reason": "LATE", "lines": [{"line": 1, "amount": 120}]}
    async with api(database) as http:
        odd = {"reason": "LATE", "lines": [{"line": 1, "amount": 1, "units": 1}]}
        refused = await http.post(f"{path}/claims", headers=idempotent(buyer), json=odd)
        opened = await http.post(f"{path}/claims", headers=idempotent(buyer), json=body)
        claim_path = f"/v1/claims/{opened.json()['id']}"
        withdrawn = await http.post(f"{claim_path}/withdraw", headers=idempotent(operator))
        answered = await http.post(
            f"{claim_path}/answer", headers=idempotent(operator), json={"amount": 100}
        )
        listed = await http.get("/v1/claims?status=REFUNDED", headers=buyer)
        confirmed = await http.post(f"{path}/confirm-receipt", headers=idempotent(buyer))
        rules = await http.get("/v1/assurance", headers=buyer)
        forbidden = await http.post("/v1/assurance", headers=idempotent(buyer), json=rules.json())
        changed = await http.post(
            "/v1/assurance", headers=idempotent(operator), json=rules.json() | {"release_days": 3}
        )
    assert (refused.status_code, opened.status_code, withdrawn.status_code) == (422, 201, 403)
    assert (answered.json()["state"], answered.json()["refunded_amount"]) == ("REFUNDED", 100)
    assert [one["id"] for one in listed.json()["items"]] == [opened.json()["id"]]
    assert (confirmed.json()["released"], confirmed.json()["refunded"]) == (4_900, 100)
    assert rules.json() == {"release_days": 7, "claim_days": 30, "answer_days": 7}
    assert (forbidden.status_code, changed.json()["release_days"]) == (403, 3)


async def test_claims_on_the_pages(database: Database, now: dt.datetime) -> None:
    market, order_id = await delivered(database, now, ("S-1", 4))
    path = f"/orders/{show_id('ord', order_id)}"
    async with member(database, market.buyer) as http:
        panel = await http.get(f"{path}/assurance")
        assert "Confirm the receipt" in panel.text
        page = await http.get(path)
        odd = await send(http, f"{path}/claim", seen=page, **{"amount-1": "1.005"})
        sent = await send(
            http, f"{path}/claim", seen=page, reason="WRONG", note="blue, not red",
            **{"amount-1": "12.50"},
        )  # fmt: skip
        frozen = await http.get(f"{path}/assurance")
    assert (odd.status_code, sent.status_code) == (422, 303)
    assert "nothing is released" in frozen.text
    async with member(database, market.operator, role="FINANCE", locale="zh") as http:
        page = await http.get("/claims?status=OPEN")
        assert "错货" in page.text
        assert "blue, not red" in page.text
        async with database.reading(market.operator) as db:
            [case] = await queries.list_claims(db, market.operator)
        shown = f"/claims/{show_id('clm', case.id)}"
        done = await send(http, f"{shown}/answer", seen=page, act="refund", amount="12.50")
        empty = await http.get("/claims?status=OPEN")
    assert done.status_code == 303
    assert "没有此状态的索赔" in empty.text
    assert (await hold_of(database, market, order_id)).refunded == 1_250


async def test_a_supplier_sees_claims_on_its_goods_and_answers_once(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await delivered(database, now, ("S-1", 4), ("S-2", 3))
    opened = await claim(
        database, market, order_id, now, ClaimedLine(1, units=2), ClaimedLine(2, amount=300)
    )
    async with database.reading(market.supplier) as db:
        [case] = await queries.list_cases(db, market.supplier)
        assert await queries.list_claims_of(db, order_id) == []
    assert case.lines == [{"sku": "S-1", "units": 2}, {"sku": "S-2", "units": None}]
    assert (case.number, case.state, case.due_at) == (opened.number, "OPEN", opened.due_at)
    with pytest.raises(EvidenceNeeded):
        await prove(database, market, case, " ", now)
    with pytest.raises(CaseClosed):
        await prove(database, market, case, "late", opened.due_at)
    told = await prove(database, market, case, "packed dry, photo 7", now + DAY)
    assert (told.evidence, told.answered_at) == ("packed dry, photo 7", now + DAY)
    with pytest.raises(CaseClosed):
        await prove(database, market, case, "again", now + DAY)
    async with database.reading(market.operator) as db:
        [seen] = (await queries.get_claim(db, opened.id)).evidence
    async with database.reading(market.buyer) as db:
        assert (await queries.get_claim(db, opened.id)).evidence == []
    assert seen.text == "packed dry, photo 7"
    await answer(database, market, opened, 100, now + DAY)
    async with database.reading(market.supplier) as db:
        ended = await queries.get_case(db, market.supplier, case.id)
        events = [event.type for event in await list_events_of(db, case.id)]
    assert (ended.state, ended.is_charged) == ("REFUNDED", True)
    assert events == ["claim_case.opened", "claim_case.answered", "claim_case.ended"]
    later = await claim(database, market, order_id, now + DAY, ClaimedLine(1, units=1))
    async with database.writing(market.buyer) as db:
        await actions.withdraw_claim(db, market.buyer, claim_id=later.id, now=now + DAY)
    async with database.reading(market.supplier) as db:
        [gone] = await queries.list_cases(db, market.supplier, state="WITHDRAWN")
    with pytest.raises(CaseClosed):
        await prove(database, market, gone, "too late", now + DAY)


async def prove(
    database: Database, market: Market, case: ClaimCase, text: str, now: dt.datetime
) -> ClaimCase:
    async with database.writing(market.supplier) as db:
        return await actions.answer_case(
            db, market.supplier, case_id=case.id, evidence=text, now=now
        )


async def test_a_supplier_answers_by_page_and_api_and_no_price_is_seen(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await delivered(database, now, ("S-1", 4), price="12.34")
    await claim(database, market, order_id, now, ClaimedLine(1, units=2))
    async with member(database, market.supplier) as http:
        page = await http.get("/claims")
        assert "two boxes were wet" in page.text
        assert "24.68" not in page.text
        case_id = re.findall(r"ccs_[0-9a-f]{32}", page.text)[0]
        done = await send(http, f"/claims/cases/{case_id}", seen=page, evidence="packed dry")
        after = await http.get("/claims")
        assert "packed dry" in after.text
    async with member(database, market.operator) as http:
        seen = await http.get("/claims")
        assert "packed dry" in seen.text
        stranger = await send(http, f"/claims/cases/{case_id}", seen=seen, evidence="x")
    key = await key_of(database, market.supplier)
    async with api(database) as http:
        listed = await http.get("/v1/claim-cases", headers=key)
        again = await http.post(
            f"/v1/claim-cases/{case_id}/answer", json={"evidence": "x"}, headers=idempotent(key)
        )
    assert (done.status_code, stranger.status_code) == (303, 404)
    assert [row["evidence"] for row in listed.json()["items"]] == ["packed dry"]
    assert "amount" not in listed.text
    assert again.json()["code"] == "orders.case_closed"
