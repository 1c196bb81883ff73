"""What one written value looks like: the rules shared by header finding and mapping.

Standard library only, since the reading child uses them on the first rows of a file.
"""

import enum
import re
import unicodedata

EMPTY_WORDS = frozenset(
    {"", "-", "--", "---", "—", "——", "–", "/", "\\", "\\n", "n/a", "na", "null", "none", "nan"}
    | {"nil", "无", "空", "暂无", "未填"}
)
"""Written for `nothing` in columns of numbers, dates and choices (after `normalized`)."""

EMPTY_WORDS_TEXT = frozenset({"", "-", "--", "—", "——", "–", "\\n", "n/a", "null", "nan"})
"""The same in columns of text, where `NA`, `none` or `无` may be a code or a name."""

_NUMBER = re.compile(
    r"""^[(]?\s*[-+]?\s*(?:[¥$€£₽]|CNY|RMB|USD|EUR)?\s*[-+]?
        \d[\d\s.,']*(?:[eE][-+]?\d+)?\s*[)]?-?
        \s*(?:%|‰|万|亿|元|件|个|只|双|套|条|台|pcs?|CNY|RMB|USD|EUR|[¥$€£₽])?$""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOCK = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[-+]\d{2}:?\d{2})?)?"
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(19|20)\d{{2}}\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}\s*日?{_CLOCK}$",
        r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$",
        rf"^\d{{1,2}}[-/.]\d{{1,2}}[-/.](19|20)\d{{2}}{_CLOCK}$",
        r"^(19|20)\d{2}-?W\d{2}(-?[1-7])?$",
        rf"^\d{{1,2}}[- ]?({_MONTH})[a-z]*[- ,.]*(\d{{2}}|\d{{4}})$",
        rf"^({_MONTH})[a-z]*\.?[- ]\d{{1,2}},?[- ](19|20)\d{{2}}$",
    )
)


class Shape(enum.StrEnum):
    """What a value looks like."""

    EMPTY = "EMPTY"
    NUMBER = "NUMBER"
    DATE = "DATE"
    TEXT = "TEXT"


def normalized(text: str) -> str:
    """Compatibility-normalized (full-width to ASCII), trimmed, one blank between words."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").split())


def shape(text: str) -> Shape:
    """The shape of one written value; an eight-digit day is a date, not a number."""
    value = normalized(text)
    if value.casefold() in EMPTY_WORDS:
        return Shape.EMPTY
    if is_date(value):
        return Shape.DATE
    return Shape.NUMBER if _NUMBER.match(value) else Shape.TEXT


def is_date(text: str) -> bool:
    """Whether a value (or a header) is written like a calendar day or an ISO week."""
    value = normalized(text)
    return any(pattern.match(value) for pattern in _DATES)
