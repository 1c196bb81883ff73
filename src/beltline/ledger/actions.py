"""Use cases of money that are no part of an order."""

import asyncio
import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.web.downloads import PrintedFile
from beltline.ledger import store
from beltline.ledger.adapters import bankfiles, sheets
from beltline.ledger.queries import papers, settlements
from beltline.ledger.types import (
    BankEntry,
    Earning,
    Loss,
    PaperDetail,
    Settlement,
    SettlementItem,
    StatedEntry,
)

StatementFormat = Literal["csv", "xlsx", "pdf"]
MARGIN_PPM: Final = 5_000
"""Of what is exchanged, in parts of a million."""
LINES_MAX: Final = 1_000_000
"""Of a statement's file: what a sheet holds."""
PRINTED_ENTRIES_MAX: Final = 500
"""Of a statement on paper, some ten pages; more are summed up by day."""
SEAL_AFTER: Final = dt.timedelta(minutes=10)
"""Far more than any transaction lasts, so that nothing enters an hour after its seal."""

_NAMESPACE = UUID("3b1c9f52-0a4e-4a6b-8a77-51c2d9e0f6a3")


async def deposit_once(
    db: Writer,
    actor: Actor,
    *,
    for_org_id: UUID,
    amount: int,
    currency: str,
    reference: str,
    now: dt.datetime,
) -> bool:
    """Credit a buyer with money it paid in, known by the bank's `reference`.

    `amount` is in minor units. False when this reference was booked for this buyer before.
    """
    actor.needs_operator()
    known_as = uuid.uuid5(_NAMESPACE, f"{for_org_id} {currency} {reference}")
    booked = await store.deposit_once(
        db, org_id=for_org_id, operator_org_id=actor.org_id, amount=amount, currency=currency,
        reference=reference, reference_id=known_as, now=now,
    )  # fmt: skip
    if booked:
        await accounts.record_audit(
            db, actor, action="deposit", object_="balance", object_id=for_org_id,
            change={"amount": amount, "currency": currency, "reference": reference}, now=now,
        )  # fmt: skip
    return booked


async def set_credit_line(
    db: Writer,
    actor: Actor,
    *,
    for_org_id: UUID,
    currency: str,
    limit: int,
    due_day: int,
    late_fee_ppm: int,
    now: dt.datetime,
) -> None:
    """Open a buyer's line of credit, or change it.

    `limit` is in minor units; a month's orders are due on `due_day` of the next month; of what is
    late a fee of `late_fee_ppm` parts in a million is added once.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.set_credit_line(
        db, actor, org_id=for_org_id, currency=currency, limit=limit, due_day=due_day,
        late_fee_ppm=late_fee_ppm, now=now,
    )  # fmt: skip


async def repay_credit(
    db: Writer, actor: Actor, *, currency: str, amount: int, now: dt.datetime
) -> None:
    """Repay what is owed on credit from the balance: late fees, then the oldest statement."""
    actor.needs_role("FINANCE", "BUYER")
    await store.repay_credit(db, actor, currency=currency, amount=amount, now=now)


async def close_month(db: Writer, actor: Actor, *, month: dt.date, now: dt.datetime) -> int:
    """Draw up the statements of a month that has ended; how many. Twice is once."""
    actor.needs_operator()
    return await store.make_statements(db, actor, month=month, now=now)


async def issue_statements(
    db: Writer, actor: Actor, *, month: dt.date, limit: int, now: dt.datetime
) -> int:
    """Issue statements of a month that has ended, of up to `limit` accounts; how many."""
    actor.needs_operator()
    return await store.issue_statements(db, actor, month=month, limit=limit, now=now)


async def mark_overdue(db: Writer, actor: Actor, *, now: dt.datetime) -> int:
    """Add late fees to statements past their day and suspend their lines; how many."""
    actor.needs_operator()
    return await store.mark_overdue(db, actor, now=now)


async def assign_incoming(
    db: Writer, actor: Actor, *, incoming_id: UUID, org_id: UUID, now: dt.datetime
) -> None:
    """Say whose money an unmatched payment is: it goes to that buyer's balance."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.assign_incoming(db, actor, incoming_id=incoming_id, org_id=org_id, now=now)


async def reverse_incoming(
    db: Writer, actor: Actor, *, source: str, external_id: str, now: dt.datetime
) -> int:
    """Take back what a bank or a card's holder took back; the loss in minor units."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    return await store.reverse_incoming(db, actor, source=source, external_id=external_id, now=now)


async def exchange(
    db: Writer,
    actor: Actor,
    *,
    from_currency: str,
    to_currency: str,
    amount: int,
    rate: Decimal,
    rate_source: str,
    now: dt.datetime,
) -> int:
    """Change money of the acting buyer's balance into another currency; what it got.

    Amounts in minor units. `rate` is units of `to_currency` for one of `from_currency`,
    `rate_source` says whose and of which day; a margin of MARGIN_PPM is kept.
    """
    actor.needs_role("FINANCE", "BUYER")
    return await store.exchange(
        db, actor, from_currency=from_currency, to_currency=to_currency, amount=amount, rate=rate,
        reference=rate_source, margin_ppm=MARGIN_PPM, now=now,
    )  # fmt: skip


async def seal(db: Writer, actor: Actor, *, now: dt.datetime) -> int:
    """Seal the hours whose transactions have surely ended; how many, a day's at most."""
    actor.needs_operator()
    return await store.seal_hours(
        db, operator_org_id=actor.org_id, until=now - SEAL_AFTER, limit=24, now=now
    )


