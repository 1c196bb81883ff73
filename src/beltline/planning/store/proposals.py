"""Writes of proposals and of the decisions about them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id

_PROPOSAL_TYPES = {
    "id": "uuid", "sku_id": "uuid", "node_id": "uuid", "supplier_org_id": "uuid",
    "offer_id": "uuid", "currency": "text", "quantity": "bigint", "moq": "bigint",
    "pack_size": "bigint", "unit_price": "numeric(18, 6)", "amount": "bigint",
    "order_by": "date", "expected_date": "date", "on_hand": "bigint", "inbound": "bigint",
    "stock_target": "bigint", "cover_days": "double precision",
    "p_stockout": "double precision", "p_stockout_after": "double precision",
    "expected_cost": "bigint", "why": "text", "alternatives": "text",
}  # fmt: skip


async def insert_proposals(
    db: Writer, run_id: UUID, org_id: UUID, rows: Sequence[Sequence[object]]
) -> None:
    """Proposals of a shard as DRAFTs; `rows` without ids, in the order of the columns above."""
    declared = ", ".join(f"{column} {type_}" for column, type_ in _PROPOSAL_TYPES.items())
    await db.execute("drop table if exists pg_temp.planned_proposal")
    await db.execute(f"create temporary table planned_proposal ({declared}) on commit drop")
    await db.copy("planned_proposal", list(_PROPOSAL_TYPES), [(new_id(), *row) for row in rows])
    await db.execute(
        """insert into planning.proposal (id, plan_run_id, org_id, sku_id, node_id,
             supplier_org_id, offer_id, currency, proposed_quantity, quantity, moq, pack_size,
             unit_price, amount, order_by, expected_date, on_hand, inbound, stock_target,
             cover_days, p_stockout, p_stockout_after, expected_cost, why, alternatives, status)
           select id, $1, $2, sku_id, node_id, supplier_org_id, offer_id, currency, quantity,
                  quantity, moq, pack_size, unit_price, amount, order_by, expected_date, on_hand,
                  inbound, stock_target, cover_days, p_stockout, p_stockout_after, expected_cost,
                  why::jsonb, alternatives::jsonb, 'DRAFT'
             from pg_temp.planned_proposal order by id
           on conflict (plan_run_id, sku_id, node_id, part) do nothing""",
        run_id,
        org_id,
    )


async def defer(db: Writer, run_id: UUID, ids: Sequence[UUID]) -> None:
    """Leave drafts of a run out of what its budget buys: the plan orders nothing there."""
    await db.execute(
        """with deferred as (
             update planning.proposal set status = 'DEFERRED'
              where plan_run_id = $1 and id = any($2::uuid[]) and status = 'DRAFT'
             returning sku_id, node_id)
           update planning.inventory_risk r set units = 0, units_plain = null
             from deferred d
            where r.plan_run_id = $1 and (r.sku_id, r.node_id) = (d.sku_id, d.node_id)""",
        run_id,
        list(ids),
    )


async def supersede(db: Writer, run_id: UUID, org_id: UUID) -> int:
    """Open the drafts of a run and close what is open of earlier ones; how many it closed.

    A run of an earlier cut-off than one that is done (a look back) replaces nothing: its own
    proposals are SUPERSEDED from the start. What came back from a purchase after the run had read
    its stock stays open beside it: the run still counted those goods as coming.
    """
    closed = await db.execute(
        """update planning.proposal p set status = 'SUPERSEDED', version = p.version + 1
             from planning.plan_run r, planning.plan_run mine
            where mine.id = $1 and p.org_id = $2 and p.status in ('OPEN', 'DEFERRED')
              and p.plan_run_id = r.id
              and r.id <> $1 and r.as_of <= mine.as_of
              and (p.returned_at is null
                   or p.returned_at <= coalesce(mine.read_at, mine.as_of))""",
        run_id,
        org_id,
    )
    await db.execute(
        """update planning.proposal p set status = case when exists (
                  select from planning.plan_run r, planning.plan_run mine
                   where mine.id = $1 and r.org_id = $2 and r.state = 'DONE' and r.id <> $1
                     and r.as_of > mine.as_of) then 'SUPERSEDED'
                  when status = 'DRAFT' then 'OPEN' else status end
            where p.plan_run_id = $1 and p.status in ('DRAFT', 'DEFERRED')""",
        run_id,
        org_id,
    )
    return closed


async def insert_decision(
    db: Writer,
    *,
    decision_id: UUID,
    org_id: UUID,
    kind: str,
    count: int,
    note: str,
    by: str,
    by_id: UUID | None,
    now: dt.datetime,
) -> None:
    """Keep that a decision was taken."""
    await db.execute(
        """insert into planning.decision (id, org_id, kind, count, note, decided_by,
             decided_by_id, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        decision_id, org_id, kind, count, note, by, by_id, now,
    )  # fmt: skip


