"""The pages of stock: what stands where, how it came to that, what a buyer can have."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from beltline.catalog import queries as catalog
from beltline.inventory import actions, queries, rules
from beltline.inventory.queries import lots
from beltline.inventory.types import NotEnough, QuantityUnusable
from beltline.inventory.types.adjustments import (
    AdjustmentKind,
    AdjustmentReason,
    AdjustmentStatus,
    AdjustmentWanted,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name
from beltline.trade import queries as trade
from beltline.trade.types import Node

Words = Annotated[str, Parameter(max_length=200)]

STALE_AFTER = dt.timedelta(days=7)
"""A declaration older than this says little; the page marks it."""

KINDS = {"COUNTED": N_("Counted"), "DECLARED": N_("Declared")}
MOVEMENTS = {
    "OPENING": N_("Opening"), "COUNT": N_("Count"), "ADJUST": N_("Adjustment"),
    "RECEIVE": N_("Received"), "RESERVE": N_("Reserved"), "RELEASE": N_("Released"),
    "SHIP": N_("Shipped"), "DECLARE": N_("Declaration"), "HOLD": N_("Quality hold"),
    "UNHOLD": N_("Hold lifted"), "DAMAGE": N_("Damaged"), "MEND": N_("Mended"),
    "SCRAP": N_("Scrapped"),
}  # fmt: skip

ADJUSTMENTS = {
    "ADJUST": N_("Add or take away"), "HOLD": N_("Put on quality hold"),
    "UNHOLD": N_("Lift the hold"), "DAMAGE": N_("Mark as damaged"),
    "MEND": N_("Good again"), "SCRAP": N_("Scrap damaged goods"),
}  # fmt: skip
REASONS = {
    "COUNT": N_("Counted anew"), "FOUND": N_("Found while counting"), "LOST": N_("Lost"),
    "BROKEN": N_("Broken"), "QUALITY": N_("Quality in doubt"), "RELEASED": N_("Released"),
    "EXPIRED": N_("Expired"), "SAMPLE": N_("Taken as a sample"),
    "CORRECTION": N_("An entry was wrong"),
}  # fmt: skip
ADJUSTMENT_STATES = {
    "WAITING": (N_("waits for a second person"), "warn"), "APPLIED": (N_("done"), "ok"),
    "REJECTED": (N_("rejected"), "mute"),
}  # fmt: skip

WebRequest = Request[Any, Any, State]


@get("/inventory")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    node: str = "",
    kind: str = "",
    short: bool = False,
    after: str = "",
) -> Response[str]:
    """Stock per SKU, node and owner; buyers see what they can have and no more."""
    if actor.org_kind not in {"OPERATOR", "SUPPLIER"}:
        return await _availability_page(database, actor, page, q=q, node=node, after=after)
    kind = kind if kind in KINDS else ""
    position = decode_cursor(after, str, str, str)
    async with database.reading(actor) as db:
        rows = await queries.list_stock_by_code(
            db, words=q.strip(), node=node or None, kind=kind or None, is_short=short,
            after=(position[0], position[1], position[2]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        summary = await queries.get_stock_summary(db, stale_before=page.now - STALE_AFTER)
        ending = await lots.count_ending(db, today=page.today)
        nodes = await trade.list_nodes(db, own_only=actor.org_kind == "OPERATOR", limit=500)
    shown, following = cut(rows, lambda row: (row.sku, row.node, row.owner))
    return render(
        "inventory/list.html", page, rows=shown, following=following, after=after,
        summary=summary, ending=ending, nodes=_options(page, nodes), kinds=KINDS,
        stale_before=page.now - STALE_AFTER,
        kind_options=[(code, page.gettext(text)) for code, text in KINDS.items()],
        is_operator=actor.org_kind == "OPERATOR",
        view=View("/inventory", {"q": q, "node": node, "kind": kind, "short": short}),
    )  # fmt: skip


async def _availability_page(
    database: Database, actor: Actor, page: PageContext, *, q: str, node: str, after: str
) -> Response[str]:
    position = decode_cursor(after, str, str)
    async with database.reading(actor) as db:
        rows = await queries.list_availability_by_code(
            db, words=q.strip(), node=node or None,
            after=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    shown, following = cut(rows, lambda row: (row.sku, row.node))
    return render(
        "inventory/available.html", page, rows=shown, following=following, after=after,
        nodes=_options(page, nodes), view=View("/inventory", {"q": q, "node": node}),
    )  # fmt: skip


@get("/inventory/{sku:str}")
async def sku_page(
    sku: str, database: Database, actor: Actor, page: PageContext, after: str = ""
) -> Response[str]:
    """One SKU: where it stands, and every change that led there."""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        found = await catalog.get_sku(db, sku)
        if actor.org_kind not in {"OPERATOR", "SUPPLIER"}:
            available = await queries.list_availability_by_code(db, sku=sku, limit=200)
            return render("inventory/sku_available.html", page, sku=found, rows=available)
        rows = await queries.list_stock_by_code(db, sku=sku, limit=200)
        movements = await queries.list_movements(
            db, sku=sku, before=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(movements, lambda row: (row.at, row.id))
    return render(
        "inventory/sku.html", page, sku=found, rows=rows, movements=shown, after=after,
        following=following, kinds=KINDS, words=MOVEMENTS, view=View(page.path),
        stale_before=page.now - STALE_AFTER, is_operator=actor.org_kind == "OPERATOR",
    )  # fmt: skip


@get("/inventory/cells")
async def cells(
    database: Database, actor: Actor, page: PageContext, sku: list[UUID] | None = None
) -> Response[str]:
    """How much of the SKUs of a list can be had, as cells that htmx puts into that list."""
    wanted = (sku or [])[:PAGE_ROWS]
    async with database.reading(actor) as db:
        totals = await queries.list_available_totals(db, wanted)
    return render("inventory/cells.html", page, totals=totals)


@get("/inventory/panels/{sku:str}")
async def panel(sku: str, database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """Where a SKU can be had from: a panel of the product's page."""
    async with database.reading(actor) as db:
        rows = await queries.list_availability_by_code(db, sku=sku, limit=200)
    return render("inventory/panel.html", page, sku=sku, rows=rows)


