"""How long stages and roads were measured to take, beside what was planned."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from beltline.fulfillment.pages import words
from beltline.fulfillment.queries import times as queries
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut

Words = Annotated[str, QueryParameter(max_length=20)]


@get("/times")
async def list_page(
    *, database: Database, actor: Actor, page: PageContext, kind: Words = "", after: str = ""
) -> Response[str]:
    """Measured times by stage, and who they are of."""
    actor.needs_operator()
    position = decode_cursor(after, str, str, str)
    labels = {**words.STAGES, **words.SPANS}
    async with database.reading(actor) as db:
        rows = await queries.list_stage_times(
            db, kind=kind,
            after=(position[0], position[1], position[2]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.kind, row.party, row.country))
    return render(
        "fulfillment/times.html", page, rows=shown, following=following, after=after,
        labels=labels, view=View("/times", {"kind": kind}),
        kinds=[(name, page.gettext(text)) for name, text in labels.items()],
    )  # fmt: skip


PAGES = (list_page,)
