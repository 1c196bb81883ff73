"""Saved searches on the console: keep one, see what has come, pause, rename, delete."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Reader, Writer
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.search.actions import saved as actions
from beltline.search.pages.forms import AVAILABILITY, wishes_of
from beltline.search.queries import saved as queries
from beltline.search.types import Saved, SavedState, Wishes
from beltline.suppliers import queries as suppliers

NAME_MOST: Final = 120
STATES: Final = {
    SavedState.ACTIVE: (N_("watched"), "ok"), SavedState.PAUSED: (N_("paused"), "mute"),
}  # fmt: skip
SAID: Final = {
    "saved": N_("The search is saved. Goods that come to answer it are told of here."),
    "renamed": N_("The search has another name."),
    "paused": N_("Nothing more is told of until you go on."),
    "resumed": N_("Goods that come to answer from now on are told of again."),
    "deleted": N_("The search is deleted."),
}


@get("/find/saved")
async def list_page(
    database: Database, actor: Actor, page: PageContext, after: str = "", done: str = ""
) -> Response[str]:
    """The organization's saved searches, the latest first, with what is new of each."""
    before = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        found = await queries.list_saved(
            db, after=(before[0], before[1]) if before else None, limit=PAGE_ROWS + 1
        )
        names = await _names(db, page.locale, [row.wishes for row in found])
    rows, following = cut(found, lambda row: (row.created_at, row.id))
    return render(
        "search/saved.html", said(page, done, SAID), rows=rows, following=following, after=after,
        view=View("/find/saved"), states=STATES, availability=AVAILABILITY, names=names,
    )  # fmt: skip


@post("/find/saved")
async def save_search(
    request: Request[Any, Any, State], database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Keep the search that a page of answers shows, under a name or its own words."""
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    question = form.get("q", "")[:400]
    name = (form.get("name") or question)[:NAME_MOST]
    async with database.writing(actor) as db:
        kept = await actions.save(
            db, actor, name=name, question=question, wishes=wishes_of(form), now=now
        )
    return to(f"/find/saved/{show_id('sav', kept.id)}?done=saved")


@get("/find/saved/{saved_id:str}")
async def saved_page(
    *, saved_id: str, database: Database, actor: Actor, page: PageContext, after: str = "",
    done: str = "",
) -> Response[str]:  # fmt: skip
    """One saved search, and the goods that have come to answer it, the latest first."""
    before = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        saved = await queries.get_saved(db, read_id("sav", saved_id))
        found = await queries.list_alerts(
            db, saved.id, after=(before[0], before[1]) if before else None, limit=PAGE_ROWS + 1
        )
        names = await _names(db, page.locale, [saved.wishes])
    rows, following = cut(found, lambda row: (row.told_at, row.sku_id))
    return render(
        "search/saved_one.html", said(page, done, SAID), saved=saved, rows=rows,
        following=following, after=after, view=View(page.path), states=STATES,
        availability=AVAILABILITY, names=names, search_path=_search_path(saved),
        name_most=NAME_MOST,
    )  # fmt: skip


@post("/find/saved/{saved_id:str}/{act:str}")
async def change(
    *, saved_id: str, act: str, request: Request[Any, Any, State], database: Database,
    actor: Actor, now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Rename, pause, go on, delete, or say that what came was seen."""
    found = read_id("sav", saved_id)
    name = str((await request.form()).get("name", "")).strip()[:NAME_MOST]
    async with database.writing(actor) as db:
        done = await _change(db, actor, found, act, name, now)
    if act == "delete":
        return to(f"/find/saved?done={done}")
    return to(with_query(f"/find/saved/{saved_id}", done=done))


async def _change(
    db: Writer, actor: Actor, saved_id: UUID, act: str, name: str, now: dt.datetime
) -> str:
    """What is said of it on the next page."""
    if act == "rename" and name:
        await actions.rename(db, actor, saved_id, name, now=now)
        return "renamed"
    if act == "pause":
        await actions.pause(db, actor, saved_id, now=now)
        return "paused"
    if act == "resume":
        await actions.resume(db, actor, saved_id, now=now)
        return "resumed"
    if act == "delete":
        await actions.delete(db, actor, saved_id, now=now)
        return "deleted"
    if act == "seen":
        await actions.mark_seen(db, saved_id, now=now)
        return ""
    raise NotFound(what="act", key=act[:60], param="act")


async def _names(db: Reader, locale: str, wishes: list[Wishes]) -> dict[str, dict[str, str]]:
    """What belts and makers that searches are narrowed to are called."""
    codes = sorted({one.supplier for one in wishes if one.supplier})
    makers = await suppliers.list_suppliers_by_code(db, codes=codes, limit=len(codes) or 1)
    belts = await suppliers.list_belts_in_use(db) if any(one.belt for one in wishes) else []
    return {
        "supplier": {m.code: local_name(locale, m.name, m.name_zh) for m in makers},
        "belt": {b.id: local_name(locale, b.name_en, b.name_zh) for b in belts},
    }


def _search_path(saved: Saved) -> str:
    """The page that shows all goods which answer now."""
    wishes = saved.wishes
    price = "" if wishes.price_max is None else f"{wishes.price_max:f}"
    return with_query(
        "/find", q=saved.question, quantity=str(wishes.quantity) if wishes.quantity > 1 else "",
        price=price, moq=str(wishes.moq_max or ""), availability=wishes.availability or "",
        category=wishes.category or "", supplier=wishes.supplier or "", belt=wishes.belt or "",
        tier=wishes.tier or "",
    )  # fmt: skip


PAGES = (list_page, save_search, saved_page, change)
