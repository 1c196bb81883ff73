"""Writes of proposed transfers and of the decisions about them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id

_TYPES = {
    "id": "uuid", "sku_id": "uuid", "origin_node_id": "uuid", "target_node_id": "uuid",
    "quantity": "bigint", "gain": "bigint", "freight": "bigint", "is_assumed": "boolean",
    "order_by": "date", "expected_date": "date", "arrives": "int", "why": "text",
}  # fmt: skip


async def insert_transfers(
    db: Writer, run_id: UUID, org_id: UUID, currency: str, rows: Sequence[Sequence[object]]
) -> None:
    """Transfers of a shard as DRAFTs; `rows` without ids, in the order of the columns above."""
    if not rows:
        return
    declared = ", ".join(f"{column} {type_}" for column, type_ in _TYPES.items())
    await db.execute("drop table if exists pg_temp.planned_transfer")
    await db.execute(f"create temporary table planned_transfer ({declared}) on commit drop")
    await db.copy("planned_transfer", list(_TYPES), [(new_id(), *row) for row in rows])
    await db.execute(
        """insert into planning.transfer (id, plan_run_id, org_id, sku_id, origin_node_id,
             target_node_id, quantity, currency, gain, freight, is_assumed, order_by,
             expected_date, arrives, why, status)
           select id, $1, $2, sku_id, origin_node_id, target_node_id, quantity, $3, gain, freight,
                  is_assumed, order_by, expected_date, arrives, why::jsonb, 'DRAFT'
             from pg_temp.planned_transfer order by id
           on conflict (plan_run_id, sku_id, origin_node_id, target_node_id) do nothing""",
        run_id,
        org_id,
        currency,
    )


async def supersede(db: Writer, run_id: UUID, org_id: UUID) -> int:
    """Open the drafts of a run and close what is open of earlier ones; how many it opened.

    A run of an earlier cut-off than one that is done replaces nothing.
    """
    await db.execute(
        """update planning.transfer t set status = 'SUPERSEDED', version = t.version + 1
             from planning.plan_run r, planning.plan_run mine
            where mine.id = $1 and t.org_id = $2 and t.status = 'OPEN' and t.plan_run_id = r.id
              and r.id <> $1 and r.as_of <= mine.as_of""",
        run_id,
        org_id,
    )
    return await db.execute(
        """update planning.transfer t set status = case when exists (
                  select from planning.plan_run r, planning.plan_run mine
                   where mine.id = $1 and r.org_id = $2 and r.state = 'DONE' and r.id <> $1
                     and r.as_of > mine.as_of) then 'SUPERSEDED' else 'OPEN' end
            where t.plan_run_id = $1 and t.status = 'DRAFT'""",
        run_id,
        org_id,
    )


class Changed(msgspec.Struct, frozen=True):
    """A proposed transfer after a change, as far as its event tells."""

    id: UUID
    version: int
    status: str
    status_before: str
    quantity: int


async def decide(
    db: Writer, org_id: UUID, ids: Sequence[UUID], *, status: str,
    from_statuses: Sequence[str], by: str, note: str, sent: Mapping[UUID, UUID],
    now: dt.datetime,
) -> list[Changed]:  # fmt: skip
    """Give proposed transfers a state, and the stock transfers that were sent for them.

    Those in another state stay.
    """
    return await db.rows(
        Changed,
        """with chosen as (
             select t.id, t.status from planning.transfer t
              where t.org_id = $7 and t.id = any($1) and t.status = any($3)
              order by t.id for no key update)
           update planning.transfer t
              set status = $2, version = t.version + 1, decided_by = $4, decided_at = $6,
                  decision_note = $5, stock_transfer_id = g.stock_id
             from chosen c left join unnest($8::uuid[], $9::uuid[]) as g(id, stock_id) using (id)
            where t.id = c.id
           returning t.id, t.version, t.status, c.status as status_before, t.quantity""",
        list(ids), status, list(from_statuses), by, note, now, org_id,
        list(sent), list(sent.values()),
    )  # fmt: skip


class Waiting(msgspec.Struct, frozen=True):
    """A proposed transfer to be sent."""

    id: UUID
    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID
    quantity: int
    planned_on: dt.date
    expected_date: dt.date


async def lock_open(db: Writer, org_id: UUID, ids: Sequence[UUID]) -> list[Waiting]:
    """Open ones of some proposed transfers, held until the transaction ends."""
    return await db.rows(
        Waiting,
        """select t.id, t.sku_id, t.origin_node_id, t.target_node_id, t.quantity,
                  kit.day_of(r.as_of) as planned_on, t.expected_date
             from planning.transfer t join planning.plan_run r on r.id = t.plan_run_id
            where t.org_id = $1 and t.id = any($2) and t.status = 'OPEN' order by t.id
              for no key update of t""",
        org_id,
        list(ids),
    )


async def tell(
    db: Writer, actor: Actor, *, type_: str, action: str, changed: Sequence[Changed],
    now: dt.datetime,
) -> None:  # fmt: skip
    """Event and audit row of every proposed transfer that changed, in one statement."""
    await db.execute(
        """select kit.record_event($1, 1, 'transfer', c.id, c.version, $5, $6, null, null,
                    jsonb_build_object('transfer_id', 'trp_' || replace(c.id::text, '-', ''),
                                       'by', $7::text, 'status', c.status,
                                       'quantity', c.quantity)),
                  accounts.record_audit($2, $5, $3, 'transfer', c.id, jsonb_build_object(
                    'status', jsonb_build_array(c.status_before, c.status),
                    'quantity', c.quantity))
             from jsonb_to_recordset($4) as c(id uuid, version bigint, status text,
                    status_before text, quantity bigint)""",
        type_, actor.as_row(), action, msgspec.to_builtins(list(changed)), now, actor.org_id,
        actor.name,
    )  # fmt: skip


class Realised(msgspec.Struct, frozen=True):
    """What a transfer earned, in minor units."""

    id: UUID
    realised: int


async def set_realised(db: Writer, found: Sequence[Realised]) -> None:
    """Keep what transfers earned."""
    await db.execute(
        """update planning.transfer t set realised = f.realised
             from jsonb_to_recordset($1) as f(id uuid, realised bigint) where t.id = f.id""",
        msgspec.to_builtins(list(found)),
    )
