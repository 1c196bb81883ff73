"""Reads of counts: sheets, and what was found of their lines."""

import datetime as dt
from uuid import UUID

from beltline.inventory.types.counts import CountLine, StockCount
from beltline.kit.db import Reader
from beltline.kit.ids import show_id

_COUNT = """
  select c.id, 'CNT-' || c.n as number, n.code as node, n.name as node_name,
         n.name_zh as node_name_zh, c.is_blind, c.note, c.state, l.lines, l.left, l.differences,
         l.waiting, c.opened_by, c.opened_at, c.ended_by, c.ended_at
    from inventory.stock_count c
    join trade.node n on n.id = c.node_id
    cross join lateral (
      select count(*) as lines, count(*) filter (where x.state in ('OPEN', 'AGAIN')) as left,
             count(*) filter (where x.counted <> x.book) as differences,
             count(*) filter (where a.status = 'WAITING') as waiting
        from inventory.stock_count_line x
        left join inventory.adjustment a on a.id = x.adjustment_id
       where x.count_id = c.id) l
"""


async def list_counts(
    db: Reader,
    *,
    state: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[StockCount]:
    """Counts of the operator's, newest first."""
    return await db.rows(
        StockCount,
        f"""{_COUNT} where ($1::text is null or c.state = $1)
              and ($2::timestamptz is null or (c.opened_at, c.id) < ($2, $3))
            order by c.opened_at desc, c.id desc limit $4""",
        state,
        *(before or (None, None)),
        limit,
    )


async def get_count(db: Reader, count_id: UUID) -> StockCount:
    """One count."""
    return await db.get(
        StockCount, "count", show_id("cnt", count_id), f"{_COUNT} where c.id = $1", count_id
    )


async def list_count_lines(
    db: Reader,
    count_id: UUID,
    *,
    is_shown: bool,
    only: str = "",
    sku: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[CountLine]:
    """The lines of a count by number; what the books say only where `is_shown`.

    `only` is `left` (to be counted), `counted`, or `different`, which shows nothing to whoever
    does not see the books.
    """
    return await db.rows(
        CountLine,
        """select l.line_no, k.code as sku, k.title as sku_title, k.title_zh as sku_title_zh, k.uom,
                  o.code as owner, l.state, l.is_found,
                  case when $2 then coalesce(l.book, l.sheet_units) end as expected, l.counted,
                  case when $2 then l.counted - l.book end as difference, l.counted_by,
                  l.counted_at, 'ADJ-' || a.n as adjustment, a.status as adjustment_status
             from inventory.stock_count_line l
             join catalog.sku k on k.id = l.sku_id
             join accounts.organization o on o.id = l.owner_org_id
             left join inventory.adjustment a on a.id = l.adjustment_id
            where l.count_id = $1 and l.line_no > $3
              and ($4::text is null or lower(k.code) = lower($4))
              and case $5 when 'left' then l.state in ('OPEN', 'AGAIN')
                          when 'counted' then l.counted is not null
                          when 'different' then $2 and l.counted <> l.book else true end
            order by l.line_no limit $6""",
        count_id,
        is_shown,
        after,
        sku,
        only,
        limit,
    )


async def list_last_counted(db: Reader, count_id: UUID, *, limit: int = 5) -> list[CountLine]:
    """The lines counted last, newest first, without what the books say."""
    return await db.rows(
        CountLine,
        """select l.line_no, k.code as sku, k.title as sku_title, k.title_zh as sku_title_zh, k.uom,
                  o.code as owner, l.state, l.is_found, null::bigint as expected, l.counted,
                  null::bigint as difference, l.counted_by, l.counted_at, null as adjustment,
                  null as adjustment_status
             from inventory.stock_count_line l
             join catalog.sku k on k.id = l.sku_id
             join accounts.organization o on o.id = l.owner_org_id
            where l.count_id = $1 and l.state = 'COUNTED'
            order by l.counted_at desc, l.line_no desc limit $2""",
        count_id,
        limit,
    )
