"""Goods by meaning in another language, and by a photo; terms as they are at that moment."""

import datetime as dt
import struct
import zlib
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.images import ImageRefused
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.kit.relay import deliver, publish
from beltline.search import actions, rules, workflows
from beltline.search.actions import encoding, nearby
from beltline.search.actions.alike import ALIKE_KIND
from beltline.search.queries import alike, vectors
from beltline.search.types import Found, PhotoUnreadable, VectorKind, Wishes
from tests.catalog.make import NOW, Network
from tests.search.make import (
    compare_all,
    index_all,
    make_alike,
    picture,
    read_all,
    show_picture,
)

ON = day_of(NOW)


async def make_read(database: Database) -> Network:
    """Goods of two shops, indexed and read by the model of meaning."""
    network = await make_alike(database)
    await index_all(database)
    await read_all(database, network)
    return network


async def _ask(database: Database, actor: Actor, question: str, **wishes: object) -> Found:
    async with database.reading(actor) as db:
        return await actions.search_goods(
            db, question, wishes=Wishes(**wishes), on=ON  # type: ignore[arg-type]
        )  # fmt: skip


def _codes(found: Found) -> list[str]:
    return [one.hit.code for one in found.goods]


def _parts(found: Found, code: str) -> dict[str, float]:
    (one,) = [one for one in found.goods if one.hit.code == code]
    return {reason.part: reason.adds for reason in one.reasons}


async def test_another_language_is_answered_by_meaning(database: Database) -> None:
    network = await make_read(database)
    found = await _ask(database, network.buyer, "tetera de vidrio")
    assert set(_codes(found)[:2]) == {"A-2-S", "B-2-S"}
    parts = _parts(found, "A-2-S")
    assert parts["MEANING"] > 0.3
    assert "WORDS" not in parts
    assert not (await _ask(database, network.buyer, "contabilidad financiera")).goods


async def test_meaning_fills_behind_words_and_never_before_them(database: Database) -> None:
    network = await make_read(database)
    found = await _ask(database, network.buyer, "glass teapot")
    assert set(_codes(found)[:2]) == {"A-2-S", "B-2-S"}
    words = [_parts(found, code).get("WORDS", 0) for code in _codes(found)[:2]]
    meant = [_parts(found, code).get("MEANING", 0) for code in _codes(found)[2:]]
    assert min(words) > max(meant, default=0)


async def test_terms_of_the_moment_filter_what_was_found_by_meaning(database: Database) -> None:
    network = await make_read(database)
    question = "botella de acero al vacío"
    found = await _ask(database, network.buyer, question, price_max=Decimal("4.5"))
    assert _codes(found) == ["A-1-S"]
    async with database.system() as db:
        await db.execute("update catalog.offer_break set unit_price = 9 where unit_price = 4")
    assert not (await _ask(database, network.buyer, question, price_max=Decimal("4.5"))).goods
    for wish, codes in (({"supplier": "yiwu-02"}, ["B-1-S"]), ({"category": "kitchen"}, [])):
        narrowed = await _ask(database, network.buyer, question, **wish)
        assert _codes(narrowed)[:1] == codes, wish


async def test_only_what_changed_is_read_again(database: Database) -> None:
    network = await make_read(database)
    assert await read_all(database, network) == 0
    async with database.system() as db:
        await db.execute(
            "update catalog.product set title = 'Wool blanket', title_zh = '', updated_at = $1"
            " where code = 'A-3'",
            NOW + dt.timedelta(hours=1),
        )
        await db.execute("delete from catalog.offer_break")
    assert await read_all(database, network) == 1
    assert _codes(await _ask(database, network.buyer, "manta de lana"))[0] == "A-3-S"


async def test_pictures_go_along_when_a_product_changes_its_category(database: Database) -> None:
    network = await make_alike(database)
    await show_picture(database, network, "A-1", picture("red", "disc"))
    await read_all(database, network)
    async with database.system() as db:
        await db.execute(
            "update catalog.product set category = 'kitchen', updated_at = $1 where code = 'A-1'",
            NOW + dt.timedelta(hours=1),
        )
    assert await read_all(database, network) == 1
    async with database.system() as db:
        kinds = await db.values(
            """select v.kind from search.vector v join catalog.product p on p.id = v.product_id
                where p.code = 'A-1' and v.category = 'kitchen'"""
        )
    assert sorted(kinds) == ["MEANING", "PICTURE"]


async def test_many_vectors_are_laid_out_anew(database: Database) -> None:
    network = await make_read(database)
    async with database.system() as db:
        await db.execute(
            """insert into catalog.product (id, code, supplier_org_id, category, title, created_at,
                 updated_at)
               select gen_random_uuid(), 'N-' || n, supplier_org_id, 'misc', 'Thing ' || n, $1, $1
                 from catalog.product, generate_series(1, 40) n where code = 'A-1'""",
            NOW,
        )
    assert await read_all(database, network) == 40
    async with database.system() as db:
        spaces = await db.values("select distinct space from search.vector")
        version = await db.value("select version from search.space")
        assert await db.value("select probes from search.space") == 1
    assert (spaces, version) == ([2], 2)
    assert "A-2-S" in _codes(await _ask(database, network.buyer, "tetera de vidrio"))


