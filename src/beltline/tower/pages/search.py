"""Search over orders, purchase orders, SKUs and suppliers: the page and the command palette."""

from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import local_name
from beltline.tower.queries import search
from beltline.tower.types import Hit

HIT_PATHS: Final = {
    "ORDER": "/orders/", "PURCHASE": "/purchases/", "SKU": "/products/", "SUPPLIER": "/suppliers/",
}  # fmt: skip
HIT_KINDS: Final = {
    "ORDER": N_("Order"), "PURCHASE": N_("Purchase order"), "SKU": N_("SKU"),
    "SUPPLIER": N_("Supplier"),
}  # fmt: skip
Words = Annotated[str, QueryParameter(max_length=200)]


class Suggestion(msgspec.Struct, frozen=True):
    """One line of the command palette."""

    label: str
    detail: str
    path: str


class Suggestions(msgspec.Struct, frozen=True):
    """What the command palette shows for some words."""

    items: list[Suggestion]


@get("/search")
async def search_page(
    database: Database, actor: Actor, page: PageContext, q: Words = ""
) -> Response[Any]:
    """Orders, purchase orders, SKUs and suppliers; the only hit is opened at once."""
    hits = await _find(database, actor, q, limit=20)
    if len(hits) == 1 and hits[0].label.upper() == q.strip().upper():
        return to(_hit_path(hits[0]))
    found = [
        (page.gettext(text), [hit for hit in hits if hit.kind == kind])
        for kind, text in HIT_KINDS.items()
    ]
    return render(
        "tower/search.html", page, q=q, found=[group for group in found if group[1]],
        hits=len(hits), path_of=_hit_path,
    )  # fmt: skip


@get("/search/suggest")
async def suggest(
    database: Database, actor: Actor, page: PageContext, q: Words = ""
) -> Response[Suggestions]:
    """The same for the command palette, as JSON."""
    hits = await _find(database, actor, q, limit=4)
    items = [
        Suggestion(
            f"{hit.label} {local_name(page.locale, hit.detail, hit.detail_zh)}".strip(),
            page.gettext(HIT_KINDS[hit.kind]),
            _hit_path(hit),
        )
        for hit in hits
    ]
    return Response(Suggestions(items), headers={"Cache-Control": "private, no-store"})


async def _find(database: Database, actor: Actor, words: str, *, limit: int) -> list[Hit]:
    if len(words.strip()) < 2:
        return []
    async with database.reading(actor) as db:
        return await search.find(db, words.strip(), limit=limit)


def _hit_path(hit: Hit) -> str:
    return HIT_PATHS[hit.kind] + quote(hit.key, safe="")


PAGES = (search_page, suggest)
