"""Inbound: what reaches which node in which week, how full its trucks and containers are."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.money import Money
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import View, local_name
from beltline.planning.queries import inbound, runs
from beltline.planning.rules import loads
from beltline.trade import queries as trade

WEEKS: Final = 12
AHEAD: Final = dt.timedelta(days=28)
"""Proposals to be ordered within four weeks may go along."""
BY: Final = {"VOLUME": N_("by volume"), "WEIGHT": N_("by weight")}


class Room(msgspec.Struct, frozen=True):
    """Open proposals that fit into the last load of a node's next week, and what they save."""

    proposals: int
    cubic_meters: float
    gain: int


@get("/inbound")
async def list_page(
    database: Database, actor: Actor, page: PageContext, node: str = ""
) -> Response[str]:
    """The coming weeks by node, the nearest first."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
        rows = await inbound.list_weeks(
            db, actor.org_id, today=page.today, weeks=WEEKS, node=node or None
        )
        run = await runs.find_latest_run(db, actor.org_id)
        fills = [
            loads.fill_of(row.cubic_meters, row.kilograms, loads.load_for(row.country))
            for row in rows
        ]
        rooms = await _rooms(db, actor.org_id, rows, fills, page.today + AHEAD)
    return render(
        "planning/inbound.html", page, rows=list(zip(rows, fills, strict=True)), rooms=rooms,
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        view=View("/inbound", {"node": node}), by=BY, today=page.today, Money=Money,
        currency=str(run.parameters.get("currency", "CNY")) if run else "CNY",
        stowed=loads.STOWED, truck=loads.TRUCK, container=loads.CONTAINER,
    )  # fmt: skip


async def _rooms(
    db: Reader, org_id: UUID, rows: list[inbound.InboundWeek], fills: list[loads.Fill],
    until: dt.date,
) -> dict[tuple[str, dt.date], Room]:  # fmt: skip
    """Room in the last load of each node's nearest week."""
    nearest: dict[UUID, tuple[inbound.InboundWeek, loads.Fill]] = {}
    for row, fill in zip(rows, fills, strict=True):
        nearest.setdefault(row.node_id, (row, fill))
    waiting: dict[UUID, list[loads.Parcel]] = {}
    for a in await inbound.list_along(db, org_id, list(nearest), until=until):
        parcel = loads.Parcel(a.id, a.cubic_meters, a.kilograms, a.gain)
        waiting.setdefault(a.node_id, []).append(parcel)
    found: dict[tuple[str, dt.date], Room] = {}
    for node_id, (row, fill) in nearest.items():
        along = loads.goes_along(fill, waiting.get(node_id, ()))
        if along:
            found[row.node, row.week] = Room(
                len(along), sum(a.cubic_meters for a in along), round(sum(a.gain for a in along))
            )
    return found


PAGES = (list_page,)
