"""Reads of orders, as far as row-level security shows them: to the buyer and the operator."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.orders.types import (
    Assurance,
    Claim,
    ClaimCase,
    Deposit,
    Line,
    OrderDetail,
    OrderHead,
    StatusCount,
)
from beltline.orders.types.landed import LandedCost

_HEAD = """
  select o.id, o.number, o.reference, b.code as buyer, b.name as buyer_name, o.status,
         o.total_amount, o.currency,
         (select count(*) from orders.order_line l where l.order_id = o.id) as line_count,
         o.ship_to_country, o.promise_date, o.promise_probability, o.deferred_amount,
         case o.status when 'PLACED' then o.expires_at end as expires_at, o.created_at,
         o.cancelled_at
    from orders."order" o join accounts.organization b on b.id = o.buyer_org_id
"""

# The party's own column, not the policy's either-or, is what finds the index of the list.
_PAGE = """
     and ($2::text is null or o.status = $2) and ($3::text is null or o.reference = $3)
     and ($4::timestamptz is null or (o.created_at, o.id) < ($4, $5))
   order by o.created_at desc, o.id desc limit $6
"""


async def list_orders(
    db: Reader,
    actor: Actor,
    *,
    status: str | None = None,
    reference: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[OrderHead]:
    """Orders of the acting organization (the operator: of all buyers), newest first."""
    arguments = (actor.org_id, status, reference, *(before or (None, None)), limit)
    if actor.org_kind == "OPERATOR":
        return await db.rows(OrderHead, f"{_HEAD} where o.operator_org_id = $1 {_PAGE}", *arguments)
    return await db.rows(OrderHead, f"{_HEAD} where o.buyer_org_id = $1 {_PAGE}", *arguments)


class _Rest(msgspec.Struct, frozen=True):
    payment_method: str
    partial: bool
    back_order: bool
    decision: str
    downstream_reference: str
    note: str
    ship_to: dict[str, Any]
    # With instants in them, which JSON has as texts.
    lines: list[dict[str, Any]]
    deposit: dict[str, Any] | None


async def find_landed(db: Reader, order_id: UUID) -> LandedCost | None:
    """What an order's goods cost until they have arrived; None while that is not worked out."""
    return await db.find(
        LandedCost,
        """select currency, shown, declared, is_whole, declared_at
             from orders.landed_cost where order_id = $1""",
        order_id,
    )


async def get_order(db: Reader, order_id: UUID) -> OrderDetail:
    """One order with its lines and parts. Refuses one that is none of the actor's business."""
    head = await db.find(OrderHead, f"{_HEAD} where o.id = $1", order_id)
    if head is None:
        raise NotFound(what="order", key=show_id("ord", order_id))
    rest = await db.get(
        _Rest, "order", order_id,
        """select o.payment_method, o.partial, o.back_order, o.decision, o.downstream_reference,
                  o.note, orders.ship_to(o.id) as ship_to,
                  case when o.has_deposit then (
                    select jsonb_build_object(
                             'amount', sum(l.amount - l.refunded_amount - l.balance_amount),
                             'balance', sum(l.balance_amount), 'unpaid', sum(l.deferred_amount),
                             'due_at', min(l.balance_due_at))
                      from orders.order_line l where l.order_id = o.id
                    having sum(l.balance_amount) > 0) end as deposit,
                  (select jsonb_agg(jsonb_build_object(
                     'sku', l.sku, 'quantity', l.quantity,
                     'ordered_quantity', l.ordered_quantity,
                     'unit_price', trim_scale(l.unit_price)::text, 'amount', l.amount,
                     'parts', (select jsonb_agg(jsonb_build_object('node', n.code,
                                 'quantity', p.quantity, 'sales_model', p.sales_model,
                                 'status', p.status) order by p.part_no)
                                 from orders.order_part p join trade.node n on n.id = p.node_id
                                where p.order_id = l.order_id and p.line_no = l.line_no))
                     || case when l.balance_amount = 0 then '{}' else jsonb_build_object('deposit',
                          jsonb_build_object('percent', l.deposit_percent,
                            'amount', l.amount - l.refunded_amount - l.balance_amount,
                            'balance', l.balance_amount, 'unpaid', l.deferred_amount,
                            'due_at', l.balance_due_at)) end order by l.line_no)
                     from orders.order_line l where l.order_id = o.id) as lines
             from orders."order" o where o.id = $1""",
        order_id,
    )  # fmt: skip
    return OrderDetail(
        head, **{
            **msgspec.structs.asdict(rest), "lines": msgspec.convert(rest.lines, list[Line]),
            "deposit": msgspec.convert(rest.deposit, Deposit | None),
        },
    )  # fmt: skip


