"""Reads of what factories are paid in advance, on which terms, and how far their goods are."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.procurement.types.orders import PurchaseOrder, Status
from beltline.procurement.types.payments import (
    Making,
    Milestone,
    PaymentDue,
    PaymentState,
    PaymentTerm,
    SupplierPayment,
    Terms,
)

_PAYMENT = """
  select a.id, a.reference_id as purchase_order_id, a.reference as purchase_order,
         s.code as supplier, s.name as supplier_name, s.name_zh as supplier_name_zh, a.kind,
         a.amount, a.currency, a.state, a.set_off, a.kept, a.asked_by, a.asked_at, a.paid_by,
         a.paid_at, a.payment_reference
    from ledger.advance a join accounts.organization s on s.id = a.supplier_org_id
"""
_DUE = """
  select d.purchase_order_id, o.number as purchase_order, s.name as supplier_name,
         s.name_zh as supplier_name_zh, d.kind, d.amount, d.currency, d.since
    from procurement.payment_due d
    join procurement.purchase_order o on o.id = d.purchase_order_id
    join accounts.organization s on s.id = d.supplier_org_id
"""


async def get_making(db: Reader, order: PurchaseOrder) -> Making:
    """How an order of the acting organization is paid, and how far its goods are."""
    terms = await db.find(
        Terms,
        """select trim_scale(deposit_percent) as deposit_percent, balance_due,
                  trim_scale(kept_percent) as kept_percent
             from procurement.order_term where purchase_order_id = $1""",
        order.id,
    )
    deposit = int(order.total_amount * terms.deposit_percent // 100) if terms else 0
    due = await db.find(PaymentDue, f"{_DUE} where o.id = $1", order.id)
    return Making(
        terms, deposit, order.total_amount - deposit if terms else 0, due,
        await db.rows(
            SupplierPayment, f"{_PAYMENT} where a.reference_id = $1 order by a.asked_at, a.id",
            order.id,
        ),
        await db.rows(
            Milestone,
            """select kind, note, told_by, told_at from procurement.milestone
                where purchase_order_id = $1 order by no""",
            order.id,
        ),
    )  # fmt: skip


async def is_withdrawn(db: Reader, order: PurchaseOrder) -> bool:
    """Whether an order ended because its factory cannot bring it."""
    if order.status is not Status.CANCELLED:
        return False
    latest = (await list_events_of(db, order.id))[-1]
    return latest.data.get("cause") == "WITHDRAWN"


async def get_payment(db: Reader, actor: Actor, payment_id: UUID) -> SupplierPayment:
    """An advance the acting organization is a party to."""
    found = await db.find(
        SupplierPayment,
        f"{_PAYMENT} where $1 in (a.operator_org_id, a.supplier_org_id) and a.id = $2",
        actor.org_id,
        payment_id,
    )
    if found is None:
        raise NotFound(what="supplier payment", key=show_id("adv", payment_id))
    return found


async def list_payments(
    db: Reader,
    actor: Actor,
    *,
    state: PaymentState | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[SupplierPayment]:
    """Advances of the acting organization, newest first."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "supplier_org_id"
    return await db.rows(
        SupplierPayment,
        f"""{_PAYMENT}
            where a.{party} = $1 and ($2::text is null or a.state = $2)
              and ($3::timestamptz is null or (a.asked_at, a.id) < ($3, $4))
            order by a.asked_at desc, a.id desc limit $5""",
        actor.org_id, state, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_due(db: Reader, actor: Actor, *, limit: int = 250) -> list[PaymentDue]:
    """What the operator has to pay in advance and nobody has asked for, the oldest first."""
    return await db.rows(
        PaymentDue,
        f"""{_DUE} where d.operator_org_id = $1
            order by d.since, d.purchase_order_id limit $2""",
        actor.org_id,
        limit,
    )


async def list_terms(
    db: Reader,
    actor: Actor,
    *,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[PaymentTerm]:
    """Terms of the acting supplier (the operator: of all), those set last first."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "supplier_org_id"
    return await db.rows(
        PaymentTerm,
        f"""select t.id, s.code as supplier, s.name as supplier_name,
                   s.name_zh as supplier_name_zh,
                   trim_scale(t.deposit_percent) as deposit_percent, t.balance_due,
                   trim_scale(t.kept_percent) as kept_percent, t.note, t.set_by, t.set_at
              from procurement.payment_term t
              join accounts.organization s on s.id = t.supplier_org_id
             where t.{party} = $1 and ($2::timestamptz is null or (t.set_at, t.id) < ($2, $3))
             order by t.set_at desc, t.id desc limit $4""",
        actor.org_id, *(before or (None, None)), limit,
    )  # fmt: skip


class _Figures(msgspec.Struct, frozen=True):
    advances: int
    open: int
    faults: list[dict[str, str]]


async def prove_advances(db: Reader) -> Proof:
    """What suppliers hold in advance is what was paid and is not worked off; none outlives its order."""  # noqa: E501
    found = await db.get(
        _Figures, "proof", "advances",
        """with booked as (
             select a.org_id, a.currency, -sum(e.amount)::bigint as booked
               from ledger.account a join ledger.entry e on e.account_id = a.id
              where a.kind = 'SUPPLIER_ADVANCE' group by a.org_id, a.currency
           ), standing as (
             select supplier_org_id as org_id, currency, sum(amount - set_off)::bigint as standing
               from ledger.advance where state = 'PAID' group by supplier_org_id, currency
           ), wrong as (
             select org_id::text as what, currency || ' is not what stands' as why
               from booked b full join standing s using (org_id, currency)
              where coalesce(b.booked, 0) <> coalesce(s.standing, 0)
             union all
             select a.reference, 'worked off otherwise than booked' from ledger.advance a
              where a.set_off <> coalesce((
                select -sum(i.amount) from ledger.supplier_item i
                 where i.source_id = a.id and i.kind = 'ADVANCE'), 0)
                 or a.kept < coalesce((
                select sum(i.amount) from ledger.supplier_item i
                 where i.source_id = a.id and i.kind = 'KEPT'), 0)
             union all
             select o.number, 'paid without terms' from ledger.advance a
               join procurement.purchase_order o on o.id = a.reference_id
              where not exists (
                select from procurement.order_term t where t.purchase_order_id = o.id)
             union all
             select o.number, 'a balance before an inspection' from ledger.advance a
               join procurement.purchase_order o on o.id = a.reference_id
              where a.kind = 'BALANCE' and not exists (
                select from procurement.milestone m
                 where m.purchase_order_id = o.id and m.kind = 'PASSED')
             union all
             select o.number, 'ended with a payment under way' from ledger.advance a
               join procurement.purchase_order o on o.id = a.reference_id
              where a.state = 'ASKED' and o.status = 'CANCELLED'
             union all
             select o.number, 'kept of a purchase that stands' from ledger.advance a
               join procurement.purchase_order o on o.id = a.reference_id
              where a.kept > 0 and o.status <> 'CANCELLED')
           select (select count(*) from ledger.advance) as advances,
                  (select count(*) from ledger.advance
                    where state = 'PAID' and set_off < amount) as open,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by what, why limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="advances_add_up",
        statement="What suppliers hold in advance is what was paid to them less what was worked "
        "off or taken back; a balance follows an inspection, and nothing is under way for a "
        "purchase that ended.",
        holds=not found.faults,
        figures={"advances": found.advances, "open_advances": found.open},
        faults=found.faults,
    )
