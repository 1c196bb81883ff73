"""Goods between two nodes: out of one, in transit, into the other, and nothing lost unsaid."""

import datetime as dt
import random
from uuid import UUID

import pytest

from beltline.inventory import actions
from beltline.inventory.types.transfers import TransferWanted
from beltline.kit.actor import WrongRole
from beltline.kit.db import Database
from beltline.kit.ids import new_id, show_id
from beltline.procurement.queries import prove_inbound
from tests.inventory.test_stock import assert_sound
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market, make_node, make_supplier

DUE = dt.date(2026, 12, 1)


async def market_of_two(database: Database, on_hand: int = 50) -> Market:
    return await make_market(database, await database.now(), skus=1, buyers=1, on_hand=on_hand)


async def rows(database: Database) -> dict[str, tuple[int, int]]:
    """On hand and inbound by node."""
    async with database.system() as db:
        found = await db.value(
            """select jsonb_object_agg(n.code, jsonb_build_array(s.on_hand, s.inbound))
                 from inventory.stock s join trade.node n on n.id = s.node_id"""
        )
    return {node: (on_hand, inbound) for node, (on_hand, inbound) in found.items()}


async def send(
    database: Database, market: Market, *quantities: int, back: bool = False,
    ids: list[UUID] | None = None,
) -> list[UUID]:  # fmt: skip
    """Send from WAW to YIW (or back), one transfer a quantity."""
    ends = [market.nodes[code] for code in (("YIW", "WAW") if back else ("WAW", "YIW"))]
    wanted = [
        TransferWanted(id_, market.skus["S-1"], ends[0], ends[1], quantity, DUE)
        for id_, quantity in zip(ids or [new_id() for _ in quantities], quantities, strict=True)
    ]
    async with database.writing(market.operator) as db:
        return await actions.send_transfers(
            db, market.operator, wanted, now=await database.now()
        )  # fmt: skip


async def test_a_transfer_goes_out_is_in_transit_and_comes_in(database: Database) -> None:
    market = await market_of_two(database)
    (sent,) = await send(database, market, 20)
    assert await rows(database) == {"WAW": (30, 0), "YIW": (0, 20)}
    # Asked again, it is one transfer.
    assert await send(database, market, 20, ids=[sent]) == []
    headers = await key_of(database, market.operator)
    buyer = await key_of(database, market.buyer)
    path = f"/v1/stock/transfers/{show_id('trf', sent)}"
    async with api(database) as http:
        async with database.system() as db:
            assert (await prove_inbound(db)).holds
        assert (await http.get("/v1/stock/transfers", headers=buyer)).json()["items"] == []
        assert (await http.post(f"{path}/receive", headers=idempotent(buyer))).status_code == 403
        over = await http.post(
            f"{path}/receive", json={"quantity": 21}, headers=idempotent(headers)
        )  # fmt: skip
        assert (over.status_code, over.json()["code"]) == (422, "inventory.more_than_sent")
        key = idempotent(headers)
        first = await http.post(f"{path}/receive", json={"quantity": 18}, headers=key)
        again = await http.post(f"{path}/receive", json={"quantity": 18}, headers=key)
        assert first.json() == again.json()
        assert (first.json()["status"], first.json()["received"]) == ("RECEIVED", 18)
        ended = await http.post(f"{path}/return", headers=idempotent(headers))
        assert (ended.status_code, ended.json()["code"]) == (409, "inventory.transfer_ended")
        listed = (await http.get("/v1/stock/transfers?status=RECEIVED", headers=headers)).json()
        assert [t["origin"] + t["target"] for t in listed["items"]] == ["WAWYIW"]
    assert await rows(database) == {"WAW": (30, 0), "YIW": (18, 0)}
    await assert_sound(database)


async def test_what_is_not_free_does_not_go(database: Database) -> None:
    market = await market_of_two(database, on_hand=10)
    sent = await send(database, market, 6, 6, 4)
    assert len(sent) == 2
    assert await rows(database) == {"WAW": (0, 0), "YIW": (0, 10)}


@pytest.mark.parametrize("seed", range(3))
async def test_units_are_conserved_and_never_below_none(database: Database, seed: int) -> None:
    market, draw = await market_of_two(database), random.Random(seed)
    lost = 0
    for _ in range(12):
        quantity, is_back, missing = draw.randint(1, 40), draw.random() < 0.5, draw.randint(0, 3)
        for id_ in await send(database, market, quantity, back=is_back):
            arrived = max(quantity - missing, 0)
            lost += quantity - arrived
            async with database.writing(market.operator) as db:
                await actions.end_transfer(
                    db, market.operator, id_, quantity=arrived, is_back=missing == 3,
                    now=await database.now(),
                )  # fmt: skip
        found = await rows(database)
        assert all(min(pair) >= 0 for pair in found.values())
        assert sum(on_hand + inbound for on_hand, inbound in found.values()) == 50 - lost
    await assert_sound(database)


async def test_only_nodes_of_the_network_and_only_the_operator(database: Database) -> None:
    market = await market_of_two(database)
    now = await database.now()
    async with database.system() as db:
        maker = await make_supplier(db, "zhili-9", now)
        market.nodes["YIW"] = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=maker)
    assert await send(database, market, 5) == []
    async with database.writing(market.buyer) as db:
        with pytest.raises(WrongRole):
            await actions.send_transfers(db, market.buyer, [], now=now)
