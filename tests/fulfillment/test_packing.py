"""Packing: parcels proposed by what a lane charges, packed as proposed or otherwise, both kept."""

import datetime as dt
from uuid import UUID

import pytest

from beltline.fulfillment.actions import carriage
from beltline.fulfillment.actions import packing as actions
from beltline.fulfillment.queries import packing as queries
from beltline.fulfillment.types.journeys import BalanceUnpaid, Journey
from beltline.fulfillment.types.packing import (
    CartonTooWeak,
    MadeParcel,
    NothingToPack,
    Packable,
    PackingChanged,
    PackUnit,
    UnknownCarton,
    WhyNoProposal,
)
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, place
from tests.fulfillment.test_journeys import from_factory
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.procurement.browser import member, send
from tests.trade.make import import_cartons, import_rates

LINES = (("S-1", 4), ("S-2", 2))


async def packable(
    database: Database, now: dt.datetime, *, cartons: bool = True, rates: bool = True
) -> tuple[Market, UUID]:
    """An order with two goods in packing at Warsaw, 125 g and 5 x 4 x 3 cm a piece."""
    market = await make_market(database, now)
    order_id = await place(database, market, now, *LINES)
    async with database.system() as db:
        await db.execute(
            "update catalog.sku set weight_g = 125, length_mm = 50, width_mm = 40, height_mm = 30"
        )
    if cartons:
        await import_cartons(database, market.operator, now, node="WAW")
    if rates:
        await import_rates(database, market.operator, now, node="WAW")
    return market, order_id


async def proposed(database: Database, market: Market, order_id: UUID, now: dt.datetime,
                   node: str = "") -> Packable:  # fmt: skip
    async with database.reading(market.operator) as db:
        return await actions.propose(
            db, market.operator, order_id=order_id, node=node, on=day_of(now)
        )


async def pack(
    database: Database, market: Market, order_id: UUID, now: dt.datetime, *made: MadeParcel,
) -> UUID:  # fmt: skip
    async with database.writing(market.operator) as db:
        return await actions.pack_order(
            db, market.operator, order_id=order_id, node="", parcels=made, now=now
        )


def everything(goods: list[Journey]) -> list[PackUnit]:
    return [PackUnit(journey.id, journey.moving) for journey in goods]


async def test_goods_of_all_lines_go_into_the_cheapest_parcel(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now)
    found = await proposed(database, market, order_id, now)
    assert found.proposal is not None
    # Six of 125 g in 90 g: 0.84 kg by rail at 10 + 30 a kilogram is less than by air.
    [parcel] = found.proposal.parcels
    assert (found.proposal.service, parcel.carton) == ("RAIL-1", "C-20")
    assert (parcel.weight_g, parcel.chargeable_g, parcel.freight_amount) == (840, 840, 3_520)
    assert parcel.carton_amount == 120
    assert sorted(line.units for line in parcel.lines) == [2, 4]


async def test_a_service_that_was_chosen_for_all_goods_is_the_one(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now)
    for journey in await journeys_of(database, market, order_id):
        async with database.writing(market.operator) as db:
            await carriage.choose_service(
                db, market.operator, journey_id=journey.id, service="YUN-AIR", now=now
            )
    found = await proposed(database, market, order_id, now)
    assert found.proposal is not None
    [parcel] = found.proposal.parcels
    # 0.84 kg is charged as 0.9: (16 + 80 x 0.9) x 1.1 + 2.
    assert (found.proposal.service, parcel.chargeable_g) == ("YUN-AIR", 900)
    assert parcel.freight_amount == 9_880


async def test_fragile_goods_get_a_larger_carton(database: Database, now: dt.datetime) -> None:
    market, order_id = await packable(database, now)
    async with database.system() as db:
        # Six of 0.4 l are 2.4 of the 3 l of the smallest carton.
        await db.execute("update catalog.sku set length_mm = 100, width_mm = 80, height_mm = 50")
    firm = await proposed(database, market, order_id, now)
    async with database.system() as db:
        await db.execute("update catalog.sku set cargo_class = 'LIQUID_FRAGILE' where code = 'S-2'")
    fragile = await proposed(database, market, order_id, now)
    used = [p.carton for x in (firm, fragile) if x.proposal for p in x.proposal.parcels]
    assert used == ["C-20", "C-40"]


async def test_without_a_rate_card_the_fewest_parcels_are_proposed(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now, rates=False)
    found = await proposed(database, market, order_id, now)
    assert found.proposal is not None
    [parcel] = found.proposal.parcels
    assert (found.proposal.service, parcel.carton) == ("", "C-20")
    assert (parcel.chargeable_g, parcel.freight_amount, parcel.carton_amount) == (None, None, 120)


