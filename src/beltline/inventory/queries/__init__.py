"""Reads of stock, availability and movements; the proof of stock."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.inventory.types import (
    Availability,
    AvailableRow,
    AvailableTotal,
    Movement,
    Stock,
    StockRow,
    StockSummary,
)
from beltline.inventory.types.adjustments import Adjustment
from beltline.inventory.types.transfers import StockTransferStatus, Transfer
from beltline.kit.db import Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof

_STOCK = """
  select s.sku_id, s.node_id, s.owner_org_id, k.code as sku, k.title as sku_title,
         k.title_zh as sku_title_zh, k.uom, n.code as node, o.code as owner, s.kind, s.on_hand,
         s.reserved, s.quality_hold, s.damaged,
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer, 0) as available,
         s.inbound, s.version, s.counted_at
    from inventory.stock s
    join catalog.sku k on k.id = s.sku_id
    join trade.node n on n.id = s.node_id
    join accounts.organization o on o.id = s.owner_org_id
"""


async def list_stock(
    db: Reader,
    *,
    sku: str | None = None,
    node: str | None = None,
    after: tuple[UUID, UUID, UUID] | None = None,
    limit: int = 50,
) -> list[Stock]:
    """Stock that the acting organization owns or operates, by (sku, node, owner) id."""
    return await db.rows(
        Stock,
        f"""{_STOCK}
            where ($1::text is null or k.code = $1) and ($2::text is null or n.code = $2)
              and ($3::uuid is null or (s.sku_id, s.node_id, s.owner_org_id) > ($3, $4, $5))
            order by s.sku_id, s.node_id, s.owner_org_id limit $6""",
        sku,
        node,
        *(after or (None, None, None)),
        limit,
    )


async def list_availability(
    db: Reader,
    *,
    sku: str | None = None,
    node: str | None = None,
    after: tuple[UUID, UUID] | None = None,
    limit: int = 50,
) -> list[Availability]:
    """What can be ordered: of the network's nodes and from factories, by (sku, node) id."""
    return await db.rows(
        Availability,
        """select a.sku_id, a.node_id, k.code as sku, n.code as node,
                  sum(a.available)::bigint as available, sum(a.inbound)::bigint as inbound
             from inventory.on_sale a
             join catalog.sku k on k.id = a.sku_id
             join trade.node n on n.id = a.node_id
            where ($1::text is null or k.code = $1) and ($2::text is null or n.code = $2)
              and ($3::uuid is null or (a.sku_id, a.node_id) > ($3, $4))
            group by a.sku_id, a.node_id, k.code, n.code
            order by a.sku_id, a.node_id limit $5""",
        sku,
        node,
        *(after or (None, None)),
        limit,
    )


class _Available(msgspec.Struct, frozen=True):
    sku_id: UUID
    available: int


async def available_of(db: Reader, sku_ids: list[UUID]) -> dict[UUID, int]:
    """How many base units of these SKUs can be ordered, over all nodes and factories.

    One without stock is left out.
    """
    rows = await db.rows(
        _Available,
        """select a.sku_id, sum(a.available)::bigint as available
             from inventory.on_sale a
            where a.sku_id = any($1) group by a.sku_id""",
        sku_ids,
    )
    return {row.sku_id: row.available for row in rows}


async def list_movements(
    db: Reader,
    *,
    sku: str | None = None,
    node: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Movement]:
    """Changes of stock that the acting organization owns or operates, newest first."""
    return await db.rows(
        Movement,
        """select m.id, m.at, k.code as sku, n.code as node, o.code as owner, m.kind, m.on_hand,
                  m.reserved, m.quality_hold, m.damaged, m.reference, m.reference_id
             from inventory.movement m
             join catalog.sku k on k.id = m.sku_id
             join trade.node n on n.id = m.node_id
             join accounts.organization o on o.id = m.owner_org_id
            where ($1::text is null or m.sku_id = (select id from catalog.sku where code = $1))
              and ($2::text is null or m.node_id = (select id from trade.node where code = $2))
              and ($3::timestamptz is null or (m.at, m.id) < ($3, $4))
            order by m.at desc, m.id desc limit $5""",
        sku,
        node,
        *(before or (None, None)),
        limit,
    )


_TRANSFER = """
  select t.id, 'TRF-' || t.n as number, k.code as sku, k.title as sku_title,
         k.title_zh as sku_title_zh, k.uom, a.code as origin, b.code as target, t.quantity,
         t.received, t.status, t.expected_date, t.sent_by, t.sent_at, t.ended_by, t.ended_at
    from inventory.transfer t
    join catalog.sku k on k.id = t.sku_id
    join trade.node a on a.id = t.origin_node_id
    join trade.node b on b.id = t.target_node_id
"""