async def count_by_status(db: Reader) -> list[StatusCount]:
    """How many orders the acting organization has in each status."""
    return await db.rows(
        StatusCount,
        """select status, count(*) as orders from orders."order" group by status
            order by status""",
    )


_FOUND = """
     and ($2 = '' or position(lower($2) in lower(o.number || ' ' || o.reference)) > 0
          or position(lower($2) in lower(b.name)) > 0 or position($2 in b.name_zh) > 0)
     and ($3::text is null or o.status = $3) and ($4::text is null or o.ship_to_country = $4)
     and ($5::timestamptz is null or (o.created_at, o.id) < ($5, $6))
   order by o.created_at desc, o.id desc limit $7
"""


async def search_orders(
    db: Reader,
    actor: Actor,
    *,
    words: str = "",
    status: str | None = None,
    country: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[OrderHead]:
    """Orders of the acting organization (the operator: of all buyers), newest first.

    `words` is looked for in number, reference and the buyer's name.
    """
    arguments = (actor.org_id, words, status, country, *(before or (None, None)), limit)
    if actor.org_kind == "OPERATOR":
        return await db.rows(
            OrderHead, f"{_HEAD} where o.operator_org_id = $1 {_FOUND}", *arguments
        )
    return await db.rows(OrderHead, f"{_HEAD} where o.buyer_org_id = $1 {_FOUND}", *arguments)


async def list_countries(db: Reader, *, limit: int = 250) -> list[str]:
    """The countries that orders of the acting organization went to, by code."""
    return await db.values(
        """select distinct ship_to_country from orders."order" order by ship_to_country limit $1""",
        limit,
    )


async def find_latest_ship_to(db: Reader, buyer_org_id: UUID) -> dict[str, Any] | None:
    """Where the buyer's latest order goes; None before its first."""
    found: dict[str, Any] | None = await db.value(
        """select orders.ship_to(o.id) from orders."order" o where o.buyer_org_id = $1
            order by o.created_at desc, o.id desc limit 1""",
        buyer_org_id,
    )
    return found


_CLAIM = """
  select c.id, c.number, c.order_id, o.number as order, b.code as buyer, b.name as buyer_name,
         c.state, c.reason, c.note, c.currency, c.asked_amount, c.refunded_amount, c.answer_note,
         c.charged_to, c.by_default, c.opened_at, c.due_at, c.ended_at,
         (select jsonb_agg(jsonb_build_object('line', l.line_no, 'sku', y.sku, 'units', l.units,
                   'asked_amount', l.asked_amount, 'refunded_amount', l.refunded_amount)
                   order by l.line_no)
            from orders.claim_line l
            join orders.order_line y on y.order_id = c.order_id and y.line_no = l.line_no
           where l.claim_id = c.id) as lines,
         coalesce((select jsonb_agg(jsonb_build_object('supplier', s.name, 'text', x.evidence)
                                     order by s.code)
                     from orders.claim_case x
                     join accounts.organization s on s.id = x.supplier_org_id
                    where x.claim_id = c.id and x.answered_at is not null), '[]') as evidence
    from orders.claim c
    join orders."order" o on o.id = c.order_id
    join accounts.organization b on b.id = c.buyer_org_id
"""


async def get_claim(db: Reader, claim_id: UUID) -> Claim:
    """A claim the acting organization is a party to."""
    found = await db.find(Claim, f"{_CLAIM} where c.id = $1", claim_id)
    if found is None:
        raise NotFound(what="claim", key=show_id("clm", claim_id))
    return found


async def list_claims_of(db: Reader, order_id: UUID, *, limit: int = 50) -> list[Claim]:
    """The claims on an order, the oldest first."""
    return await db.rows(
        Claim,
        f"{_CLAIM} where c.order_id = $1 order by c.opened_at, c.id limit $2",
        order_id,
        limit,
    )


async def list_claims(
    db: Reader,
    actor: Actor,
    *,
    state: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Claim]:
    """Claims of the acting organization (the operator: of all buyers), newest first."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "buyer_org_id"
    return await db.rows(
        Claim,
        f"""{_CLAIM}
            where c.{party} = $1 and ($2::text is null or c.state = $2)
              and ($3::timestamptz is null or (c.opened_at, c.id) < ($3, $4))
            order by c.opened_at desc, c.id desc limit $5""",
        actor.org_id, state, *(before or (None, None)), limit,
    )  # fmt: skip


_CASE = """
  select id, number, reason, note, lines, state, is_charged, evidence, answered_at, opened_at,
         due_at, ended_at
    from orders.claim_case
"""


async def get_case(db: Reader, actor: Actor, case_id: UUID) -> ClaimCase:
    """A claim on goods of the acting supplier."""
    found = await db.find(
        ClaimCase, f"{_CASE} where id = $1 and supplier_org_id = $2", case_id, actor.org_id
    )
    if found is None:
        raise NotFound(what="claim", key=show_id("ccs", case_id))
    return found


async def list_cases(
    db: Reader,
    actor: Actor,
    *,
    state: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ClaimCase]:
    """Claims on goods of the acting supplier, newest first."""
    return await db.rows(
        ClaimCase,
        f"""{_CASE}
            where supplier_org_id = $1 and ($2::text is null or state = $2)
              and ($3::timestamptz is null or (opened_at, id) < ($3, $4))
            order by opened_at desc, id desc limit $5""",
        actor.org_id, state, *(before or (None, None)), limit,
    )  # fmt: skip


async def get_assurance(db: Reader) -> Assurance:
    """How long money waits after the delivery."""
    return await db.get(
        Assurance, "assurance", "rules",
        "select release_days, claim_days, answer_days from orders.assurance",
    )  # fmt: skip


class _BillingFigures(msgspec.Struct, frozen=True):
    billed: int
    waiting: int
    faults: list[dict[str, str | int]]


async def prove_billing(db: Reader) -> Proof:
    """What the papers of an order bill, less what they give back, is what was paid for it."""
    found = await db.get(
        _BillingFigures, "proof", "billing",
        """with billed as (
             select p.reference_id, min(p.reference) as number, sum(case p.kind
                      when 'INVOICE' then p.total else -p.total end)::bigint as billed
               from ledger.paper p where p.month is null group by p.reference_id
           ), paid as (
             select t.reference_id, -sum(e.amount)::bigint as paid
               from billed b
               join ledger.transfer t on t.reference_id = b.reference_id
                and t.kind in ('ORDER_HOLD', 'ORDER_REFUND')
               join ledger.entry e on e.transfer_id = t.id and e.at = t.at
               join orders."order" o on o.id = t.reference_id and o.buyer_org_id = e.org_id
              group by t.reference_id
           ), wrong as (
             select b.number, b.billed, coalesce(p.paid, 0) as paid
               from billed b left join paid p using (reference_id)
              where b.billed <> coalesce(p.paid, 0) and not exists (
                select from orders.to_bill x where x.order_id = b.reference_id and not x.is_off)
              union all
             select o.number, 0, ledger.paid_for(o.id, o.buyer_org_id)
               from orders.to_bill x join orders."order" o on o.id = x.order_id
              where x.is_off and not exists (
                select from billed b where b.reference_id = x.order_id)
           )
           select (select count(*) from billed) as billed,
                  (select count(*) from orders.to_bill) as waiting,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by number limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="orders_billed",
        statement="The invoices of an order, less its credit notes, come to what was paid for it, "
        "unless it waits for its next paper.",
        holds=not found.faults,
        figures={"billed": found.billed, "waiting": found.waiting},
        faults=found.faults,
    )


