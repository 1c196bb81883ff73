"""What is looked for, how answers are ranked, and what to say where there are none.

The rank is stated, not learned: what goods say of the question, and then what a buyer of small
lots wants of them. `WEIGHTS` add up to 1. Meaning stands in for words by rule: it leads where goods
say next to nothing of the question, fills behind them where few answer, and else is not asked.
"""

import bisect
import difflib
import functools
import math
import operator
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from beltline.science.retrieval.words import fold, plain, query_terms, terms
from beltline.search.types import (
    Corpus,
    Document,
    Facet,
    Hit,
    Look,
    Named,
    Ranked,
    Reason,
    Source,
    Suggestion,
    SuggestionKind,
    VectorKind,
)

CANDIDATES: Final = 500
ENOUGH: Final = 20
# Documents that are joined with their terms; as many more as there are where filters leave too few.
JOINED: Final = (600, 5_000, 100_000)
# Goods that terms alone leave: so few, and at most one of so many, are looked at before words are.
# Of more the steps above find enough.
FEW: Final = 4_000
FEW_OF: Final = 30
# Documents that the words of a second, looser look may stand in, together.
POSTINGS: Final = 5_000
# Of a looser look into more documents those that say two words are looked for before.
TWO_FROM: Final = 2_000
# Goods that say less of a question than this do not answer it.
SAID_LEAST: Final = 0.25
WEIGHTS: Final = {"WORDS": 0.7, "READY": 0.1, "FAST": 0.1, "RELIABLE": 0.1}
TIERS: Final = {"A": 1.0, "B": 0.6, "C": 0.3}
WEEK_DAYS: Final = 7.0
# Goods that say less of a title than this are not shown as alike.
ALIKE_LEAST: Final = 0.5
FACETS: Final = ("category", "tier", "belt", "supplier", "availability")
FACET_VALUES: Final = 12
# Of each kind while somebody types; twice as many titles. A beginning has two letters, or one
# Chinese character, and becomes one of so many words.
SUGGESTED: Final = 3
TYPED_LEAST: Final = 2
COMPLETIONS: Final = 30
NAMED: Final = 200
NEAR_ENOUGH: Final = 0.75
WORD_LETTERS_MAX: Final = 100
WORDS_MAX: Final = 40
# Where the best goods say less of a question than this, it was asked in other words or another
# language (as `beltline match`).
SAID_BY_BEST: Final = 0.3
# From a cosine to 0..1: at the first number as likely meant (or shown) as not.
LIKELY: Final = {VectorKind.MEANING: (0.42, 0.06), VectorKind.PICTURE: (0.5, 0.1)}
# Farther than this nothing answers.
NEAR_LEAST: Final = {VectorKind.MEANING: 0.34, VectorKind.PICTURE: 0.3}
# BM25 (Robertson and Zaragoza, 2009); a word counts once a document.
K1: Final = 1.2
B: Final = 0.75

_LINK: Final = re.compile(r"^\s*(?:https?://|www\.)\S+\s*$", re.IGNORECASE)
_NOISE: Final = re.compile(r"[-_/.]|\b(?:html?|offer|item|product|detail|dp|p|sku)\b")


def document_of(source: Source) -> Document | None:
    """A SKU's words for the index; None where it says nothing."""
    found = [word for text in source.texts for word in terms(text)]
    words = sorted({word for word in found if len(word) <= WORD_LETTERS_MAX})
    if not words:
        return None
    return Document(source, words, len(found))


def asked_words(question: str) -> list[str]:
    """The index words of a question: of words, a model number, a barcode or a pasted link."""
    text = question
    if _LINK.match(question):
        parts = urlsplit(question.strip())
        text = _NOISE.sub(" ", unquote(parts.path)) or parts.netloc
    return [word for word in query_terms(text) if len(word) <= WORD_LETTERS_MAX][:WORDS_MAX]


def begun_words(typed: str) -> tuple[list[str], list[str]]:
    """The finished words of what is being typed, and how its last one may begin in the index.

    The index knows stems: `bottle` on its way to `bottles` is looked for as typed and as `bottl`.
    """
    *finished, last = plain(typed).split() or [""]
    beginnings = dict.fromkeys([fold(last), *query_terms(last)[-1:]])
    return asked_words(" ".join(finished)), [word for word in beginnings if len(word) > 0]


