"""Views of lists: kept from any list, chosen above it, all of them on a page."""

import datetime as dt
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import QueryParameter

from beltline.accounts import queries
from beltline.accounts.actions import views as actions
from beltline.accounts.pages.shared import WebRequest
from beltline.accounts.types import Role
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.web.acts import form_of, said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render, safe_next

Address = Annotated[str, QueryParameter(max_length=1300)]

SAID: Final = {
    "deleted": N_("The view is deleted."),
}


@get("/views")
async def views_page(
    database: Database, actor: Actor, page: PageContext, done: str = ""
) -> Response[str]:
    """Every view that the member sees, by list."""
    async with database.reading(actor) as db:
        rows = await queries.list_views(db, actor.org_id, actor.via_id)
    return render(
        "accounts/views.html", said(page, done, SAID), rows=rows, may_share=may_share(actor)
    )


@get("/views/bar")
async def views_bar(
    database: Database, actor: Actor, page: PageContext, view: Address = ""
) -> Response[str]:
    """The views of a list, as a part of its page; `view` is the list's present address."""
    path, _, query = safe_next(view).partition("?")
    query = actions.kept_query(query)
    async with database.reading(actor) as db:
        rows = await queries.list_views(db, actor.org_id, actor.via_id, path=path)
    return render(
        "accounts/views_bar.html", page, rows=rows, path=path, query=query,
        is_kept=any(row.query == query for row in rows), may_share=may_share(actor),
    )  # fmt: skip


@post("/views")
async def keep_view(
    request: WebRequest, database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Keep what a list shows under a name, and show it."""
    form = await form_of(request)
    async with database.writing(actor) as db:
        kept = await actions.keep_view(
            db, actor, path=form.get("path", ""), query=form.get("query", ""),
            name=form.get("name", ""), is_shared=form.get("shared") == "1", now=now,
        )  # fmt: skip
    return to(kept.address)


@post("/views/{view_id:str}/delete")
async def delete_view(
    view_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Forget a view."""
    async with database.writing(actor) as db:
        await actions.delete_view(db, actor, read_id("view", view_id), now=now)
    return to("/views?done=deleted")


def may_share(actor: Actor) -> bool:
    """Whether the member may keep and delete views for all."""
    return actor.role != Role.VIEWER


PAGES = (views_page, views_bar, keep_view, delete_view)
