"""Use cases of orders: preview, place, pay, amend, cancel; one, or many at once."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.catalog import queries as catalog
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.gathering import Gatherers
from beltline.kit.idempotency import Answer, body_hash
from beltline.kit.ids import new_id, show_id
from beltline.kit.web.downloads import PrintedFile
from beltline.ledger import actions as ledger_actions
from beltline.ledger import queries as ledger
from beltline.ledger.queries import papers
from beltline.ledger.types import Paper
from beltline.orders import queries, store
from beltline.orders.actions import landed
from beltline.orders.queries import papers as paper_queries
from beltline.orders.rules import papers as paper_rules
from beltline.orders.rules import sheets
from beltline.orders.types import (
    AmendBody,
    Assurance,
    BankFileResult,
    Claim,
    ClaimAnswer,
    ClaimBody,
    ClaimCase,
    EvidenceNeeded,
    OrderBody,
    PayBody,
    Payment,
    PaymentBodyIn,
    Purchased,
    Quote,
    RowResult,
    SheetResult,
)

PAPERS_MAX: Final = 250
"""Of one order that are listed."""
TOGETHER_MAX: Final = 64
"""Orders of one transaction at most: more would keep the next ones waiting too long."""

_BUYING: Final = frozenset({"BUYER", "AGENT"})


async def _place_together(
    database: Database, asked: Sequence[store.Placement]
) -> list[store.Placed]:
    return await database.call(lambda db: store.place_orders(db, asked))


_placing: Final = Gatherers(_place_together, size=TOGETHER_MAX, at_once=2, crowd=16)


async def preview_order(
    database: Database, actor: Actor, order: OrderBody, *, now: dt.datetime
) -> Quote:
    """What an order would be now: prices, nodes, promise, and what is known of its costs.

    Reserves nothing; raises the refusal that placing it would raise, except for money.
    """
    needs_buyer(actor)
    async with database.one_call() as db:
        quote = await store.preview_order(db, actor, order=order, now=now)
    total = quote["total"]
    costs = landed.price(quote.pop("landed"), total=total["amount"], currency=total["currency"])
    return msgspec.convert({**quote, "costs": costs}, Quote)


async def place_order(
    database: Database, actor: Actor, order: OrderBody, *, key: str, now: dt.datetime
) -> Answer:
    """Reserve the stock, hold the money, record event and audit.

    All in one transaction with the key's row: the same key gives the same answer and no second
    effect. A refusal is an answer too; `Answer.unwrap` raises it. Orders that come in while
    others are under way are placed together in one transaction.
    """
    needs_buyer(actor)
    placed = await _placing.of(database).one(
        store.Placement(actor, key, body_hash(order), order, now)
    )
    if placed.raise_ is not None:
        raise Refusal.from_code(placed.raise_["code"], dict(placed.raise_["fields"]))
    return Answer(placed.status, placed.response, placed.replayed)


async def place_bulk(
    database: Database, actor: Actor, orders: Sequence[OrderBody], *, key: str, now: dt.datetime
) -> Answer:
    """Place many orders in one transaction, each placed or refused on its own.

    The response is `{"results": [{index, id} | {index, code, fields}]}` in the order sent.
    """
    needs_buyer(actor)
    digest = body_hash(orders)
    return await database.call(
        lambda db: store.place_bulk(db, actor, key=key, digest=digest, orders=orders, now=now)
    )


async def place_sheet(
    database: Database, actor: Actor, file: Path, *, name: str, key: str, now: dt.datetime
) -> SheetResult:
    """Place the orders of a CSV or XLSX file; a result for every row.

    Rows of one reference are one order. One with a bad row is left out as a whole, the others are
    placed or refused each on its own; the same key again gives the same result.
    """
    needs_buyer(actor)
    orders, problems = await asyncio.to_thread(_read_sheet, file, name)
    rows = [RowResult(p.row, p.reference, problem=p.detail) for p in problems]
    if orders:
        bodies = [order.body for order in orders]
        answer = (await place_bulk(database, actor, bodies, key=key, now=now)).unwrap()
        for order, result in zip(orders, answer.response["results"], strict=True):
            rows += _row_results(order, result)
    placed = len({row.id for row in rows if row.id is not None})
    return SheetResult(placed, sorted(rows, key=lambda row: row.row))


def _read_sheet(file: Path, name: str) -> tuple[list[sheets.SheetOrder], list[sheets.RowProblem]]:
    # Loaded when a file comes: the web process does without until then.
    from beltline.kit.sheets.reading import read_table  # noqa: PLC0415
    from beltline.kit.sheets.types import ROW  # noqa: PLC0415

    table = read_table(file, name=name)
    texts = [
        (row[ROW], {header: None if cell is None else str(cell) for header, cell in row.items()})
        for row in table.frame.iter_rows(named=True)
    ]
    return sheets.read_orders(table.headers, texts)


def _row_results(order: sheets.SheetOrder, result: dict[str, Any]) -> list[RowResult]:
    reference = order.body.reference
    if "code" not in result:
        return [RowResult(row, reference, id=result["id"]) for row in order.rows]
    refusal = Refusal.from_code(result["code"], dict(result["fields"]))
    return [RowResult(row, reference, problem=refusal.message) for row in order.rows]


async def cancel_order(
    database: Database, actor: Actor, order_id: UUID, *, key: str, now: dt.datetime
) -> Answer:
    """Give back the stock and the money of an order of which nothing has left.

    The buyer and the operator may; to everybody else the order does not exist.
    """
    return await _change(database, actor, "orders.cancel", order_id, {}, key=key, now=now)


async def pay_order(
    database: Database,
    actor: Actor,
    order_id: UUID,
    body: PayBody,
    *,
    key: str,
    now: dt.datetime,
) -> Answer:
    """Pay an order that waits for its money, from the buyer's balance or line of credit.

    One that was paid a deposit of is paid the balance of what is made, or all of it while nothing
    is.
    """
    return await _change(database, actor, "orders.pay", order_id, body, key=key, now=now)


async def amend_order(
    database: Database,
    actor: Actor,
    order_id: UUID,
    body: AmendBody,
    *,
    key: str,
    now: dt.datetime,
) -> Answer:
    """Change or cancel lines of which nothing has left; stock and money follow exactly."""
    return await _change(database, actor, "orders.amend", order_id, body, key=key, now=now)


async def receive_payment(
    db: Writer, actor: Actor, payment: PaymentBodyIn, *, now: dt.datetime
) -> Payment:
    """Money came from outside: to the balance of the buyer whose order it names, and pay that.

    The same (source, external_id) again has no second effect.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    kept = await store.receive_payment(db, actor, payment, now)
    order_id = kept.pop("reference_id")
    shown = show_id("pay", UUID(kept.pop("id")))
    order = show_id("ord", UUID(order_id)) if order_id else None
    return msgspec.convert({**kept, "id": shown, "order_id": order}, Payment)


