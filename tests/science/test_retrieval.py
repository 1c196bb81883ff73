"""Words, meaning and pictures against known answers."""

import csv
import pickle
import struct
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import snowballstemmer
from threadpoolctl import threadpool_info, threadpool_limits

from beltline.science.retrieval import meaning
from beltline.science.retrieval.lexical import index_texts, score_spelling, score_words
from beltline.science.retrieval.match import ANSWER, Ranking, Scale, match_pictures, match_titles
from beltline.science.retrieval.meaning import encode_short
from beltline.science.retrieval.pictures import (
    NotAPicture,
    encode_pictures,
    fingerprint,
    read_picture,
)
from beltline.science.retrieval.weights import read_weights
from beltline.science.retrieval.words import fold, query_terms, terms

DATA = Path(__file__).parents[3] / "shared" / "data"


def _frame(*titles: str) -> pl.DataFrame:
    return pl.DataFrame({"id": list(titles), "title": list(titles)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Charging CABLES", ["charg", "cabl"]),
        ("Café crème", ["cafe", "creme"]),
        ("DSC-W55/B", ["dscw55b", "dsc", "w55", "b", "w", "55"]),
        ("500GB", ["500gb", "500", "gb"]),
        ("zapatos para niños", ["zapat", "par", "nin"]),
        ("茶", ["茶"]),
        ("工作帽 x", ["工作", "工作", "作帽", "工", "作", "帽", "x"]),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_question_asks_for_characters_only_alone() -> None:
    assert query_terms("工作帽") == ["工作", "作帽"]
    assert query_terms("帽") == ["帽"]
    assert fold("ＡＢＣ") == "abc"


def test_words_are_the_same_however_many_threads_ask() -> None:
    """None of them is known yet, and threads change hands in the middle of a word."""
    lists = [
        [f"{chr(97 + a)}{chr(97 + b)}{chr(97 + n)}{ending}" for a in range(26) for b in range(26)]
        for n, ending in enumerate(("icational", "fulnesses", "ousliness", "alizations"))
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(lists)) as pool:
            found = list(pool.map(lambda words: [terms(word) for word in words], lists))
    finally:
        sys.setswitchinterval(before)
    stem = snowballstemmer.stemmer("english").stemWord
    assert found == [[[stem(word)] for word in words] for words in lists]


def test_words_are_a_share_of_what_a_query_asks() -> None:
    lexicon = index_texts(["blue steel bottle", "red cup", "steel cup"])
    scores = score_words(lexicon, ["steel bottle", "zebra"])
    assert scores[0].argmax() == 0
    assert 0.8 < scores[0, 0] < 1.2
    assert not scores[1].any()


def test_spelling_forgives_typos_and_joined_words() -> None:
    lexicon = index_texts(["quickbooks premier", "photo editor", "premium tea"])
    assert score_spelling(lexicon, ["quick bookss premiere"])[0].argmax() == 0


def test_price_decides_between_equal_titles() -> None:
    items = pl.DataFrame(
        {"id": ["dear", "near"], "title": ["steel bottle"] * 2, "price": [90.0, 11.0]}
    )
    asked = pl.DataFrame({"id": ["q"], "title": ["steel bottle"], "price": [10.0]})
    found = match_titles(asked, items).frame
    assert found["item_id"].to_list() == ["near", "dear"]
    assert found.schema == ANSWER


def test_equal_items_keep_the_order_of_the_catalog_and_empty_ones_answer_nothing() -> None:
    items = pl.DataFrame({"id": ["b", "a", "c"], "title": ["steel cup", "steel cup", "tea"]})
    found = match_titles(_frame("steel cup"), items, top=2).frame
    assert found["item_id"].to_list() == ["b", "a"]
    assert match_titles(_frame("x").head(0), items).frame.is_empty()


def test_an_item_near_to_every_query_gives_way() -> None:
    scores = np.array([[0.9, 0.8, 0, 0], [0.9, 0, 0.8, 0], [0.9, 0, 0, 0.8]], np.float32)
    best = {}
    for crowd in (0, 3):
        rank = Ranking(["1", "2", "3"], ["hub", "a", "b", "c"], 1, None)
        rank.add(np.arange(3), lambda rows: scores[rows], Scale(0.5, 0.1, crowd))
        best[crowd] = rank.frame()["item_id"].to_list()
    assert best == {0: ["hub", "hub", "hub"], 3: ["a", "b", "c"]}


def test_other_languages_are_ranked_by_meaning() -> None:
    asked = _frame("stainless steel water bottle", "wooden dining table", "women's shoes")
    items = _frame("女鞋", "实木餐桌", "不锈钢水壶", "手机壳")
    matched = match_titles(asked, items, top=1)
    assert matched.by_meaning == 3
    assert matched.frame["item_id"].to_list() == ["不锈钢水壶", "实木餐桌", "女鞋"]


def test_short_texts_have_unit_vectors() -> None:
    vectors = encode_short(["Bottle", "", "BOTTLE"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.allclose(vectors[0], vectors[2])


def test_meaning_is_read_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    encode_short([""])
    backend, threads = meaning._short_model()._backend, set()
    encode = backend._encode_batch

    def counting(*args: object) -> None:
        threads.update(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        encode(*args)

    monkeypatch.setattr(backend, "_encode_batch", counting)
    with threadpool_limits(2, user_api="blas"):
        encode_short(["bottle"])
    assert threads == {1}


def test_cross_lingual_goal_on_a_sample() -> None:
    """A quarter of a thousand names; the whole goal is measured by `bench.match`."""
    folder = DATA / "google_taxonomy_en_es"
    if not folder.is_dir():
        pytest.skip(f"the data is absent: {folder}")
    english, spanish = (_names(folder / f"{name}.taxo.csv") for name in ("en-US", "es-ES"))
    both = sorted(set(english) & set(spanish), key=int)[::20]
    asked = pl.DataFrame({"id": both, "title": [english[key] for key in both]})
    items = pl.DataFrame({"id": both, "title": [spanish[key] for key in both]})
    found = match_titles(asked, items, top=1).frame
    assert (found["query_id"] == found["item_id"]).mean() > 0.66


def _names(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter=";") if row and row[0].isdigit()]
    return {row[0]: [part for part in row[1:] if part][-1] for row in rows}


def test_a_copy_of_a_picture_comes_first_whatever_its_size() -> None:
    image = pytest.importorskip("PIL.Image")
    random = np.random.default_rng(1)
    whole = [random.random((12, 12, 3)) for _ in range(4)]
    large = [_painted(image, pixels, 224) for pixels in whole]
    small = [_painted(image, pixels, 120) for pixels in whole]
    asked, offered = ([read_picture(body) for body in side] for side in (small, large))
    prints = [np.array([fingerprint(p) for p in side]) for side in (asked, offered)]
    found = match_pictures(
        ["a", "b", "c", "d"], encode_pictures(asked), prints[0],
        ["a", "b", "c", "d"], encode_pictures(offered), prints[1], top=1,
    )  # fmt: skip
    assert found["item_id"].to_list() == ["a", "b", "c", "d"]
    assert set(found["kind"]) == {"SAME"}


def _painted(image: object, pixels: np.ndarray, side: int) -> bytes:
    from io import BytesIO

    body = BytesIO()
    painted = image.fromarray((pixels * 255).astype(np.uint8))  # type: ignore[attr-defined]
    painted.resize((side, side)).save(body, "PNG")
    return body.getvalue()


@pytest.mark.parametrize("body", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_refused(body: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_picture(body)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


def test_weights_run_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.pth"
    file.write_bytes(b"".join(pickle.dumps(part, 2) for part in (1, 2, 3, _Evil())))
    with pytest.raises(pickle.UnpicklingError, match="no part of a state"):
        read_weights(file)
    empty = (1, 2, 3, OrderedDict(), [])
    file.write_bytes(b"".join(pickle.dumps(part, 2) for part in empty) + struct.pack("<q", 0))
    assert read_weights(file) == {}
