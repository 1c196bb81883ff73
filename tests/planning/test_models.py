"""Sales models against simulation; what a plan says of them and of series that moved."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
import numpy as np
import pytest

from beltline.kit.db import Database
from beltline.planning.queries import risks, series
from beltline.planning.rules import assumptions, models
from beltline.planning.rules.remedies import TRANSFER_COST
from beltline.planning.rules.shards import Frame, SeriesContext
from beltline.planning.types import Alternative, Parameters
from beltline.planning.types.risks import ModelProfit, RiskFilters
from beltline.science.panel import Freq
from tests.planning.make import (
    YESTERDAY,
    demand_csv,
    import_demand,
    make_plan,
    make_world,
    set_stock,
)
from tests.visitor import visiting

DAY = dt.date(2026, 11, 1)
FRAME = Frame(
    freq=Freq.DAY, first_date=DAY, cut_off=DAY, order_date=DAY, periods=28, longest_lead=14,
    parameters=Parameters(),
)  # fmt: skip


def context(*, wait: float, tier: str = "A", node_kind: str = "OVERSEAS") -> SeriesContext:
    """A series with one offer at 10 yuan."""
    offer = Alternative(
        offer_id=UUID(int=1), supplier_org_id=UUID(int=2), supplier="X", tier=tier, currency="CNY",
        moq=1, quantity=10, unit_price=Decimal(10),
        lead_time_days_mean=wait, lead_time_days_p95=wait + 2, cost_price=10.0, cost_order=0.0,
        cost_holding=0.0, cost_lateness=0.0, cost=10.0,
    )  # fmt: skip
    return SeriesContext(
        sku_id=UUID(int=3), node_id=UUID(int=4), sku="S", category="c", on_hand=0, inbound=0,
        margin_share=None, node_kind=node_kind, alternatives=[offer],
    )  # fmt: skip


def models_of(
    *contexts: SeriesContext, margin: float = 6.0, mean: float = 4.0, spread: float = 20.0,
    periods: int = 14,
) -> list[dict[str, ModelProfit]]:  # fmt: skip
    shape = (len(contexts), 28)
    found = models.models_of(
        FRAME, contexts, np.full(len(contexts), margin, np.float32),
        np.full(shape, mean, np.float32), np.full(shape, spread, np.float32),
        [{"next_arrival": periods}] * len(contexts),
    )  # fmt: skip
    return [{one.model: one for one in row} for row in found]


def test_profits_are_those_of_simulated_cycles() -> None:
    told = models_of(context(wait=5.0))[0]
    mean, spread, margin, cost = 4.0 * 14, 20.0, 6.0, 10.0
    draw = np.random.default_rng(1)
    demand = draw.gamma((mean / spread) ** 2, spread**2 / mean, 400_000)
    capital = cost * 0.25 / 365 * 14

    def forward(units: float, margin: float, carry: float) -> float:
        sold = np.minimum(demand, units)
        kept = margin * assumptions.KEPT_FORWARD - 6.0 * (1 - assumptions.KEPT_FORWARD)
        worth = kept * sold - carry * (units - sold) - TRANSFER_COST * cost * units
        return float(worth.mean())

    owned = margin + assumptions.FIRM_DISCOUNT * cost
    terms = {
        "PRESTOCK": (margin, capital + TRANSFER_COST * cost),
        "OWNED": (owned, capital + assumptions.OBSOLETE * cost),
    }
    for name, (earned, carry) in terms.items():
        # The margin lost by a broken promise is the same for both.
        one = told[name]
        assert one.profit == pytest.approx(forward(one.units, earned, carry), rel=0.02)
        best = max(forward(units, earned, carry) for units in range(20, 140, 2))
        assert one.profit >= 0.98 * best
    virtual = (1 - assumptions.WAIT_LOST) ** 5 * mean * margin * (0.95 - 0.05)
    assert told["VIRTUAL"].profit == pytest.approx(virtual, rel=1e-3)
    assert told["VIRTUAL"].units == 0


def test_goods_come_forward_where_buyers_do_not_wait() -> None:
    near, far = models_of(context(wait=1.0), context(wait=45.0))
    assert max(near, key=lambda m: near[m].profit) == "VIRTUAL"
    assert max(far, key=lambda m: far[m].profit) in {"PRESTOCK", "OWNED"}
    assert next(iter(far)) == max(far, key=lambda m: far[m].profit)
    late = models_of(context(wait=1.0, tier="C"))[0]
    assert late["VIRTUAL"].profit < near["VIRTUAL"].profit


def test_only_forward_nodes_hold_a_suppliers_goods() -> None:
    hub, sharp = models_of(context(wait=9.0, node_kind="CONSOLIDATION"),
                           context(wait=9.0, node_kind="SHARP"))  # fmt: skip
    assert sorted(hub) == ["OWNED", "VIRTUAL"]
    assert sorted(sharp) == ["OWNED", "PRESTOCK", "VIRTUAL"]
    bare = msgspec.structs.replace(context(wait=1.0), alternatives=[])
    assert models_of(bare) == [{}]


def test_nothing_is_held_of_what_does_not_sell() -> None:
    told = models_of(context(wait=9.0), mean=0.0, spread=0.0)[0]
    assert {m: (one.units, one.profit) for m, one in told.items()} == dict.fromkeys(
        ("VIRTUAL", "PRESTOCK", "OWNED"), (0, 0.0)
    )


async def test_a_plan_tells_models_and_what_left_its_level(database: Database) -> None:
    network = await make_world(database)
    operator = network.operator
    lines = demand_csv().decode().splitlines()
    tripled = []
    for line in lines:
        parts = line.split(",")
        if parts[1] == "SKU-2" and dt.date.fromisoformat(parts[3]) > YESTERDAY - dt.timedelta(28):
            parts[4] = str(3 * int(parts[4]))
        tripled.append(",".join(parts))
    async with database.system() as db:
        await import_demand(db, operator, ("\n".join(tripled) + "\n").encode())
    await set_stock(database, operator, {("SKU-1", "OVS-WAW"): 0, ("SKU-2", "CON-YIW"): 0})
    run = await make_plan(database, operator)
    assert (run.metrics or {})["drifted"] == 1
    async with database.reading(operator) as db:
        moved, _ = await series.list_series(db, operator.org_id, run.id, drifted=True)
        told, _ = await risks.list_risks(db, operator.org_id, run.id, RiskFilters())
    assert [row.sku for row in moved] == ["SKU-2"]
    by_place = {(r.sku, r.node): {m.model for m in r.models} for r in told}
    assert by_place["SKU-1", "OVS-WAW"] == {"VIRTUAL", "PRESTOCK", "OWNED"}
    assert by_place["SKU-1", "CON-YIW"] == {"VIRTUAL", "OWNED"}
    assert by_place["SKU-3", "CON-YIW"] == set()
    for row in told:
        profits = [m.profit for m in row.models]
        assert profits == sorted(profits, reverse=True)
    async with visiting(database, operator) as visitor:
        page = await visitor.see("/demand/SKU-2/CON-YIW")
        assert "It has left its level" in page
        assert "Left at the factory" in page
        some = await visitor.see("/demand?watch=drift")
        assert "SKU-2" in some
        assert "SKU-1" not in some
        assert "Left their level" in await visitor.see(f"/plans/run_{run.id.hex}")
