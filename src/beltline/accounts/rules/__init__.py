"""Secrets, sessions, limits, and how the audit reads: pure."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.accounts.types import SCOPES, Changed, UnknownScope, WeakPassword
from beltline.kit.ids import read_id, show_id

SESSION_IDLE = dt.timedelta(minutes=30)
SESSION_LIFE = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
"""A session or key is marked as used at most this often, so that reading does not write."""

TRIES = 10
TRIES_WITHIN = dt.timedelta(minutes=15)
PASSWORD_MIN = 10
LIVE, TEST = "sk_live_", "sk_test_"

_PREFIXES: Final = {
    "order": "ord", "purchase_order": "po", "member": "mem", "api_key": "key", "proposal": "prp",
    "plan_run": "run", "guest_link": "lnk", "contact": "con", "balance": "org", "job": "job",
    "legal_entity": "ent",
}  # fmt: skip
_TEXT_MAX = 160


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


def shown_object_id(kind: str, object_id: UUID | None) -> str | None:
    """The id of an audited object with its prefix; what has none of its own gets `obj_`."""
    return None if object_id is None else show_id(_PREFIXES.get(kind, "obj"), object_id)


def read_any_id(text: str) -> UUID:
    """The UUID of an id whatever its prefix; refuses what is no id."""
    return read_id(text.rpartition("_")[0] or "ord", text)


def readable_change(change: Mapping[str, Any]) -> list[Changed]:
    """What an audit row says, field by field: before and after, or the fact alone."""
    return [_changed(field, value) for field, value in change.items()]


def _changed(field: str, value: Any) -> Changed:
    if isinstance(value, list) and len(value) == 2 and not any(map(_is_nested, value)):
        return Changed(field, _text(value[0]), _text(value[1]))
    return Changed(field, "", _text(value))


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | dict)


def _text(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, list) and not any(map(_is_nested, value)):
        text = ", ".join(map(str, value))
    else:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _TEXT_MAX else f"{text[: _TEXT_MAX - 1]}…"
