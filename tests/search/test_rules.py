"""What is looked for and how answers are ranked."""

import datetime as dt
import math
from decimal import Decimal
from uuid import UUID

import pytest

from beltline.search import rules
from beltline.search.types import Corpus, Hit, Source, VectorKind

CORPUS = Corpus(documents=1_000, length_mean=10)


def _hit(code: str, said: int = 0, **changes: object) -> Hit:
    """A hit that says the words asked whose bits are set in `said`."""
    fields: dict[str, object] = {
        "code": code, "category": "cups", "supplier": "s", "tier": "A", "belt": "",
        "currency": "USD", "unit_price": Decimal(1), "moq": 1, "availability": "SPOT",
        "lead_time_days": 7.0, "length": 10, "said": said,
    }  # fmt: skip
    return Hit(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Steel Bottles", ["steel", "bottl"]),
        ("儿童睡衣", ["儿童", "睡衣", "童睡"]),
        ("6901234567892", ["6901234567892"]),
        ("https://shop.example/item/steel-bottle.html?x=1", ["steel", "bottl"]),
        ("  ", []),
        ("'; drop table --", ["drop", "tabl"]),
    ],
)
def test_asked_words(question: str, words: list[str]) -> None:
    assert sorted(rules.asked_words(question)) == sorted(words)


def test_text_search_is_quoted() -> None:
    assert rules.all_of(["it's", "a\\b"]) == "'it''s' & 'a\\\\b'"
    assert rules.any_of(["a", "b"]) == "'a' | 'b'"


def test_a_looser_look_takes_rare_words_as_it_can_afford() -> None:
    assert rules.rare_first({"rare": 3, "usual": 4_000, "common": 90_000}) == ["rare", "usual"]
    assert rules.rare_first({"common": 90_000}) == ["common"]


def test_looks_go_from_all_words_to_the_rarest() -> None:
    known = {"cup": 400, "blue": 70}
    strict, looser = rules.looks_for(["cup", "blue"], known, of=1_000)
    assert (strict.search, strict.documents, strict.is_for_all) == ("'cup' & 'blue'", 70, True)
    assert (looser.search, looser.documents) == ("'blue' | 'cup'", 470)
    (only,) = rules.looks_for(["cup", "blue", "zzz"], known, of=1_000)
    assert not only.is_for_all
    (one,) = rules.looks_for(["cup"], {"cup": 40}, of=1_000)
    assert one.is_for_all
    assert rules.looks_for(["zzz"], {}, of=1_000) == []


def test_words_that_hardly_meet_are_looked_for_at_once_and_both_preferred() -> None:
    (looser,) = rules.looks_for(["cup", "blue"], {"cup": 40, "blue": 70}, of=1_000)
    assert not looser.is_for_all
    # A looser look that sees a part of its documents alone may miss those that say all.
    often = {"cup": 6_000, "blue": 7_000}
    strict, *loose = rules.looks_for(["cup", "blue"], often, of=100_000_000)
    assert strict.is_for_all
    assert [look.search for look in loose] == ["('cup' & ('blue'))", "'cup'"]
    both = [_hit(f"both {n}", 0b11) for n in range(rules.ENOUGH)]
    one = _hit("one", 0b01)
    assert rules.best_said([*both, one], ["cup", "blue"]) == both
    assert rules.best_said([*both[1:], one], ["cup", "blue"]) == [*both[1:], one]


def test_meaning_leads_only_where_words_say_next_to_nothing() -> None:
    counts = {"x": 1, "y": 2}
    said = rules.rank([_hit("w", 0b11)], ["x", "y"], counts, CORPUS)
    meant = _hit("m")
    assert [one.hit.code for one in rules.fuse(said, [(meant, 0.9)])] == ["w", "m"]
    assert [one.hit.code for one in rules.fuse([], [(meant, 0.9)])] == ["m"]
    (alone,) = rules.fuse([], [(meant, 0.9)])
    behind = rules.fuse(said, [(meant, 0.9)])[1]
    assert alone.reasons[0].part == behind.reasons[0].part == "MEANING"
    assert alone.reasons[0].adds > 2 * behind.reasons[0].adds
    assert math.isclose(alone.score, sum(reason.adds for reason in alone.reasons))


def test_the_nearest_of_a_products_pictures_counts() -> None:
    one, other = _hit("one"), _hit("other")
    found = rules.nearest(VectorKind.PICTURE, [one, other, one], [0.4, 0.5, 0.9])
    assert found == [(one, 0.9), (other, 0.5)]
    assert rules.nearest(VectorKind.PICTURE, [one], [0.1]) == []


def test_reasons_add_up_to_the_rank_and_weights_to_one() -> None:
    assert math.isclose(sum(rules.WEIGHTS.values()), 1)
    (one,) = rules.rank([_hit("a", 0b11)], ["x", "y"], {"x": 1, "y": 2}, CORPUS)
    assert math.isclose(one.score, sum(reason.adds for reason in one.reasons))
    assert one.score == pytest.approx(0.7 + 0.1 + 0.05 + 0.1)


def test_words_lead_and_terms_decide_between_equals() -> None:
    counts = {"x": 1, "y": 2}
    hits = [
        _hit("late", 0b11, lead_time_days=60.0, availability="PRESALE", tier="C"),
        _hit("half", 0b01),
        _hit("ready", 0b11),
    ]
    ranked = rules.rank(hits, ["x", "y"], counts, CORPUS)
    assert [one.hit.code for one in ranked] == ["ready", "late", "half"]


def test_goods_that_say_next_to_nothing_of_a_question_do_not_answer() -> None:
    counts = dict.fromkeys("abcde", 5)
    assert rules.rank([_hit("one", 0b1)], list("abcde"), counts, CORPUS) == []


def test_alike_are_other_suppliers_goods_that_say_most() -> None:
    counts = dict.fromkeys("abcd", 5)
    hits = [
        _hit("own", 0b1111), _hit("near", 0b111, supplier="t"), _hit("far", 0b1, supplier="t"),
    ]  # fmt: skip
    ranked = rules.rank(hits, list("abcd"), counts, CORPUS)
    assert [one.hit.code for one in rules.likest(ranked, but="s", most=5)] == ["near"]


def test_a_page_goes_on_behind_the_last_one_seen() -> None:
    hits = [_hit(code, 0b1) for code in "abc"]
    ranked = rules.rank(hits, ["x"], {"x": 1}, CORPUS)
    assert [one.hit.code for one in rules.after(ranked, (ranked[0].score, "a"))] == ["b", "c"]
    assert [one.hit.code for one in rules.after(ranked, (ranked[0].score + 1, "z"))] == list("abc")
    assert rules.after(ranked, (0.0, "")) == []
    assert rules.after(ranked, None) == ranked


def test_facets_count_values() -> None:
    facets = rules.count_facets([_hit("a"), _hit("b", tier="B"), _hit("c", tier="")])
    assert [(f.value, f.goods) for f in facets["tier"]] == [("A", 1), ("B", 1)]
    assert facets["category"][0].goods == 3


def test_a_typo_has_a_near_word() -> None:
    assert rules.nearest_words(["botle"], {"botle": ["bottl", "table"]}) == ["bottl"]
    assert rules.nearest_words(["zzz"], {"zzz": ["bottl"]}) == []


def test_a_document_without_words_is_none() -> None:
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    of = (at, UUID(int=2), UUID(int=3), "C", "x")
    assert rules.document_of(Source(UUID(int=1), ["--", ""], *of)) is None
    found = rules.document_of(Source(UUID(int=1), ["Cup", "cups"], *of))
    assert found is not None
    assert (found.words, found.length) == (["cup"], 2)
