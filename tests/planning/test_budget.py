"""A plan with a budget: what it buys, what has to wait, and how good the choice is."""

import itertools
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.planning import actions
from beltline.planning.queries import runs
from beltline.planning.rules.budget import Want, choose
from beltline.planning.types import Filters, Status
from tests.planning.make import NOW, PARAMETERS, list_all, make_plan, make_world, set_stock
from tests.visitor import visiting

_MONEY = st.floats(0.5, 100)


@settings(max_examples=200, deadline=None)
@given(
    goods=st.lists(st.tuples(_MONEY, st.floats(0, 100)), min_size=1, max_size=9),
    budget=st.floats(1, 300),
)
def test_no_choice_within_a_budget_gains_more_than_the_bound(
    goods: list[tuple[float, float]], budget: float
) -> None:
    wants = [Want(UUID(int=n), cost, gain, 0.0) for n, (cost, gain) in enumerate(goods)]
    found = choose(wants, budget)
    best = max(
        sum(w.gain for w in some)
        for size in range(len(wants) + 1)
        for some in itertools.combinations(wants, size)
        if sum(w.cost for w in some) <= budget
    )
    assert found.cost <= budget + 1e-9
    assert found.gain_bound >= best - 1e-6
    assert best >= found.gain - 1e-6
    assert found.gain >= found.gain_bound / 2 - 1e-6
    kept = {w.id for w in wants} - set(found.deferred)
    assert sum(w.gain for w in wants if w.id in kept) == pytest.approx(found.gain)


def test_of_what_saves_alike_the_greater_relief_is_bought() -> None:
    wants = [Want(UUID(int=n), 10.0, 0.0, relief) for n, relief in enumerate((0.1, 0.6, 0.3))]
    assert choose(wants, 20.0).deferred == [UUID(int=0)]


async def test_a_plan_stays_in_its_budget_and_the_rest_can_be_taken_up(
    database: Database,
) -> None:
    network = await make_world(database)
    operator = network.operator
    stock = {("SKU-1", "CON-YIW"): 0, ("SKU-1", "OVS-WAW"): 0, ("SKU-2", "CON-YIW"): 0}
    await set_stock(database, operator, stock)
    await make_plan(database, operator)
    whole = await list_all(database, operator)
    assert {p.currency for p in whole} == {"CNY"}
    amounts = sorted(p.amount for p in whole)
    assert len(amounts) == 3
    budget = (amounts[0] + amounts[1]) / 100
    run = await make_plan(
        database, operator, parameters=msgspec.structs.replace(PARAMETERS, budget=budget)
    )
    proposals = await list_all(database, operator)
    deferred = [p for p in proposals if p.status is Status.DEFERRED]
    assert sorted({p.status for p in proposals}) == [Status.DEFERRED, Status.OPEN]
    assert len(proposals) == 3
    async with database.reading(operator) as db:
        told = ((await runs.get_run(db, operator.org_id, run.id)).metrics or {})["budget"]
    bought = [p for p in proposals if p.status is Status.OPEN]
    assert told["spent"] == sum(p.amount for p in bought) <= told["amount"] == round(budget * 100)
    assert told["deferred"] == len(deferred)
    assert told["gain"] <= told["gain_bound"]

    async with visiting(database, operator) as visitor:
        assert "Budget spent" in await visitor.see(f"/plans/run_{run.id.hex}")
        page = await visitor.see("/replenish?status=DEFERRED")
        assert f"prp_{deferred[0].id.hex}" in page
    async with database.writing(operator) as db:
        # All of a filter means what the budget buys; one that is named is meant.
        await actions.accept(db, operator, filters=Filters(plan_run_id=run.id), now=NOW)
    left = [p for p in await list_all(database, operator) if p.status is Status.DEFERRED]
    assert [p.id for p in left] == [p.id for p in deferred]
    async with database.writing(operator) as db:
        done = await actions.accept(db, operator, proposal_ids=[deferred[0].id], now=NOW)
        assert done.count == 1
    await make_plan(database, operator)
    assert not [p for p in await list_all(database, operator) if p.status is Status.DEFERRED]


@pytest.mark.parametrize("typed", ["many", "-5", "1e99", "nan"])
async def test_what_is_no_budget_is_refused(database: Database, typed: str) -> None:
    network = await make_world(database, demand=False)
    async with visiting(database, network.operator) as visitor:
        answer = await visitor.send("/plans", {"budget": typed})
    assert answer.status_code == 422
    assert typed in answer.text
    async with database.reading(network.operator) as db:
        assert (await runs.list_runs(db, network.operator.org_id))[0] == []
