"""How the installation is doing, beyond what can be proved of its data."""

import datetime as dt

from beltline.kit.db import Reader
from beltline.tower.types import JobsByState, ParkedEvent, TableRows


async def list_parked(db: Reader, *, limit: int = 50) -> list[ParkedEvent]:
    """Aggregates whose events a listener cannot take, the next to be tried first."""
    return await db.rows(
        ParkedEvent,
        """select subscriber, aggregate_id, feed_seq, tries, next_try_at, error
             from kit.parked order by next_try_at, subscriber, aggregate_id limit $1""",
        limit,
    )


async def count_jobs(db: Reader, *, since: dt.datetime) -> list[JobsByState]:
    """Jobs asked for since an instant, and all open ones, by state."""
    return await db.rows(
        JobsByState,
        """select state, count(*) as jobs, min(created_at) as oldest_at from kit.job
            where created_at >= $1 or state in ('QUEUED', 'RUNNING')
            group by state order by state""",
        since,
    )


async def count_rows(db: Reader) -> list[TableRows]:
    """How many rows the main tables have, counted now."""
    return await db.rows(
        TableRows,
        """select name, rows from (values
             ('suppliers', (select count(*) from suppliers.supplier)),
             ('SKUs', (select count(*) from catalog.sku)),
             ('offers', (select count(*) from catalog.offer)),
             ('stock', (select count(*) from inventory.stock)),
             ('movements', (select count(*) from inventory.movement)),
             ('demand', (select count(*) from planning.demand)),
             ('proposals', (select count(*) from planning.proposal)),
             ('purchase orders', (select count(*) from procurement.purchase_order)),
             ('orders', (select count(*) from orders."order")),
             ('ledger entries', (select count(*) from ledger.entry)),
             ('events', (select count(*) from kit.event)),
             ('audit', (select count(*) from accounts.audit))) as counted(name, rows)""",
    )
