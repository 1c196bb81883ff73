"""Carrying events to webhooks: the loop of a worker. Any number of workers may run it."""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beltline.channels import adapters, queries, rules, store
from beltline.channels.store import Due, Outcome
from beltline.channels.types import Signed
from beltline.kit.clock import system_now
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Transient

if TYPE_CHECKING:
    from uuid import UUID

_log = logging.getLogger(__name__)

_IN_FLIGHT = 100
_IN_FLIGHT_OF_ONE = 25
_IDLE_MAX_S = 1.0
_TROUBLE_S = 5.0
_GONE = 410


async def deliver_forever(
    database: Database, stop: asyncio.Event, *, allow_private: bool = False
) -> None:
    """Deliver until `stop`; what is under way is then finished."""
    carrier = Carrier(database, allow_private=allow_private)
    idle_s = 0.02
    while not stop.is_set():
        try:
            worked = await carrier.step()
            idle_s = 0.0 if worked else min(max(idle_s, 0.02) * 2, _IDLE_MAX_S)
        except Transient as error:
            _log.warning("webhooks wait for the database: %s", error)
            idle_s = _TROUBLE_S
        except Exception:  # noqa: BLE001 - it lives on, and says so
            _log.exception("delivering failed and is tried again")
            idle_s = _TROUBLE_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), idle_s)
    await carrier.finish()


class Carrier:
    """Deliveries in hand, so that a slow receiver holds up nobody but itself."""

    def __init__(self, database: Database, *, allow_private: bool) -> None:
        self._database = database
        self._may_reach = _anywhere if allow_private else rules.is_public
        # With the webhook each is for.
        self._tasks: dict[asyncio.Task[Outcome], UUID] = {}

    async def step(self) -> bool:
        """Make, take up, wait a moment, write down; whether there was anything to do."""
        moved = await self._fan_out()
        begun = await self._begin()
        if self._tasks:
            done, _ = await asyncio.wait(
                self._tasks, timeout=0.2, return_when=asyncio.FIRST_COMPLETED
            )
            # What ends in the same moment is written down together.
            await asyncio.sleep(0.005)
            await self._keep([task for task in self._tasks if task.done()])
            return bool(done) or begun
        return bool(moved) or begun

    async def finish(self) -> None:
        """Wait for what is under way and write it down."""
        if self._tasks:
            await asyncio.wait(self._tasks)
            await self._keep(list(self._tasks))

    async def _fan_out(self) -> int:
        async with self._database.system() as db:
            return await store.fan_out(db, system_now())

    async def _begin(self) -> bool:
        room = _IN_FLIGHT - len(self._tasks)
        if room <= 0:
            return False
        held = Counter(self._tasks.values())
        saturated = [endpoint for endpoint, count in held.items() if count >= _IN_FLIGHT_OF_ONE]
        async with self._database.system() as db:
            limit = min(room, _IN_FLIGHT_OF_ONE)
            found = await store.claim(db, system_now(), limit=limit, saturated=saturated)
            events = await queries.list_events(db, found)
        for due in found:
            signed = rules.sign(events[due.feed_seq], due.secrets, system_now())
            task = asyncio.create_task(self._send(due, signed))
            self._tasks[task] = due.endpoint_id
        return bool(found)

    async def _send(self, due: Due, signed: Signed) -> Outcome:
        at = system_now()
        reply = await adapters.post(due.url, signed.headers, signed.body, may_reach=self._may_reach)
        later = None
        if not reply.is_taken:
            later = rules.next_try(due.tries + 1, system_now(), random.random())  # noqa: S311
        return Outcome(due, at, signed, reply, None if reply.status == _GONE else later)

    async def _keep(self, done: Sequence[asyncio.Task[Outcome]]) -> None:
        if not done:
            return
        outcomes = [task.result() for task in done]
        async with self._database.system() as db:
            await store.keep_outcomes(db, outcomes)
            for outcome in outcomes:
                if not outcome.reply.is_taken and outcome.next_try_at is None:
                    await _give_up(db, outcome)
        for task in done:
            del self._tasks[task]


def _anywhere(_address: str) -> bool:
    return True


async def _give_up(db: Writer, outcome: Outcome) -> None:
    """Disable the webhook and say so, rather than drop an event or go on without it."""
    gone = outcome.reply.status == _GONE
    told = outcome.reply.error or f"HTTP {outcome.reply.status}"
    reason = "the receiver answered 410 Gone" if gone else f"{rules.TRIES} tries failed: {told}"
    sequence = await store.disable(db, outcome.due.endpoint_id, reason)
    if sequence is not None:
        owner = await store.owner_of(db, outcome.due.endpoint_id)
        await store.record_change(
            db, outcome.due.endpoint_id, sequence, owner, type_="endpoint.disabled",
            reason=reason, now=system_now(),
        )  # fmt: skip
