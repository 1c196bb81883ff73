"""Reads of suppliers' invoices; both parties of an order see them."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.procurement.types.invoices import (
    InvoiceState,
    SupplierInvoice,
    SupplierInvoiceLine,
    Tolerance,
)

_INVOICE = """
  select i.id, i.number, i.purchase_order_id, o.number as purchase_order, s.code as supplier,
         s.name as supplier_name, s.name_zh as supplier_name_zh, i.currency, i.issued_date,
         i.total_amount, i.state, i.differences, i.entered_by, i.entered_at, i.decided_by,
         i.decision_note, i.decided_at
    from procurement.supplier_invoice i
    join procurement.purchase_order o on o.id = i.purchase_order_id
    join accounts.organization s on s.id = i.supplier_org_id
"""
_PARTY = "$1 in (i.operator_org_id, i.supplier_org_id)"


async def get_invoice(db: Reader, actor: Actor, invoice_id: UUID) -> SupplierInvoice:
    """An invoice the actor's organization is a party to."""
    found = await db.find(
        SupplierInvoice, f"{_INVOICE} where {_PARTY} and i.id = $2", actor.org_id, invoice_id
    )
    if found is None:
        raise NotFound(what="supplier invoice", key=show_id("inv", invoice_id))
    return found


async def list_invoices(
    db: Reader,
    actor: Actor,
    *,
    state: InvoiceState | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[SupplierInvoice]:
    """Invoices of the actor's organization, newest first."""
    return await db.rows(
        SupplierInvoice,
        f"""{_INVOICE} where {_PARTY} and ($2::text is null or i.state = $2)
              and ($3::timestamptz is null or (i.entered_at, i.id) < ($3, $4))
            order by i.entered_at desc, i.id desc limit $5""",
        actor.org_id, state, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_invoices_of(
    db: Reader, order_id: UUID, *, limit: int = 200
) -> list[SupplierInvoice]:
    """The invoices of an order, oldest first."""
    return await db.rows(
        SupplierInvoice,
        f"{_INVOICE} where i.purchase_order_id = $1 order by i.entered_at, i.id limit $2",
        order_id,
        limit,
    )


async def list_invoice_lines(
    db: Reader, invoice_id: UUID, *, limit: int = 1_000
) -> list[SupplierInvoiceLine]:
    """The lines of an invoice beside what was agreed and received of each."""
    return await db.rows(
        SupplierInvoiceLine,
        """select x.line_no, k.code as sku, k.title, k.title_zh, k.uom,
                  coalesce(l.answered_unit_price, l.unit_price) as agreed_unit_price,
                  coalesce(l.answered_quantity, l.quantity) as agreed_quantity,
                  l.received_quantity, x.quantity, x.unit_price, x.amount
             from procurement.supplier_invoice_line x
             join procurement.supplier_invoice i on i.id = x.supplier_invoice_id
             join procurement.purchase_order_line l
               on l.purchase_order_id = i.purchase_order_id and l.line_no = x.line_no
             join catalog.sku k on k.id = l.sku_id
            where x.supplier_invoice_id = $1 order by x.line_no limit $2""",
        invoice_id,
        limit,
    )


async def get_tolerance(db: Reader, actor: Actor) -> Tolerance:
    """How far the operator lets invoices lie above their orders; not at all until it says so."""
    found = await db.find(
        Tolerance,
        """select price_percent, quantity_percent, total_amount
             from procurement.match_tolerance where operator_org_id = $1""",
        actor.org_id,
    )
    return found or Tolerance(Decimal(0), Decimal(0), 0)
