"""Pages over many rows: a plan of 100,000 SKUs and 100,000 open orders, as a browser asks them.

Each page is asked for over HTTP of the whole application (session, row-level security, template),
a few times, on a throw-away server; the median counts. Run `python -m bench.pages`.
"""

import argparse
import asyncio
import datetime as dt
import statistics
import time
from collections.abc import Iterator

import asyncpg

from beltline.app.database import apply_migrations
from beltline.kit.db import Database
from bench.stages import fill, open_all
from bench.table import Row
from tests.catalog.make import Network
from tests.cluster import throw_away_server
from tests.orders.make import make_market
from tests.planning.make import make_plan, make_world
from tests.visitor import Visitor, visiting

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
TIMES = 5
GOAL_S = 1.0
PLAN = {
    "opens": "/replenish",
    "one supplier": "/replenish?supplier=zhili-01",
    "one node, urgent": "/replenish?node=OVS-WAW&due=NOW",
    "words": "/replenish?q=SKU-77",
    "risk, worst first": "/risk",
    "stock": "/inventory?q=SKU-77",
    "products by word": "/products?q=SKU-77",
}
ORDERS = {
    "opens": "/orders",
    "by state": "/orders?status=ALLOCATED",
    "by number": "/orders?q=SO-B77",
    "journeys": "/journeys",
    "journeys by stage": "/journeys?stage=PACK",
}


def rows() -> Iterator[Row]:
    """The rows of the benchmark page."""
    yield from asyncio.run(_measured(100_000, 100_000))


def main() -> None:
    """Print a quick look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skus", type=int, default=20_000)
    parser.add_argument("--orders", type=int, default=20_000)
    chosen = parser.parse_args()
    for row in asyncio.run(_measured(chosen.skus, chosen.orders)):
        print(row.what, f"{row.value:.3f} s", row.note, flush=True)


async def _measured(skus: int, orders: int) -> list[Row]:
    with throw_away_server() as address:
        found = []
        for name in ("plan", "orders"):
            admin = await asyncpg.connect(address.format(database="postgres"))
            await admin.execute(f"create database bench_{name}")
            await admin.close()
            dsn = address.format(database=f"bench_{name}")
            await asyncio.to_thread(apply_migrations, dsn)
            database = await Database(dsn, pool_size=4).open()
            if name == "plan":
                found += await _plan(database, skus)
            else:
                found += await _orders(database, orders)
            await database.close()
    return found


async def _plan(database: Database, skus: int) -> list[Row]:
    network = await make_world(database)
    await make_plan(database, network.operator)
    await _multiply(database, network, skus)
    async with visiting(database, network.operator) as visitor:
        return [
            await _time(visitor, f"plan of {skus:,} SKUs: {what}", path)
            for what, path in PLAN.items()
        ]


async def _orders(database: Database, orders: int) -> list[Row]:
    market = await make_market(database, NOW, on_hand=10**7, balance=0)
    await fill(database, market, orders, each=1)
    await open_all(database, market)
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        for table in ('orders."order"', "fulfillment.journey", "fulfillment.stage"):
            await db.execute(f"analyze {table}")
    async with visiting(database, market.operator) as visitor:
        return [
            await _time(visitor, f"{orders:,} open orders: {what}", path)
            for what, path in ORDERS.items()
        ]


async def _multiply(database: Database, network: Network, skus: int) -> None:
    """As many SKUs as are wanted, each with stock and a proposal like one of the plan's."""
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            """insert into catalog.sku
               select (jsonb_populate_record(s, jsonb_build_object(
                        'id', kit.uuid7($1), 'code', 'SKU-' || n))).*
                 from generate_series(1000, 999 + $2::int) n, catalog.sku s
                where s.code = 'SKU-1'""",
            NOW, skus,
        )  # fmt: skip
        await db.execute(
            """insert into inventory.stock (sku_id, node_id, owner_org_id, kind, on_hand,
                 operator_org_id, counted_at)
               select s.id, n.id, $1, 'COUNTED', 10, $1, $2
                 from catalog.sku s, trade.node n
                where s.code ~ '^SKU-[0-9]{4,}' and n.code = 'CON-YIW'""",
            network.operator.org_id, NOW,
        )  # fmt: skip
        await db.execute(
            """insert into planning.proposal (id, plan_run_id, org_id, sku_id, node_id,
                 supplier_org_id, offer_id, currency, proposed_quantity, quantity, moq, pack_size,
                 unit_price, amount, order_by, expected_date, on_hand, inbound, stock_target,
                 cover_days, p_stockout, p_stockout_after, expected_cost, why, alternatives, status)
               select kit.uuid7($1), p.plan_run_id, p.org_id, s.id, p.node_id,
                      p.supplier_org_id, p.offer_id, p.currency, p.quantity, p.quantity, p.moq,
                      p.pack_size, p.unit_price, p.amount,
                      p.order_by + (hashtext(s.code) & 31), p.expected_date, p.on_hand, p.inbound,
                      p.stock_target, p.cover_days, (hashtext(s.code) & 1023) / 1024.0,
                      p.p_stockout_after, p.expected_cost, p.why, p.alternatives, 'OPEN'
                 from catalog.sku s,
                      (select * from planning.proposal where status = 'OPEN' limit 1) p
                where s.code ~ '^SKU-[0-9]{4,}'""",
            NOW,
        )  # fmt: skip
        for table in ("catalog.sku", "inventory.stock", "planning.proposal"):
            await db.execute(f"analyze {table}")


async def _time(visitor: Visitor, what: str, path: str) -> Row:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        page = await visitor.see(path)
        spent.append(time.perf_counter() - began)
    middle = statistics.median(spent)
    return Row(
        what=what, method="beltline", value=middle, unit="s", low=min(spent), high=max(spent),
        goal=f"<= {GOAL_S:g} s", met=middle <= GOAL_S,
        note=f"{len(page) / 1000:.0f} kB; interval: least and largest of {TIMES}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
