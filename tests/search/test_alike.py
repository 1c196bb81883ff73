"""Goods of two shops compared, decided by people, compared again."""

import datetime as dt

import msgspec
import pytest

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.search import workflows
from beltline.search.actions import alike as actions
from beltline.search.actions import comparing
from beltline.search.queries import alike as queries
from beltline.search.rules import alike as rules
from beltline.search.types import Maker, Pair, PairKind, PairState, Verdict
from tests.catalog.make import NOW
from tests.search.make import compare_all, make_alike

LATER = NOW + dt.timedelta(hours=1)


async def _waiting(database: Database) -> list[Pair]:
    async with database.system() as db:
        return await queries.list_waiting_pairs(db, limit=50)


async def _makers(database: Database, actor: Actor, product: str, quantity: int = 1) -> list[Maker]:
    async with database.reading(actor) as db:
        return await actions.list_makers(db, actor, product, quantity=quantity, on=day_of(NOW))


async def _decide(database: Database, actor: Actor, pair: Pair, verdict: Verdict) -> Pair:
    async with database.writing(actor) as db:
        return await actions.decide_pair(db, actor, pair_id=pair.id, verdict=verdict, now=LATER)


def _pair(pairs: list[Pair], *products: str) -> Pair:
    return next(pair for pair in pairs if {pair.a.product, pair.b.product} == set(products))


async def test_the_same_goods_of_two_shops_are_grouped(database: Database) -> None:
    network = await make_alike(database)
    assert await compare_all(database) == 4
    (maker,) = await _makers(database, network.buyer, "A-1")
    assert (maker.product, maker.kind, maker.supplier) == ("B-1", PairKind.SAME_ITEM, "yiwu-02")
    assert maker.score is not None
    assert maker.score > 0.5
    assert (maker.currency, maker.unit_price, maker.moq) == ("USD", 5, 10)
    (many,) = await _makers(database, network.buyer, "A-1", quantity=100)
    assert many.unit_price == 3
    (bought,) = await _makers(database, network.operator, "A-1")
    assert (bought.currency, bought.unit_price) == ("CNY", 14)
    assert await _makers(database, network.buyer, "A-3") == []


async def test_only_what_changed_is_compared_again(database: Database) -> None:
    await make_alike(database)
    await compare_all(database)
    async with database.system() as db:
        assert await queries.count_stale_blocks(db) == 0
        await db.execute(
            "update catalog.product set title = 'Lamp', updated_at = $1 where code = 'B-1'", LATER
        )
        assert await queries.count_stale_blocks(db) == 1
        await db.execute("update catalog.product set title_zh = '' where code = 'B-1'")
    assert await compare_all(database, now=LATER) == 2
    same = [p for p in await _waiting(database) if p.kind is not PairKind.SUBSTITUTE]
    assert "B-1" not in {side.product for pair in same for side in (pair.a, pair.b)}


async def test_goods_found_to_be_of_two_kinds_are_compared_again_and_no_pair(
    database: Database,
) -> None:
    network = await make_alike(database)
    await compare_all(database)
    assert await _makers(database, network.buyer, "A-1")
    async with database.system() as db:
        for sku, code in (("A-1-S", "961700"), ("B-1-S", "732393")):
            await db.execute(
                "update catalog.sku set hs_code = $2, updated_at = $3 where code = $1",
                sku, code, LATER,
            )  # fmt: skip
        assert await queries.count_stale_blocks(db) == 1
    await compare_all(database, now=LATER)
    assert PairKind.SAME_ITEM not in {
        maker.kind for maker in await _makers(database, network.buyer, "A-1")
    }
    assert await _makers(database, network.buyer, "A-2")


async def test_what_people_say_outlives_the_next_run(database: Database) -> None:
    network = await make_alike(database)
    await compare_all(database)
    pairs = await _waiting(database)
    assert [p.doubt for p in pairs] == sorted(p.doubt for p in pairs)
    split = await _decide(database, network.operator, _pair(pairs, "A-1", "B-1"), Verdict.UNLIKE)
    assert (split.state, split.kind, split.decided_by) == (
        PairState.SPLIT, PairKind.UNLIKE, network.operator.name
    )  # fmt: skip
    assert await _makers(database, network.buyer, "A-1") == []
    await _decide(database, network.operator, _pair(pairs, "A-2", "B-2"), Verdict.SAME)
    async with database.system() as db:
        await db.execute("update catalog.product set updated_at = $1", LATER)
        # Quite another title: a confirmed pair stays all the same.
        await db.execute(
            "update catalog.product set title = 'Lamp', title_zh = '' where code = 'B-2'"
        )
    assert await compare_all(database, now=LATER + dt.timedelta(hours=1)) == 2
    assert await _makers(database, network.buyer, "A-1") == []
    (maker,) = await _makers(database, network.buyer, "A-2")
    assert (maker.product, maker.state) == ("B-2", PairState.CONFIRMED)


