"""Countries: the codes of ISO 3166-1, and their names in the languages of the pages."""

import functools
from typing import Final

from babel import Locale

# What CLDR names besides: reserved codes, groups of states, codes for tests and private use.
_NO_ISO: Final = frozenset({
    "AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ",
})  # fmt: skip


@functools.cache
def country_codes() -> frozenset[str]:
    """The assigned codes of two letters."""
    named = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in named if len(code) == 2 and code.isalpha()) - _NO_ISO


def country_name(code: str, locale: str) -> str:
    """What a country is called in a language; of an unknown code the code."""
    return str(Locale(locale).territories.get(code, code))
