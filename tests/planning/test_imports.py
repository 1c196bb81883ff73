"""Bringing in demand, promotions and calendar events: new, changed, the same, unknown."""

from beltline.kit.db import Database
from beltline.planning.actions import history as history_actions
from tests.catalog.make import NOW
from tests.planning.make import DEMAND_COLUMNS, demand_csv, import_demand, make_world


async def test_the_same_demand_twice_changes_nothing(database: Database) -> None:
    network = await make_world(database)
    async with database.system() as db:
        again = await import_demand(db, network.operator, demand_csv())
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 480)


async def test_demand_by_series_id_and_unknown_codes(database: Database) -> None:
    network = await make_world(database, demand=False)
    csv = (
        b"1,SKU-1@CON-YIW,2026-11-18,4\n2,SKU-9@CON-YIW,2026-11-18,4\n"
        b"3,SKU-1@MOON,2026-11-18,4\n4,SKU-1@CON-YIW,2026-11-19,0\n"
    )
    async with database.system() as db:
        done = await import_demand(db, network.operator, csv, columns=("unique_id", "ds", "y"))
        more = await import_demand(
            db, network.operator, b"1,SKU-1@CON-YIW,2026-11-18,5\n",
            columns=("unique_id", "ds", "y"),
        )  # fmt: skip
    assert done.inserted == 2
    assert [(p.row, p.code) for p in done.problems] == [
        (2, "catalog.unknown_sku"), (3, "trade.unknown_node"),
    ]  # fmt: skip
    assert (more.inserted, more.updated) == (0, 1)


async def test_an_empty_flag_keeps_what_was_known(database: Database) -> None:
    network = await make_world(database, demand=False)
    async with database.system() as db:
        await import_demand(db, network.operator, b"1,SKU-1,CON-YIW,2026-11-18,0,false,9.5\n")
        done = await import_demand(db, network.operator, b"1,SKU-1,CON-YIW,2026-11-18,0,,\n")
        kept = await db.value("select array[in_stock::text, price::text] from planning.demand")
    assert (done.updated, done.unchanged) == (0, 1)
    assert kept == ["false", "9.500000"]


async def test_promotions_and_events(database: Database) -> None:
    network = await make_world(database, demand=False)
    org_id = network.operator.org_id
    async with database.system() as db:
        columns = ("sku", "node", "starts", "ends", "kind", "price")
        csv = b"1,SKU-1,,2026-11-25,2026-11-30,SALE,4.5\n2,SKU-1,X,2026-11-25,2026-11-30,SALE,\n"
        done = await history_actions.import_promotions(
            db, org_id=org_id, columns=columns, csv=csv, now=NOW
        )
        again = await history_actions.import_promotions(
            db, org_id=org_id, columns=columns, csv=csv, now=NOW
        )
        days = await history_actions.import_events(
            db, org_id=org_id, columns=("ds", "kind", "name"), now=NOW,
            csv=b"1,2026-11-11,SALE,Double Eleven\n2,2026-11-12,PARTY,x\n3,2026-11-13,THIN,\n",
        )  # fmt: skip
    assert (done.inserted, len(done.problems)) == (1, 1)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)
    assert days.inserted == 2
    assert [p.code for p in days.problems] == ["planning.unknown_event_kind"]


async def test_demand_columns_may_come_in_any_order(database: Database) -> None:
    network = await make_world(database, demand=False)
    async with database.system() as db:
        done = await import_demand(
            db, network.operator, b"1,3,2026-11-18,CON-YIW,SKU-1\n",
            columns=tuple(c for c in reversed(DEMAND_COLUMNS) if c in {"sku", "node", "ds", "y"}),
        )  # fmt: skip
    assert done.inserted == 1
