"""Views of lists: kept under a name, for oneself or for everybody of the organization."""

import asyncio
from uuid import UUID

import httpx
import pytest

from beltline.accounts import actions as accounts
from beltline.accounts import queries
from beltline.accounts.actions import views as actions
from beltline.accounts.types import (
    Member,
    NotAMember,
    Organization,
    ViewsTooMany,
    ViewUnreadable,
)
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database, NotFound
from tests.accounts.make import NOW, make_organization
from tests.accounts.test_pages import PASSWORD, add, client, shop, sign_in, token_of

__all__ = ["client", "shop"]


def acting(shop: Organization, member: Member) -> Actor:
    return Actor(shop.id, shop.kind, member.name, "MEMBER", member.id, member.role)


async def names(database: Database, actor: Actor, path: str | None = None) -> list[str]:
    async with database.reading(actor) as db:
        found = await queries.list_views(db, actor.org_id, actor.via_id, path=path)
    return [view.name for view in found]


async def keep(
    database: Database, actor: Actor, name: str, query: str = "status=PLACED", *,
    path: str = "/orders", is_shared: bool = False,
) -> UUID:  # fmt: skip
    async with database.writing(actor) as db:
        kept = await actions.keep_view(
            db, actor, path=path, query=query, name=name, is_shared=is_shared, now=NOW
        )
    return kept.id


async def test_a_view_is_ones_own_or_everybodys(database: Database, shop: Organization) -> None:
    anna = acting(shop, await add(database, shop, "anna@example.com", "BUYER"))
    ben = acting(shop, await add(database, shop, "ben@example.com", "VIEWER"))
    other = await make_organization(database, "other", "BUYER")
    carl = acting(other, await add(database, other, "carl@example.com", "ADMIN"))
    await keep(database, anna, "Mine")
    await keep(database, anna, "Ours", is_shared=True)
    await keep(database, anna, "Stock", "low=1", path="/inventory")
    assert await names(database, anna, "/orders") == ["Mine", "Ours"]
    assert await names(database, ben) == ["Ours"]
    assert await names(database, carl) == []

    async with database.reading(anna) as db:
        mine, ours, _ = sorted(
            await queries.list_views(db, shop.id, anna.via_id), key=lambda view: view.name
        )
    for actor, view, refusal in (
        (ben, mine, NotFound), (ben, ours, WrongRole), (carl, ours, NotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            async with database.writing(actor) as db:
                await actions.delete_view(db, actor, view.id, now=NOW)
    with pytest.raises(WrongRole):
        await keep(database, ben, "For all", is_shared=True)
    assert await names(database, anna) == ["Stock", "Mine", "Ours"]
    async with database.writing(anna) as db:
        await actions.delete_view(db, anna, ours.id, now=NOW)
    assert await names(database, ben) == []


async def test_the_same_name_again_shows_the_new_filters(
    database: Database, shop: Organization
) -> None:
    anna = acting(shop, await add(database, shop, "anna@example.com", "BUYER"))
    first = await keep(database, anna, " Late  ones ", "status=PLACED&after=abc&done=paid")
    assert await keep(database, anna, "Late ones", "?status=PAID&country=PL") == first
    async with database.reading(anna) as db:
        (view,) = await queries.list_views(db, shop.id, anna.via_id)
    assert view.name == "Late ones"
    assert view.address == "/orders?country=PL&status=PAID"


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("/orders", "", "No filter"),
        ("/orders", "after=abc", "A place in a list"),
        ("/orders", "status=PAID", "  "),
        ("/orders", "status=PAID", "x" * 61),
        ("//evil.example", "status=PAID", "Elsewhere"),
        ("https://evil.example", "status=PAID", "Elsewhere"),
        ("/orders?x", "status=PAID", "Not a path"),
        ("/orders", "q=" + "x" * 1000, "Too long"),
    ],
)
async def test_what_is_no_view_is_refused(
    database: Database, shop: Organization, path: str, query: str, name: str
) -> None:
    anna = acting(shop, await add(database, shop, "anna@example.com", "BUYER"))
    with pytest.raises(ViewUnreadable):
        await keep(database, anna, name, query, path=path)
    assert await names(database, anna) == []


async def test_views_are_for_people_and_not_without_end(
    database: Database, shop: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotAMember):
        await keep(database, accounts.system_actor(shop), "Mine")
    anna = acting(shop, await add(database, shop, "anna@example.com", "BUYER"))
    monkeypatch.setattr(actions, "VIEWS_MOST", 2)
    await keep(database, anna, "One")
    await keep(database, anna, "Two")
    with pytest.raises(ViewsTooMany):
        await keep(database, anna, "Three")
    # One that is there is no further one.
    await keep(database, anna, "Two", "status=SHIPPED")
    assert await names(database, anna) == ["One", "Two"]


async def test_two_at_once_do_not_keep_more_than_there_may_be(
    database: Database, shop: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = acting(shop, await add(database, shop, "anna@example.com", "BUYER"))
    monkeypatch.setattr(actions, "VIEWS_MOST", 3)
    outcomes = await asyncio.gather(
        *(keep(database, anna, f"View {n}") for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(each, ViewsTooMany) for each in outcomes) == 5
    assert len(await names(database, anna)) == 3


async def test_a_list_offers_its_views_and_keeps_what_it_shows(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    await add(database, shop, "anna@example.com", "BUYER")
    await sign_in(client, "anna@example.com", PASSWORD)
    page = await client.get("/orders?status=PAID")
    assert "/views/bar?view=%2Forders%3Fstatus%3DPAID" in page.text
    bar = await client.get("/views/bar", params={"view": "/orders?status=PAID&after=x"})
    assert "Keep this view" in bar.text
    kept = await client.post(
        "/views", data={"_csrf": token_of(bar), "path": "/orders", "query": "status=PAID",
                        "name": "To send", "shared": "1"},
    )  # fmt: skip
    assert kept.headers["location"] == "/orders?status=PAID"
    bar = await client.get("/views/bar", params={"view": "/orders?status=PAID"})
    assert 'href="/orders?status=PAID" aria-current="true">To send' in bar.text
    assert "Keep this view" not in bar.text
    assert (await client.get("/views/bar", params={"view": "/inventory"})).text.strip() == ""

    listed = await client.get("/views")
    assert "To send" in listed.text
    async with database.system() as db:
        (view,) = await queries.list_views(db, shop.id, None)
    gone = await client.post(f"/views/view_{view.id.hex}/delete", data={"_csrf": token_of(listed)})
    assert gone.headers["location"] == "/views?done=deleted"
    assert "No view is kept" in (await client.get("/views")).text
