"""`/v1/journeys`, `/v1/decisions`, `/v1/parcels`: where units are and what comes next."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys as queries
from beltline.fulfillment.types.journeys import Decision, Journey, Option, ParcelCount
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")]
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
Units = Annotated[int, Meta(ge=1, le=10**12)]


class JourneyRow(msgspec.Struct, frozen=True):
    """Where the units of a part of an order are.

    Base units; each is moving, delivered, refunded, replaced or in question. `owner` is whose
    they are now, `due_at` when the present stage has to end, `expected_at` when they arrive.
    """

    id: str
    order_id: str
    order: str
    line_no: int
    part_no: int
    attempt: int
    buyer: str
    supplier: str
    sku: str
    node: str
    hub: str
    country: str
    sales_model: str
    owner: str
    quantity: int
    moving: int
    delivered: int
    refunded: int
    replaced: int
    in_question: int
    state: str
    stage: str | None
    responsible: str | None
    due_at: dt.datetime | None
    waybill: str
    promise_date: dt.date | None
    expected_at: dt.datetime
    opened_at: dt.datetime
    ended_at: dt.datetime | None


class StageRow(msgspec.Struct, frozen=True):
    """One stage: planned to end at `planned_at`, allowed until `due_at` once it runs."""

    kind: str
    responsible: str
    state: str
    planned_at: dt.datetime
    started_at: dt.datetime | None
    due_at: dt.datetime | None
    done_at: dt.datetime | None
    units: int | None
    document: str


class TitleRow(msgspec.Struct, frozen=True):
    """A change of owner."""

    from_org: str
    to_org: str
    units: int
    document: str
    at: dt.datetime


class DecisionRow(msgspec.Struct, frozen=True):
    """A question about units; `default_option` is taken at `due_at` when nobody answers."""

    id: str
    journey_id: str
    order: str
    sku: str
    cause: str
    units: int
    options: list[Option]
    default_option: str
    due_at: dt.datetime
    state: str
    chosen: str | None
    note: str
    opened_at: dt.datetime
    decided_at: dt.datetime | None
    photos: list[str] = []


class JourneyDetail(msgspec.Struct, frozen=True):
    """A journey with its stages, changes of owner and decisions."""

    journey: JourneyRow
    stages: list[StageRow]
    titles: list[TitleRow]
    decisions: list[DecisionRow]


class JourneyList(msgspec.Struct, frozen=True):
    """One page of open journeys, the most urgent first."""

    items: list[JourneyRow]
    next_cursor: str | None


class DecisionList(msgspec.Struct, frozen=True):
    """One page of open decisions, the first due first."""

    items: list[DecisionRow]
    next_cursor: str | None


class FinishBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stage to end, of which journeys; `document` is the waybill, declaration or proof."""

    stage: Code
    journeys: Annotated[list[Code], Meta(min_length=1, max_length=10_000)]
    document: Text = ""


class FinishAnswer(msgspec.Struct, frozen=True):
    """How many journeys were in this stage and went on to the next."""

    moved: int


class QuestionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that will not come as promised, and why."""

    cause: Code
    units: Units
    note: Text = ""


class DecideBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The option to take: one of those the decision offers."""

    option: Code


class CountBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was counted of one journey in a parcel."""

    journey_id: Code
    good: Annotated[int, Meta(ge=0, le=10**12)]
    damaged: Annotated[int, Meta(ge=0, le=10**12)] = 0
    wrong: Annotated[int, Meta(ge=0, le=10**12)] = 0


class ParcelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A box at a hub; journeys not in `counts` came complete. `sender`, `contents`: of nobody's."""

    waybill: Code
    node: Code
    counts: Annotated[list[CountBody], Meta(max_length=1_000)] = []
    note: Text = ""
    sender: Text = ""
    contents: Text = ""


class ParcelAnswer(msgspec.Struct, frozen=True):
    """MATCHED to what was announced, or UNANNOUNCED and kept until it is claimed."""

    waybill: str
    node: str
    supplier: str
    state: str
    arrived_at: dt.datetime | None


class TrackingAnswer(msgspec.Struct, frozen=True):
    """A path anybody may open until `expires_at`; shown this once."""

    path: str
    expires_at: dt.datetime


@get("/v1/journeys", summary="Open journeys")
async def list_journeys(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    stage: str | None = None,
    order: str | None = None,
    late: bool = False,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> JourneyList:
    """The buyer's own or, for the operator, all; `order` is a part of the order's number."""
    actor.needs_scope("orders:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_journeys(
            db, actor, stages=[stage] if stage else [], words=order or "",
            late_at=now if late else None, after=(after[0], after[1]) if after else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.due_at, row.id))
    return JourneyList([shown_journey(row) for row in shown], following)


@get("/v1/journeys/{journey_id:str}", summary="One journey")
async def get_journey(journey_id: str, database: Database, actor: Actor) -> JourneyDetail:
    """Where its units are, who owns them, what was done and what comes next."""
    actor.needs_scope("orders:read")
    found = read_id("jny", journey_id)
    async with database.reading(actor) as db:
        journey = await queries.get_journey(db, found)
        return (await _details(db, [journey]))[0]


async def details_of(db: Reader, order_id: UUID) -> list[JourneyDetail]:
    """All journeys of an order with their stages, changes of owner and decisions."""
    return await _details(db, await queries.list_journeys_of(db, order_id))


