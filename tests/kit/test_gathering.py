"""Requests answered together: all of them, each with its own answer, none forgotten."""

import asyncio
import gc
import weakref
from collections.abc import Sequence

import pytest

from beltline.kit.gathering import Gatherer, Gatherers


async def test_what_comes_meanwhile_goes_together() -> None:
    batches: list[list[int]] = []

    async def ask(requests: Sequence[int]) -> list[int]:
        batches.append(list(requests))
        await asyncio.sleep(0)
        return [-n for n in requests]

    gatherer = Gatherer(ask, size=3, at_once=1)
    assert await asyncio.gather(*(gatherer.one(n) for n in range(8))) == [-n for n in range(8)]
    assert batches == [[0, 1, 2], [3, 4, 5], [6, 7]]


async def test_nobody_fails_because_of_company() -> None:
    async def ask(requests: Sequence[int]) -> list[int]:
        if 3 in requests:
            raise LookupError(3)
        return list(requests)

    gatherer = Gatherer(ask, size=8, at_once=1)
    answers = await asyncio.gather(*(gatherer.one(n) for n in range(6)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, int, int, LookupError, int, int]


async def test_a_request_at_the_very_end_of_another_is_served() -> None:
    """One that is made in the turn of the loop in which the last server goes home."""
    gatherer: Gatherer[int, int]
    late: list[asyncio.Task[int]] = []

    async def ask(requests: Sequence[int]) -> list[int]:
        if 0 in requests:
            # Two turns on: the answer is there, the server's end is not told yet.
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: late.append(asyncio.create_task(gatherer.one(1))))
            await asyncio.sleep(0)
        return list(requests)

    gatherer = Gatherer(ask, size=1, at_once=1)
    assert await gatherer.one(0) == 0
    async with asyncio.timeout(5):
        assert await late[0] == 1


@pytest.mark.parametrize("turns", range(6))
async def test_requests_at_any_distance_are_served(turns: int) -> None:
    async def ask(requests: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        return list(requests)

    async def later() -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await gatherer.one(2)

    gatherer = Gatherer(ask, size=1, at_once=2)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(gatherer.one(0), gatherer.one(1), later())
    assert answers == [0, 1, 2]


async def test_no_more_are_under_way_than_allowed() -> None:
    under_way, most = 0, 0

    async def ask(requests: Sequence[int]) -> list[int]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return list(requests)

    gatherer = Gatherer(ask, size=1, at_once=2)
    await asyncio.gather(*(gatherer.one(n) for n in range(9)))
    assert most == 2


@pytest.mark.parametrize("told", [[], [1, 2, 3]])
async def test_answers_that_do_not_fit_are_nobodys(told: list[int]) -> None:
    async def ask(_requests: Sequence[int]) -> list[int]:
        return told

    gatherer = Gatherer(ask, size=2, at_once=1)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*map(gatherer.one, range(4)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError] * 4


class Calls:
    """An `ask` whose calls end when the test says so."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.ends: list[asyncio.Event] = []
        self.begun = asyncio.Semaphore(0)

    async def ask(self, requests: Sequence[int]) -> list[int]:
        """Begin a call and wait for its end."""
        end = asyncio.Event()
        self.batches.append(list(requests))
        self.ends.append(end)
        self.begun.release()
        await end.wait()
        return list(requests)

    def end_all(self) -> None:
        """Let all calls end."""
        for end in self.ends:
            end.set()


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_second_call_begins_for_a_crowd() -> None:
    calls = Calls()
    gatherer = Gatherer(calls.ask, size=8, at_once=2, crowd=3, patience_s=60)
    asking = [asyncio.create_task(gatherer.one(n)) for n in range(3)]
    await turns()
    assert calls.batches == [[0, 1, 2]]
    asking += [asyncio.create_task(gatherer.one(n)) for n in (3, 4)]
    await turns()
    assert calls.batches == [[0, 1, 2]]
    asking.append(asyncio.create_task(gatherer.one(5)))
    await turns()
    assert calls.batches == [[0, 1, 2], [3, 4, 5]]
    calls.end_all()
    assert await asyncio.gather(*asking) == [0, 1, 2, 3, 4, 5]


async def test_nobody_waits_for_a_crowd_behind_a_call_that_does_not_end() -> None:
    calls = Calls()
    gatherer = Gatherer(calls.ask, size=8, at_once=2, crowd=9, patience_s=0.01)
    asking = [asyncio.create_task(gatherer.one(0))]
    await calls.begun.acquire()
    asking.append(asyncio.create_task(gatherer.one(1)))
    async with asyncio.timeout(5):
        await calls.begun.acquire()
    assert calls.batches == [[0], [1]]
    # And so again, but never more at once than allowed.
    asking.append(asyncio.create_task(gatherer.one(2)))
    await asyncio.sleep(0.05)
    assert calls.batches == [[0], [1]]
    calls.ends[1].set()
    async with asyncio.timeout(5):
        await calls.begun.acquire()
    calls.end_all()
    assert await asyncio.gather(*asking) == [0, 1, 2]


async def test_who_comes_after_one_that_was_taken_in_time_has_patience_too() -> None:
    calls = Calls()
    gatherer = Gatherer(calls.ask, size=1, at_once=2, crowd=9, patience_s=0.05)
    asking = [asyncio.create_task(gatherer.one(n)) for n in range(3)]
    await turns()
    calls.ends[0].set()
    async with asyncio.timeout(5):
        for _ in range(3):
            await calls.begun.acquire()
    assert calls.batches == [[0], [1], [2]]
    assert not calls.ends[1].is_set()
    calls.end_all()
    assert await asyncio.gather(*asking) == [0, 1, 2]


async def test_who_has_just_come_does_not_take_the_patience_of_another() -> None:
    calls = Calls()
    gatherer = Gatherer(calls.ask, size=1, at_once=2, crowd=9, patience_s=0.6)
    asking = [asyncio.create_task(gatherer.one(n)) for n in range(2)]
    await asyncio.sleep(0.3)
    asking.append(asyncio.create_task(gatherer.one(2)))
    await turns()
    calls.ends[0].set()
    await asyncio.sleep(0.4)
    # The one that waited first was taken long before its time was over.
    assert calls.batches == [[0], [1]]
    calls.ends[1].set()
    async with asyncio.timeout(5):
        for _ in range(3):
            await calls.begun.acquire()
    calls.end_all()
    assert await asyncio.gather(*asking) == [0, 1, 2]


async def test_each_owner_is_asked_for_by_itself_and_not_held() -> None:
    class Owner:
        def __init__(self, name: str) -> None:
            self.name = name

    async def ask(owner: Owner, requests: Sequence[int]) -> list[str]:
        await asyncio.sleep(0)
        return [f"{owner.name}{n}" for n in requests]

    gatherers = Gatherers(ask, size=8, at_once=1)
    one, other = Owner("a"), Owner("b")
    assert await asyncio.gather(
        gatherers.of(one).one(1), gatherers.of(other).one(2), gatherers.of(one).one(3)
    ) == ["a1", "b2", "a3"]
    gone = weakref.ref(one)
    del one
    await turns()
    gc.collect()
    assert gone() is None
