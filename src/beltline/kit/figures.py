"""Figures that somebody may not know, and exact ones as texts."""

from collections.abc import Iterable
from decimal import Decimal


def sum_known(figures: Iterable[int | None]) -> int | None:
    """The sum; None where one is not known."""
    total = 0
    for figure in figures:
        if figure is None:
            return None
        total += figure
    return total


def decimal_text(figure: Decimal) -> str:
    """An exact decimal without zeros at its end: `19.8`."""
    return f"{figure.normalize():f}"
