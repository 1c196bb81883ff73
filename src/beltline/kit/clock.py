"""The clock is an argument: actions and rules receive `now`, only the edges read it here."""

import datetime as dt


def system_now() -> dt.datetime:
    """The present instant in UTC, to the microsecond that PostgreSQL keeps."""
    return dt.datetime.now(dt.UTC)
