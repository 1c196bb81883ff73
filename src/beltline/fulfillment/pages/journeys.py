"""Shipments with their milestones, one journey, an order's journeys, questions to answer."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from beltline.customs import queries as customs
from beltline.fulfillment import actions, rules
from beltline.fulfillment.actions import photos as evidence
from beltline.fulfillment.actions import returns as inspecting
from beltline.fulfillment.pages import photos, words
from beltline.fulfillment.queries import journeys as queries
from beltline.fulfillment.queries import returns, tracking
from beltline.fulfillment.types.journeys import Stage
from beltline.fulfillment.types.photos import PhotoKind
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id, read_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web import formats
from beltline.kit.web.acts import files_of, form_of, to, went
from beltline.kit.web.page import PageContext, offline, render, safe_next
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.trade import queries as trade

Words = Annotated[str, Parameter(max_length=200)]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/journeys")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    stage: str = "",
    late: bool = False,
    node: str = "",
    after: str = "",
) -> Response[str]:
    """Open journeys, the most urgent first: each with its clock and one button."""
    stage = stage if stage in words.STAGES else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_journeys(
            db, actor, stages=[stage] if stage else [], words=q.strip(),
            late_at=page.now if late else None, node=node or None,
            after=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        counts = await queries.count_stages(db, actor, now=page.now)
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    shown, following = cut(rows, lambda row: (row.due_at, row.id))
    view = View("/journeys", {"q": q, "stage": stage, "late": late, "node": node})
    return render(
        "fulfillment/journeys.html", page, rows=shown, following=following, after=after,
        view=view, tabs=_tabs(page, view, counts), words=words,
        late=sum(count.late for count in counts), clock=clock_of(page),
        nodes=[(n.code, n.code) for n in nodes], is_operator=actor.org_kind == "OPERATOR",
        headers=offline(page.path) if actor.org_kind == "OPERATOR" else None,
    )  # fmt: skip


def _tabs(
    page: PageContext, view: View, counts: list[queries.StageCount]
) -> list[tuple[str, str, bool]]:
    _ = page.gettext
    chosen = view.values["stage"]
    tabs = [
        (
            f"{_('All')} {sum(c.journeys for c in counts):,}",
            view.but(stage="", after=""),
            not chosen,
        )
    ]
    for count in counts:
        label = f"{_(words.STAGES[count.stage])} {count.journeys:,}"
        tabs.append((label, view.but(stage=count.stage), count.stage == chosen))
    return tabs


def clock_of(page: PageContext) -> Any:
    """The time left until an instant, in words, and its tone."""
    _ = page.gettext

    def left(due: dt.datetime | None) -> tuple[str, str]:
        if due is None:
            return "", "mute"
        span = formats.duration(abs(due - page.now), page.locale)
        text = _("%(span)s left") if due > page.now else _("%(span)s late")
        return text % {"span": span}, formats.deadline_tone(due, page.now).value

    return left


@get("/journeys/{journey_id:str}")
async def journey_page(
    journey_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One journey: stages planned and actual, owners, questions, what can be done."""
    found = read_id("jny", journey_id)
    async with database.reading(actor) as db:
        journey = await queries.get_journey(db, found)
        stages = await queries.list_stages(db, [found])
        titles = await queries.list_titles(db, [found])
        decisions = await queries.list_decisions_of(db, journey.order_id)
        inspections = await returns.list_inspections(db, found)
        seen = await photos.photos_of(db, PhotoKind.INSPECTION, [found])
        handed = await photos.photos_of(db, PhotoKind.DELIVERY, [found])
        events = await tracking.list_events(db, waybill=journey.waybill) if journey.waybill else []
        plan, customs_file = None, None
        if actor.org_kind == "OPERATOR":
            customs_file = await customs.find_file_of(db, found)
        if journey.stage == "INSPECTION" and actor.org_kind == "OPERATOR":
            plan = await inspecting.plan_inspection(db, journey_id=found)
    return render(
        "fulfillment/journey.html", page, journey=journey, plan=plan, inspections=inspections,
        reasons=[(r, page.gettext(t)) for r, t in words.REASONS.items()],
        stages=stages, titles=titles, events=events, seen=seen.get(found, []),
        handed=handed.get(found, []),
        decisions=[d for d in decisions if d.journey_id == found], words=words, Money=Money,
        timeline=timeline(page, stages), clock=clock_of(page), shown_id=journey_id,
        is_operator=actor.org_kind == "OPERATOR", customs_file=customs_file, key=new_id().hex,
        headers=offline(page.path) if actor.org_kind == "OPERATOR" else None,
        causes=[(c, page.gettext(words.CAUSES[c])) for c in rules.CAUSES if c != "LATE"],
    )  # fmt: skip