async def set_count(db: Writer, decision_id: UUID, count: int) -> None:
    """How many proposals a decision changed."""
    await db.execute("update planning.decision set count = $2 where id = $1", decision_id, count)


class Changed(msgspec.Struct, frozen=True):
    """A proposal after a change, as far as its event tells."""

    id: UUID
    version: int
    status: str
    supplier_org_id: UUID
    quantity: int
    status_before: str
    quantity_before: int


async def tell(
    db: Writer,
    actor: Actor,
    *,
    type_: str,
    action: str,
    cause_id: UUID,
    changed: Sequence[Changed],
    now: dt.datetime,
) -> None:
    """Event and audit row of every proposal that changed, in one statement."""
    await db.execute(
        """select kit.record_event($1, 1, 'proposal', c.id, c.version, $5, $6, null, null,
                    jsonb_build_object('proposal_id', 'prp_' || replace(c.id::text, '-', ''),
                                       'by', $7::text, 'status', c.status,
                                       'quantity', c.quantity)),
                  accounts.record_audit($2, $5, $3, 'proposal', c.id, jsonb_build_object(
                    'status', jsonb_build_array(c.status_before, c.status),
                    'quantity', jsonb_build_array(c.quantity_before, c.quantity),
                    'cause', $8::text))
             from jsonb_to_recordset($4) as c(id uuid, version bigint, status text,
                    status_before text, quantity bigint, quantity_before bigint)""",
        type_, actor.as_row(), action, msgspec.to_builtins(list(changed)), now, actor.org_id,
        actor.name, cause_id.hex,
    )  # fmt: skip


_UNDO = """jsonb_build_object('status', p.status, 'quantity', p.quantity,
  'unit_price', p.unit_price::text, 'amount', p.amount, 'decided_by', p.decided_by,
  'decided_at', p.decided_at, 'decision_note', p.decision_note, 'decision_id', p.decision_id,
  'undo', p.undo, 'supplier_org_id', p.supplier_org_id, 'offer_id', p.offer_id,
  'currency', p.currency, 'moq', p.moq, 'expected_date', p.expected_date)"""


async def decide(
    db: Writer,
    ids: Sequence[UUID],
    *,
    status: str,
    from_statuses: Sequence[str],
    decision_id: UUID,
    by: str,
    note: str,
    now: dt.datetime,
) -> list[Changed]:
    """Give proposals a state, each remembering what it was; those in another state stay."""
    return await db.rows(
        Changed,
        f"""with chosen as (
              select p.id, p.status, {_UNDO} as undo from planning.proposal p
               where p.id = any($1) and p.status = any($3) order by p.id for no key update)
            update planning.proposal p
               set status = $2, version = p.version + 1, decision_id = $4, decided_by = $5,
                   decided_at = $7, decision_note = $6, undo = c.undo
              from chosen c where p.id = c.id
            returning p.id, p.version, p.status, p.supplier_org_id, p.quantity,
                      c.status as status_before, p.quantity as quantity_before""",
        list(ids), status, list(from_statuses), decision_id, by, note, now,
    )  # fmt: skip


async def edit(
    db: Writer,
    proposal_id: UUID,
    *,
    quantity: int,
    unit_price: object,
    amount: int,
    version: int,
    decision_id: UUID,
    by: str,
    note: str,
    now: dt.datetime,
) -> Changed | None:
    """Change the quantity of an open or accepted proposal of this version; None when it moved."""
    return await db.find(
        Changed,
        f"""with chosen as (
              select p.id, p.status, p.quantity, {_UNDO} as undo from planning.proposal p
               where p.id = $1 and p.version = $5 and p.status in ('OPEN', 'ACCEPTED')
                 for no key update)
            update planning.proposal p
               set quantity = $2, unit_price = $3, amount = $4, version = p.version + 1,
                   decision_id = $6, decided_by = $7, decided_at = $9, decision_note = $8,
                   undo = c.undo
              from chosen c where p.id = c.id
            returning p.id, p.version, p.status, p.supplier_org_id, p.quantity,
                      c.status as status_before, c.quantity as quantity_before""",
        proposal_id, quantity, unit_price, amount, version, decision_id, by, note, now,
    )  # fmt: skip


class Terms(msgspec.Struct, frozen=True):
    """What another offer makes of a proposal."""

    supplier_org_id: UUID
    offer_id: UUID
    currency: str
    moq: int
    quantity: int
    unit_price: object
    amount: int
    expected_date: dt.date


