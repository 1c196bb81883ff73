"""Invoices, credit notes and statements: the list of them, and each as PDF."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get
from litestar.params import Parameter

from beltline.accounts.actions.legal import list_missing
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.web.downloads import download
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.ledger import actions
from beltline.ledger.adapters.words import PAPERS
from beltline.ledger.queries import papers as queries

Language = Literal["en", "zh"]
Words = Annotated[str, Parameter(max_length=120)]


@get("/papers")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    kind: str = "",
    q: Words = "",
    after: str = "",
) -> Response[str]:
    """Papers, newest first; for the operator those of all buyers."""
    kind = kind if kind in PAPERS else ""
    q = q.replace("\0", "").strip()
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_papers(
            db, kind=kind or None, reference=q or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        missing = await list_missing(db, actor, now=page.now)
    shown, following = cut(rows, lambda row: (row.issued_at, row.id))
    view = View("/papers", {"kind": kind, "q": q})
    tabs = [(page.gettext("All"), view.but(kind=""), not kind)]
    tabs += [
        (page.gettext(text), view.but(kind=name), name == kind) for name, text in PAPERS.items()
    ]
    return render(
        "ledger/papers.html", page, rows=shown, following=following, after=after, view=view,
        tabs=tabs, kinds=PAPERS, Money=Money, is_operator=actor.org_kind == "OPERATOR",
        missing=missing,
    )  # fmt: skip


@get("/papers/{paper_id:str}/pdf")
async def paper_file(
    paper_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    lang: Language | None = None,
) -> Response[bytes]:
    """A paper on A4."""
    found = read_id("ppr", paper_id)
    return download(
        await actions.print_paper(database, actor, paper_id=found, locale=lang or page.locale)
    )


PAGES = (list_page, paper_file)
