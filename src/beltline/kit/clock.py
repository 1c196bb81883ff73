"""The clock is an argument: actions and rules receive `now`, only the edges read it here.

An instant is kept in UTC. A day, a month or a year is one of the place where the network works, on
every page and in every paper alike: at 07:00 in China it is no longer yesterday.
"""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

NETWORK_ZONE: Final = "Asia/Shanghai"
"""The IANA zone of the network's days; `kit.day_of` and `kit.day_start` in SQL know it too."""

_ZONE: Final = ZoneInfo(NETWORK_ZONE)


def system_now() -> dt.datetime:
    """The present instant in UTC, to the microsecond that PostgreSQL keeps."""
    return dt.datetime.now(dt.UTC)


def day_of(at: dt.datetime) -> dt.date:
    """The day of an instant where the network works. Raises ValueError for one without a zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone; store and pass UTC")
    return at.astimezone(_ZONE).date()


def day_start(day: dt.date) -> dt.datetime:
    """The instant in UTC at which a day begins where the network works."""
    return dt.datetime.combine(day, dt.time(), _ZONE).astimezone(dt.UTC)
