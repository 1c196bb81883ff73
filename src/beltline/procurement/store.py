"""Writes of the schema `procurement`. Private to the module."""

import datetime as dt
from typing import Any
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge
from beltline.procurement.types.changes import ChangeBody
from beltline.procurement.types.invoices import InvoiceBody, Tolerance
from beltline.procurement.types.notices import NoticeBody
from beltline.procurement.types.orders import Answer
from beltline.procurement.types.payments import MilestoneKind, PaymentKind, Terms


async def issue_order(db: Writer, actor: Actor, order: dict[str, Any], now: dt.datetime) -> None:
    """Write an order with its lines, announce its goods, record event and audit."""
    await db.execute("select procurement.issue_order($1, $2, $3)", actor.as_row(), order, now)


async def answer_order(
    db: Writer, actor: Actor, order_id: UUID, answer: Answer, now: dt.datetime
) -> None:
    """Write the supplier's answer."""
    await db.execute(
        "select procurement.answer_order($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        order_id,
        answer.answer.value,
        answer.lines or None,
        answer.expected_date,
        answer.note,
        now,
    )


async def accept_counter(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> None:
    """Let the order stand on the countered terms."""
    await db.execute("select procurement.accept_counter($1, $2, $3)", actor.as_row(), order_id, now)


async def cancel_order(
    db: Writer, actor: Actor, order_id: UUID, note: str, now: dt.datetime
) -> None:
    """Take an order back."""
    await db.execute(
        "select procurement.cancel_order($1, $2, $3, $4)", actor.as_row(), order_id, note, now
    )


async def expire_order(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> bool:
    """End an unanswered order; whether it was one."""
    ended: bool = await db.value(
        "select procurement.expire_order($1, $2, $3)", actor.as_row(), order_id, now
    )
    return ended


async def meet_deadlines(db: Writer, actor: Actor, limit: int, now: dt.datetime) -> int:
    """Take the steps of deadlines that are due; how many."""
    taken: int = await db.value(
        "select procurement.meet_deadlines($1, $2, $3)", actor.as_row(), limit, now
    )
    return taken


async def settle_overdue(
    db: Writer, actor: Actor, order_id: UUID, note: str, now: dt.datetime
) -> None:
    """Take what is overdue of an order out of the queue."""
    await db.execute(
        "select procurement.settle_overdue($1, $2, $3, $4)", actor.as_row(), order_id, note, now
    )


async def announce_shipment(
    db: Writer,
    actor: Actor,
    notice_id: UUID,
    order_id: UUID,
    body: NoticeBody,
    *,
    tolerance_percent: int,
    now: dt.datetime,
) -> None:
    """Write what was sent of an order; events and audit with it."""
    await db.execute(
        "select procurement.announce_shipment($1, $2, $3, $4, $5, $6)",
        actor.as_row(), notice_id, order_id, body, tolerance_percent, now,
    )  # fmt: skip


async def number_cartons(db: Writer, actor: Actor, notice_id: UUID) -> None:
    """Give the cartons of a notice their codes, where the operator has a prefix."""
    await db.execute("select procurement.number_cartons($1, $2)", actor.as_row(), notice_id)


async def index_staged(db: Writer, name: str) -> None:
    """Let the rows of one order find each other in a large file."""
    await db.execute(f"create index on {name} (number, row)")


async def complete_staged(db: Writer, name: str, now: dt.datetime) -> None:
    """Fill in what staged rows leave out.

    Price and currency come from the offer, the day from the lead time; an order has one currency
    and one day, the latest of its rows.
    """
    await db.execute(
        f"""update {name} i
               set sku_id = f.sku_id, unit_price = f.unit_price, currency = f.currency,
                   expected_date = f.expected_date
              from (
                select r.row, k.id as sku_id, coalesce(r.unit_price, t.unit_price) as unit_price,
                       coalesce(max(r.currency) over w, max(t.currency) over w, 'CNY') as currency,
                       max(coalesce(r.expected_date,
                             coalesce(r.ordered_date, kit.day_of($1))
                             + ceil(s.lead_time_days_mean)::int)) over w as expected_date
                  from {name} r
                  join catalog.sku k on k.code = r.sku
                  join suppliers.supplier s on s.code = r.supplier
                  left join lateral (
                    select o.currency, b.unit_price
                      from catalog.offer o join catalog.offer_break b on b.offer_id = o.id
                     where o.sku_id = k.id and o.supplier_org_id = s.org_id
                       and o.audience = 'OPERATOR' and b.quantity_from <= r.quantity
                       and (r.currency is null or o.currency = r.currency)
                     order by b.quantity_from desc, o.currency limit 1) t on true
                window w as (partition by r.number)) f
             where f.row = i.row""",
        now,
    )


async def merge_orders(db: Writer, name: str, actor: Actor, now: dt.datetime) -> Imported:
    """Upsert staged orders and their lines; announce, record and audit those that changed.

    Counted by line. A new order is kept as version 0 until all of it stands.
    """
    await _insert_heads(db, name, actor, now)
    await _mark_changed(db, name)
    done = await _merge_lines(db, name)
    await db.execute(
        f"""update procurement.purchase_order o
               set version = o.version + 1, expected_date = f.expected_date,
                   total_amount = (select sum(l.amount) from procurement.purchase_order_line l
                                    where l.purchase_order_id = o.id)
              from (select distinct order_id, expected_date from {name} where is_changed) f
             where o.id = f.order_id"""
    )
    await _announce(db, name, now)
    await _record_imports(db, name, actor, now)
    return done


async def _insert_heads(db: Writer, name: str, actor: Actor, now: dt.datetime) -> None:
    await db.execute(
        f"""insert into procurement.purchase_order (id, number, operator_org_id, supplier_org_id,
              node_id, currency, status, version, total_amount, expected_date, is_imported,
              created_by, created_at, issued_at, answered_at)
            select kit.uuid7($1), f.number, $2, s.id, n.id, f.currency, 'CONFIRMED', 0, 0,
                   f.expected_date, true, $3, $1, f.ordered_date, f.ordered_date
              from (select distinct on (i.number) i.* from {name} i order by i.number, i.row) f
              join accounts.organization s on s.code = f.supplier
              join trade.node n on n.code = f.node
             order by f.number
            on conflict (number) do nothing""",
        now,
        actor.org_id,
        actor.name,
    )


async def _mark_changed(db: Writer, name: str) -> None:
    await db.execute(
        f"""update {name} i
               set order_id = o.id,
                   is_changed = o.is_imported and o.status = 'CONFIRMED' and (
                     o.expected_date <> i.expected_date or not exists (
                       select from procurement.purchase_order_line l
                        where l.purchase_order_id = o.id and l.sku_id = i.sku_id
                          and (l.quantity, l.unit_price) = (i.quantity, i.unit_price)))
              from procurement.purchase_order o where o.number = i.number"""
    )


async def _merge_lines(db: Writer, name: str) -> Imported:
    return await merge(
        db,
        name,
        f"""insert into procurement.purchase_order_line as l (purchase_order_id, line_no,
              operator_org_id, supplier_org_id, sku_id, quantity, unit_price, amount,
              answered_quantity, answered_unit_price, answered_amount)
            select o.id,
                   coalesce(x.line_no, m.latest + row_number() over (
                     partition by o.id, x.line_no is null order by i.row)),
                   o.operator_org_id, o.supplier_org_id, i.sku_id, i.quantity, i.unit_price,
                   a.amount, i.quantity, i.unit_price, a.amount
              from {name} i
              join procurement.purchase_order o on o.id = i.order_id
              join catalog.sku k on k.id = i.sku_id
              left join procurement.purchase_order_line x
                on x.purchase_order_id = o.id and x.sku_id = i.sku_id
             cross join lateral (
               select coalesce(max(y.line_no), 0) as latest
                 from procurement.purchase_order_line y where y.purchase_order_id = o.id) m
             cross join lateral (
               select procurement.amount_of(i.unit_price, i.quantity::bigint, k.uom, o.currency)
                      as amount) a
             where i.is_changed
            on conflict (purchase_order_id, sku_id) do update set
              quantity = excluded.quantity, unit_price = excluded.unit_price,
              amount = excluded.amount, answered_quantity = excluded.quantity,
              answered_unit_price = excluded.unit_price, answered_amount = excluded.amount
            returning (xmax = 0)""",
    )


async def _announce(db: Writer, name: str, now: dt.datetime) -> None:
    # One call for all orders: inventory locks the stock it touches in key order.
    await db.execute(
        f"""select inventory.expect_lines(coalesce(jsonb_agg(c.line), '[]'),
                                          accounts.operator_org(), $1)
              from (select distinct order_id from {name} where is_changed) f,
                   lateral jsonb_array_elements(procurement.settle_awaited(f.order_id)) c(line)""",
        now,
    )


async def _record_imports(db: Writer, name: str, actor: Actor, now: dt.datetime) -> None:
    await db.execute(
        f"""select kit.record_event('purchase_order.imported', 1, 'purchase_order', o.id,
                     o.version, $1, o.operator_org_id, null, o.supplier_org_id,
                     jsonb_build_object('number', o.number, 'status', o.status,
                       'currency', o.currency, 'total', o.total_amount,
                       'expected_date', o.expected_date, 'lines', procurement.lines_json(o.id))),
                   accounts.record_audit($2, $1, 'import', 'purchase_order', o.id,
                     jsonb_build_object('number', o.number, 'total', o.total_amount))
              from procurement.purchase_order o
             where o.id in (select order_id from {name} where is_changed)
             order by o.number""",
        now,
        actor.as_row(),
    )


async def enter_invoice(
    db: Writer, actor: Actor, invoice_id: UUID, order_id: UUID, body: InvoiceBody, now: dt.datetime
) -> None:
    """Write an invoice and match it."""
    await db.execute(
        "select procurement.enter_invoice($1, $2, $3, $4, $5)",
        actor.as_row(), invoice_id, order_id, body, now,
    )  # fmt: skip


async def match_again(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> int:
    """Match an order's differing invoices again; how many agree."""
    matched: int = await db.value(
        "select procurement.match_again($1, $2, $3)", actor.as_row(), order_id, now
    )
    return matched


async def decide_invoice(
    db: Writer,
    actor: Actor,
    invoice_id: UUID,
    note: str,
    *,
    is_approved: bool,
    now: dt.datetime,
) -> None:
    """Approve or reject a differing invoice."""
    await db.execute(
        "select procurement.decide_invoice($1, $2, $3, $4, $5)",
        actor.as_row(), invoice_id, is_approved, note, now,
    )  # fmt: skip


async def set_tolerance(db: Writer, actor: Actor, tolerance: Tolerance, now: dt.datetime) -> None:
    """Keep how far invoices may lie above their orders."""
    await db.execute(
        "select procurement.set_tolerance($1, $2, $3, $4, $5)",
        actor.as_row(), tolerance.price_percent, tolerance.quantity_percent,
        tolerance.total_amount, now,
    )  # fmt: skip


async def ask_change(
    db: Writer, actor: Actor, change_id: UUID, order_id: UUID, body: ChangeBody, now: dt.datetime
) -> None:
    """Write what one side wants changed."""
    await db.execute(
        "select procurement.ask_change($1, $2, $3, $4, $5)",
        actor.as_row(), change_id, order_id, body, now,
    )  # fmt: skip


async def answer_change(
    db: Writer, actor: Actor, change_id: UUID, note: str, *, is_accepted: bool, now: dt.datetime
) -> None:
    """Write the other side's answer; accepted, carry the change out."""
    await db.execute(
        "select procurement.answer_change($1, $2, $3, $4, $5)",
        actor.as_row(), change_id, is_accepted, note, now,
    )  # fmt: skip


async def set_terms(
    db: Writer, actor: Actor, supplier_org_id: UUID, terms: Terms, note: str, now: dt.datetime
) -> None:
    """Keep the terms of a factory."""
    await db.execute(
        "select procurement.set_terms($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(), supplier_org_id, terms.deposit_percent, terms.balance_due.value,
        terms.kept_percent, note, now,
    )  # fmt: skip


async def report_production(
    db: Writer, actor: Actor, order_id: UUID, kind: MilestoneKind, note: str, now: dt.datetime
) -> None:
    """Write a milestone."""
    await db.execute(
        "select procurement.report_production($1, $2, $3, $4, $5)",
        actor.as_row(), order_id, kind.value, note, now,
    )  # fmt: skip


async def ask_payment(
    db: Writer, actor: Actor, order_id: UUID, kind: PaymentKind, now: dt.datetime
) -> UUID:
    """Write an advance that is asked for; its id."""
    asked: UUID = await db.value(
        "select procurement.ask_payment($1, $2, $3, $4)", actor.as_row(), order_id, kind.value, now
    )
    return asked


async def decide_payment(
    db: Writer, actor: Actor, payment_id: UUID, reference: str, *, is_approved: bool,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Pay an advance, or give it back."""
    await db.execute(
        "select procurement.decide_payment($1, $2, $3, $4, $5)",
        actor.as_row(), payment_id, is_approved, reference, now,
    )  # fmt: skip


async def withdraw_order(
    db: Writer, actor: Actor, order_id: UUID, note: str, now: dt.datetime
) -> None:
    """End an order that its factory cannot bring."""
    await db.execute(
        "select procurement.withdraw_order($1, $2, $3, $4)", actor.as_row(), order_id, note, now
    )
