"""The belts on a map and in a list, each with the evidence for it."""

import msgspec
from litestar import Response, get

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import View
from beltline.suppliers import queries
from beltline.suppliers.pages.directory import READ, Words
from beltline.suppliers.types import BeltRow

# The part of the globe the map shows: degrees east and north, and pixels a degree. A degree of
# longitude is drawn shorter than one of latitude, as it is at 33° north.
WEST, EAST, SOUTH, NORTH = 84.0, 131.0, 18.0, 48.5
PER_LONGITUDE, PER_LATITUDE = 10.0, 12.0


class Point(msgspec.Struct, frozen=True):
    """A belt on the map, in pixels; the area grows with its suppliers."""

    x: float
    y: float
    radius: float
    belt: BeltRow


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


PAGES = (belts_page,)
