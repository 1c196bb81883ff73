"""Only a module's own store and its own SQL functions write its tables."""

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from tests.architecture.sources import PACKAGE, Statement, migrations, sql_statements

WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
# `insert into x`, `update x set`, `delete from x` inside a function body.
_BODY_WRITE = re.compile(
    r"\b(?:insert\s+into|delete\s+from|update)\s+(?:only\s+)?([a-z_]+)\.\"?([a-z_]+)\"?",
    re.IGNORECASE,
)
# kit is the base: its door, relay, jobs and migrations are its store.
_STORES = {"store.py"}


def _writes(statement: Statement) -> list[str]:
    try:
        parsed = sqlglot.parse(statement.sql, dialect="postgres")
    except sqlglot.errors.ParseError:
        return [f"{m[0]}.{m[1]}" for m in _BODY_WRITE.findall(statement.sql)]
    tables = []
    for tree in parsed:
        for write in tree.find_all(*WRITES) if tree else ():
            table = write.this.find(exp.Table) if write.this else None
            if table is not None and table.db:
                tables.append(f"{table.db}.{table.name}")
    return tables


def test_only_the_owner_writes_a_table() -> None:
    strays = []
    for statement in sql_statements():
        module = statement.path.relative_to(PACKAGE).parts[0]
        for table in _writes(statement):
            schema = table.split(".")[0]
            is_store = statement.path.name in _STORES or statement.path.parent.name == "store"
            home = schema == module and (module == "kit" or is_store)
            if not home:
                strays.append(f"{statement.place} writes {table}")
    assert strays == []


@pytest.mark.parametrize("path", migrations(), ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_a_migration_writes_only_its_own_schema(path: Path) -> None:
    module = path.parts[-3]
    text = re.sub(r"--[^\n]*", "", path.read_text("utf-8"))
    strays = {f"{s}.{t}" for s, t in _BODY_WRITE.findall(text) if s != module}
    assert strays == set()


def test_the_detector_sees_a_stray_write() -> None:
    planted = Statement(
        PACKAGE / "orders" / "queries.py", 1, "update ledger.balance set available = 0"
    )
    assert _writes(planted) == ["ledger.balance"]
