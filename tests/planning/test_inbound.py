"""What is on its way by week: loads and their room, the page and the API."""

import datetime as dt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.rules.loads import (
    CONTAINER,
    STOWED,
    TRUCK,
    Parcel,
    fill_of,
    goes_along,
    load_for,
)
from tests.app.client import client_of
from tests.catalog.make import NOW
from tests.planning.make import TODAY, list_all, make_plan, make_world, set_stock
from tests.planning.test_routes import bearer, secret_of
from tests.visitor import visiting


def test_loads_are_filled_by_what_runs_out_first() -> None:
    light = fill_of(1.5 * CONTAINER.cubic_meters * STOWED, 1_000.0, CONTAINER)
    assert (light.loads, round(light.last, 6), light.by) == (2, 0.5, "VOLUME")
    assert round(light.room_cubic_meters, 6) == 0.5 * CONTAINER.cubic_meters * STOWED
    heavy = fill_of(5.0, TRUCK.kilograms, TRUCK)
    assert (heavy.loads, heavy.last, heavy.by, heavy.room_kilograms) == (1, 1.0, "WEIGHT", 0.0)
    assert fill_of(0.0, 0.0, TRUCK).loads == 0
    assert (load_for("CN"), load_for("PL")) == (TRUCK, CONTAINER)


@given(
    volume=st.floats(0, 300), weight=st.floats(0, 90_000),
    goods=st.lists(st.tuples(st.floats(0.01, 40), st.floats(1, 9_000), st.floats(-5, 100)),
                   max_size=12),
)  # fmt: skip
def test_what_goes_along_takes_no_further_load(
    volume: float, weight: float, goods: list[tuple[float, float, float]]
) -> None:
    fill = fill_of(volume, weight, CONTAINER)
    parcels = [Parcel(UUID(int=n), *one) for n, one in enumerate(goods)]
    along = goes_along(fill, parcels)
    whole = fill_of(
        volume + sum(p.cubic_meters for p in along), weight + sum(p.kilograms for p in along),
        CONTAINER,
    )  # fmt: skip
    assert whole.loads == fill.loads
    assert all(p.gain > 0 for p in along)
    left = [p for p in parcels if p not in along and p.gain > 0]
    for one in left:
        assert (
            whole.room_cubic_meters < one.cubic_meters + 1e-6
            or whole.room_kilograms < one.kilograms + 1e-6
        )


async def test_purchases_and_accepted_proposals_stand_in_their_week(
    database: Database, dsn: str
) -> None:
    network = await make_world(database)
    operator = network.operator
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            """update catalog.sku set weight_g = 250, length_mm = 300, width_mm = 200,
                 height_mm = 50 where code = 'SKU-1'"""
        )
        await db.execute(
            """update catalog.sku set carton_pieces = 100, carton_weight_g = 1000,
                 carton_mm = '{400,300,200}' where code = 'SKU-2'"""
        )
    stock = {("SKU-1", "CON-YIW"): 0, ("SKU-1", "OVS-WAW"): 0, ("SKU-2", "CON-YIW"): 0}
    await set_stock(database, operator, stock)
    await make_plan(database, operator)
    proposals = {(p.sku, p.node): p for p in await list_all(database, operator)}
    hub, waw = proposals["SKU-1", "CON-YIW"], proposals["SKU-1", "OVS-WAW"]
    secret = await secret_of(database, operator, ["planning:read"])
    async with client_of(dsn, **bearer(secret)) as client:
        assert (await client.get("/v1/inbound")).json() == {"items": []}
    async with database.writing(operator) as db:
        await actions.accept(db, operator, proposal_ids=[hub.id, waw.id], now=NOW)
        await purchases_actions.issue_purchases(db, operator, proposal_ids=[hub.id], now=NOW)
    async with client_of(dsn, **bearer(secret)) as client:
        items = {one["node"]: one for one in (await client.get("/v1/inbound")).json()["items"]}
        near = (await client.get("/v1/inbound", params={"weeks": 1})).json()["items"]
        assert (await client.get("/v1/inbound", params={"weeks": 99})).status_code in {400, 422}
    told = items["CON-YIW"]
    monday = hub.expected_date - dt.timedelta(days=hub.expected_date.weekday())
    assert (told["week"], told["purchases"], told["lines"]) == (monday.isoformat(), 1, 1)
    assert told["kilograms"] == round(hub.quantity * 0.25, 3)
    assert told["cubic_meters"] == round(hub.quantity * 0.003, 4)
    assert (told["load"], told["loads"], told["late"], told["unmeasured"]) == ("9.6 m", 1, 0, 0)
    assert (items["OVS-WAW"]["load"], items["OVS-WAW"]["purchases"]) == ("40HC", 0)
    assert all(dt.date.fromisoformat(one["week"]) <= TODAY for one in near)
    async with visiting(database, operator) as visitor:
        page = await visitor.see("/inbound")
        assert "1 × 40HC" in page
        assert "open proposals: 1," in page  # SKU-2, to the hub
        assert "× 40HC" not in await visitor.see("/inbound?node=CON-YIW")
    async with visiting(database, network.buyer) as visitor:
        assert (await visitor.client.get("/inbound")).status_code in {403, 404}
