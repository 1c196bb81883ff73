"""Words of titles and questions in any script, as index terms.

Chinese is cut by jieba's search mode, with every pair of neighbors and every character a term of
its own, so that a word the dictionary cuts elsewhere is still found and one that it cuts there
counts twice. A question asks for words and pairs, and for a character only where it stands
alone. Latin words lose accents and their ending (Snowball English; Spanish where the text is
Spanish). Numbers of models are terms whole and in parts: `DSC-W55/B` is `dscw55b`, `dsc`, `w55`,
`b`, and `500GB` is `500gb`, `500`, `gb`.
"""

import functools
import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

import rjieba
import snowballstemmer

_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_KANA: Final = r"\u3040-\u30ff"
_PIECES: Final = re.compile(
    rf"[{_HAN}]+|[{_KANA}]+|[a-z0-9]+(?:[-./_+][a-z0-9]+)*"
    rf"|[^\W_{_HAN}{_KANA}a-z0-9]+"
)
_PARTS: Final = re.compile(r"[a-z]+|[0-9]+")
_JOINTS: Final = re.compile(r"[-./_+]")
_IS_HAN: Final = re.compile(rf"[{_HAN}]")
_IS_KANA: Final = re.compile(rf"[{_KANA}]")
_SPANISH: Final = re.compile(
    r"[ñ¿¡]|\b(?:de|del|para|con|sin|los|las|por|una|uno|y|el|en)\b|\w+ci[oó]n(?:es)?\b"
)
_MARKS: Final = dict.fromkeys(range(768, 880))


def plain(text: str) -> str:
    """Compatibility forms composed, lower case; accents stay."""
    return unicodedata.normalize("NFKC", text).casefold()


def fold(text: str) -> str:
    """One spelling for each letter: `plain`, and no accents."""
    lowered = plain(text)
    if lowered.isascii():
        return lowered
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", lowered).translate(_MARKS))


def terms(text: str) -> list[str]:
    """What a text is found by: its terms in order, with repetitions."""
    return _all_terms(text, _han_terms)


def query_terms(text: str) -> list[str]:
    """What a text asks for: its terms in order, each once."""
    return list(dict.fromkeys(_all_terms(text, _han_query)))


def _all_terms(text: str, cut: Callable[[str], Sequence[str]]) -> list[str]:
    folded = fold(text)
    stem = _stem_es if _SPANISH.search(folded) else _stem_en
    found: list[str] = []
    for piece in _PIECES.findall(folded):
        found.extend(cut(piece) if _IS_HAN.match(piece) else _terms_of(piece, stem))
    return found


def _terms_of(piece: str, stem: Callable[[str], str]) -> Sequence[str]:
    if _IS_KANA.match(piece):
        return _pairs(piece)
    if piece.isascii():
        return _latin_terms(piece, stem)
    return [piece]


@functools.lru_cache(maxsize=1 << 16)
def _han_terms(run: str) -> tuple[str, ...]:
    return (*_han_query(run), *run) if len(run) > 1 else (run,)


@functools.lru_cache(maxsize=1 << 16)
def _han_query(run: str) -> tuple[str, ...]:
    if len(run) == 1:
        return (run,)
    return (*(word for word in rjieba.cut_for_search(run) if len(word) > 1), *_pairs(run))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(max(1, len(run) - 1))]


@functools.lru_cache(maxsize=1 << 17)
def _latin_terms(piece: str, stem: Callable[[str], str]) -> tuple[str, ...]:
    if piece.isalpha():
        return (stem(piece),)
    joined = _JOINTS.sub("", piece)
    pieces = _JOINTS.split(piece)
    parts = [stem(part) if part.isalpha() else part for part in pieces if len(pieces) > 1]
    split = [p for part in pieces for p in _PARTS.findall(part) if p != part]
    return tuple(dict.fromkeys((joined, *parts, *split)))


@functools.lru_cache(maxsize=1 << 17)
def _stem_en(word: str) -> str:
    return str(_stemmers.english.stemWord(word))


@functools.lru_cache(maxsize=1 << 17)
def _stem_es(word: str) -> str:
    return str(_stemmers.spanish.stemWord(word))


class _Stemmers(threading.local):
    """Each thread its own: a stemmer keeps the word it works on."""

    def __init__(self) -> None:
        self.english = snowballstemmer.stemmer("english")
        self.spanish = snowballstemmer.stemmer("spanish")


_stemmers = _Stemmers()