@get("/adjustments")
async def adjustments_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    status: str = "",
    after: str = "",
    sku: Words = "",
    node: Words = "",
    owner: Words = "",
) -> Response[str]:
    """What people changed and why; what waits for a second person; a form for another change."""
    fields = {"sku": sku, "node": node, "owner": owner, "kind": "ADJUST", "quantity": "",
              "reason": "COUNT", "note": ""}  # fmt: skip
    return await _adjustments(database, actor, page, status=status, after=after, fields=fields)


@post("/adjustments")
async def adjust(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Change counted stock for a reason, or ask for it."""
    form = await request.form()
    names = ("sku", "node", "owner", "kind", "quantity", "reason", "note")
    fields = {name: str(form.get(name, "")).strip()[:500] for name in names}
    quantity = rules.read_quantity(fields["quantity"], fields["kind"])
    known = fields["kind"] in set(AdjustmentKind) and fields["reason"] in set(AdjustmentReason)
    try:
        if quantity is None or not known:
            raise QuantityUnusable(param="quantity")
        wanted = AdjustmentWanted(
            fields["sku"], fields["node"], fields["owner"] or None, fields["kind"], quantity,
            fields["reason"], fields["note"],
        )  # fmt: skip
        async with database.writing(actor) as db:
            made = await actions.adjust(db, actor, wanted, now=now)
    except (QuantityUnusable, NotEnough, NotFound) as refusal:
        why = page.gettext(refusal.detail).format(**refusal.fields)
        return await _adjustments(database, actor, page, fields=fields, error=why)
    return to(f"/adjustments?done={made.status}")


@post("/adjustments/{adjustment_id:str}/{decision:str}")
async def decide(
    adjustment_id: str, decision: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Carry out or reject what waits."""
    async with database.writing(actor) as db:
        await actions.decide_adjustment(
            db, actor, read_id("adj", adjustment_id), is_approved=decision == "approve", now=now
        )
    return to("/adjustments")


async def _adjustments(
    database: Database,
    actor: Actor,
    page: PageContext,
    *,
    fields: dict[str, str],
    status: str = "",
    after: str = "",
    error: str = "",
) -> Response[str]:
    actor.needs_operator()
    status = status if status in set(AdjustmentStatus) else ""
    before = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        found = await queries.list_adjustments(
            db, status=status or None, before=(before[0], before[1]) if before else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
        limit = await queries.get_adjust_limit(db)
    rows, following = cut(found, lambda row: (row.asked_at, row.id))
    return render(
        "inventory/adjustments.html", page, status=422 if error else 200, rows=rows, after=after,
        following=following, fields=fields, error=error, nodes=_options(page, nodes),
        kinds=[(kind, page.gettext(text)) for kind, text in ADJUSTMENTS.items()],
        reasons=[(reason, page.gettext(text)) for reason, text in REASONS.items()], limit=limit,
        words=ADJUSTMENTS, why=REASONS, states=ADJUSTMENT_STATES, me=actor.via_id,
        may_change=actor.role in {"ADMIN", "WAREHOUSE", "PLANNER"},
        view=View("/adjustments", {"status": status}),
    )  # fmt: skip


def _options(page: PageContext, nodes: list[Node]) -> list[tuple[str, str]]:
    return [(node.code, local_name(page.locale, node.name, node.name_zh)) for node in nodes]


PAGES = (list_page, sku_page, cells, panel, adjustments_page, adjust, decide)
