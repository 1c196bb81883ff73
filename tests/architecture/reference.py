"""The reference pages and the glossary, written from the code: `make docs`.

`test_reference.py` fails when a page on disk is not what the code says.
"""

import ast
import copy
import enum
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from beltline.app import settings as settings_module
from beltline.app.cli import COMMANDS, beltline
from beltline.app.modules import MODULES
from beltline.app.web import composition
from beltline.app.web.openapi import describe
from beltline.kit.errors import Refusal
from client.generate import write as write_client
from tests.architecture.sources import PACKAGE, ROOT, migrations, python_files

HEAD = "<!-- Written by `make docs` from the code; change the code instead. -->\n"

DATA_ROW = (
    "| `BELTLINE_DATA` | `~/.local/share/beltline`, as root `/var/lib/beltline` "
    "| The data folder; `--data` comes before it. |"
)
URL_ROW = "| `DATABASE_URL` | | A PostgreSQL server (15 or later) in place of the embedded one. |"


def settings_page() -> str:
    """Every environment variable, its type, default and meaning."""
    lines = ["# Settings", "", "Read once at the start. None has to be set.", "",
             "| variable | default | meaning |", "| --- | --- | --- |",
             DATA_ROW, URL_ROW,
             ]  # fmt: skip
    for group in msgspec.structs.fields(settings_module.Settings):
        if not issubclass(group.type, msgspec.Struct):
            continue
        notes = _attribute_notes(group.type)
        for field in msgspec.structs.fields(group.type):
            default = "" if field.default in ("", msgspec.NODEFAULT) else f"`{field.default}`"
            name = f"BELTLINE_{group.name.upper()}_{field.name.upper()}"
            lines.append(f"| `{name}` | {default} | {notes.get(field.name, '')} |")
    return "\n".join(lines) + "\n"


def _attribute_notes(kind: type) -> dict[str, str]:
    """The docstrings that stand below attributes."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    notes = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            notes[before.target.id] = " ".join(str(after.value.value).split())
    return notes


def commands_page() -> str:
    """Every command with its help."""
    parts = [
        "# Commands",
        "",
        "Exit codes: 0 done, 1 refused with a reason on stderr, 2 usage.",
        "`--json` prints machine-readable results, `--data` names the data folder.",
        "",
    ]
    for name, (module, function, _) in COMMANDS.items():
        loaded = importlib.import_module(f"beltline.app.commands.{module}")
        command = getattr(loaded, function)
        parts += list(_help_of(command, f"beltline {name}"))
    return "\n".join(parts)


def _help_of(command: click.Command, name: str) -> Iterator[str]:
    # As below the program, though a command keeps the `--help` option that it showed first.
    command = copy.copy(command)
    command._help_option = None
    context = click.Context(command, info_name=name, terminal_width=96, **beltline.context_settings)
    yield f"## {name}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for child, sub in command.commands.items():
            yield from _help_of(sub, f"{name} {child}")


def api_page() -> str:
    """Every operation of the API."""
    from beltline.app.web.composition import ROUTES
    from beltline.app.web.openapi import describe

    lines = ["# API", "", "`/v1/openapi.json` has the whole description.", "",
             "| operation | what it does |", "| --- | --- |"]  # fmt: skip
    for path, methods in sorted(describe(ROUTES)["paths"].items()):
        for method, operation in sorted(methods.items()):
            if method in ("get", "post", "put", "patch", "delete"):
                summary = str(operation.get("summary") or operation.get("description") or "")
                lines.append(f"| `{method.upper()} {path}` | {' '.join(summary.split())} |")
    return "\n".join(lines) + "\n"


def events_page() -> str:
    """Every type of event that is recorded, and by which module."""
    found: dict[str, set[str]] = {}
    for path in [*migrations(), *python_files()]:
        module = path.relative_to(PACKAGE).parts[0]
        for type_ in _recorded_types(path):
            found.setdefault(type_, set()).add(module)
    lines = ["# Events", "", "`GET /v1/events` gives them in the order of `feed_seq`.", "",
             "| type | module |", "| --- | --- |"]  # fmt: skip
    lines += [f"| `{type_}` | {', '.join(sorted(found[type_]))} |" for type_ in sorted(found)]
    return "\n".join(lines) + "\n"


def _recorded_types(path: Path) -> Iterator[str]:
    """The types a file records, also those it puts together: `'order.' || lower(answer)`."""
    text = path.read_text("utf-8")
    yield from re.findall(r"record_event\(\s*'([a-z_]+\.[a-z_]+)'", text)
    yield from re.findall(r"record_events\([^,]+,\s*'([a-z_]+\.[a-z_]+)'", text)
    if path.suffix == ".py":
        yield from re.findall(r"events\.record\(\s*\w+,\s*\"([a-z_]+\.[a-z_]+)\"", text)
        yield from re.findall(r"type_=\"([a-z_]+\.[a-z_]+)\"", text)
        for prefix, table in re.findall(r"type_=f\"([a-z_]+)\.\{(\w+)\[\w+\]\}\"", text):
            past = getattr(_module_of(path), table)
            yield from (f"{prefix}.{word}" for word in past.values())
        return
    # A later migration records through the functions of an earlier one.
    module = "".join(each.read_text("utf-8") for each in path.parent.glob("*.sql"))
    aggregates = re.findall(r"record_event\([^,]+,\s*\d+,\s*'([a-z_]+)'", module)
    aggregates += re.findall(r"record_(?:mixed_)?events\(\s*'([a-z_]+)'", module)
    for aggregate in set(aggregates):
        yield from re.findall(rf"'({aggregate}\.[a-z_]+)'", text)
    for prefix, column in re.findall(r"'([a-z_]+)\.' \|\| lower\((?:v_|p_)?(\w+)\)", text):
        name = f"{column.title()}Kind"
        [kind] = {
            getattr(types, name)
            for types in map(_module_of, _types_of(path.relative_to(PACKAGE).parts[0]))
            if hasattr(types, name)
        }
        yield from (f"{prefix}.{value.lower()}" for value in kind)


def _types_of(module: str) -> list[Path]:
    """The files with a module's values and refusals: one, or a package of them by subject."""
    one = PACKAGE / module / "types.py"
    return [one] if one.exists() else sorted((PACKAGE / module / "types").glob("*.py"))


