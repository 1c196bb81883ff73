"""The API of overrides: `/v1/demand-overrides`. The operator's own."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.ids import read_id, show_id
from beltline.planning.actions import overrides as overrides_actions
from beltline.planning.queries import series
from beltline.planning.routes.plans import answer_once, may_write
from beltline.planning.types.overrides import Override


class OverrideBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Demand of a SKU at a node will be `factor` times the forecast from one day to another."""

    sku: Annotated[str, Meta(max_length=120)]
    node: Annotated[str, Meta(max_length=120)]
    starts: dt.date
    ends: dt.date
    factor: Annotated[float, Meta(ge=0, le=100)]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class OverrideAnswer(msgspec.Struct, frozen=True):
    """An override: who expects what of a series, when and why, and whether it was withdrawn."""

    id: str
    starts: dt.date
    ends: dt.date
    factor: float
    reason: str
    created_by: str
    created_at: dt.datetime
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None


class OverrideList(msgspec.Struct, frozen=True):
    """The overrides of a series, those that reach furthest first."""

    items: list[OverrideAnswer]
    next_cursor: str | None = None


@get("/v1/demand-overrides", summary="Overrides of a series")
async def list_overrides(sku: str, node: str, database: Database, actor: Actor) -> OverrideList:
    """What planners said about the demand of a SKU at a node; the latest hundred."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        found = await series.get_series(db, actor.org_id, sku=sku, node=node)
        rows = await series.list_overrides(db, actor.org_id, found.sku_id, found.node_id)
    return OverrideList([_answer(row) for row in rows])


@post("/v1/demand-overrides", summary="Override a forecast", status_code=201)
async def override_demand(
    *,
    data: OverrideBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[OverrideAnswer]:
    """Plans from now on use it; what it earned or lost is told when the demand is known."""
    may_write(actor)

    async def act(db: Writer) -> tuple[int, Any]:
        made = await overrides_actions.override_demand(
            db, actor, sku=data.sku, node=data.node, starts=data.starts, ends=data.ends,
            factor=data.factor, reason=data.reason, now=now,
        )  # fmt: skip
        return 201, _answer(made)

    return await answer_once(
        database, actor, idempotency_key, "overrides.make", data, act, OverrideAnswer
    )


@post(
    "/v1/demand-overrides/{override_id:str}/withdraw",
    summary="Withdraw an override",
    status_code=200,
)
async def withdraw_override(
    override_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[OverrideAnswer]:
    """Plans from now on are without it; it stays on record."""
    may_write(actor)
    found = read_id("ovr", override_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _answer(
            await overrides_actions.withdraw_override(db, actor, override_id=found, now=now)
        )  # fmt: skip

    return await answer_once(
        database, actor, idempotency_key, f"overrides.withdraw {found.hex}", None, act,
        OverrideAnswer,
    )  # fmt: skip


def _answer(one: Override) -> OverrideAnswer:
    return OverrideAnswer(
        id=show_id("ovr", one.id), starts=one.starts, ends=one.ends, factor=one.factor,
        reason=one.reason, created_by=one.created_by, created_at=one.created_at,
        withdrawn_by=one.withdrawn_by, withdrawn_at=one.withdrawn_at,
    )  # fmt: skip


ROUTES = (list_overrides, override_demand, withdraw_override)
