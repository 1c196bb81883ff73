"""The API of a sandbox's clock: `/v1/sandbox`. The worker does what is asked for here."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post

from beltline.fulfillment.types.journeys import Faults
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Kind, Refusal
from beltline.kit.idempotency import once
from beltline.kit.ids import show_id
from beltline.kit.jobs.queue import enqueue
from beltline.kit.web.kept import answered

ADVANCE_KIND: Final = "sandbox.advance.v1"
DAYS_MAX: Final = 60


class NotASandbox(Refusal):
    """Time can be moved only where the clock is a row."""

    kind, code = Kind.CONFLICT, "app.not_a_sandbox"
    title = "Time moves by itself here"
    detail = "Only a sandbox has a clock that can be advanced; use a key that begins sk_test_."


class AdvanceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days to let pass, and what goes wrong meanwhile."""

    days: Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)]
    faults: Faults = Faults()


class ClockAnswer(msgspec.Struct, frozen=True):
    """The instant it is for this key, and whether it is virtual."""

    now: dt.datetime
    is_sandbox: bool


class AdvanceAnswer(msgspec.Struct, frozen=True):
    """The job that lets the time pass: see `GET /v1/jobs/{id}`."""

    job_id: str


@get("/v1/sandbox", summary="The clock")
async def get_clock(database: Database, actor: Actor) -> ClockAnswer:
    """What time it is here: of a test key the sandbox's virtual instant."""
    actor.needs_scope("events:read")
    return ClockAnswer(await database.now(), database.is_virtual)


@post("/v1/sandbox/advance", summary="Let days pass in the sandbox")
async def advance_clock(
    *,
    data: AdvanceBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[AdvanceAnswer]:
    """Factories, warehouses, carriers and deadlines do what they do in so many days.

    `faults` are shares of all cases; the same seed goes the same way again.
    """
    actor.needs_scope("orders:write")
    if not database.is_virtual:
        raise NotASandbox

    async def act(db: Writer) -> tuple[int, Any]:
        job_id = await enqueue(
            db, actor, kind=ADVANCE_KIND, title=f"Let {data.days} days pass",
            parameters=msgspec.to_builtins(data), now=now,
        )  # fmt: skip
        return 202, AdvanceAnswer(show_id("job", job_id))

    answer = await once(
        database, actor, key=idempotency_key, operation="sandbox.advance", body=data, act=act
    )
    return answered(answer, AdvanceAnswer)


ROUTES = (get_clock, advance_clock)
