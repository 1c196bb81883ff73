"""Every statement fits the schema; time is a parameter; both half-even roundings agree."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.kit.money import line_amount, minor_digits
from beltline.kit.uom import Uom
from tests.architecture.sources import migrations, sql_statements

# Statements of other databases' catalogs or of the durable engine are not ours to prepare.
_FOREIGN = ("kit/jobs/", "kit/postgres/", "kit/migrate.py", "app/", "pg_temp")
_CLOCK = re.compile(
    r"\b(now\s*\(\)|current_timestamp|current_date|clock_timestamp|localtime)", re.IGNORECASE
)


async def test_every_statement_prepares(database: Database) -> None:
    failed, checked = [], 0
    for statement in sql_statements():
        if statement.place.startswith(_FOREIGN) or "{" in statement.sql:
            continue
        checked += 1
        async with database.system_call() as db:
            try:
                await db._connection.prepare(statement.sql)
            except Exception as error:  # noqa: BLE001 - every failure is reported below
                if "pg_temp" not in str(error) and "incoming_" not in str(error):
                    failed.append(f"{statement.place}: {error}")
    assert checked > 30
    assert failed == []


@pytest.mark.parametrize("path", migrations(), ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_no_business_sql_reads_the_clock(path: Path) -> None:
    text = re.sub(r"--[^\n]*", "", path.read_text("utf-8"))
    assert _CLOCK.findall(text) == []


def test_no_python_sql_reads_the_clock() -> None:
    strays = [s.place for s in sql_statements() if _CLOCK.search(s.sql)]
    # doctor compares the two clocks: that is what it asks for.
    allowed = ("kit/jobs/", "kit/postgres/", "app/doctor.py")
    assert [place for place in strays if not place.startswith(allowed)] == []


@given(
    units=st.integers(0, 10**15),
    quantity=st.integers(1, 10**9),
    currency=st.sampled_from(["USD", "JPY", "KWD", "CNY", "VND"]),
    uom=st.sampled_from(list(Uom)),
)
@settings(
    max_examples=140, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_line_costs_the_same_in_sql_and_in_python(
    database: Database, units: int, quantity: int, currency: str, uom: Uom
) -> None:
    price = Decimal(units).scaleb(-6)
    if price * quantity > Decimal(10) ** 14:
        quantity = 1
    async with database.system_call() as db:
        in_sql = await db.value(
            "select kit.line_amount($1, $2, $3, $4)", price, quantity, uom.value, currency
        )
    assert in_sql == line_amount(price, quantity, uom, currency)
    assert minor_digits(currency) in (0, 2, 3)
