"""Fapiaos: the list, with what they cover, and a form for one."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import QueryParameter

from beltline.customs import actions, queries
from beltline.customs.adapters import words
from beltline.customs.types import FapiaoBody, FapiaoKind, FapiaoLineBody
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.money import Money, to_minor
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import chosen, form_of, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut

Words = Annotated[str, QueryParameter(max_length=200)]
_MOST = Decimal(10) ** 12
_FIELDS = (
    "number", "kind", "supplier", "buyer", "issued_date", "sku", "quantity", "net", "vat",
)  # fmt: skip


@get("/fapiaos")
async def list_page(
    database: Database, actor: Actor, page: PageContext, supplier: Words = "", after: str = ""
) -> Response[str]:
    """Fapiaos, the latest entered first."""
    actor.needs_operator()
    return await _list(database, actor, page, supplier=supplier, after=after)


@post("/fapiaos")
async def enter(
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Keep a fapiao of one line; one of several comes by the API."""
    actor.needs_operator()
    form = await form_of(request)
    body, error = _body(form)
    if body is None:
        return await _list(database, actor, page, form=form, error=page.gettext(error), status=422)
    try:
        async with database.writing(actor) as db:
            await actions.enter_fapiao(db, actor, body=body, now=now)
    except Refusal as refusal:
        said = refusal.sentence(page.gettext)
        return await _list(database, actor, page, form=form, error=said, status=refusal.status)
    return to("/fapiaos")


def _body(form: dict[str, str]) -> tuple[FapiaoBody | None, str]:
    """The fapiao of a form, or what is wrong with it."""
    text = {name: value.strip()[:200] for name, value in form.items()}
    for name in ("number", "supplier", "buyer", "sku"):
        if not text.get(name) or not text[name].isprintable():
            return None, N_("Number, factory, buyer and SKU are all needed.")
    try:
        issued = dt.date.fromisoformat(text.get("issued_date", ""))
    except ValueError:
        return None, N_("The day is none: write it such as 2026-11-20.")
    quantity = text.get("quantity", "")
    try:
        net, vat = Decimal(text.get("net", "")), Decimal(text.get("vat", ""))
    except InvalidOperation:
        return None, N_("Write amounts as numbers, such as 1200.50.")
    if not (net.is_finite() and vat.is_finite() and 0 <= net <= _MOST and 0 <= vat <= _MOST):
        return None, N_("Write amounts as numbers, such as 1200.50.")
    if not (quantity.isascii() and quantity.isdigit() and 1 <= int(quantity[:13]) <= 10**12):
        return None, N_("The quantity is a whole number of base units.")
    line = FapiaoLineBody(
        text["sku"], int(quantity[:13]), to_minor(net, "CNY"), to_minor(vat, "CNY")
    )
    return FapiaoBody(
        text["number"], text["supplier"], text["buyer"], issued, [line],
        chosen(form, "kind", FapiaoKind),
    ), ""  # fmt: skip


async def _list(
    database: Database, actor: Actor, page: PageContext, *, supplier: str = "", after: str = "",
    form: dict[str, str] | None = None, error: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_fapiaos(
            db, supplier=supplier.strip() or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        shown, following = cut(rows, lambda row: (row.entered_at, row.id))
        lines = await queries.list_fapiao_lines(db, [row.id for row in shown])
    return render(
        "customs/fapiaos.html", page, status=status, rows=shown, following=following, after=after,
        lines={row.id: [x for x in lines if x.fapiao_id == row.id] for row in shown},
        view=View("/fapiaos", {"supplier": supplier}), error=error, words=words,
        form={name: (form or {}).get(name, "") for name in _FIELDS},
        kinds=[(name, page.gettext(text)) for name, text in words.FAPIAOS.items()], Money=Money,
    )  # fmt: skip


PAGES = (list_page, enter)
