"""Lots beside the stock row: they follow every movement, end on their day, say where they went."""

import datetime as dt
from typing import Any

import pytest

from beltline.inventory import actions, queries
from beltline.inventory.queries import lots as reads
from beltline.inventory.types import HoldExpired, StockItem
from beltline.inventory.types.adjustments import AdjustmentWanted
from beltline.inventory.types.lots import (
    ExpiryMissing,
    GoodsExpired,
    LotEndsOtherwise,
    LotNamed,
    LotRule,
    NotInLot,
)
from beltline.inventory.types.transfers import TransferWanted
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.ids import new_id
from tests.inventory.test_stock import move, put
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.visitor import visiting

DAY = dt.timedelta(days=1)


async def assert_sound(database: Database) -> None:
    async with database.system() as db:
        for proof in (await queries.prove_stock(db), await reads.prove_lots(db)):
            assert proof.holds, proof


async def keep(
    database: Database, market: Market, now: dt.datetime, kind: str = "EXPIRY",
    life: int | None = None,
) -> None:  # fmt: skip
    async with database.writing(market.operator) as db:
        await actions.keep_lots(db, market.operator, LotRule("S-1", kind, life, 10), now=now)


async def named(
    database: Database, market: Market, now: dt.datetime, lot: str, units: int,
    days: int | None = None, source: str = "",
) -> None:  # fmt: skip
    day = None if days is None else day_of(now) + days * DAY
    wanted = LotNamed("S-1", "WAW", lot, units, day, source=source)
    async with database.writing(market.operator) as db:
        await actions.name_lots(db, market.operator, [wanted], now=now)


async def adjusted(
    database: Database, market: Market, now: dt.datetime, kind: str, units: int, reason: str
) -> None:
    wanted = AdjustmentWanted("S-1", "WAW", None, kind, units, reason, "")
    async with database.writing(market.operator) as db:
        await actions.adjust(db, market.operator, wanted, now=now)


async def expired(database: Database, now: dt.datetime) -> int:
    async with database.system() as db:
        return await actions.hold_expired(db, limit=10, now=now)


async def ship(
    db: Writer, market: Market, now: dt.datetime, units: int, *, check: bool = True
) -> None:
    """Reserve and send, as a journey that leaves does."""
    place = (market.skus["S-1"], market.nodes["WAW"], market.operator.org_id)
    await db.value(
        "select inventory.reserve_lines($1, $2, $3, $4, 'O-1', null, $5)",
        *([each] for each in place), [units], now,
    )  # fmt: skip
    line = {"sku_id": place[0], "node_id": place[1], "owner_org_id": place[2], "quantity": -units,
            "reference": "JNY-1", "reference_id": None}  # fmt: skip
    if check:
        await db.value("select inventory.check_fresh($1, $2)", [line], now)
    await db.value(
        "select inventory.move_reserved('SHIP', $1, $2, $3)", [line], market.operator.org_id, now
    )


async def lots_of(database: Database, now: dt.datetime) -> dict[str, tuple[int, int]]:
    async with database.system() as db:
        rows = await reads.list_lots(db, today=day_of(now), sku="S-1")
    return {row.code: (row.units, row.held) for row in rows}


async def row_of(database: Database) -> tuple[int, int, int, int]:
    async with database.system() as db:
        [row] = await queries.list_stock(db, sku="S-1", node="WAW")
    return row.on_hand, row.reserved, row.quality_hold, row.available


