"""What-ifs: what each change does to cost, stock and lost sales; and that nothing is written."""

from typing import Any

import msgspec
import pytest

from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.planning.actions import scenarios as scenarios_actions
from beltline.planning.queries import scenarios
from beltline.planning.types import NoPlanYet
from beltline.planning.types.scenarios import Changes, Effect, NothingChanged, Scope, ScopeKind
from beltline.planning.workflows import JOBS
from tests.catalog.make import NOW, Network
from tests.planning.make import make_plan, make_world, set_stock
from tests.visitor import visiting


@pytest.fixture
async def network(database: Database) -> Network:
    made = await make_world(database)
    await set_stock(database, made.operator, {("SKU-1", "CON-YIW"): 60, ("SKU-2", "CON-YIW"): 300})
    await make_plan(database, made.operator)
    return made


async def answer(
    database: Database, network: Network, changes: Changes, scope: Scope | None = None
) -> Effect:
    """Ask, and do the job here as a worker would."""
    operator = network.operator
    async with database.writing(operator) as db:
        asked = await scenarios_actions.ask_scenario(
            db, operator, scope=scope or Scope(), changes=changes, now=NOW
        )
    await run_inline(
        database, operator, kind="scenario.v1", title="What-if", now=NOW,
        parameters={"scenario_id": str(asked.id)}, registry=registry_of(*JOBS),
    )  # fmt: skip
    async with database.reading(operator) as db:
        found = await scenarios.get_scenario(db, operator.org_id, asked.id)
    assert found.effect is not None
    return found.effect


async def counts(database: Database) -> list[Any]:
    async with database.system() as db:
        return await db.values(
            """select md5(string_agg(t::text, '' order by t::text)) from planning.proposal t
               union all select md5(string_agg(t::text, '' order by t::text))
                 from planning.forecast t
               union all select md5(string_agg(t::text, '' order by t::text))
                 from planning.inventory_risk t"""
        )


async def test_every_change_has_its_effect_and_nothing_is_written(
    database: Database, network: Network
) -> None:
    before = await counts(database)
    slower = await answer(database, network, Changes(lead_time_days=10))
    assert slower.series == slower.sampled == 3
    assert slower.changed.units_lost > slower.base.units_lost * 1.1
    assert slower.changed.units_demanded == pytest.approx(slower.base.units_demanded)
    cheaper = await answer(database, network, Changes(price=-0.1))
    assert cheaper.base == slower.base
    assert cheaper.changed.units_demanded == pytest.approx(
        cheaper.base.units_demanded * 0.9**-1.8, rel=0.01
    )
    assert slower.base.lost_share < 0.2
    safe = (await answer(database, network, Changes(service_level=0.99))).changed
    bold = (await answer(database, network, Changes(service_level=0.5))).changed
    assert safe.stock_value > bold.stock_value
    assert safe.units_lost < bold.units_lost
    promoted = await answer(database, network, Changes(promotion_days=7, promotion_uplift=1.0))
    more = promoted.changed.units_demanded / promoted.base.units_demanded
    assert more == pytest.approx(1 + 7 / promoted.days, rel=0.02)
    assert await counts(database) == before


async def test_a_scope_names_some_of_the_series(database: Database, network: Network) -> None:
    scope = Scope(kind=ScopeKind.SKU, value="SKU-1")
    assert (await answer(database, network, Changes(price=0.1), scope)).series == 2
    with pytest.raises(Refusal, match=r"SKU NOBODY"):
        await answer(
            database, network, Changes(price=0.1), Scope(kind=ScopeKind.SKU, value="NOBODY")
        )


async def test_asking_for_nothing_and_of_nothing_is_refused(database: Database) -> None:
    network = await make_world(database)
    async with database.writing(network.operator) as db:
        with pytest.raises(NothingChanged):
            await scenarios_actions.ask_scenario(
                db, network.operator, scope=Scope(), changes=Changes(), now=NOW
            )
        with pytest.raises(NoPlanYet):
            await scenarios_actions.ask_scenario(
                db, network.operator, scope=Scope(), changes=Changes(price=0.1), now=NOW
            )


async def test_the_page_asks_and_answers(database: Database, network: Network) -> None:
    await answer(database, network, Changes(lead_time_days=5))
    async with visiting(database, network.operator, role="PLANNER") as planner:
        page = await planner.see("/what-if")
        assert "Everything: lead time +5 days" in page
        fields = {"scope": "SKU", "value": "SKU-1", "price": "-10", "service_level": ""}
        sent = await planner.send("/what-if", fields)
        path = sent.headers["location"]
        page = await planner.see(path)
        assert "SKU-1: price" in page
        assert f'hx-get="{path}/progress"' in page
        async with database.reading(network.operator) as db:
            rows, _ = await scenarios.list_scenarios(db, network.operator.org_id)
        assert rows[0].changes == msgspec.structs.replace(Changes(), price=-0.1)
        page = await planner.see(f"/what-if/scn_{rows[1].id.hex}")
        assert "Units lost" in page
    async with visiting(database, network.buyer) as buyer:
        assert (await buyer.get(path)).status_code == 404