async def test_what_is_missing_is_named(database: Database, now: dt.datetime) -> None:
    market, order_id = await packable(database, now, cartons=False)
    bare = await proposed(database, market, order_id, now)
    assert (bare.why, bare.proposal) == (WhyNoProposal.NO_CARTONS, None)
    await import_cartons(database, market.operator, now, node="WAW")
    for change, why, lacking in (
        ("height_mm = null where code = 'S-2'", WhyNoProposal.SIZE_UNKNOWN, ["S-2"]),
        ("height_mm = 900 where code = 'S-2'", WhyNoProposal.FITS_NOWHERE, ["S-2"]),
    ):
        async with database.system() as db:
            await db.execute(f"update catalog.sku set {change}")
        found = await proposed(database, market, order_id, now)
        assert (found.why, found.lacking, found.proposal) == (why, lacking, None)
    # It is packed all the same, with what the scale says.
    parcel = MadeParcel("C-40", everything(found.goods), weighed_g=1_000)
    packing_id = await pack(database, market, order_id, now, parcel)
    async with database.reading(market.operator) as db:
        [packing] = await queries.list_packings(db, order_id)
    assert (packing.id, packing.plan, packing.service) == (packing_id, None, "")


async def test_what_was_used_is_kept_beside_what_was_proposed(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now)
    goods = (await proposed(database, market, order_id, now)).goods
    one, two = goods
    made = [
        MadeParcel("C-40", [PackUnit(one.id, 3), PackUnit(two.id, 2)], weighed_g=1_200),
        MadeParcel("old box", [PackUnit(one.id, 1)], sides=(120, 110, 100)),
    ]
    packing_id = await pack(database, market, order_id, now, *made)
    async with database.reading(market.operator) as db:
        [packing] = await queries.list_packings(db, order_id)
        large, small = await queries.list_parcels(db, [packing_id])
        [told] = await list_events_of(db, packing_id)
    assert [p.carton for p in packing.plan or ()] == ["C-20"]
    assert (large.carton, large.expected_g, large.weighed_g) == ("C-40", 420 + 625, 1_200)
    # 10 + 30 x 1.2 by what the scale says.
    assert (large.chargeable_g, large.freight_amount, large.carton_amount) == (1_200, 4_600, 320)
    assert (small.carton, small.length_mm, small.expected_g, small.carton_amount) == (
        "old box", 120, 125, None,
    )  # fmt: skip
    assert sorted(line.units for line in large.lines) == [2, 3]
    assert told.type == "order.packed"
    assert [p["weight_g"] for p in told.data["parcels"]] == [1_200, 125]
    assert {j.stage for j in await journeys_of(database, market, order_id)} == {"DISPATCH"}
    await assert_sound(database, now)
    with pytest.raises(NothingToPack):
        await pack(database, market, order_id, now, *made)
    async with database.reading(market.buyer) as db:
        assert await queries.list_packings(db, order_id) == []


async def test_units_said_in_two_lines_of_a_parcel_add_up(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now)
    one, two = (await proposed(database, market, order_id, now)).goods
    lines = [PackUnit(one.id, 1), PackUnit(two.id, 2), PackUnit(one.id, 3)]
    packing_id = await pack(database, market, order_id, now, MadeParcel("C-20", lines))
    async with database.reading(market.operator) as db:
        [parcel] = await queries.list_parcels(db, [packing_id])
    assert {line.journey_id: line.units for line in parcel.lines} == {one.id: 4, two.id: 2}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda g: MadeParcel("C-20", everything(g)[:1]), PackingChanged),
        (lambda g: MadeParcel("C-20", [*everything(g), PackUnit(g[0].id, 1)]), PackingChanged),
        (lambda g: MadeParcel("C-20", [*everything(g), PackUnit(UUID(int=7), 1)]), PackingChanged),
        (lambda g: MadeParcel("C-99", everything(g)), UnknownCarton),
        (lambda g: MadeParcel("C-20", everything(g), weighed_g=5_091), CartonTooWeak),
    ],
)
async def test_what_cannot_be_packed(
    database: Database, now: dt.datetime, made: object, why: type[Refusal]
) -> None:
    market, order_id = await packable(database, now)
    goods = (await proposed(database, market, order_id, now)).goods
    with pytest.raises(why):
        await pack(database, market, order_id, now, made(goods))  # type: ignore[operator]
    assert {j.stage for j in await journeys_of(database, market, order_id)} == {"PACK"}


async def test_goods_that_wait_for_money_are_not_packed(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now)
    goods = (await proposed(database, market, order_id, now)).goods
    async with database.system() as db:
        await db.execute(
            "update fulfillment.journey set sales_model = 'VIRTUAL' where id = $1", goods[0].id
        )
        await db.execute(
            """update orders.order_line set deferred_amount = 100
                where order_id = $1 and line_no = $2""",
            order_id, goods[0].line_no,
        )  # fmt: skip
    with pytest.raises(BalanceUnpaid):
        await pack(database, market, order_id, now, MadeParcel("C-20", everything(goods)))


