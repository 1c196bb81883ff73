"""Reads of deadlines: what runs against whom, and what each has led to."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Reader
from beltline.procurement.types.deadlines import Deadline

_STEPS = """
  select s.subject_id, s.kind, s.due_at, s.purchase_order_id, s.concerns,
         min(s.taken_at) filter (where s.step = 'REMINDED') as reminded_at,
         min(s.taken_at) filter (where s.step = 'ESCALATED') as escalated_at,
         min(s.settled_at) as settled_at
    from procurement.deadline_step s
   group by s.subject_id, s.kind, s.due_at, s.purchase_order_id, s.concerns
"""


async def list_deadlines_of(db: Reader, order_id: UUID, *, limit: int = 200) -> list[Deadline]:
    """The deadlines of an order that run, and those that led to something; the first due first."""
    return await db.rows(
        Deadline,
        f"""select coalesce(d.kind, s.kind) as kind, coalesce(d.subject_id, s.subject_id)
                     as subject_id, o.id as purchase_order_id, o.number as purchase_order,
                   coalesce(d.concerns, s.concerns) as concerns,
                   coalesce(d.due_at, s.due_at) as due_at, d.kind is not null as is_running,
                   s.reminded_at, s.escalated_at, s.settled_at
              from (select * from procurement.deadline where purchase_order_id = $1) d
              full join (select * from ({_STEPS}) x where x.purchase_order_id = $1) s
                     using (subject_id, kind, due_at)
              join procurement.purchase_order o on o.id = $1
             order by due_at, kind limit $2""",
        order_id,
        limit,
    )


async def list_deadlines(
    db: Reader,
    actor: Actor,
    *,
    due_before: dt.datetime | None = None,
    concerns: str | None = None,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Deadline]:
    """What runs of the actor's orders, the first due first.

    `concerns` keeps what its OPERATOR or its SUPPLIER has to do.
    """
    at, after_id = after or (None, None)
    return await db.rows(
        Deadline,
        f"""select d.kind, d.subject_id, d.purchase_order_id, o.number as purchase_order,
                   d.concerns, d.due_at, true as is_running, s.reminded_at, s.escalated_at,
                   s.settled_at
              from procurement.deadline d
              join procurement.purchase_order o on o.id = d.purchase_order_id
              left join lateral (
                select * from ({_STEPS}) x
                 where (x.subject_id, x.kind, x.due_at) = (d.subject_id, d.kind, d.due_at)
              ) s on true
             where $1 in (d.operator_org_id, d.supplier_org_id)
               and ($2::timestamptz is null or d.due_at <= $2)
               and ($3::text is null or d.concerns = $3)
               and ($4::timestamptz is null or (d.due_at, d.subject_id) > ($4, $5))
             order by d.due_at, d.subject_id limit $6""",
        actor.org_id,
        due_before,
        concerns,
        at,
        after_id,
        limit,
    )