async def test_lots_stay_what_they_are_on_their_way_between_nodes(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1, on_hand=30)
    await keep(database, market, now)
    await named(database, market, now, "EARLY", 10, 5)
    await named(database, market, now, "LATE", 20, 90)
    sent = TransferWanted(
        new_id(), market.skus["S-1"], market.nodes["WAW"], market.nodes["YIW"], 14, day_of(now)
    )
    async with database.writing(market.operator) as db:
        await actions.send_transfers(db, market.operator, [sent], now=now)
        await actions.end_transfer(db, market.operator, sent.id, quantity=13, now=now + DAY)
    async with database.system() as db:
        lots = await reads.list_lots(db, today=day_of(now), sku="S-1")
    # What ends first went first; one unit of the last was lost on the way.
    assert {(lot.node, lot.code, lot.units, lot.expires_date) for lot in lots} == {
        ("WAW", "LATE", 16, day_of(now) + 90 * DAY),
        ("YIW", "EARLY", 10, day_of(now) + 5 * DAY),
        ("YIW", "LATE", 3, day_of(now) + 90 * DAY),
    }
    await assert_sound(database)


async def test_what_ends_first_goes_first_whoever_moves_it(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=2, on_hand=40)
    await keep(database, market, now)
    assert await lots_of(database, now) == {"": (40, 0)}
    await named(database, market, now, "LATE", 20, 90)
    await named(database, market, now, "EARLY", 10, 5)
    await move(database, "receive_lines", market, now, quantity=3, expected=0)
    assert await lots_of(database, now) == {"EARLY": (10, 0), "LATE": (20, 0), "": (16, 0)}
    async with database.system() as db:
        await ship(db, market, now, 12)
    assert await lots_of(database, now) == {"LATE": (18, 0), "": (16, 0)}
    await put(database, market.operator, now, StockItem("S-1", "WAW", 30))
    await adjusted(database, market, now, "ADJUST", 2, "FOUND")
    assert await lots_of(database, now) == {"LATE": (14, 0), "": (18, 0)}
    async with database.system() as db:
        went = await reads.list_lot_moves(db, sku="S-1", lot="EARLY")
    assert sorted((m.kind, m.units, m.reference) for m in went) == [
        ("NAME", 10, market.operator.name), ("SHIP", -10, "JNY-1"),
    ]  # fmt: skip
    await assert_sound(database)


async def test_what_has_expired_is_never_available_nor_sent(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1, on_hand=30)
    await keep(database, market, now)
    await named(database, market, now, "OLD", 10, 1)
    await named(database, market, now, "NEW", 20, 50)
    assert await expired(database, now) == 0
    later = now + DAY
    async with database.system() as db:
        place = (market.skus["S-1"], market.nodes["WAW"], market.operator.org_id)
        await db.value(
            "select inventory.reserve_lines($1, $2, $3, '{24}', 'O-1', null, $4)",
            *([each] for each in place), now,
        )  # fmt: skip
    assert [await expired(database, later), await expired(database, later)] == [1, 0]
    # 24 are promised and 20 are good: a shortage of 4, told with the event.
    assert await row_of(database) == (30, 24, 10, 0)
    assert await lots_of(database, later) == {"OLD": (10, 10), "NEW": (20, 0)}
    async with database.system() as db:
        [told] = await db.values("select data from kit.event_all where type = 'stock.expired'")
        await db.value(
            "select inventory.release_lines($1, $2, $3, '{24}', 'O-1', null, $4)",
            *([each] for each in place), later,
        )  # fmt: skip
    assert (told["units"], told["short"], told["lots"][0]["lot"]) == (10, 4, "OLD")
    assert await row_of(database) == (30, 0, 10, 20)
    with pytest.raises(HoldExpired):
        await adjusted(database, market, later, "UNHOLD", 1, "RELEASED")
    await adjusted(database, market, later, "ADJUST", -4, "EXPIRED")
    assert await row_of(database) == (26, 0, 6, 20)
    await assert_sound(database)
    async with database.system() as db:
        await ship(db, market, later, 20)
    assert await lots_of(database, later) == {"OLD": (6, 6)}
    await assert_sound(database)


