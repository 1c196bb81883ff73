"""Reads of lots, where their units went, and the proof that they are the stock."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.inventory.types.lots import Lot, LotMove, LotRule
from beltline.kit.db import Reader
from beltline.kit.proofs import FAULTS_SHOWN, Proof

NO_DAY = dt.date(9999, 12, 31)
"""Where a lot without a last day stands in the order of days."""


async def find_lot_rule(db: Reader, sku: str) -> LotRule | None:
    """How the lots of a SKU are kept; None where none are."""
    return await db.find(
        LotRule,
        """select k.code as sku, r.kind, r.shelf_life_days, r.soon_days
             from inventory.lot_rule r join catalog.sku k on k.id = r.sku_id
            where k.code = $1 and r.kind <> 'NONE'""",
        sku,
    )


async def list_lot_rules(db: Reader, skus: Sequence[str]) -> dict[str, LotRule]:
    """How the lots of some SKUs are kept, by code; one that keeps none is left out."""
    rows = await db.rows(
        LotRule,
        """select k.code as sku, r.kind, r.shelf_life_days, r.soon_days
             from inventory.lot_rule r join catalog.sku k on k.id = r.sku_id
            where k.code = any($1) and r.kind <> 'NONE' order by k.code""",
        skus,
    )
    return {row.sku: row for row in rows}


async def list_lots(
    db: Reader,
    *,
    today: dt.date,
    sku: str | None = None,
    node: str | None = None,
    is_ending: bool = False,
    after: tuple[dt.date, UUID] | None = None,
    limit: int = 50,
) -> list[Lot]:
    """Lots with units, what ends first foremost; `is_ending` only those that end soon or have."""
    return await db.rows(
        Lot,
        """select l.id, k.code as sku, k.title as sku_title, k.title_zh as sku_title_zh, k.uom,
                  n.code as node, n.name as node_name, n.name_zh as node_name_zh, o.code as owner,
                  l.code, l.expires_date, l.received_at, l.units, l.held,
                  coalesce(l.expires_date <= $1::date + r.soon_days, false) as is_ending
             from inventory.lot l
             join inventory.lot_rule r on r.sku_id = l.sku_id
             join catalog.sku k on k.id = l.sku_id
             join trade.node n on n.id = l.node_id
             join accounts.organization o on o.id = l.owner_org_id
            where l.units > 0
              and ($2::text is null or k.code = $2) and ($3::text is null or n.code = $3)
              and (not $4 or l.expires_date <= $1::date + r.soon_days)
              and ($5::date is null or (coalesce(l.expires_date, $7::date), l.id) > ($5, $6))
            order by coalesce(l.expires_date, $7::date), l.id limit $8""",
        today,
        sku,
        node,
        is_ending,
        *(after or (None, None)),
        NO_DAY,
        limit,
    )


async def count_ending(db: Reader, *, today: dt.date) -> int:
    """How many lots of the acting organization's stock end soon or have ended."""
    lots: int = await db.value(
        """select count(*) from inventory.lot l
             join inventory.lot_rule r on r.sku_id = l.sku_id
            where l.units > 0 and l.expires_date <= $1::date + r.soon_days""",
        today,
    )
    return lots


async def list_lot_moves(
    db: Reader,
    *,
    sku: str,
    lot: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[LotMove]:
    """Where units of a SKU, or of one lot of it, came from and went, newest first."""
    return await db.rows(
        LotMove,
        """select m.id, m.at, k.code as sku, n.code as node, o.code as owner, m.lot, m.kind,
                  m.units, m.reference, m.reference_id
             from inventory.lot_move m
             join catalog.sku k on k.id = m.sku_id
             join trade.node n on n.id = m.node_id
             join accounts.organization o on o.id = m.owner_org_id
            where m.sku_id = (select id from catalog.sku where code = $1)
              and ($2::text is null or m.lot = $2)
              and ($3::timestamptz is null or (m.at, m.id) < ($3, $4))
            order by m.at desc, m.id desc limit $5""",
        sku,
        lot,
        *(before or (None, None)),
        limit,
    )


class _LotFigures(msgspec.Struct, frozen=True):
    rows: int
    lots: int
    units: int
    wrong: int
    faults: list[dict[str, str | int]]


async def prove_lots(db: Reader) -> Proof:
    """The lots of every row whose SKU keeps them are its units; the held ones are held."""
    found = await db.get(
        _LotFigures, "proof", "lots",
        """with lots as (
             select sku_id, node_id, owner_org_id, count(*) as lots, sum(units) as units,
                    sum(held) as held
               from inventory.lot group by sku_id, node_id, owner_org_id
           ), compared as (
             select sku_id, node_id, owner_org_id, coalesce(l.lots, 0) as lots,
                    coalesce(s.on_hand, 0) as on_hand, coalesce(l.units, 0)::bigint as units,
                    coalesce(s.quality_hold, 0) as quality_hold,
                    coalesce(l.held, 0)::bigint as held
               from (select s.* from inventory.stock s
                       join inventory.lot_rule r on r.sku_id = s.sku_id and r.kind <> 'NONE') s
               full join lots l using (sku_id, node_id, owner_org_id)
           ), wrong as (
             select * from compared where on_hand <> units or held > quality_hold
           )
           select (select count(*) from compared) as rows,
                  (select coalesce(sum(lots), 0)::bigint from compared) as lots,
                  (select coalesce(sum(units), 0)::bigint from compared) as units,
                  (select count(*) from wrong) as wrong,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select sku_id, node_id, owner_org_id, on_hand, units, quality_hold, held
                      from wrong order by 1, 2, 3 limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="lots_equal_stock",
        statement="The lots of every stock row whose SKU keeps them are its units on hand, and no "
        "more of them are held as expired than are on quality hold.",
        holds=found.wrong == 0,
        figures={
            "rows": found.rows,
            "lots": found.lots,
            "units": found.units,
            "rows_wrong": found.wrong,
        },
        faults=found.faults,
    )