async def earn(db: Writer, actor: Actor, earnings: Sequence[Earning], *, now: dt.datetime) -> int:
    """Book what suppliers earned and what is taken back; how many are new. Twice is once."""
    actor.needs_operator()
    return await store.earn(db, actor, earnings, now) if earnings else 0


async def write_off(db: Writer, actor: Actor, losses: Sequence[Loss], *, now: dt.datetime) -> int:
    """Book what seized goods cost the network as such; how many are new. Twice is once."""
    actor.needs_operator()
    return await store.write_off(db, actor, losses, now) if losses else 0


async def settle(db: Writer, actor: Actor, *, until: dt.datetime, now: dt.datetime) -> int:
    """State what each supplier earned and owes until an instant; how many statements.

    Sales without a rate of their day wait. What is below 0 is carried into the next statement.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    return await store.settle(db, actor, until=min(until, now), now=now)


async def set_commission(
    db: Writer,
    actor: Actor,
    *,
    supplier_org_id: UUID | None,
    rate_ppm: int,
    valid_from: dt.date,
    valid_until: dt.date | None,
    note: str,
    now: dt.datetime,
) -> None:
    """Set the share of sales the network keeps from a day on; of all suppliers without a name."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.set_commission(
        db, actor, supplier_org_id=supplier_org_id, rate_ppm=rate_ppm, valid_from=valid_from,
        valid_until=valid_until, note=note.strip(), now=now,
    )  # fmt: skip


async def ask_payout(
    db: Writer, actor: Actor, *, settlement_id: UUID, now: dt.datetime
) -> Settlement:
    """Ask for a statement to be paid; a second person decides."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.ask_payout(db, actor, settlement_id, now)
    return await settlements.get_settlement(db, settlement_id)


async def decide_payout(
    db: Writer,
    actor: Actor,
    *,
    settlement_id: UUID,
    is_approved: bool,
    reference: str,
    now: dt.datetime,
) -> Settlement:
    """Pay out what was asked for, under the bank's name for it, or give it back.

    Refuses who asked for it.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.decide_payout(
        db, actor, settlement_id, is_approved=is_approved, reference=reference.strip(), now=now
    )
    return await settlements.get_settlement(db, settlement_id)


def read_bank_file(content: bytes) -> list[BankEntry]:
    """The money that came in by a bank's statement, camt.053 or CSV. Refuses it whole."""
    return bankfiles.read_statement(content)


async def print_paper(
    database: Database, actor: Actor, *, paper_id: UUID, locale: str
) -> PrintedFile:
    """An invoice, credit note or statement on A4; one of very many entries sums them up by day."""
    async with database.reading(actor) as db:
        found = await papers.get_paper(db, paper_id)
        sums = found.content.sums
        if sums is None:
            entries = []
        elif sums.entries <= PRINTED_ENTRIES_MAX:
            entries = await papers.list_stated(db, paper_id, limit=PRINTED_ENTRIES_MAX)
        else:
            entries = await papers.list_days(db, paper_id)
    return await print_detail(found, entries, locale=locale)


async def print_detail(
    found: PaperDetail, entries: Sequence[StatedEntry], *, locale: str
) -> PrintedFile:
    """A paper on A4; `entries` are those of a statement."""
    content = await asyncio.to_thread(_draw, found, entries, locale)
    return PrintedFile(f"{found.number}.pdf", "application/pdf", content)


def _draw(found: PaperDetail, entries: Sequence[StatedEntry], locale: str) -> bytes:
    # With the first page come fonts, pictures and NumPy, which a web process starts without.
    from beltline.ledger.adapters import papers as drawing  # noqa: PLC0415 - loaded when asked for

    return drawing.paper_pdf(found, entries, locale=locale)


async def write_statement(
    database: Database,
    actor: Actor,
    *,
    settlement_id: UUID,
    file_format: StatementFormat,
    locale: str,
) -> PrintedFile:
    """A supplier's statement as a sheet, or on A4; there very many lines are summed up by kind."""
    async with database.reading(actor) as db:
        statement = await settlements.get_settlement(db, settlement_id)
        items = await settlements.list_items(db, settlement_id, limit=LINES_MAX)
    name = f"{statement.number}.{file_format}"
    if file_format == "pdf":
        content = await asyncio.to_thread(_draw_settlement, statement, items, locale)
        return PrintedFile(name, "application/pdf", content)
    content = await asyncio.to_thread(sheets.write, statement, items, file_format)
    return PrintedFile(name, sheets.FORMATS[file_format], content)


def _draw_settlement(statement: Settlement, items: Sequence[SettlementItem], locale: str) -> bytes:
    # As for other papers: loaded when asked for.
    from beltline.ledger.adapters import papers as drawing  # noqa: PLC0415

    is_short = len(items) <= PRINTED_ENTRIES_MAX
    return drawing.settlement_pdf(statement, items, locale=locale, is_summed=not is_short)
