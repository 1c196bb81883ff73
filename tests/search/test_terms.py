"""The terms of goods are those of the moment, whatever is asked for."""

import random
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from beltline.catalog import actions as catalog
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.search import actions, queries, rules
from beltline.search.queries import terms_of
from beltline.search.types import Wishes
from tests.catalog.make import NOW, PRODUCT_COLUMNS, SKU_COLUMNS, make_network
from tests.search.make import index_all

ON = day_of(NOW)
OFFER_COLUMNS = (
    "supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq",
    "availability", "lead_time_days", "valid_from", "valid_until",
)  # fmt: skip


async def test_the_best_terms_are_the_cheapest_that_fit(database: Database) -> None:
    network = await make_network(database)
    rng = random.Random(3)
    await _fill(database, rng)
    async with database.system() as db:
        offers = await db.values(_OFFERS)
        stock = dict(await db.plain_rows(lambda *row: row, _STOCK))
    async with database.reading(network.buyer) as db:
        skus = await db.values("select id from catalog.sku order by code")
        found = 0
        for _ in range(150):
            some, wishes = rng.sample(skus, rng.randint(1, len(skus))), _wishes(rng)
            terms = await db.values(
                """select to_jsonb(t)
                     from search.best_terms($1, $2, $3, $4, $5, $6, $7, $8) t""",
                some, *terms_of(wishes, on=ON),
            )  # fmt: skip
            assert {one["sku_id"]: one for one in terms} == _cheapest(offers, some, wishes, stock)
            found += len(terms)
        assert found > 300


async def test_category_and_maker_are_asked_of_the_index_and_of_no_more(
    database: Database,
) -> None:
    network = await make_network(database)
    rng = random.Random(4)
    await _fill(database, rng)
    await index_all(database)
    (look,) = rules.looks_for(["cup"], {"cup": 60}, of=63)
    async with database.reading(network.buyer) as db:
        every, joined = await queries.find_hits(
            db, look, among=100, wishes=Wishes(), on=ON, limit=100
        )
        assert (len(every), joined) == (60, 60)
        for _ in range(80):
            wishes = _wishes(rng)
            priced, _ = await queries.find_hits(
                db, look, among=100, wishes=msgspec.structs.replace(
                    wishes, category=None, supplier=None, belt=None, tier=None
                ), on=ON, limit=100,
            )  # fmt: skip
            hits, _ = await queries.find_hits(
                db, look, among=100, wishes=wishes, on=ON, limit=100
            )  # fmt: skip
            assert hits == [
                hit for hit in priced
                if wishes.category in (None, hit.category)
                and wishes.supplier in (None, hit.supplier)
                and wishes.belt in (None, hit.belt) and wishes.tier in (None, hit.tier)
            ], wishes  # fmt: skip


_OFFERS = """
  select jsonb_build_object('sku_id', o.sku_id, 'id', o.id, 'currency', o.currency, 'moq', o.moq,
           'availability', o.availability, 'lead_time_days', o.lead_time_days,
           'breaks', (select jsonb_agg(jsonb_build_array(b.quantity_from, b.unit_price))
                        from catalog.offer_break b where b.offer_id = o.id))
    from catalog.offer o
   where o.audience = 'BUYERS' and o.valid_from <= '2026-11-20'
     and (o.valid_until is null or o.valid_until >= '2026-11-20')"""

_STOCK = """
  select sku_id::text, sum(on_hand - reserved)::int from inventory.stock group by sku_id"""


def _cheapest(
    offers: list[dict[str, Any]], skus: list[Any], wishes: Wishes, stock: dict[str, int]
) -> dict[str, dict[str, Any]]:
    """The terms of each SKU, worked out one by one."""
    best: dict[str, tuple[Any, dict[str, Any]]] = {}
    for offer in offers:
        asked = max(wishes.quantity or 0, offer["moq"])
        reached = [one for one in offer["breaks"] if one[0] <= asked]
        days = offer["lead_time_days"]
        if (
            offer["sku_id"] not in {str(sku) for sku in skus}
            or not reached
            or wishes.currency not in (None, offer["currency"])
            or wishes.availability not in (None, offer["availability"])
            or (wishes.availability == "SPOT" and stock.get(offer["sku_id"], 0) < asked)
            or (wishes.moq_max is not None and offer["moq"] > wishes.moq_max)
            or (wishes.lead_time_days_max is not None
                and (days is None or days > wishes.lead_time_days_max))
        ):  # fmt: skip
            continue
        price = max(reached)[1]
        if wishes.price_max is not None and price > wishes.price_max:
            continue
        terms = {"unit_price": price} | {
            name: offer[name]
            for name in ("sku_id", "currency", "moq", "availability", "lead_time_days")
        }
        rank = (price, offer["id"])
        if offer["sku_id"] not in best or rank < best[offer["sku_id"]][0]:
            best[offer["sku_id"]] = (rank, terms)
    return {sku: terms for sku, (_, terms) in best.items()}


