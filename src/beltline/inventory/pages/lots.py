"""The pages of lots: what ends soon, and the lots of a SKU with where they went."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from beltline.catalog import queries as catalog
from beltline.inventory import actions
from beltline.inventory.pages.stock import MOVEMENTS
from beltline.inventory.queries import lots as queries
from beltline.inventory.types import QuantityUnusable
from beltline.inventory.types.lots import ExpiryMissing, LotKind, LotNamed, LotRule
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, read_quantity, show_quantity
from beltline.kit.web.acts import chosen, form_of, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.trade import queries as trade

Words = Annotated[str, Parameter(max_length=200)]
WebRequest = Request[Any, Any, State]

KEEPS = {
    "NONE": N_("No lots"), "LOT": N_("Lots told apart (dye lots)"),
    "EXPIRY": N_("Lots that expire"),
}  # fmt: skip


@get("/lots")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    node: str = "",
    ending: bool = False,
    after: str = "",
) -> Response[str]:
    """Lots of all goods that keep them, what ends first foremost."""
    actor.needs_operator()
    at = decode_cursor(after, dt.date, UUID)
    async with database.reading(actor) as db:
        found = await queries.list_lots(
            db, today=page.today, node=node or None, is_ending=ending,
            after=(at[0], at[1]) if at else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    rows, following = cut(found, lambda row: (row.expires_date or queries.NO_DAY, row.id))
    return render(
        "inventory/lots.html", page, rows=rows, following=following, after=after,
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        view=View("/lots", {"node": node, "ending": ending}),
    )  # fmt: skip


@get("/lots/{sku:str}")
async def sku_page(
    sku: str, database: Database, actor: Actor, page: PageContext, lot: Words = "", after: str = ""
) -> Response[str]:
    """The lots of a SKU, in the order in which they are taken, and where they went."""
    return await _show(database, actor, page, sku, lot=lot, after=after)


@post("/lots/{sku:str}/rule")
async def keep(
    sku: str, request: WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Have the SKU keep lots, or no more."""
    form = await form_of(request)
    kind = chosen(form, "keeps", LotKind)
    days = {name: form.get(name, "").strip() for name in ("shelf_life_days", "soon_days")}
    if not all(not text or (text.isascii() and text.isdigit()) for text in days.values()):
        why = page.gettext("Write days as whole numbers.")
        return await _show(database, actor, page, sku, error=why, status=422)
    life = min(int(days["shelf_life_days"][:6] or "0"), 10_000) or None
    soon = min(int(days["soon_days"][:6] or "30"), 10_000)
    rule = LotRule(sku, kind, life if kind == LotKind.EXPIRY else None, soon)
    async with database.writing(actor) as db:
        await actions.keep_lots(db, actor, rule, now=now)
    return to(with_query(f"/lots/{sku}"))


@post("/lots/{sku:str}/name")
async def name(
    sku: str, request: WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Say which lot units are of."""
    form = {field: text.strip() for field, text in (await form_of(request)).items()}
    node, _, rest = form.get("from", "").partition("|")
    owner, _, source = rest.partition("|")
    try:
        async with database.writing(actor) as db:
            uom = Uom((await catalog.get_sku(db, sku)).uom)
            units = read_quantity(form.get("units", ""), uom)
            code = form.get("lot", "")[:60]
            if units is None or not code or not code.isprintable():
                raise QuantityUnusable(param="units")
            named = LotNamed(sku, node, code, units, _day(form, sku), owner or None, source)
            await actions.name_lots(db, actor, [named], now=now)
    except Refusal as refusal:
        why = refusal.sentence(page.gettext)
        if isinstance(refusal, QuantityUnusable):
            why = page.gettext("Write the lot and how many units are of it.")
        return await _show(database, actor, page, sku, error=why, status=refusal.status)
    return to(with_query(f"/lots/{sku}"))


def _day(form: dict[str, str], sku: str) -> dt.date | None:
    if not form.get("expires_date"):
        return None
    try:
        return dt.date.fromisoformat(form["expires_date"])
    except ValueError:
        raise ExpiryMissing(sku=sku) from None


async def _show(
    database: Database, actor: Actor, page: PageContext, sku: str, *, lot: str = "",
    after: str = "", error: str = "", status: int = 200,
) -> Response[str]:  # fmt: skip
    actor.needs_operator()
    before = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        found = await catalog.get_sku(db, sku)
        rule = await queries.find_lot_rule(db, sku)
        rows = await queries.list_lots(db, today=page.today, sku=sku, limit=500)
        moved = await queries.list_lot_moves(
            db, sku=sku, lot=lot or None, before=(before[0], before[1]) if before else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    moves, following = cut(moved, lambda row: (row.at, row.id))
    uom, unnamed = Uom(found.uom), page.gettext("not named")
    return render(
        "inventory/sku_lots.html", page, status=status, sku=found, rule=rule, rows=rows,
        moves=moves, after=after, following=following, lot=lot, error=error, today=page.today,
        words={**MOVEMENTS, "NAME": N_("Named")}, view=View(f"/lots/{sku}", {"lot": lot}),
        sources=[
            (
                f"{row.node}|{row.owner}|{row.code}",
                f"{row.node} {row.code or unnamed} ({show_quantity(row.units, uom)})",
            )
            for row in rows
        ],
        keeps=[(kind, page.gettext(text)) for kind, text in KEEPS.items()],
        may_change=actor.role in {"ADMIN", "WAREHOUSE", "PLANNER"},
    )  # fmt: skip


PAGES = (list_page, sku_page, keep, name)
