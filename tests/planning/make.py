"""Builders: the small network of the catalog tests with demand, stock and a festival ahead."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.kit.jobs.types import Job
from beltline.kit.staging import Imported
from beltline.planning import actions
from beltline.planning.actions import history as history_actions
from beltline.planning.queries import proposals, runs
from beltline.planning.types import Filters, Parameters, PlanRun, Proposal
from beltline.planning.workflows import JOBS
from beltline.suppliers import actions as suppliers
from beltline.trade import actions as trade
from beltline.trade.types import FxRate
from tests.catalog.make import NOW, Network, make_network

TODAY = day_of(NOW)
YESTERDAY = TODAY - dt.timedelta(days=1)
DEMAND_COLUMNS = ("sku", "node", "ds", "y", "in_stock", "price")
CLOSURE_COLUMNS = (
    "supplier", "starts", "ends", "ramp_down_from", "ramp_up_until", "last_order_date", "reason",
)  # fmt: skip
PARAMETERS = Parameters(horizon=14, paths=100)


async def make_world(
    database: Database, *, days: int = 120, rates: bool = True, demand: bool = True
) -> Network:
    """SKU-1 (two nodes) and SKU-2 sell daily; SKU-3 sells, but nobody offers it."""
    network = await make_network(database)
    async with database.system() as db:
        # Offers that held already when a look back plans.
        await db.execute("update catalog.offer set valid_from = date '2026-01-01'")
        if rates:
            rate = FxRate("USD", "CNY", YESTERDAY, Decimal("7.2"), "test")
            await trade.keep_rates(db, [rate])
        if demand:
            await import_demand(db, network.operator, demand_csv(days))
    return network


def demand_csv(days: int = 120, *, until: dt.date = YESTERDAY, seed: int = 1) -> bytes:
    """Weekly waves around a level for each series, the last day at `until`."""
    draw = random.Random(seed)
    lines = []
    levels = {("SKU-1", "CON-YIW"): 12, ("SKU-1", "OVS-WAW"): 5, ("SKU-2", "CON-YIW"): 30,
              ("SKU-3", "CON-YIW"): 900}  # fmt: skip
    for (sku, node), level in levels.items():
        for back in reversed(range(days)):
            day = until - dt.timedelta(days=back)
            y = max(0, round(level * (1.4 if day.isoweekday() == 6 else 1.0) + draw.gauss(0, 2)))
            lines.append(f"{len(lines) + 1},{sku},{node},{day},{y},true,")
    return ("\n".join(lines) + "\n").encode()


async def import_demand(db: Writer, actor: Actor, csv: bytes, **more: Any) -> Imported:
    return await history_actions.import_demand(
        db, org_id=actor.org_id, columns=more.get("columns", DEMAND_COLUMNS), csv=csv, now=NOW
    )


async def take_lots_away(database: Database) -> None:
    """Offers without price breaks, MOQ and packs, where lots would hide what is needed."""
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute("delete from catalog.offer_break where quantity_from > 1")
        await db.execute("update catalog.offer set moq = 1")
        await db.execute("update catalog.sku set pack_size = 1")


async def set_stock(database: Database, actor: Actor, stock: dict[tuple[str, str], int]) -> None:
    """Counted stock of the operator."""
    async with database.system() as db:
        for (sku, node), on_hand in stock.items():
            await db.value(
                """select inventory.set_on_hand(jsonb_build_array(jsonb_build_object(
                     'sku_id', (select id from catalog.sku where code = $1),
                     'node_id', (select id from trade.node where code = $2),
                     'owner_org_id', $3::uuid, 'kind', 'COUNTED', 'on_hand', $4::bigint,
                     'operator_org_id', $3::uuid)), 'test', null, $5)""",
                sku, node, actor.org_id, on_hand, NOW,
            )  # fmt: skip


async def close_supplier(
    database: Database, supplier: str, *, starts: dt.date, ends: dt.date, last_order: dt.date
) -> None:
    csv = f"1,{supplier},{starts},{ends},{starts},{ends},{last_order},Spring Festival\n"
    async with database.system() as db:
        await suppliers.import_closures(db, columns=CLOSURE_COLUMNS, csv=csv.encode())


async def open_plan(
    database: Database,
    actor: Actor,
    *,
    parameters: Parameters = PARAMETERS,
    cut_off: dt.date | None = None,
    now: dt.datetime = NOW,
) -> PlanRun:
    """A run that waits for its worker."""
    async with database.writing(actor) as db:
        return await actions.start_plan(db, actor, parameters=parameters, cut_off=cut_off, now=now)


async def work(database: Database, actor: Actor, run: PlanRun, **more: Any) -> Job:
    """Do a waiting run's job here, as a worker would."""
    return await run_inline(
        database, actor, kind="plan.v1", title="Plan", parameters={"plan_run_id": str(run.id)},
        now=NOW, registry=registry_of(*JOBS), job_id=more.pop("job_id", None), **more,
    )  # fmt: skip


async def make_plan(database: Database, actor: Actor, **more: Any) -> PlanRun:
    """A finished plan."""
    run = await open_plan(database, actor, **more)
    await work(database, actor, run)
    async with database.reading(actor) as db:
        return await runs.get_run(db, actor.org_id, run.id)


async def list_all(
    database: Database, actor: Actor, run: PlanRun | None = None, **filters: Any
) -> list[Proposal]:
    """Every proposal a filter names."""
    async with database.reading(actor) as db:
        found, _ = await proposals.list_proposals(
            db, actor.org_id, Filters(plan_run_id=run and run.id, **filters), today=TODAY, limit=250
        )
    return found
