"""Goods translated by a machine: marked, fresh, never before a person's, and only ever text."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from beltline.app.settings import TranslationSettings, WorkerSettings
from beltline.app.worker import schedules_of
from beltline.app.workflows import jobs_on
from beltline.catalog.actions import goods as actions
from beltline.catalog.adapters.chat import ChatTranslator
from beltline.catalog.queries import goods as queries
from beltline.catalog.types import (
    ProductBody,
    Translation,
    TranslationBody,
    TranslatorRefused,
    Wording,
)
from beltline.catalog.workflows import translate_on
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.errors import Transient
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.science.engines import LOCAL
from beltline.search.actions import count_words, index_batch, search_goods
from beltline.search.types import Wishes
from tests.catalog.chat_server import ChatServer, serving
from tests.catalog.make import NOW, Network, make_network
from tests.suppliers.make import actor_of


@pytest.fixture
async def chat() -> AsyncIterator[ChatServer]:
    async with serving() as server:
        yield server


@pytest.fixture
async def network(database: Database) -> Network:
    network = await make_network(database)
    seller = await actor_of(database, "zhili-01")
    async with database.writing(seller) as db:
        told = ProductBody(description="soft cotton")
        await actions.describe(db, seller, product="P-1", told=told, now=NOW)
    return network


async def run(database: Database, network: Network, chat: ChatServer, locales: str = "de") -> None:
    settings = TranslationSettings(
        url=chat.url, key="sk-1", model="small-1", locales=locales, batch=2
    )
    kinds = [job for job in jobs_on(LOCAL, settings) if job.name == "catalog.translate.v1"]
    await run_inline(
        database, network.operator, kind=kinds[0].name, title="Translate goods",
        now=await database.now(), job_id=new_id(), parameters={}, registry=registry_of(*kinds),
    )  # fmt: skip


async def spoken(database: Database, product: str, locale: str = "de") -> Translation | None:
    async with database.system() as db:
        found = await queries.get_product(db, product)
        all_ = await queries.list_translations(db, found, actions.source_of(found))
    return next((one for one in all_ if one.locale == locale), None)


async def products(database: Database) -> list[str]:
    async with database.system() as db:
        return await db.values("select code from catalog.product order by id")


async def test_every_product_is_translated_once_marked_and_found(
    database: Database, network: Network, chat: ChatServer
) -> None:
    codes = await products(database)
    await run(database, network, chat)
    for code in codes:
        one = await spoken(database, code)
        assert one is not None
        assert (one.title[:3], one.is_machine, one.model, one.is_stale) == (
            "de ", True, "small-1", False,
        )  # fmt: skip
    first = await spoken(database, "P-1")
    assert first is not None
    assert first.description == "de SOFT COTTON"
    assert [len(items) for items in chat.items()] == [2] * (len(codes) // 2) + [1] * (
        len(codes) % 2
    )
    assert {h["authorization"] for h in chat.headers} == {"Bearer sk-1"}
    asked = len(chat.asked)
    await run(database, network, chat)
    assert len(chat.asked) == asked, "what is fresh is not asked for again"
    # A language of its own word finds the goods.
    async with database.system() as db:
        await db.execute(
            "update catalog.translation set title = 'Schlafanzug' where title = $1", first.title
        )
        await index_batch(db)
        await count_words(db)
    async with database.reading(network.buyer) as db:
        found = await search_goods(db, "schlafanzug", wishes=Wishes(), on=day_of(NOW))
    assert found.goods


async def test_a_translation_makes_the_index_read_the_product_anew(
    database: Database, network: Network, chat: ChatServer
) -> None:
    async with database.system() as db:
        await index_batch(db)
    await run(database, network, chat)
    async with database.system() as db:
        waiting = await db.value(
            """select count(*) from catalog.product p join catalog.sku k on k.product_id = p.id
                 join search.document d on d.sku_id = k.id where d.source_at < p.updated_at"""
        )
    assert waiting > 0


async def test_a_persons_words_stay_until_the_source_changes(
    database: Database, network: Network, chat: ChatServer
) -> None:
    seller = await actor_of(database, "zhili-01")
    async with database.writing(seller) as db:
        person = TranslationBody("Kinderschlafanzug")
        await actions.translate(db, seller, product="P-1", locale="de", told=person, now=NOW)
    await run(database, network, chat)
    kept = await spoken(database, "P-1")
    assert kept is not None
    assert (kept.title, kept.is_machine) == ("Kinderschlafanzug", False)
    async with database.writing(seller) as db:
        told = ProductBody(description="wool")
        await actions.describe(db, seller, product="P-1", told=told, now=NOW)
    await run(database, network, chat)
    fresh = await spoken(database, "P-1")
    assert fresh is not None
    assert (fresh.description, fresh.is_machine, fresh.is_stale) == ("de WOOL", True, False)


async def test_a_chinese_title_a_person_wrote_is_the_chinese_title(
    database: Database, network: Network, chat: ChatServer
) -> None:
    async with database.system() as db:
        await db.execute("update catalog.product set locale = 'en', description = ''")
        await db.execute(
            "update catalog.product set title_zh = '睡衣', description = 'warm' where code = 'P-1'"
        )
    await run(database, network, chat, "zh")
    one = await spoken(database, "P-1", "zh")
    assert one is not None
    assert (one.title, one.description) == ("睡衣", "zh WARM")
    async with database.system() as db:
        plain = await db.values(
            "select code from catalog.product where title_zh <> '' and description = ''"
        )
    assert plain
    assert [await spoken(database, code, "zh") for code in plain] == [None] * len(plain)


async def test_the_hash_is_the_same_in_sql_and_in_python(
    database: Database, network: Network
) -> None:
    async with database.system() as db:
        await db.execute("update catalog.product set title = e'a\\n😀 é', description = '棉'")
        found = await queries.list_untranslated(db, "de", after=UUID(int=0), limit=50)
        by_id = {one.id: one.source_hash for one in found}
        for code in await db.values("select code from catalog.product"):
            product = await queries.get_product(db, code)
            assert by_id[product.id] == actions.source_of(product)


@pytest.mark.parametrize(
    "said",
    [
        "no JSON", "{}", '{"items": 3}', '{"items": []}', '{"items": [{"id": 9, "title": "x"}]}',
        '{"items": [{"id": 0, "title": ""}, {"id": 1, "title": " \\u0000 "}]}', "[" * 5_000,
        (200, "not even an envelope"), (200, '{"choices": []}'),
    ],
)  # fmt: skip
async def test_what_is_no_answer_changes_nothing(
    database: Database, network: Network, chat: ChatServer, said: tuple[int, str] | str
) -> None:
    chat.says = [said] * 10
    await run(database, network, chat)
    assert {await spoken(database, code) for code in await products(database)} == {None}


async def test_hostile_words_are_cut_to_text(chat: ChatServer) -> None:
    title = "\\u0000A\\u001b[31m " + "x" * 500
    chat.says = [f'{{"items": [{{"id": 0, "title": "{title}", "description": "b\\u0007\\nc"}}]}}']
    (one,) = await translator(chat).translate([Wording("a")], "de")
    assert one is not None
    assert one.title.startswith("A [31m xxx")
    assert len(one.title) == 400
    assert one.description == "b \nc"


async def test_what_is_asked_changes_meanwhile_is_not_kept(
    database: Database, network: Network, chat: ChatServer
) -> None:
    class Slow(ChatTranslator):
        async def translate(self, goods: Sequence[Wording], locale: str) -> list[Wording | None]:
            told = await super().translate(goods, locale)
            async with database.system() as db:
                await db.execute("update catalog.product set description = 'other'")
            return told

    job = translate_on(Slow(chat.url, "", "m"), ["de"], batch=100)
    await run_inline(
        database, network.operator, kind=job.name, title="Translate goods",
        now=await database.now(), job_id=new_id(), parameters={}, registry=registry_of(job),
    )  # fmt: skip
    assert await spoken(database, "P-1") is None


async def test_who_does_not_answer_is_asked_again_and_who_refuses_is_told_of(
    chat: ChatServer,
) -> None:
    chat.says = [(503, ""), (429, ""), (401, '{"error": "no such key"}')]
    for _ in range(2):
        with pytest.raises(Transient):
            await translator(chat).translate([Wording("a")], "de")
    with pytest.raises(TranslatorRefused, match="401"):
        await translator(chat).translate([Wording("a")], "de")
    with pytest.raises(Transient):
        await ChatTranslator("http://127.0.0.1:1/v1", "", "m").translate([Wording("a")], "de")


def test_without_a_translator_nothing_is_asked_for() -> None:
    kinds = {job.name for job in jobs_on(LOCAL)}
    asked = {schedule.kind for schedule in schedules_of(WorkerSettings())}
    assert "catalog.translate.v1" not in kinds | asked
    settings = TranslationSettings(url="http://127.0.0.1:1/v1")
    assert "catalog.translate.v1" in {
        schedule.kind for schedule in schedules_of(WorkerSettings(), settings)
    }


def translator(chat: ChatServer) -> ChatTranslator:
    return ChatTranslator(chat.url, "sk-1", "small-1")
