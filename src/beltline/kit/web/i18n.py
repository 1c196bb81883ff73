"""English and Chinese through gettext: English is the key, each module's `locale/zh.po` the answer.

The catalogs are read once, straight from the `.po` files: nothing has to be compiled. A text is
written `_("Create purchase")` in templates and `_ = page.gettext` in `pages.py`; a constant
that is translated later (a label of a state, of the navigation) is marked `N_("Draft")`.
"""

import functools
import gettext as gettext_module
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from babel.messages.pofile import read_po

from beltline.kit.texts import N_ as N_  # noqa: PLC0414 - modules take it from here

LOCALES: Final = ("en", "zh")
LANGUAGE_TAGS: Final = {"en": "en", "zh": "zh-CN"}


class _Catalog(gettext_module.NullTranslations):
    """A merged catalog of all modules in memory; an unknown text is returned as it is."""

    def __init__(self, texts: Mapping[tuple[str | None, str], str]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        return self._texts.get((None, message), message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        # Chinese has one form; English (no entry) chooses between the two given.
        return self._texts.get((None, msgid1)) or (msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self._texts.get((context, message), message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self._texts.get((context, msgid1)) or (msgid1 if n == 1 else msgid2)


@functools.cache
def translations(locale: str) -> gettext_module.NullTranslations:
    """The catalog of a locale, merged over all modules.

    `kit` comes first: its words are the common ones. That no module says otherwise is a test's
    business (tests/kit/test_web_i18n.py), not a reason to refuse to start.
    """
    if locale == "en":
        return gettext_module.NullTranslations()
    merged: dict[tuple[str | None, str], str] = {}
    for module in sorted(modules(), key=lambda name: (name != "kit", name)):
        merged = _read_module(modules()[module], locale) | merged
    return _Catalog(merged)


def modules() -> dict[str, Traversable]:
    """The folder of every module of the package, by name."""
    package = resources.files("beltline")
    folders = sorted(package.iterdir(), key=lambda entry: entry.name)
    return {entry.name: entry for entry in folders if entry.is_dir() and entry.name[0] not in "_."}


def choose_locale(
    *, preference: str | None = None, cookie: str | None = None, accept_language: str | None = None
) -> str:
    """The member's choice, else the browser's cookie, else its languages in order, else English."""
    for choice in (preference, cookie):
        if choice in LOCALES:
            return choice
    for tag in _accepted(accept_language or ""):
        language = tag.partition("-")[0].lower()
        if language in LOCALES:
            return language
    return LOCALES[0]


def _accepted(header: str) -> list[str]:
    """Language tags of an Accept-Language header, best first; a malformed weight counts as 0."""
    weighted = []
    for entry in header.split(","):
        tag, _, weight = entry.strip().partition(";q=")
        try:
            weighted.append((float(weight) if weight else 1.0, tag.strip()))
        except ValueError:
            weighted.append((0.0, tag.strip()))
    weighted.sort(key=lambda pair: -pair[0])
    return [tag for weight, tag in weighted if weight > 0]


def _read_module(module: Traversable, locale: str) -> dict[tuple[str | None, str], str]:
    path = module / "locale" / f"{locale}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    texts = {}
    for message in catalog:
        key, text = _first(message.id), _first(message.string)
        if key and text and not message.fuzzy:
            texts[(message.context, key)] = text
    return texts


def _first(text: str | Sequence[str] | None) -> str:
    """The text, or the first of a plural's forms: Chinese has only one."""
    if text is None or isinstance(text, str):
        return text or ""
    return text[0]
