"""Transfers between nodes: decided before anything is bought, sent, received and judged."""

import datetime as dt
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.inventory import queries as stock
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.planning.actions import transfers as actions
from beltline.planning.queries import risks, runs, transfers
from beltline.planning.types import ProposalChanged, WrongStatus
from beltline.planning.types.risks import RemedyKind, RiskFilters
from beltline.planning.types.transfers import TransferFilters, TransferProposal, TransferStatus
from beltline.planning.workflows.hindsight import judge_finished
from beltline.procurement.queries import prove_inbound
from beltline.science.placement import decide_transfers
from tests.catalog.make import NOW, Network
from tests.inventory.test_stock import assert_sound
from tests.orders.http import api, idempotent, key_of
from tests.planning.make import (
    TODAY,
    demand_csv,
    import_demand,
    list_all,
    make_plan,
    make_world,
    set_stock,
    take_lots_away,
)
from tests.visitor import visiting

FAR = {("SKU-1", "CON-YIW"): 20_000, ("SKU-1", "OVS-WAW"): 0, ("SKU-2", "CON-YIW"): 300}


async def uneven(database: Database, **more: int) -> Network:
    """Years of SKU-1 in Yiwu, none in Warsaw, and suppliers that take a month."""
    network = await make_world(database)
    await take_lots_away(database)
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            "update suppliers.supplier set lead_time_days_mean = 30, lead_time_days_p95 = 35"
        )
    stock = {key: more.get(key[1].replace("-", "_"), units) if key[0] == "SKU-1" else units
             for key, units in FAR.items()}  # fmt: skip
    await set_stock(database, network.operator, stock)
    return network


async def proposed(
    database: Database, actor: Actor, status: TransferStatus | None = None
) -> list[TransferProposal]:
    async with database.reading(actor) as db:
        found, _ = await transfers.list_transfers(
            db, actor.org_id, TransferFilters(status=status), limit=250
        )
    return found


async def standing(database: Database, sku: str) -> dict[str, tuple[int, int]]:
    """On hand and inbound by node."""
    async with database.system() as db:
        found = await db.value(
            """select jsonb_object_agg(n.code, jsonb_build_array(s.on_hand, s.inbound))
                 from inventory.stock s join trade.node n on n.id = s.node_id
                 join catalog.sku k on k.id = s.sku_id where k.code = $1""",
            sku,
        )
    return {node: (on_hand, inbound) for node, (on_hand, inbound) in found.items()}


async def test_what_lies_too_much_elsewhere_is_moved_and_not_bought(database: Database) -> None:
    network = await uneven(database)
    without = await uneven_alone(database, network)
    run = await make_plan(database, network.operator)
    (one,) = await proposed(database, network.operator)
    assert (one.sku, one.origin, one.target) == ("SKU-1", "CON-YIW", "OVS-WAW")
    assert one.gain > 0
    assert one.freight > 0
    assert one.is_assumed
    # Nothing is left there: it goes today.
    assert one.order_by == run.cut_off + dt.timedelta(days=1)
    assert one.status is TransferStatus.OPEN
    assert [r.code for r in one.why] == [
        "TRANSFER_NEED", "TRANSFER_SPARE", "TRANSFER_SOONER", "TRANSFER_ASSUMED",
    ]  # fmt: skip
    # Nine days by air, from the day after the cut-off on.
    assert one.expected_date == run.cut_off + dt.timedelta(days=10)
    bought = [p for p in await list_all(database, network.operator, run) if p.node == "OVS-WAW"]
    assert without > 0
    assert bought == []
    assert run.metrics is not None
    assert run.metrics["transfers"] == 1
    async with database.reading(network.operator) as db:
        rows, _ = await risks.list_risks(
            db,
            network.operator.org_id,
            run.id,
            RiskFilters(words="SKU-1", node="CON-YIW"),
            limit=5,
        )
    told = {r.kind: r for r in rows[0].remedies}
    assert told[RemedyKind.TRANSFER].units == one.quantity
    assert told[RemedyKind.TRANSFER].at == "OVS-WAW"