def suggest(named: Sequence[Named], belts: Sequence[Suggestion], typed: str) -> list[Suggestion]:
    """Categories and belts first, which lead to many goods; then titles, each text once."""
    counted = Counter(one.category for one in named if one.category)
    common = sorted(counted, key=lambda category: (-counted[category], category))
    found = [Suggestion(SuggestionKind.CATEGORY, name, "", name) for name in common[:SUGGESTED]]
    found += belts[:SUGGESTED]
    asked = plain(typed).strip()
    titles = {(one.title, one.title_zh): None for one in named if plain(one.title).strip() != asked}
    found += [
        Suggestion(SuggestionKind.TITLE, title, title_zh, title)
        for title, title_zh in list(titles)[: 2 * SUGGESTED]
    ]
    return found


def looks_for(asked: Sequence[str], documents: Mapping[str, int], *, of: int) -> list[Look]:
    """First all words, where all are known; then the rarest of them. Unknown words are left out.

    Between the two come those that say one of the rarest and another word, where they are hoped to
    be fewer by far: they are the best of the looser look.

    Of `of` documents. Where words that stand beside each other by chance would leave too few with
    all of them, the looser look comes at once if it sees all of its documents: it finds those too,
    and `best_said` picks them.
    """
    if not documents:
        return []
    one_each = [quoted(word) for word in asked]
    rare = rare_first(documents)
    looser = Look(
        one_each, any_of(rare), is_for_all=False, documents=sum(documents[word] for word in rare)
    )
    loose = [*_with_two(one_each, rare, documents, looser), looser]
    if any(word not in documents for word in asked):
        return loose
    strict = Look(one_each, all_of(asked), is_for_all=True, documents=min(documents.values()))
    if len(asked) == 1:
        return [strict]
    by_chance = of * math.prod(documents[word] / max(of, 1) for word in asked)
    is_likely = by_chance >= ENOUGH or looser.documents > POSTINGS
    return [strict, *loose] if is_likely else loose


def _with_two(
    one_each: list[str], rare: Sequence[str], documents: Mapping[str, int], looser: Look
) -> list[Look]:
    if len(documents) < 2 or looser.documents <= TWO_FROM:
        return []
    search = " | ".join(
        f"({quoted(word)} & ({any_of([other for other in documents if other != word])}))"
        for word in rare
    )
    return [Look(one_each, search, is_for_all=False, documents=looser.documents)]


def best_said(hits: Sequence[Hit], asked: Sequence[str]) -> Sequence[Hit]:
    """Those that say all words asked, where they are enough; else all."""
    whole = (1 << len(asked)) - 1
    all_said = [hit for hit in hits if hit.said == whole]
    return all_said if len(all_said) >= ENOUGH else hits


def all_of(words: Sequence[str]) -> str:
    """A text search for documents with every word."""
    return " & ".join(quoted(word) for word in words)


def any_of(words: Sequence[str]) -> str:
    """A text search for documents with one of the words."""
    return " | ".join(quoted(word) for word in words)


def rare_first(documents: Mapping[str, int]) -> list[str]:
    """The rarest words, as many as a looser look can afford; always the rarest."""
    chosen: list[str] = []
    total = 0
    for word, count in sorted(documents.items(), key=lambda item: (item[1], item[0])):
        total += count
        if chosen and total > POSTINGS:
            break
        chosen.append(word)
    return chosen


def rank(
    hits: Sequence[Hit], asked: Sequence[str], documents: Mapping[str, int], corpus: Corpus
) -> list[Ranked]:
    """Hits that answer, by what they say and what they offer; equal ones by code."""
    weights = [_idf(documents.get(word, 0), corpus.documents) for word in asked]
    whole = sum(weights) or 1.0

    @functools.cache
    def share(said: int) -> float:
        return sum(weight for n, weight in enumerate(weights) if said >> n & 1) / whole

    @functools.cache
    def answers(said: int, length: int) -> Reason:
        longer = length / max(corpus.length_mean, 1.0)
        # A title of usual length that says all of the question has 1.
        saturation = (K1 + 1) / (1 + K1 * (1 - B + B * longer))
        return _answer("WORDS", min(1.0, share(said) * min(1.0, saturation)))

    ranked = [
        _reasoned(hit, answers(hit.said, hit.length))
        for hit in hits
        if share(hit.said) >= SAID_LEAST
    ]
    return sorted(ranked, key=_place)


def needs_meaning(goods: Sequence[Ranked]) -> bool:
    """Whether goods that mean nearly the same are to be looked for beside those with the words."""
    return len(goods) < ENOUGH


def fuse(by_words: Sequence[Ranked], meant: Sequence[tuple[Hit, float]]) -> list[Ranked]:
    """Goods by words, and by meaning those that words did not find.

    Where words say something of the question, meaning alone counts for less than the least word;
    where they do not, the better of the two counts.
    """
    weight = WEIGHTS["WORDS"]
    said = {one.hit.code: one for one in by_words}
    leads = max((one.reasons[0].adds for one in by_words), default=0) < SAID_BY_BEST * weight
    scale = 1.0 if leads else SAID_LEAST
    found = dict(said)
    for ranked in near(meant, VectorKind.MEANING, scale=scale):
        known = said.get(ranked.hit.code)
        if known is None or (leads and ranked.score > known.score):
            found[ranked.hit.code] = ranked
    return sorted(found.values(), key=_place)


