"""Services of boxes: quoted by weight and size, chosen before the box leaves, planned with."""

import datetime as dt
from uuid import UUID

import pytest

from beltline.fulfillment.actions import carriage as actions
from beltline.fulfillment.queries import carriage as queries
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.carriage import BoxBody, Carriage, LeftAlready, SizeUnknown
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.trade.types import NoService
from tests.fulfillment.journeys import finish, journeys_of, place
from tests.fulfillment.test_journeys import from_factory
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.procurement.browser import member, send
from tests.trade.make import import_rates

DAY = dt.timedelta(days=1)
BOX = BoxBody(500, 100, 100, 100)


async def rated(database: Database, now: dt.datetime) -> tuple[Market, UUID]:
    """A journey in packing at Warsaw, whose goods weigh 120 g, and rate cards from there."""
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    await import_rates(database, market.operator, now, node="WAW")
    async with database.system() as db:
        await db.execute(
            "update catalog.sku set weight_g = 125, length_mm = 50, width_mm = 40, height_mm = 30"
        )
    [journey] = await journeys_of(database, market, order_id)
    return market, journey.id


async def choose(
    database: Database, market: Market, journey_id: UUID, service: str, now: dt.datetime,
    *, measured: BoxBody | None = None,
) -> Carriage:  # fmt: skip
    async with database.writing(market.operator) as db:
        return await actions.choose_service(
            db, market.operator, journey_id=journey_id, service=service, measured=measured, now=now
        )


async def test_a_chosen_service_is_kept_and_planned_with(
    database: Database, now: dt.datetime
) -> None:
    market, journey_id = await rated(database, now)
    async with database.reading(market.operator) as db:
        before = await journeys.get_journey(db, journey_id)
    chosen = await choose(database, market, journey_id, "YUN-AIR", now)
    # Four of 125 g; (16 + 80 x 0.5) x 1.1 + 2.
    assert (chosen.weight_g, chosen.chargeable_g, chosen.amount) == (500, 500, 6_360)
    async with database.reading(market.operator) as db:
        after = await journeys.get_journey(db, journey_id)
        stages = {s.kind: s for s in await journeys.list_stages(db, [journey_id])}
        told = (await list_events_of(db, journey_id))[-1]
    # The lane said 2.5 days, the service says 9.
    assert after.expected_at - before.expected_at == 6.5 * DAY
    assert after.promise_date == before.promise_date
    assert stages["LAST_MILE"].planned_at == after.expected_at
    assert (told.type, told.data["service"]) == ("journey.service_chosen", "YUN-AIR")
    assert "amount" not in told.data
    again = await choose(database, market, journey_id, "RAIL-1", now, measured=BOX)
    assert (again.service, again.amount) == ("RAIL-1", 2_500)
    async with database.reading(market.operator) as db:
        final = await journeys.get_journey(db, journey_id)
    assert final.expected_at - before.expected_at == 19.5 * DAY
    async with database.reading(market.buyer) as db:
        assert await queries.find_carriage(db, journey_id) is None


async def test_what_cannot_be_chosen(database: Database, now: dt.datetime) -> None:
    market, journey_id = await rated(database, now)
    with pytest.raises(NoService):
        await choose(database, market, journey_id, "NOBODY", now)
    with pytest.raises(NoService):
        await choose(
            database, market, journey_id, "YUN-AIR", now, measured=BoxBody(40_000, 1, 1, 1)
        )
    async with database.system() as db:
        await db.execute("update catalog.sku set width_mm = null")
    with pytest.raises(SizeUnknown):
        await choose(database, market, journey_id, "YUN-AIR", now)
    for stage in ("PACK", "DISPATCH"):
        await finish(database, market.operator, stage, [journey_id], now)
    with pytest.raises(LeftAlready):
        await choose(database, market, journey_id, "YUN-AIR", now, measured=BOX)


async def test_a_box_that_its_factory_sends_has_no_service_of_ours(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "DIRECT")
    [journey] = await journeys_of(database, market, order_id)
    await import_rates(database, market.operator, now, node=journey.node)
    with pytest.raises(LeftAlready):
        await choose(database, market, journey.id, "YUN-AIR", now, measured=BOX)


async def test_pages_and_api_quote_and_choose(database: Database) -> None:
    market, journey_id = await rated(database, await database.now())
    shown = show_id("jny", journey_id)
    async with member(database, market.operator) as http:
        panel = await http.get(f"/journeys/{shown}/service")
        assert panel.text.index("RAIL-1") < panel.text.index("YUN-AIR")
        page = await http.get(f"/journeys/{shown}")
        done = await send(http, f"/journeys/{shown}/service", seen=page, service="DHL-X")
        chosen = await http.get(f"/journeys/{shown}/service")
    assert done.status_code == 303
    assert "$10.00" in chosen.text
    operator, buyer = (
        await key_of(database, market.operator), await key_of(database, market.buyer),
    )  # fmt: skip
    async with api(database) as http:
        quotes = (await http.get(f"/v1/journeys/{shown}/quotes", headers=operator)).json()
        body = {
            "service": "YUN-AIR",
            "box": {"weight_g": 900, "length_mm": 300, "width_mm": 200, "height_mm": 200},
        }
        kept = await http.post(
            f"/v1/journeys/{shown}/service", json=body, headers=idempotent(operator)
        )
        hidden = await http.post(
            f"/v1/journeys/{shown}/service", json=body, headers=idempotent(buyer)
        )
        unseen = await http.get(f"/v1/journeys/{shown}/quotes", headers=buyer)
    assert (quotes["chosen"], quotes["items"][0]["service"]) == ("DHL-X", "RAIL-1")
    assert kept.json()["chargeable_g"] == 2_000
    assert kept.json()["cost"] == {"amount": 17_360, "currency": "CNY"}
    assert (hidden.status_code, unseen.status_code) == (403, 403)
    async with database.writing(market.buyer) as db:
        with pytest.raises(NotFound):
            await db.execute(
                "select fulfillment.choose_service($1, $2, '{}', $3)",
                market.buyer.as_row(), journey_id, await database.now(),
            )  # fmt: skip