async def test_goods_of_a_factory_are_packed_where_they_are_consolidated(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL")
    [journey] = await journeys_of(database, market, order_id)
    with pytest.raises(NothingToPack):
        await proposed(database, market, order_id, now)
    while journey.stage != "PACK":
        await finish(database, market.operator, str(journey.stage), [journey.id], now)
        [journey] = await journeys_of(database, market, order_id)
    found = await proposed(database, market, order_id, now)
    assert found.node == journey.hub
    async with database.reading(market.operator) as db:
        [row] = await queries.list_to_pack(db, market.operator)
        assert await queries.list_to_pack(db, market.operator, node="WAW") == []
    assert (row.order_id, row.node, row.parts) == (order_id, journey.hub, 1)


async def test_an_order_to_pack_at_two_nodes_is_listed_at_both(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await packable(database, now)
    one, _ = await journeys_of(database, market, order_id)
    async with database.system() as db:
        await db.execute(
            "update fulfillment.journey set node_id = $2 where id = $1",
            one.id, market.nodes["YIW"],
        )  # fmt: skip
    async with database.reading(market.operator) as db:
        [first] = await queries.list_to_pack(db, market.operator, limit=1)
        rest = await queries.list_to_pack(
            db, market.operator, after=(first.due_at, first.order_id, first.node)
        )
    assert [(row.node, row.parts, row.due_at) for row in (first, *rest)] == [
        ("WAW", 1, first.due_at), ("YIW", 1, first.due_at),
    ]  # fmt: skip


async def test_the_station_proposes_and_keeps_what_is_said(database: Database) -> None:
    market, order_id = await packable(database, await database.now())
    path = f"/packing/{show_id('ord', order_id)}"
    one, two = await journeys_of(database, market, order_id)
    async with member(database, market.operator, locale="zh") as http:
        listed = await http.get("/packing?node=WAW")
        page = await http.get(f"{path}?node=WAW")
        form = {"carton-1": "C-40", "weight-1": "1.2", f"units-1-{one.id.hex}": "4",
                "carton-2": "–", "sides-2": "120 x 110 x 100"}  # fmt: skip
        more = await send(http, path, seen=page, act="more", **form)
        bad = await send(http, path, seen=page, **form, **{f"units-2-{two.id.hex}": "two"})
        short = await send(http, path, seen=bad, **form, **{f"units-2-{two.id.hex}": "1"})
        empty = await send(http, path, seen=short)
        done = await send(http, path, seen=empty, **form, **{f"units-2-{two.id.hex}": "2"})
        again = await send(http, path, seen=empty, **form, **{f"units-2-{two.id.hex}": "2"})
        shown = await http.get(f"{path}?done=packed")
    assert path in listed.text
    assert "¥35.20" in page.text
    assert (more.status_code, 'id="parcel-3"' in more.text) == (200, True)
    assert [(r.status_code, "two" in r.text) for r in (bad, empty)] == [
        (422, True),
        (422, False),
    ]
    assert short.status_code == 409
    assert [r.status_code for r in (done, again)] == [303, 303]
    assert "1.2 kg" in shown.text.replace("1.200", "1.2")
    assert "¥46.00" in shown.text


async def test_the_api_proposes_packs_once_and_lists(database: Database) -> None:
    market, order_id = await packable(database, await database.now())
    operator, buyer = await key_of(database, market.operator), await key_of(database, market.buyer)
    path = f"/v1/orders/{show_id('ord', order_id)}"
    async with api(database) as http:
        found = (await http.get(f"{path}/packing-proposal", headers=operator)).json()
        hidden = await http.get(f"{path}/packing-proposal", headers=buyer)
        body = {"parcels": [{"carton": p["carton"], "lines": p["lines"]} for p in found["parcels"]]}
        kept = [
            await http.post(f"{path}/packings", json=body, headers=idempotent(operator, "p1"))
            for _ in range(2)
        ]
        listed = (await http.get(f"{path}/packings", headers=operator)).json()
        none = await http.get(f"{path}/packing-proposal", headers=operator)
    assert (found["service"], hidden.status_code) == ("RAIL-1", 403)
    assert found["parcels"][0]["freight"] == {"amount": 3_520, "currency": "CNY"}
    assert [r.status_code for r in kept] == [201, 201]
    assert kept[0].json() == kept[1].json()
    [item] = listed["items"]
    assert item["parcels"][0]["freight"] == item["planned"][0]["freight"]
    assert none.status_code == 409
