"""`/v1/stage-times`: how long stages and roads were measured to take."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.fulfillment.queries import times as queries
from beltline.fulfillment.types.times import StageTimeRow
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Kind = Annotated[str, Parameter(max_length=20)]


class StageTimeList(msgspec.Struct, frozen=True):
    """One page of measured times, by kind and party."""

    items: list[StageTimeRow]
    next_cursor: str | None


@get("/v1/stage-times", summary="Measured times of stages")
async def list_times(
    *,
    database: Database,
    actor: Actor,
    kind: Kind = "",
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> StageTimeList:
    """Hours of half and of nine in ten stages, at each supplier and node with twenty or more.

    ROAD is from leaving a node to the door in a country; STOCK, HUB, MADE and DOOR are what lies
    before it, with the country `*` where a border follows. For the operator.
    """
    actor.needs_scope("orders:read")
    actor.needs_operator()
    after = decode_cursor(cursor, str, str, str)
    async with database.reading(actor) as db:
        rows = await queries.list_stage_times(
            db, kind=kind, after=(after[0], after[1], after[2]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.kind, row.party, row.country))
    return StageTimeList(shown, following)


ROUTES = (list_times,)
