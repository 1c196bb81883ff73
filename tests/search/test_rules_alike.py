"""What pairs are, and which products become one group."""

import itertools
import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.search.rules import alike as rules
from beltline.search.types import Article, Link, PairKind, PairState

A, B, C, D = (UUID(int=n) for n in range(1, 5))
K, S = PairKind, PairState


def _article(product: UUID = A, shop: str = "one", **told: object) -> Article:
    fields: dict[str, object] = {
        "category": "cups", "title": "Cup", "brand": "", "barcodes": frozenset(), "said": {},
        "pictures": frozenset(), "prints": frozenset(), "shop_marks": frozenset(),
        "headings": frozenset(),
    }  # fmt: skip
    return Article(id=product, shop=shop, **(fields | told))  # type: ignore[arg-type]


def _codes(*codes: str) -> frozenset[str]:
    return rules.read_barcodes(codes)


@pytest.mark.parametrize(
    ("one", "other", "text", "kind", "says"),
    [
        ({}, {}, 0.7, K.SAME_ITEM, {"TEXT"}),
        ({}, {}, 0.3, K.SUBSTITUTE, {"TEXT"}),
        ({}, {}, 0.1, K.UNLIKE, {"TEXT"}),
        ({"barcodes": _codes("690 1234567892")}, {"barcodes": _codes("6901234567892")}, 0.0,
         K.SAME_ITEM, {"BARCODE"}),
        ({"barcodes": _codes("6901234567892")}, {"barcodes": _codes("6901234567885")}, 0.9,
         K.SUBSTITUTE, {"TEXT", "OTHER_BARCODE"}),
        ({"brand": "Höfer"}, {"brand": "hofer"}, 0.6, K.SAME_ITEM, {"TEXT", "BRAND"}),
        ({"brand": "Höfer"}, {"brand": "Lux"}, 0.9, K.SUBSTITUTE, {"TEXT", "OTHER_BRAND"}),
        ({"pictures": frozenset({"aa"})}, {"pictures": frozenset({"aa"})}, 0.0, K.SAME_FACTORY,
         {"PICTURE"}),
        ({"prints": frozenset({-1})}, {"prints": frozenset({-8})}, 0.3, K.SAME_FACTORY,
         {"TEXT", "PICTURE"}),
        ({"shop_marks": frozenset({"9133"})}, {"shop_marks": frozenset({"9133"})}, 0.6,
         K.SAME_FACTORY, {"TEXT", "PAPERS"}),
        ({"headings": frozenset({"4419"})}, {"headings": frozenset({"9609"})}, 0.55,
         K.UNLIKE, {"TEXT", "OTHER_KIND"}),
        ({"headings": frozenset({"4419"})}, {"headings": frozenset({"9609"})}, 1.0,
         K.SUBSTITUTE, {"TEXT", "OTHER_KIND"}),
        ({"headings": frozenset({"4419", "9609"})}, {"headings": frozenset({"9609"})}, 0.55,
         K.SAME_ITEM, {"TEXT"}),
        ({"headings": frozenset({"4419"})}, {}, 0.55, K.SAME_ITEM, {"TEXT"}),
        ({"headings": frozenset({"4419"}), "barcodes": _codes("6901234567892")},
         {"headings": frozenset({"9609"}), "barcodes": _codes("6901234567892")}, 0.5,
         K.SAME_ITEM, {"TEXT", "OTHER_KIND", "BARCODE"}),
        ({"headings": frozenset({"4419"}), "pictures": frozenset({"aa"})},
         {"headings": frozenset({"9609"}), "pictures": frozenset({"aa"})}, 0.5,
         K.SAME_FACTORY, {"TEXT", "OTHER_KIND", "PICTURE"}),
        ({"said": {"color": "red"}}, {"said": {"color": "Blue"}}, 0.8, K.SUBSTITUTE, {"TEXT"}),
        ({"said": {"color": "Red"}}, {"said": {"color": "red "}}, 0.8, K.SAME_ITEM, {"TEXT"}),
        ({"said": {"ml": "750"}}, {"said": {"ml": "760.0"}}, 0.8, K.SAME_ITEM, {"TEXT"}),
    ],
)  # fmt: skip
def test_what_a_pair_is(
    one: dict[str, object], other: dict[str, object], text: float, kind: PairKind, says: set[str]
) -> None:
    found = rules.judge(_article(A, "one", **one), _article(B, "two", **other), text)
    assert found.kind is kind
    assert {evidence.part for evidence in found.evidence} == says
    assert 0 <= found.score <= 1