def _module_of(path: Path) -> Any:
    dotted = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return importlib.import_module(dotted.removesuffix(".__init__"))


def problems_page() -> str:
    """Every refusal: code, status, title and sentence."""
    for path in python_files():
        if (
            path.name == "types.py"
            or path.parent.name == "types"
            or "(Refusal)" in path.read_text("utf-8")
        ):
            _module_of(path)
    lines = ["# Problems", "", "What the API refuses with, as problem JSON (RFC 9457). A 4xx is",
             "the caller's to mend, a 503 heals with time (Retry-After), a 500 is our mistake.", "",
             "| code | status | what it means |", "| --- | --- | --- |"]  # fmt: skip
    for code, kind in sorted(Refusal._by_code.items()):
        if hasattr(kind, "kind") and kind.__module__.startswith("beltline."):
            sentence = (kind.detail if "{title}" not in kind.detail else kind.title).replace(
                "|", "/"
            )
            title = kind.title if kind.title.endswith("?") else f"{kind.title}."
            lines.append(f"| `{code}` | {_status(kind)} | {title} {sentence} |")
    return "\n".join(lines) + "\n"


def _status(kind: type[Refusal]) -> int:
    from beltline.kit.errors import STATUS

    return STATUS[kind.kind]


def glossary_page() -> str:
    """Every public type of every module, in its words."""
    parts = ["# Glossary", "", "The only name for a thing is the one here.", ""]
    for module in MODULES:
        found = list(_public_types(module))
        if found:
            parts.append(f"## {module}\n")
            parts += [f"- **{name}**: {text}" for name, text in found]
            parts.append("")
    return "\n".join(parts)


def _public_types(module: str) -> Iterator[tuple[str, str]]:
    found: dict[str, Any] = {}
    for loaded in map(_module_of, _types_of(module)):
        found |= {
            name: value
            for name, value in vars(loaded).items()
            if inspect.isclass(value) and value.__module__ == loaded.__name__
        }
    for name, value in sorted(found.items()):
        if not name.startswith("_") and issubclass(value, msgspec.Struct | enum.Enum):
            yield name, _first_sentence(value)


def _first_sentence(value: Any) -> str:
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/settings.md": settings_page,
    "docs/reference/commands.md": commands_page,
    "docs/reference/api.md": api_page,
    "docs/reference/events.md": events_page,
    "docs/reference/problems.md": problems_page,
    "docs/GLOSSARY.md": glossary_page,
}


def main() -> None:
    """Write every page, and the client of the API."""
    for name, write in PAGES.items():
        path = Path(ROOT / name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + write(), "utf-8")
    write_client(describe(composition.ROUTES))


if __name__ == "__main__":
    main()
