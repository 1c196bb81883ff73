"""Writes of the choice of suppliers into a plan that has not ended."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.planning.types import Reason


class PartRow(msgspec.Struct, frozen=True):
    """One supplier's part of a drafted proposal; `id` is the proposal's for part 0.

    `later` is how many periods later than drafted it arrives.
    """

    draft_id: UUID
    id: UUID
    part: int
    supplier_org_id: UUID
    offer_id: UUID
    currency: str
    moq: int
    quantity: int
    unit_price: Decimal
    amount: int
    order_by: dt.date
    expected_date: dt.date
    later: int
    why: list[Reason]


_PARTS = """jsonb_to_recordset($2) as c(draft_id uuid, id uuid, part smallint,
    supplier_org_id uuid, offer_id uuid, currency text, moq bigint, quantity bigint,
    unit_price numeric(18, 6), amount bigint, order_by date, expected_date date, later int,
    why jsonb)"""


async def set_parts(db: Writer, run_id: UUID, rows: Sequence[PartRow]) -> None:
    """Buy drafts of a run as chosen: part 0 in the draft's place, the others beside it.

    The cost of a cycle is shared by units. What hindsight will judge follows.
    """
    told = msgspec.to_builtins(list(rows))
    await db.execute(
        f"""with whole as (
              select c.draft_id, sum(c.quantity) as quantity from {_PARTS} group by 1)
            insert into planning.proposal (id, plan_run_id, org_id, sku_id, node_id, part,
              supplier_org_id, offer_id, currency, proposed_quantity, quantity, moq, pack_size,
              unit_price, amount, order_by, expected_date, on_hand, inbound, stock_target,
              cover_days, p_stockout, p_stockout_after, expected_cost, why, alternatives, status)
            select c.id, $1, p.org_id, p.sku_id, p.node_id, c.part, c.supplier_org_id, c.offer_id,
                   c.currency, c.quantity, c.quantity, c.moq, p.pack_size, c.unit_price, c.amount,
                   c.order_by, c.expected_date, p.on_hand, p.inbound, p.stock_target,
                   p.cover_days, p.p_stockout, p.p_stockout_after,
                   floor(p.expected_cost * c.quantity / w.quantity), c.why, p.alternatives,
                   'DRAFT'
              from {_PARTS} join planning.proposal p on p.id = c.draft_id
              join whole w using (draft_id)
             where c.part > 0 and p.plan_run_id = $1 order by c.id""",
        run_id,
        told,
    )
    await db.execute(
        f"""with chosen as (select * from {_PARTS} where c.part = 0),
            shared as (
              select q.sku_id, q.node_id, sum(q.expected_cost)::bigint as cost
                from planning.proposal q where q.plan_run_id = $1 and q.part > 0
               group by 1, 2),
            kept as (
              select p.id, p.sku_id, p.node_id, coalesce(s.cost, 0) as elsewhere
                from planning.proposal p left join shared s using (sku_id, node_id)
               where p.plan_run_id = $1 and p.part = 0)
            update planning.proposal p
               set supplier_org_id = c.supplier_org_id, offer_id = c.offer_id,
                   currency = c.currency, moq = c.moq, proposed_quantity = c.quantity,
                   quantity = c.quantity, unit_price = c.unit_price, amount = c.amount,
                   order_by = c.order_by, expected_date = c.expected_date, why = c.why,
                   expected_cost = p.expected_cost - k.elsewhere
              from chosen c join kept k on k.id = c.id
             where p.id = c.id and p.status = 'DRAFT'""",
        run_id,
        told,
    )
    await db.execute(
        f"""with whole as (
              select p.sku_id, p.node_id, sum(c.quantity)::bigint as quantity
                from {_PARTS} join planning.proposal p on p.id = c.draft_id group by 1, 2)
            update planning.inventory_risk r
               set units = w.quantity, supplier_org_id = c.supplier_org_id, moq = c.moq,
                   arrives = greatest(r.arrives + c.later, 0),
                   next_arrival = greatest(r.next_arrival, r.arrives + c.later + 1)
              from {_PARTS} join planning.proposal p on p.id = c.draft_id
              join whole w on (w.sku_id, w.node_id) = (p.sku_id, p.node_id)
             where c.part = 0 and r.plan_run_id = $1
               and (r.sku_id, r.node_id) = (p.sku_id, p.node_id)""",
        run_id,
        told,
    )


async def set_why(db: Writer, run_id: UUID, why: Sequence[tuple[UUID, list[Reason]]]) -> None:
    """Say of drafts why they cannot be bought now."""
    await db.execute(
        """update planning.proposal p set why = c.why
             from jsonb_to_recordset($2) as c(id uuid, why jsonb)
            where p.id = c.id and p.plan_run_id = $1 and p.status = 'DRAFT'""",
        run_id,
        [{"id": id_.hex, "why": msgspec.to_builtins(reasons)} for id_, reasons in why],
    )


def part_id(draft_id: UUID, part: int) -> UUID:
    """The id of a part: the draft's own for the first."""
    return draft_id if part == 0 else new_id()