def test_differences_are_named_and_a_barcode_is_above_them() -> None:
    one = _article(said={"color": "red", "material": "steel"})
    other = _article(B, "two", said={"color": "blue", "material": "Steel"})
    (difference,) = rules.judge(one, other, 0.9).differences
    assert (difference.code, difference.a, difference.b) == ("color", "red", "blue")
    marked = {"barcodes": _codes("6901234567892")}
    sure = rules.judge(
        _article(**marked, said={"color": "red"}), _article(B, "two", **marked, said=other.said), 0
    )
    assert (sure.kind, sure.differences) == (K.SAME_ITEM, [])


def test_candidates_of_texts_and_marks() -> None:
    shared = {"pictures": frozenset({"aa"})}
    articles = {
        A: _article(A, "one"), B: _article(B, "two"), C: _article(C, "three", **shared),
        D: _article(D, "four", **shared),
    }  # fmt: skip
    found = rules.candidates(articles, {(A, B): 0.9, (B, A): 0.7, (C, A): 0.3})
    assert [(one.a, one.b, one.judged.score) for one in found] == [(A, B, 0.8), (C, D, 0.6)]
    same_shop = {C: articles[C], D: _article(D, "three", **shared)}
    assert rules.candidates(same_shop, {}) == []


def test_copies_are_found_among_many_prints() -> None:
    rng = random.Random(3)
    prints = [(UUID(int=n), rng.getrandbits(64) - (1 << 63)) for n in range(1, 200)]
    flipped = prints[0][1] ^ 0b1 ^ (1 << 9) ^ (1 << 18) ^ (1 << 27) ^ (1 << 36) ^ (1 << 45)
    farther = prints[1][1] ^ 0x7F
    prints += [(UUID(int=900), flipped), (UUID(int=901), farther)]
    assert rules.copies(prints) == {(UUID(int=1), UUID(int=900))}


def _link(
    a: UUID,
    b: UUID,
    score: float = 0.9,
    kind: PairKind = K.SAME_ITEM,
    state: PairState = S.PROPOSED,
) -> Link:
    return Link(a, b, kind, state, score)


def test_groups_follow_pairs_and_people() -> None:
    assert rules.group([_link(A, B), _link(C, D)]) == {A: A, B: A, C: C, D: C}
    assert rules.group([_link(A, B, kind=K.SUBSTITUTE)]) == {}
    assert rules.group([_link(A, B, 0.1, K.SAME_ITEM, S.CONFIRMED)]) == {A: A, B: A}
    chain = [_link(A, B), _link(B, C, 0.8)]
    assert rules.group(chain) == {A: A, B: A, C: A}
    # C goes with the surer of two that people split.
    assert rules.group([_link(A, B, 1, K.UNLIKE, S.SPLIT), _link(A, C), _link(B, C, 0.8)]) == {
        A: A, C: A
    }  # fmt: skip


def test_what_people_confirmed_joins_before_what_is_surer() -> None:
    links = [
        _link(A, B, 0.1, K.SAME_ITEM, S.CONFIRMED),
        _link(A, C, 0.9),
        _link(B, C, 1, K.UNLIKE, S.SPLIT),
    ]
    assert rules.group(links) == {A: A, B: A}


def test_a_chain_does_not_lead_to_quite_another_item() -> None:
    products = [UUID(int=n) for n in range(1, 9)]
    chain = [_link(a, b) for a, b in itertools.pairwise(products)]
    largest = max(
        sum(g == other for other in rules.group(chain).values())
        for g in rules.group(chain).values()
    )
    assert largest <= 4


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from(S), st.floats(0, 1)),
        max_size=40,
    )
)
def test_split_pairs_are_never_in_one_group(told: list[tuple[int, int, S, float]]) -> None:
    unique = {(min(a, b), max(a, b)): (state, score) for a, b, state, score in told if a != b}
    links = [
        _link(UUID(int=a), UUID(int=b), score, K.SAME_ITEM, state)
        for (a, b), (state, score) in unique.items()
    ]
    groups = rules.group(links)
    for link in links:
        if link.state is S.SPLIT:
            assert groups.get(link.a, link.a) != groups.get(link.b, link.b)
    assert groups == rules.group(links[::-1])
    assert all(groups[group] == group for group in groups.values())
