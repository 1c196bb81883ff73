"""A proof of an invariant on the data as they are: verdict, figures, first rows at fault."""

from typing import Any

import msgspec

FAULTS_SHOWN = 20
"""Rows at fault that a proof names; how many there are is among its figures."""


class Proof(msgspec.Struct, frozen=True):
    """What was proved, whether it holds, the figures behind it, and examples where it fails."""

    name: str
    statement: str
    holds: bool
    figures: dict[str, int | float | str]
    faults: list[dict[str, Any]] = []
