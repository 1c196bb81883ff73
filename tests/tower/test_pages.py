"""The control tower, the queue, data health and search: figures from rows, never invented."""

import datetime as dt
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import msgspec
import pytest
from bs4 import BeautifulSoup

from beltline.accounts import actions as accounts
from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id, show_id
from beltline.tower.pages import health
from beltline.tower.queries import figures, needs
from beltline.tower.queries.proofs import prove_all
from beltline.tower.types import NeedKind
from tests.accounts.make import make_organization, make_session
from tests.app.client import client_of
from tests.orders.make import set_stock
from tests.tower.make import Day, import_result, make_day, make_job
from tests.visitor import Visitor

ZONE = "Asia/Shanghai"


@pytest.fixture
async def day(database: Database) -> Day:
    # The pages go by the database's own clock, so the day is today.
    return await make_day(database, await database.now())


@pytest.fixture
async def client(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(dsn, accept="text/html") as opened:
        yield opened


@pytest.fixture
async def tower(client: httpx.AsyncClient, database: Database, day: Day) -> httpx.AsyncClient:
    client.cookies.set(SESSION_COOKIE, await make_session(database, day.operator))
    return client


def reader(day: Day) -> Actor:
    return accounts.system_actor(day.operator)


async def test_the_tower_shows_what_waits(tower: httpx.AsyncClient, day: Day) -> None:
    page = (await tower.get("/")).text
    for number, path in (
        ("PO-1", f"/purchases/{show_id('po', day.purchases['PO-1'])}"),
        ("PO-2", f"/purchases/{show_id('po', day.purchases['PO-2'])}"),
        ("PO-4", f"/purchases/{show_id('po', day.purchases['PO-4'])}/receive"),
        ("SKU-1", f"/proposals/{show_id('prp', day.proposals['SKU-1'])}"),
        ("stock: stock.csv", f"/imports/{show_id('imp', day.jobs['stock: stock.csv'])}"),
    ):
        assert f'href="{path}" data-row-link>{number}</a>' in page
    assert "Stock-out 63%" in page
    assert "Offers 60" in page
    assert "PO-5" not in page
    assert page.count('class="btn btn-primary') == 1


async def test_other_organizations_have_another_home(
    client: httpx.AsyncClient, database: Database, day: Day
) -> None:
    for organization, home in ((day.buyer, "/orders"), (day.supplier, "/supplier")):
        client.cookies.set(SESSION_COOKIE, await make_session(database, organization))
        assert (await client.get("/")).headers["location"] == home
        for path in ("/queue", "/data-health", "/data-health/proof"):
            assert (await client.get(path)).status_code == 403
    client.cookies.delete(SESSION_COOKIE)
    assert (await client.get("/")).headers["location"] == "/login?next=/"


async def test_an_empty_network_says_so_and_shows_no_figure(
    client: httpx.AsyncClient, database: Database
) -> None:
    operator = await make_organization(database, "operator", "OPERATOR")
    client.cookies.set(SESSION_COOKIE, await make_session(database, operator))
    page = (await client.get("/")).text
    for text in ("No plan run yet", "no forecast yet", "nothing received yet", "no money is held",
                 "Nothing to decide yet", "No open purchase order in a belt"):  # fmt: skip
        assert text in page
    assert (await client.get("/queue")).status_code == 200


async def test_needs_are_counted_as_they_are_listed(database: Database, day: Day) -> None:
    now = await database.now()
    today = day_of(now)
    async with database.reading(reader(day)) as db:
        arguments = {"now": now, "zone": ZONE, "today": today}
        listed = await needs.list_needs(db, day.operator.id, **arguments)
        counted = await needs.count_needs(db, day.operator.id, **arguments)
        one = await needs.list_needs(db, day.operator.id, **arguments, limit=1)
        late = await needs.list_needs(db, day.operator.id, **arguments, kind="LATE")
    by_kind = {kind: sum(n.kind == kind for n in listed) for kind in {n.kind for n in listed}}
    assert {count.kind: count.needs for count in counted} == by_kind
    assert len(one) == len(by_kind)
    assert [each.code for each in late] == ["PO-3"]
    stockouts = [each for each in listed if each.kind is NeedKind.STOCKOUT]
    assert [(each.code, each.place, each.facts["sold"]) for each in stockouts] == [
        ("SKU-2", "Warsaw", 84)
    ]
    assert sum(c.amount for c in counted if c.kind is NeedKind.PROPOSAL) == sum(
        each.amount or 0 for each in listed if each.kind is NeedKind.PROPOSAL
    )


async def test_a_shortage_is_a_need(database: Database, day: Day) -> None:
    now = await database.now()
    async with database.system() as db:
        sku_id = await db.value("select id from catalog.sku where code = 'SKU-1'")
        node_id = await db.value("select id from trade.node where code = 'CON-YIW'")
        await db.value(
            """select inventory.reserve_lines(array[$1::uuid], array[$2::uuid], array[$3::uuid],
                                              array[30::bigint], 'test', null, $4)""",
            sku_id, node_id, day.operator.id, now,
        )  # fmt: skip
        await set_stock(db, reader(day), {"SKU-1": sku_id}, node_id=node_id, on_hand=10, now=now)
    async with database.reading(reader(day)) as db:
        found = await needs.list_needs(
            db, day.operator.id, now=now, zone=ZONE, today=day_of(now), kind="SHORTAGE"
        )
    assert [(each.code, each.facts["short"]) for each in found] == [("SKU-1", 20)]


async def test_what_went_well_later_no_longer_asks(
    tower: httpx.AsyncClient, database: Database, day: Day
) -> None:
    assert "stock: stock.csv" in (await tower.get("/queue?kind=IMPORT")).text
    async with database.system() as db:
        await make_job(
            db, day.operator.id, msgspec.to_builtins(reader(day)), title="stock: stock.csv",
            kind="import.v1", state="DONE", result=import_result("stock"),
            now=await database.now() + dt.timedelta(minutes=5),
        )  # fmt: skip
    page = (await tower.get("/queue?kind=IMPORT")).text
    assert "stock: stock.csv" not in page
    assert "None of these" in page


async def test_a_queue_is_the_roles_own(
    client: httpx.AsyncClient, database: Database, day: Day
) -> None:
    client.cookies.set(SESSION_COOKIE, await make_session(database, day.operator, "WAREHOUSE"))
    mine = (await client.get("/queue")).text
    assert "PO-4" in mine
    assert "PO-3" not in mine
    assert "PO-3" in (await client.get("/queue?everybody=1")).text
    assert "PO-3" in (await client.get("/queue?kind=LATE")).text
    assert (await client.get("/queue?kind=NONSENSE")).status_code == 200


async def test_figures_are_those_of_the_rows(database: Database, day: Day) -> None:
    now = await database.now()
    async with database.reading(reader(day)) as db:
        cover = await figures.get_cover(db, day.operator.id)
        weeks = await figures.list_punctuality(db, day.operator.id, now=now, zone=ZONE)
        purchases = await figures.list_open_purchases(db, day.operator.id)
    assert cover is not None
    # 40 and 900 units at 5 a day: 8 and 180 days.
    assert (cover.series, cover.median_days, cover.under_week) == (2, 94.0, 0)
    assert sum(week.received for week in weeks) == 2
    assert sum(week.on_time for week in weeks) == 1
    assert len(purchases) == 5


async def test_data_health_proves_when_asked(tower: httpx.AsyncClient, database: Database) -> None:
    waiting = (await tower.get("/data-health")).text
    assert 'hx-get="/data-health/proof"' in waiting
    assert "Proving the invariants" in waiting
    proved = (await tower.get("/data-health?prove=1")).text
    assert "Stock equals its movements" in proved
    fragment = (await tower.get("/data-health/proof")).text
    assert "<html" not in fragment
    async with database.system() as db:
        await db.execute(
            """insert into kit.subscriber (name) values ('webhooks');""",
        )
        await db.execute(
            """insert into kit.parked (subscriber, aggregate_id, feed_seq, next_try_at, error)
               values ('webhooks', $1, 7, $2, 'ValueError: <b>no</b>')""",
            new_id(), await database.now(),
        )  # fmt: skip
    page = (await tower.get("/data-health?prove=1")).text
    assert "broken" in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page


async def park(database: Database) -> UUID:
    """A listener that failed at event 7 of something."""
    sick = new_id()
    async with database.system() as db:
        await db.execute("insert into kit.subscriber (name) values ('webhooks')")
        await db.execute(
            """insert into kit.parked (subscriber, aggregate_id, feed_seq, next_try_at, error)
               values ('webhooks', $1, 7, $2, 'ValueError: no')""",
            sick, await database.now() + dt.timedelta(hours=1),
        )  # fmt: skip
    return sick


async def parked_at(database: Database) -> list[tuple[int, bool]]:
    """Events listeners wait at, and whether each is due."""
    async with database.system() as db:
        rows = await db.rows(
            _Waiting, "select feed_seq, next_try_at = '-infinity' as due from kit.parked"
        )
    return [(row.feed_seq, row.due) for row in rows]


async def send(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    """The answer to the form of a parked event."""
    return await Visitor(client).send("/data-health/parked", form)


class _Waiting(msgspec.Struct, frozen=True):
    feed_seq: int
    due: bool


async def test_a_parked_event_is_tried_at_once_or_given_up_with_a_reason(
    tower: httpx.AsyncClient, database: Database, day: Day
) -> None:
    sick = await park(database)
    form = {"subscriber": "webhooks", "aggregate_id": str(sick), "feed_seq": "7"}
    assert "Skip event 7" in (await tower.get("/data-health")).text
    tried = await send(tower, form | {"act": "TRY"})
    assert tried.headers["location"] == "/data-health?done=tried"
    assert await parked_at(database) == [(7, True)]
    silent = await send(tower, form | {"act": "SKIP", "reason": "  "})
    assert silent.status_code == 422
    assert await parked_at(database) == [(7, True)]
    skipped = await send(tower, form | {"act": "SKIP", "reason": "its order is gone"})
    assert skipped.headers["location"] == "/data-health?done=skipped"
    assert await parked_at(database) == [(8, True)]
    for act in ("", "skip", "x"):
        assert (await send(tower, form | {"feed_seq": "8", "act": act})).status_code == 422
    # What was looked at is gone: the next event is not skipped by a second click.
    again = await send(tower, form | {"act": "SKIP", "reason": "its order is gone"})
    assert again.status_code == 409
    for wrong in ({"aggregate_id": "x"}, {"feed_seq": "9" * 40}, {"subscriber": "nobody"}):
        assert (await send(tower, form | wrong | {"act": "TRY"})).status_code == 409
    assert await parked_at(database) == [(8, True)]
    async with database.system() as db:
        said = await db.values(
            "select change->>'reason' from accounts.audit where action = 'event.skipped'"
        )
    assert said == ["its order is gone"]


async def test_only_an_administrator_of_the_operator_gives_up_events(
    client: httpx.AsyncClient, database: Database, day: Day
) -> None:
    sick = await park(database)
    form = {"subscriber": "webhooks", "aggregate_id": str(sick), "feed_seq": "7",
            "act": "SKIP", "reason": "why not"}  # fmt: skip
    client.cookies.set(SESSION_COOKIE, await make_session(database, day.operator, role="PLANNER"))
    assert "Skip event 7" not in (await client.get("/data-health")).text
    assert (await send(client, form)).status_code == 403
    stranger = await make_organization(database, "other", "BUYER")
    client.cookies.set(SESSION_COOKIE, await make_session(database, stranger))
    assert (await send(client, form)).status_code in {403, 404}
    assert await parked_at(database) == [(7, False)]


# -- search


async def test_everything_proved_has_words(database: Database, now: dt.datetime) -> None:
    proved = (await prove_all(database, now)).items
    assert {proof.name for proof in proved} <= set(health.PROOFS)
    assert {figure for proof in proved for figure in proof.figures} <= set(health.FIGURES)


async def test_search_finds_things_by_number_code_and_name(
    tower: httpx.AsyncClient, day: Day
) -> None:
    exact = await tower.get("/search?q=po-3")
    assert exact.headers["location"] == f"/purchases/{show_id('po', day.purchases['PO-3'])}"
    several = (await tower.get("/search?q=PO-")).text
    assert "7 found" in several
    assert "/suppliers/zhili-01" in (await tower.get("/search?q=织里")).text
    assert (
        "/products/SKU-1"
        in (await tower.get("/search?q=pyjam")).text + (await tower.get("/search?q=sku-")).text
    )
    for nothing in ("zzzz", "%25", "_", "", "a", "'; --"):
        page = await tower.get("/search", params={"q": nothing})
        assert page.status_code == 200
        assert "Nothing found" in page.text


async def test_the_palette_gets_json(tower: httpx.AsyncClient) -> None:
    items = (await tower.get("/search/suggest?q=SKU-")).json()["items"]
    assert {item["path"] for item in items} == {f"/products/SKU-{n}" for n in (1, 2, 3)}
    assert (await tower.get("/search/suggest?q=x")).json() == {"items": []}


async def test_a_search_shows_only_what_is_ones_own(
    client: httpx.AsyncClient, database: Database, day: Day
) -> None:
    client.cookies.set(SESSION_COOKIE, await make_session(database, day.supplier))
    page = (await client.get("/search?q=PO-")).text
    assert show_id("po", day.purchases["PO-3"]) in page
    assert show_id("po", day.purchases["PO-2"]) not in page
    client.cookies.set(SESSION_COOKIE, await make_session(database, day.buyer))
    assert "Nothing found" in (await client.get("/search?q=PO-")).text


async def test_the_navigation_counts_what_waits(
    tower: httpx.AsyncClient, database: Database, day: Day
) -> None:
    def counts(text: str) -> dict[str, int]:
        links = BeautifulSoup(text, "html.parser").select("nav a:has(.cnt)")
        figures = {str(link["href"]): link.select_one(".cnt") for link in links}
        return {path: int(found.text) for path, found in figures.items() if found is not None}

    assert counts((await tower.get("/orders")).text) == {
        "/find/saved": 0, "/replenish": 3, "/purchases": 2,
    }  # fmt: skip
    async with database.system() as db:
        await db.execute("update planning.proposal set status = 'REJECTED'")
    # Read again some seconds later, or as soon as this organization does something here.
    assert counts((await tower.get("/orders")).text)["/replenish"] == 3
    token = BeautifulSoup((await tower.get("/orders")).text, "html.parser").select_one(
        "input[name=_csrf]"
    )
    assert token is not None
    done = await tower.post("/preferences", data={"theme": "dark", "_csrf": str(token["value"])})
    assert done.status_code == 303
    assert counts((await tower.get("/orders")).text)["/replenish"] == 0