async def _details(db: Reader, journeys: list[Journey]) -> list[JourneyDetail]:
    """Of journeys of one order."""
    ids = [journey.id for journey in journeys]
    stages = await queries.list_stages(db, ids)
    titles = await queries.list_titles(db, ids)
    decisions = await queries.list_decisions_of(db, journeys[0].order_id) if journeys else []
    return [
        JourneyDetail(
            shown_journey(journey),
            [
                msgspec.convert(stage, StageRow, from_attributes=True)
                for stage in stages
                if stage.journey_id == journey.id
            ],
            [
                TitleRow(t.from_org, t.to_org, t.units, t.document, t.at)
                for t in titles
                if t.journey_id == journey.id
            ],
            [shown_decision(d) for d in decisions if d.journey_id == journey.id],
        )
        for journey in journeys
    ]


@post("/v1/journeys/finish", summary="End a stage of journeys", status_code=200)
async def finish_stage(
    *,
    data: FinishBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[FinishAnswer]:
    """Up to 10,000 at once; those in another stage are left alone, so twice is once."""
    actor.needs_scope("purchases:write")
    moved = [read_id("jny", text) for text in data.journeys]

    async def act(db: Writer) -> tuple[int, Any]:
        count = await actions.finish_stages(
            db, actor, stage=data.stage, journey_ids=moved, document=data.document, now=now
        )
        return 200, FinishAnswer(count)

    answer = await once(
        database, actor, key=idempotency_key, operation="journeys.finish", body=data, act=act
    )
    return answered(answer, FinishAnswer)


@post("/v1/journeys/{journey_id:str}/question", summary="Call units into question")
async def question_units(
    *,
    journey_id: str,
    data: QuestionBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[DecisionRow]:
    """Short, damaged, wrong, rejected, lost: opens a decision; the other units go on."""
    actor.needs_scope("purchases:write")
    found = read_id("jny", journey_id)

    async def act(db: Writer) -> tuple[int, Any]:
        decision = await actions.question_units(
            db, actor, journey_id=found, cause=data.cause, units=data.units, note=data.note,
            now=now,
        )  # fmt: skip
        return 201, shown_decision(decision)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"journeys.question {journey_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, DecisionRow)


@get("/v1/decisions", summary="Open decisions")
async def list_decisions(
    *,
    database: Database,
    actor: Actor,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> DecisionList:
    """Questions that wait for an answer, the first due first."""
    actor.needs_scope("orders:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_decisions(
            db, actor, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.due_at, row.id))
    return DecisionList([shown_decision(row) for row in shown], following)


@post("/v1/decisions/{decision_id:str}", summary="Answer a decision", status_code=200)
async def decide(
    *,
    decision_id: str,
    data: DecideBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[DecisionRow]:
    """The buyer chooses, or the operator for it; money and stock move at once."""
    actor.needs_scope("orders:write")
    found = read_id("dec", decision_id)

    async def act(db: Writer) -> tuple[int, Any]:
        decision = await actions.decide(db, actor, decision_id=found, option=data.option, now=now)
        return 200, shown_decision(decision)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"decisions.decide {decision_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, DecisionRow)


@post("/v1/parcels", summary="Receive a parcel at a hub")
async def receive_parcel(
    *,
    data: ParcelBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ParcelAnswer]:
    """Scanned by its domestic waybill; missing, broken and wrong units become decisions."""
    actor.needs_scope("purchases:write")
    counts = [
        ParcelCount(read_id("jny", c.journey_id), c.good, c.damaged, c.wrong) for c in data.counts
    ]

    async def act(db: Writer) -> tuple[int, Any]:
        parcel = await actions.receive_parcel(
            db, actor, waybill=data.waybill, node=data.node, counts=counts, note=data.note,
            sender=data.sender, contents=data.contents, now=now,
        )  # fmt: skip
        return 201, ParcelAnswer(
            parcel.waybill, parcel.node, parcel.supplier, parcel.state, parcel.arrived_at
        )

    answer = await once(
        database, actor, key=idempotency_key, operation="parcels.receive", body=data, act=act
    )
    return answered(answer, ParcelAnswer)


@post("/v1/orders/{order_id:str}/tracking-link", summary="Share where an order is")
async def share_tracking(
    order_id: str, database: Database, actor: Actor, now: dt.datetime
) -> TrackingAnswer:
    """A link that shows stages and dates, no prices and no supplier; the one before ends."""
    actor.needs_scope("orders:write")
    async with database.writing(actor) as db:
        path, expires_at = await actions.share_tracking(
            db, actor, order_id=read_id("ord", order_id), now=now
        )
    return TrackingAnswer(path, expires_at)


def shown_journey(row: Journey) -> JourneyRow:
    """A journey as the API shows it."""
    named = {name: getattr(row, name) for name in JourneyRow.__struct_fields__ if name != "order"}
    named |= {"id": show_id("jny", row.id), "order_id": show_id("ord", row.order_id)}
    return JourneyRow(**named, order=row.number)


def shown_decision(row: Decision) -> DecisionRow:
    """A decision as the API shows it."""
    named = {name: getattr(row, name) for name in DecisionRow.__struct_fields__ if name != "order"}
    named |= {"id": show_id("dec", row.id), "journey_id": show_id("jny", row.journey_id)}
    named["photos"] = [show_id("pht", photo) for photo in row.photos]
    return DecisionRow(**named, order=row.number)


ROUTES = (
    list_journeys, get_journey, finish_stage, question_units, list_decisions, decide,
    receive_parcel, share_tracking,
)  # fmt: skip
