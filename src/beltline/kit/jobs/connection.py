"""How the engine reaches PostgreSQL, and how loud it may be about trouble."""

import logging
import threading
import time

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict

SCHEMA = "jobs"


def connect_engine(dsn: str, role: str) -> sa.Engine:
    """A pool for the engine, working as `role`."""
    given = str(conninfo_to_dict(dsn).get("options") or "")

    def connect() -> psycopg.Connection[tuple[object, ...]]:
        try:
            return psycopg.connect(
                dsn,
                options=f"{given} -c role={role} -c timezone=UTC".strip(),
                connect_timeout=10,
                application_name="beltline jobs",
            )
        except psycopg.OperationalError as error:
            # The engine retries connect errors that read like this one and takes the others,
            # a refused unix socket among them, for bugs; the job would never be taken up again.
            raise psycopg.OperationalError(f"connection failed: {error}") from error

    return sa.create_engine(
        "postgresql+psycopg://", creator=connect, pool_size=5, max_overflow=5, pool_pre_ping=True
    )


class RateLimit(logging.Filter):
    """At most `burst` records in `window_s`; the next window's first record tells what was cut."""

    def __init__(self, burst: int = 10, window_s: float = 60.0) -> None:
        super().__init__()
        self._burst = burst
        self._window_s = window_s
        self._lock = threading.Lock()
        self._began = 0.0
        self._seen = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        with self._lock:
            now = time.monotonic()
            if now - self._began >= self._window_s:
                cut = max(0, self._seen - self._burst)
                self._began, self._seen = now, 0
                if cut:
                    record.msg = f"{record.getMessage()} (and {cut} more before)"
                    record.args = None
            self._seen += 1
            return self._seen <= self._burst


def quiet_loggers() -> None:
    """An outage of seconds makes `dbos` and `asyncpg` log a thousand lines; let ten through.

    With a handler of ours the engine adds none of its own and its records go to the root.
    """
    for name in ("dbos", "asyncpg"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, RateLimit) for known in logger.filters):
            logger.addFilter(RateLimit())
    engine_logger = logging.getLogger("dbos")
    if not engine_logger.handlers:
        engine_logger.addHandler(logging.NullHandler())
