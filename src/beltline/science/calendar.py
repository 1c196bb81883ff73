"""Working calendars: what a closure, a ramp and a last-order date do to a delivery.

Work is counted in working-day equivalents: a closed day gives none, a day on a ramp gives a part
of one, so a factory that comes back slowly after Spring Festival delivers later than the last
day of its holiday suggests.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import numpy as np
from scipy import special

from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Freq

RAMP_FLOOR = 0.1
SEARCH_DAYS = 400


class Closure(msgspec.Struct, frozen=True):
    """One closure, both ends inclusive.

    Output falls from `ramp_down_from` to the first closed day and climbs from the last closed
    day to full at `ramp_up_until`. Orders placed after `last_order_date` (default: the eve of
    the closure) are taken up only after it.
    """

    starts: date
    ends: date
    ramp_down_from: date | None = None
    ramp_up_until: date | None = None
    last_order_date: date | None = None
    reason: str = ""


class WorkCalendar(msgspec.Struct, frozen=True):
    """Closures and the weekly days off (ISO weekdays) of one supplier or node."""

    closures: tuple[Closure, ...] = ()
    days_off: tuple[int, ...] = ()


ALWAYS_OPEN = WorkCalendar()


def capacity(calendar: WorkCalendar, first_day: date, days: int) -> Doubles:
    """Share of a full day's work done on each of `days` days from `first_day` on (0 to 1)."""
    share = np.ones(days)
    weekday = (np.arange(days) + first_day.isoweekday() - 1) % 7 + 1
    share[np.isin(weekday, calendar.days_off)] = 0.0
    for closure in calendar.closures:
        share = np.minimum(share, _closure_share(closure, first_day, days))
    return share


def arrival(
    order_days: Sequence[date], work_days: Sequence[float], calendar: WorkCalendar
) -> list[list[date]]:
    """When an order of each day is done, for each amount of work (rows: orders).

    Work starts the day after the order; no work at all is done on the order day itself. An order
    refused before a closure starts the day after it.
    """
    first = min(order_days)
    span = max(0, (max(order_days) - first).days)
    work = np.asarray(work_days, np.float64)
    done = finish_days(calendar, first, span + 1, work)
    return [
        [first + timedelta(days=int(k)) for k in done[(day - first).days]] for day in order_days
    ]


def finish_days(calendar: WorkCalendar, first_day: date, orders: int, work: Doubles) -> Ints:
    """Days after `first_day` on which work is done: [order day 0..orders-1, amount of work].

    Searches `SEARCH_DAYS` days past the longest work; work that never ends within is put there.
    """
    days = orders + int(np.ceil(work.max(initial=0.0))) + SEARCH_DAYS
    done = np.concatenate([[0.0], np.cumsum(capacity(calendar, first_day, days))])
    starts = _start_days(calendar, first_day, orders)
    target = done[np.minimum(starts + 1, days)][:, None] + work[None, :]
    reached = np.searchsorted(done, target - 1e-9, side="left") - 1
    finished = np.where(work[None, :] <= 0, starts[:, None], reached)
    return np.clip(finished, 0, days).astype(np.int32)


def arrival_periods(
    calendar: WorkCalendar, *, cut_off: date, freq: Freq, orders: int, longest: int, horizon: int
) -> Ints:
    """First future period in which goods can be sold: [order period, nominal lead time].

    Order period d is the end of the d-th period after the one that starts at `cut_off`; index 0
    of the result's values is the first future period, `horizon` means beyond it. Without
    closures the entry is d + lead, "available from the start of t + L + 1".
    """
    step = freq.days
    decided = cut_off + timedelta(days=step - 1)
    work = np.arange(longest + 1, dtype=np.float64) * step
    finished = finish_days(calendar, decided, (orders - 1) * step + 1, work)[::step]
    return np.minimum(-(-finished // step), horizon).astype(np.int32)


def lead_time_pmf(mean: Doubles, p95: Doubles, longest: int) -> Floats:
    """P(lead time = 0..longest periods) for each supplier from its mean and 95 % point.

    A gamma distribution with that mean and the spread that a normal would need for the 95 %
    point, cut into periods (each the nearest whole one) and closed at `longest`.
    """
    center = np.maximum(np.asarray(mean, np.float64), 1e-3)
    spread = np.maximum((np.asarray(p95, np.float64) - center) / 1.645, 1e-3 * center + 1e-6)
    shape = (center / spread) ** 2
    edges = np.arange(longest) + 0.5
    below = special.gammainc(shape[:, None], edges[None, :] / (center / shape)[:, None])
    closed = np.concatenate([np.zeros((len(center), 1)), below, np.ones((len(center), 1))], axis=1)
    return np.diff(closed, axis=1).astype(np.float32)


def _closure_share(closure: Closure, first_day: date, days: int) -> Doubles:
    day = np.arange(days)
    starts, ends = (closure.starts - first_day).days, (closure.ends - first_day).days
    share = np.ones(days)
    if closure.ramp_down_from is not None:
        begin = (closure.ramp_down_from - first_day).days
        falling = (day >= begin) & (day < starts)
        share[falling] = ((starts - day) / max(starts - begin + 1, 1))[falling]
    if closure.ramp_up_until is not None:
        full = (closure.ramp_up_until - first_day).days
        rising = (day > ends) & (day <= full)
        share[rising] = ((day - ends) / max(full - ends + 1, 1))[rising]
    share = np.maximum(share, RAMP_FLOOR)
    share[(day >= starts) & (day <= ends)] = 0.0
    return share


def _start_days(calendar: WorkCalendar, first_day: date, orders: int) -> Ints:
    """The day from whose evening each order is worked on: its own, or the end of a closure."""
    starts = np.arange(orders, dtype=np.int32)
    for closure in sorted(calendar.closures, key=lambda c: c.starts):
        refused_after = closure.last_order_date or closure.starts - timedelta(days=1)
        late = (refused_after - first_day).days
        ends = (closure.ends - first_day).days
        starts[(starts > late) & (starts < ends)] = max(ends, 0)
    return starts