async def take_bank_file(
    db: Writer, actor: Actor, content: bytes, *, bank: str, now: dt.datetime
) -> BankFileResult:
    """Book the credits of a bank's statement (camt.053 or CSV), all or none; twice is once.

    Each pays the order whose number or proforma its text names, as a payment told by API does.
    `bank` is the account the statement is of.
    """
    actor.needs_operator()
    actor.needs_role("FINANCE")
    source, known, payments = f"bank {bank}", 0, []
    for entry in ledger_actions.read_bank_file(content):
        known += await ledger.find_incoming(db, source, entry.external_id) is not None
        told = PaymentBodyIn(
            source, entry.external_id, entry.amount, entry.currency, entry.reference
        )
        payments.append(await receive_payment(db, actor, told, now=now))
    states = Counter(payment.state for payment in payments)
    return BankFileResult(states["PAID"], states["CREDITED"], states["UNMATCHED"], known, payments)


async def expire_orders(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """End unpaid orders whose time is over and give their stock back; how many."""
    actor.needs_operator()
    return await store.expire_orders(db, actor, limit=limit, now=now)


async def allocate_waiting(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Give stock that has come to orders that wait for it, the oldest first; how many got any."""
    actor.needs_operator()
    return await store.allocate_waiting(db, actor, limit=limit, now=now)


async def purchase_parts(
    db: Writer,
    actor: Actor,
    *,
    cut_off: dt.datetime,
    after: UUID | None = None,
    limit: int,
    now: dt.datetime,
) -> Purchased:
    """Ask factories for what paid orders, placed before the cut-off, have standing with them.

    One purchase for each supplier, place and currency; of the next `limit` suppliers after one.
    """
    actor.needs_operator()
    return await store.purchase_parts(
        db, actor, cut_off=cut_off, after=after or UUID(int=0), limit=limit, now=now
    )


async def lose_purchase(
    db: Writer, actor: Actor, *, purchase_id: UUID, now: dt.datetime, is_silent: bool = False
) -> int:
    """A factory will not send: each order does what its buyer decided; how many orders.

    One that `is_silent` is asked again with the next purchase, whatever was decided.
    """
    actor.needs_operator()
    return await store.lose_purchase(db, actor, purchase_id, now, is_silent=is_silent)


async def open_claim(
    db: Writer, actor: Actor, *, order_id: UUID, body: ClaimBody, now: dt.datetime
) -> Claim:
    """Ask money of a paid order back; from now on it is frozen until the claim has ended."""
    needs_buyer(actor)
    claim_id = new_id()
    await store.open_claim(db, actor, claim_id, order_id, body, now)
    return await queries.get_claim(db, claim_id)


async def answer_claim(
    db: Writer, actor: Actor, *, claim_id: UUID, answer: ClaimAnswer, now: dt.datetime
) -> Claim:
    """Refund all or a part of what a claim asks, to the minor unit, or reject it."""
    actor.needs_operator()
    actor.needs_role("FINANCE", "PLANNER")
    await store.answer_claim(db, actor, claim_id, answer, now)
    return await queries.get_claim(db, claim_id)


async def withdraw_claim(db: Writer, actor: Actor, *, claim_id: UUID, now: dt.datetime) -> Claim:
    """The buyer takes its claim back; the order's money moves again."""
    needs_buyer(actor)
    await store.withdraw_claim(db, actor, claim_id, now)
    return await queries.get_claim(db, claim_id)


async def answer_case(
    db: Writer, actor: Actor, *, case_id: UUID, evidence: str, now: dt.datetime
) -> ClaimCase:
    """What the acting supplier says to a claim on its goods, once and before the claim's time."""
    if not evidence.strip():
        raise EvidenceNeeded(param="evidence")
    await store.answer_case(db, actor, case_id, evidence.strip(), now)
    return await queries.get_case(db, actor, case_id)


async def default_claims(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Grant claims that nobody answered in time; how many."""
    actor.needs_operator()
    return await store.default_claims(db, actor, limit=limit, now=now)


async def confirm_receipt(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> None:
    """All has come and is as it should be: the order's money goes to the seller. Twice is once."""
    needs_buyer(actor)
    await store.confirm_receipt(db, actor, order_id, now)


async def release_due(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Release the money of orders whose receipt counts as confirmed by now; of how many."""
    actor.needs_operator()
    return await store.release_due(db, actor, limit=limit, now=now)


async def bill_orders(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Issue the invoices and credit notes that orders lack, of up to `limit`; of how many."""
    actor.needs_operator()
    return await store.bill_orders(db, actor, limit=limit, now=now)


async def ask_invoice(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> list[Paper]:
    """Issue the papers a paid order lacks now, before it has left; all of its papers."""
    actor.needs_role("BUYER", "FINANCE")
    await store.ask_invoice(db, actor, order_id, now)
    return await papers.list_papers(db, reference_id=order_id, limit=PAPERS_MAX)


async def print_proforma(
    database: Database, actor: Actor, *, order_id: UUID, locale: str, now: dt.datetime
) -> PrintedFile:
    """The proforma of an order, or a balance, that waits for its money, on A4."""
    async with database.reading(actor) as db:
        order = await queries.get_order(db, order_id)
        skus = await catalog.skus_of(db, [line.sku for line in order.lines])
        # As they were when it was asked for: the same paper whenever it is printed.
        at = order.head.created_at if order.head.status == "PLACED" else now
        parties = await paper_queries.parties_at(db, order_id, at)
    found = paper_rules.proforma(order, skus, parties, now=now)
    return await ledger_actions.print_detail(found, [], locale=locale)


async def set_assurance(db: Writer, actor: Actor, *, rules: Assurance, now: dt.datetime) -> None:
    """Set how long money waits, for orders delivered and claims opened from now on."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    await store.set_assurance(db, actor, rules, now)


async def _change(
    database: Database,
    actor: Actor,
    operation: str,
    order_id: UUID,
    body: Any,
    *,
    key: str,
    now: dt.datetime,
) -> Answer:
    actor.needs_role("BUYER")
    digest = body_hash([order_id, body])
    return await database.call(
        lambda db: store.change_order(
            db, actor, operation, order_id, body, key=key, digest=digest, now=now
        )
    )


def needs_buyer(actor: Actor) -> None:
    """Refuse who buys nothing."""
    if actor.org_kind not in _BUYING:
        raise WrongRole(needed="a buyer or an agent", role=actor.org_kind)
    actor.needs_role("BUYER")
