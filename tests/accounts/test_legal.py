"""The company of an organization: stated in versions, seen by itself and the operator alone."""

import datetime as dt
from typing import Any

import asyncpg
import msgspec
import pytest

from beltline.accounts import queries
from beltline.accounts.actions import legal
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from tests.accounts.legal import BUYER, NUMBERS, OPERATOR, SUPPLIER, state
from tests.accounts.make import NOW, make_actor
from tests.orders.http import api, idempotent, key_of
from tests.visitor import visiting

DAY = dt.timedelta(days=1)


async def party_at(
    database: Database, actor: Actor, at: dt.datetime, currency: str | None = None
) -> dict[str, Any]:
    async with database.system() as db:
        found: dict[str, Any] = await db.value(
            "select accounts.party_at($1, $2, $3)", actor.org_id, at, currency
        )
    return found


async def test_papers_of_any_day_name_the_company_of_that_day(database: Database) -> None:
    await make_actor(database, "operator", "OPERATOR")
    buyer = await make_actor(database, "buyer", "BUYER")
    first = await state(database, buyer, BUYER, NOW)
    moved = await state(
        database, buyer, BUYER, NOW + DAY, address="ul. Nowa 2, Łódź",
        valid_from=day_of(NOW) + 5 * DAY,
    )  # fmt: skip
    renamed = await state(database, buyer, BUYER, NOW + 2 * DAY, name="Inny sklep sp. z o.o.")
    async with database.reading(buyer) as db:
        assert await queries.list_legal_entities(db, buyer.org_id) == [renamed, moved, first]
        events = await list_events_of(db, buyer.org_id)
        [audit, *_] = await queries.list_audit(db, buyer.org_id, object_id=renamed.id)
        now = await queries.find_legal_entity(db, buyer.org_id, on=day_of(NOW) + 2 * DAY)
    assert now == renamed
    assert [(e.type, e.sequence) for e in events] == [("legal_entity.stated", n) for n in (1, 2, 3)]
    assert (audit.action, audit.change["name"]) == ("state", "Inny sklep sp. z o.o.")
    named = {
        days: await party_at(database, buyer, NOW + days * DAY - dt.timedelta(seconds=1))
        for days in (0, 1, 2, 3, 6)
    }
    assert named[0]["legal_name"] == ""
    assert [named[n]["legal_name"] for n in (1, 2, 3)] == [BUYER.name, BUYER.name, renamed.name]
    # What was said to come comes, whatever was stated for the days before it.
    assert (named[6]["legal_name"], named[6]["address"]) == (BUYER.name, "ul. Nowa 2, Łódź")


async def test_the_account_is_that_of_the_currency_or_the_one_of_all(database: Database) -> None:
    operator = await make_actor(database, "operator", "OPERATOR")
    await state(database, operator, OPERATOR, NOW)
    shown = [
        (await party_at(database, operator, NOW, currency))["bank"]
        for currency in ("USD", "EUR", None)
    ]
    any_other, dollars = msgspec.to_builtins(OPERATOR.bank_accounts)
    assert shown == [dollars, any_other, None]
    await state(database, operator, OPERATOR, NOW, bank_accounts=OPERATOR.bank_accounts[1:])
    assert (await party_at(database, operator, NOW, "EUR"))["bank"] is None


async def test_only_the_operator_and_itself_look_a_company_up(database: Database) -> None:
    operator = await make_actor(database, "operator", "OPERATOR")
    supplier, buyer = [
        await make_actor(database, kind.lower(), kind) for kind in ("SUPPLIER", "BUYER")
    ]
    for actor, entity in ((operator, OPERATOR), (supplier, SUPPLIER), (buyer, BUYER)):
        await state(database, actor, entity, NOW)
    for reader, seen in ((operator, 3), (supplier, 1), (buyer, 1)):
        async with database.reading(reader) as db:
            assert await db.value("select count(*) from accounts.legal_entity") == seen
            events = await db.value(
                "select count(*) from kit.event_all where type = 'legal_entity.stated'"
            )
            assert events == seen
    async with database.reading(buyer) as db:
        assert await queries.find_legal_entity(db, supplier.org_id, on=day_of(NOW)) is None
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.value("select accounts.party_at($1, $2)", supplier.org_id, NOW)


