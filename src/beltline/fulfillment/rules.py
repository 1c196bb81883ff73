"""What a receipt must be; pure."""

from collections.abc import Sequence
from typing import Final

from beltline.fulfillment.types import Counted, NameMissing

OVER_TOLERANCE_PERCENT: Final = 5
"""More than awaited by this share of a line is taken without a question."""


def check_counted(lines: Sequence[Counted]) -> None:
    """Refuse a line that is named in two ways or in none."""
    for index, line in enumerate(lines):
        if (line.line_no is None) == (line.sku is None):
            raise NameMissing(param=f"lines[{index}]")
