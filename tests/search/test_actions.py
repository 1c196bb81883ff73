"""Questions against the index, with terms as the catalog has them at that moment."""

import asyncio
import datetime as dt
from decimal import Decimal

import pytest

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.search import actions, queries, rules, workflows
from beltline.search.types import Found, NothingAsked, Wishes
from tests.catalog.make import NOW, make_network
from tests.search.make import index_all, make_index

ON = day_of(NOW)


async def _ask(
    database: Database, actor: Actor, question: str, *, on: dt.date = ON, **wishes: object
) -> Found:
    async with database.reading(actor) as db:
        return await actions.search_goods(
            db, question, wishes=Wishes(**wishes), on=on  # type: ignore[arg-type]
        )  # fmt: skip


def _codes(found: Found) -> list[str]:
    return [one.hit.code for one in found.goods]


async def test_goods_are_found(database: Database) -> None:
    network = await make_index(database)
    for question, codes in (
        ("kid pyjama", ["SKU-1"]),
        ("睡衣", ["SKU-1"]),
        ("耳", ["SKU-2", "SKU-3"]),
        ("SKU-2", ["SKU-2"]),
        ("https://shop.example/p/kids-pyjamas.html", ["SKU-1"]),
        ("zebra", []),
        ("') | 'x", []),
    ):
        found = await _ask(database, network.buyer, question)
        assert _codes(found)[: len(codes)] == codes, question
        assert bool(found.goods) == bool(codes), question


async def test_a_price_changed_now_is_in_the_next_answer(database: Database) -> None:
    network = await make_index(database)
    before = await _ask(database, network.buyer, "pyjamas", quantity=100)
    assert before.goods[0].hit.unit_price == Decimal("4.8")
    async with database.system() as db:
        await db.execute("update catalog.offer_break set unit_price = 9 where unit_price = 4.8")
    after = await _ask(database, network.buyer, "pyjamas", quantity=100)
    assert after.goods[0].hit.unit_price == Decimal(9)
    assert not (await _ask(database, network.buyer, "pyjamas", quantity=100,
                           price_max=Decimal(5))).goods  # fmt: skip
    assert (await _ask(database, network.buyer, "pyjamas", price_max=Decimal("5.25"))).goods


async def test_filters(database: Database) -> None:
    network = await make_index(database)
    wishes: tuple[tuple[dict[str, object], bool], ...] = (
        ({"category": "apparel"}, True), ({"category": "toys"}, False),
        ({"supplier": "zhili-01"}, True), ({"supplier": "yiwu-02"}, False),
        ({"tier": "A"}, True), ({"tier": "B"}, False),
        ({"moq_max": 2}, True), ({"moq_max": 1}, False),
        ({"currency": "USD"}, True), ({"currency": "CNY"}, False),
        ({"availability": "SPOT"}, False), ({"availability": "PRESALE"}, False),
        ({"belt": "nowhere"}, False), ({"lead_time_days_max": 1.0}, False),
    )  # fmt: skip
    for wish, answers in wishes:
        found = await _ask(database, network.buyer, "pyjamas", **wish)
        assert bool(found.goods) == answers, wish


async def test_offers_of_other_days_and_audiences_are_not_shown(database: Database) -> None:
    network = await make_index(database)
    early = await _ask(database, network.buyer, "pyjamas", on=dt.date(2020, 1, 1))
    assert early.goods[0].hit.currency is None
    async with database.system() as db:
        await db.execute("delete from catalog.offer where audience = 'BUYERS'")
    assert (await _ask(database, network.operator, "pyjamas")).goods[0].hit.unit_price is None


async def test_only_what_changed_is_indexed_again(database: Database) -> None:
    network = await make_index(database)
    assert await index_all(database) == 0
    async with database.system() as db:
        await db.execute(
            "update catalog.sku set title = 'Linen robe', updated_at = $1 where code = 'SKU-1'",
            NOW + dt.timedelta(hours=1),
        )
        assert await queries.count_changed(db) == 1
    assert not (await _ask(database, network.buyer, "linen robe")).goods
    assert await index_all(database) == 1
    assert _codes(await _ask(database, network.buyer, "linen robe")) == ["SKU-1"]


async def test_two_that_count_words_at_once_wait_for_each_other(database: Database) -> None:
    await make_index(database)

    async def count() -> int:
        async with database.system() as db:
            return await actions.count_words(db)

    async with database.system() as db:
        first = await actions.count_words(db)
        second = asyncio.create_task(count())
        done, _ = await asyncio.wait({second}, timeout=0.5)
        assert not done
    assert first == await second == 3


