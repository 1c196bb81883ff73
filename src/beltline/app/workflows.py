"""The jobs and listeners of all modules in one list: what a worker knows how to do."""

import importlib
from collections.abc import Sequence
from typing import Any

from beltline.kit.jobs.run import JobKind
from beltline.kit.listeners import Listener

_MODULES = ("planning", "procurement", "fulfillment", "orders", "inventory", "ledger",
            "accounts", "tower", "app.imports")  # fmt: skip


def _collect(name: str) -> list[Any]:
    found: list[Any] = []
    for module in _MODULES:
        try:
            loaded = importlib.import_module(f"beltline.{module}.workflows")
        except ImportError as error:
            if not str(error.name).startswith("beltline."):
                raise
            continue
        found += getattr(loaded, name, ())
    return found


JOBS: Sequence[JobKind] = _collect("JOBS")
LISTENERS: Sequence[Listener] = _collect("LISTENERS")
