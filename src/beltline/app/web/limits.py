"""How much one caller may ask: token buckets in this process, and how much it all may be.

Counted here rather than in the database: a rate is a guard, not an account, and no request
should wait for another's row. With N processes each grants a share of 1/N.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from beltline.app.problems import TooManyRequests

_KEPT = 10_000
"""Buckets kept at most; the one unused longest is forgotten, that is: full again."""


class Level(msgspec.Struct, frozen=True):
    """What is left of a bucket: `limit` and `remaining` requests, full again in `reset_s`."""

    limit: int
    remaining: int
    reset_s: int


class Buckets:
    """Token buckets by name. `rate` tokens a second flow in, up to `burst`."""

    def __init__(
        self, rate: float, burst: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = max(1.0, burst)
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, cost: float = 1.0) -> Level:
        """Take tokens for one request; refuses with the seconds to wait when too few are left."""
        now = self._clock()
        tokens = self._tokens(name, now)
        if tokens < cost:
            wait_s = max(1, round((cost - tokens) / self._rate + 0.5))
            raise TooManyRequests(what="The rate for this caller is used up", retry_after_s=wait_s)
        self._keep(name, tokens - cost, now)
        return self._level(tokens - cost)

    def level(self, name: str) -> Level:
        """What is left of a bucket."""
        return self._level(self._tokens(name, self._clock()))

    def require(self, name: str) -> None:
        """Refuse when the bucket is empty; take nothing."""
        if self._tokens(name, self._clock()) < 1:
            raise TooManyRequests(
                what="The rate for this caller is used up",
                retry_after_s=max(1, round(1 / self._rate)),
            )

    def _tokens(self, name: str, now: float) -> float:
        left, at = self._levels.get(name, (self._burst, now))
        return min(self._burst, left + (now - at) * self._rate)

    def _keep(self, name: str, tokens: float, now: float) -> None:
        self._levels[name] = (tokens, now)
        self._levels.move_to_end(name)
        if len(self._levels) > _KEPT:
            self._levels.popitem(last=False)

    def _level(self, tokens: float) -> Level:
        missing = self._burst - tokens
        return Level(int(self._burst), int(tokens), int(missing / self._rate + 0.999))


class Limits(msgspec.Struct, frozen=True):
    """The buckets of one process: by key or session, by organization, by address."""

    key: Buckets
    org: Buckets
    address: Buckets
