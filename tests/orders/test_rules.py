"""Pure decisions of orders, and that SQL decides the same."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.kit.uom import Uom
from beltline.orders.rules import amount_of_line, may_cancel, price_at


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
    assert amount_of_line(Decimal(price), quantity, uom, currency) == amount


@given(
    units=st.integers(0, 10**15),
    quantity=st.integers(1, 10**9),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    uom=st.sampled_from([Uom.PIECE, Uom.METRE]),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_sql_and_python_price_a_line_alike(
    database: Database, units: int, quantity: int, currency: str, uom: Uom
) -> None:
    price = Decimal(units).scaleb(-6)
    if price * quantity > Decimal(10) ** 14:
        quantity = 1
    async with database.system_call() as db:
        in_sql = await db.value(
            "select kit.line_amount($1, $2, $3, $4)", price, quantity, uom.value, currency
        )
    assert in_sql == amount_of_line(price, quantity, uom, currency)


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
