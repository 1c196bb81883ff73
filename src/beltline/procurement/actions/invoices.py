"""Use cases of suppliers' invoices: enter, match with order and receipt, decide differences."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.procurement import rules, store
from beltline.procurement.queries import invoices
from beltline.procurement.types.invoices import InvoiceBody, SupplierInvoice, Tolerance
from beltline.procurement.types.orders import ReasonNeeded


async def enter_invoice(
    db: Writer, actor: Actor, *, order_id: UUID, body: InvoiceBody, now: dt.datetime
) -> SupplierInvoice:
    """Enter an invoice of a confirmed order: the supplier, or the operator for it.

    It is MATCHED when it asks no more than the order's prices and what was received, within the
    tolerance; else somebody has to look, or more goods have to come.
    """
    rules.check_invoice(body)
    invoice_id = new_id()
    await store.enter_invoice(db, actor, invoice_id, order_id, body, now)
    return await invoices.get_invoice(db, actor, invoice_id)


async def match_again(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> int:
    """Look at an order's differing invoices again after a receipt; how many agree now."""
    actor.needs_operator()
    return await store.match_again(db, actor, order_id, now)


async def decide_invoice(
    db: Writer, actor: Actor, *, invoice_id: UUID, is_approved: bool, note: str, now: dt.datetime
) -> SupplierInvoice:
    """Take a differing invoice as it is, or send it back; both need a reason."""
    actor.needs_operator()
    actor.needs_role("FINANCE", "PLANNER")
    if not note.strip():
        raise ReasonNeeded(param="note")
    await store.decide_invoice(
        db, actor, invoice_id, note.strip(), is_approved=is_approved, now=now
    )
    return await invoices.get_invoice(db, actor, invoice_id)


async def set_tolerance(
    db: Writer, actor: Actor, *, tolerance: Tolerance, now: dt.datetime
) -> Tolerance:
    """Say how far invoices may lie above their orders; matched ones stay matched."""
    actor.needs_operator()
    actor.needs_role("FINANCE")
    rules.check_tolerance(tolerance)
    await store.set_tolerance(db, actor, tolerance, now)
    return await invoices.get_tolerance(db, actor)
