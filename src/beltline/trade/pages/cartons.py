"""What nodes pack into: the list, and a form that adds a carton or changes one."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.figures import decimal_text
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.trade import queries as places
from beltline.trade.actions import cartons as actions
from beltline.trade.queries import cartons as queries
from beltline.trade.types import CartonBody

Words = Annotated[str, QueryParameter(max_length=200)]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
DONE: Final = {
    "kept": N_("Kept. It is proposed from its first day on."),
    "prefix": N_("Set. New parcels and announced cartons follow it; codes given before stay."),
}
WRONG: Final = {
    "code": N_("Write a code of up to 60 characters without blanks or @."),
    "length_mm": N_("Write whole millimeters, 1 to 10,000."),
    "width_mm": N_("Write whole millimeters, 1 to 10,000."),
    "height_mm": N_("Write whole millimeters, 1 to 10,000."),
    "tare_g": N_("Write whole grams, 0 to 1,000,000."),
    "load_g_max": N_("Write whole grams, 1 to 10,000,000."),
    "cost": N_("Write a price such as 3.20."),
    "currency": N_("Write three letters, such as CNY."),
    "valid_from": N_("Choose a day."),
    "valid_until": N_("Choose a day."),
}  # fmt: skip
_FIGURES: Final = ("length_mm", "width_mm", "height_mm", "tare_g", "load_g_max")


@get("/cartons")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    node: Words = "",
    now_valid: bool = False,
    change: Words = "",
    after: str = "",
    done: str = "",
) -> Response[str]:
    """Every carton, by code; `change` puts one of them into the form."""
    return await _list(
        database, actor, said(page, done, DONE), node=node, now_valid=now_valid, change=change,
        after=after,
    )  # fmt: skip


@post("/cartons")
async def keep(
    *, data: Form, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Add the carton of the form, or change the one of its node, code and first day."""
    form = {name: text.strip()[:120] for name, text in data.items()}
    wrong = {name: page.gettext(WRONG[name]) for name in _wrong_of(form)}
    if wrong:
        return await _list(database, actor, page, form=form, wrong=wrong, status=422)
    try:
        async with database.writing(actor) as db:
            await actions.keep_carton(db, actor, _body(form), now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _list(database, actor, page, form=form, error=why, status=refusal.status)
    return to(with_query("/cartons", node=form.get("node", ""), done="kept"))


@post("/cartons/prefix")
async def set_prefix(
    *, data: Form, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Make codes of the company prefix of the form, of none with an empty one."""
    prefix = data.get("prefix", "").strip()[:40]
    try:
        async with database.writing(actor) as db:
            await actions.set_gs1_prefix(db, actor, prefix, now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        return await _list(database, actor, page, error=why, status=refusal.status)
    return to("/cartons?done=prefix")


def _wrong_of(form: Mapping[str, str]) -> list[str]:
    """The fields that the limits of `CartonBody` do not let pass, each tried alone."""
    good = {
        "node": "N", "code": "C", "length_mm": "1", "width_mm": "1", "height_mm": "1",
        "tare_g": "0", "load_g_max": "1",
    }  # fmt: skip
    wrong = []
    for name in WRONG:
        try:
            _body({**good, name: form.get(name, "")})
        except (msgspec.ValidationError, ValueError):
            wrong.append(name)
    return wrong


def _body(form: Mapping[str, str]) -> CartonBody:
    given: dict[str, Any] = {
        name: text for name, text in form.items() if name in CartonBody.__struct_fields__
    }
    for name in ("cost", "currency", "valid_from", "valid_until"):
        if not given.get(name):
            given.pop(name, None)
    if "currency" in given:
        given["currency"] = given["currency"].upper()
    for name in _FIGURES:
        text = given[name].replace(",", "")
        given[name] = int(text) if text.isascii() and text.isdigit() else text
    return msgspec.convert(given, CartonBody)


async def _list(
    database: Database, actor: Actor, page: PageContext, *, node: str = "",
    now_valid: bool = False, change: str = "", after: str = "",
    form: dict[str, str] | None = None, wrong: Mapping[str, str] | None = None, error: str = "",
    status: int = 200,
) -> Response[str]:  # fmt: skip
    actor.needs_operator()
    position = decode_cursor(after, str, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_cartons(
            db, node=node or None, valid_on=page.today if now_valid else None,
            after=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        nodes = await places.list_nodes(db, own_only=True, limit=500)
        prefix = await queries.find_gs1_prefix(db)
    shown, following = cut(rows, lambda row: (row.code, row.id))
    if form is None:
        chosen = next((row for row in shown if row.id.hex == change), None)
        form = {"node": node, "currency": "CNY", "valid_from": page.today.isoformat()}
        if chosen is not None:
            values = msgspec.structs.asdict(chosen)
            form = {name: "" if value is None else str(value) for name, value in values.items()}
            form["cost"] = decimal_text(chosen.cost)
    return render(
        "trade/cartons.html", page, rows=shown, following=following, after=after,
        form={**dict.fromkeys(("node", *WRONG), ""), **form},
        wrong={**dict.fromkeys(WRONG, ""), **(wrong or {})}, error=error, status=status,
        prefix=prefix,
        view=View("/cartons", {"node": node, "now_valid": now_valid}),
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        may_change=actor.role in {"ADMIN", "WAREHOUSE", "PLANNER"},
    )  # fmt: skip


PAGES = (list_page, keep, set_prefix)