async def get_transfer(db: Reader, transfer_id: UUID) -> Transfer:
    """A transfer of the acting organization."""
    return await db.get(
        Transfer, "transfer", show_id("trf", transfer_id), f"{_TRANSFER} where t.id = $1",
        transfer_id,
    )  # fmt: skip


async def list_transfers(
    db: Reader, *, status: StockTransferStatus | None = None,
    before: tuple[dt.datetime, UUID] | None = None, limit: int = 50,
) -> list[Transfer]:  # fmt: skip
    """Transfers of the acting organization, the latest first."""
    return await db.rows(
        Transfer,
        f"""{_TRANSFER}
            where ($1::text is null or t.status = $1)
              and ($2::timestamptz is null or (t.sent_at, t.id) < ($2, $3))
            order by t.sent_at desc, t.id desc limit $4""",
        status,
        *(before or (None, None)),
        limit,
    )


class _StockFigures(msgspec.Struct, frozen=True):
    rows: int
    movements: int
    on_hand: int
    reserved: int
    wrong: int
    oversold: int
    faults: list[dict[str, str | int]]


async def prove_stock(db: Reader) -> Proof:
    """Every stock row equals the sum of its movements.

    And no row is short except where a count made it so, or goods that expired.
    """
    found = await db.get(
        _StockFigures, "proof", "stock",
        """with moved as (
             select sku_id, node_id, owner_org_id, count(*) as movements, sum(on_hand) as on_hand,
                    sum(reserved) as reserved, sum(quality_hold) as quality_hold,
                    sum(damaged) as damaged
               from inventory.movement group by sku_id, node_id, owner_org_id
           ), compared as (
             select sku_id, node_id, owner_org_id, coalesce(m.movements, 0) as movements,
                    coalesce(s.on_hand, 0) as on_hand, coalesce(s.reserved, 0) as reserved,
                    coalesce(m.on_hand, 0) as on_hand_moved,
                    coalesce(m.reserved, 0) as reserved_moved,
                    (coalesce(s.on_hand, 0), coalesce(s.reserved, 0), coalesce(s.quality_hold, 0),
                     coalesce(s.damaged, 0))
                      is distinct from (coalesce(m.on_hand, 0), coalesce(m.reserved, 0),
                        coalesce(m.quality_hold, 0), coalesce(m.damaged, 0)) as is_wrong,
                    coalesce(s.on_hand < s.reserved + s.quality_hold + s.damaged, false)
                      as is_short
               from inventory.stock s full join moved m using (sku_id, node_id, owner_org_id)
           )
           select count(*) as rows, coalesce(sum(movements), 0)::bigint as movements,
                  coalesce(sum(on_hand), 0)::bigint as on_hand,
                  coalesce(sum(reserved), 0)::bigint as reserved,
                  count(*) filter (where is_wrong) as wrong,
                  count(*) filter (where is_short and not exists (
                    select from inventory.movement m
                     where m.sku_id = c.sku_id and m.node_id = c.node_id
                       and m.owner_org_id = c.owner_org_id
                       and (m.on_hand < 0 or (m.kind = 'HOLD' and m.reference = 'expired'))))
                    as oversold,
                  coalesce((select jsonb_agg(to_jsonb(w)) from (
                    select sku_id, node_id, owner_org_id, on_hand::bigint, on_hand_moved::bigint,
                           reserved::bigint, reserved_moved::bigint
                      from compared where is_wrong order by 1, 2, 3 limit $1) w), '[]') as faults
             from compared c""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="stock_equals_movements",
        statement="On hand and reserved of every row are the sums of its movements; no row is "
        "short except by a count or by goods that expired.",
        holds=found.wrong == 0 and found.oversold == 0,
        figures={
            "rows": found.rows,
            "movements": found.movements,
            "on_hand": found.on_hand,
            "reserved": found.reserved,
            "rows_wrong": found.wrong,
            "rows_oversold": found.oversold,
        },
        faults=found.faults,
    )


_ADJUSTMENT = """
  select a.id, 'ADJ-' || a.n as number, k.code as sku, k.title as sku_title,
         k.title_zh as sku_title_zh, k.uom, n.code as node, o.code as owner, a.kind, a.quantity,
         a.reason, a.note, a.status, a.asked_by, a.asked_via_id, a.asked_at, a.decided_by,
         a.decided_at
    from inventory.adjustment a
    join catalog.sku k on k.id = a.sku_id
    join trade.node n on n.id = a.node_id
    join accounts.organization o on o.id = a.owner_org_id
"""


async def list_adjustments(
    db: Reader,
    *,
    status: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Adjustment]:
    """Adjustments of the operator's, newest first."""
    return await db.rows(
        Adjustment,
        f"""{_ADJUSTMENT} where ($1::text is null or a.status = $1)
              and ($2::timestamptz is null or (a.asked_at, a.id) < ($2, $3))
            order by a.asked_at desc, a.id desc limit $4""",
        status,
        *(before or (None, None)),
        limit,
    )


async def get_adjust_limit(db: Reader) -> int:
    """Units of sale above which a change needs a second person."""
    limit: int = await db.value("select adjust_limit from inventory.policy")
    return limit


async def get_adjustment(db: Reader, adjustment_id: UUID) -> Adjustment:
    """One adjustment."""
    return await db.get(
        Adjustment, "adjustment", show_id("adj", adjustment_id), f"{_ADJUSTMENT} where a.id = $1",
        adjustment_id,
    )  # fmt: skip


async def list_stock_by_code(
    db: Reader,
    *,
    words: str = "",
    sku: str | None = None,
    node: str | None = None,
    kind: str | None = None,
    is_short: bool = False,
    after: tuple[str, str, str] | None = None,
    limit: int = 50,
) -> list[StockRow]:
    """Stock that the acting organization owns or operates, by the codes of (sku, node, owner).

    `words` is looked for in code and titles of the SKU.
    """
    return await db.rows(
        StockRow,
        """select s.sku_id, s.node_id, s.owner_org_id, k.code as sku, k.title as sku_title,
                  k.title_zh as sku_title_zh, k.uom, n.code as node, o.code as owner, s.kind,
                  s.on_hand, s.reserved, s.quality_hold, s.damaged,
                  greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer, 0)
                    as available,
                  s.inbound, s.version, s.counted_at, n.name as node_name,
                  n.name_zh as node_name_zh, o.name as owner_name, o.name_zh as owner_name_zh
             from inventory.stock s
             join catalog.sku k on k.id = s.sku_id
             join trade.node n on n.id = s.node_id
             join accounts.organization o on o.id = s.owner_org_id
            where ($1 = '' or position(lower($1) in lower(k.code || ' ' || k.title)) > 0
                   or position($1 in k.title_zh) > 0)
              and ($2::text is null or k.code = $2) and ($3::text is null or n.code = $3)
              and ($4::text is null or s.kind = $4)
              and (not $5 or s.on_hand < s.reserved + s.quality_hold + s.damaged)
              and ($6::text is null or (k.code >= $6 and (k.code, n.code, o.code) > ($6, $7, $8)))
            order by k.code, n.code, o.code limit $9""",
        words,
        sku,
        node,
        kind,
        is_short,
        *(after or (None, None, None)),
        limit,
    )


async def list_availability_by_code(
    db: Reader,
    *,
    words: str = "",
    sku: str | None = None,
    node: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[AvailableRow]:
    """What can be ordered, by the codes of (sku, node)."""
    return await db.rows(
        AvailableRow,
        """select a.sku_id, a.node_id, k.code as sku, n.code as node,
                  sum(a.available)::bigint as available, sum(a.inbound)::bigint as inbound,
                  k.title as sku_title, k.title_zh as sku_title_zh, k.uom, n.name as node_name,
                  n.name_zh as node_name_zh, a.is_declared
             from catalog.sku k
             join inventory.on_sale a on a.sku_id = k.id
             join trade.node n on n.id = a.node_id
            where ($1 = '' or position(lower($1) in lower(k.code || ' ' || k.title)) > 0
                   or position($1 in k.title_zh) > 0)
              and ($2::text is null or k.code = $2) and ($3::text is null or n.code = $3)
              and ($4::text is null or (k.code >= $4 and (k.code, n.code) > ($4, $5)))
            group by k.code, n.code, a.sku_id, a.node_id, k.title, k.title_zh, k.uom, n.name,
                     n.name_zh, a.is_declared
            order by k.code, n.code limit $6""",
        words,
        sku,
        node,
        *(after or (None, None)),
        limit,
    )


async def get_stock_summary(db: Reader, *, stale_before: dt.datetime) -> StockSummary:
    """The acting organization's stock in figures."""
    return await db.get(
        StockSummary, "summary", "stock",
        """select count(distinct sku_id) as skus, count(distinct node_id) as nodes,
                  count(*) filter (where on_hand < reserved + quality_hold + damaged) as shortages,
                  count(*) filter (where kind = 'DECLARED') as declared,
                  count(*) filter (where kind = 'DECLARED' and counted_at < $1) as stale,
                  count(*) filter (where inbound > 0) as inbound
             from inventory.stock""",
        stale_before,
    )  # fmt: skip


async def list_available_totals(db: Reader, sku_ids: list[UUID]) -> list[AvailableTotal]:
    """How much of each of these SKUs can be ordered, over all nodes; none is 0."""
    return await db.rows(
        AvailableTotal,
        """select k.id as sku_id, k.uom,
                  coalesce(sum(a.available), 0)::bigint as available
             from catalog.sku k
             left join inventory.on_sale a on a.sku_id = k.id
            where k.id = any($1) group by k.id, k.uom""",
        sku_ids,
    )
