"""The pages of suppliers and of the belts they are in."""

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers import queries
from beltline.suppliers.types import BeltRow

Words = Annotated[str, Parameter(max_length=200)]

KINDS = {
    "FACTORY": N_("Factory"), "TRADER": N_("Trader"), "MARKET_STALL": N_("Market stall"),
}  # fmt: skip
TIERS = ("A", "B", "C")
READ = "page"
"""The `evidence` of a belt for which a published page was read; every other is unverified."""

# The part of the globe the map shows: degrees east and north, and pixels a degree. A degree of
# longitude is drawn shorter than one of latitude, as it is at 33° north.
WEST, EAST, SOUTH, NORTH = 84.0, 131.0, 18.0, 48.5
PER_LONGITUDE, PER_LATITUDE = 10.0, 12.0

NAV = (
    NavItem(verb=Verb.SOURCE, path="/suppliers", label=N_("Suppliers"), icon="factory", keys="g f"),
    NavItem(verb=Verb.SOURCE, path="/belts", label=N_("Belts"), icon="pin"),
)


class Point(msgspec.Struct, frozen=True):
    """A belt on the map, in pixels; the area grows with its suppliers."""

    x: float
    y: float
    radius: float
    belt: BeltRow


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
        view=view,
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
            db, supplier.org_id, ends_from=page.now.date() - dt.timedelta(days=365)
        )
    return render(
        "suppliers/supplier.html", page, supplier=supplier, belt=belt, closures=closures,
        kinds=KINDS, today=page.now.date(), is_operator=actor.org_kind == "OPERATOR",
        is_read=belt is not None and belt.evidence == READ,
    )  # fmt: skip


@get("/belts")
async def belts_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    category: str = "",
    evidence: str = "",
) -> Response[str]:
    """The belts as points and as a list, each with the evidence for it."""
    async with database.reading(actor) as db:
        belts = await queries.list_belt_rows(db)
    shown = [belt for belt in belts if _fits(belt, q.strip(), category, evidence)]
    return render(
        "suppliers/belts.html", page, rows=shown, all_belts=len(belts), READ=READ,
        points=[_point(belt) for belt in reversed(shown)],
        others=[_point(belt) for belt in belts if belt not in shown],
        unverified=sum(belt.evidence != READ for belt in shown),
        width=round((EAST - WEST) * PER_LONGITUDE), height=round((NORTH - SOUTH) * PER_LATITUDE),
        categories=[(name, name) for name in sorted({belt.category for belt in belts})],
        view=View("/belts", {"q": q, "category": category, "evidence": evidence}),
    )  # fmt: skip


def _fits(belt: BeltRow, words: str, category: str, evidence: str) -> bool:
    names = f"{belt.id} {belt.name_zh} {belt.name_en} {belt.products_zh} {belt.products_en}"
    text = f"{names} {belt.province} {belt.city} {belt.county}".lower()
    is_evidence = not evidence or (evidence == "read") == (belt.evidence == READ)
    return words.lower() in text and category in ("", belt.category) and is_evidence


def _point(belt: BeltRow) -> Point:
    return Point(
        x=round((belt.longitude - WEST) * PER_LONGITUDE, 1),
        y=round((NORTH - belt.latitude) * PER_LATITUDE, 1),
        radius=round(min(2.5 + belt.suppliers**0.5 * 1.2, 14.0), 1),
        belt=belt,
    )


PAGES = (list_page, supplier_page, belts_page)
