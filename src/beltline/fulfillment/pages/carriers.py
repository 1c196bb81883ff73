"""What carriers told: their files come in here, and their events are listed."""

import datetime as dt
import zoneinfo
from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import QueryParameter

from beltline.fulfillment.actions import tracking as actions
from beltline.fulfillment.pages import words
from beltline.fulfillment.queries import tracking as queries
from beltline.fulfillment.rules import TRACKING_FILE_BYTES
from beltline.fulfillment.types.tracking import Tracked, TrackingUnreadable
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.texts import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut

Words = Annotated[str, QueryParameter(max_length=200)]
ZONES: Final = ("Asia/Shanghai", "UTC", "Europe/Warsaw", "America/New_York")


@get("/tracking")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    waybill: Words = "",
    carrier: Words = "",
    after: str = "",
) -> Response[str]:
    """Tracking events, the latest first, and the form for a carrier's file."""
    actor.needs_operator()
    return await _list(database, actor, page, waybill=waybill, carrier=carrier, after=after)


@post("/tracking", request_max_body_size=TRACKING_FILE_BYTES)
async def take(
    request: Request[Any, Any, State], database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[str]:  # fmt: skip
    """Take a carrier's file: what it did, or why none of it was taken."""
    actor.needs_operator()
    form = await request.form()
    upload, carrier = form.get("file"), str(form.get("carrier", "")).strip()[:60]
    content = await upload.read() if isinstance(upload, UploadFile) else b""
    try:
        if not carrier.isprintable() or not carrier:
            raise TrackingUnreadable(row=0, reason=N_("no name of its carrier"), param="carrier")
        async with database.writing(actor) as db:
            done = await actions.take_tracking_file(
                db, actor, content, carrier=carrier, zone=str(form.get("zone", "UTC"))[:60],
                now=now,
            )  # fmt: skip
    except TrackingUnreadable as refusal:
        return await _list(database, actor, page, refusal=refusal, status=422)
    return await _list(database, actor, page, done=done)


async def _list(
    database: Database, actor: Actor, page: PageContext, *, waybill: str = "", carrier: str = "",
    after: str = "", done: Tracked | None = None, refusal: TrackingUnreadable | None = None,
    status: int = 200,
) -> Response[str]:  # fmt: skip
    position = decode_cursor(after, dt.datetime, str, str, str)
    async with database.reading(actor) as db:
        rows = await queries.list_events(
            db, waybill=waybill.strip(), carrier=carrier.strip(),
            after=(position[0], position[1], position[2], position[3]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.at, row.waybill, row.carrier, row.kind))
    known = zoneinfo.available_timezones()
    return render(
        "fulfillment/carriers.html", page, status=status, rows=shown, following=following,
        after=after, view=View("/tracking", {"waybill": waybill, "carrier": carrier}),
        words=words, done=done, refusal=refusal,
        zones=[(zone, zone) for zone in ZONES if zone in known],
    )  # fmt: skip


PAGES = (list_page, take)
