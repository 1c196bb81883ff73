"""Requests that come while others are under way are answered together.

A call that costs mostly what any call costs (statements, a commit, locks) costs a fraction each
when made for many at once. Nothing waits for company: the first request goes at once, and those
that arrive until it is answered go together after it.
"""

import asyncio
import collections
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Owner = TypeVar("Owner")


class Gatherer(Generic[T, R]):
    """Answers one request at a time by asking for up to `size` at once, `at_once` such calls.

    A call beside another begins only for a `crowd` of requests, or when one has waited for
    `patience_s` seconds, as behind a call that waits for a lock: two small calls cost more than
    one that is twice as large. `ask` answers in the order of the requests. When a call for several
    fails, each is asked for on its own, so that nobody fails because of company.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        size: int,
        at_once: int,
        crowd: int = 1,
        patience_s: float = 0.05,
    ) -> None:
        self._ask = ask
        self._size = size
        self._at_once = at_once
        self._crowd = crowd
        self._patience_s = patience_s
        self._relief: asyncio.TimerHandle | None = None
        self._waiting: collections.deque[tuple[T, asyncio.Future[R]]] = collections.deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving = 0

    async def one(self, request: T) -> R:
        """The answer to one request."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append((request, answer))
        if self._serving == 0 or len(self._waiting) >= self._crowd:
            self._begin()
        elif self._relief is None and self._serving < self._at_once:
            self._relief = loop.call_later(self._patience_s, self._relieve, answer)
        return await answer

    def _begin(self) -> None:
        if self._serving < self._at_once:
            self._serving += 1
            task = asyncio.create_task(self._serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _relieve(self, longest: "asyncio.Future[R]") -> None:
        self._relief = None
        if not self._waiting or self._serving >= self._at_once:
            return
        first = self._waiting[0][1]
        if first is longest:
            self._begin()
        else:
            # That one was taken in time; whoever came next is given as long.
            loop = asyncio.get_running_loop()
            self._relief = loop.call_later(self._patience_s, self._relieve, first)

    async def _serve(self) -> None:
        try:
            while self._waiting:
                count = min(self._size, len(self._waiting))
                await self._answer([self._waiting.popleft() for _ in range(count)])
        finally:
            # Counted here and not by the task's end, which is told a turn of the loop later: who
            # asks in between would wait for somebody who has gone.
            self._serving -= 1

    async def _answer(self, batch: list[tuple[T, "asyncio.Future[R]"]]) -> None:
        try:
            answers = await self._ask([request for request, _ in batch])
            if len(answers) != len(batch):
                raise RuntimeError(f"{len(answers)} answers to {len(batch)} requests")
        except Exception as error:  # noqa: BLE001  handed to whoever asked
            if len(batch) == 1:
                _fail(batch, error)
                return
            for one in batch:
                await self._answer([one])
        except BaseException:
            _fail(batch, asyncio.CancelledError())
            raise
        else:
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if not waiting.done():
                    waiting.set_result(answer)


class Gatherers(Generic[Owner, T, R]):
    """A gatherer for each owner, such as a database: `ask` is told whose requests they are.

    It goes with its owner, which nothing here holds.
    """

    def __init__(
        self,
        ask: Callable[[Owner, Sequence[T]], Awaitable[Sequence[R]]],
        *,
        size: int,
        at_once: int,
        crowd: int = 1,
    ) -> None:
        self._ask = ask
        self._size = size
        self._at_once = at_once
        self._crowd = crowd
        self._made: weakref.WeakKeyDictionary[Owner, Gatherer[T, R]] = weakref.WeakKeyDictionary()

    def of(self, owner: Owner) -> Gatherer[T, R]:
        """The gatherer of an owner, who stays for as long as somebody waits for its answer."""
        found = self._made.get(owner)
        if found is None:
            reference = weakref.ref(owner)

            async def ask(requests: Sequence[T]) -> Sequence[R]:
                living = reference()
                if living is None:
                    raise ReferenceError("nobody is there any more to ask for")
                return await self._ask(living, requests)

            found = self._made[owner] = Gatherer(
                ask, size=self._size, at_once=self._at_once, crowd=self._crowd
            )
        return found


def _fail(batch: Sequence[tuple[T, "asyncio.Future[R]"]], error: BaseException) -> None:
    for _, waiting in batch:
        if waiting.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            waiting.cancel()
        else:
            waiting.set_exception(error)
