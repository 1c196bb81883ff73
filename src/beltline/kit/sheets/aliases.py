"""How alike a header and the names of a field are, from 0 to 1, and in which words to say so."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from beltline.kit.sheets.fields import Field
from beltline.kit.sheets.shapes import normalized

_UNIT = re.compile(r"[(\[【<].*?[)\]】>]|[::].*$")
_NOT_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CJK_FIRST = "\u2e80"

NEARLY = 0.84
_CONTAINED = 0.72
_TOKENS = 0.66


def key(header: str) -> str:
    """A header without case, blanks and punctuation: what aliases are compared by."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", header).casefold())


def likeness(header: str, field: Field) -> tuple[float, str]:
    """How well a header names a field, with a reason (`alias`, `nearly`, `contains` ...)."""
    whole, bare = key(header), key(_UNIT.sub("", normalized(header)))
    names = _names(field)
    if whole == key(field.name):
        return 1.0, "the name of the field"
    if whole in names:
        return 0.97, "a known name of the field"
    if bare and bare in names:
        return 0.93, "a known name of the field with a unit or remark"
    return max(_inexact(header, bare or whole, names), default=(0.0, ""))


def _inexact(header: str, bare: str, names: dict[str, str]) -> Iterator[tuple[float, str]]:
    words = _words(header)
    for name, written in names.items():
        if is_cjk(name) and len(name) >= 2 and name in bare:
            yield _CONTAINED + 0.2 * len(name) / len(bare), f"contains {written}"
        elif len(name) > 3 and len(bare) > 3:
            matcher = SequenceMatcher(None, name, bare)
            if matcher.real_quick_ratio() > NEARLY and (ratio := matcher.ratio()) > NEARLY:
                yield ratio * 0.9, f"nearly {written}"
        known = _words(written)
        if known and len(known & words) == len(known) and len(words) > len(known):
            yield _TOKENS + 0.2 * len(known) / len(words), f"contains {written}"


@lru_cache(maxsize=512)
def _names(field: Field) -> dict[str, str]:
    return {key(alias): alias for alias in (field.name, *field.aliases)}


def _words(text: str) -> frozenset[str]:
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text))
    return frozenset(
        word for word in _NOT_WORD.sub(" ", spaced.casefold()).split() if len(word) > 1
    )


def is_cjk(text: str) -> bool:
    """Whether a text has Chinese characters (or others of the region)."""
    return any(char >= _CJK_FIRST for char in text)