async def test_a_verdict_can_be_changed_and_is_told(database: Database) -> None:
    network = await make_alike(database)
    await compare_all(database)
    pair = _pair(await _waiting(database), "A-1", "B-1")
    viewer = msgspec.structs.replace(network.operator, role="VIEWER")
    with pytest.raises(WrongRole):
        await _decide(database, viewer, pair, Verdict.SAME)
    await _decide(database, network.operator, pair, Verdict.SUBSTITUTE)
    (maker,) = await _makers(database, network.buyer, "A-1")
    assert (maker.kind, maker.state) == (PairKind.SUBSTITUTE, PairState.SPLIT)
    again = await _decide(database, network.operator, pair, Verdict.SAME)
    assert (again.state, again.version) == (PairState.CONFIRMED, 3)
    async with database.system() as db:
        types = await db.values(
            "select type from kit.event_all where aggregate_id = $1 order by sequence", pair.id
        )
        audited = await db.value(
            "select count(*) from accounts.audit where object_id = $1", pair.id
        )
    assert (types, audited) == (["alike.split", "alike.confirmed"], 2)


async def test_barcodes_and_pictures_bring_categories_together(database: Database) -> None:
    network = await make_alike(database)
    async with database.system() as db:
        await db.execute(
            """insert into catalog.product_attribute (product_id, supplier_org_id, code, text_value)
               select id, supplier_org_id, 'barcode', '6901234567892' from catalog.product
                where code in ('A-3', 'B-4')"""
        )
        await db.execute(
            """insert into catalog.product_attribute (product_id, supplier_org_id, code, text_value)
               select id, supplier_org_id, 'color', case code when 'A-2' then 'red' else 'blue' end
                 from catalog.product where code in ('A-2', 'B-2')"""
        )
    await compare_all(database)
    (maker,) = await _makers(database, network.buyer, "A-3")
    assert (maker.product, [e.part for e in maker.evidence]) == ("B-4", ["BARCODE"])
    (substitute,) = await _makers(database, network.buyer, "A-2")
    assert substitute.kind is PairKind.SUBSTITUTE
    assert [(d.code, d.a, d.b) for d in substitute.differences] == [("color", "red", "blue")]
    (mirrored,) = await _makers(database, network.buyer, "B-2")
    assert [(d.a, d.b) for d in mirrored.differences] == [("blue", "red")]


async def test_the_job_tells_how_far_it_is(database: Database) -> None:
    network = await make_alike(database)
    seen: list[tuple[int, int | None]] = []
    job = await run_inline(
        database, network.operator, kind=actions.ALIKE_KIND, title="", parameters={}, now=NOW,
        registry=registry_of(*workflows.JOBS),
        on_progress=lambda progress: seen.append((progress.done, progress.total)),
    )  # fmt: skip
    assert job.result == 4
    assert seen[-1] == (4, 4)


@pytest.mark.parametrize("shops", [1, 2])
async def test_goods_of_one_shop_are_not_compared(database: Database, shops: int) -> None:
    await make_alike(database)
    async with database.system() as db:
        articles = await queries.list_articles(db, "drinkware")
    chosen = [one for one in articles if shops == 2 or one.shop == "zhili-01"]
    assert bool(comparing.compare_texts(chosen)) == (shops == 2)


async def test_goods_said_in_two_languages_wait_for_a_person(database: Database) -> None:
    await make_alike(database)
    async with database.system() as db:
        await db.execute("update catalog.product set title_zh = '' where code like 'A-%'")
        await db.execute(
            """update catalog.product set title = '带盖玻璃茶壶', title_zh = '带盖玻璃茶壶'
                where code = 'B-2'"""
        )
        articles = await queries.list_articles(db, "drinkware")
    names = {one.id: one.title for one in articles}
    found = comparing.compare_texts(articles)
    met = {
        (names[asked], names[answer]): score
        for (asked, answer), score in found.items()
        if "玻璃" in names[asked]
    }
    assert list(met) == [("带盖玻璃茶壶", "Glass teapot with bamboo lid and infuser")]
    assert max(met.values()) < rules.SAME
