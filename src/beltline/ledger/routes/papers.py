"""`/v1/ledger/papers`: invoices, credit notes and statements, as data and as PDF."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from beltline.accounts.types.legal import PaperParty
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.downloads import download
from beltline.ledger import actions
from beltline.ledger.queries import papers as queries
from beltline.ledger.types import Paper, PaperCredit, PaperDetail, PaperLine, PaperSums

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Kind = Literal["INVOICE", "CREDIT_NOTE", "ACCOUNT_STATEMENT", "CREDIT_STATEMENT"]
Language = Literal["en", "zh"]


class PaperRow(msgspec.Struct, frozen=True):
    """A paper as it was issued, in minor units; `order_id` of an invoice or credit note.

    `total` is what is billed or given back; of a statement what stands at the end of its `month`.
    """

    id: str
    number: str
    kind: str
    org: str
    reference: str
    order_id: str | None
    month: dt.date | None
    currency: str
    total: int
    issued_on: dt.date
    issued_at: dt.datetime


class PaperShown(PaperRow, frozen=True):
    """A paper with its parties as they were named, and its lines or its sums."""

    seller: PaperParty
    buyer: PaperParty
    lines: list[PaperLine]
    corrects: list[str]
    sums: PaperSums | None
    credit: PaperCredit | None
    due_on: dt.date | None


class PaperList(msgspec.Struct, frozen=True):
    """One page of papers, newest first."""

    items: list[PaperRow]
    next_cursor: str | None


class StatedLine(msgspec.Struct, frozen=True):
    """An entry of a statement, in minor units; of a line of credit above 0 when more is owed."""

    at: dt.datetime
    kind: str
    reference: str
    amount: int


class StatedLines(msgspec.Struct, frozen=True):
    """One page of the entries of a statement, oldest first."""

    items: list[StatedLine]
    next_cursor: str | None


@get("/v1/ledger/papers", summary="Invoices, credit notes and statements")
async def list_papers(
    *,
    database: Database,
    actor: Actor,
    kind: Kind | None = None,
    reference: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> PaperList:
    """The buyer's own or, for the operator, all; `reference` is a number or a buyer's code."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_papers(
            db, kind=kind, reference=reference,
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.issued_at, row.id))
    return PaperList([row_of(row) for row in shown], following)


@get("/v1/ledger/papers/{paper_id:str}", summary="One invoice, credit note or statement")
async def get_paper(paper_id: str, database: Database, actor: Actor) -> PaperShown:
    """All that stands on it, as it was issued; nothing of it ever changes."""
    actor.needs_scope("ledger:read")
    async with database.reading(actor) as db:
        return _shown(await queries.get_paper(db, read_id("ppr", paper_id)))


@get("/v1/ledger/papers/{paper_id:str}/entries", summary="The entries of a statement")
async def list_entries(
    paper_id: str,
    database: Database,
    actor: Actor,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> StatedLines:
    """What moved in its month; they come to its sums."""
    actor.needs_scope("ledger:read")
    found = read_id("ppr", paper_id)
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        await queries.get_paper(db, found)
        rows = await queries.list_stated(
            db, found, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.at, row.id))
    return StatedLines(
        [StatedLine(row.at, row.kind, row.reference, row.amount) for row in shown], following
    )


@get("/v1/ledger/papers/{paper_id:str}/pdf", summary="A paper as PDF", media_type="application/pdf")
async def get_pdf(
    paper_id: str, database: Database, actor: Actor, lang: Language = "en"
) -> Response[bytes]:
    """The same on A4, in English or Chinese."""
    actor.needs_scope("ledger:read")
    return download(
        await actions.print_paper(database, actor, paper_id=read_id("ppr", paper_id), locale=lang)
    )


def row_of(paper: Paper) -> PaperRow:
    """A paper as the API lists it."""
    return PaperRow(
        show_id("ppr", paper.id), paper.number, paper.kind, paper.org, paper.reference,
        show_id("ord", paper.reference_id) if paper.month is None else None, paper.month,
        paper.currency, paper.total, paper.issued_on, paper.issued_at,
    )  # fmt: skip


def _shown(paper: PaperDetail) -> PaperShown:
    content = paper.content
    return PaperShown(
        **msgspec.structs.asdict(row_of(paper)), seller=content.seller, buyer=content.buyer,
        lines=content.lines, corrects=content.corrects or [], sums=content.sums,
        credit=content.credit, due_on=paper.due_on,
    )  # fmt: skip


ROUTES = (list_papers, get_paper, list_entries, get_pdf)
