"""The cartons that the demo's nodes pack into: generated, and said so."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from beltline.app.demo.rows import CartonRow, NodeRow

# Code, inner sides in millimeters, what it weighs empty and may hold in grams, price in CNY.
SIZES = (
    ("C-20", 200, 150, 100, 70, 3_000, Decimal("0.80")),
    ("C-30", 300, 220, 150, 140, 6_000, Decimal("1.40")),
    ("C-40", 400, 300, 250, 320, 15_000, Decimal("2.60")),
    ("C-60", 600, 400, 400, 780, 28_000, Decimal("5.20")),
    ("C-90", 900, 450, 300, 960, 28_000, Decimal("6.90")),
)


def cartons(nodes: Iterable[NodeRow], today: dt.date) -> list[CartonRow]:
    """The same sizes at every own node that sends goods to buyers."""
    return [
        CartonRow(node.code, *size[:6], size[6], "CNY", today - dt.timedelta(days=30))
        for node in nodes
        if node.kind not in ("FACTORY", "RETURNS")
        for size in SIZES
    ]
