"""The same item among many: queries against a catalog, by words, spelling, meaning, picture.

Three ways to rank. A query much shorter than the items names a kind of goods, and its words
alone count. Else, where items say a good part of it, words and spelling lead (price near or far
moves a little); where they say next to nothing of it, as between languages, meaning leads.
An item that many queries come close to tells little about each of them: half of its mean
closeness to its nearest queries is taken off (cross-domain similarity local scaling, Conneau
et al., 2018).
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from beltline.science.arrays import Bools, Doubles, Floats
from beltline.science.retrieval.cells import MEAN_LEAST
from beltline.science.retrieval.lexical import Lexicon, index_texts, score_spelling, score_words
from beltline.science.retrieval.meaning import encode_short, has_short_model
from beltline.science.retrieval.pictures import COLOR, PICTURE_SIZE

Progress = Callable[[int, int], None]
Places: TypeAlias = npt.NDArray[np.intp]

ANSWER: Final = pl.Schema(
    {"query_id": pl.String, "item_id": pl.String, "rank": pl.Int64, "score": pl.Float64,
     "kind": pl.String}
)  # fmt: skip
# A query of which the best item says less than this was asked in other words or another language.
SHARED_LEAST: Final = 0.3
# If most queries are like that all are; if next to none is, the few are asked in words too.
ABROAD_MOST: Final = 0.5
ABROAD_LEAST: Final = 0.05
# A query shorter than this share of the usual item names a kind of goods.
KIND_SHARE: Final = 1 / 3
SPELLING: Final = 1.0
SPELLING_ABROAD: Final = 0.2
PRICE: Final = 0.2
# Of how many nearest queries the mean is taken: a title has few partners, a picture more.
CROWD_OF_TITLES: Final = 3
CROWD_OF_PICTURES: Final = 10
CROWD_TAKEN: Final = 0.5
CELLS: Final = 20_000_000
KEPT: Final = 50
# Same item from here on, a substitute from there on; of `score`.
SAME: Final = 0.5
SUBSTITUTE: Final = 0.2
# Bits of 64 by which fingerprints of one picture differ at most.
COPY_BITS: Final = 6


class Scale(msgspec.Struct, frozen=True):
    """From a sum of closeness to 0..1: at `middle` the two are as likely the same as not."""

    middle: float
    width: float
    crowd: int = 0


WORDS_SCALE: Final = Scale(0.85, 0.12, CROWD_OF_TITLES)
# Kinds are never the same item: a perfect answer stays below `SAME`.
KIND_SCALE: Final = Scale(1.3, 0.4)
MEANING_SCALE: Final = Scale(0.42, 0.06, CROWD_OF_TITLES)
PICTURE_SCALE: Final = Scale(0.45, 0.08, CROWD_OF_PICTURES)


class Matched(msgspec.Struct, frozen=True, eq=False):
    """The answer, and how many queries were ranked by meaning (none where its model is absent)."""

    frame: pl.DataFrame
    by_meaning: int
    has_meaning: bool


def match_titles(
    queries: pl.DataFrame,
    items: pl.DataFrame,
    *,
    top: int = 10,
    may_mean: bool = True,
    on_progress: Progress | None = None,
) -> Matched:
    """The `top` items of each query as `ANSWER`, by rank.

    Both frames have `id` and `title` and may have `brand`, `price`, `attributes`, and `shop`: what
    is of one shop does not answer itself. Without `may_mean` words lead for every query: where
    most have no partner, few shared words do not tell another language.
    """
    asked, offered = _texts(queries), _texts(items)
    lexicon = index_texts(offered)
    has_meaning = may_mean and has_short_model()
    elsewhere = _elsewhere(queries, items)
    is_abroad = (
        _abroad(lexicon, asked, elsewhere) if has_meaning else np.zeros(len(asked), np.bool_)
    )
    is_kind = _short(queries["title"], items["title"]) & ~is_abroad
    prices = _prices(queries), _prices(items)

    def by_words(rows: Places) -> Floats:
        texts = [asked[row] for row in rows]
        score = score_words(lexicon, texts) + SPELLING * score_spelling(lexicon, texts)
        return elsewhere(rows, score + PRICE * _nearness(prices[0][rows], prices[1]))

    def by_kind(rows: Places) -> Floats:
        return elsewhere(rows, score_words(lexicon, [asked[row] for row in rows]))

    rank = Ranking(queries["id"].to_list(), items["id"].to_list(), top, on_progress)
    rank.add(np.flatnonzero(~is_abroad & ~is_kind), by_words, WORDS_SCALE)
    rank.add(np.flatnonzero(is_kind), by_kind, KIND_SCALE)
    abroad = np.flatnonzero(is_abroad)
    if len(abroad):
        meant = encode_short(queries["title"].gather(abroad).to_list())
        known = encode_short(items["title"].to_list())
        places = {int(row): place for place, row in enumerate(abroad)}

        def by_meaning(rows: Places) -> Floats:
            texts = [asked[row] for row in rows]
            close = meant[[places[int(row)] for row in rows]] @ known.T
            return elsewhere(rows, close + SPELLING_ABROAD * score_spelling(lexicon, texts))

        rank.add(abroad, by_meaning, MEANING_SCALE)
    return Matched(rank.frame(), len(abroad), has_meaning)


def match_pictures(
    query_ids: Sequence[str],
    query_vectors: Floats,
    query_prints: Bools,
    item_ids: Sequence[str],
    item_vectors: Floats,
    item_prints: Bools,
    *,
    top: int = 10,
    on_progress: Progress | None = None,
) -> pl.DataFrame:
    """The `top` pictures for each picture as `ANSWER`; a copy of the same picture comes first.

    Each side is centered on its own mean, so that "taken in a shop" or "in a studio" is not
    what makes two pictures alike.
    """
    asked, offered = _centered(query_vectors), _centered(item_vectors)

    def by_picture(rows: Places) -> Floats:
        differing = query_prints[rows].astype(np.float32) @ (~item_prints).T.astype(np.float32)
        differing += (~query_prints[rows]).astype(np.float32) @ item_prints.T.astype(np.float32)
        close = asked[rows] @ offered.T
        return np.asarray(np.where(differing <= COPY_BITS, 2 + close, close), np.float32)

    rank = Ranking(list(query_ids), list(item_ids), top, on_progress)
    rank.add(np.arange(len(query_ids)), by_picture, PICTURE_SCALE)
    return rank.frame()


class Ranking:
    """The best items of queries, gathered chunk by chunk so that memory stays bounded."""

    def __init__(
        self, query_ids: list[str], item_ids: list[str], top: int, on_progress: Progress | None
    ) -> None:
        self._query_ids, self._item_ids, self._top = query_ids, item_ids, top
        self._on_progress = on_progress
        self._done = 0
        self._found: list[tuple[Places, Places, Doubles]] = []

    def add(
        self, rows: Places, score: Callable[[Places], Floats],
        scale: Scale,
    ) -> None:  # fmt: skip
        """Rank some queries by one score."""
        if not len(rows) or not self._item_ids:
            return
        crowd = _Crowd(len(self._item_ids), scale.crowd)
        kept: list[tuple[Places, Floats]] = []
        step = max(1, CELLS // len(self._item_ids))
        for start in range(0, len(rows), step):
            scores = score(rows[start : start + step])
            if scale.crowd:
                crowd.meet(scores)
            kept.append(_best(scores, max(KEPT, self._top)))
            self._done += len(scores)
            if self._on_progress is not None:
                self._on_progress(self._done, len(self._query_ids))
        items = np.concatenate([places for places, _ in kept])
        values = np.concatenate([found for _, found in kept])
        if scale.crowd:
            values -= CROWD_TAKEN * crowd.closeness()[items]
        order = np.argsort(-values, axis=1, kind="stable")[:, : self._top]
        values = np.take_along_axis(values, order, axis=1)
        likely = 1 / (1 + np.exp(-(values - scale.middle) / scale.width))
        self._found.append((rows, np.take_along_axis(items, order, axis=1), likely))

    def frame(self) -> pl.DataFrame:
        """What was found, queries in their order."""
        parts = [
            pl.DataFrame(
                {
                    "place": np.repeat(rows, items.shape[1]),
                    "item": items.ravel(),
                    "rank": np.tile(np.arange(1, items.shape[1] + 1), len(rows)),
                    "score": likely.ravel().astype(np.float64).round(4),
                }
            )
            for rows, items, likely in self._found
        ]
        if not parts:
            return pl.DataFrame(schema=ANSWER)
        whole = pl.concat(parts).sort("place", "rank")
        kind = (
            pl.when(pl.col("score") >= SAME).then(pl.lit("SAME"))
            .when(pl.col("score") >= SUBSTITUTE).then(pl.lit("SUBSTITUTE"))
            .otherwise(pl.lit("SIMILAR"))
        )  # fmt: skip
        ids = (
            pl.Series(self._query_ids, dtype=pl.String),
            pl.Series(self._item_ids, dtype=pl.String),
        )
        return whole.select(
            ids[0].gather(whole["place"]).alias("query_id"),
            ids[1].gather(whole["item"]).alias("item_id"),
            pl.col("rank").cast(pl.Int64), "score", kind.alias("kind"),
        )  # fmt: skip


class _Crowd:
    """For each item the mean of its best scores over all queries met; who is missing counts 0."""

    def __init__(self, items: int, size: int) -> None:
        self._size = size
        self._best = np.zeros((0, items), np.float32)

    def meet(self, scores: Floats) -> None:
        both = np.concatenate([self._best, scores])
        if len(both) > self._size:
            both = np.partition(both, len(both) - self._size, axis=0)[-self._size :]
        self._best = both

    def closeness(self) -> Floats:
        return np.asarray(self._best.sum(axis=0) / self._size)


def _best(scores: Floats, most: int) -> tuple[Places, Floats]:
    count = min(most, scores.shape[1])
    places = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    places.sort(axis=1)  # equal scores keep the catalog's order
    return places, np.take_along_axis(scores, places, axis=1)


def _elsewhere(queries: pl.DataFrame, items: pl.DataFrame) -> Callable[[Places, Floats], Floats]:
    """Takes all likeness from the items of a query's own shop; from none where nobody says."""
    if "shop" not in queries.columns or "shop" not in items.columns:
        return lambda _rows, scores: np.asarray(scores)
    shops = {name: n for n, name in enumerate(pl.concat([queries["shop"], items["shop"]]).unique())}
    asks, offers = (
        np.array([shops[name] for name in frame["shop"]], np.intp) for frame in (queries, items)
    )
    return lambda rows, scores: np.where(asks[rows][:, None] == offers[None], 0, scores)


