"""What the forms of suppliers share: text fields, numbers, days and pictures of a POST."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from litestar import Request
from litestar.datastructures import State, UploadFile

from beltline.kit.images import BYTES_MAX
from beltline.suppliers.types import FieldUnusable

WebRequest = Request[Any, Any, State]
FORM_BYTES = BYTES_MAX + (1 << 20)
"""Of a form with one picture."""

T = TypeVar("T")


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A text field without blanks around it and without what no text may hold."""
    value = form.get(name, "")
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def number_of(form: Mapping[str, Any], name: str) -> int | None:
    """A whole number that may be left empty; blanks and commas between digits are fine."""
    return _read(form, name, lambda text: int(text.replace(",", "").replace(" ", "")))


def date_of(form: Mapping[str, Any], name: str) -> dt.date | None:
    """A day that may be left empty."""
    return _read(form, name, dt.date.fromisoformat)


async def picture_of(form: Mapping[str, Any], name: str) -> bytes | None:
    """The bytes of a chosen file; None when none was chosen."""
    upload = form.get(name)
    if not isinstance(upload, UploadFile) or not upload.filename:
        return None
    return await upload.read() or None


def _read(form: Mapping[str, Any], name: str, read: Callable[[str], T]) -> T | None:
    text = text_of(form, name)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        raise FieldUnusable(field=name, value=text[:60], param=name) from None
