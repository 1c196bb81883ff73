"""Plans: what they read, what they propose, what they refuse."""

from beltline.kit.db import Database
from tests.planning.make import list_all, make_plan, make_world, set_stock


async def test_a_plan_proposes_what_is_lacking(database: Database) -> None:
    network = await make_world(database)
    await set_stock(database, network.operator, {("SKU-1", "OVS-WAW"): 100_000})
    run = await make_plan(database, network.operator)
    found = {(p.sku, p.node): p for p in await list_all(database, network.operator, run)}
    assert run.state == "DONE"
    assert set(found) == {("SKU-1", "CON-YIW"), ("SKU-2", "CON-YIW")}
    assert run.metrics is not None
    assert run.metrics["series"] == 4
