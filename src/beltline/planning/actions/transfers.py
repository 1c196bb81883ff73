"""Use cases of proposed transfers: accepted ones go at once, the others can be decided again."""

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from beltline.inventory import actions as inventory
from beltline.inventory.types import NotAvailable
from beltline.inventory.types.transfers import TransferWanted
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.planning.queries import transfers
from beltline.planning.store import transfers as store
from beltline.planning.types import ProposalChanged, WrongStatus
from beltline.planning.types.transfers import (
    TransferFilters,
    TransferProposal,
    TransfersDecided,
    TransferStatus,
)


async def accept(
    db: Writer, actor: Actor, *, transfer_ids: Sequence[UUID] = (),
    filters: TransferFilters | None = None, version: int | None = None, note: str = "",
    now: dt.datetime,
) -> TransfersDecided:  # fmt: skip
    """Send open transfers, named or by a filter: out of the origin, inbound at the target.

    What is no longer free at its origin stays open; a single one is refused then. Sent later than
    planned, it is expected as much later. It cannot be undone, but taken back where it came from.
    """
    actor.needs_operator()
    ids = await _named(db, actor, transfer_ids, filters, version, (TransferStatus.OPEN,))
    waiting = await store.lock_open(db, actor.org_id, ids)
    today = day_of(now)
    wanted = [
        TransferWanted(
            new_id(), w.sku_id, w.origin_node_id, w.target_node_id, w.quantity,
            w.expected_date + max(today - w.planned_on, dt.timedelta()),
        )
        for w in waiting
    ]  # fmt: skip
    gone = set(await inventory.send_transfers(db, actor, wanted, now=now)) if wanted else set()
    sent = {w.id: one.id for w, one in zip(waiting, wanted, strict=True) if one.id in gone}
    if len(ids) == 1 and filters is None and not sent:
        one = await transfers.get_transfer(db, actor.org_id, ids[0])
        _needs(one, (TransferStatus.OPEN,))
        raise NotAvailable(reference=f"{one.sku} @ {one.origin}")
    return await _decide(
        db, actor, "accept", list(sent), (TransferStatus.OPEN,), note=note, asked=len(ids),
        sent=sent, now=now,
    )  # fmt: skip


async def reject(
    db: Writer, actor: Actor, *, transfer_ids: Sequence[UUID] = (),
    filters: TransferFilters | None = None, version: int | None = None, note: str = "",
    now: dt.datetime,
) -> TransfersDecided:  # fmt: skip
    """Move nothing, and for four weeks propose no such move: the next plan buys."""
    actor.needs_operator()
    states = (TransferStatus.OPEN,)
    ids = await _named(db, actor, transfer_ids, filters, version, states)
    return await _decide(db, actor, "reject", ids, states, note=note, asked=len(ids), now=now)


async def reopen(
    db: Writer, actor: Actor, *, transfer_ids: Sequence[UUID] = (),
    filters: TransferFilters | None = None, version: int | None = None, note: str = "",
    now: dt.datetime,
) -> TransfersDecided:  # fmt: skip
    """Put rejected transfers back to be decided."""
    actor.needs_operator()
    states = (TransferStatus.REJECTED,)
    ids = await _named(db, actor, transfer_ids, filters, version, states)
    return await _decide(db, actor, "reopen", ids, states, note=note, asked=len(ids), now=now)


async def _named(
    db: Writer, actor: Actor, ids: Sequence[UUID], filters: TransferFilters | None,
    version: int | None, states: Sequence[TransferStatus],
) -> list[UUID]:  # fmt: skip
    """The transfers that are meant; a single one must be as it was seen."""
    if filters is not None:
        return await transfers.list_ids(db, actor.org_id, filters)
    if len(ids) == 1:
        one = await transfers.get_transfer(db, actor.org_id, ids[0])
        if version is not None and one.version != version:
            raise ProposalChanged(
                state=one.status, version=one.version, decided_by=one.decided_by or "-"
            )
        _needs(one, states)
    return list(ids)


def _needs(one: TransferProposal, states: Sequence[TransferStatus]) -> None:
    if one.status not in states:
        raise WrongStatus(state=one.status, needed=" / ".join(states))


async def _decide(
    db: Writer, actor: Actor, action: str, ids: Sequence[UUID],
    from_statuses: Sequence[TransferStatus], *, note: str, asked: int,
    sent: Mapping[UUID, UUID] = MappingProxyType({}), now: dt.datetime,
) -> TransfersDecided:  # fmt: skip
    status, past = _ENDS[action]
    changed = await store.decide(
        db, actor.org_id, ids, status=status, from_statuses=from_statuses, by=actor.name,
        note=note, sent=sent, now=now,
    )  # fmt: skip
    if changed:
        await store.tell(
            db, actor, type_=f"transfer.{past}", action=action, changed=changed, now=now
        )
    return TransfersDecided(len(changed), asked - len(changed))


_ENDS = {
    "accept": (TransferStatus.ACCEPTED, "accepted"),
    "reject": (TransferStatus.REJECTED, "rejected"),
    "reopen": (TransferStatus.OPEN, "reopened"),
}
