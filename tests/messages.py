"""The texts a module shows, as its sources have them, against its `locale/zh.po`.

`python tests/messages.py orders` prints the missing entries, ready to be appended and translated.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

SOURCES = Path(__file__).resolve().parents[1] / "src/beltline"
KEYWORDS = {
    "_": None, "N_": None, "gettext": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
OPTIONS = {
    "silent": "false", "extensions": "jinja2.ext.i18n,jinja2.ext.do",
    "trim_blocks": "true", "lstrip_blocks": "true",
}  # fmt: skip


def module_names() -> list[str]:
    """Every module of the package."""
    folders = (path for path in SOURCES.iterdir() if path.is_dir() and path.name[0] != "_")
    return sorted(path.name for path in folders)


def used(module: str) -> dict[tuple[str | None, str], str]:
    """(context, English) of every marked text of a module -> where it stands first."""
    texts: dict[tuple[str | None, str], str] = {}
    for path, method in _files(SOURCES / module):
        for line, message, _, context in extract_from_file(
            method, str(path), keywords=KEYWORDS, options=OPTIONS
        ):
            english = message[0] if isinstance(message, tuple) else message
            texts.setdefault((context, english), f"{path.relative_to(SOURCES)}:{line}")
    for path in sorted((SOURCES / module).rglob("*.py")):
        for line, english in _refusals(path):
            texts.setdefault((None, english), f"{path.relative_to(SOURCES)}:{line}")
    return texts


def _refusals(path: Path) -> Iterator[tuple[int, str]]:
    """Title and detail of every refusal: a page says them in its reader's language."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            given = {
                name.id: each.value
                for each in node.body
                if isinstance(each, ast.Assign)
                for target in each.targets
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            }
            for name in ("title", "detail") if "code" in given else ():
                text = given.get(name)
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.lineno, text.value


def catalog(module: str) -> Catalog:
    """The Chinese catalog of a module; empty when it has none."""
    path = SOURCES / module / "locale/zh.po"
    if not path.is_file():
        return Catalog(locale="zh")
    with path.open("rb") as file:
        return read_po(file, locale="zh")


def entries(module: str) -> dict[tuple[str | None, str], Message]:
    """The catalog's entries by (context, English)."""
    found = (message for message in catalog(module) if message.id)
    return {(m.context, m.id if isinstance(m.id, str) else m.id[0]): m for m in found}


def missing(module: str) -> dict[tuple[str | None, str], str]:
    """Texts without a finished translation -> where they stand."""
    known = {key for key, m in entries(module).items() if _is_done(m)}
    return {key: where for key, where in used(module).items() if key not in known}


def _is_done(message: Message) -> bool:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(strings) and all(strings) and not message.fuzzy


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, "python"
    for path in sorted(folder.glob("templates/**/*.html")):
        yield path, "jinja2.ext:babel_extract"


if __name__ == "__main__":
    for (context, english), where in missing(sys.argv[1]).items():
        quoted = english.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        head = f'msgctxt "{context}"\n' if context else ""
        sys.stdout.write(f'#: {where}\n{head}msgid "{quoted}"\nmsgstr ""\n\n')
