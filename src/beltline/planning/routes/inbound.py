"""The API of what is on its way to nodes: `/v1/inbound`. The operator's own."""

import datetime as dt
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.planning.queries import inbound
from beltline.planning.rules import loads


class InboundAnswer(msgspec.Struct, frozen=True):
    """What reaches a node in the week of a Monday, and how full what carries it is.

    Lines that are late count in the week of today. `loads` of the kind `load` (a truck at home, a
    container abroad) carry it; `last_fill` is the share of the last one that is full. Lines whose
    goods do not say what they weigh and measure are `unmeasured` and left out of both.
    """

    node: str
    week: dt.date
    purchases: int
    lines: int
    late: int
    unmeasured: int
    kilograms: float
    cubic_meters: float
    load: str
    loads: int
    last_fill: float


class InboundList(msgspec.Struct, frozen=True):
    """The coming weeks, the nearest first."""

    items: list[InboundAnswer]


@get("/v1/inbound", summary="Inbound calendar")
async def list_inbound(
    database: Database,
    actor: Actor,
    now: dt.datetime,
    node: str | None = None,
    weeks: Annotated[int, Parameter(ge=1, le=26)] = 12,
) -> InboundList:
    """Purchases on their way and accepted proposals, by node and week."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        rows = await inbound.list_weeks(db, actor.org_id, today=day_of(now), weeks=weeks, node=node)
    return InboundList([_answer(row) for row in rows])


def _answer(row: inbound.InboundWeek) -> InboundAnswer:
    fill = loads.fill_of(row.cubic_meters, row.kilograms, loads.load_for(row.country))
    return InboundAnswer(
        node=row.node, week=row.week, purchases=row.purchases, lines=row.lines, late=row.late,
        unmeasured=row.unmeasured, kilograms=round(row.kilograms, 3),
        cubic_meters=round(row.cubic_meters, 4), load=fill.load, loads=fill.loads,
        last_fill=round(fill.last, 4),
    )  # fmt: skip


ROUTES = (list_inbound,)
