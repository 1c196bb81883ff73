"""What modules can do in the background is known to the worker: nothing waits for nobody."""

import ast
import importlib
from collections.abc import Iterator

from beltline.app.settings import WorkerSettings
from beltline.app.worker import schedules_of
from beltline.app.workflows import JOBS, LISTENERS
from beltline.kit.jobs.run import JobKind
from tests.architecture.sources import PACKAGE, python_files


def _handlers(tree: ast.Module) -> Iterator[str]:
    """Functions that take a published event: they handle one for a listener."""
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef):
            kinds = [ast.unparse(a.annotation) for a in node.args.args if a.annotation]
            if "PublishedEvent" in kinds:
                yield node.name


def test_jobs_and_listeners_are_registered() -> None:
    jobs, handlers = [], []
    for path in python_files():
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "workflows" not in parts:
            continue
        module = importlib.import_module(".".join(parts))
        jobs += [value for value in vars(module).values() if isinstance(value, JobKind)]
        handlers += [
            getattr(module, name) for name in _handlers(ast.parse(path.read_text("utf-8")))
        ]
    known = {listener.handle for listener in LISTENERS}
    assert [job.name for job in jobs if job not in JOBS] == []
    assert [f"{each.__module__}.{each.__name__}" for each in handlers if each not in known] == []
    assert known == set(handlers)


def test_somebody_asks_for_every_job() -> None:
    asked = {schedule.kind for schedule in schedules_of(WorkerSettings())}
    for path in python_files():
        tree = ast.parse(path.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        given = [
            key.value
            for call in calls
            for key in call.keywords
            if key.arg == "kind" and ast.unparse(call.func) != "Schedule"
        ]
        if given:
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            names = vars(importlib.import_module(".".join(parts)))
            asked |= {value for each in given if isinstance(value := _valued(each, names), str)}
    assert [job.name for job in JOBS if job.name not in asked] == []


def _valued(node: ast.expr, names: dict[str, object]) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Attribute):
        return getattr(_valued(node.value, names), node.attr, None)
    return names.get(node.id) if isinstance(node, ast.Name) else None