def _abroad(
    lexicon: Lexicon, asked: list[str], elsewhere: Callable[[Places, Floats], Floats]
) -> Bools:
    """Which queries are in other words than the items, or in another language."""
    items = lexicon.items_by_word.shape[1]
    step = max(1, CELLS // max(items, 1))
    rows = np.arange(len(asked))
    shares = [
        elsewhere(
            rows[start : start + step], score_words(lexicon, asked[start : start + step])
        ).max(axis=1, initial=0)
        for start in range(0, len(asked), step)
    ]
    abroad = np.asarray(np.concatenate([*shares, np.zeros(0)]) < SHARED_LEAST)
    share = abroad.mean() if len(abroad) else 0.0
    if share > ABROAD_MOST:
        return np.ones_like(abroad)
    return abroad if share >= ABROAD_LEAST else np.zeros_like(abroad)


def _short(queries: pl.Series, items: pl.Series) -> Bools:
    usual = np.median(items.str.len_chars().to_numpy()) if len(items) else 0.0
    return np.asarray(queries.str.len_chars().to_numpy() < KIND_SHARE * usual)


def _texts(frame: pl.DataFrame) -> list[str]:
    """What is said of each item: its title, then its brand and attributes."""
    said = [name for name in ("title", "brand", "attributes") if name in frame.columns]
    joined = frame.select(
        pl.concat_str([pl.col(name).cast(pl.String) for name in said], separator=" ",
                      ignore_nulls=True)
    )  # fmt: skip
    return [text or "" for text in joined.to_series().to_list()]


def _prices(frame: pl.DataFrame) -> Doubles:
    if "price" not in frame.columns:
        return np.full(len(frame), np.nan)
    price = frame["price"].cast(pl.Float64).to_numpy()
    return np.where(price > 0, price, np.nan)


def _nearness(asked: Doubles, offered: Doubles) -> Floats:
    """From .5 for the same price to -.5 for quite another; 0 where one is unknown."""
    ratio = np.abs(np.log(asked)[:, None] - np.log(offered)[None])
    return np.asarray(np.nan_to_num(np.exp(-ratio) - 0.5, nan=0.0), np.float32)


def _centered(vectors: Floats) -> Floats:
    """Both parts of picture vectors around their mean, and the whole of unit length."""
    seen, colors = _unit(vectors[:, :PICTURE_SIZE]), _unit(vectors[:, PICTURE_SIZE:])
    return _unit(np.concatenate([seen, COLOR * colors], axis=1), around_mean=False)


def _unit(vectors: Floats, *, around_mean: bool = True) -> Floats:
    """Rows of unit length; a few rows have no mean worth taking off."""
    if around_mean and len(vectors) >= MEAN_LEAST:
        vectors = vectors - vectors.mean(axis=0)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9))
