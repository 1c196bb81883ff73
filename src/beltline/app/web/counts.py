"""The navigation's figures, kept for some seconds: every page shows them, none waits for them."""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.tower.queries.counts import count_for_nav

FRESH_S = 15.0
ORGANIZATIONS_MAX = 10_000


class NavFigures:
    """What waits for each organization, read at most every `FRESH_S` seconds in this process.

    What somebody does here is seen at once (`forget`), what others do elsewhere soon.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[UUID, tuple[float, Mapping[str, int]]] = {}

    async def of(self, database: Database, actor: Actor, today: dt.date) -> Mapping[str, int]:
        """The figures of the actor's organization, by name of count."""
        until, known = self._known.get(actor.org_id, (0.0, {}))
        if self._clock() < until:
            return known
        async with database.reading(actor) as db:
            found = msgspec.structs.asdict(await count_for_nav(db, actor.org_id, today=today))
        if len(self._known) >= ORGANIZATIONS_MAX:
            self._known.clear()
        self._known[actor.org_id] = (self._clock() + FRESH_S, found)
        return found

    def known(self, org_id: UUID) -> Mapping[str, int]:
        """The figures as last read, for a page that must not ask the database."""
        return self._known.get(org_id, (0.0, {}))[1]

    def forget(self, org_id: UUID) -> None:
        """Something was changed: read again for the next page."""
        self._known.pop(org_id, None)
