"""`/v1/supplier-invoices`: what suppliers ask money for, matched with orders and receipts."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.procurement.actions import invoices as actions
from beltline.procurement.queries import invoices as queries
from beltline.procurement.types.invoices import (
    Difference,
    InvoiceBody,
    InvoiceState,
    SupplierInvoice,
    Tolerance,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class DecideBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the operator takes the invoice as it is; the supplier reads the note."""

    is_approved: bool
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=r"^[^\x00]*\Z")]


class InvoiceRow(msgspec.Struct, frozen=True):
    """An invoice and where it differs from its order and receipts."""

    id: str
    number: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    total: Money
    issued_date: dt.date
    state: InvoiceState
    differences: list[Difference]
    entered_at: dt.datetime
    decision_note: str
    decided_at: dt.datetime | None


class InvoicedLine(msgspec.Struct, frozen=True):
    """A line three times: agreed, received, invoiced; prices are exact decimal texts."""

    line_no: int
    sku: str
    agreed_unit_price: str
    agreed_quantity: int
    received_quantity: int
    quantity: int
    unit_price: str
    amount: int


class InvoiceAnswer(InvoiceRow, frozen=True):
    """One invoice with its lines."""

    lines: list[InvoicedLine]


class InvoiceList(msgspec.Struct, frozen=True):
    """One page of invoices, newest first."""

    items: list[InvoiceRow]
    next_cursor: str | None


@get("/v1/supplier-invoices", summary="List supplier invoices")
async def list_invoices(
    *,
    database: Database,
    actor: Actor,
    status: InvoiceState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> InvoiceList:
    """The operator's, or those of the calling supplier; DIFFERING ones wait for somebody."""
    actor.needs_scope("purchases:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_invoices(
            db, actor, state=status, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.entered_at, row.id))
    return InvoiceList([InvoiceRow(**_head(row)) for row in shown], following)


@get("/v1/supplier-invoices/{invoice_id:str}", summary="One supplier invoice")
async def get_invoice(invoice_id: str, database: Database, actor: Actor) -> InvoiceAnswer:
    """An invoice with its lines beside what was agreed and received."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        found = await queries.get_invoice(db, actor, read_id("inv", invoice_id))
        return await _detail(db, found)


@post("/v1/purchase-orders/{order_id:str}/invoices", summary="Enter a supplier invoice")
async def enter_invoice(
    *,
    order_id: str,
    data: InvoiceBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[InvoiceAnswer]:
    """Matches it with the order's prices and what was received; a difference waits for a person.

    More goods coming in are looked at by themselves.
    """
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        invoice = await actions.enter_invoice(db, actor, order_id=found, body=data, now=now)
        return 201, await _detail(db, invoice)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.invoice {order_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, InvoiceAnswer)


@post(
    "/v1/supplier-invoices/{invoice_id:str}/decide",
    summary="Decide a differing invoice",
    status_code=200,
)
async def decide_invoice(
    *,
    invoice_id: str,
    data: DecideBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[InvoiceAnswer]:
    """Takes it as it is, or sends it back."""
    actor.needs_scope("purchases:write")
    found = read_id("inv", invoice_id)

    async def act(db: Writer) -> tuple[int, Any]:
        invoice = await actions.decide_invoice(
            db, actor, invoice_id=found, is_approved=data.is_approved, note=data.note, now=now
        )
        return 200, await _detail(db, invoice)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"invoices.decide {invoice_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, InvoiceAnswer)


@get("/v1/match-tolerance", summary="How far invoices may differ")
async def get_tolerance(database: Database, actor: Actor) -> Tolerance:
    """Nothing, until the operator says otherwise."""
    actor.needs_scope("purchases:read")
    actor.needs_operator()
    async with database.reading(actor) as db:
        return await queries.get_tolerance(db, actor)


@put("/v1/match-tolerance", summary="Set how far invoices may differ")
async def set_tolerance(
    data: Tolerance, database: Database, actor: Actor, now: dt.datetime
) -> Tolerance:
    """Counts for invoices entered, or looked at again, from now on."""
    actor.needs_scope("purchases:write")
    async with database.writing(actor) as db:
        return await actions.set_tolerance(db, actor, tolerance=data, now=now)


def _head(invoice: SupplierInvoice) -> dict[str, Any]:
    return {
        "id": show_id("inv", invoice.id), "number": invoice.number,
        "purchase_order_id": show_id("po", invoice.purchase_order_id),
        "purchase_order": invoice.purchase_order, "supplier": invoice.supplier,
        "total": Money(invoice.total_amount, invoice.currency),
        "issued_date": invoice.issued_date, "state": invoice.state,
        "differences": invoice.differences, "entered_at": invoice.entered_at,
        "decision_note": invoice.decision_note, "decided_at": invoice.decided_at,
    }  # fmt: skip


async def _detail(db: Reader, invoice: SupplierInvoice) -> InvoiceAnswer:
    lines = [
        InvoicedLine(
            x.line_no, x.sku, decimal_text(x.agreed_unit_price), x.agreed_quantity,
            x.received_quantity, x.quantity, decimal_text(x.unit_price), x.amount,
        )
        for x in await queries.list_invoice_lines(db, invoice.id)
    ]  # fmt: skip
    return InvoiceAnswer(**_head(invoice), lines=lines)


ROUTES = (
    list_invoices, get_invoice, enter_invoice, decide_invoice, get_tolerance, set_tolerance,
)  # fmt: skip
