"""What two products of two suppliers are to each other, and which products are one item.

A text score starts the judgment (`science.retrieval`: words, spelling, price, meaning). Marks move
it by stated steps: a shared barcode is as good as certain, barcodes or brands that differ forbid
"the same", a picture that both show makes it likelier, another HS heading hardly likely.
Attributes that say different things make a substitute, with the differences named. What people
said stands above all of it.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

import msgspec

from beltline.science.retrieval.words import fold
from beltline.search.types import (
    Article,
    Candidate,
    Difference,
    Evidence,
    Judged,
    Link,
    PairKind,
    PairState,
)

# Of a score: the same item from here on, a substitute from there on (as `beltline match`).
SAME: Final = 0.5
SUBSTITUTE: Final = 0.2
BARCODE_SURE: Final = 0.98
# A score that barcodes or brands which differ leave at most: below `SAME`.
MARKED_OTHER: Final = 0.45
# What goods of another kind, under another heading of the Harmonized System, leave of a score of
# texts: shops name series, sizes and uses alike whatever the goods are.
OTHER_KIND: Final = 0.35
# How sure a shared picture alone is.
PICTURE_SURE: Final = 0.6
# Numbers that differ by less than this share are the same measure.
NUMBER_APART: Final = 0.05
# Of the pairs between two groups at least this share must be alike for the groups to become one.
LINKED_LEAST: Final = 0.5
DIFFERENCES_SHOWN: Final = 12
# A mark that more products carry is a placeholder rather than a mark.
HOLDERS_MAX: Final = 30
# Bits of 64 by which fingerprints of one picture differ at most (as `beltline match`).
COPY_BITS: Final = 6
_BITS: Final = (1 << 64) - 1

_DIGITS: Final = re.compile(r"\d{8,14}")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD: Final = re.compile(r"[a-zA-Z]{3}")


def with_barcodes(articles: Iterable[Article]) -> list[Article]:
    """Articles with their barcodes read out of what was written as such."""
    return [msgspec.structs.replace(one, barcodes=read_barcodes(one.barcodes)) for one in articles]


def read_barcodes(values: Iterable[str]) -> frozenset[str]:
    """The barcodes that texts hold, each as the 14 digits of a GTIN."""
    joined = (value.replace(" ", "").replace("-", "") for value in values)
    return frozenset(code.zfill(14) for text in joined for code in _DIGITS.findall(text))


def has_chinese(title: str) -> bool:
    """Whether a title says anything in Chinese."""
    return _HAN.search(title) is not None


def is_chinese(title: str) -> bool:
    """Whether a title is in Chinese alone, model numbers aside."""
    return has_chinese(title) and _LATIN_WORD.search(title) is None


def judge(one: Article, other: Article, text: float) -> Judged:
    """What a pair is by its texts (0..1) and its marks."""
    evidence = [Evidence("TEXT", f"{text:.2f}")] if text else []
    score = text
    differing = differences(one, other)
    shared = sorted(one.barcodes & other.barcodes)
    if are_of_two_kinds(one, other):
        evidence.append(Evidence("OTHER_KIND", _headings(other)))
        score *= OTHER_KIND
    if shows_same(one, other):
        evidence.append(Evidence("PICTURE", ""))
        score = 1 - (1 - score) * (1 - PICTURE_SURE)
    if one.brand and other.brand:
        is_same = fold(one.brand) == fold(other.brand)
        evidence.append(Evidence("BRAND" if is_same else "OTHER_BRAND", other.brand))
        score = score if is_same else min(score, MARKED_OTHER)
    if shared:
        evidence.append(Evidence("BARCODE", shared[0].lstrip("0")))
        score, differing = max(score, BARCODE_SURE), []
    elif one.barcodes and other.barcodes:
        evidence.append(Evidence("OTHER_BARCODE", ""))
        score = min(score, MARKED_OTHER)
    kind = _kind(one, other, score, differing)
    if kind is PairKind.SAME_FACTORY and one.shop_marks & other.shop_marks:
        evidence.append(Evidence("PAPERS", ""))
    return Judged(kind, round(score, 4), evidence, differing)


def _kind(one: Article, other: Article, score: float, differing: list[Difference]) -> PairKind:
    if score < SUBSTITUTE:
        return PairKind.UNLIKE
    if score < SAME or differing:
        return PairKind.SUBSTITUTE
    one_source = shows_same(one, other) or one.shop_marks & other.shop_marks
    return PairKind.SAME_FACTORY if one_source else PairKind.SAME_ITEM


def are_of_two_kinds(one: Article, other: Article) -> bool:
    """Whether both say what kind of goods they are, and not the same one."""
    return bool(one.headings and other.headings) and not one.headings & other.headings


def _headings(article: Article) -> str:
    return " ".join(sorted(article.headings))


def shows_same(one: Article, other: Article) -> bool:
    """Whether a picture of both is one: the same file, or one scaled or compressed anew."""
    return bool(one.pictures & other.pictures) or any(
        is_copy(a, b) for a in one.prints for b in other.prints
    )


def differences(one: Article, other: Article) -> list[Difference]:
    """Attributes that both have and under which they say different things, by code."""
    return [
        Difference(code, one.said[code], other.said[code])
        for code in sorted(one.said.keys() & other.said.keys())
        if not _says_same(one.said[code], other.said[code])
    ][:DIFFERENCES_SHOWN]


def _says_same(one: str, other: str) -> bool:
    if fold(one).split() == fold(other).split():
        return True
    try:
        numbers = Decimal(one), Decimal(other)
    except InvalidOperation:
        return False
    return abs(numbers[0] - numbers[1]) <= Decimal(str(NUMBER_APART)) * max(map(abs, numbers))


def candidates(
    articles: Mapping[UUID, Article], texts: Mapping[tuple[UUID, UUID], float]
) -> list[Candidate]:
    """Every pair that texts, barcodes or pictures bring together and that is worth keeping.

    `texts` has the score of one product as the answer to another, in either direction or both; a
    product that does not have the other among its best says half of it.
    """
    pairs: dict[tuple[UUID, UUID], float] = defaultdict(float)
    for (asked, answer), score in texts.items():
        pairs[min(asked, answer), max(asked, answer)] += score / 2
    for pair in _sharing(articles):
        pairs.setdefault(pair, 0.0)
    judged = (
        Candidate(a, b, judge(articles[a], articles[b], text)) for (a, b), text in pairs.items()
    )
    return sorted(
        (one for one in judged if one.judged.kind is not PairKind.UNLIKE),
        key=lambda one: (one.a, one.b),
    )


def _sharing(articles: Mapping[UUID, Article]) -> Iterable[tuple[UUID, UUID]]:
    """Products of different shops with a barcode or a picture in common."""
    holders: dict[str, list[UUID]] = defaultdict(list)
    for article in articles.values():
        for mark in article.barcodes | article.pictures:
            holders[mark].append(article.id)
    together = {
        pair
        for found in holders.values()
        for pair in itertools.combinations(sorted(found)[:HOLDERS_MAX], 2)
    }
    together |= copies((one.id, print_) for one in articles.values() for print_ in one.prints)
    for a, b in sorted(together):
        if articles[a].shop != articles[b].shop:
            yield a, b


def copies(prints: Iterable[tuple[UUID, int]]) -> set[tuple[UUID, UUID]]:
    """Products with a picture that is a copy of another's, the lesser id first.

    Prints of at most six differing bits of 64 have two of eight bytes in common (six bits touch
    six bytes at most), so that only those which do are compared.
    """
    holders: dict[tuple[int, int, int, int], set[tuple[UUID, int]]] = defaultdict(set)
    for product, print_ in prints:
        content = (print_ & _BITS).to_bytes(8)
        for i, j in itertools.combinations(range(8), 2):
            holders[i, j, content[i], content[j]].add((product, print_))
    return {
        (min(one[0], other[0]), max(one[0], other[0]))
        for found in holders.values()
        for one, other in itertools.combinations(sorted(found)[:HOLDERS_MAX], 2)
        if one[0] != other[0] and is_copy(one[1], other[1])
    }


def is_copy(one: int, other: int) -> bool:
    """Whether two prints are of one picture."""
    return ((one ^ other) & _BITS).bit_count() <= COPY_BITS


def group(links: Sequence[Link]) -> dict[UUID, UUID]:
    """Product -> group (the least id in it); products that are alone are left out.

    Confirmed pairs join first, then the surest. A pair that people split is never in one group,
    not through third products either; and two groups become one only where half of the pairs
    between them are alike, so that no chain leads from one item to quite another.
    """
    split = {_key(link) for link in links if link.state is PairState.SPLIT}
    near = {_key(link) for link in links if link.kind is not PairKind.UNLIKE} - split
    groups: dict[UUID, set[UUID]] = {}
    for link in sorted(filter(_joins, links), key=_order):
        one = groups.setdefault(link.a, {link.a})
        other = groups.setdefault(link.b, {link.b})
        if one is other:
            continue
        between = {(min(a, b), max(a, b)) for a in one for b in other}
        forced = link.state is PairState.CONFIRMED
        if between & split or (not forced and len(between & near) < LINKED_LEAST * len(between)):
            continue
        one |= other
        for product in other:
            groups[product] = one
    return {
        product: min(members) for product, members in sorted(groups.items()) if len(members) > 1
    }


def _joins(link: Link) -> bool:
    if link.state is PairState.CONFIRMED:
        return True
    same = link.kind in (PairKind.SAME_ITEM, PairKind.SAME_FACTORY)
    return link.state is PairState.PROPOSED and same


def _order(link: Link) -> tuple[bool, float, UUID, UUID]:
    return link.state is not PairState.CONFIRMED, -link.score, link.a, link.b


def _key(link: Link) -> tuple[UUID, UUID]:
    return link.a, link.b
