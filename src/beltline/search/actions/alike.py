"""Use cases of what is alike: who else makes it, and what people say of a pair."""

import datetime as dt
from typing import Final
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.events import Parties
from beltline.kit.jobs import queue
from beltline.search import store
from beltline.search.queries import alike as queries
from beltline.search.rules import alike as rules
from beltline.search.types import Maker, Pair, PairChanged, PairKind, PairState, Verdict

ALIKE_KIND: Final = "search.alike.v1"
PAST: Final = {PairState.CONFIRMED: "confirmed", PairState.SPLIT: "split"}


async def ask_to_compare(db: Writer, actor: Actor, *, now: dt.datetime) -> UUID:
    """Have changed goods compared with those of other suppliers, in the background."""
    return await queue.enqueue(
        db, actor, kind=ALIKE_KIND, title="Find the same items", parameters={}, now=now
    )


async def list_makers(
    db: Reader, actor: Actor, product: str, *, quantity: int, on: dt.date
) -> list[Maker]:
    """Who else makes a product, at the terms the caller gets: the operator's own, or buyers'."""
    audience = "OPERATOR" if actor.org_kind == "OPERATOR" else "BUYERS"
    return await queries.list_makers(db, product, quantity=quantity, audience=audience, on=on)


async def decide_pair(
    db: Writer, actor: Actor, *, pair_id: UUID, verdict: Verdict, now: dt.datetime
) -> Pair:
    """Say what a pair is, for good: no later run changes it, another person may."""
    actor.needs_operator()
    actor.needs_role("PLANNER", "BUYER")
    pair = await queries.get_pair(db, pair_id)
    kind, state = _meaning_of(verdict, pair.kind)
    if not await store.decide_pair(db, pair, kind=kind, state=state, by=actor.name, now=now):
        raise PairChanged
    await _regroup_around(db, pair_id)
    change = {"kind": [pair.kind, kind], "state": [pair.state, state]}
    await accounts.record_audit(
        db, actor, action=PAST[state], object_="pair", object_id=pair_id, change=change, now=now
    )
    await events.record(
        db, type_=f"alike.{PAST[state]}", aggregate="pair", aggregate_id=pair_id,
        sequence=pair.version + 1, parties=Parties(operator_org_id=actor.org_id),
        data={"products": [pair.a.product, pair.b.product], "kind": kind}, now=now,
    )  # fmt: skip
    return await queries.get_pair(db, pair_id)


def _meaning_of(verdict: Verdict, kind: PairKind) -> tuple[PairKind, PairState]:
    if verdict is Verdict.SAME:
        same = kind if kind is PairKind.SAME_FACTORY else PairKind.SAME_ITEM
        return same, PairState.CONFIRMED
    return PairKind(verdict.value), PairState.SPLIT


async def _regroup_around(db: Writer, pair_id: UUID) -> None:
    """Group anew what hangs together with a pair; the next run looks further."""
    around = await queries.list_grouped_with(db, await queries.products_of(db, pair_id))
    links = await queries.list_links(db, among=around)
    await store.put_groups(db, rules.group(links), among=around)