async def test_goods_come_into_the_index_batch_by_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await make_network(database)
    monkeypatch.setattr(actions, "BATCH", 2)
    monkeypatch.setattr(actions, "PART", 1)
    job = await run_inline(
        database, network.operator, kind=actions.INDEX_KIND, title="", parameters={}, now=NOW,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    assert job.result == 3
    async with database.system() as db:
        assert await queries.count_changed(db) == 0
        await db.execute("update catalog.sku set updated_at = updated_at + interval '1 hour'")
        first = await actions.index_batch(db)
        # The first two have changed again: the next batch goes on behind them all the same.
        await db.execute("update catalog.sku set updated_at = updated_at + interval '1 hour'")
        second = await actions.index_batch(db, after=first.last)
        assert (first.count, second.count) == (2, 1)
        assert await queries.count_changed(db) == 2


async def test_words_of_few_goods_are_counted_as_they_change(database: Database) -> None:
    network = await make_network(database)
    later = NOW + dt.timedelta(hours=1)
    changes = (
        "select 1",
        "update catalog.sku set title = 'Silver studs', updated_at = $1 where code = 'SKU-2'",
        "update catalog.product set category = 'silver', updated_at = $1 where code = 'P-2'",
        "update catalog.sku set title = 'Kids', title_zh = '', updated_at = $1 where code <> 'X'",
        # One of two that said it says it no more.
        "update catalog.sku set title = 'Silver', updated_at = $1 where code = 'SKU-1'",
        "update catalog.sku set title = 'Gold', updated_at = $1 where code = 'SKU-1'",
    )
    for n, change in enumerate(changes):
        async with database.system() as db:
            await db.execute(change, *([later + dt.timedelta(hours=n)] if "$1" in change else []))
        await run_inline(
            database, network.operator, kind=actions.INDEX_KIND, title="", parameters={}, now=NOW,
            registry=registry_of(*workflows.JOBS),
        )  # fmt: skip
        async with database.system() as db:
            kept = await db.values("select word || ' ' || documents from search.word order by 1")
            true = await db.values(
                """select word || ' ' || ndoc
                     from ts_stat('select words from search.document') order by 1"""
            )
            assert await queries.count_changed(db) == 0
        assert kept == true, change
        told = [one for one in kept if one.startswith("silver ")]
        said = (0, 1, 2, 2, 3, 2)[n]
        assert told == ([f"silver {said}"] if said else []), change
    async with database.system() as db:
        assert await db.value("select documents from search.corpus") == 3


async def test_no_search_reads_through_words_that_wait(database: Database) -> None:
    await make_network(database)
    async with database.system() as db:
        assert (await actions.index_batch(db)).count == 3
        assert await db.value("select search.settle_words()") > 0
        await db.execute("update catalog.sku set updated_at = updated_at + interval '1 hour'")
    assert await index_all(database) == 3
    async with database.system() as db:
        assert await db.value("select search.settle_words()") == 0


async def test_a_typo_is_answered_with_a_near_word_and_silence_refused(database: Database) -> None:
    network = await make_index(database)
    found = await _ask(database, network.buyer, "kids pyjmas")
    assert found.left_out == ["pyjma"]
    assert found.meant == "kid pyjama"
    with pytest.raises(NothingAsked):
        await _ask(database, network.buyer, " -- ")


async def test_filters_look_behind_the_best_documents(database: Database) -> None:
    network = await make_index(database)
    look = rules.looks_for(["ear"], {"ear": 2}, of=3)[0]
    found = []
    for among, documents in ((1, 1), (100, 2)):
        async with database.reading(network.buyer) as db:
            hits, joined = await queries.find_hits(
                db, look, among=among, wishes=Wishes(moq_max=1), on=ON, limit=10
            )
            none, none_joined = await queries.find_hits(
                db, look, among=among, wishes=Wishes(moq_max=1, belt="nowhere"), on=ON, limit=10
            )
        found.append([hit.code for hit in hits])
        # Who makes goods is asked before they are joined with their terms.
        assert (none, joined, none_joined) == ([], documents, 0)
    assert sorted(map(len, found)) in ([0, 1], [1, 1])
    assert found[1] == ["SKU-2"]
