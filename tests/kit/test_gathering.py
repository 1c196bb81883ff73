"""Requests answered together: all of them, each with its own answer, none forgotten."""

import asyncio
from collections.abc import Sequence

import pytest

from beltline.kit.gathering import Gatherer


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
