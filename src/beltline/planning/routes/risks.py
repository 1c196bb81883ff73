"""The API of inventory risk: `/v1/inventory-risks`. The operator's own."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.planning.queries import risks, runs
from beltline.planning.types.risks import ModelProfit, Remedy, RemedyKind, RiskFilters, RiskState

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class RiskAnswer(msgspec.Struct, frozen=True):
    """A position at a plan's cut-off: what may run out, and what is too much.

    Money is in minor units of the plan's currency: `order_gain` is what ordering as proposed
    saves, `overstock_cost` what the excess costs when nothing is done, `stake` both. Remedies,
    in major units, come with the most gainful first; so do sales models, with the units each would
    hold and its expected profit a cycle.
    """

    sku: str
    node: str
    category: str
    state: RiskState
    abc: str
    xyz: str
    on_hand: int
    inbound: int
    stock_target: int
    units_a_day: float
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    order_gain: int
    idle_days: int | None
    age_days: int | None
    excess: int
    overstock_cost: int
    stake: int
    remedies: list[Remedy]
    remedy_gain: int
    models: list[ModelProfit]
    proposal_id: str | None


class StateTotalAnswer(msgspec.Struct, frozen=True):
    """Positions in a state, and their money in minor units of the plan's currency."""

    state: RiskState
    positions: int
    order_gain: int
    overstock_cost: int
    remedy_gain: int


class RiskList(msgspec.Struct, frozen=True):
    """One page of positions, the most at stake first, and the totals of the whole list."""

    plan_run_id: str
    currency: str
    items: list[RiskAnswer]
    next_cursor: str | None
    totals: list[StateTotalAnswer]


@get("/v1/inventory-risks", summary="Inventory risk")
async def list_risks(
    *,
    database: Database,
    actor: Actor,
    standing: Annotated[RiskState | None, QueryParameter(name="state")] = None,
    remedy: RemedyKind | None = None,
    node: str | None = None,
    classes: Annotated[str, Parameter(pattern="^[ABC]?[XYZ]?$")] = "",
    q: Annotated[str, Parameter(max_length=200)] = "",
    plan: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> RiskList:
    """Positions of a plan, or of the latest finished one, the most money at stake first."""
    actor.needs_scope("planning:read")
    wanted = RiskFilters(state=standing, remedy=remedy, node=node, classes=classes, words=q.strip())
    async with database.reading(actor) as db:
        run = (
            await runs.get_run(db, actor.org_id, read_id("run", plan))
            if plan
            else await runs.find_latest_run(db, actor.org_id)
        )
        if run is None:
            raise NotFound(what="plan run", key="latest")
        page, following = await risks.list_risks(
            db, actor.org_id, run.id, wanted, limit=limit, cursor=cursor
        )
        totals = await risks.total_risks(db, actor.org_id, run.id, wanted)
    return RiskList(
        plan_run_id=show_id("run", run.id),
        currency=str(run.parameters.get("currency", "CNY")),
        items=[_answer(one) for one in page],
        next_cursor=following,
        totals=[msgspec.convert(msgspec.to_builtins(t), StateTotalAnswer) for t in totals],
    )


def _answer(one: risks.Risk) -> RiskAnswer:
    shown = {name: getattr(one, name) for name in RiskAnswer.__struct_fields__}
    shown["proposal_id"] = show_id("prp", one.proposal_id) if one.proposal_id else None
    return RiskAnswer(**shown)


ROUTES = (list_risks,)
