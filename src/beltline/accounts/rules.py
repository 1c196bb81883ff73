"""Secrets, sessions and limits: pure."""

import datetime as dt
import hashlib
from collections.abc import Sequence

from beltline.accounts.types import SCOPES, UnknownScope, WeakPassword

SESSION_IDLE = dt.timedelta(minutes=30)
SESSION_LIFE = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
"""A session or key is marked as used at most this often, so that reading does not write."""

TRIES = 10
TRIES_WITHIN = dt.timedelta(minutes=15)
PASSWORD_MIN = 10
LIVE, TEST = "sk_live_", "sk_test_"


def secret_hash(secret: str) -> bytes:
    """SHA-256: enough for 256 random bits, which cannot be guessed from it."""
    return hashlib.sha256(secret.encode()).digest()


def check_scopes(scopes: Sequence[str]) -> list[str]:
    """The scopes without repeats, sorted; refuses one that does not exist."""
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope=scope, known=", ".join(SCOPES), param="scopes")
    return sorted(set(scopes))


def check_password(password: str) -> str:
    """The password, if it is long enough."""
    if len(password) < PASSWORD_MIN:
        raise WeakPassword(minimum=PASSWORD_MIN, param="password")
    return password


def is_alive(*, created_at: dt.datetime, seen_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a session still stands: used within 30 minutes, begun within 12 hours."""
    return now < seen_at + SESSION_IDLE and now < created_at + SESSION_LIFE
