"""The project's own source, as the architecture tests read it."""

import ast
import functools
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "beltline"

_SQL_START = re.compile(r"\s*(select|insert|update|delete|merge|with)\b", re.IGNORECASE)

_SQL_INSIDE = re.compile(r"\s(from|into|set)\s|select ", re.IGNORECASE)


class Statement(NamedTuple):
    """One SQL statement in Python source: where it stands and its text."""

    path: Path
    line: int
    sql: str

    @property
    def place(self) -> str:
        """`module/file.py:line`."""
        return f"{self.path.relative_to(PACKAGE)}:{self.line}"


def python_files() -> list[Path]:
    """Every Python file of the package."""
    found = sorted(PACKAGE.rglob("*.py"))
    assert found, "a test that finds no file proves nothing"
    return found


def migrations() -> list[Path]:
    """Every migration of every module."""
    found = sorted(PACKAGE.glob("*/migrations/*.sql"))
    assert found, "a test that finds no file proves nothing"
    return found


@functools.cache
def sql_statements() -> tuple[Statement, ...]:
    """Every SQL statement written in Python, f-strings filled from their module's constants."""
    return tuple(s for path in python_files() for s in _statements(path))


def _statements(path: Path) -> Iterator[Statement]:
    tree = ast.parse(path.read_text("utf-8"))
    inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    for node in ast.walk(tree):
        if id(node) in inside or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = _text(node, path)
        if (
            text
            and _SQL_START.match(text)
            and re.search(r"\s(from|into|set)\s|select ", text, re.IGNORECASE)
        ):
            yield Statement(path, node.lineno, text)


def _text(node: ast.Constant | ast.JoinedStr, path: Path) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    parts = [_part(value, path) for value in node.values]
    return None if any(part is None for part in parts) else "".join(p for p in parts if p)


def _part(value: ast.expr, path: Path) -> str | None:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.FormattedValue) and isinstance(value.value, ast.Name):
        dotted = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        found = getattr(importlib.import_module(dotted), value.value.id, None)
        return found if isinstance(found, str) else None
    return None
