"""Overrides: a plan uses them, tells what they changed, and forgets those withdrawn."""

import datetime as dt
from typing import Any

import pytest

from beltline.kit.db import Database
from beltline.planning.actions import overrides as overrides_actions
from beltline.planning.queries import series
from beltline.planning.types import PlanRun, Reason
from beltline.planning.types.overrides import Override, OverrideUnusable
from tests.app.client import client_of
from tests.catalog.make import NOW, Network
from tests.planning.make import TODAY, list_all, make_plan, make_world, take_lots_away
from tests.planning.test_routes import SCOPES, bearer, new_key, secret_of
from tests.visitor import visiting

SOON = TODAY + dt.timedelta(days=20)


async def expect(database: Database, network: Network, **more: Any) -> Override:
    """Twice as much of SKU-1 at Yiwu until the horizon."""
    wanted = {"sku": "SKU-1", "node": "CON-YIW", "starts": TODAY, "ends": SOON, "factor": 2.0,
              "reason": "a livestream"}  # fmt: skip
    async with database.writing(network.operator) as db:
        return await overrides_actions.override_demand(
            db, network.operator, now=NOW, **(wanted | more)
        )


async def told(
    database: Database, network: Network, run: PlanRun
) -> dict[str, tuple[float, int, int | None]]:
    """Units forecast, ordered, and ordered without overrides, by node of SKU-1."""
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(n.code, f.units, r.units, r.units_plain)
                 from planning.forecast f
                 join planning.inventory_risk r using (plan_run_id, sku_id, node_id)
                 join trade.node n on n.id = f.node_id
                 join catalog.sku k on k.id = f.sku_id and k.code = 'SKU-1'
                where f.plan_run_id = $1""",
            run.id,
        )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def test_a_plan_uses_what_a_planner_knows(database: Database) -> None:
    network = await make_world(database)
    await take_lots_away(database)
    plain = await told(database, network, await make_plan(database, network.operator))
    made = await expect(database, network)
    run = await make_plan(database, network.operator)
    now = await told(database, network, run)
    assert now["CON-YIW"][0] == pytest.approx(2 * plain["CON-YIW"][0], rel=1e-4)
    assert now["CON-YIW"][1] > 1.5 * plain["CON-YIW"][1]
    # What would have been ordered without it is kept, to judge it by.
    assert now["CON-YIW"][2] == plain["CON-YIW"][1]
    assert now["OVS-WAW"] == plain["OVS-WAW"]
    assert plain["CON-YIW"][2] is None
    proposal = next(
        p for p in await list_all(database, network.operator, run)
        if (p.sku, p.node) == ("SKU-1", "CON-YIW")
    )  # fmt: skip
    assert proposal.quantity == now["CON-YIW"][1]
    async with database.reading(network.operator) as db:
        band = await series.find_band(
            db, network.operator.org_id, proposal.sku_id, proposal.node_id, plan_run_id=run.id
        )
    assert band is not None
    assert band.drivers[0] == Reason(
        code="OVERRIDE", value=2.0, ds=TODAY, until=TODAY + dt.timedelta(days=20)
    )
    async with database.writing(network.operator) as db:
        gone = await overrides_actions.withdraw_override(
            db, network.operator, override_id=made.id, now=NOW
        )
    assert gone.withdrawn_by == network.operator.name
    again = await told(database, network, await make_plan(database, network.operator))
    assert again == plain


@pytest.mark.parametrize(
    "more",
    [{"reason": " "}, {"factor": 1.0}, {"factor": -1.0}, {"ends": TODAY - dt.timedelta(days=1)},
     {"starts": SOON + dt.timedelta(days=1)}],
)  # fmt: skip
async def test_what_says_nothing_is_refused(database: Database, more: dict[str, Any]) -> None:
    network = await make_world(database, days=2)
    with pytest.raises(OverrideUnusable):
        await expect(database, network, **more)


async def test_the_page_and_the_api_take_and_withdraw_one(database: Database, dsn: str) -> None:
    network = await make_world(database, days=30)
    fields = {"percent": "-20", "starts": str(TODAY), "ends": str(SOON), "reason": "rain"}
    async with visiting(database, network.operator, role="PLANNER") as planner:
        sent = await planner.send("/demand/SKU-1/CON-YIW/override", fields)
        assert sent.headers["location"] == "/demand/SKU-1/CON-YIW"
        page = await planner.see("/demand/SKU-1/CON-YIW")
    assert "“rain”" in page
    assert "in use" in page
    secret = await secret_of(database, network.operator, SCOPES)
    async with client_of(dsn, **bearer(secret)) as client:
        asked = {"sku": "SKU-1", "node": "CON-YIW"}
        listed = (await client.get("/v1/demand-overrides", params=asked)).json()["items"]
        assert [(one["factor"], one["reason"]) for one in listed] == [(0.8, "rain")]
        path = f"/v1/demand-overrides/{listed[0]['id']}/withdraw"
        gone = await client.post(path, headers=new_key())
        assert (gone.status_code, gone.json()["withdrawn_by"]) == (200, "Operator (test)")
        body = asked | {"starts": str(TODAY), "ends": str(SOON), "factor": 3, "reason": "sun"}
        made = await client.post("/v1/demand-overrides", json=body, headers=new_key())
        assert made.status_code == 201
