"""Rate cards as the operator sees them, and quotes for a box."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name
from beltline.trade import actions, queries
from beltline.trade.types import BoxSize, Quotes

Words = Annotated[str, QueryParameter(max_length=200)]
SIDES: Final = ("length_mm", "width_mm", "height_mm")


@get("/rates")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    node: Words = "",
    country: Words = "",
    now_valid: bool = False,
    after: str = "",
) -> Response[str]:
    """Every rate card, by service."""
    actor.needs_operator()
    position = decode_cursor(after, str, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_rate_cards(
            db, node=node or None, country=country.strip().upper() or None, words=q.strip(),
            valid_on=page.today if now_valid else None,
            after=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        shown, following = cut(rows, lambda row: (row.service, row.id))
        breaks = await queries.list_rate_breaks(db, [row.id for row in shown])
        nodes = await queries.list_nodes(db, own_only=True, limit=500)
    return render(
        "trade/rates.html", page, rows=shown, following=following, after=after,
        view=View("/rates", {"q": q, "node": node, "country": country, "now_valid": now_valid}),
        breaks={row.id: [b for b in breaks if b.rate_card_id == row.id] for row in shown},
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
    )  # fmt: skip


@get("/rates/quote")
async def quote_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    node: Words = "",
    country: Words = "",
    weight_g: Words = "",
    length_mm: Words = "",
    width_mm: Words = "",
    height_mm: Words = "",
) -> Response[str]:
    """What each service asks for a box."""
    actor.needs_operator()
    form = {
        "node": node, "country": country.strip().upper(), "weight_g": weight_g,
        "length_mm": length_mm, "width_mm": width_mm, "height_mm": height_mm,
    }  # fmt: skip
    box = _box(form)
    found: Quotes | None = None
    async with database.reading(actor) as db:
        nodes = await queries.list_nodes(db, own_only=True, limit=500)
        if box is not None and node:
            found = await actions.quote(
                db, node=node, country=form["country"], box=box, on=page.today
            )
    return render(
        "trade/quote.html", page, form=form, found=found,
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        money_of=Money,
        is_asked=any(form[name] for name in (*SIDES, "weight_g")),
    )  # fmt: skip


def _box(form: dict[str, str]) -> BoxSize | None:
    """The box of a form; None while a figure is missing or none."""
    figures = [form[name].strip() for name in ("weight_g", *SIDES)]
    if not all(text.isascii() and text.isdigit() and int(text[:9]) > 0 for text in figures):
        return None
    weight, *sides = (int(text[:9]) for text in figures)
    return BoxSize(weight, sides[0] * sides[1] * sides[2], max(sides))


PAGES = (list_page, quote_page)
