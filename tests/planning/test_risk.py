"""Inventory risk: what a position is, what a surplus costs, and which remedy gains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.planning.queries import risks
from beltline.planning.rules.remedies import (
    Surplus,
    excess_of,
    list_remedies,
    overstock_cost,
    state_of,
    xyz_of,
)
from beltline.planning.types import PlanRun
from beltline.planning.types.risks import RemedyKind, RiskFilters, RiskState
from tests.catalog.make import Network
from tests.planning.make import make_plan, make_world, set_stock
from tests.visitor import visiting

SLOW = Surplus(excess=900, units_a_day=1.0, unit_cost=10.0, unit_margin=4.0, has_supplier=True)


@pytest.mark.parametrize(
    ("on_hand", "units_a_day", "p_stockout", "excess", "idle_days", "state"),
    [
        (0, 3.0, 0.9, 0, 1, "OUT"),
        (5, 3.0, 0.4, 0, 1, "AT_RISK"),
        (500, 3.0, 0.0, 200, 1, "OVER"),
        (500, 3.0, 0.0, 0, 1, "FIT"),
        (500, 0.0, 0.0, 500, None, "DEAD"),
        (500, 0.2, 0.0, 480, 120, "DEAD"),
        (0, 0.0, 0.0, 0, 200, "FIT"),
    ],
)  # fmt: skip
def test_what_a_position_is(
    on_hand: int, units_a_day: float, p_stockout: float, excess: int, idle_days: int | None,
    state: str,
) -> None:  # fmt: skip
    found = state_of(
        on_hand=on_hand, units_a_day=units_a_day, p_stockout=p_stockout, excess=excess,
        idle_days=idle_days,
    )  # fmt: skip
    assert found == state


def test_too_much_is_beyond_the_target_and_beyond_three_months() -> None:
    assert excess_of(on_hand=500, inbound=0, stock_target=100.0, units_a_day=1.0) == 400
    assert excess_of(on_hand=500, inbound=0, stock_target=100.0, units_a_day=5.0) == 50
    assert excess_of(on_hand=100, inbound=400, stock_target=50.0, units_a_day=0.0) == 100
    assert excess_of(on_hand=40, inbound=0, stock_target=100.0, units_a_day=0.0) == 0


def test_a_surplus_costs_its_capital_until_it_is_sold() -> None:
    # 900 units at one a day wait 90 + 450 days on the average: 25 % a year of 9,000.
    assert overstock_cost(SLOW, 0.25) == pytest.approx(9_000 * 0.25 * 540 / 365)


def test_a_node_that_lacks_the_goods_is_the_best_place_for_them() -> None:
    found = list_remedies(
        Surplus(
            excess=900, units_a_day=1.0, unit_cost=10.0, unit_margin=4.0, has_supplier=True,
            wanted_at="CON-YIW", wanted=600, partner="SKU-2", partner_rate=40.0,
        ),
        0.25,
    )  # fmt: skip
    assert found[0].kind is RemedyKind.TRANSFER
    assert (found[0].units, found[0].at) == (600, "CON-YIW")
    assert {r.kind for r in found} >= {RemedyKind.TRANSFER, RemedyKind.BUNDLE}


def test_what_never_sells_goes_back_and_is_not_marked_down() -> None:
    dead = Surplus(excess=100, units_a_day=0.0, unit_cost=10.0, unit_margin=4.0, has_supplier=True)
    assert [r.kind for r in list_remedies(dead, 0.25)] == [RemedyKind.RETURN]
    old = Surplus(
        excess=100, units_a_day=0.0, unit_cost=10.0, unit_margin=4.0, has_supplier=True,
        age_days=700,
    )  # fmt: skip
    assert list_remedies(old, 0.25) == []


@given(
    excess=st.integers(1, 100_000), rate=st.floats(0, 500), cost=st.floats(0.01, 1_000),
    margin=st.floats(0, 500), wanted=st.integers(0, 100_000), partner_rate=st.floats(0, 500),
)  # fmt: skip
def test_every_remedy_told_gains_and_moves_no_more_than_there_is(
    excess: int, rate: float, cost: float, margin: float, wanted: int, partner_rate: float
) -> None:
    surplus = Surplus(
        excess=excess, units_a_day=rate, unit_cost=cost, unit_margin=margin, has_supplier=True,
        wanted_at="N", wanted=wanted, partner="P", partner_rate=partner_rate,
    )  # fmt: skip
    found = list_remedies(surplus, 0.25)
    gains = [r.benefit - r.cost for r in found]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)
    assert all(0 <= r.units <= excess for r in found)
    assert all(r.benefit <= overstock_cost(surplus, 0.25) * (1 + 1e-9) for r in found)


def test_steady_varying_erratic() -> None:
    assert [xyz_of(v) for v in (0.2, 0.7, 1.4, None)] == ["X", "Y", "Z", "Z"]


@pytest.fixture
async def network(database: Database) -> Network:
    made = await make_world(database)
    await set_stock(
        database, made.operator,
        {("SKU-1", "CON-YIW"): 20_000, ("SKU-1", "OVS-WAW"): 2, ("SKU-2", "OVS-WAW"): 70},
    )  # fmt: skip
    return made


@pytest.fixture
async def run(database: Database, network: Network) -> PlanRun:
    return await make_plan(database, network.operator)


async def test_a_plan_judges_every_position(
    database: Database, network: Network, run: PlanRun
) -> None:
    operator = network.operator
    async with database.reading(operator) as db:
        rows, _ = await risks.list_risks(db, operator.org_id, run.id, RiskFilters())
        first, more = await risks.list_risks(db, operator.org_id, run.id, RiskFilters(), limit=2)
        rest, _ = await risks.list_risks(
            db, operator.org_id, run.id, RiskFilters(), limit=9, cursor=more
        )
        totals = await risks.total_risks(db, operator.org_id, run.id, RiskFilters())
    found = {(r.sku, r.node): r for r in rows}
    assert [r.stake for r in rows] == sorted((r.stake for r in rows), reverse=True)
    assert [(r.sku, r.node) for r in (*first, *rest)] == [(r.sku, r.node) for r in rows]
    much, short = found["SKU-1", "CON-YIW"], found["SKU-1", "OVS-WAW"]
    assert (much.state, short.state) == (RiskState.OVER, RiskState.AT_RISK)
    assert much.excess > 15_000
    assert much.remedy is not None
    assert much.remedy_gain > 0
    assert much.remedies[0].kind is much.remedy
    # What Warsaw lacks comes from Yiwu: it is moved, and not bought.
    assert (short.order_gain, short.proposal_id) == (0, None)
    assert "OVS-WAW" in {r.at for r in much.remedies}
    assert any(r.order_gain > 0 and r.proposal_id is not None for r in rows)
    assert found["SKU-1", "CON-YIW"].xyz == "X"
    # Nobody ever asked for it there: dead, and worth what its cheapest offer says.
    dead = found["SKU-2", "OVS-WAW"]
    assert (dead.state, dead.cover_days, dead.excess) == (RiskState.DEAD, None, 70)
    assert dead.overstock_cost > 0
    assert sum(t.positions for t in totals) == len(rows)


async def test_the_page_narrows_and_says_what_to_do(
    database: Database, network: Network, run: PlanRun
) -> None:
    async with visiting(database, network.operator, role="PLANNER") as planner:
        page = await planner.see("/risk")
        assert "Dead stock" in page
        assert "/demand/SKU-1/CON-YIW" in page
        assert "saves ¥" in page
        page = await planner.see("/risk?state=DEAD")
        assert "/inventory/SKU-2" in page
        assert "/demand/SKU-1/CON-YIW" not in page
        assert "No position matches" in await planner.see("/risk?q=zzz")
    async with visiting(database, network.buyer) as buyer:
        assert (await buyer.get("/risk")).status_code == 403
