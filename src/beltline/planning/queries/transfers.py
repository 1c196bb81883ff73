"""Reads of proposed transfers, and of what they are decided by."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader
from beltline.kit.ids import show_id
from beltline.kit.paging import decode_cursor, encode_cursor
from beltline.planning.types import Reason, Size
from beltline.planning.types.transfers import (
    TransferFilters,
    TransferProposal,
    TransferStatus,
    TransferTally,
)


class LaneRow(msgspec.Struct, frozen=True):
    """The days half of the goods need from a node to a country by its fastest lane."""

    node_id: UUID
    country: str
    days: float


async def list_lanes(db: Reader) -> list[LaneRow]:
    """The fastest lane of every node to every country."""
    return await db.rows(
        LaneRow,
        """select node_id, country, min(transit_days_p50) as days from trade.lane
            group by node_id, country order by node_id, country limit 20000""",
    )


async def list_sizes(db: Reader, sku_ids: list[UUID]) -> list[Size]:
    """What a base unit of some SKUs weighs and measures: of its carton where that is known."""
    return await db.rows(
        Size,
        """select k.id as sku_id,
                  coalesce(k.carton_weight_g::float8 / k.carton_pieces, k.weight_g) / 1e3
                    / kit.per_uom(k.uom) as kilograms,
                  coalesce(k.carton_mm[1]::float8 * k.carton_mm[2] * k.carton_mm[3]
                             / k.carton_pieces,
                           k.length_mm::float8 * k.width_mm * k.height_mm) / 1e9
                    / kit.per_uom(k.uom) as cubic_meters
             from catalog.sku k where k.id = any($1)""",
        sku_ids,
    )


class RefusedRow(msgspec.Struct, frozen=True):
    """A transfer that a person rejected."""

    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID


async def list_refused(
    db: Reader, org_id: UUID, sku_ids: list[UUID], *, since: dt.datetime, until: dt.datetime
) -> list[RefusedRow]:
    """Transfers of some SKUs that people rejected in a span."""
    return await db.rows(
        RefusedRow,
        """select distinct sku_id, origin_node_id, target_node_id from planning.transfer
            where org_id = $1 and sku_id = any($2) and status = 'REJECTED'
              and decided_at between $3 and $4
            order by sku_id, origin_node_id, target_node_id""",
        org_id,
        sku_ids,
        since,
        until,
    )


_PROPOSED = """
  select t.id, t.plan_run_id, t.sku_id, k.code as sku, k.title, k.title_zh, k.uom,
         t.origin_node_id, a.code as origin, t.target_node_id, b.code as target, t.quantity,
         t.currency, t.gain, t.freight, t.is_assumed, t.order_by, t.expected_date, t.why, t.status,
         t.version, t.decided_by, t.decided_at, t.decision_note, t.realised,
         m.id as stock_transfer_id, m.status as move_status, 'TRF-' || m.n as move_number,
         m.received
    from planning.transfer t
    join catalog.sku k on k.id = t.sku_id
    join trade.node a on a.id = t.origin_node_id
    join trade.node b on b.id = t.target_node_id
    left join inventory.transfer m on m.id = t.stock_transfer_id
"""
_FILTER = """
  t.org_id = $1 and t.status <> 'DRAFT'
  and ($2::text is null or t.status = $2) and ($3::text is null or $3 in (a.code, b.code))
  and ($4 = '' or position(upper($4) in upper(k.code || ' ' || k.title || ' ' || k.title_zh)) > 0)
  and ($5::uuid is null or t.plan_run_id = $5)
"""


class _Row(TransferProposal, frozen=True):
    why: Any


async def get_transfer(db: Reader, org_id: UUID, transfer_id: UUID) -> TransferProposal:
    """One proposed transfer of an organization."""
    row = await db.get(
        _Row, "transfer proposal", show_id("trp", transfer_id),
        f"{_PROPOSED} where t.org_id = $1 and t.id = $2 and t.status <> 'DRAFT'",
        org_id, transfer_id,
    )  # fmt: skip
    return _read(row)


async def list_transfers(
    db: Reader, org_id: UUID, filters: TransferFilters, *, limit: int, cursor: str | None = None
) -> tuple[list[TransferProposal], str | None]:
    """Proposed transfers by the day to send them, the dearest first; with the next cursor."""
    at = decode_cursor(cursor, dt.date, int, UUID)
    rows = await db.rows(
        _Row,
        f"""{_PROPOSED} where {_FILTER}
              and ($6::date is null or (t.order_by, -t.gain, t.id) > ($6, $7::bigint, $8::uuid))
            order by t.order_by, -t.gain, t.id limit $9""",
        org_id, *_arguments(filters), *(at or (None, None, None)), limit + 1,
    )  # fmt: skip
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        following = encode_cursor(shown[-1].order_by, -shown[-1].gain, shown[-1].id)
    return [_read(row) for row in shown], following


async def list_ids(db: Reader, org_id: UUID, filters: TransferFilters) -> list[UUID]:
    """The ids of proposed transfers that a filter names."""
    return await db.values(
        f"""select t.id from planning.transfer t
              join catalog.sku k on k.id = t.sku_id
              join trade.node a on a.id = t.origin_node_id
              join trade.node b on b.id = t.target_node_id
             where {_FILTER} order by t.id limit 100000""",
        org_id, *_arguments(filters),
    )  # fmt: skip


async def tally_transfers(
    db: Reader, org_id: UUID, filters: TransferFilters
) -> list[TransferTally]:
    """Count, gain and freight by status and currency, whatever status the filter names."""
    return await db.rows(
        TransferTally,
        f"""select t.status, t.currency, count(*) as count, sum(t.gain)::bigint as gain,
                   sum(t.freight)::bigint as freight,
                   count(m.id) filter (where m.status = 'SENT') as in_transit
              from planning.transfer t
              join catalog.sku k on k.id = t.sku_id
              join trade.node a on a.id = t.origin_node_id
              join trade.node b on b.id = t.target_node_id
              left join inventory.transfer m on m.id = t.stock_transfer_id
             where {_FILTER} group by t.status, t.currency order by t.status, t.currency""",
        org_id, *_arguments(msgspec.structs.replace(filters, status=None)),
    )  # fmt: skip


class MovedRow(msgspec.Struct, frozen=True):
    """A transfer of a run as hindsight plays it; freight in minor units."""

    id: UUID
    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID
    quantity: int
    freight: int
    arrives: int


async def list_moved(db: Reader, plan_run_id: UUID) -> list[MovedRow]:
    """The transfers of a run, whatever became of them."""
    return await db.rows(
        MovedRow,
        """select id, sku_id, origin_node_id, target_node_id, quantity, freight, arrives
             from planning.transfer where plan_run_id = $1 order by id""",
        plan_run_id,
    )


def _arguments(f: TransferFilters) -> tuple[Any, ...]:
    status: TransferStatus | None = f.status
    return status, f.node, f.words, f.plan_run_id


def _read(row: _Row) -> TransferProposal:
    told = {name: getattr(row, name) for name in TransferProposal.__struct_fields__}
    return TransferProposal(**{**told, "why": msgspec.convert(row.why, list[Reason])})