async def set_supplier(
    db: Writer, proposal_id: UUID, terms: Terms, *, version: int, decision_id: UUID, by: str,
    note: str, now: dt.datetime,
) -> Changed | None:  # fmt: skip
    """Buy an open or accepted proposal of this version elsewhere; None when it moved."""
    return await db.find(
        Changed,
        f"""with chosen as (
              select p.id, p.status, p.quantity, {_UNDO} as undo from planning.proposal p
               where p.id = $1 and p.version = $2 and p.status in ('OPEN', 'ACCEPTED')
                 for no key update)
            update planning.proposal p
               set supplier_org_id = $7, offer_id = $8, currency = $9, moq = $10, quantity = $11,
                   unit_price = $12, amount = $13, expected_date = $14, version = p.version + 1,
                   decision_id = $3, decided_by = $4, decided_at = $6, decision_note = $5,
                   undo = c.undo
              from chosen c where p.id = c.id
            returning p.id, p.version, p.status, p.supplier_org_id, p.quantity,
                      c.status as status_before, c.quantity as quantity_before""",
        proposal_id, version, decision_id, by, note, now, terms.supplier_org_id, terms.offer_id,
        terms.currency, terms.moq, terms.quantity, terms.unit_price, terms.amount,
        terms.expected_date,
    )  # fmt: skip


async def undo(db: Writer, decision_id: UUID, now: dt.datetime) -> list[Changed]:
    """Return every proposal that still stands as this decision left it to what it was."""
    await db.execute("update planning.decision set undone_at = $2 where id = $1", decision_id, now)
    return await db.rows(
        Changed,
        """with chosen as (
             select id, status, quantity, undo from planning.proposal
              where decision_id = $1 and status in ('OPEN', 'ACCEPTED', 'REJECTED')
                and undo is not null order by id for no key update)
           update planning.proposal p
              set status = c.undo ->> 'status', quantity = (c.undo ->> 'quantity')::bigint,
                  unit_price = (c.undo ->> 'unit_price')::numeric,
                  amount = (c.undo ->> 'amount')::bigint,
                  decided_by = c.undo ->> 'decided_by',
                  decided_at = (c.undo ->> 'decided_at')::timestamptz,
                  decision_note = c.undo ->> 'decision_note',
                  decision_id = (c.undo ->> 'decision_id')::uuid,
                  undo = nullif(c.undo -> 'undo', 'null'), version = p.version + 1,
                  supplier_org_id = coalesce((c.undo ->> 'supplier_org_id')::uuid,
                                             p.supplier_org_id),
                  offer_id = coalesce((c.undo ->> 'offer_id')::uuid, p.offer_id),
                  currency = coalesce(c.undo ->> 'currency', p.currency),
                  moq = coalesce((c.undo ->> 'moq')::bigint, p.moq),
                  expected_date = coalesce((c.undo ->> 'expected_date')::date, p.expected_date)
             from chosen c where p.id = c.id
           returning p.id, p.version, p.status, p.supplier_org_id, p.quantity,
                     c.status as status_before, c.quantity as quantity_before""",
        decision_id,
    )


async def set_issued(db: Writer, ids: Sequence[UUID], purchase_order_id: UUID) -> list[Changed]:
    """Proposals that became lines of a purchase order; nothing can be undone any more."""
    return await db.rows(
        Changed,
        """update planning.proposal p
              set status = 'ISSUED', purchase_order_id = $2, version = version + 1, undo = null
            where id = any($1)
           returning p.id, p.version, p.status, p.supplier_org_id, p.quantity,
                     'ACCEPTED' as status_before, p.quantity as quantity_before""",
        list(ids),
        purchase_order_id,
    )


async def return_proposals(
    db: Writer, purchase_order_id: UUID, *, status: str, note: str, at: dt.datetime
) -> list[Changed]:
    """Give back the proposals of a purchase that ended at an instant; once, whenever asked again.

    OPEN to be decided again, unless a finished run has read its stock since: that one knows that
    nothing comes, and has proposed what it takes.
    """
    return await db.rows(
        Changed,
        """with chosen as (
             select p.id, exists (
                      select from planning.plan_run r
                       where r.org_id = p.org_id and r.state = 'DONE' and r.id <> p.plan_run_id
                         and r.as_of >= r.created_at and coalesce(r.read_at, r.as_of) > $4
                    ) as is_planned_anew
               from planning.proposal p
              where p.purchase_order_id = $1 and p.status = 'ISSUED'
              order by p.id for no key update of p)
           update planning.proposal p
              set status = case when c.is_planned_anew then 'SUPERSEDED' else 'OPEN' end,
                  version = p.version + 1, undo = null, decision_id = null,
                  purchase_order_id = null, returned_order_id = $1, returned_status = $2,
                  returned_note = $3, returned_at = $4
             from chosen c where p.id = c.id
           returning p.id, p.version, p.status, p.supplier_org_id, p.quantity,
                     'ISSUED' as status_before, p.quantity as quantity_before""",
        purchase_order_id,
        status,
        note,
        at,
    )
