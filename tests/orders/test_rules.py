"""Pure decisions of orders, and that SQL decides the same."""

from decimal import Decimal

import pytest

from beltline.kit.money import line_amount
from beltline.kit.uom import Uom
from beltline.orders.rules import may_cancel, price_at


@pytest.mark.parametrize(
    ("price", "quantity", "uom", "currency", "amount"),
    [
        ("1.255", 1, Uom.PIECE, "USD", 126),
        ("1.245", 1, Uom.PIECE, "USD", 124),
        ("0.005", 1, Uom.PIECE, "USD", 0),
        ("0.015", 1, Uom.PIECE, "USD", 2),
        ("2.5", 1, Uom.PIECE, "JPY", 2),
        ("0.0005", 1, Uom.PIECE, "KWD", 0),
        ("3.333", 1_500, Uom.METRE, "USD", 500),
        # Beyond sixteen digits, where a division would round before the rounding.
        ("12345678905.000004", 1, Uom.METRE, "USD", 1_234_567_891),
    ],
)
def test_a_line_is_rounded_half_even_once(
    price: str, quantity: int, uom: Uom, currency: str, amount: int
) -> None:
    assert line_amount(Decimal(price), quantity, uom, currency) == amount


@pytest.mark.parametrize(
    ("quantity", "price"), [(9, None), (10, "2"), (49, "2"), (50, "1.5"), (10**9, "1.5")]
)
def test_a_break_holds_from_its_quantity_on(quantity: int, price: str | None) -> None:
    breaks = [(50, Decimal("1.5")), (10, Decimal(2))]
    assert price_at(breaks, quantity) == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("status", "parts", "expected"),
    [
        ("ALLOCATED", ["ALLOCATED", "ALLOCATED"], True),
        ("ALLOCATED", ["ALLOCATED", "SHIPPED"], False),
        ("CANCELLED", ["CANCELLED"], False),
        ("COMPLETED", ["DELIVERED"], False),
    ],
)
def test_nothing_that_left_is_cancelled(status: str, parts: list[str], *, expected: bool) -> None:
    assert may_cancel(status, parts) is expected
