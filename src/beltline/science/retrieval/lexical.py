"""Scores of texts by shared words and shared spelling, as sparse matrices.

Words are ranked by BM25 (Robertson and Zaragoza, 2009), divided by what the query could reach at
most, so that 1 is about "every word of the query stands in an item of usual length" whatever the
query. Spelling is the cosine of weighted four-letter grams, which forgives typos, joined words
and endings.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from scipy import sparse

from beltline.science.arrays import Floats
from beltline.science.retrieval.words import fold, query_terms, terms

K1: Final = 1.2
B: Final = 0.75
GRAM: Final = 4
_WORD: Final = re.compile(r"\w+")


class Lexicon(msgspec.Struct, frozen=True, eq=False):
    """Items as weighted words and as unit vectors of grams."""

    words: dict[str, int]
    idf: Floats
    unknown_idf: float
    items_by_word: Any
    grams: dict[str, int]
    gram_idf: Floats
    items_by_gram: Any


def index_texts(texts: Sequence[str]) -> Lexicon:
    """Learn the words and spelling of items; rows of a score are in the order of `texts`."""
    words: dict[str, int] = {}
    counts = _counts(texts, terms, words)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    idf, unknown = _idf(counts, len(texts))
    weights = _saturated(counts, lengths)
    grams: dict[str, int] = {}
    spelled = _counts(texts, _grams, grams)
    gram_idf, _ = _idf(spelled, len(texts))
    return Lexicon(
        words, idf, unknown, weights.T.tocsr(), grams, gram_idf,
        _unit(_damped(spelled), gram_idf).T.tocsr(),
    )  # fmt: skip


def score_words(lexicon: Lexicon, queries: Sequence[str]) -> Floats:
    """BM25 of each query (row) and item (column), as a share of the query's best."""
    asked = _counts(queries, query_terms, lexicon.words, grow=False)
    known = asked @ sparse.diags(lexicon.idf)
    whole = np.asarray(known.sum(axis=1)).ravel()
    missing = np.array([len(query_terms(query)) for query in queries]) - np.diff(asked.indptr)
    whole += missing * lexicon.unknown_idf
    scaled = sparse.diags(1 / np.maximum(whole, 1e-9)) @ known
    return np.asarray((scaled @ lexicon.items_by_word).toarray(), np.float32)


def score_spelling(lexicon: Lexicon, queries: Sequence[str]) -> Floats:
    """Cosine of the grams of each query (row) and item (column)."""
    asked = _counts(queries, _grams, lexicon.grams, grow=False)
    return np.asarray(
        (_unit(_damped(asked), lexicon.gram_idf) @ lexicon.items_by_gram).toarray(), np.float32
    )


def _grams(text: str) -> list[str]:
    spelled = f" {' '.join(_WORD.findall(fold(text)))} "
    return [spelled[i : i + GRAM] for i in range(max(1, len(spelled) - GRAM + 1))]


def _counts(
    texts: Sequence[str],
    analyze: Callable[[str], list[str]],
    vocabulary: dict[str, int],
    *,
    grow: bool = True,
) -> Any:
    starts, columns, values = [0], [], []
    for text in texts:
        for term, count in Counter(analyze(text)).items():
            place = vocabulary.setdefault(term, len(vocabulary)) if grow else vocabulary.get(term)
            if place is not None:
                columns.append(place)
                values.append(count)
        starts.append(len(columns))
    shape = (len(texts), len(vocabulary))
    return sparse.csr_matrix((np.array(values, np.float32), columns, starts), shape=shape)


def _idf(counts: Any, items: int) -> tuple[Floats, float]:
    found = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log(1 + (items - found + 0.5) / (found + 0.5)).astype(np.float32)
    return idf, float(np.log(1 + (items + 0.5) / 0.5))


def _saturated(counts: Any, lengths: Floats) -> Any:
    norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-9))
    weights = counts.copy()
    rows = np.repeat(norm, np.diff(counts.indptr))
    weights.data = counts.data * (K1 + 1) / (counts.data + rows)
    return weights


def _damped(counts: Any) -> Any:
    damped = counts.copy()
    damped.data = 1 + np.log(counts.data)
    return damped


def _unit(counts: Any, idf: Floats) -> Any:
    weighted = counts @ sparse.diags(idf)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(length, 1e-9)) @ weighted).tocsr()
