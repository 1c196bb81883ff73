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
