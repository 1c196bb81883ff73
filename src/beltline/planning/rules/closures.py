"""What a supplier's closure ahead means for an order: until when to place it, and what to say."""

import datetime as dt

from beltline.planning.types import Reason
from beltline.science.calendar import Closure


def latest_order(
    latest: dt.date, closure: Closure | None, *, order_date: dt.date, cover_days: float,
    lead_days: float,
) -> dt.date:  # fmt: skip
    """The last day to order, where `latest` would do if the supplier did not close.

    Where an order that waits would fall behind a closure before which the stock does not last,
    the supplier's last-order date is the limit. `cover_days` is how long stock and inbound last,
    `lead_days` how long the supplier takes.
    """
    if closure is None or closure.last_order_date is None:
        return latest
    limit = closure.last_order_date
    lasts_until = order_date + dt.timedelta(days=cover_days)
    reopens = closure.ends + dt.timedelta(days=lead_days)
    return limit if order_date <= limit < latest and lasts_until < reopens else latest


def closure_reasons(closure: Closure, supplier: str, order_date: dt.date) -> list[Reason]:
    """What a supplier's closure means for an order."""
    told = [
        Reason(code="CLOSURE_AHEAD", name=supplier, ds=closure.starts, until=closure.ends)
    ]  # fmt: skip
    if closure.last_order_date and closure.last_order_date >= order_date:
        told.append(Reason(code="LAST_ORDER_DATE", name=supplier, ds=closure.last_order_date))
    return told
