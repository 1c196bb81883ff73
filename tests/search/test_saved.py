"""Saved searches: what comes to answer them is told of once, to whom it is the business of."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from beltline.catalog.actions import goods
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.kit.relay import deliver, publish
from beltline.search import actions as index
from beltline.search import workflows
from beltline.search.actions import saved as actions
from beltline.search.queries import saved as queries
from beltline.search.types import (
    NothingAsked,
    Saved,
    SavedNameTaken,
    SavedState,
    SavedTooMany,
    SavedTooWide,
    Wishes,
)
from tests.catalog.make import NOW, Network
from tests.orders.http import api, idempotent, key_of
from tests.search.make import index_all, make_alike
from tests.visitor import visiting

LATER = NOW + dt.timedelta(hours=1)


async def make_goods(database: Database) -> Network:
    """Goods of two shops, indexed: A-1-S (4 USD) and B-1-S (5 USD) are steel bottles."""
    network = await make_alike(database)
    await index_all(database)
    return network


async def _save(
    database: Database, actor: Actor, question: str = "steel bottle", name: str = "Bottles",
    **wishes: Any,
) -> Saved:  # fmt: skip
    async with database.writing(actor) as db:
        return await actions.save(
            db, actor, name=name, question=question, wishes=Wishes(**wishes), now=NOW
        )


async def _tell(database: Database, network: Network) -> int:
    job = await run_inline(
        database, network.operator, kind=actions.TELL_KIND, title="", parameters={}, now=LATER,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    return int(job.result)


async def _price(database: Database, sku: str, price: int) -> None:
    async with database.system() as db:
        await db.execute(
            """update catalog.offer_break b set unit_price = $2
                 from catalog.offer o join catalog.sku k on k.id = o.sku_id
                where o.id = b.offer_id and k.code = $1 and o.audience = 'BUYERS'""",
            sku,
            Decimal(price),
        )


async def _told(database: Database, actor: Actor, saved: Saved) -> list[str]:
    async with database.reading(actor) as db:
        return [one.sku for one in await queries.list_alerts(db, saved.id, limit=50)]


async def _events(database: Database, saved: Saved) -> list[dict[str, Any]]:
    async with database.system() as db:
        return await db.values(
            """select data || jsonb_build_object('sequence', sequence, 'buyer', buyer_org_id)
                 from kit.event_all where aggregate_id = $1 order by sequence""",
            saved.id,
        )


async def test_goods_that_come_to_answer_are_told_of_once(database: Database) -> None:
    network = await make_goods(database)
    saved = await _save(database, network.buyer, price_max=Decimal("4.5"), currency="USD")
    assert await _tell(database, network) == 0  # A-1-S answered before
    await _price(database, "B-1-S", 4)
    assert await _tell(database, network) == 1
    await _price(database, "B-1-S", 9)
    assert await _tell(database, network) == 0
    await _price(database, "B-1-S", 3)
    assert await _tell(database, network) == 0  # once for good
    assert await _told(database, network.buyer, saved) == ["B-1-S"]
    (event,) = await _events(database, saved)
    assert event["goods"] == [{"sku": "B-1-S", "currency": "USD", "unit_price": "4"}]
    assert (event["sequence"], event["buyer"]) == (1, str(network.buyer.org_id))


async def test_new_goods_are_found_when_they_are_indexed(database: Database) -> None:
    network = await make_goods(database)
    saved = await _save(database, network.buyer, "linen robe")
    async with database.system() as db:
        await db.execute(
            "update catalog.sku set title = 'Linen robe', updated_at = $1 where code = 'B-4-S'",
            LATER,
        )
    assert await _tell(database, network) == 0
    job = await run_inline(
        database, network.operator, kind=index.INDEX_KIND, title="", parameters={}, now=LATER,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    assert job.result == 1
    async with database.system() as db:
        asked = await db.values("select kind from kit.job where state = 'QUEUED'")
    assert actions.TELL_KIND in asked
    assert await _tell(database, network) == 1
    assert await _told(database, network.buyer, saved) == ["B-4-S"]


async def test_an_edit_of_goods_is_followed_at_once(database: Database) -> None:
    network = await make_goods(database)
    saved = await _save(database, network.buyer, "linen robe")
    async with database.writing(network.operator) as db:
        edit = await goods.make_edit(
            db, network.operator, "sku,title\nB-4-S,Linen robe\n", now=LATER
        )
    await publish(database)
    for listener in workflows.LISTENERS:
        await deliver(database, listener)
    async with database.system() as db:
        asked = await db.values("select kind from kit.job where state = 'QUEUED'")
    assert asked.count(index.INDEX_KIND) == 1
    assert await index_all(database) == 1
    assert await _tell(database, network) == 1
    assert await _told(database, network.buyer, saved) == ["B-4-S"]
    async with database.writing(network.operator) as db:
        await goods.undo_edit(db, network.operator, edit_id=edit.id, now=LATER)
        types = await db.values(
            "select type from kit.event_all where aggregate_id = $1 order by sequence", edit.id
        )
    assert types == ["goods.edited", "goods.undone"]


async def test_what_came_while_it_was_paused_is_not_told(database: Database) -> None:
    network = await make_goods(database)
    saved = await _save(database, network.buyer, price_max=Decimal("4.5"))
    async with database.writing(network.buyer) as db:
        paused = await actions.pause(db, network.buyer, saved.id, now=NOW)
    assert paused.state is SavedState.PAUSED
    await _price(database, "B-1-S", 4)
    assert await _tell(database, network) == 0
    async with database.writing(network.buyer) as db:
        again = await actions.resume(db, network.buyer, saved.id, now=NOW)
        assert (await actions.resume(db, network.buyer, saved.id, now=NOW)) == again
    assert again.state is SavedState.ACTIVE
    assert await _tell(database, network) == 0


async def test_many_goods_are_told_of_in_several_events(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await make_goods(database)
    saved = await _save(database, network.buyer, "drinkware", price_max=Decimal(1))
    for sku in ("A-1-S", "B-1-S"):
        await _price(database, sku, 1)
    monkeypatch.setattr(actions, "EVENT_GOODS", 1)
    assert await _tell(database, network) == 2
    told = [(event["sequence"], len(event["goods"])) for event in await _events(database, saved)]
    assert told == [(1, 1), (2, 1)]


async def test_what_cannot_be_kept_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await make_goods(database)
    await _save(database, network.buyer)
    with pytest.raises(SavedNameTaken):
        await _save(database, network.buyer)
    with pytest.raises(NothingAsked):
        await _save(database, network.buyer, " -- ")
    other = await _save(database, network.buyer, name="Others")
    async with database.writing(network.buyer) as db:
        with pytest.raises(SavedNameTaken):
            await actions.rename(db, network.buyer, other.id, "Bottles", now=NOW)
    monkeypatch.setattr(actions, "WIDEST", 1)
    with pytest.raises(SavedTooWide):
        await _save(database, network.buyer, name="Wide")
    monkeypatch.setattr(actions, "SAVED_MOST", 2)
    with pytest.raises(SavedTooMany):
        await _save(database, network.buyer, name="Third")


async def test_a_saved_search_is_its_organizations_alone(database: Database) -> None:
    network = await make_goods(database)
    saved = await _save(database, network.buyer)
    await _save(database, network.other_buyer)
    async with database.writing(network.other_buyer) as db:
        assert len(await queries.list_saved(db, limit=9)) == 1
        with pytest.raises(NotFound):
            await actions.delete(db, network.other_buyer, saved.id, now=NOW)
    path = f"/v1/search/saved/sav_{saved.id.hex}"
    headers = idempotent(await key_of(database, network.other_buyer))
    async with api(database) as http:
        for act in ("", "/alerts"):
            assert (await http.get(path + act, headers=headers)).status_code == 404
        for act in ("pause", "resume", "seen", "delete"):
            answer = await http.post(
                f"{path}/{act}", headers={**headers, "Idempotency-Key": f"x-{act}"}
            )
            assert answer.status_code == 404, act


async def test_a_program_keeps_a_search(database: Database) -> None:
    network = await make_goods(database)
    headers = await key_of(database, network.buyer)
    body = {"name": "Cheap", "q": "steel bottle", "currency": "USD", "price_max": "4.5"}
    async with api(database) as http:

        async def post(path: str, sent: object = None, key: str | None = None) -> Any:
            return await http.post(
                f"/v1/search/saved{path}", headers=idempotent(headers, key), json=sent
            )

        first, again = await post("", body, "k1"), await post("", body, "k1")
        assert (first.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotent-replayed"] == "true"
        made = first.json()
        assert (made["price_max"], made["state"], made["told"]) == ("4.5", "ACTIVE", 0)
        assert (await post("", {**body, "price_max": "x"})).status_code == 422
        assert (await post("", {**body, "name": "Empty", "q": "--"})).status_code == 422
        assert (await post("", {**body, "name": "  "})).status_code == 422
        path = f"/{made['id']}"
        assert (await post(f"{path}/rename", {"name": "Dear"})).json()["name"] == "Dear"
        await _price(database, "B-1-S", 4)
        assert await _tell(database, network) == 1
        goods = (await http.get(f"/v1/search/saved{path}/alerts", headers=headers)).json()
        assert [(one["sku"], one["unit_price"]) for one in goods["items"]] == [("B-1-S", "4")]
        assert (await post(f"{path}/seen")).json()["unseen"] == 0
        assert (await post(f"{path}/pause")).json()["state"] == "PAUSED"
        listed = (await http.get("/v1/search/saved?limit=1", headers=headers)).json()
        assert [one["told"] for one in listed["items"]] == [1]
        assert (await post(f"{path}/delete")).json()["id"] == made["id"]
        assert (await http.get(f"/v1/search/saved{path}", headers=headers)).status_code == 404


async def test_a_person_keeps_a_search_on_the_console(database: Database) -> None:
    network = await make_goods(database)
    async with visiting(database, network.buyer) as visitor:
        assert "No search is saved" in await visitor.see("/find/saved")
        assert "Save this search" in await visitor.see("/find?q=steel+bottle&price=4.5")
        answer = await visitor.send("/find/saved", {"q": "steel bottle", "price": "4.5"})
        path = answer.headers["location"].split("?")[0]
        page = await visitor.see(f"{path}?done=saved")
        assert "Nothing has come yet" in page
        assert "Highest price a unit 4.5" in page
        await _price(database, "B-1-S", 4)
        await _tell(database, network)
        assert "B-1-S" in await visitor.see(path)
        assert 'href="/find/saved"' in await visitor.see("/find/saved")
        await visitor.send(f"{path}/seen")
        assert "Mark all as seen" not in await visitor.see(path)
        await visitor.send(f"{path}/rename", {"name": "Thermos"})
        assert "Thermos" in await visitor.see("/find/saved?done=renamed")
        for act, seen in (("pause", "paused"), ("resume", "watched")):
            await visitor.send(f"{path}/{act}")
            assert seen in await visitor.see(path)
        assert (await visitor.send(f"{path}/dance")).status_code == 404
        gone = await visitor.send(f"{path}/delete")
        assert gone.headers["location"] == "/find/saved?done=deleted"
        assert (await visitor.get(path)).status_code == 404
    async with visiting(database, network.other_buyer, language="zh") as visitor:
        assert "没有已保存的搜索" in await visitor.see("/find/saved")