def timeline(page: PageContext, stages: list[Stage]) -> list[tuple[str, str, str]]:
    """The stages as entries: done with their time, the present one, then the plan."""
    _ = page.gettext
    entries = []
    for stage in stages:
        text = _(words.STAGES[stage.kind])
        if stage.done_at is not None:
            late = stage.due_at is not None and stage.done_at > stage.due_at
            tone, at = "crit" if late else "ok", stage.done_at
            shown = formats.datetime_text(at, page.zone, page.locale)
            entries.append((tone, text, f"{shown} {stage.document}".strip()))
        elif stage.state == "ACTIVE" and stage.due_at is not None:
            tone = "crit" if stage.due_at < page.now else "next"
            shown = formats.datetime_text(stage.due_at, page.zone, page.locale)
            entries.append((tone, text, _("under way, due %(at)s") % {"at": shown}))
        elif stage.state == "PLANNED":
            day = formats.date(day_of(stage.planned_at), page.locale)
            entries.append(("next", text, _("planned %(day)s") % {"day": day}))
    return entries


@get("/orders/{order_id:str}/journeys")
async def order_panel(
    order_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """Where the units of an order are: a panel of its page."""
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        rows = await queries.list_journeys_of(db, found)
        handed = await photos.photos_of(db, PhotoKind.DELIVERY, [row.id for row in rows])
        stages = await queries.list_stages(db, [row.id for row in rows])
        decisions = await queries.list_decisions_of(db, found)
    by_journey: dict[UUID, list[Stage]] = {}
    for stage in stages:
        by_journey.setdefault(stage.journey_id, []).append(stage)
    return render(
        "fulfillment/order_panel.html", page, rows=rows, words=words, Money=Money,
        shown_id=order_id, clock=clock_of(page), handed=handed,
        timelines={row.id: timeline(page, by_journey.get(row.id, [])) for row in rows},
        decisions=[d for d in decisions if d.state == "OPEN"],
    )  # fmt: skip


@post("/journeys/finish", request_max_body_size=photos.FORM_BYTES, opt={"signed_in": True})
async def finish(
    request: photos.WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """One press: end the present stage of a journey, or of all shown; again ends nothing more.

    At the door with photos of the handover, and the name of who took the goods.
    """
    data, taken = await form_of(request), await files_of(request, "photo")
    moved = [read_id("jny", text) for text in data.get("journeys", "").split(",") if text]
    received_by = data.get("received_by", "")[:200]
    async with database.writing(actor) as db:
        for journey_id in moved if taken or received_by.strip() else ():
            await evidence.add_photos(
                db, actor, kind=PhotoKind.DELIVERY, subject_id=journey_id, photos=taken,
                received_by=received_by, now=now,
            )  # fmt: skip
        stage, document = data.get("stage", ""), data.get("document", "")[:200]
        ended = await actions.finish_stages(
            db, actor, stage=stage, journey_ids=moved, document=document, now=now
        )
        if not ended:
            await actions.check_ended(db, stage=stage, journey_ids=moved, document=document)
    return went(page, safe_next(data.get("next") or "/journeys"))


@post("/journeys/{journey_id:str}/question")
async def question(
    *, journey_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Units that will not come as promised."""
    text = data.get("units", "").strip()
    async with database.writing(actor) as db:
        await actions.question_units(
            db, actor, journey_id=read_id("jny", journey_id), cause=data.get("cause", ""),
            units=int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0,
            note=data.get("note", "")[:200], now=now,
        )  # fmt: skip
    return _back(data, f"/journeys/{journey_id}")


@get("/decisions")
async def decisions_page(
    database: Database, actor: Actor, page: PageContext, after: str = ""
) -> Response[str]:
    """Questions that wait for an answer, the first due first."""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_decisions(
            db, actor, after=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.due_at, row.id))
    return render(
        "fulfillment/decisions.html", page, rows=shown, following=following, after=after,
        view=View("/decisions"), words=words, Money=Money, clock=clock_of(page),
    )  # fmt: skip


@post("/decisions/{decision_id:str}")
async def decide(
    *, decision_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Take one of the options."""
    async with database.writing(actor) as db:
        await actions.decide(
            db, actor, decision_id=read_id("dec", decision_id), option=data.get("option", ""),
            now=now,
        )  # fmt: skip
    return _back(data, "/decisions")


@get("/supplier/shipments")
async def supplier_page(database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """What a factory has to ship for orders, the first due first."""
    async with database.reading(actor) as db:
        tasks = await queries.list_supplier_tasks(db)
    return render("fulfillment/supplier.html", page, tasks=tasks, clock=clock_of(page))


def _back(form: dict[str, str], otherwise: str) -> Response[None]:
    return to(safe_next(form.get("next") or otherwise))


PAGES = (
    list_page, journey_page, order_panel, finish, question, decisions_page, decide, supplier_page,
)  # fmt: skip