class _ClaimFigures(msgspec.Struct, frozen=True):
    claims: int
    open_claims: int
    faults: list[dict[str, str | int]]


async def prove_claims(db: Reader) -> Proof:
    """Money stands still exactly while a claim on it is open; refunds of claims add up."""
    found = await db.get(
        _ClaimFigures, "proof", "claims",
        """with sums as (
             select c.number, c.order_id, c.state, c.refunded_amount as refunded,
                    (select coalesce(sum(l.refunded_amount), 0)::bigint from orders.claim_line l
                      where l.claim_id = c.id) as lines
               from orders.claim c
           ), wrong as (
             select number, state, 'refunds differ from lines' as why from sums
              where refunded <> lines
             union all
             select min(c.number), min(c.state), 'refunds beyond the line'
               from orders.claim c
               join orders.claim_line l on l.claim_id = c.id
               join orders.order_line y on y.order_id = c.order_id and y.line_no = l.line_no
              group by y.order_id, y.line_no, y.refunded_amount
             having sum(l.refunded_amount) > y.refunded_amount
             union all
             select h.reference, h.state::text, 'frozen by no claim, or not frozen by one'
               from ledger.hold h
              where h.state <> 'CLOSED'
                and (h.state = 'FROZEN') <> exists (select from orders.claim c
                       where c.order_id = h.reference_id and c.state = 'OPEN')
           )
           select (select count(*) from sums) as claims,
                  (select count(*) from sums where state = 'OPEN') as open_claims,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by number limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="claims_freeze",
        statement="Held money is frozen exactly while a claim on its order is open, and what "
        "claims refunded is what their lines gave back.",
        holds=not found.faults,
        figures={"claims": found.claims, "open_claims": found.open_claims},
        faults=found.faults,
    )
