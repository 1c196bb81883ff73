"""The handlers of all modules in one list: this is where a module's pages and routes come in."""

import importlib
from collections.abc import Sequence
from typing import Any

from litestar.types import ControllerRouterHandler

from beltline.kit.web.nav import NavItem

_ROUTES = ("accounts", "catalog", "orders", "inventory", "ledger", "planning", "procurement",
           "fulfillment", "tower", "app.imports")  # fmt: skip
_PAGES = ("tower", "orders", "catalog", "suppliers", "procurement", "planning", "inventory",
          "fulfillment", "ledger", "app.imports", "accounts")  # fmt: skip


def _collect(modules: Sequence[str], file: str, name: str) -> list[Any]:
    found: list[Any] = []
    for module in modules:
        try:
            loaded = importlib.import_module(f"beltline.{module}.{file}")
        except ImportError as error:
            if not str(error.name).startswith("beltline."):
                raise
            continue
        found += getattr(loaded, name, ())
    return found


ROUTES: list[ControllerRouterHandler] = _collect(_ROUTES, "routes", "ROUTES")
PAGES: list[ControllerRouterHandler] = _collect(_PAGES, "pages", "PAGES")
NAV: list[NavItem] = _collect(_PAGES, "pages", "NAV")