def nearest(
    kind: VectorKind, hits: Sequence[Hit], closeness: Sequence[float]
) -> list[tuple[Hit, float]]:
    """Each hit once, by the nearest of its vectors; the nearest first, none too far."""
    best: dict[str, tuple[Hit, float]] = {}
    for hit, value in zip(hits, closeness, strict=True):
        if value >= NEAR_LEAST[kind] and (hit.code not in best or value > best[hit.code][1]):
            best[hit.code] = (hit, value)
    return sorted(best.values(), key=lambda pair: (-pair[1], pair[0].code))


def near(
    hits: Sequence[tuple[Hit, float]], kind: VectorKind, *, scale: float = 1.0
) -> list[Ranked]:
    """Goods by how near they are and what they offer; equal ones by code."""
    middle, width = LIKELY[kind]
    ranked = [
        _reasoned(hit, _answer(kind.value, scale / (1 + math.exp((middle - closeness) / width))))
        for hit, closeness in hits
    ]
    return sorted(ranked, key=_place)


def after(goods: Sequence[Ranked], position: tuple[float, str] | None) -> Sequence[Ranked]:
    """What comes behind a place in an answer: the score and the code of the last one seen."""
    if position is None:
        return goods
    behind = (-position[0], position[1])
    return goods[bisect.bisect_right(goods, behind, key=_place) :]


def likest(goods: Sequence[Ranked], *, but: str, most: int) -> list[Ranked]:
    """Goods of other suppliers that say most of a title, the likest first."""
    said = {
        one.hit.code: next(reason.adds for reason in one.reasons if reason.part == "WORDS")
        for one in goods
    }
    least = ALIKE_LEAST * WEIGHTS["WORDS"]
    others = [one for one in goods if one.hit.supplier != but and said[one.hit.code] >= least]
    return sorted(others, key=lambda one: (-said[one.hit.code], one.hit.code))[:most]


def count_facets(hits: Sequence[Hit]) -> dict[str, list[Facet]]:
    """How the hits divide by category, tier, belt, supplier and availability."""
    return {name: _facets(map(operator.attrgetter(name), hits)) for name in FACETS}


def nearest_words(unknown: Sequence[str], candidates: Mapping[str, Sequence[str]]) -> list[str]:
    """For each unknown word the likeliest known one of its candidates, where one is near."""
    near = (
        difflib.get_close_matches(word, candidates.get(word, ()), n=1, cutoff=NEAR_ENOUGH)
        for word in unknown
    )
    return [found[0] for found in near if found]


def _facets(values: Iterable[str | None]) -> list[Facet]:
    counted = Counter(value for value in values if value)
    common = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [Facet(value, goods) for value, goods in common[:FACET_VALUES]]


def _place(one: Ranked) -> tuple[float, str]:
    return -one.score, one.hit.code


def _answer(part: str, share: float) -> Reason:
    """What a hit answers (0..1), by words, meaning or picture."""
    return Reason(part, round(WEIGHTS["WORDS"] * share, 4))


def _reasoned(hit: Hit, answer: Reason) -> Ranked:
    """A hit with what it answers and what it offers."""
    reasons = (answer, *_offers(hit.availability, hit.lead_time_days, hit.tier))
    return Ranked(hit, round(sum(reason.adds for reason in reasons), 4), reasons)


@functools.lru_cache(maxsize=1 << 12)
def _offers(
    availability: str | None, lead_time_days: float | None, tier: str
) -> tuple[Reason, ...]:
    """What a buyer of small lots wants; hundreds of hits of an answer offer the same."""
    offers = {
        "READY": 1.0 if availability == "SPOT" else 0.0,
        "FAST": _fast(lead_time_days),
        "RELIABLE": TIERS.get(tier, 0.0),
    }
    return tuple(Reason(name, round(WEIGHTS[name] * share, 4)) for name, share in offers.items())


def _fast(lead_time_days: float | None) -> float:
    """1 for goods that leave today, a half after a week; 0 where nobody says."""
    return 0.0 if lead_time_days is None else 1 / (1 + lead_time_days / WEEK_DAYS)


def _idf(documents: int, corpus: int) -> float:
    return math.log(1 + (corpus - documents + 0.5) / (documents + 0.5))


def quoted(word: str) -> str:
    """A word as a text search takes it."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