async def _fill(database: Database, rng: random.Random) -> None:
    """Sixty SKUs of two shops: some without offers, some with several and with price breaks."""
    codes = [f"M-{n}" for n in range(60)]
    products = "".join(
        f"{n},P-{code},{rng.choice(('zhili-01', 'yiwu-02'))},{rng.choice('abc')},Cup {n},杯\n"
        for n, code in enumerate(codes)
    )
    skus = "".join(f"{n},{code},P-{code},PIECE,1\n" for n, code in enumerate(codes))
    rows = []
    for code in codes:
        for seller, currency in rng.sample(
            [("operator", "USD"), ("operator", "EUR"), ("zhili-01", "USD"), ("yiwu-02", "USD")],
            rng.randrange(4),
        ):
            terms = (
                f"{rng.randint(1, 30)},{rng.choice(('SPOT', 'PRESALE'))},"
                f"{rng.choice(('', '3', '9'))},{rng.choice(('', '2026-12-01'))},"
                f"{rng.choice(('', '2026-12-31'))}"
            )
            for quantity in (1, 10, 100)[: rng.randint(1, 3)]:
                audience = "BUYERS" if rng.random() < 0.9 or quantity > 1 else "OPERATOR"
                rows.append(
                    f"{len(rows)},{seller},{code},{audience},{currency},{quantity},"
                    f"{rng.randint(1, 9)},{terms}\n"
                )
    async with database.system() as db:
        await catalog.import_products(db, columns=PRODUCT_COLUMNS, csv=products.encode(), now=NOW)
        await catalog.import_skus(db, columns=SKU_COLUMNS, csv=skus.encode(), now=NOW)
        done = await catalog.import_offers(
            db, columns=OFFER_COLUMNS, csv="".join(rows).encode(), now=NOW
        )
        assert not done.problems
        await db.execute(
            "update suppliers.supplier set belt_id = 'CN-330782-001' where code = 'yiwu-02'"
        )
        await db.execute_many(
            """insert into inventory.stock (sku_id, node_id, owner_org_id, kind, on_hand, reserved,
                 counted_at, operator_org_id)
               select k.id, n.id, k.supplier_org_id, 'COUNTED', $2, $3, $4, k.supplier_org_id
                 from catalog.sku k, trade.node n where k.code = $1 and n.code = $5""",
            [
                (code, rng.randint(5, 60), rng.randint(0, 5), NOW, node)
                for node in ("CON-YIW", "OVS-WAW") for code in rng.sample(codes, 40)
            ],
        )  # fmt: skip


def _wishes(rng: random.Random) -> Wishes:
    def maybe(*values: Any) -> Any:
        return rng.choice(values) if rng.random() < 0.3 else None

    return Wishes(
        quantity=maybe(1, 12, 200), currency=maybe("USD", "EUR", "JPY"),
        price_max=maybe(Decimal(2), Decimal(5)), moq_max=maybe(5, 20),
        lead_time_days_max=maybe(4.0), availability=maybe("SPOT", "PRESALE"),
        category=maybe("a", "none"), supplier=maybe("zhili-01", "nobody"),
        belt=maybe("CN-330782-001"), tier=maybe("A", "B"),
    )  # fmt: skip


async def test_a_looser_look_goes_as_deep_as_two_would(database: Database) -> None:
    """Many goods say all words and few of them fit: every one that fits is in the answer."""
    network = await make_network(database)
    rows = range(1_500)
    title = [f"Steel bottle {'green' if n % 2 else 'blue'}" for n in rows]
    async with database.system() as db:
        await catalog.import_products(
            db, columns=PRODUCT_COLUMNS, now=NOW,
            csv="".join(f"{n},P-D{n},zhili-01,a,{title[n]},\n" for n in rows).encode(),
        )  # fmt: skip
        await catalog.import_skus(
            db,
            columns=SKU_COLUMNS,
            now=NOW,
            csv="".join(f"{n},D-{n:04d},P-D{n},PIECE,1\n" for n in rows).encode(),
        )
        await catalog.import_offers(
            db, columns=("supplier", "sku", "audience", "currency", "quantity_from", "unit_price",
                         "moq"), now=NOW,
            csv="".join(f"{n},operator,D-{n:04d},BUYERS,USD,1,5,{1 if n % 100 == 37 else 9}\n"
                        for n in rows).encode(),
        )  # fmt: skip
    await index_all(database)
    async with database.reading(network.buyer) as db:
        for question in ("steel bottle", "green bottle"):
            found = await actions.search_goods(db, question, wishes=Wishes(moq_max=1), on=ON)
            codes = [one.hit.code for one in found.goods]
            assert codes == [f"D-{n:04d}" for n in rows if n % 100 == 37], question