async def uneven_alone(database: Database, network: Network) -> int:
    """What is bought for Warsaw where Yiwu has nothing to spare."""
    await set_stock(database, network.operator, {("SKU-1", "CON-YIW"): 0})
    run = await make_plan(database, network.operator)
    assert await proposed(database, network.operator) == []
    found = sum(
        p.quantity for p in await list_all(database, network.operator, run) if p.node == "OVS-WAW"
    )
    await set_stock(database, network.operator, FAR)
    return found


async def test_an_accepted_one_is_sent_and_the_next_plan_counts_on_it(database: Database) -> None:
    network = await uneven(database)
    operator = network.operator
    await make_plan(database, operator)
    (one,) = await proposed(database, operator)
    async with database.writing(operator) as db:
        with pytest.raises(ProposalChanged):
            await actions.accept(db, operator, transfer_ids=[one.id], version=9, now=NOW)
    async with database.writing(operator) as db:
        done = await actions.accept(
            db, operator, transfer_ids=[one.id], version=one.version, now=NOW
        )
        assert (done.count, done.left) == (1, 0)
    async with database.writing(operator) as db:
        with pytest.raises(WrongStatus):
            await actions.reject(db, operator, transfer_ids=[one.id], now=NOW)
    (sent,) = await proposed(database, operator, TransferStatus.ACCEPTED)
    assert sent.move_status == "SENT"
    before = await standing(database, "SKU-1")
    assert before == {"CON-YIW": (20_000 - one.quantity, 0), "OVS-WAW": (0, one.quantity)}
    await make_plan(database, operator)
    more = await proposed(database, operator, TransferStatus.OPEN)
    assert sum(p.quantity for p in more) < one.quantity / 10
    headers = await key_of(database, operator)
    async with api(database) as http:
        listed = (await http.get("/v1/transfers?status=ACCEPTED", headers=headers)).json()
        shown = listed["items"][0]
        moved = (await http.get("/v1/stock/transfers", headers=headers)).json()["items"][0]
        assert shown["stock_transfer_id"] == moved["id"]
        assert moved["expected_date"] == one.expected_date.isoformat()
        path = f"/v1/stock/transfers/{shown['stock_transfer_id']}/receive"
        assert (await http.post(path, headers=idempotent(headers))).status_code == 200
    after = await standing(database, "SKU-1")
    assert after["OVS-WAW"] == (one.quantity, 0)
    assert sum(a for a, _ in after.values()) == 20_000
    async with database.system() as db:
        assert (await prove_inbound(db)).holds
    await assert_sound(database)


async def test_what_was_rejected_is_bought(database: Database) -> None:
    network = await uneven(database)
    operator = network.operator
    await make_plan(database, operator)
    (one,) = await proposed(database, operator)
    async with database.writing(operator) as db:
        await actions.reject(db, operator, transfer_ids=[one.id], now=NOW)
    run = await make_plan(database, operator)
    assert await proposed(database, operator, TransferStatus.OPEN) == []
    bought = [p for p in await list_all(database, operator, run) if p.node == "OVS-WAW"]
    assert len(bought) == 1


async def test_what_was_sold_meanwhile_stays_open(database: Database) -> None:
    network = await uneven(database)
    operator = network.operator
    await make_plan(database, operator)
    (one,) = await proposed(database, operator)
    await set_stock(database, operator, {("SKU-1", "CON-YIW"): one.quantity - 1})
    headers = await key_of(database, operator)
    async with api(database) as http:
        path = f"/v1/transfers/{show_id('trp', one.id)}"
        answer = await http.post(f"{path}/accept", headers=idempotent(headers))
        assert (answer.status_code, answer.json()["code"]) == (409, "inventory.not_available")
        bulk = await http.post("/v1/transfers/accept", headers=idempotent(headers))
        assert bulk.json() == {"count": 0, "left": 1}
        assert (await http.get(path, headers=headers)).json()["status"] == "OPEN"
        buyer = await key_of(database, network.buyer)
        assert (await http.get(path, headers=buyer)).status_code in {403, 404}
        rejected = await http.post(f"{path}/reject", headers=idempotent(headers))
        assert rejected.json()["status"] == "REJECTED"
        again = await http.post(f"{path}/reopen", headers=idempotent(headers))
        assert (again.json()["status"], again.json()["version"]) == ("OPEN", 3)
    assert (await standing(database, "SKU-1"))["CON-YIW"] == (one.quantity - 1, 0)
    await set_stock(database, operator, {("SKU-1", "CON-YIW"): one.quantity})
    later = NOW + dt.timedelta(days=2)
    async with database.writing(operator) as db:
        await actions.accept(db, operator, transfer_ids=[one.id], now=later)
        (moved,) = await stock.list_transfers(db)
    # Sent two days late, it comes two days later.
    assert moved.expected_date == one.expected_date + dt.timedelta(days=2)


