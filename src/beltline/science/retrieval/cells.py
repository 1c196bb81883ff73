"""Near neighbors among many vectors: cells around centers, signs inside a cell, then the vectors.

An inverted file (Jégou, Douze and Schmid, 2011) with signs of the centered numbers as codes: how
many signs differ says nearly how large the angle is (Charikar, 2002). A store that can count bits
finds a short list with them, and the short list is compared in full.
"""

from typing import Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from beltline.science.arrays import Bools, Floats

Places: TypeAlias = npt.NDArray[np.intp]

# Below this many vectors one cell is as fast.
CELLS_FROM: Final = 20_000
PER_CELL: Final = 500
CELLS_MAX: Final = 2_048
ROUNDS: Final = 6
SAMPLE_PER_CELL: Final = 20
# The mean of fewer vectors tells nothing.
MEAN_LEAST: Final = 20
_CHUNK: Final = 4_096


class Layout(msgspec.Struct, frozen=True, eq=False):
    """The mean of the vectors (d,), and the centers of the cells (k, d): centered unit vectors."""

    mean: Floats
    centers: Floats


def count_cells(vectors: int) -> int:
    """How many cells so many vectors are laid out in."""
    return 1 if vectors < CELLS_FROM else min(CELLS_MAX, vectors // PER_CELL)


def fit(vectors: Floats, cells: int, *, seed: int = 0) -> Layout:
    """Learn a layout: spherical k-means from random vectors; empty cells take a random one."""
    mean = np.asarray(vectors.mean(axis=0), np.float32)
    if cells == 1:
        return Layout(mean, np.zeros((1, vectors.shape[1]), np.float32))
    from scipy import sparse  # noqa: PLC0415 - a process that answers questions learns no layout

    rng = np.random.default_rng(seed)
    points = _unit(vectors - mean)
    centers = points[rng.choice(len(points), cells, replace=False)]
    rows, shape = np.arange(len(points)), (cells, len(points))
    for _ in range(ROUNDS):
        nearest = _nearest(points, centers)
        member = sparse.csr_matrix((np.ones(len(points), np.float32), (nearest, rows)), shape)
        sums = np.asarray(member @ points)
        empty = np.bincount(nearest, minlength=cells) == 0
        sums[empty] = points[rng.choice(len(points), int(empty.sum()))]
        centers = _unit(sums)
    return Layout(mean, centers)


def place(layout: Layout, vectors: Floats) -> tuple[Places, Bools]:
    """The cell of each vector, and the signs of its centered numbers (n, d)."""
    centered = vectors - layout.mean
    return _nearest(_unit(centered), layout.centers), centered > 0


def nearest_cells(layout: Layout, vector: Floats, *, most: int) -> Places:
    """The cells around a vector, the nearest first."""
    close = layout.centers @ _unit((vector - layout.mean)[None])[0]
    return np.argsort(-close, kind="stable")[:most]


def _nearest(points: Floats, centers: Floats) -> Places:
    found = [
        (points[start : start + _CHUNK] @ centers.T).argmax(axis=1)
        for start in range(0, len(points), _CHUNK)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.intp)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)
