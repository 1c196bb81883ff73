"""Reads of proposals and decisions."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, decode_cursor, encode_cursor
from beltline.planning.types import Alternative, Filters, Proposal, Reason, Totals

MOST_IN_BULK = 20_000

_COLUMNS = """
         p.id, p.plan_run_id, p.sku_id, k.code as sku, k.title, k.title_zh, k.uom, p.node_id,
         n.code as node, n.kind as node_kind, p.supplier_org_id, s.code as supplier,
         o.name as supplier_name, o.name_zh as supplier_name_zh, s.tier, s.belt_id, p.offer_id,
         p.currency, p.proposed_quantity, p.quantity, p.moq, p.pack_size, p.unit_price, p.amount,
         p.order_by, p.expected_date, p.on_hand, p.inbound, p.stock_target, p.cover_days,
         p.p_stockout, p.p_stockout_after, p.expected_cost, p.why, p.alternatives, p.status,
         p.version, p.decided_by, p.decided_at, p.decision_note, p.purchase_order_id,
         p.returned_order_id, p.returned_status, p.returned_note, p.returned_at
"""
_FROM = """
    from planning.proposal p
    join catalog.sku k on k.id = p.sku_id
    join trade.node n on n.id = p.node_id
    join suppliers.supplier s on s.org_id = p.supplier_org_id
    join accounts.organization o on o.id = p.supplier_org_id
"""
# Statuses are asked for one by one, so that each walks its index in the order of the list.
_SHOWN = ["OPEN", "DEFERRED", "ACCEPTED", "REJECTED", "ISSUED"]
# $1 organization, $2 today, $3 statuses, $4 to $10 the other members of `Filters`. Nodes, suppliers
# and goods are looked up by ids rather than joined, so that one plan is good for every filter.
_NARROWED = """
     and ($4::text is null or $4 = case when p.order_by <= $2::date then 'NOW'
                                        when p.order_by <= $2::date + 7 then 'WEEK'
                                        else 'LATER' end)
     and ($5::text is null or p.node_id = (select id from trade.node where code = $5))
     and ($6::text is null or p.supplier_org_id in (
           select org_id from suppliers.supplier where code = $6))
     and ($7::text is null or p.supplier_org_id in (
           select org_id from suppliers.supplier where belt_id = $7))
     and ($8 = '' or p.sku_id in (
           select k.id from catalog.sku k
            where position(lower($8) in lower(k.code || ' ' || k.title)) > 0
               or position($8 in k.title_zh) > 0))
     and ($9::uuid is null or p.plan_run_id = $9)
     and (not $10::boolean or p.returned_at is not null)
"""
_AFTER = """
     and ($11::date is null or (p.order_by, p.p_safe, p.id) > ($11, $12::float8, $13::uuid))
   order by p.order_by, p.p_safe, p.id limit $14
"""
_PAGE = f"""
  with found as (
    select p.* from unnest($3::text[]) as wanted(status)
     cross join lateral (
       select p.* from planning.proposal p
        where p.org_id = $1 and p.status = wanted.status {_NARROWED} {_AFTER}) p)
  select {_COLUMNS} {_FROM.replace("planning.proposal p", "found p", 1)}
   order by p.order_by, p.p_safe, p.id limit $14
"""
_PAGE_OF_RUN = f"""
  with found as (
    select p.* from unnest($3::text[]) as wanted(status)
     cross join lateral (
       select p.* from planning.proposal p
        where p.plan_run_id = $9 and p.org_id = $1 and p.status = wanted.status
              {_NARROWED} {_AFTER}) p)
  select {_COLUMNS} {_FROM.replace("planning.proposal p", "found p", 1)}
   order by p.order_by, p.p_safe, p.id limit $14
