"""Keyset cursors: opaque to the caller, exact under writes, never an offset."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from beltline.kit.errors import Kind, Refusal

T = TypeVar("T")

LIMIT_DEFAULT = 50
LIMIT_MAX = 250


class MalformedCursor(Refusal):
    """A cursor that no list here gave out."""

    kind, code = Kind.INVALID, "kit.malformed_cursor"
    title = "Not a cursor of this list"
    detail = "Leave cursor out to begin, or send the next_cursor of the page before."


def encode_cursor(*values: object) -> str:
    """The position after a row, from the values the list is ordered by."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(text: str | None, *types: Any) -> tuple[Any, ...] | None:
    """The values of a cursor as `types`; None for the first page."""
    if not text:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple.__class_getitem__(types))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise MalformedCursor(param="cursor") from None
    return values


def cut(
    rows: Sequence[T], limit: int, key: Callable[[T], tuple[object, ...]]
) -> tuple[list[T], str | None]:
    """The rows of a page out of one more than fit, and the cursor of the next; None at the end."""
    shown = list(rows[:limit])
    return shown, encode_cursor(*key(shown[-1])) if len(rows) > limit else None
