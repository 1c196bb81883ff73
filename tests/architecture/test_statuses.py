"""What an operation answers is what its description says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, python_files

DEFAULT = {"get": 200, "post": 201, "put": 200, "patch": 200, "delete": 204}
ROUTES = [path for path in python_files() if "routes" in path.relative_to(PACKAGE).as_posix()]


def _described(handler: ast.AsyncFunctionDef) -> set[int] | None:
    """The statuses of success that a handler's decorator names; None for what is no handler."""
    for call in handler.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            given = {word.arg: word.value for word in call.keywords}
            own = given.get("status_code", ast.Constant(DEFAULT.get(call.func.id)))
            more = given.get("responses")
            named = [own, *(more.keys if isinstance(more, ast.Dict) else ())]
            return {int(each.value) for each in named if isinstance(each, ast.Constant)}
    return None


def _answered(handler: ast.AsyncFunctionDef) -> Iterator[int]:
    """The statuses that the act inside a handler returns beside its body."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            first = node.value.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, int):
                yield first.value


@pytest.mark.parametrize("path", ROUTES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_status_is_described_before_it_is_answered(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    handlers = [node for node in nodes if isinstance(node, ast.AsyncFunctionDef)]
    wrong = {
        handler.name: odd
        for handler in handlers
        if (described := _described(handler)) is not None
        and (odd := set(_answered(handler)) - described)
    }
    assert wrong == {}