"""


async def list_proposals(
    db: Reader,
    org_id: UUID,
    filters: Filters,
    *,
    today: dt.date,
    limit: int = LIMIT_DEFAULT,
    cursor: str | None = None,
) -> tuple[list[Proposal], str | None]:
    """Proposals by order-by date, the riskiest first within a day; and the next page's cursor.

    Without a status all but SUPERSEDED ones are listed.
    """
    limit = min(limit, LIMIT_MAX)
    after = decode_cursor(cursor, dt.date, float, UUID) or (None, None, None)
    found = await db.rows(
        _Row, _PAGE if filters.plan_run_id is None else _PAGE_OF_RUN,
        *_arguments(org_id, filters, today), *after, limit + 1,
    )  # fmt: skip
    page: list[Proposal] = [_read(row) for row in found[:limit]]
    if len(found) <= limit:
        return page, None
    return page, encode_cursor(page[-1].order_by, 1.0 - page[-1].p_stockout, page[-1].id)


async def total_proposals(db: Reader, org_id: UUID, filters: Filters, *, today: dt.date) -> Totals:
    """Count and money of the same list, and its counts by status and urgency."""
    return await db.get(
        Totals, "proposals", org_id,
        f"""with found as materialized (
              select p.status, p.currency, count(*) as n, sum(p.amount)::bigint as amount,
                     case when p.order_by <= $2::date then 'NOW'
                          when p.order_by <= $2::date + 7 then 'WEEK' else 'LATER' end as urgency
                from planning.proposal p
               where p.org_id = $1 and p.status = any($3::text[]) {_NARROWED}
               group by 1, 2, 5)
            select (select coalesce(sum(n), 0)::bigint from found) as count,
                   coalesce((select jsonb_agg(jsonb_build_object('currency', currency,
                       'amount', amount, 'count', n) order by currency)
                     from (select currency, sum(amount)::bigint as amount, sum(n)::bigint as n
                             from found group by currency) a), '[]') as amounts,
                   coalesce((select jsonb_object_agg(status, n)
                     from (select status, sum(n)::bigint as n from found group by status) s),
                     '{{}}') as by_status,
                   coalesce((select jsonb_object_agg(urgency, n)
                     from (select urgency, sum(n)::bigint as n from found group by urgency) u),
                     '{{}}') as by_urgency""",
        *_arguments(org_id, filters, today),
    )  # fmt: skip


async def list_ids(
    db: Reader, org_id: UUID, filters: Filters, *, today: dt.date, limit: int = MOST_IN_BULK
) -> list[UUID]:
    """The ids a filter names, for a decision in bulk."""
    return await db.values(
        f"""select p.id from planning.proposal p
             where p.org_id = $1 and p.status = any($3::text[]) {_NARROWED}
             order by p.order_by, p.p_safe, p.id limit $11""",
        *_arguments(org_id, filters, today), limit,
    )  # fmt: skip


async def get_proposal(db: Reader, org_id: UUID, proposal_id: UUID) -> Proposal:
    """One proposal of the organization."""
    row = await db.get(
        _Row, "proposal", proposal_id,
        f"select {_COLUMNS} {_FROM} where p.org_id = $1 and p.id = $2 and p.status <> 'DRAFT'",
        org_id, proposal_id,
    )  # fmt: skip
    return _read(row)


async def find_proposal_of(
    db: Reader, org_id: UUID, sku_id: UUID, node_id: UUID
) -> Proposal | None:
    """The proposal of a series that waits or was decided last."""
    row = await db.find(
        _Row,
        f"""select {_COLUMNS} {_FROM}
            where p.org_id = $1 and p.sku_id = $2 and p.node_id = $3
              and p.status not in ('DRAFT', 'SUPERSEDED')
            order by p.plan_run_id desc, p.part limit 1""",
        org_id, sku_id, node_id,
    )  # fmt: skip
    return None if row is None else _read(row)


async def list_breaks(db: Reader, offer_id: UUID) -> list[tuple[int, Decimal]]:
    """The price steps of an offer as (quantity from, unit price per uom)."""
    rows = await db.rows(
        _Break,
        """select quantity_from, unit_price from catalog.offer_break
            where offer_id = $1 order by quantity_from limit 100""",
        offer_id,
    )
    return [(row.quantity_from, row.unit_price) for row in rows]


class _Break(msgspec.Struct, frozen=True):
    quantity_from: int
    unit_price: Decimal


class Waiting(msgspec.Struct, frozen=True):
    """An accepted proposal about to become a line of a purchase order."""

    id: UUID
    plan_run_id: UUID
    sku_id: UUID
    node_id: UUID
    supplier_org_id: UUID
    currency: str
    quantity: int
    unit_price: Decimal
    amount: int
    order_by: dt.date
    expected_date: dt.date


async def lock_accepted(db: Reader, org_id: UUID, ids: Sequence[UUID] | None) -> list[Waiting]:
    """Accepted proposals (all unless named), locked until the transaction ends."""
    return await db.rows(
        Waiting,
        """select id, plan_run_id, sku_id, node_id, supplier_org_id, currency, quantity,
                  unit_price, amount, order_by, expected_date
             from planning.proposal
            where org_id = $1 and status = 'ACCEPTED' and ($2::uuid[] is null or id = any($2))
            order by supplier_org_id, node_id, currency, sku_id, id for no key update""",
        org_id,
        None if ids is None else list(ids),
    )


class Decision(msgspec.Struct, frozen=True):
    """A decision as it was taken."""

    id: UUID
    kind: str
    count: int
    note: str
    decided_by: str
    decided_at: dt.datetime


async def find_latest_decision(
    db: Reader, org_id: UUID, by: str, by_id: UUID | None, *, since: dt.datetime
) -> Decision | None:
    """The latest decision of a person since an instant that can still be taken back."""
    return await db.find(
        Decision,
        """select d.id, d.kind, d.count, d.note, d.decided_by, d.decided_at
             from planning.decision d
            where d.org_id = $1 and d.decided_by = $2 and d.decided_by_id is not distinct from $3
              and d.decided_at >= $4 and d.undone_at is null
              and exists (select from planning.proposal p
                           where p.decision_id = d.id and p.undo is not null
                             and p.status in ('OPEN', 'ACCEPTED', 'REJECTED'))
            order by d.decided_at desc, d.id desc limit 1""",
        org_id,
        by,
        by_id,
        since,
    )


async def count_waiting(db: Reader, org_id: UUID, *, today: dt.date) -> dict[str, Any]:
    """Figures for the control tower, of proposals that wait.

    `open`, `due_now` (order-by date reached), `at_risk` (a stock-out is likelier than not),
    `accepted` and not yet issued, `accepted_amounts` in minor units by currency.
    """
    found: dict[str, Any] = await db.value(
        """select jsonb_build_object(
             'open', count(*) filter (where status = 'OPEN'),
             'due_now', count(*) filter (where status = 'OPEN' and order_by <= $2),
             'at_risk', count(*) filter (where status = 'OPEN' and p_stockout >= 0.5),
             'accepted', count(*) filter (where status = 'ACCEPTED'),
             'accepted_amounts', coalesce((select jsonb_object_agg(currency, amount) from (
                select currency, sum(amount)::bigint as amount from planning.proposal
                 where org_id = $1 and status = 'ACCEPTED' group by currency) a), '{}'))
             from planning.proposal where org_id = $1 and status in ('OPEN', 'ACCEPTED')""",
        org_id,
        today,
    )
    return found


class _Row(Proposal, frozen=True):
    """A proposal whose JSON columns are still JSON: ids and dates in them are text."""

    why: Any
    alternatives: Any


def _read(row: _Row) -> Proposal:
    return msgspec.structs.replace(
        row,
        why=msgspec.convert(row.why, list[Reason]),
        alternatives=msgspec.convert(row.alternatives, list[Alternative]),
    )


def _arguments(org_id: UUID, f: Filters, today: dt.date) -> tuple[object, ...]:
    statuses = _SHOWN if f.status is None else [f.status.value]
    return (
        org_id, today, statuses, f.urgency, f.node, f.supplier, f.belt, f.words, f.plan_run_id,
        f.is_returned,
    )  # fmt: skip
