"""Near neighbors by cells and signs."""

import numpy as np
import pytest

from beltline.science.retrieval import cells


def _clustered(vectors: int, size: int, *, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(40, size))
    points = centers[rng.integers(0, 40, vectors)] + 0.6 * rng.normal(size=(vectors, size))
    return np.asarray(points + 3, np.float32)  # far from the origin: the mean has to be taken off


@pytest.mark.parametrize(("vectors", "cells_"), [(500, 1), (30_000, 60), (9_000_000, 2_048)])
def test_cells_grow_with_what_they_hold(vectors: int, cells_: int) -> None:
    assert cells.count_cells(vectors) == cells_


def test_the_nearest_are_in_the_cells_around_and_their_signs_are_near() -> None:
    points = _clustered(6_000, 64, seed=1)
    layout = cells.fit(points, 40)
    where, signs = cells.place(layout, points)
    assert len(set(where.tolist())) > 30
    unit = points - layout.mean
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    found = 0
    for asked in range(50):
        near = cells.nearest_cells(layout, points[asked], most=8)
        rows = np.flatnonzero(np.isin(where, near))
        apart = (signs[rows] != signs[asked]).sum(axis=1)
        listed = rows[np.argsort(apart, kind="stable")[:300]]
        true = np.argsort(-(unit @ unit[asked]))[:10]
        found += len(set(true) & set(listed))
    assert found >= 0.95 * 500


def test_one_cell_holds_all() -> None:
    points = _clustered(50, 16, seed=2)
    where, signs = cells.place(cells.fit(points, 1), points)
    assert set(where.tolist()) == {0}
    assert 0.3 < signs.mean() < 0.7


def test_as_many_cells_are_looked_into_as_questions_need() -> None:
    points = _clustered(6_000, 64, seed=3) - 3
    layout = cells.fit(points, 60)
    probes = cells.count_probes(layout, points)
    assert cells.PROBES_LEAST < probes < 40
    where, _ = cells.place(layout, points)
    rng = np.random.default_rng(4)
    away = rng.normal(size=(150, 64))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    own = points[rng.choice(6_000, 150)]
    asked = 0.4 * own / np.linalg.norm(own, axis=1, keepdims=True) + 0.84**0.5 * away
    assert _recall(layout, points, where, asked, probes) >= 0.95
    assert _recall(layout, points, where, asked, probes // 3) < 0.95
    assert cells.count_probes(cells.fit(points, 1), points) == 1


def _recall(
    layout: cells.Layout, points: np.ndarray, where: np.ndarray, asked: np.ndarray, probes: int
) -> float:
    """Which part of the ten nearest of each question lies in so many cells around it."""
    found = 0
    for question in asked:
        near = cells.nearest_cells(layout, question, most=probes)
        found += int(np.isin(where[np.argsort(-(points @ question))[:10]], near).sum())
    return found / (10 * len(asked))


def test_heavy_signs_order_better_than_signs_alone() -> None:
    points = _clustered(6_000, 128, seed=5)
    layout = cells.fit(points, 1)
    _, signs = cells.place(layout, points)
    plain = weighed = 0
    for asked in points[:60]:
        other = signs != (asked > layout.mean)
        first, second = cells.heavy(layout, asked)
        assert 60 <= first.sum() <= 68
        assert not (second & ~first).any()
        apart = other.sum(axis=1)
        true = set(np.argsort(-((points - layout.mean) @ (asked - layout.mean)))[:20].tolist())
        plain += len(true & set(np.argsort(apart, kind="stable")[:60].tolist()))
        apart = apart + (other & first).sum(axis=1) + (other & second).sum(axis=1)
        weighed += len(true & set(np.argsort(apart, kind="stable")[:60].tolist()))
    assert weighed > 1.05 * plain
