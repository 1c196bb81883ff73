"""Reproducible draws: a draw depends on the seed and its own key, never on the draw before it.

So one more product in the data changes nothing about all the others.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def unit(seed: int, *key: object) -> float:
    """A number in [0, 1), uniform over keys."""
    text = "\x1f".join(str(part) for part in (seed, *key))
    digest = blake2b(text.encode(), digest_size=8).digest()
    # 53 bits: what a float holds, so that the result is below 1 after rounding too.
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def between(seed: int, low: int, high: int, *key: object) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int(unit(seed, *key) * (high - low + 1))


def pick(seed: int, options: Sequence[T], *key: object) -> T:
    """One of the options, all equally likely."""
    return options[between(seed, 0, len(options) - 1, *key)]