async def test_goods_are_found_by_a_photo(database: Database) -> None:
    network = await make_alike(database)
    await show_picture(database, network, "A-1", picture("red", "disc"))
    await show_picture(database, network, "A-2", picture("navy", "stripes"))
    await show_picture(database, network, "B-4", picture("green", "stripes"))
    await index_all(database)
    assert await read_all(database, network) == 13
    photo = picture("red", "disc", side=500, kind="JPEG")
    async with database.writing(network.buyer) as db:
        kept = await nearby.keep_photo(db, network.buyer, photo, now=NOW)
    async with database.reading(network.buyer) as db:
        found = await actions.search_by_photo(db, kept.id, wishes=Wishes(), on=ON)
    assert _codes(found)[0] == "A-1-S"
    assert _parts(found, "A-1-S")["PICTURE"] > 0.6
    async with database.reading(network.other_buyer) as db:
        with pytest.raises(NotFound):
            await actions.search_by_photo(db, kept.id, wishes=Wishes(), on=ON)
    async with database.system() as db:
        await encoding.tidy(db, now=NOW + dt.timedelta(days=2))
        assert await db.value("select count(*) from search.photo") == 0


async def test_a_picture_added_later_is_looked_at_at_once(database: Database) -> None:
    network = await make_read(database)
    await show_picture(database, network, "A-1", picture("red", "disc"))
    await publish(database)
    for listener in workflows.LISTENERS:
        await deliver(database, listener)
    async with database.system() as db:
        asked = await db.values("select kind from kit.job where state = 'QUEUED'")
    assert actions.INDEX_KIND in asked
    await run_inline(
        database, network.operator, kind=actions.INDEX_KIND, title="", parameters={}, now=NOW,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    async with database.system() as db:
        asked = await db.values("select kind from kit.job where state = 'QUEUED'")
    assert nearby.ENCODE_KIND in asked
    assert await read_all(database, network) == 1


async def test_a_picture_compressed_anew_brings_two_shops_together(database: Database) -> None:
    network = await make_alike(database)
    await show_picture(database, network, "A-4", picture("1", "heap"))
    await show_picture(database, network, "B-4", picture("1", "heap", side=640, kind="JPEG"))
    await read_all(database, network)
    await compare_all(database)
    async with database.system() as db:
        pairs = await alike.list_waiting_pairs(db, limit=50)
    (pair,) = [one for one in pairs if {one.a.product, one.b.product} == {"A-4", "B-4"}]
    assert [one.part for one in pair.evidence] == ["PICTURE"]


async def test_what_is_no_photo_is_refused(database: Database) -> None:
    network = await make_alike(database)
    for data, refusal in ((b"text", ImageRefused), (_hollow_png(), PhotoUnreadable)):
        async with database.writing(network.buyer) as db:
            with pytest.raises(refusal):
                await nearby.keep_photo(db, network.buyer, data, now=NOW)


def _hollow_png() -> bytes:
    """A PNG whose container is sound and whose pixels are none."""
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", b"no pixels"), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


async def test_goods_without_a_layout_are_found_by_words_alone(database: Database) -> None:
    network = await make_alike(database)
    await index_all(database)
    assert not (await _ask(database, network.buyer, "tetera de vidrio")).goods
    async with database.system() as db:
        assert await encoding.learn_layout(db, VectorKind.MEANING, now=NOW) == 0


async def test_jobs_follow_each_other_while_there_is_something_to_do(database: Database) -> None:
    network = await make_alike(database)
    registry = registry_of(*workflows.JOBS)
    for kind, follows in (
        (actions.INDEX_KIND, nearby.ENCODE_KIND), (nearby.ENCODE_KIND, ALIKE_KIND),
        (ALIKE_KIND, None), (actions.INDEX_KIND, None),
    ):  # fmt: skip
        async with database.system() as db:
            before = await db.value("select count(*) from kit.job where state = 'QUEUED'")
        await run_inline(
            database, network.operator, kind=kind, title="", parameters={}, now=NOW,
            registry=registry,
        )  # fmt: skip
        async with database.system() as db:
            asked = await db.values("select kind from kit.job where state = 'QUEUED' order by id")
        assert asked[before:] == ([follows] if follows else [])


def test_more_goods_are_asked_about_where_more_lie() -> None:
    assert nearby.steps_for(0) == nearby.ASKED
    assert nearby.ASKED[0] < nearby.steps_for(1_000_000)[0] < nearby.ASKED[1]
    assert nearby.steps_for(10**9)[0] == nearby.ASKED[1]


async def test_few_goods_whose_terms_fit_are_all_looked_through(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terms lead to the goods, and meaning is compared of those alone: the answer is the same."""
    network = await make_read(database)
    question = "botella de acero al vacío"
    wishes: list[dict[str, object]] = [
        {"moq_max": 1}, {"moq_max": 10}, {"price_max": Decimal("4.5")},
        {"price_max": Decimal(3), "quantity": 100}, {"price_max": Decimal(1)},
        {"moq_max": 10, "supplier": "yiwu-02"},
    ]  # fmt: skip
    before = [await _ask(database, network.buyer, question, **wish) for wish in wishes]
    asked: list[int] = []

    async def list_near(*args: Any, **named: Any) -> Any:
        asked.append(len(named["few"]))
        return await vectors.list_near(*args, **named)

    monkeypatch.setattr(rules, "JOINED", (1, 100_000))
    monkeypatch.setattr(rules, "FEW_OF", 1)
    monkeypatch.setattr(
        nearby, "vectors", SimpleNamespace(**{**vars(vectors), "list_near": list_near})
    )
    after = [await _ask(database, network.buyer, question, **wish) for wish in wishes]
    assert after == before
    assert [_codes(found) for found in after[2:5]] == [["A-1-S"], ["B-1-S"], []]
    assert 1 in asked
    assert max(asked) < 6
