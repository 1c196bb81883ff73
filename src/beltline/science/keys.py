"""Compiled kernels and random numbers that belong to a series, not to its place in a shard.

Every random draw is a hash of (seed, key of the series, draw number). A series therefore gets the
same draws alone, in a shard of ten or in a panel of a million, on any number of processes.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from beltline.science import arrays

Floats: TypeAlias = arrays.Floats
Doubles: TypeAlias = arrays.Doubles
Ints: TypeAlias = arrays.Ints
Bools: TypeAlias = arrays.Bools
Keys: TypeAlias = arrays.Keys

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel on its first call, without the interpreter lock, cached where possible.

    Kernels are serial on purpose: work is spread over processes by shard, and the threading
    layer that numba falls back to aborts when two threads of a worker enter it at once.
    """
    try:
        return cast("Kernel", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # no writable folder for the cache (read-only installation)
        return cast("Kernel", numba.njit(nogil=True, error_model="numpy")(function))


def series_keys(unique_ids: pl.Series) -> Keys:
    """Stable 64-bit keys of text ids: FNV-1a over UTF-8, finished with the splitmix64 mixer."""
    text = pa.array(unique_ids.to_list(), type=pa.large_string())
    _, offsets, body = text.buffers()
    begins = np.frombuffer(offsets, np.int64, len(text) + 1)
    letters = np.frombuffer(body, np.uint8) if body is not None else np.zeros(0, np.uint8)
    return _hash_texts(letters, begins)


def shard_of(skus: pl.Series, shards: int) -> Ints:
    """The shard (0 .. shards - 1) of every SKU code: all nodes of a SKU share one shard."""
    return (series_keys(skus) % np.uint64(shards)).astype(np.int32)


@compiled
def mixed(value: np.uint64) -> np.uint64:
    """The splitmix64 finalizer (Steele, Lea, Flood 2014): neighbors in, strangers out."""
    x = np.uint64(value) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(x ^ (x >> np.uint64(31)))


@compiled
def uniform(state: np.uint64) -> float:
    """A uniform number in [0, 1) from a mixed state."""
    return float(np.uint64(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def _hash_texts(letters: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64]) -> Keys:
    keys = np.empty(len(begins) - 1, np.uint64)
    for i in range(len(keys)):
        x = np.uint64(0xCBF29CE484222325)
        for j in range(begins[i], begins[i + 1]):
            x = (x ^ np.uint64(letters[j])) * np.uint64(0x100000001B3)
        keys[i] = mixed(x)
    return keys
