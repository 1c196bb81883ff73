"""Search goods by words or a photo, narrow the answer, and compare up to five."""

import datetime as dt
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import Parameter

from beltline.catalog import queries as catalog
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.search import actions, rules
from beltline.search.actions import nearby
from beltline.search.pages.forms import AVAILABILITY, Short, wishes_of
from beltline.search.types import Found, Suggestion, SuggestionKind
from beltline.suppliers import queries as suppliers

Words = Annotated[str, Parameter(max_length=400)]
Photo = Annotated[str, Parameter(max_length=60)]

PARTS = {
    "WORDS": N_("words"), "MEANING": N_("by meaning"), "PICTURE": N_("by picture"),
    "READY": N_("in stock"), "FAST": N_("ships fast"),
    "RELIABLE": N_("reliable maker"),
}  # fmt: skip
SUGGESTED = {
    SuggestionKind.CATEGORY: N_("Category"), SuggestionKind.BELT: N_("Belt"),
    SuggestionKind.TITLE: "",
}  # fmt: skip
COMPARED_MAX = 5
FORM_BYTES = BYTES_MAX + (1 << 20)


@get("/find")
async def search_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    quantity: Short = "",
    price: Short = "",
    moq: Short = "",
    availability: Short = "",
    category: str = "",
    supplier: str = "",
    belt: str = "",
    tier: Short = "",
    photo: Photo = "",
    after: str = "",
) -> Response[str]:
    """Goods that answer words or a photo, with the reasons of their rank and facets."""
    asked = {
        "quantity": quantity, "price": price, "moq": moq, "availability": availability,
        "category": category, "supplier": supplier, "belt": belt, "tier": tier,
    }  # fmt: skip
    wishes = wishes_of(asked)
    found = Found([], {}, has_more=False, left_out=[], meant="")
    is_photo = bool(photo) and not q.strip()
    async with database.reading(actor) as db:
        if is_photo:
            found = await actions.search_by_photo(
                db, read_id("pho", photo), wishes=wishes, on=page.today
            )
        elif rules.asked_words(q):
            found = await actions.search_goods(db, q, wishes=wishes, on=page.today)
        rest = rules.after(found.goods, decode_cursor(after, float, str))
        ranked, following = cut(rest[: PAGE_ROWS + 1], lambda one: (one.score, one.hit.code))
        shown = await actions.show(db, ranked)
        belts = await suppliers.list_belts_in_use(db)
        makers = await suppliers.list_suppliers_by_code(
            db, codes=_makers_of(found, supplier), limit=rules.FACET_VALUES + 1
        )
    view = View("/find", {"q": q, **asked, "photo": photo if is_photo else ""})
    return render(
        "search/list.html", page, found=found, rows=shown, following=following, after=after,
        view=view, availability=AVAILABILITY, parts=PARTS,
        can_order=actor.org_kind in {"BUYER", "AGENT"}, is_photo=is_photo,
        names={
            "belt": {b.id: local_name(page.locale, b.name_en, b.name_zh) for b in belts},
            "supplier": {m.code: local_name(page.locale, m.name, m.name_zh) for m in makers},
        },
    )  # fmt: skip


def _makers_of(found: Found, chosen: str) -> list[str]:
    """The suppliers that the answer can be narrowed by, or is."""
    offered = [facet.value for facet in found.facets.get("supplier", [])]
    return sorted({chosen, *offered} - {""})


@post("/find/photo", request_max_body_size=FORM_BYTES, opt={"signed_in": True})
async def send_photo(
    request: Request[Any, Any, State], database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Look at a photo and go to the goods that look like it; only its vector is kept."""
    sent = (await request.form()).get("photo")
    data = await sent.read() if isinstance(sent, UploadFile) else b""
    async with database.writing(actor) as db:
        kept = await nearby.keep_photo(db, actor, data, now=now)
    return to(f"/find?photo={show_id('pho', kept.id)}")


@get("/find/suggest")
async def suggest(
    database: Database, actor: Actor, page: PageContext, q: Words = ""
) -> Response[str]:
    """What somebody who types may want, as links below the field."""
    async with database.reading(actor) as db:
        found = await actions.suggest(db, q)
    chosen = [(one, _path_of(one, page.locale)) for one in found]
    return render("search/suggestions.html", page, found=chosen, labels=SUGGESTED)


def _path_of(one: Suggestion, locale: str) -> str:
    if one.kind is SuggestionKind.BELT:
        return f"/belts/{quote(one.value, safe='')}"
    if one.kind is SuggestionKind.CATEGORY:
        return with_query("/find", q=one.value, category=one.value)
    return with_query("/find", q=local_name(locale, one.text, one.text_zh))


@get("/find/compare")
async def compare_page(
    database: Database, actor: Actor, page: PageContext, sku: list[str] | None = None
) -> Response[str]:
    """Up to five SKUs side by side: maker, terms to buyers, size and class."""
    async with database.reading(actor) as db:
        rows = [await catalog.get_sku(db, code) for code in (sku or [])[:COMPARED_MAX]]
        offers = await catalog.list_offers(
            db, [row.id for row in rows], audience="BUYERS", on=page.today
        )
        makers = await suppliers.list_suppliers_by_code(
            db, codes=sorted({row.supplier for row in rows}), limit=COMPARED_MAX
        )
    return render(
        "search/compare.html", page, rows=rows, availability=AVAILABILITY,
        offers={key: found[0] for key, found in offers.items() if found},
        makers={maker.code: maker for maker in makers},
    )  # fmt: skip


PAGES = (search_page, send_photo, suggest, compare_page)