async def test_idle_goods_go_to_where_they_are_sold(database: Database) -> None:
    """SKU-2 sells in Yiwu only, and lies in Warsaw; a lane leads there."""
    network = await make_world(database)
    await take_lots_away(database)
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            """insert into trade.lane (node_id, country, mode, transit_days_p50,
                 transit_days_p90, source, updated_at)
               select id, 'CN', 'AIR', 4, 6, 'test', $1 from trade.node where code = 'OVS-WAW'""",
            NOW,
        )
    await set_stock(
        database, network.operator,
        {("SKU-1", "CON-YIW"): 400, ("SKU-1", "OVS-WAW"): 200, ("SKU-2", "OVS-WAW"): 90},
    )  # fmt: skip
    await make_plan(database, network.operator)
    found = {(p.sku, p.origin, p.target): p for p in await proposed(database, network.operator)}
    one = found["SKU-2", "OVS-WAW", "CON-YIW"]
    assert one.quantity == 90
    assert "TRANSFER_IDLE" in {r.code for r in one.why}


async def test_the_workers_and_shards_change_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await uneven(database)
    await make_plan(database, network.operator)
    whole = [(p.sku, p.quantity, p.gain, p.freight) for p in await proposed(
        database, network.operator)]  # fmt: skip
    monkeypatch.setattr(
        "beltline.planning.rules.shards.cut", lambda skus, _: [[k] for k in range(len(skus))]
    )
    run = await make_plan(database, network.operator)
    cut = [
        (p.sku, p.quantity, p.gain, p.freight)
        for p in await proposed(database, network.operator, TransferStatus.OPEN)
    ]
    assert run.metrics is not None
    assert cut == whole != []


async def test_a_rate_card_says_what_it_costs(database: Database) -> None:
    network = await uneven(database)
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute("update catalog.sku set weight_g = 200")
        await db.execute(
            """insert into trade.rate_card (id, operator_org_id, service, carrier, mode, node_id,
                 country, currency, valid_from, step_g, minimum_g, weight_g_max, minimum_charge,
                 fuel_percent, surcharge, transit_days_p50, transit_days_p90, source, updated_at)
               select $1, $2, 'RAIL-PL', 'Rail', 'RAIL', n.id, 'PL', 'CNY', date '2026-01-01', 1,
                      0, 100000, 0, 10, 0, 16, 20, 'test', $3
                 from trade.node n where n.code = 'CON-YIW'""",
            UUID(int=7), network.operator.org_id, NOW,
        )  # fmt: skip
        await db.execute(
            "insert into trade.rate_break values ($1, $2, 0, 0, 5)",
            UUID(int=7), network.operator.org_id,
        )  # fmt: skip
    await make_plan(database, network.operator)
    (one,) = await proposed(database, network.operator)
    assert not one.is_assumed
    # 5 yuan a kilogram and a tenth for fuel, 200 grams each.
    assert one.freight == round(one.quantity * 0.2 * 5.5 * 100)
    assert [r.name for r in one.why if r.code == "TRANSFER_FREIGHT"] == ["RAIL-PL"]


async def test_the_page_sends_and_receives(database: Database) -> None:
    network = await uneven(database)
    await make_plan(database, network.operator)
    (one,) = await proposed(database, network.operator)
    shown = show_id("trp", one.id)
    async with visiting(database, network.operator) as visitor:
        page = await visitor.see("/transfers")
        assert "SKU-1" in page
        assert "assumed" in page
        await visitor.send("/transfers/decide", {"transfer": shown, "act": "accept"})
        assert "in transit" in await visitor.see("/transfers?status=ACCEPTED")
        for typed in ("", "some", str(one.quantity + 1)):
            answer = await visitor.send(
                f"/transfers/{shown}/end", {"quantity": typed, "act": "receive"}
            )
            assert answer.status_code == 422
        await visitor.send(
            f"/transfers/{shown}/end", {"quantity": str(one.quantity), "act": "receive"}
        )
        assert "received" in await visitor.see("/transfers?status=ACCEPTED")
    assert (await standing(database, "SKU-1"))["OVS-WAW"] == (one.quantity, 0)


