"""Returns with their clock and one step each; the sample of an inspection."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.fulfillment import rules
from beltline.fulfillment.actions import photos as evidence
from beltline.fulfillment.actions import returns as actions
from beltline.fulfillment.pages import photos, words
from beltline.fulfillment.pages.journeys import clock_of
from beltline.fulfillment.queries import returns as queries
from beltline.fulfillment.types.photos import PhotoKind
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import once
from beltline.kit.ids import new_id, read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import files_of, form_of, to, went
from beltline.kit.web.page import PageContext, offline, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.trade import queries as trade

TONES: Final = {"REQUESTED": "info", "APPROVED": "warn", "REFUSED": "mute", "REFUNDED": "ok"}
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/returns")
async def list_page(
    database: Database, actor: Actor, page: PageContext, status: str = "", after: str = ""
) -> Response[str]:
    """Returns, newest first; the operator answers and grades them here."""
    status = status if status in words.RETURNS else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_returns(
            db, actor, state=status or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    shown, following = cut(rows, lambda row: (row.requested_at, row.id))
    view = View("/returns", {"status": status})
    tabs = [(page.gettext("All"), view.but(status=""), not status)]
    tabs += [
        (page.gettext(text), view.but(status=name), name == status)
        for name, text in words.RETURNS.items()
    ]
    return render(
        "fulfillment/returns.html", page, rows=shown, following=following, after=after,
        view=view, tabs=tabs, words=words, Money=Money, clock=clock_of(page),
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        is_operator=actor.org_kind == "OPERATOR",
        headers=offline(with_query("/returns", status=status, after=after))
        if actor.org_kind == "OPERATOR"
        else None,
    )  # fmt: skip


@post(
    "/journeys/{journey_id:str}/return", request_max_body_size=photos.FORM_BYTES,
    opt={"signed_in": True},
)  # fmt: skip
async def ask(
    journey_id: str, request: photos.WebRequest, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Ask to send units of a delivered journey back, with photos of what is wrong."""
    data, taken = await form_of(request), await files_of(request, "photo")
    async with database.writing(actor) as db:
        case = await actions.request_return(
            db, actor, journey_id=read_id("jny", journey_id), units=_whole(data, "units"),
            reason=data.get("reason", ""), note=data.get("note", "")[:200], now=now,
        )  # fmt: skip
        await evidence.add_photos(
            db, actor, kind=PhotoKind.RETURN, subject_id=case.id, photos=taken, now=now
        )
    return to("/returns")


@post("/returns/{return_id:str}/answer")
async def answer(
    *, return_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Approve to the chosen node, or refuse."""
    node = data.get("node") if data.get("act") == "approve" else None
    async with database.writing(actor) as db:
        await actions.answer_return(
            db, actor, return_id=read_id("rma", return_id), node=node or None,
            note=data.get("note", "")[:200], now=now,
        )  # fmt: skip
    return to("/returns")


@get("/returns/{return_id:str}")
async def return_page(
    return_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One return: what is to come back, and the form that counts what came."""
    return await _return(database, actor, page, read_id("rma", return_id))


@post(
    "/returns/{return_id:str}/grade", request_max_body_size=photos.FORM_BYTES,
    opt={"signed_in": True},
)  # fmt: skip
async def grade(
    return_id: str, request: photos.WebRequest, database: Database, actor: Actor,
    page: PageContext, now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """What came back, good and not, with photos; the form's key makes a resend nothing new."""
    data, taken = await form_of(request), await files_of(request, "photo")
    found = read_id("rma", return_id)
    counts = {name: _whole(data, name) for name in ("resell", "scrap")}
    charged_to = data.get("charged_to", "")[:40]

    async def act(db: Writer) -> tuple[int, Any]:
        # Before it is graded: from then on a return takes no photos.
        await evidence.add_photos(
            db, actor, kind=PhotoKind.RETURN, subject_id=found, photos=taken, now=now
        )
        case = await actions.grade_return(
            db, actor, return_id=found, **counts, charged_to=charged_to, now=now
        )
        return 200, {"state": case.state}

    try:
        answer = await once(
            database, actor, key=f"grade:{data.get('key') or new_id().hex}"[:90],
            operation=f"returns.grade {return_id}"[:200],
            body=[counts, charged_to, *photos.marks(taken)], act=act,
        )  # fmt: skip
        answer.unwrap()
    except Refusal as refusal:
        if page.is_kept:
            raise
        return await _return(database, actor, page, found, form=data, refusal=refusal)
    return went(page, f"/returns/{return_id}")


async def _return(
    database: Database, actor: Actor, page: PageContext, return_id: UUID, *,
    form: Mapping[str, str] | None = None, refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    async with database.reading(actor) as db:
        case = await queries.get_return(db, return_id)
    shown, is_operator = show_id("rma", return_id), actor.org_kind == "OPERATOR"
    return render(
        "fulfillment/return.html", page, status=refusal.status if refusal else 200, case=case,
        form=form or {}, error=refusal.sentence(page.gettext) if refusal else "", shown_id=shown,
        payers=[(p, page.gettext(words.PAYERS[p])) for p in rules.PAYERS], key=new_id().hex,
        words=words, Money=Money, tone=TONES[case.state],
        may_grade=is_operator and actor.role in {"ADMIN", "WAREHOUSE", "PLANNER"},
        headers=offline(f"/returns/{shown}") if is_operator and not refusal else None,
    )  # fmt: skip


@post(
    "/journeys/{journey_id:str}/inspect", request_max_body_size=photos.FORM_BYTES,
    opt={"signed_in": True},
)  # fmt: skip
async def inspect(
    journey_id: str, request: photos.WebRequest, database: Database, actor: Actor,
    page: PageContext, now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """What the sample showed, with photos; the form's key makes a resend no second inspection."""
    data, taken = await form_of(request), await files_of(request, "photo")
    found = {name: _whole(data, name) for name in ("critical", "major", "minor")}
    note = data.get("note", "")[:200]

    async def act(db: Writer) -> tuple[int, Any]:
        journey = read_id("jny", journey_id)
        await evidence.add_photos(
            db, actor, kind=PhotoKind.INSPECTION, subject_id=journey, photos=taken, now=now
        )
        inspection = await actions.inspect(
            db, actor, journey_id=journey, **found, note=note, now=now
        )
        return 201, {"verdict": inspection.verdict}

    answer = await once(
        database, actor, key=f"inspect:{data.get('key', '')[:80]}",
        operation=f"journeys.inspect {journey_id}"[:200],
        body=[found, note, *photos.marks(taken)], act=act,
    )  # fmt: skip
    answer.unwrap()
    return went(page, f"/journeys/{journey_id}")


def _whole(form: dict[str, str], name: str) -> int:
    text = form.get(name, "").strip() or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else -1


PAGES = (list_page, return_page, ask, answer, grade, inspect)