async def test_expired_goods_do_not_leave_to_a_buyer(database: Database, now: dt.datetime) -> None:
    """Also before the clock has come by: the day decides, not the hold."""
    market = await make_market(database, now, skus=1, on_hand=10)
    await keep(database, market, now)
    await named(database, market, now, "OLD", 6, 1)
    with pytest.raises(GoodsExpired) as refused:
        async with database.system() as db:
            await ship(db, market, now + DAY, 5)
    assert refused.value.fields["fresh"] == 4
    async with database.system() as db:
        await ship(db, market, now + DAY, 4)
    assert await lots_of(database, now) == {"OLD": (6, 0)}
    # What is lost or changes its owner goes all the same, and its hold with it.
    async with database.system() as db:
        await ship(db, market, now + DAY, 3, check=False)
    await expired(database, now + DAY)
    assert await row_of(database) == (3, 0, 3, 0)
    await put(database, market.operator, now + DAY, StockItem("S-1", "WAW", 1))
    assert await row_of(database) == (1, 0, 1, 0)
    await assert_sound(database)


async def test_a_line_is_served_from_one_lot_where_one_has_it(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1, on_hand=30)
    await keep(database, market, now, "LOT")
    for lot, units in (("RED-1", 5), ("RED-2", 17), ("RED-3", 8)):
        await named(database, market, now, lot, units)
    async with database.system() as db:
        await ship(db, market, now, 8)
        mixed = await db.values("select data from kit.event_all where type = 'stock.lots_mixed'")
    assert (await lots_of(database, now), mixed) == (
        {"RED-1": (5, 0), "RED-2": (17, 0)}, [],
    )  # fmt: skip
    async with database.system() as db:
        await ship(db, market, now, 20)
        [mixed] = await db.values("select data from kit.event_all where type = 'stock.lots_mixed'")
    assert (mixed["units"], mixed["reference"]) == (20, "JNY-1")
    await assert_sound(database)


async def test_goods_that_change_their_owner_stay_in_their_lots(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1, on_hand=10)
    await keep(database, market, now)
    await named(database, market, now, "A", 4, 20)
    await named(database, market, now, "B", 6, 40)
    async with database.system() as db:
        line = {"sku_id": market.skus["S-1"], "node_id": market.nodes["WAW"],
                "reference": "JNY-1", "reference_id": new_id()}  # fmt: skip
        await db.execute("update inventory.stock set reserved = 7")
        for kind, owner, units in (("SHIP", market.operator, -7), ("RECEIVE", market.supplier, 7)):
            await db.value(
                "select inventory.move_reserved($1, $2, $3, $4)",
                kind, [{**line, "owner_org_id": owner.org_id, "quantity": units}],
                market.operator.org_id, now,
            )  # fmt: skip
        rows = await reads.list_lots(db, today=day_of(now))
    day = day_of(now)
    assert sorted((r.owner, r.code, r.units, r.expires_date) for r in rows) == [
        ("operator", "B", 3, day + 40 * DAY), ("zhili-1", "A", 4, day + 20 * DAY),
        ("zhili-1", "B", 3, day + 40 * DAY),
    ]  # fmt: skip


async def test_a_wrong_day_is_corrected_and_the_goods_are_sold_again(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1, on_hand=10)
    await keep(database, market, now)
    with pytest.raises(ExpiryMissing):
        await named(database, market, now, "A", 10)
    with pytest.raises(NotInLot):
        await named(database, market, now, "A", 11, 5)
    await named(database, market, now, "A", 6, -1)
    assert await row_of(database) == (10, 0, 6, 4)
    with pytest.raises(NotInLot):
        await named(database, market, now, "A", 2, 60, source="A")
    with pytest.raises(LotEndsOtherwise):
        await named(database, market, now, "A", 1, 60)
    await named(database, market, now, "A", 6, 60, source="A")
    assert await row_of(database) == (10, 0, 0, 10)
    await keep(database, market, now, life=30)
    await named(database, market, now, "B", 4)
    assert await expired(database, now + 29 * DAY) == 0
    assert await expired(database, now + 30 * DAY) == 1
    assert await row_of(database) == (10, 0, 4, 6)
    await keep(database, market, now, "LOT")
    await adjusted(database, market, now, "UNHOLD", 4, "RELEASED")
    await keep(database, market, now, "NONE")
    assert await lots_of(database, now) == {}
    await move(database, "receive_lines", market, now, quantity=1, expected=0)
    with pytest.raises(NotFound):
        await named(database, market, now, "A", 1, 5)
    await assert_sound(database)


