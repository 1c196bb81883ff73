"""A day is the network's, wherever it is said: in Python, in SQL, in a file."""

import ast
import datetime as dt
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.kit.clock import NETWORK_ZONE, day_of, day_start
from beltline.kit.db import Database
from tests.architecture.sources import PACKAGE, migrations, python_files, sql_statements

# The clock itself; days of other zones; options of the command line, which have no zone.
_MAY = ("kit/clock.py", "kit/jobs/schedules.py", "app/commands/imports.py", "app/commands/plan.py")
_DATED = re.compile(
    r"'UTC'\)\s*::\s*date|\((\w+\.)?(p_)?now\b[^;\n]*?\)\s*::\s*date|\b(p_)?now\s*::\s*date",
    re.IGNORECASE,
)
# Months of partitions are where rows are kept; nobody is shown them.
_PARTITIONS = "first := (date_trunc('month', p_now at time zone 'UTC')"


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)))  # noqa: DTZ001
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_day_is_the_same_in_sql_and_in_python(
    database: Database, at: dt.datetime
) -> None:
    async with database.system_call() as db:
        day = await db.value("select kit.day_of($1)", at)
        start = await db.value("select kit.day_start($1)", day)
    assert (day, start) == (day_of(at), day_start(day))
    assert start <= at < day_start(day + dt.timedelta(days=1))


def test_a_morning_in_china_is_not_yesterday() -> None:
    evening_in_utc = dt.datetime(2026, 11, 22, 23, 0, tzinfo=dt.UTC)
    assert NETWORK_ZONE == "Asia/Shanghai"
    assert day_of(evening_in_utc) == dt.date(2026, 11, 23)
    assert day_start(dt.date(2026, 11, 23)) == dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC)


def test_only_the_clock_makes_a_day_of_an_instant() -> None:
    strays = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in python_files()
        if not str(path.relative_to(PACKAGE)).startswith(_MAY)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("date", "today")
        and not node.args
    ]
    assert strays == []


def test_no_sql_makes_a_day_by_another_zone() -> None:
    texts = {str(path.relative_to(PACKAGE)): path.read_text("utf-8") for path in migrations()}
    texts |= {statement.place: statement.sql for statement in sql_statements()}
    assert any("kit.day_of(" in text for text in texts.values())
    assert [
        place
        for place, text in texts.items()
        if _DATED.search("\n".join(line for line in text.splitlines() if _PARTITIONS not in line))
    ] == []
