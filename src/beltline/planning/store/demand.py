"""Writes of demand, promotions and calendar events."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge


async def merge_demand(db: Writer, name: str, org_id: UUID) -> Imported:
    """Upsert staged demand; empty flags and prices keep what was known."""
    return await merge(
        db,
        name,
        f"""insert into planning.demand as d (org_id, sku_id, node_id, ds, y, in_stock, price)
            select $1, k.id, n.id, i.ds, i.y, i.in_stock, i.price
              from {name} i
              join catalog.sku k on k.code = i.sku
              join trade.node n on n.code = i.node
             order by k.id, n.id, i.ds
            on conflict (sku_id, node_id, ds) do update set
              y = excluded.y, in_stock = coalesce(excluded.in_stock, d.in_stock),
              price = coalesce(excluded.price, d.price)
            where d.org_id = excluded.org_id
              and (d.y, d.in_stock, d.price) is distinct from
                  (excluded.y, coalesce(excluded.in_stock, d.in_stock),
                   coalesce(excluded.price, d.price))
            returning (xmax = 0)""",
        org_id,
    )


async def merge_in_stock(db: Writer, name: str, org_id: UUID) -> Imported:
    """Put staged flags beside the demand they are of."""
    staged = int(await db.value(f"select count(*) from {name}"))
    changed = await db.execute(
        f"""update planning.demand d set in_stock = i.in_stock
              from {name} i
              join catalog.sku k on k.code = i.sku
              join trade.node n on n.code = i.node
             where d.org_id = $1 and d.sku_id = k.id and d.node_id = n.id and d.ds = i.ds
               and d.in_stock is distinct from i.in_stock""",
        org_id,
    )
    return Imported(updated=changed, unchanged=staged - changed)


async def merge_promotions(db: Writer, name: str, org_id: UUID, now: dt.datetime) -> Imported:
    """Upsert staged promotions; without a node they hold everywhere."""
    return await merge(
        db,
        name,
        f"""insert into planning.promotion as p (id, org_id, sku_id, node_id, starts, ends, kind,
              price)
            select kit.uuid7($2), $1, k.id, n.id, i.starts, i.ends, coalesce(i.kind, 'PROMOTION'),
                   i.price
              from {name} i
              join catalog.sku k on k.code = i.sku
              left join trade.node n on n.code = i.node
             order by k.id, n.id, i.starts
            on conflict (sku_id, node_id, starts, kind) do update set
              ends = excluded.ends, price = excluded.price
            where p.org_id = excluded.org_id
              and (p.ends, p.price) is distinct from (excluded.ends, excluded.price)
            returning (xmax = 0)""",
        org_id,
        now,
    )


async def merge_events(db: Writer, name: str, org_id: UUID) -> Imported:
    """Add staged calendar events."""
    return await merge(
        db,
        name,
        f"""insert into planning.calendar_event (org_id, ds, kind, name)
            select distinct $1::uuid, i.ds, i.kind, coalesce(i.name, '')
              from {name} i order by 2, 3, 4
            on conflict do nothing
            returning (xmax = 0)""",
        org_id,
    )


async def insert_override(
    db: Writer, *, override_id: UUID, org_id: UUID, sku_id: UUID, node_id: UUID, starts: dt.date,
    ends: dt.date, factor: float, reason: str, by: str, now: dt.datetime,
) -> None:  # fmt: skip
    """Keep an override."""
    await db.execute(
        """insert into planning.demand_override (id, org_id, sku_id, node_id, starts, ends, factor,
             reason, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        override_id, org_id, sku_id, node_id, starts, ends, factor, reason, by, now,
    )  # fmt: skip


async def withdraw_override(db: Writer, override_id: UUID, *, by: str, now: dt.datetime) -> int:
    """Take an override back; 0 when it was already."""
    return await db.execute(
        """update planning.demand_override set withdrawn_by = $2, withdrawn_at = $3
            where id = $1 and withdrawn_at is null""",
        override_id,
        by,
        now,
    )
