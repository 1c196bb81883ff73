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
# Cells to look into: so many of the nearest of a question must lie in them. It is as far from what
# it asks for as one in another language, and few of the sample stand for many more vectors.
RECALL: Final = 0.97
ASKED_CLOSE: Final = 0.4
ASKED: Final = 200
ASKED_NEAREST: Final = 10
PROBES_LEAST: Final = 8
# Numbers of a question that count twice, and those that count three times, where signs differ.
HEAVY: Final = (0.5, 0.19)
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


def count_probes(layout: Layout, vectors: Floats, *, seed: int = 0) -> int:
    """In how many cells around a question `RECALL` of what is nearest to it lies.

    Measured with vectors (n, d) of the layout, of which some are moved away until they are as far
    as a question is.
    """
    cells = len(layout.centers)
    if cells <= PROBES_LEAST:
        return cells
    rng = np.random.default_rng(seed)
    own = vectors[rng.choice(len(vectors), min(ASKED, len(vectors)), replace=False)]
    away = _unit(rng.normal(size=own.shape).astype(np.float32))
    asked = ASKED_CLOSE * _unit(own) + (1 - ASKED_CLOSE**2) ** 0.5 * away
    where, _ = place(layout, vectors)
    ranks = []
    for question in asked.astype(np.float32):
        nearest = np.argpartition(-(vectors @ question), ASKED_NEAREST)[:ASKED_NEAREST]
        rank = np.empty(cells, np.intp)
        rank[nearest_cells(layout, question, most=cells)] = np.arange(cells)
        ranks.append(rank[where[nearest]])
    needed = int(np.quantile(np.concatenate(ranks), RECALL, method="higher")) + 1
    return max(needed, PROBES_LEAST)


def heavy(layout: Layout, vector: Floats) -> tuple[Bools, ...]:
    """Which numbers of a question count once more where signs differ: the largest, twice.

    A sign of the question says as much as its number is large. Weighed by all of them the order is
    hardly better than with these two steps.
    """
    size = np.abs(vector - layout.mean)
    return tuple(size >= np.quantile(size, 1 - share) for share in HEAVY)


def _nearest(points: Floats, centers: Floats) -> Places:
    found = [
        (points[start : start + _CHUNK] @ centers.T).argmax(axis=1)
        for start in range(0, len(points), _CHUNK)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.intp)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float32)
