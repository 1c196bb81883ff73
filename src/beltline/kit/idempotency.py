"""One effect and one answer for one (organization, key).

The key's row is written in the transaction of its effect. A refusal undoes the effect and is
itself kept as the answer; a failure (5xx) undoes everything and keeps nothing, so that the
retry may succeed. The same key with another body or operation is a mistake (422), the same key
while the first request is under way is answered 409.
"""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer, giving_way
from beltline.kit.errors import Kind, Refusal


class KeyMissing(Refusal):
    """A POST that changes state came without an Idempotency-Key."""

    kind, code = Kind.MALFORMED, "kit.idempotency_key_missing"
    title = "Idempotency-Key is missing"
    detail = "Send a header Idempotency-Key of 1 to 255 characters, new for each new effect."


class KeyInFlight(Refusal):
    """The first request with this key has not been answered yet."""

    kind, code = Kind.CONFLICT, "kit.idempotency_in_flight"
    title = "The first request with this key is under way"
    detail = "A request with the key “{key}” is being worked on; repeat it in a second."
    key: str


class KeyMismatch(Refusal):
    """The key was used before, for something else."""

    kind, code = Kind.INVALID, "kit.idempotency_mismatch"
    title = "The key was used for another request"
    detail = "The key “{key}” belongs to a request with another body or address; use a new key."
    key: str


class Answer(msgspec.Struct, frozen=True):
    """What an operation answered: `status` and JSON `response`, or the refusal to raise."""

    status: int | None
    response: Any
    replayed: bool = False

    def unwrap(self) -> "Answer":
        """This answer, or the refusal that is the answer, raised."""
        if self.status is None:
            refusal = Refusal.from_code(self.response["code"], dict(self.response["fields"]))
            refusal.is_replay = self.replayed
            raise refusal
        return self


def body_hash(body: object) -> bytes:
    """SHA-256 over the canonical JSON (sorted members) of a request body."""
    canonical = msgspec.json.encode(body, order="sorted")
    return hashlib.sha256(canonical).digest()


async def once(
    database: Database,
    actor: Actor,
    *,
    key: str,
    operation: str,
    body: object,
    act: Callable[[Writer], Awaitable[tuple[int, Any]]],
) -> Answer:
    """Run `act` in one transaction with the key's row, or replay what it answered before.

    `act` returns (HTTP status, JSON-able response). Raises the stored or new refusal. In a deadlock
    that it loses, all of it is tried again: `act` changes nothing but the database.
    """
    digest = body_hash(body)

    async def attempt() -> Answer:
        async with database.writing(actor) as db:
            kept = await db.value(
                "select kit.idempotency_begin($1, $2, $3, $4)", actor.org_id, key, operation, digest
            )
            if kept is not None:
                return msgspec.convert({**kept, "replayed": True}, Answer)
            status: int | None
            response: Any
            try:
                async with db.savepoint():
                    status, response = await act(db)
            except Refusal as refusal:
                status, response = None, {"code": refusal.code, "fields": fields_of(refusal)}
            response = msgspec.to_builtins(response)
            await db.execute(
                "select kit.idempotency_keep($1, $2, $3, $4, $5, $6, $7)",
                actor.org_id,
                key,
                operation,
                digest,
                status,
                response,
                await database.now(),
            )
        return Answer(status, response)

    return await giving_way(attempt)


async def forget_answers(db: Writer, *, before: dt.datetime, limit: int) -> int:
    """Delete answers older than a moment, some at a time; how many."""
    return await db.execute(
        """delete from kit.idempotency where (org_id, key) in (
             select org_id, key from kit.idempotency where created_at < $1
              order by created_at limit $2)""",
        before,
        limit,
    )


def fields_of(refusal: Refusal) -> dict[str, Any]:
    """A refusal's fields as JSON, `param` included where it names one."""
    fields: dict[str, Any] = msgspec.to_builtins(refusal.fields)
    return fields if refusal.param is None else {**fields, "param": refusal.param}
