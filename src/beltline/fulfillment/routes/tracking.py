"""`/v1/tracking-events` and `/v1/tracking-files`: what carriers tell of boxes."""

import datetime as dt
import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from msgspec import Meta

from beltline.fulfillment.actions import tracking as actions
from beltline.fulfillment.queries import tracking as queries
from beltline.fulfillment.rules import TRACKING_FILE_BYTES
from beltline.fulfillment.types.receipts import PRINTED
from beltline.fulfillment.types.tracking import Tracked, TrackedEvent, TrackingEvent
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Text = Annotated[str, Parameter(max_length=120)]
CarrierName = Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTED)]


class TrackingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events that a carrier tells of; in any order, and as often as it likes."""

    carrier: CarrierName
    events: Annotated[list[TrackingEvent], Meta(min_length=1, max_length=5_000)]


class TrackingFile(msgspec.Struct, frozen=True):
    """The form of a carrier's file; `zone` is the time zone of times that name none."""

    file: UploadFile
    carrier: CarrierName
    zone: Annotated[str, Meta(max_length=60, pattern=PRINTED)] = "UTC"


class TrackedEventList(msgspec.Struct, frozen=True):
    """One page of events, the latest first."""

    items: list[TrackedEvent]
    next_cursor: str | None


@get("/v1/tracking-events", summary="List what carriers told")
async def list_events(
    *,
    database: Database,
    actor: Actor,
    waybill: Text = "",
    carrier: Text = "",
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> TrackedEventList:
    """Tracking events, the latest first; of one waybill or carrier if named. For the operator."""
    actor.needs_scope("orders:read")
    actor.needs_operator()
    after = decode_cursor(cursor, dt.datetime, str, str, str)
    async with database.reading(actor) as db:
        rows = await queries.list_events(
            db, waybill=waybill, carrier=carrier,
            after=(after[0], after[1], after[2], after[3]) if after else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.at, row.waybill, row.carrier, row.kind))
    return TrackedEventList(shown, following)


@post("/v1/tracking-events", summary="Tell of boxes", status_code=200)
async def tell(
    *,
    data: TrackingBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Tracked]:
    """The furthest event of a box counts: arrived and delivered end stages, lost asks.

    Told again, or in another order, nothing is different.
    """
    actor.needs_scope("purchases:write")

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, await actions.record_tracking(db, actor, data.carrier, data.events, now=now)

    answer = await once(
        database, actor, key=idempotency_key, operation="tracking.tell", body=data, act=act
    )
    return answered(answer, Tracked)


@post(
    "/v1/tracking-files", summary="Take a carrier's file", status_code=200,
    request_max_body_size=TRACKING_FILE_BYTES,
)  # fmt: skip
async def take_file(
    data: Annotated[TrackingFile, Body(media_type=RequestEncodingType.MULTI_PART)],
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Tracked]:
    """CSV with the columns waybill, at and status, and if there are any place and words.

    All of the file is taken, or nothing; statuses are read in English and Chinese, one that says
    nothing is kept as OTHER.
    """
    actor.needs_scope("purchases:write")
    content = await data.file.read()

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, await actions.take_tracking_file(
            db, actor, content, carrier=data.carrier, zone=data.zone, now=now
        )

    body = [data.carrier, data.zone, hashlib.sha256(content).hexdigest()]
    answer = await once(
        database, actor, key=idempotency_key, operation="tracking.file", body=body, act=act
    )
    return answered(answer, Tracked)


ROUTES = (list_events, tell, take_file)
