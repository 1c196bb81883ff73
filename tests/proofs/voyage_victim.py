"""Plays steps of a voyage and dies in them: `python -m tests.proofs.voyage_victim …`.

Each line of its input is the number of a step. A child plays it and kills itself with SIGKILL at
the first point where none died before: before a statement is sent, while the server has it, or
after the step was done and before anybody heard of it. Points are found on the way, not listed.
It answers with the point, or with nothing when there was none left and the step is done.
"""

import asyncio
import datetime as dt
import gc
import os
import random
import signal
import sys
from collections import Counter
from typing import Any

import msgspec
from asyncpg.protocol import Protocol

from beltline.kit import db as kit_db
from beltline.kit.db import Database
from tests.orders.make import Market
from tests.proofs.victims import SEED
from tests.proofs.voyage import Voyage, carry_events, steps

_SENT = ("query", "bind_execute", "bind_execute_many", "copy_in", "copy_out")


class Points:
    """Where nobody died yet; a share of them, and those where something is kept in any case."""

    def __init__(self, done: set[str], step: str, share: float, told: int) -> None:
        self._done, self._step, self._share, self._told = done, step, share, told
        self._seen: Counter[str] = Counter()

    def pass_by(self, phase: str, statement: str, *, is_kept: bool) -> bool:
        """Whether to die here; whoever is told to does at once."""
        self._seen[phase + statement] += 1
        point = f"{self._step}: {phase} {self._seen[phase + statement]}. {statement[:200]!r}"
        if point in self._done or not (is_kept or _share_of(point) < self._share):
            return False
        os.write(self._told, point.encode())
        return True


def _share_of(point: str) -> float:
    return random.Random(f"{SEED} {point}").random()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _watch(points: Points, *, relay: bool) -> None:
    """Let every statement that is sent to the server be a point."""
    for name in _SENT:
        send = getattr(Protocol, name)

        async def sending(self: Any, *args: Any, _send: Any = send, **more: Any) -> Any:
            what = (*args, *more.values())[0]
            statement = getattr(what, "query", what)
            # A commit, or a statement that is a transaction of its own.
            is_kept = not relay and (statement == "commit" or not self.is_in_transaction())
            if points.pass_by("before", statement, is_kept=is_kept):
                _die()
            under_way = _send(self, *args, **more).__await__()
            if points.pass_by("within", statement, is_kept=is_kept):
                # Until it waits for the answer: by then all of it is with the server.
                next(under_way)
                _die()
            return await _Waiting(under_way)

        setattr(Protocol, name, sending)


class _Waiting:
    def __init__(self, under_way: Any) -> None:
        self._under_way = under_way

    def __await__(self) -> Any:
        return (yield from self._under_way)


async def _play(dsn: str, market: Market, start: dt.datetime, number: int, points: Points) -> None:
    _, now, step = list(steps(start))[number]
    kit_db.system_now = lambda: now
    database = await Database(dsn, pool_size=2).open()
    _watch(points, relay=step is carry_events)
    await step(Voyage(database, market, now))
    if points.pass_by("after", "", is_kept=True):
        _die()


def _fork(done: set[str], play: Any, step: str, share: float) -> str:
    """A child that plays until it dies or ends; where it died."""
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        try:
            asyncio.run(play(Points(done, step, share, tells)))
        except BaseException:  # noqa: BLE001 - a child must not go on as its parent
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    os.close(tells)
    with os.fdopen(told) as pipe:
        point = pipe.read()
    _, status = os.waitpid(child, 0)
    if status and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and point):
        raise SystemExit(f"{step} failed: {status}")
    return point


def main(dsn: str, market_json: str, start: str, *shares: str) -> None:
    """Play what is asked for, until the input ends; `shares` of a step's and a relay's points."""
    market = msgspec.json.decode(market_json, type=Market)
    begun = dt.datetime.fromisoformat(start)
    played = list(steps(begun))
    done: set[str] = set()
    # What is loaded by now stays shared with every child.
    gc.freeze()
    for line in sys.stdin:
        number = int(line)
        name, _, step = played[number]

        def play(points: Points, number: int = number) -> Any:
            return _play(dsn, market, begun, number, points)

        point = _fork(done, play, name, float(shares[step is carry_events]))
        done.add(point)
        print(point.replace("\n", " "), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
