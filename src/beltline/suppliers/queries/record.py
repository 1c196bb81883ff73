"""Reads of the measured record: figures, the facts behind them, the history of tiers."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.suppliers.types import Figure, Measure, PastOutcome, Tally, TierChange

_FIGURE = """select measure, trials, raw, mean, low, high, value_median, prior_mean, prior_trials,
                    good_to_a, assessed_at
               from suppliers.record"""


async def list_figures(db: Reader, org_id: UUID) -> list[Figure]:
    """A supplier's latest estimates, one a measure, those of orders first."""
    found = await db.rows(Figure, f"{_FIGURE} where org_id = $1 order by measure limit 6", org_id)
    order = list(Measure)
    return sorted(found, key=lambda figure: order.index(figure.measure))


async def list_outcomes(
    db: Reader,
    org_id: UUID,
    *,
    measure: Measure | None = None,
    bad_only: bool = False,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[PastOutcome]:
    """The facts of a supplier, newest first; only its own and the operator's eyes see any."""
    return await db.rows(
        PastOutcome,
        """select id, measure, score, value, happened_at, source, subject_id, subject
             from suppliers.outcome
            where supplier_org_id = $1 and ($2::text is null or measure = $2)
              and (not $3 or score < 1)
              and ($4::timestamptz is null or (happened_at, id) < ($4, $5))
            order by happened_at desc, id desc limit $6""",
        org_id,
        measure,
        bad_only,
        *(before or (None, None)),
        limit,
    )


async def list_tier_changes(db: Reader, org_id: UUID, *, limit: int = 50) -> list[TierChange]:
    """When a supplier's tier changed and why, the latest first."""
    return await db.rows(
        TierChange,
        """select id, at, tier_before, tier, reasons from suppliers.tier_change
            where org_id = $1 order by at desc, id desc limit $2""",
        org_id,
        limit,
    )


async def list_tallies(db: Reader, *, since: dt.datetime) -> list[Tally]:
    """What each supplier did in the window, by measure."""
    return await db.rows(
        Tally,
        """select o.supplier_org_id as org_id, s.tier, o.measure, sum(o.score) as good,
                  count(*) as trials,
                  percentile_cont(0.5) within group (order by o.value) as value_median
             from suppliers.outcome o join suppliers.supplier s on s.org_id = o.supplier_org_id
            where o.happened_at >= $1
            group by o.supplier_org_id, s.tier, o.measure
            order by o.supplier_org_id, o.measure limit 10000000""",
        since,
    )
