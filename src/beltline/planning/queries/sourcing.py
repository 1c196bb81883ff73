"""Reads for the choice of suppliers: a plan's drafted proposals, and what factories can make."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader
from beltline.planning.types import Alternative, Reason


class DraftRow(msgspec.Struct, frozen=True):
    """A drafted proposal with what its series sells a day and earns a unit."""

    id: UUID
    sku_id: UUID
    node: str
    offer_id: UUID
    uom: str
    quantity: int
    pack_size: int
    order_by: dt.date
    expected_date: dt.date
    cover_days: float
    units_a_day: float
    unit_margin: float
    why: list[Reason]
    alternatives: list[Alternative]


class CapacityRow(msgspec.Struct, frozen=True):
    """What a supplier says it can make a month, and base units asked of it and not delivered."""

    supplier_org_id: UUID
    capacity_month: int
    capacity_unit: str
    awaited: int


async def list_drafts(db: Reader, plan_run_id: UUID) -> list[DraftRow]:
    """The proposals of a run that has not ended, in the order of SKU and node."""
    rows = await db.rows(
        _Row,
        """select p.id, p.sku_id, n.code as node, p.offer_id, k.uom, p.quantity, p.pack_size,
                  p.order_by, p.expected_date, p.cover_days, r.units_a_day, r.unit_margin, p.why,
                  p.alternatives
             from planning.proposal p
             join catalog.sku k on k.id = p.sku_id
             join trade.node n on n.id = p.node_id
             join planning.inventory_risk r
               on (r.plan_run_id, r.sku_id, r.node_id) = (p.plan_run_id, p.sku_id, p.node_id)
            where p.plan_run_id = $1 and p.status = 'DRAFT' order by p.sku_id, p.node_id""",
        plan_run_id,
    )
    return [
        msgspec.structs.replace(
            row, why=msgspec.convert(row.why, list[Reason]),
            alternatives=msgspec.convert(row.alternatives, list[Alternative]),
        )
        for row in rows
    ]  # fmt: skip


async def list_capacities(
    db: Reader, org_id: UUID, supplier_org_ids: Sequence[UUID]
) -> list[CapacityRow]:
    """Suppliers that say what they can make, with what they owe already."""
    return await db.rows(
        CapacityRow,
        """select f.org_id as supplier_org_id, f.capacity_month, f.capacity_unit,
                  coalesce((select sum(l.awaited_quantity) from procurement.purchase_order_line l
                              join procurement.purchase_order o on o.id = l.purchase_order_id
                             where o.supplier_org_id = f.org_id and o.operator_org_id = $1
                               and l.awaited_quantity > 0
                               and o.status not in ('PROPOSED', 'REFUSED', 'EXPIRED', 'CANCELLED')
                           ), 0)::bigint as awaited
             from suppliers.profile f
            where f.org_id = any($2) and f.operator_org_id = $1 and f.capacity_month is not null
            order by f.org_id""",
        org_id,
        list(supplier_org_ids),
    )


class _Row(DraftRow, frozen=True):
    """A draft whose JSON columns are still JSON."""

    why: Any
    alternatives: Any
