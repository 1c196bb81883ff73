"""Between what is kept and the models: texts and pictures in, bytes of vectors out.

All of it computes and some of it loads a model, so that whoever calls does so in a thread. The web
process imports this module behind its start (`nearby.prepare`): neither tables nor a compiler here.
"""

import functools
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from beltline.kit.ids import new_id
from beltline.science.arrays import Floats
from beltline.science.retrieval import cells
from beltline.science.retrieval.meaning import (
    SHORT_MODEL,
    ModelMissing,
    encode_short,
    has_short_model,
)
from beltline.science.retrieval.pictures import (
    COLOR,
    PICTURE_MODEL,
    PICTURE_SIZE,
    NotAPicture,
    encode_pictures,
    fingerprint,
    has_picture_model,
    read_picture,
)
from beltline.search.types import Space, VectorKind

# Learned on so many vectors a cell at most.
SAMPLE_MOST: Final = cells.CELLS_MAX * cells.SAMPLE_PER_CELL


class Seen(msgspec.Struct, frozen=True):
    """A picture as it is kept: its vector, and 64 bits as a signed number."""

    vector: bytes
    print: int


class Sought(msgspec.Struct, frozen=True):
    """Where to look for what is near: the cells, the nearest first, and the signs.

    Where signs differ, those that are `heavy` (bits) count once more, for each of the two.
    """

    cells: list[int]
    signs: bytes
    heavy: tuple[bytes, bytes]


def meaning_model() -> str | None:
    """The name of the model of meaning, where it is installed."""
    return SHORT_MODEL if has_short_model() else None


def picture_model() -> str | None:
    """The name of the model of pictures, where it is installed."""
    return PICTURE_MODEL if has_picture_model() else None


def mean_texts(titles: Sequence[Sequence[str]]) -> list[bytes]:
    """What each thing means: the middle of what its titles do, of length 1."""
    flat = [title for own in titles for title in own]
    encoded = encode_short(flat)
    found, start = [], 0
    for own in titles:
        middle = encoded[start : start + len(own)].sum(axis=0)
        found.append(_kept(middle / max(float(np.linalg.norm(middle)), 1e-9)))
        start += len(own)
    return found


def mean_question(question: str) -> bytes | None:
    """What a question means; None where the model is absent."""
    try:
        return _kept(encode_short([question])[0])
    except ModelMissing:
        return None


def see_pictures(contents: Sequence[bytes]) -> list[Seen | None]:
    """How pictures look; None for what does not decode."""
    read = [_read(content) for content in contents]
    shown = [picture for picture in read if picture is not None]
    vectors = iter(encode_pictures(shown))
    return [
        None if picture is None else Seen(_kept(next(vectors)), _number(picture))
        for picture in read
    ]


def _read(content: bytes) -> Floats | None:
    try:
        return read_picture(content)
    except NotAPicture:
        return None


def _number(picture: Floats) -> int:
    return int.from_bytes(np.packbits(fingerprint(picture)).tobytes(), signed=True)


def learn(kind: VectorKind, vectors: Sequence[bytes], *, of: int, version: int) -> Space:
    """A layout for `of` vectors, learned from some of them; the mean of a few tells nothing."""
    rows = _weighted(kind, vectors)
    if len(rows) < cells.MEAN_LEAST:
        rows = np.zeros((1, rows.shape[1]), np.float32)
    layout = cells.fit(rows, cells.count_cells(of), seed=version)
    probes = cells.count_probes(layout, rows, seed=version)
    mean, centers = layout.mean.tobytes(), layout.centers.tobytes()
    return Space(new_id(), kind, version, of, probes, mean, centers)


def place(space: Space, vectors: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """The cell and the signs of each vector."""
    if not vectors:
        return []
    found, signs = cells.place(_layout(space), _weighted(space.kind, vectors))
    packed = np.packbits(signs, axis=1)
    return [(int(cell), row.tobytes()) for cell, row in zip(found, packed, strict=True)]


def seek(space: Space, vector: bytes) -> Sought:
    """Where to look for what is near a vector."""
    layout, asked = _layout(space), _weighted(space.kind, [vector])
    _, signs = cells.place(layout, asked)
    near = cells.nearest_cells(layout, asked[0], most=space.probes)
    first, second = (np.packbits(bits).tobytes() for bits in cells.heavy(layout, asked[0]))
    return Sought(near.tolist(), np.packbits(signs[0]).tobytes(), (first, second))


def closeness(space: Space, vector: bytes, kept: Sequence[bytes]) -> list[float]:
    """Cosine of a vector and each kept one; of pictures around the mean of all pictures.

    Pictures are all alike in being pictures; meanings are compared as the model gives them.
    """
    if not kept:
        return []
    mean = _layout(space).mean if space.kind is VectorKind.PICTURE else 0.0
    rows = _weighted(space.kind, kept) - mean
    asked = _weighted(space.kind, [vector])[0] - mean
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
    found: list[float] = (rows @ asked / np.maximum(lengths, 1e-9)).tolist()
    return found


def _weighted(kind: VectorKind, vectors: Sequence[bytes]) -> Floats:
    """Rows as numbers; the colors of a picture count half of what is seen."""
    rows = np.frombuffer(b"".join(vectors), np.float16).reshape(len(vectors), -1).astype(np.float32)
    if kind is VectorKind.PICTURE:
        rows[:, PICTURE_SIZE:] *= COLOR
    return np.asarray(rows)


@functools.lru_cache(maxsize=8)
def _layout(space: Space) -> cells.Layout:
    mean = np.frombuffer(space.mean, np.float32)
    return cells.Layout(mean, np.frombuffer(space.centers, np.float32).reshape(-1, len(mean)))


def _kept(vector: Floats) -> bytes:
    return np.asarray(vector, np.float16).tobytes()
