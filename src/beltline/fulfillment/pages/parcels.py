"""The hub's door: scan a domestic waybill, count what came, keep what nobody announced."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import Parameter

from beltline.fulfillment import actions, rules
from beltline.fulfillment.actions import documents as labels
from beltline.fulfillment.actions import photos as evidence
from beltline.fulfillment.pages import photos, words
from beltline.fulfillment.pages.packing import path_of
from beltline.fulfillment.queries import journeys as queries
from beltline.fulfillment.rules import documents
from beltline.fulfillment.types.journeys import Journey, ParcelCount
from beltline.fulfillment.types.packing import Scanned, UnknownSscc
from beltline.fulfillment.types.photos import PhotoKind
from beltline.fulfillment.types.returns import BoxChanged
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import new_id, show_id
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web.acts import files_of, form_of, to, went
from beltline.kit.web.page import PageContext, offline, render
from beltline.kit.web.view import local_name, with_query
from beltline.procurement.queries import notices
from beltline.procurement.types.notices import NoticeState
from beltline.trade import queries as trade

Text = Annotated[str, Parameter(max_length=120)]


@get("/parcels")
async def station_page(
    database: Database,
    actor: Actor,
    page: PageContext,
    node: Text = "",
    waybill: Text = "",
    done: str = "",
) -> Response[Any]:
    """The station of a hub: a waybill, what it should hold, and boxes that are nobody's yet."""
    actor.needs_operator()
    waybill = scanned = waybill.strip()
    async with database.reading(actor) as db:
        found = await _labelled(db, actor, waybill)
        if found is not None and found.order_id is not None:
            return to(path_of(found))
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
        hubs = [n for n in nodes if n.kind == "CONSOLIDATION"]
        node = node or (hubs[0].code if hubs else "")
        announced = []
        waybill = await _waybill_of(db, waybill, found)
        if waybill:
            announced = await notices.list_notices(
                db, actor, waybill=waybill, node=node, state=NoticeState.ANNOUNCED
            )
        awaited = await queries.list_announced(db, waybill, node) if waybill else []
        lines = await notices.list_notice_lines(db, [notice.id for notice in announced])
        unclaimed = await queries.list_unclaimed(db)
        # Without network a box is looked up among those the page was kept with.
        coming = [] if waybill else await queries.list_coming(db, node)
    first = not waybill and bool(hubs) and node == hubs[0].code
    kept = offline(with_query("/parcels", node=node), *(["/parcels"] if first else []))
    return render(
        "fulfillment/parcels.html", page, node=node, waybill=waybill, awaited=awaited,
        headers=None if waybill or done else kept, scanned=scanned, coming=_by_waybill(coming),
        hubs=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in hubs],
        unclaimed=unclaimed, show_id=show_id,
        announced=[
            (notice, [x for x in lines if x.shipping_notice_id == notice.id])
            for notice in announced
        ],
        # What is for buyers' orders is counted by journey.
        is_open=awaited or all(notice.is_for_orders for notice in announced), words=words,
        done=done if done in words.PARCELS else "",
        key=new_id().hex, again=with_query("/parcels", node=node),
        texts={j.id: show_quantity(j.moving, Uom(j.uom)) for j in [*awaited, *coming]},
    )  # fmt: skip


async def _labelled(db: Reader, actor: Actor, code: str) -> Scanned | None:
    """What has the SSCC of a label; a code that nobody here has is a box like any other."""
    try:
        return await labels.find_code(db, actor, code)
    except UnknownSscc:
        return None


async def _waybill_of(db: Reader, code: str, found: Scanned | None) -> str:
    """The waybill of a box by what was scanned of it: its own, or the label of a carton."""
    if found is not None:
        return found.waybill
    if number := documents.scanned_notice(code):
        return await notices.find_waybill(db, number) or code
    return code


def _by_waybill(journeys: Sequence[Journey]) -> dict[str, list[Journey]]:
    boxes: dict[str, list[Journey]] = {}
    for journey in journeys:
        boxes.setdefault(journey.waybill, []).append(journey)
    return boxes


@post("/parcels", request_max_body_size=photos.FORM_BYTES, opt={"signed_in": True})
async def receive(
    request: photos.WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Take the box in; the form's key makes a second press or a resend nothing new."""
    actor.needs_operator()
    data, taken = await form_of(request), await files_of(request, "photo")
    waybill, node = data.get("waybill", "").strip()[:120], data.get("node", "")[:120]
    async with database.reading(actor) as db:
        # Without network nobody looked up what a label stands for.
        found = await _labelled(db, actor, waybill)
        if found is None or found.waybill:
            waybill = await _waybill_of(db, waybill, found)
        awaited = await queries.list_announced(db, waybill, node)
    counts = [_count(journey, data) for journey in awaited]

    async def act(db: Writer) -> tuple[int, Any]:
        # Whoever recorded it did not know of these, and said nothing of them.
        if any(f"good-{journey.id.hex}" not in data for journey in awaited):
            raise BoxChanged(waybill=waybill)
        parcel = await actions.receive_parcel(
            db, actor, waybill=waybill, node=node, counts=counts,
            note=data.get("note", "")[:200], now=now,
            sender=data.get("sender", "")[:200], contents=data.get("contents", "")[:200],
        )  # fmt: skip
        if taken:
            box = await evidence.find_subject(db, PhotoKind.PARCEL, waybill)
            await evidence.add_photos(
                db, actor, kind=PhotoKind.PARCEL, subject_id=box.id, photos=taken, now=now
            )
        return 201, {"state": parcel.state}

    answer = await once(
        database, actor, key=f"parcel:{data.get('key', '')[:80]}",
        operation=f"parcels.receive {waybill}"[:200],
        body=[waybill, node, *photos.marks(taken)], act=act,
    )  # fmt: skip
    state = answer.unwrap().response["state"]
    return went(page, with_query("/parcels", node=node, done=state))


def _count(journey: Journey, form: dict[str, str]) -> ParcelCount:
    good, damaged, wrong = (
        rules.read_count(form.get(f"{name}-{journey.id.hex}", ""), journey)
        for name in ("good", "damaged", "wrong")
    )
    return ParcelCount(
        journey.id, journey.moving if good is None else good, damaged or 0, wrong or 0
    )


PAGES = (station_page, receive)
