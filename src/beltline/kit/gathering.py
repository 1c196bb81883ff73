"""Requests that come while others are under way are answered together.

A call that costs mostly what any call costs (statements, a commit, locks) costs a fraction each
when made for many at once. Nothing waits for company: the first request goes at once, and those
that arrive until it is answered go together after it.
"""

import asyncio
import collections
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gatherer(Generic[T, R]):
    """Answers one request at a time by asking for up to `size` at once, `at_once` such calls.

    `ask` answers in the order of the requests. When a call for several fails, each is asked for
    on its own, so that nobody fails because of company.
    """

    def __init__(
        self, ask: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, size: int, at_once: int
    ) -> None:
        self._ask = ask
        self._size = size
        self._at_once = at_once
        self._waiting: collections.deque[tuple[T, asyncio.Future[R]]] = collections.deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving = 0

    async def one(self, request: T) -> R:
        """The answer to one request."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if self._serving < self._at_once:
            self._serving += 1
            task = asyncio.create_task(self._serve())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

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


def _fail(batch: Sequence[tuple[T, "asyncio.Future[R]"]], error: BaseException) -> None:
    for _, waiting in batch:
        if waiting.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            waiting.cancel()
        else:
            waiting.set_exception(error)
