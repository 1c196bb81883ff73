"""What would happen if: a plan's own inputs, played forward with something changed.

Every series of a shard is played over the plan's horizon on its simulated demand: at each review
an order fills the position up to the target that science decides, and arrives after its drawn
lead time, around closures. The same demand and the same lead times are played twice, as things are
and as they would be, so that what differs is the change alone.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from beltline.planning.rules.remedies import ELASTICITY
from beltline.planning.rules.shards import Frame, SeriesContext, unpack
from beltline.planning.types.scenarios import Changes, Scope, ScopeKind, Sums
from beltline.science.cycle import draw_leads
from beltline.science.forecast import load_model, simulate
from beltline.science.keys import Doubles, Floats, Ints, series_keys
from beltline.science.replenish import decide
from beltline.science.shard import read_shard
from beltline.science.terms import Terms

MOST_PATHS: Final = 60
ROWS_AT_ONCE: Final = 200


class Played(msgspec.Struct, frozen=True):
    """Sums of some series, as things are and as they would be."""

    base: Sums
    changed: Sums


def matching(context: bytes, scope: Scope) -> list[int]:
    """Rows of a packed shard that a scope names; those nobody offers are left out."""
    contexts = msgspec.json.decode(unpack(context), type=list[SeriesContext])
    return [i for i, c in enumerate(contexts) if c.alternatives and _is_in(c, scope)]


def play_shard(
    content: bytes, context: bytes, model: bytes, frame: Frame, rows: Sequence[int],
    changes: Changes,
) -> Played:  # fmt: skip
    """Play some rows of a packed shard, as things are and with the changes."""
    with tempfile.TemporaryDirectory(prefix="beltline-plan-") as name:
        path = Path(name) / "in.arrow"
        path.write_bytes(unpack(content))
        panel, terms, settings = read_shard(path)
    contexts = msgspec.json.decode(unpack(context), type=list[SeriesContext])
    fitted = load_model(model)
    base, changed = Sums(), Sums()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        at = np.asarray(rows[start : start + ROWS_AT_ONCE], np.intp)
        some = panel.take(at)
        paths = simulate(
            fitted, some, paths=min(settings.paths, MOST_PATHS), seed=settings.seed
        )  # fmt: skip
        keys = series_keys(some.unique_ids)
        own = terms.take(at)
        price = np.array([contexts[i].alternatives[0].cost_price for i in at], np.float64)
        leads = draw_leads(own.lead_pmf, keys, np.uint64(settings.seed), paths.shape[1])
        for is_changed in (False, True):
            asked = _demand(paths, frame, changes) if is_changed else paths
            agreed = _terms(own, price, frame, changes) if is_changed else own
            decided = decide(
                agreed, asked, some.unique_ids, keys, policy=settings.policy, seed=settings.seed
            )
            window = np.maximum(decided.next_arrival, 1)
            sums = _play(agreed, asked, leads, decided.order_up_to, window, price)
            if is_changed:
                changed = changed + sums
            else:
                base = base + sums
    return Played(base=base, changed=changed)


def _is_in(c: SeriesContext, scope: Scope) -> bool:
    named = {
        ScopeKind.ALL: scope.value, ScopeKind.CATEGORY: c.category, ScopeKind.SKU: c.sku,
        ScopeKind.SUPPLIER: c.alternatives[0].supplier,
    }  # fmt: skip
    return named[scope.kind] == scope.value


def _demand(paths: Floats, frame: Frame, changes: Changes) -> Floats:
    """Demand at another price, and while a promotion lasts."""
    factor = (1.0 + changes.price) ** -ELASTICITY
    scaled = paths * np.float32(factor)
    days = min(-(-changes.promotion_days // frame.freq.days), paths.shape[2])
    scaled[:, :, :days] *= np.float32(1.0 + changes.promotion_uplift)
    return np.asarray(scaled, np.float32)


def _terms(terms: Terms, cost: Doubles, frame: Frame, changes: Changes) -> Terms:
    """The terms with another margin, other lead times, another service level."""
    margin = terms.shortage + changes.price * (cost + terms.shortage)
    shift = round(changes.lead_time_days / frame.freq.days)
    soonest = np.arange(terms.arrivals.shape[1])[None, :, None]
    arrivals = np.clip(terms.arrivals + shift, soonest, frame.periods).astype(np.int32)
    level = terms.service_level
    if changes.service_level is not None:
        level = np.full_like(level, changes.service_level)
    return msgspec.structs.replace(
        terms, shortage=np.maximum(margin, 0.0).astype(np.float32), arrivals=arrivals,
        service_level=level,
    )  # fmt: skip


def _play(
    terms: Terms, paths: Floats, leads: Ints, target: Floats, window: Ints, price: Doubles
) -> Sums:
    """Sums over the horizon, means over the paths, of ordering up to a target at each review."""
    n, count, horizon = paths.shape
    pipe = np.zeros((n, count, horizon + 1))
    pipe[:, :, :horizon] += terms.inbound[:, None, :]
    stock = np.repeat(terms.on_hand[:, None].astype(np.float64), count, axis=1)
    position = stock + terms.inbound.sum(axis=1)[:, None]
    pace = _pace(paths, window)
    orders = terms.arrivals.shape[1]
    row, path = np.arange(n)[:, None], np.arange(count)[None, :]
    pack, least = np.maximum(terms.pack, 1e-6)[:, None], terms.moq[:, None]
    bought, placed, lost, held, sold = (np.zeros(n) for _ in range(5))
    for t in range(horizon):
        due = t % terms.review == 0
        if due.any():
            wanted = target[:, None] * pace[:, t, None] - position
            lots = np.ceil(np.maximum(wanted, least) / pack - 1e-6) * pack
            room = np.isfinite(terms.capacity) & (terms.capacity <= 0)
            units = np.where((wanted > 0.5) & due[:, None] & ~room[:, None], lots, 0.0)
            # Calendars reach as far as a plan orders ahead; later orders take as long as its last.
            known = min(t, orders - 1)
            at = terms.arrivals[terms.calendar[:, None], known, leads] + (t - known)
            pipe[row, path, np.minimum(at, horizon)] += units
            position += units
            bought += units.mean(axis=1)
            placed += (units > 0).mean(axis=1)
        stock += pipe[:, :, t]
        gone = np.minimum(stock, paths[:, :, t])
        stock -= gone
        position -= gone
        sold += gone.mean(axis=1)
        lost += (paths[:, :, t] - gone).mean(axis=1)
        held += stock.mean(axis=1)
    margin = terms.shortage.astype(np.float64)
    return Sums(
        series=n, units_demanded=float((sold + lost).sum()), units_lost=float(lost.sum()),
        margin=float((margin * sold).sum()), margin_lost=float((margin * lost).sum()),
        holding=float((terms.holding * held).sum()),
        ordering=float((terms.order_cost * placed).sum()),
        bought=float((price * bought).sum()), stock_value=float((price * held).sum() / horizon),
    )  # fmt: skip


def _pace(paths: Floats, window: Ints) -> Doubles:
    """Demand of the window that begins in each period over that of the first one, N x H.

    The target follows what the forecast knows ahead: a promotion, a season. Beyond the horizon
    demand is taken to go on as in its last window.
    """
    mean = paths.mean(axis=1, dtype=np.float64)
    n, horizon = mean.shape
    total = np.concatenate([np.zeros((n, 1)), np.cumsum(mean, axis=1)], axis=1)
    width = np.minimum(window, horizon)
    start = np.minimum(np.arange(horizon)[None, :], (horizon - width)[:, None])
    rows: Any = np.arange(n)[:, None]
    sums = total[rows, start + width[:, None]] - total[rows, start]
    return np.asarray(np.clip(sums / np.maximum(sums[:, :1], 1e-9), 0.3, 3.0))
