"""The belts on a map and in a list, each with the evidence for it; and one belt."""

import math
from typing import Any, Final

from litestar import Response, get

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.web.charts import PointChart
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import View, local_name
from beltline.suppliers import queries as directory
from beltline.suppliers.pages.directory import READ, Words
from beltline.suppliers.queries import belts as queries
from beltline.suppliers.rules import belts as rules
from beltline.suppliers.types import BeltLife

SHOWN: Final = {
    "risk": (N_("Risk"), rules.risk),
    "capacity": (N_("Capacity"), rules.capacity),
    "heat": (N_("Orders"), rules.heat),
}
ROWS_MAX: Final = 20


@get("/belts")
async def belts_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    category: str = "",
    evidence: str = "",
    by: str = "",
) -> Response[str]:
    """The belts as points and as a list, each with the evidence for it and how it runs."""
    async with database.reading(actor) as db:
        belts = await queries.list_lives(db, today=page.today)
    by = by if by in SHOWN else ""
    shown = [belt for belt in belts if _fits(belt, q.strip(), category, evidence)]
    view = View("/belts", {"q": q, "category": category, "evidence": evidence, "by": by})
    return render(
        "suppliers/belts.html", page, rows=shown, all_belts=len(belts), READ=READ, words=rules,
        chart=_map(page, shown, belts, by or "risk"), view=view,
        unverified=sum(belt.evidence != READ for belt in shown),
        categories=[(name, name) for name in sorted({belt.category for belt in belts})],
        ways=[(page.gettext(text), view.but(by=name), name == (by or "risk"))
              for name, (text, _) in SHOWN.items()],
    )  # fmt: skip


@get("/belts/{belt_id:str}")
async def belt_page(
    belt_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One belt: how it runs, who is in it, what the evidence for it is."""
    async with database.reading(actor) as db:
        belt = await queries.get_life(db, belt_id, today=page.today)
        suppliers = await directory.list_suppliers_by_code(db, belt=belt_id, limit=ROWS_MAX)
    return render(
        "suppliers/belt.html", page, belt=belt, suppliers=suppliers, words=rules,
        is_read=belt.evidence == READ, is_operator=actor.org_kind == "OPERATOR",
        sources=[part.strip() for part in belt.source.split(" ; ") if part.strip()],
    )  # fmt: skip


def _map(page: PageContext, shown: list[BeltLife], belts: list[BeltLife], by: str) -> PointChart:
    _ = page.gettext
    word = SHOWN[by][1]
    known = {belt.id for belt in shown}
    points: list[Any] = []
    for belt in reversed(shown):
        said = word(belt)
        name = local_name(page.locale, belt.name_en, belt.name_zh)
        points.append((name, belt.longitude, belt.latitude, _radius(belt), said.tone,
                       _(said.text)))  # fmt: skip
    finding = _("{shown} belts as points by longitude and latitude; the list beside has the same.")
    return PointChart(
        name=_("Where they are"), finding=finding.format(shown=f"{len(shown):,}"),
        points=tuple(points),
        rest=tuple((b.longitude, b.latitude) for b in belts if b.id not in known),
        category_label=_("Belt"), value_label=_(SHOWN[by][0]),
    )  # fmt: skip


def _radius(belt: BeltLife) -> float:
    """The area grows with what is ordered from it, or else with its suppliers."""
    return round(min(3.0 + math.sqrt(belt.orders_28d or belt.suppliers) * 1.2, 16.0), 1)


def _fits(belt: BeltLife, words: str, category: str, evidence: str) -> bool:
    names = f"{belt.id} {belt.name_zh} {belt.name_en} {belt.products_zh} {belt.products_en}"
    text = f"{names} {belt.province} {belt.city} {belt.county}".lower()
    is_evidence = not evidence or (evidence == "read") == (belt.evidence == READ)
    return words.lower() in text and category in ("", belt.category) and is_evidence


PAGES = (belts_page, belt_page)
