"""What to look at: series that left their level, and periods nobody would have expected.

The floor tier says what the latest periods should have sold, seen from before them. A series has
drifted when their sum lies far outside of what its own variation explains; a single period is an
anomaly when it does so alone. Periods out of stock count on neither side, and series with less than
four weeks before are left alone.
"""

import numpy as np
import polars as pl

from beltline.science.effects import effect_table, fit_effects
from beltline.science.floor import levels_at
from beltline.science.keys import Bools, Doubles
from beltline.science.panel import Panel

WINDOW_DAYS, HISTORY_DAYS = 28, 182
FAR_SUM, FAR_PERIOD = 4.0, 6.0
LEAST_CHANGE = 0.3
LEAST_UNITS = 5.0

FLAG_SCHEMA = {
    "unique_id": pl.String,
    "code": pl.String,
    "ds": pl.Date,
    "sold": pl.Float64,
    "expected": pl.Float64,
}


def flags(panel: Panel) -> pl.DataFrame:
    """Rows `unique_id, code, ds, sold, expected` sorted; empty where the history is too short.

    DRIFT: units of the latest four weeks against what was to be expected (`ds` is their first
    day). ANOMALY: one period (its first day) of them.
    """
    window = WINDOW_DAYS // panel.freq.days
    before = panel.length - window
    if before < 2 * window:
        return pl.DataFrame(schema=FLAG_SCHEMA)
    past = panel.until(panel.date_of(before - 1))
    effects = fit_effects(past)
    level = levels_at(past, effects, np.array([before])).level
    table, groups = effect_table(effects, panel, 0)
    expected = level * table[groups][:, before:]
    sold = panel.demand()[:, before:].astype(np.float64)
    # What was new itself had no level to leave.
    old = np.isfinite(past.demand()).sum(axis=1) >= window
    seen = np.isfinite(sold) & old[:, None]
    sold, expected = np.where(seen, sold, 0.0), np.where(seen, expected, 0.0)
    spread = _spread(past) * expected
    far = (sold - expected) / np.sqrt(np.maximum(spread, 1e-9))
    odd = (np.abs(far) > FAR_PERIOD) & (np.abs(sold - expected) >= LEAST_UNITS) & seen
    # a few odd periods are no drift; many are one
    single = odd & (odd.sum(axis=1) <= window // 4)[:, None]
    calm = np.where(single, expected, sold)
    total, due = calm.sum(axis=1), expected.sum(axis=1)
    score = (total - due) / np.sqrt(np.maximum(spread.sum(axis=1), 1e-9))
    moved = np.abs(total - due) >= np.maximum(LEAST_CHANGE * due, LEAST_UNITS)
    drifted = (np.abs(score) > FAR_SUM) & moved
    found = [
        _rows(panel, "DRIFT", drifted[:, None], total[:, None], due[:, None], before),
        _rows(panel, "ANOMALY", single & ~drifted[:, None], sold, expected, before),
    ]
    return pl.concat(found).sort("unique_id", "code", "ds")


def _spread(past: Panel) -> Doubles:
    """Variance over mean of each series' latest half year (N x 1), at least that of counts."""
    latest = past.demand()[:, -(HISTORY_DAYS // past.freq.days) :].astype(np.float64)
    known = np.isfinite(latest)
    count = np.maximum(known.sum(axis=1), 1)
    values = np.where(known, latest, 0.0)
    mean = values.sum(axis=1) / count
    square = np.where(known, (latest - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
    ratio = np.where(mean > 0, square / np.maximum(mean, 1e-9), 1.0)
    return np.asarray(np.maximum(ratio, 1.0)[:, None], np.float64)


def _rows(
    panel: Panel, code: str, where: Bools, sold: Doubles, expected: Doubles, first: int
) -> pl.DataFrame:
    series, period = np.nonzero(where)
    days = panel.dates(first, where.shape[1])
    return pl.DataFrame(
        {
            "unique_id": panel.unique_ids.gather(pl.Series(series, dtype=pl.UInt32)),
            "code": [code] * len(series),
            "ds": [days[int(t)] for t in period],
            "sold": sold[series, period],
            "expected": expected[series, period],
        },
        schema=FLAG_SCHEMA,
    )
