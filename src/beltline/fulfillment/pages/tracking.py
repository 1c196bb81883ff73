"""Where an order is, for anybody who has its link: stages and dates, no price, no supplier."""

import datetime as dt
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.accounts.types import LinkEnded
from beltline.fulfillment import actions
from beltline.fulfillment.pages import words
from beltline.fulfillment.queries import journeys as queries
from beltline.fulfillment.types.journeys import Journey, Stage
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.web import formats
from beltline.kit.web.page import PageContext, render


@get("/t/{token:str}")
async def tracking_page(
    token: str, database: Database, page: PageContext, now: dt.datetime
) -> Response[str]:
    """The public page behind a tracking link, in the reader's language."""
    try:
        guest = await actions.open_tracking(database, token[:200], now=now)
    except LinkEnded:
        return render("fulfillment/tracking_ended.html", page, status=410)
    async with database.reading(guest.actor) as db:
        rows = await queries.list_journeys_of(db, guest.object_id)
        stages = await queries.list_stages(db, [row.id for row in rows])
    return render(
        "fulfillment/tracking.html", page, rows=rows, words=words,
        number=rows[0].number if rows else "",
        timelines={
            row.id: _public(page, row, [s for s in stages if s.journey_id == row.id])
            for row in rows
        },
    )  # fmt: skip


def _public(page: PageContext, journey: Journey, stages: list[Stage]) -> list[tuple[str, str, str]]:
    """The stages as a stranger may know them, those of one public name as one."""
    _ = page.gettext
    entries: list[tuple[str, str, str]] = []
    for stage in stages:
        if stage.state == "DROPPED" or (stage.state == "PLANNED" and journey.stage is None):
            continue
        text = _(words.PUBLIC[stage.kind])
        if stage.done_at is not None:
            meta, tone = formats.datetime_text(stage.done_at, page.zone, page.locale), "ok"
        else:
            day = formats.date(day_of(stage.planned_at), page.locale)
            meta, tone = _("expected %(day)s") % {"day": day}, "next"
        if entries and entries[-1][1] == text:
            entries.pop()
        entries.append((tone, text, meta))
    if journey.delivered:
        at = formats.datetime_text(journey.expected_at, page.zone, page.locale)
        entries.append(("ok", _("Delivered"), at))
    return entries


@post("/orders/{order_id:str}/tracking-link")
async def share(
    order_id: str,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[str]:
    """Make a link and show it, this once."""
    async with database.writing(actor) as db:
        path, expires_at = await actions.share_tracking(
            db, actor, order_id=read_id("ord", order_id), now=now
        )
    base = str(request.base_url).rstrip("/")
    return render(
        "fulfillment/shared.html", page, link=base + path, expires_at=expires_at, shown_id=order_id
    )


PAGES = (tracking_page, share)
