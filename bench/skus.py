"""How many SKUs a second the catalog takes in, from canonical CSV to committed rows.

Products, SKUs and offers of generated goods go through the same actions as every import, in
batches of 50,000 as the import job makes them, on a throw-away server. Run `python -m bench.skus`.
The goal is 10,000 SKUs a second on two cores.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg

from beltline.accounts.actions import create_organization
from beltline.app.database import apply_migrations
from beltline.catalog import actions
from beltline.kit.clock import system_now
from beltline.kit.db import Database, Writer
from beltline.kit.staging import Imported
from beltline.suppliers.actions import import_suppliers
from tests.cluster import throw_away_server

BATCH = 50_000
SUPPLIERS = 1_000
Import = Callable[[Writer, bytes], Awaitable[Imported]]


def main() -> None:
    """Print rows a second for each data set, then for the same files a second time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skus", type=int, default=100_000)
    chosen = parser.parse_args()
    with throw_away_server() as address:
        asyncio.run(_create(address.format(database="postgres")))
        dsn = address.format(database="bench")
        apply_migrations(dsn)
        asyncio.run(_measure(dsn, chosen.skus))


async def _create(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create database bench")
    await connection.close()


async def _measure(dsn: str, skus: int) -> None:
    now = system_now()
    database = await Database(dsn).open()

    async def products(db: Writer, csv: bytes) -> Imported:
        columns = ("code", "supplier", "category", "title", "title_zh")
        return await actions.import_products(db, columns=columns, csv=csv, now=now)

    async def skus_(db: Writer, csv: bytes) -> Imported:
        columns = ("code", "product", "title", "title_zh", "uom", "weight_g", "hs_code")
        return await actions.import_skus(db, columns=columns, csv=csv, now=now)

    async def offers(db: Writer, csv: bytes) -> Imported:
        columns = ("supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq")
        return await actions.import_offers(db, columns=columns, csv=csv, now=now)

    try:
        async with database.system() as db:
            await create_organization(
                db, code="operator", kind="OPERATOR", name="Bench", country="CN", now=now
            )
            rows = "".join(f"{n},f-{n},Factory {n}\n" for n in range(SUPPLIERS))
            await import_suppliers(db, columns=("code", "name"), csv=rows.encode(), now=now)
        for again in (False, True):
            seconds = sum(
                [
                    await _take(database, name, load, write, skus, again=again)
                    for name, load, write in (
                        ("products", products, _product), ("skus", skus_, _sku),
                        ("offers", offers, _offer),
                    )
                ]
            )  # fmt: skip
            kind = "unchanged" if again else "new"
            print(f"{'all three':<10} {kind:<10} {skus / seconds:>9,.0f} SKUs/s")
    finally:
        await database.close()


async def _take(
    database: Database, name: str, load: Import, write: Callable[[int], str], rows: int, *,
    again: bool,
) -> float:  # fmt: skip
    """Seconds to take `rows` rows in, writing the CSV not counted."""
    seconds = 0.0
    for start in range(0, rows, BATCH):
        csv = "".join(write(n) for n in range(start, min(start + BATCH, rows))).encode()
        began = time.perf_counter()
        async with database.system() as db:
            done = await load(db, csv)
        seconds += time.perf_counter() - began
        assert not done.problems
        assert (done.unchanged if again else done.inserted) == csv.count(b"\n")
    kind = "unchanged" if again else "new"
    print(f"{name:<10} {kind:<10} {rows / seconds:>9,.0f} rows/s {seconds:>7.2f} s")
    return seconds


def _product(n: int) -> str:
    title, title_zh = f"Kids cotton pyjamas {n}", f"儿童纯棉睡衣 {n}"
    return f"{n},P-{n:07d},f-{n % SUPPLIERS},cat-{n % 40},{title},{title_zh}\n"


def _sku(n: int) -> str:
    title, title_zh = f"Kids cotton pyjamas {n} red", f"儿童纯棉睡衣 {n} 红"
    return f"{n},S-{n:07d},P-{n:07d},{title},{title_zh},PIECE,180,610821\n"


def _offer(n: int) -> str:
    return f"{n},f-{n % SUPPLIERS},S-{n:07d},OPERATOR,CNY,1,{5 + n % 90}.5,10\n"


if __name__ == "__main__":
    main()
