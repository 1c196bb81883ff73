"""The list of suppliers, and one with its measured record."""

import datetime as dt
from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers import queries
from beltline.suppliers.pages.record import figure_rows, interval_chart, tier_rows
from beltline.suppliers.queries import record
from beltline.suppliers.rules import tiers

Words = Annotated[str, Parameter(max_length=200)]

KINDS = {
    "FACTORY": N_("Factory"), "TRADER": N_("Trader"), "MARKET_STALL": N_("Market stall"),
}  # fmt: skip
TIERS = ("A", "B", "C")
READ = "page"
"""The `evidence` of a belt for which a published page was read; every other is unverified."""


@get("/suppliers")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    tier: str = "",
    kind: str = "",
    belt: str = "",
    after: str = "",
) -> Response[str]:
    """Suppliers by code, narrowed by words, tier, kind and belt."""
    tier, kind = tier if tier in TIERS else "", kind if kind in KINDS else ""
    position = decode_cursor(after, str)
    async with database.reading(actor) as db:
        rows = await queries.list_suppliers_by_code(
            db, words=q.strip(), tier=tier or None, kind=kind or None, belt=belt or None,
            after=position[0] if position else "", limit=PAGE_ROWS + 1,
        )  # fmt: skip
        tiers = await queries.count_by_tier(db)
        chosen = await queries.get_belt(db, belt) if belt else None
    shown, following = cut(rows, lambda row: (row.code,))
    counted = {row.tier: row.suppliers for row in tiers}
    view = View("/suppliers", {"q": q, "tier": tier, "kind": kind, "belt": belt})
    return render(
        "suppliers/list.html", page, rows=shown, following=following, after=after, kinds=KINDS,
        belt=chosen, all_suppliers=sum(counted.values()),
        tier_tabs=_tier_tabs(page, view, counted),
        kind_options=[(code, page.gettext(text)) for code, text in KINDS.items()],
        view=view, is_operator=actor.org_kind == "OPERATOR",
    )  # fmt: skip


def _tier_tabs(
    page: PageContext, view: View, counted: dict[str, int]
) -> list[tuple[str, str, bool]]:
    _ = page.gettext
    chosen = view.values["tier"]
    tabs = [
        (f"{_('Tier')} {tier}, {counted.get(tier, 0):,}", view.but(tier=tier), tier == chosen)
        for tier in TIERS
    ]
    return [(f"{_('All')}, {sum(counted.values()):,}", view.but(tier=""), not chosen), *tabs]


@get("/suppliers/{code:str}")
async def supplier_page(
    code: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One supplier: its belt, tier, lead times, closures, and what is bought from it."""
    async with database.reading(actor) as db:
        supplier = await queries.get_supplier_by_code(db, code)
        belt = await queries.get_belt(db, supplier.belt_id) if supplier.belt_id else None
        closures = await queries.list_closures_of(
            db, supplier.org_id, ends_from=page.today - dt.timedelta(days=365)
        )
        figures = await record.list_figures(db, supplier.org_id)
        changes = await record.list_tier_changes(db, supplier.org_id, limit=5)
    return render(
        "suppliers/supplier.html", page, supplier=supplier, belt=belt, closures=closures,
        kinds=KINDS, today=page.today, is_operator=actor.org_kind == "OPERATOR",
        is_own=actor.org_id == supplier.org_id,
        is_read=belt is not None and belt.evidence == READ,
        figures=figure_rows(page, figures, supplier.tier),
        chart=interval_chart(page, figures) if figures else None,
        short=figure_rows(page, tiers.short_of_a(figures, current=supplier.tier), supplier.tier),
        changes=tier_rows(page, changes),
    )  # fmt: skip


PAGES = (list_page, supplier_page)
