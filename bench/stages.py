"""Journeys moved in sets: lines a second through a stage, and the list of many open ones.

Run it as `python bench/stages.py [--lines 20000] [--open 100000]`; its server is thrown away.
"""

import argparse
import asyncio
import datetime as dt
import statistics
import time
from collections.abc import Iterator
from uuid import UUID

import asyncpg

from beltline.app.modules import MODULES
from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys
from beltline.kit.db import Database
from beltline.kit.migrate import migrate
from tests.cluster import throw_away_server
from tests.orders.make import Market, make_market

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
BATCH = 2_000
SKUS = 300
MOVERS = 2
"""Connections that move journeys side by side, as two jobs of a worker do on two cores."""


async def fill(database: Database, market: Market, lines: int, *, each: int = 10) -> None:
    """Allocated orders of some lines each, as if they had been placed, and their stock reserved."""
    skus, node = list(market.skus.values()), market.nodes["WAW"]
    async with database.system() as db:
        await db.execute(
            """with o as (
                 insert into orders."order" (id, number, reference, operator_org_id, buyer_org_id,
                   status, currency, total_amount, payment_method, ship_to_contact_id,
                   ship_to_country, partial, back_order, decision, downstream_reference, note,
                   created_at)
                 select kit.uuid7($1), 'SO-B' || n, 'bench', $2, $3, 'ALLOCATED', 'USD', 1000,
                        'BALANCE', $3, 'PL', false, false, 'SHIP_PART', '', '', $1
                   from generate_series(1, $4::int / $7::int) n returning id, number),
               w as (
                 select o.id, n, ($5::uuid[])[1 + (substr(o.number, 5)::int * $7 + n)
                                                  % cardinality($5::uuid[])] as sku_id
                   from o, generate_series(1, $7) n),
               l as (
                 insert into orders.order_line (order_id, line_no, operator_org_id, buyer_org_id,
                   sku_id, sku, offer_id, quantity, ordered_quantity, unit_price, amount)
                 select w.id, w.n, $2, $3, w.sku_id, k.code, w.sku_id, 1, 1, 1, 100
                   from w join catalog.sku k on k.id = w.sku_id)
               insert into orders.order_part (order_id, line_no, part_no, operator_org_id,
                 buyer_org_id, sku_id, node_id, owner_org_id, quantity, sales_model, status)
               select w.id, w.n, 1, $2, $3, w.sku_id, $6, $2, 1, 'OWNED', 'ALLOCATED' from w""",
            NOW, market.operator.org_id, market.buyer.org_id, lines, skus, node, each,
        )  # fmt: skip
        await db.execute(
            """select inventory.reserve_lines(array_agg(p.sku_id), array_agg(p.node_id),
                        array_agg(p.owner_org_id), array_agg(p.units), 'bench', $1::uuid, $2)
                 from (select sku_id, node_id, owner_org_id, sum(quantity)::bigint as units
                         from orders.order_part group by 1, 2, 3) p""",
            node, NOW,
        )  # fmt: skip


async def open_all(database: Database, market: Market) -> None:
    """The journeys of every order."""
    async with database.system() as db:
        orders = await db.values('select id from orders."order" order by id')
    for at in range(0, len(orders), BATCH // 10):
        async with database.writing(market.operator) as db:
            await actions.open_journeys(
                db, market.operator, order_ids=orders[at : at + BATCH // 10], now=NOW
            )


async def measure(lines: int, listed: int, dsn: str) -> None:
    """Print a row for each stage, and for the list."""
    database = await Database(dsn, pool_size=4).open()
    market = await make_market(database, NOW, skus=SKUS, on_hand=10**7, balance=0)
    await fill(database, market, max(lines, listed))
    started = time.perf_counter()
    await open_all(database, market)
    spent_s = time.perf_counter() - started
    print(f"journeys: opened {max(lines, listed) / spent_s:,.0f} lines/s")
    admin = await asyncpg.connect(dsn)
    await admin.execute("analyze")
    await admin.close()
    async with database.system() as db:
        moved = await db.values("select id from fulfillment.journey order by id limit $1", lines)
    await _measure_list(database, market)
    for stage in ("PACK", "DISPATCH", "LAST_MILE"):
        started = time.perf_counter()
        sets = iter([moved[at : at + BATCH] for at in range(0, lines, BATCH)])
        await asyncio.gather(*(_move(database, market, stage, sets) for _ in range(MOVERS)))
        spent_s = time.perf_counter() - started
        print(f"journeys: {stage} {lines / spent_s:,.0f} lines/s (goal 10,000)")
    await database.close()


async def _move(database: Database, market: Market, stage: str, sets: Iterator[list[UUID]]) -> None:
    for journeys_of_set in sets:
        async with database.writing(market.operator) as db:
            await actions.finish_stages(
                db, market.operator, stage=stage, journey_ids=journeys_of_set, document="", now=NOW
            )


async def _measure_list(database: Database, market: Market) -> None:
    async with database.system() as db:
        count = await db.value("select count(*) from fulfillment.journey where state = 'OPEN'")
    for name, words, stages in (
        ("opens", "", []),
        ("by stage", "", ["PACK"]),
        ("by order", "SO-B77", []),
    ):
        spent = []
        for _ in range(5):
            started = time.perf_counter()
            async with database.reading(market.operator) as db:
                await journeys.list_journeys(
                    db, market.operator, words=words, stages=stages, limit=51
                )
                await journeys.count_stages(db, market.operator, now=NOW)
            spent.append(time.perf_counter() - started)
        print(f"journeys: list of {count:,} {name} in {statistics.median(spent):.3f} s (goal 1)")


def main() -> None:
    """Print one row a measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--open", type=int, default=100_000, dest="listed")
    chosen = parser.parse_args()

    async def run(address: str) -> None:
        dsn = address.format(database="bench_stages")
        admin = await asyncpg.connect(address.format(database="postgres"))
        await admin.execute("create database bench_stages")
        await admin.close()
        await migrate(dsn, MODULES, now=NOW)
        await measure(chosen.lines, chosen.listed, dsn)

    with throw_away_server() as address:
        asyncio.run(run(address))


if __name__ == "__main__":
    main()
