"""A page's view is its address: filters, search and position, so that a link is a saved view."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from beltline.kit import paging

T = TypeVar("T")

PAGE_ROWS = 50
"""Rows of a list on a page."""


class View(msgspec.Struct, frozen=True):
    """The path of a list and what of it is shown; empty values are left out of addresses."""

    path: str
    values: Mapping[str, str | bool] = {}

    def but(self, **changes: str | bool) -> str:
        """The address of this view with some filters changed, from its start."""
        return with_query(self.path, **{**self.values, **changes})

    @property
    def cleared(self) -> str:
        """The address without any filter."""
        return self.path

    @property
    def filters(self) -> int:
        """How many filters are on."""
        return sum(1 for value in self.values.values() if value)


def with_query(path: str, **values: str | bool) -> str:
    """`/orders?status=PAID&late=1`; empty and False are left out, True is `1`."""
    shown = {name: "1" if value is True else value for name, value in values.items() if value}
    return f"{path}?{urlencode(shown)}" if shown else path


def cut(
    rows: Sequence[T], key: Callable[[T], tuple[object, ...]], *, limit: int = PAGE_ROWS
) -> tuple[list[T], str]:
    """The rows of a page out of one more than fit, and the cursor of the next ("" at the end)."""
    shown, following = paging.cut(rows, limit, key)
    return shown, following or ""


def local_name(locale: str, name: str, name_zh: str) -> str:
    """A thing's name in the reader's language, else the one it has."""
    return (name_zh or name) if locale == "zh" else (name or name_zh)
