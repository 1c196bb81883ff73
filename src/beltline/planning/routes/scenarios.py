"""The API of what-ifs: `/v1/scenarios`. The operator's own."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.planning.actions import scenarios as scenarios_actions
from beltline.planning.queries import scenarios
from beltline.planning.routes.plans import answer_once, may_write
from beltline.planning.types.scenarios import Changes, Effect, Scenario, Scope

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class ScenarioBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which series, and what would be different."""

    changes: Changes
    scope: Scope = Scope()


class ScenarioAnswer(msgspec.Struct, frozen=True):
    """A what-if on the inputs of a plan; `effect` is null until it is DONE."""

    id: str
    plan_run_id: str
    currency: str
    state: str
    scope: Scope
    changes: Changes
    effect: Effect | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class ScenarioList(msgspec.Struct, frozen=True):
    """One page of what-ifs, newest first."""

    items: list[ScenarioAnswer]
    next_cursor: str | None


@post("/v1/scenarios", summary="Ask what would happen if", status_code=202)
async def ask_scenario(
    *,
    data: ScenarioBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ScenarioAnswer]:
    """A worker plays it on the latest plan's inputs; nothing but the scenario is written."""
    may_write(actor)

    async def act(db: Writer) -> tuple[int, Any]:
        made = await scenarios_actions.ask_scenario(
            db, actor, scope=data.scope, changes=data.changes, now=now
        )
        return 202, _answer(made)

    return await answer_once(
        database, actor, idempotency_key, "scenarios.ask", data, act, ScenarioAnswer
    )


@get("/v1/scenarios", summary="What-ifs")
async def list_scenarios(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> ScenarioList:
    """Every what-if of the operator, newest first."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        page, following = await scenarios.list_scenarios(
            db, actor.org_id, limit=limit, cursor=cursor
        )
    return ScenarioList([_answer(one) for one in page], following)


@get("/v1/scenarios/{scenario_id:str}", summary="One what-if")
async def get_scenario(scenario_id: str, database: Database, actor: Actor) -> ScenarioAnswer:
    """As things are and as they would be, in major units of the plan's currency."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        return _answer(
            await scenarios.get_scenario(db, actor.org_id, read_id("scn", scenario_id))
        )  # fmt: skip


def _answer(one: Scenario) -> ScenarioAnswer:
    return ScenarioAnswer(
        id=show_id("scn", one.id), plan_run_id=show_id("run", one.plan_run_id),
        currency=one.currency, state=one.state, scope=one.scope, changes=one.changes,
        effect=one.effect, created_by=one.created_by, created_at=one.created_at,
        finished_at=one.finished_at,
    )  # fmt: skip


ROUTES = (ask_scenario, list_scenarios, get_scenario)
