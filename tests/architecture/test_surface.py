"""Modules meet only at their public files, and some words have one home."""

import re

import grimp

from tests.architecture.sources import PACKAGE, python_files

PUBLIC = {"actions", "queries", "types"}
SHARED = {"kit", "science", "app"}


def test_modules_meet_only_at_their_public_files() -> None:
    graph = grimp.build_graph("beltline", cache_dir=None)
    leaks = []
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            src, dst = importer.split("."), imported.split(".")
            if len(src) < 2 or len(dst) < 3 or src[1] == dst[1]:
                continue
            if src[1] in SHARED or dst[1] in SHARED:
                continue
            if dst[2] not in PUBLIC:
                leaks.append(f"{importer} -> {imported}")
    assert leaks == []


def test_a_transaction_ends_only_in_the_database_door() -> None:
    ending = re.compile(r"""\.execute\(\s*["']\s*(begin|commit|rollback)\b""", re.IGNORECASE)
    allowed = {"kit/db.py"}
    strays = [
        str(path.relative_to(PACKAGE))
        for path in python_files()
        if ending.search(path.read_text("utf-8"))
    ]
    assert sorted(set(strays) - allowed) == []


def test_the_environment_is_read_in_one_place() -> None:
    reading = re.compile(r"os\.environ|os\.getenv")
    # environment reads; shard sets the thread limits that its worker processes inherit.
    allowed = {"app/environment.py", "science/shard.py"}
    # Children get an environment of their own; that is writing, and stands where they start.
    strays = {
        str(path.relative_to(PACKAGE))
        for path in python_files()
        if any(
            reading.search(line) and "env=" not in line and "# child" not in line
            for line in path.read_text("utf-8").splitlines()
        )
    }
    assert sorted(strays - allowed) == []
