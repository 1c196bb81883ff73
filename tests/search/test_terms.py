"""The terms of many goods are those of a few, row by row, whatever is asked for."""

import random
from decimal import Decimal
from typing import Any

from beltline.catalog import actions as catalog
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Reader
from beltline.search.queries import terms_of
from beltline.search.types import Wishes
from tests.catalog.make import NOW, PRODUCT_COLUMNS, SKU_COLUMNS, make_network

ON = day_of(NOW)
OFFER_COLUMNS = (
    "supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq",
    "availability", "lead_time_days", "valid_from", "valid_until",
)  # fmt: skip


async def test_many_at_once_are_answered_as_few_are(database: Database) -> None:
    network = await make_network(database)
    rng = random.Random(3)
    await _fill(database, rng)
    async with database.reading(network.buyer) as db:
        skus = await db.values("select id from catalog.sku order by code")
        found = 0
        for _ in range(150):
            some = rng.sample(skus, rng.randint(1, len(skus)))
            numbers = [rng.randrange(8) for _ in some], [rng.randrange(4) for _ in some]
            wishes, limit = _wishes(rng), rng.choice((5, 500))
            few = await _ask(db, "on_terms", some, *numbers, wishes, limit)
            many = await _ask(db, "on_terms_of_many", some, *numbers, wishes, limit)
            assert many == few, wishes
            found += len(few)
        assert found > 300
        assert await _ask(db, "on_terms_of_many", [], [], [], Wishes(), 5) == []


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


async def _ask(
    db: Reader, function: str, skus: list[Any], lengths: list[int], said: list[int],
    wishes: Wishes, limit: int,
) -> list[Any]:  # fmt: skip
    return await db.values(
        f"""select to_jsonb(t) from search.{function}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
              $12, $13, $14, $15, $16) t""",
        skus, lengths, said, *terms_of(wishes, on=ON), limit,
    )  # fmt: skip
