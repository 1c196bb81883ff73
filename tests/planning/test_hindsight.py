"""After the fact: costs of a cycle that can be counted by hand, and a plan that was judged."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.planning.actions import overrides as overrides_actions
from beltline.planning.queries import hindsight, runs
from beltline.planning.rules.hindsight import Position, judge, regret_closed
from tests.catalog.make import NOW
from tests.planning.make import PARAMETERS, TODAY, YESTERDAY, make_plan, make_world, set_stock
from tests.visitor import visiting

# Ten units a day for ten days; the order can be sold from the fifth day on.
FLAT = Position(
    on_hand=40, coming=[], units=60, plain=None, decided=None, arrives=4, next_arrival=10, moq=1,
    pack_size=1, unit_cost=10.0, unit_margin=5.0, rate=10.0, demand=[10.0] * 10,
)  # fmt: skip


def cost_of(position: Position, order_cost: float = 0.0) -> float:
    return judge([position], holding_rate=3.65, order_cost=order_cost, period_days=1)[0].plan


def test_costs_that_can_be_counted() -> None:
    # Ten cents a unit and day: 30 + 20 + 10 + 0 from the stock, 50 + 40 + ... + 0 from the order.
    assert cost_of(FLAT) == pytest.approx(0.1 * (60 + 150))
    assert cost_of(msgspec.structs.replace(FLAT, units=50)) == pytest.approx(
        0.1 * (60 + 40 + 30 + 20 + 10) + 5.0 * 10
    )
    # Ten units too many are held a day longer each, and then wait for half a day's demand.
    assert cost_of(msgspec.structs.replace(FLAT, units=70)) == pytest.approx(
        0.1 * (60 + 150 + 60) + 0.1 * 10 * 0.5
    )
    assert cost_of(FLAT, order_cost=7.0) == pytest.approx(21.0 + 7.0)
    later = msgspec.structs.replace(FLAT, coming=[(2, 20.0)], units=40)
    assert cost_of(later) < cost_of(msgspec.structs.replace(FLAT, units=40))


def test_the_naive_repeats_and_the_clairvoyant_knows() -> None:
    doubled = msgspec.structs.replace(FLAT, demand=[20.0] * 10, units=100, rate=10.0)
    found = judge([doubled], holding_rate=3.65, order_cost=0.0, period_days=1)[0]
    # The first four days cannot be helped any more; after that 120 are asked for.
    known = judge(
        [msgspec.structs.replace(doubled, units=120)], holding_rate=3.65, order_cost=0.0,
        period_days=1,
    )[0]  # fmt: skip
    assert found.best <= known.plan < found.plan < found.naive
    assert regret_closed(found.plan, found.naive, found.best) == pytest.approx(
        (found.naive - found.plan) / (found.naive - found.best)
    )
    assert regret_closed(1.0, 1.0, 1.0) is None


@given(
    demand=st.lists(st.integers(0, 60), min_size=10, max_size=10), stock=st.integers(0, 300),
    units=st.integers(0, 400), decided=st.none() | st.integers(0, 400),
)  # fmt: skip
def test_nobody_beats_the_clairvoyant(
    demand: list[int], stock: int, units: int, decided: int | None
) -> None:
    position = msgspec.structs.replace(
        FLAT, demand=[float(d) for d in demand], on_hand=stock, units=units, decided=decided
    )
    found = judge([position], holding_rate=0.3, order_cost=4.0, period_days=1)[0]
    others = [found.plan, found.naive, *([] if found.decided is None else [found.decided])]
    assert all(found.best <= cost + 1e-6 for cost in others)
    assert (found.decided is None) == (decided is None)


async def test_a_plan_is_judged_when_its_demand_is_known(database: Database) -> None:
    network = await make_world(database)
    operator = network.operator
    await set_stock(database, operator, {("SKU-2", "CON-YIW"): 150})
    async with database.writing(operator) as db:
        await overrides_actions.override_demand(
            db, operator, sku="SKU-2", node="CON-YIW", starts=TODAY - dt.timedelta(days=60),
            ends=TODAY + dt.timedelta(days=1), factor=30.0, reason="a guess",
            now=NOW - dt.timedelta(days=70),
        )  # fmt: skip
    back = await make_plan(database, operator, cut_off=YESTERDAY - dt.timedelta(days=60))
    assert back.metrics is not None
    told = back.metrics["hindsight"]
    async with database.reading(operator) as db:
        sums = await hindsight.sum_hindsight(db, operator.org_id, back.id)
        by_category = await hindsight.list_by_category(db, operator.org_id, back.id)
    assert told["positions"] == sums.positions == 3
    assert sums.cost_best <= sums.cost_plan
    assert told["regret_closed"] == pytest.approx(sums.regret_closed)
    # Demand did not grow thirtyfold: the guess cost money.
    assert (sums.overrides, sums.override_gain < 0) == (1, True)
    assert sum(row.positions for row in by_category) == 3
    # A plan of today cannot be judged yet.
    today = await make_plan(database, operator, parameters=PARAMETERS)
    async with database.reading(operator) as db:
        run = await runs.get_run(db, operator.org_id, today.id)
    assert run.metrics is not None
    assert "hindsight" not in run.metrics
    async with visiting(database, operator, role="PLANNER") as planner:
        page = await planner.see(f"/plans/run_{back.id.hex}")
        assert "of the regret" in page
        assert "Overrides of 1 series earned" in page
        assert "Not known yet" in await planner.see(f"/plans/run_{today.id.hex}")