async def test_goods_in_stock_are_those_that_an_order_can_take(database: Database) -> None:
    network = await make_network(database)
    await index_all(database)
    for on_hand, quantity, answers in ((0, 1, False), (5, 5, True), (5, 6, False), (1, 1, False)):
        async with database.system() as db:
            await db.execute(
                """insert into inventory.stock as s (sku_id, node_id, owner_org_id, kind, on_hand,
                     counted_at, operator_org_id)
                   select k.id, n.id, k.supplier_org_id, 'COUNTED', $1, $2, k.supplier_org_id
                     from catalog.sku k, trade.node n
                    where k.code = 'SKU-1' and n.code = 'CON-YIW'
                   on conflict (sku_id, node_id, owner_org_id) do update
                     set on_hand = excluded.on_hand""",
                on_hand, NOW,
            )  # fmt: skip
        async with database.reading(network.buyer) as db:
            found = await actions.search_goods(
                db, "pyjamas", wishes=Wishes(quantity=quantity, availability="SPOT"), on=ON
            )
        assert bool(found.goods) == answers, (on_hand, quantity)
        # What the filter says, the hit, its rank and the counts say too.
        async with database.reading(network.buyer) as db:
            every = await actions.search_goods(
                db, "pyjamas", wishes=Wishes(quantity=quantity), on=ON
            )
        (one,) = every.goods
        assert one.hit.currency == "USD"
        assert one.hit.availability == ("SPOT" if answers else None)
        (ready,) = [reason.adds for reason in one.reasons if reason.part == "READY"]
        assert (ready > 0) == answers
        assert [(facet.value, facet.goods) for facet in every.facets["availability"]] == (
            [("SPOT", 1)] if answers else []
        )


async def test_goods_that_say_two_words_are_the_best_of_those_that_say_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await make_network(database)
    rng = random.Random(5)
    words = ("steel glass wool silk", "blue green red", "cup lamp scarf chair bowl", "kid adult")
    titles = [" ".join(rng.choice(part.split()) for part in words) for _ in range(900)]
    async with database.system() as db:
        await catalog.import_products(
            db, columns=PRODUCT_COLUMNS, now=NOW,
            csv="".join(f"{n},P-D{n},zhili-01,a,{t},\n" for n, t in enumerate(titles)).encode(),
        )  # fmt: skip
        await catalog.import_skus(
            db, columns=SKU_COLUMNS, now=NOW,
            csv="".join(f"{n},D-{n:04d},P-D{n},PIECE,1\n" for n in range(900)).encode(),
        )  # fmt: skip
        await catalog.import_offers(
            db, columns=("supplier", "sku", "audience", "currency", "quantity_from", "unit_price",
                         "moq"), now=NOW,
            csv="".join(f"{n},operator,D-{n:04d},BUYERS,USD,1,5,{rng.randint(1, 9)}\n"
                        for n in range(900)).encode(),
        )  # fmt: skip
    await index_all(database)
    shorter = 0
    for _ in range(25):
        question = " ".join(rng.choice(part.split()) for part in rng.sample(words, 3))
        for moq_max in (1, 5):
            answers = []
            for least in (0, 10**9):
                monkeypatch.setattr(rules, "TWO_FROM", least)
                async with database.reading(network.buyer) as db:
                    found = await actions.search_goods(
                        db, question, wishes=Wishes(moq_max=moq_max), on=ON
                    )
                answers.append([(one.hit.code, one.score) for one in found.goods])
            best, every = answers
            assert best == every[: len(best)], question
            assert len(best) == len(every) or len(best) >= rules.ENOUGH
            shorter += len(best) < len(every)
    assert shorter > 5


async def test_what_is_said_to_be_in_stock_is_what_the_filter_finds(database: Database) -> None:
    """Of random goods, stock and quantities; other availabilities are as offers say."""
    network = await make_network(database)
    rng = random.Random(6)
    await _fill(database, rng)
    await index_all(database)
    (look,) = rules.looks_for(["cup"], {"cup": 60}, of=63)
    async with database.system() as db:
        stock = dict(await db.plain_rows(lambda *row: row, _STOCK))
    seen = 0
    for _ in range(30):
        wishes = msgspec.structs.replace(_wishes(rng), availability=None)
        async with database.reading(network.buyer) as db:
            hits, _ = await queries.find_hits(db, look, among=100, wishes=wishes, on=ON, limit=100)
            skus = await db.values(
                "select id from catalog.sku where code = any($1)", [hit.code for hit in hits]
            )
            terms = await db.plain_rows(
                lambda *row: row,
                """select k.code, t.availability, t.moq, t.sku_id::text
                     from search.best_terms($1, $2, $3, $4, $5, $6, $7, $8) t
                     join catalog.sku k on k.id = t.sku_id""",
                skus, *terms_of(wishes, on=ON),
            )  # fmt: skip
        said = {}
        for code, availability, moq, sku in terms:
            can = stock.get(sku, 0) >= max(wishes.quantity or 0, moq)
            said[code] = availability if availability != "SPOT" or can else None
        assert {hit.code: hit.availability for hit in hits if hit.currency} == said, wishes
        seen += sum(hit.availability == "SPOT" for hit in hits)
    assert seen > 50
