"""Terms that few goods have lead to them; the answer is what the terms of the moment say."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest

from beltline.catalog import actions as catalog
from beltline.kit.db import Database, Writer
from beltline.search import actions, queries, rules
from beltline.search.types import Wishes
from tests.catalog.make import NOW, PRODUCT_COLUMNS, SKU_COLUMNS, make_network
from tests.search.make import index_all

GOODS = 120
DAYS = [dt.date(2026, 11, 19), dt.date(2026, 11, 20), dt.date(2026, 12, 1), dt.date(2027, 1, 1)]
PRICES = ("0", "0.01", "0.35", "1", "1.01", "2", "4.99", "5", "20", "3000")
OFFERS = (
    "supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq",
    "availability", "lead_time_days", "valid_from", "valid_until",
)  # fmt: skip

# The cups that fit, offer by offer, from the catalog alone.
FITTING = """
  select k.code
    from catalog.sku k
   where k.code like 'C-%' and exists (
     select from catalog.offer o
       join catalog.offer_break b on b.offer_id = o.id
      where o.sku_id = k.id and o.audience = 'BUYERS'
        and $1 between o.valid_from and coalesce(o.valid_until, 'infinity')
        and b.quantity_from = (
              select max(x.quantity_from) from catalog.offer_break x
               where x.offer_id = o.id and x.quantity_from <= greatest($2, o.moq))
        and ($3::text is null or o.currency = $3)
        and ($4::numeric is null or b.unit_price <= $4)
        and ($5::bigint is null or o.moq <= $5)
        and ($6::double precision is null or o.lead_time_days <= $6)
        and ($7::text is null or o.availability = $7))
   order by k.code"""


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_found_is_what_fits_at_that_moment(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Random offers, audiences, days and filters, and prices that change in between."""
    monkeypatch.setattr(rules, "JOINED", (10, 100_000))
    monkeypatch.setattr(rules, "FEW_OF", 1)
    network = await make_network(database)
    rng = random.Random(seed)
    async with database.system() as db:
        await _fill(db, rng)
    await index_all(database)
    led = fitting = 0
    for _ in range(60):
        async with database.system() as db:
            await db.execute(
                """update catalog.offer_break b set unit_price = $1::text::numeric
                    where mod(hashtext(b.offer_id::text), 5) = $2""",
                rng.choice(PRICES), rng.randrange(5),
            )  # fmt: skip
        wishes, on = _wishes(rng), rng.choice(DAYS)
        async with database.reading(network.buyer) as db:
            fit = await db.values(
                FITTING, on, wishes.quantity, wishes.currency, wishes.price_max, wishes.moq_max,
                wishes.lead_time_days_max, wishes.availability,
            )  # fmt: skip
            few = await queries.list_few(db, wishes, on, most=10_000)
            codes = await db.values("select code from catalog.sku where id = any($1)", few)
            found = await actions.search_goods(db, "cup", wishes=wishes, on=on)
        assert few is not None
        assert set(fit) <= set(codes), wishes
        assert sorted(one.hit.code for one in found.goods) == fit, (wishes, on)
        led += len(codes) < GOODS
        fitting += len(fit)
    assert led > 40
    assert fitting > 300


async def test_many_are_not_listed(database: Database) -> None:
    network = await make_network(database)
    async with database.system() as db:
        await _fill(db, random.Random(1))
        await db.execute("analyze catalog.offer, catalog.offer_break")
    wishes = Wishes(moq_max=30)
    async with database.reading(network.buyer) as db:
        every = await queries.list_few(db, wishes, DAYS[2], most=10_000)
        assert every is not None
        assert len(every) > GOODS
        assert await queries.list_few(db, wishes, DAYS[2], most=5) is None
        assert await queries.list_few(db, wishes, DAYS[2], most=len(every) - 1) is None
        assert await queries.list_few(db, Wishes(moq_max=1), DAYS[2], most=len(every)) is not None


async def test_how_cheap_a_price_is_never_rises_with_it(database: Database) -> None:
    rng = random.Random(2)
    prices = sorted(
        [Decimal(price) for price in PRICES]
        + [Decimal(rng.randrange(10 ** rng.randint(1, 12))) / 1000 for _ in range(300)]
        + [Decimal(step).scaleb(tens) for step in (1, 2, 5) for tens in range(-3, 10)]
    )
    async with database.system() as db:
        cheap = await db.values(
            """select catalog.cheapness(p)
                 from unnest($1::numeric[]) with ordinality as p (p, n) order by n""",
            prices,
        )
    assert cheap == sorted(cheap, reverse=True)
    # So many steps, so that what is cheap leads to few.
    assert len(set(cheap)) > 30


async def _fill(db: Writer, rng: random.Random) -> None:
    """Cups of two shops with up to four offers each, to buyers or to the operator."""
    codes = [f"C-{n:03d}" for n in range(GOODS)]
    rows = []
    for code in codes:
        for seller, currency in rng.sample(
            [("operator", "USD"), ("operator", "EUR"), ("zhili-01", "USD"), ("yiwu-02", "USD")],
            rng.randrange(4),
        ):
            audience = rng.choice(("BUYERS", "BUYERS", "BUYERS", "OPERATOR"))
            terms = (
                f"{rng.choice((1, 2, 5, 30))},{rng.choice(('SPOT', 'PRESALE'))},"
                f"{rng.choice(('', '0', '3', '9'))},{rng.choice(('', '2026-12-01'))},"
                f"{rng.choice(('', '2026-12-31'))}"
            )
            for quantity in (1, 10, 100)[rng.randrange(2) : rng.randint(2, 3)]:
                rows.append(
                    f"{len(rows)},{seller},{code},{audience},{currency},{quantity},"
                    f"{rng.choice(PRICES)},{terms}\n"
                )
    products = "".join(f"{n},P-{code},zhili-01,a,Cup {n},杯\n" for n, code in enumerate(codes))
    skus = "".join(f"{n},{code},P-{code},PIECE,1\n" for n, code in enumerate(codes))
    await catalog.import_products(db, columns=PRODUCT_COLUMNS, csv=products.encode(), now=NOW)
    await catalog.import_skus(db, columns=SKU_COLUMNS, csv=skus.encode(), now=NOW)
    done = await catalog.import_offers(db, columns=OFFERS, csv="".join(rows).encode(), now=NOW)
    assert not done.problems


def _wishes(rng: random.Random) -> Wishes:
    def maybe(*values: Any) -> Any:
        return rng.choice(values) if rng.random() < 0.5 else None

    return Wishes(
        quantity=rng.choice((1, 12, 200)), currency=maybe("USD", "EUR"),
        price_max=Decimal(rng.choice(PRICES)), moq_max=maybe(1, 5),
        lead_time_days_max=maybe(0.0, 4.0), availability=maybe("PRESALE"),
    )  # fmt: skip