async def test_damage_to_lots_is_found(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, skus=1, on_hand=10)
    await keep(database, market, now)
    for damage in ("set units = units + 1", "set held = 1"):
        async with database.system() as db:
            await db.execute(f"update inventory.lot {damage}")
            proof = await reads.prove_lots(db)
            assert (proof.holds, proof.figures["rows_wrong"]) == (False, 1), damage
            await db.execute("update inventory.lot set units = 10, held = 0")
            assert (await reads.prove_lots(db)).holds


async def test_lots_through_the_api(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, on_hand=10)
    headers = await key_of(database, market.operator)
    buyer = await key_of(database, market.buyer)
    day = day_of(await database.now())
    async with api(database) as http:
        rule = {"sku": "S-1", "keeps": "EXPIRY", "soon_days": 7}
        assert (await http.put("/v1/stock/lot-rules", json=rule, headers=buyer)).status_code == 403
        kept = await http.put("/v1/stock/lot-rules", json=rule, headers=headers)
        assert kept.status_code == 200, kept.text
        body: dict[str, Any] = {"sku": "S-1", "node": "WAW", "units": 4}
        for lot, days in (("A", 3), ("B", 30)):
            end = str(day + days * DAY)
            answer = await http.post(
                "/v1/stock/lots/name", json={**body, "lot": lot, "expires_date": end},
                headers=idempotent(headers),
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
        page = (await http.get("/v1/stock/lots?limit=2", headers=headers)).json()
        rest = await http.get(f"/v1/stock/lots?cursor={page['next_cursor']}", headers=headers)
        ending = (await http.get("/v1/stock/lots?ending=true", headers=headers)).json()["items"]
        moves = (await http.get("/v1/stock/lot-moves?sku=S-1&lot=A", headers=headers)).json()
        hidden = (await http.get("/v1/stock/lots", headers=buyer)).json()["items"]
    assert [row["lot"] for row in page["items"] + rest.json()["items"]] == ["A", "B", ""]
    assert ([row["lot"] for row in ending], hidden) == (["A"], [])
    assert [(row["kind"], row["units"]) for row in moves["items"]] == [("NAME", 4)]


async def test_lots_as_pages(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, on_hand=10)
    day = day_of(await database.now()) + DAY
    async with visiting(database, market.operator, role="WAREHOUSE") as visitor:
        assert "It keeps no lots" in await visitor.see("/lots/S-1")
        odd = await visitor.send("/lots/S-1/rule", {"keeps": "EXPIRY", "shelf_life_days": "x"})
        assert odd.status_code == 422
        await visitor.send("/lots/S-1/rule", {"keeps": "EXPIRY", "soon_days": "5"})
        form = {"from": "WAW|operator|", "lot": "A-7", "units": "4", "expires_date": str(day)}
        for change in ({"units": "x"}, {"lot": ""}, {"expires_date": "soon"}, {"units": "11"}):
            wrong = await visitor.send("/lots/S-1/name", {**form, **change})
            assert wrong.status_code in (409, 422), change
        assert (await visitor.send("/lots/S-1/name", form)).status_code == 303
        for path in ("/lots/S-1", "/lots?ending=1"):
            assert "A-7" in await visitor.see(path)
        assert "Lots ending" in await visitor.see("/inventory")
    async with visiting(database, market.buyer) as visitor:
        assert (await visitor.get("/lots")).status_code == 403
        assert (await visitor.get("/lots/S-1")).status_code == 403
