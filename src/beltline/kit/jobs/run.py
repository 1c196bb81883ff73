"""What the body of a job is written with: kinds, steps, progress."""

import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar, overload

import msgspec

from beltline.kit.db import Database, Writer
from beltline.kit.errors import Transient
from beltline.kit.jobs import store
from beltline.kit.jobs.types import Job, JobCancelled, Progress

T = TypeVar("T")

Work = Callable[[Writer, dt.datetime], Awaitable[T]]
Body = Callable[["Run"], Awaitable[Any]]
OnProgress = Callable[[Progress], None]

_DELAY_FIRST_S = 0.1
_DELAY_MAX_S = 15.0


class JobKind(msgspec.Struct, frozen=True):
    """A kind of job: its versioned name, such as `import.v1`, and its body."""

    name: str
    body: Body


Registry = Mapping[str, JobKind]


def job(name: str) -> Callable[[Body], JobKind]:
    """Make an async function the body of the kind `name`.

    A changed body gets a new version in its name and the old one stays while jobs of it are
    open: between its steps a body runs again after a crash, so it must call the same steps.
    """

    def named(body: Body) -> JobKind:
        return JobKind(name, body)

    return named


def registry_of(*kinds: JobKind) -> Registry:
    """The kinds a process can run, by name."""
    registry = {kind.name: kind for kind in kinds}
    if len(registry) < len(kinds):
        raise ValueError("two kinds of job have one name")
    return registry


class Run:
    """One run of a job's body, in whatever process.

    The body is a sequence of steps with unique names. What stands between the steps runs again
    after a crash: it may compute and read files, but not write, and must not block the event
    loop (use a process or a thread). `parameters` are the job's, `actor` is who asked.
    """

    def __init__(
        self,
        database: Database,
        job: Job,
        *,
        on_progress: OnProgress | None = None,
        patience_s: float = 3600.0,
    ) -> None:
        self._database = database
        self._on_progress = on_progress
        self._patience_s = patience_s
        self._progress = Progress(job.done, job.total, job.message)
        self.job_id = job.id
        self.actor = job.asked_by
        self.parameters = job.parameters

    def report(
        self, *, done: int | None = None, total: int | None = None, message: str | None = None
    ) -> None:
        """Say how far the job is; shown when the step it is said in (or the next) is done."""
        was = self._progress
        self._progress = Progress(
            was.done if done is None else done,
            was.total if total is None else total,
            was.message if message is None else message,
        )

    @overload
    async def step(self, name: str, work: Work[None]) -> None: ...
    @overload
    async def step(self, name: str, work: Work[T], result: type[T]) -> T: ...
    async def step(self, name: str, work: Work[Any], result: Any = None) -> Any:
        """Do `work(db, now)` in one transaction, exactly once in the life of the job.

        Its result is kept as JSON and comes back as `result` also when the step was done by a
        run before this one. Retried while the trouble is a `Transient`, with growing delays, for
        `patience_s`; a `Refusal` or a bug undoes the step and ends the job.
        """
        raw = await persist(lambda: self._once(name, work), self._patience_s)
        if self._on_progress is not None:
            self._on_progress(self._progress)
        return msgspec.convert(raw, result)

    async def repeat(self, name: str, work: Work[int], *, done: int = 0) -> int:
        """Do `work` in steps `name 1`, `name 2`, ... until one finds nothing more; how much in all.

        For work in portions: each step is a transaction of its own, and says what it did. What is
        done so far is reported, beginning with `done`.
        """
        total, part = 0, 1
        while found := await self.step(f"{name} {part}", work, int):
            total += found
            part += 1
            self.report(done=done + total)
        return total

    async def call(self, name: str, external: Callable[[], Awaitable[T]], result: type[T]) -> T:
        """Do something outside the database and keep its result as a step.

        At least once: a crash between the call and its record repeats it, so the other side
        has to know the call by a key of its own, such as the job's id and the step's name.
        """
        kept = await persist(lambda: self._find(name), self._patience_s)
        if kept is not None:
            return msgspec.convert(kept.result, result)
        value = await persist(external, self._patience_s)

        async def keep(_db: Writer, _now: dt.datetime) -> T:
            return value

        return await self.step(name, keep, result)

    async def _once(self, name: str, work: Work[Any]) -> object:
        before = self._progress
        now = await self._database.now()
        try:
            async with self._database.system() as db:
                kept = await store.begin_step(db, self.job_id, name)
                if kept is not None:
                    return kept.result
                if not await store.is_running(db, self.job_id):
                    raise JobCancelled
                # Through JSON also the first time: every run sees the same values.
                value = msgspec.to_builtins(await work(db, now))
                await store.end_step(
                    db, self.job_id, name, result=value, progress=self._progress, now=now
                )
                return value
        except BaseException:
            self._progress = before
            raise

    async def _find(self, name: str) -> store.KeptStep | None:
        async with self._database.system() as db:
            return await store.begin_step(db, self.job_id, name)


async def persist(attempt: Callable[[], Awaitable[T]], patience_s: float) -> T:
    """Repeat `attempt` while it fails with a Transient, for `patience_s`."""
    give_up_at = time.monotonic() + patience_s
    for delay_s in delays():
        try:
            return await attempt()
        except Transient:
            if time.monotonic() > give_up_at:
                raise
        await asyncio.sleep(delay_s)
    raise AssertionError("delays never end")


def delays() -> Iterator[float]:
    """Endless growing delays in seconds, spread so that many do not come back at once."""
    delay_s = _DELAY_FIRST_S
    while True:
        yield delay_s * (0.5 + random.random())  # noqa: S311 - spreading, not secrecy
        delay_s = min(delay_s * 2, _DELAY_MAX_S)