STOCKS = st.lists(st.integers(0, 60), min_size=2, max_size=5)


@settings(max_examples=80, deadline=None)
@given(
    stock=STOCKS, seed=st.integers(0, 2**16), toll=st.floats(0.01, 2.0), part=st.floats(0.0, 1.0)
)
def test_moves_conserve_units_gain_and_never_circle(
    *, stock: list[int], seed: int, toll: float, part: float
) -> None:
    draw = np.random.default_rng(seed)
    count = len(stock)
    demand = draw.poisson(draw.uniform(0, 30, count)[:, None], (count, 60)).astype(np.float32)
    urgent = np.asarray(demand * np.float32(part), np.float32)
    freight = draw.uniform(0.0, 1.0, (count, count)) * toll
    holding, movable = draw.uniform(0, 2, count), draw.integers(0, 60, count).astype(float)

    def moves(order: list[int]) -> dict[tuple[int, int], tuple[int, float]]:
        at = np.array(order)
        found = decide_transfers(
            np.array(stock, float)[at], demand[at], freight[np.ix_(at, at)], shortage=4.0,
            holding=holding[at], urgent=urgent[at], movable=movable[at],
        )  # fmt: skip
        return {
            (order[t.origin], order[t.target]): (t.units, round(t.gain, 6)) for t in found
        }  # fmt: skip

    found = moves(list(range(count)))
    out = [sum(n for (a, _), (n, _) in found.items() if a == k) for k in range(count)]
    come = [sum(n for (_, b), (n, _) in found.items() if b == k) for k in range(count)]
    assert sum(out) == sum(come)
    assert all(o <= min(s, m) for o, s, m in zip(out, stock, movable, strict=True))
    assert all(gain > 0 and units > 0 for units, gain in found.values())
    # What gives does not take: no circle of any length.
    assert all(o == 0 or c == 0 for o, c in zip(out, come, strict=True))
    turned = list(reversed(range(count)))
    assert moves(turned) == found


def test_what_can_wait_for_a_purchase_saves_no_sale() -> None:
    demand = np.full((2, 50), 20.0, np.float32)
    stock = np.array([40.0, 0.0])
    freight = np.full((2, 2), 0.5)
    none = np.zeros_like(demand)
    pressed = decide_transfers(stock, demand, freight, shortage=4.0, holding=0.1)
    assert [(t.units, round(t.gain)) for t in pressed] == [(20, 20 * 4 - 8)]
    assert decide_transfers(
        stock, demand, freight, shortage=4.0, holding=0.1, urgent=none
    ) == ()  # fmt: skip
    dear = decide_transfers(stock, demand, freight, shortage=4.0, holding=2.0, urgent=none)
    assert [(t.units, round(t.gain)) for t in dear] == [(20, 30)]


async def test_hindsight_says_what_a_transfer_earned(database: Database) -> None:
    """A plan of five weeks ago that sent nothing, or much, is judged by the demand that came."""
    network = await uneven(database)
    operator = network.operator
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            "update suppliers.supplier set lead_time_days_mean = 12, lead_time_days_p95 = 13"
        )
    run = await make_plan(database, operator)
    (one,) = await proposed(database, operator)
    assert one.realised is None
    # Forty days pass.
    csv = demand_csv(200, until=TODAY + dt.timedelta(days=59))
    async with database.system() as db:
        await import_demand(db, operator, csv)
    async with database.system() as db:
        await judge_finished(db, operator)
    async with database.reading(operator) as db:
        judged = await runs.get_run(db, operator.org_id, run.id)
        told = await transfers.get_transfer(db, operator.org_id, one.id)
    assert judged.metrics is not None
    assert "hindsight" in judged.metrics
    assert told.realised is not None
    assert 0 < told.realised < 2 * one.gain