async def test_administrators_state_and_others_look(database: Database) -> None:
    await make_actor(database, "operator", "OPERATOR")
    buyer = await make_actor(database, "buyer", "BUYER")
    clerk = msgspec.structs.replace(buyer, via="MEMBER", role="FINANCE")
    with pytest.raises(WrongRole):
        async with database.writing(clerk) as db:
            await legal.state_legal_entity(db, clerk, entity=BUYER, now=NOW)
    async with visiting(database, buyer, role="FINANCE") as visitor:
        page = await visitor.see("/settings/legal")
        assert "Administrators state the company" in page
        assert 'name="tax_id"' not in page
        assert (await visitor.send("/settings/legal", {"name": "x"})).status_code == 403


async def test_by_api_once_for_its_key_and_back_page_by_page(database: Database) -> None:
    await make_actor(database, "operator", "OPERATOR")
    supplier = await make_actor(database, "supplier", "SUPPLIER")
    body = {
        name: value for name, value in msgspec.to_builtins(SUPPLIER).items() if value is not None
    }
    async with api(database) as http:
        own = await key_of(database, supplier)
        empty = (await http.get("/v1/legal-entity", headers=own)).json()
        keyed = idempotent(own)
        told = [await http.post("/v1/legal-entity", headers=keyed, json=body) for _ in range(2)]
        await http.post(
            "/v1/legal-entity", headers=idempotent(own), json={**body, "bank_accounts": []}
        )
        wrong = await http.post(
            "/v1/legal-entity", headers=idempotent(own),
            json={**body, "tax_id": NUMBERS["PL"]},
        )  # fmt: skip
        now = (await http.get("/v1/legal-entity", headers=own)).json()
        page = (await http.get("/v1/legal-entity/versions?limit=1", headers=own)).json()
        last = (await http.get(
            f"/v1/legal-entity/versions?limit=1&cursor={page['next_cursor']}", headers=own
        )).json()  # fmt: skip
        reader = await key_of(database, supplier, "accounts:read")
        refused = await http.post("/v1/legal-entity", headers=idempotent(reader), json=body)
    assert empty == {"entity": None, "missing": ["entity"]}
    assert [answer.status_code for answer in told] == [201, 201]
    assert told[0].json() == told[1].json()
    assert told[1].headers["Idempotent-Replayed"] == "true"
    problem = wrong.json()
    assert (wrong.status_code, problem["code"], problem["param"]) == (
        422, "accounts.tax_id_unusable", "tax_id",
    )  # fmt: skip
    assert "CN" in problem["detail"]
    assert now["missing"] == ["bank_accounts"]
    assert [len(page["items"]), last["items"][0]["id"]] == [1, told[0].json()["id"]]
    assert last["next_cursor"] is None
    assert refused.status_code == 403


async def test_the_page_takes_what_it_showed_and_says_what_is_wrong_where(
    database: Database,
) -> None:
    await make_actor(database, "operator", "OPERATOR")
    supplier = await make_actor(database, "supplier", "SUPPLIER")
    account = SUPPLIER.bank_accounts[0]
    form = {
        "name": SUPPLIER.name, "name_latin": SUPPLIER.name_latin, "address": SUPPLIER.address,
        "address_latin": SUPPLIER.address_latin, "country": "cn", "tax_id": SUPPLIER.tax_id,
        # The first row is left empty: the second is the only account.
        "bank_2": account.bank, "number_2": account.number, "currency_2": account.currency,
    }  # fmt: skip
    async with visiting(database, supplier) as visitor:
        assert "No legal entity is stated" in await visitor.see("/settings/legal")
        assert "/settings/legal" in await visitor.see("/settings")
        wrong = await visitor.send("/settings/legal", {**form, "bic_2": "NOBANK"})
        assert (wrong.status_code, 'id="f-bic_2-why"' in wrong.text) == (422, True)
        # Nothing that was typed is lost.
        assert SUPPLIER.name_latin in wrong.text
        day = await visitor.send("/settings/legal", {**form, "valid_from": "tomorrow"})
        assert 'id="f-valid_from-why"' in day.text
        marked = await visitor.send("/settings/legal", {**form, "address": "<b>&\u202e"})
        assert (marked.status_code, "<b>&" in marked.text) == (422, False)
        done = await visitor.send("/settings/legal", form)
        assert (done.status_code, done.headers["Location"]) == (303, "/settings/legal?done=stated")
        shown = await visitor.see("/settings/legal?done=stated")
    assert "No legal entity is stated" not in shown
    assert "on papers of today" in shown
    assert 'value="样本银行湖州分行"' in shown
    async with visiting(database, supplier, role="VIEWER", language="zh") as visitor:
        assert "今日单据所用" in await visitor.see("/settings/legal")
