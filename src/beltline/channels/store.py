"""Writes of the schema `channels`. Private to the module."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.channels.types import Delivery, Reply, Signed
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.events import Parties
from beltline.kit.ids import new_id

_LEASE = dt.timedelta(seconds=60)
_FAN_OUT = 1_000


class Due(Delivery, frozen=True):
    """A delivery to be sent now, with where to."""

    url: str
    secrets: list[bytes]


class Outcome(msgspec.Struct, frozen=True):
    """What came of one try; `next_try_at` is None where it was taken or is given up."""

    due: Due
    at: dt.datetime
    signed: Signed
    reply: Reply
    next_try_at: dt.datetime | None


async def insert_endpoint(
    db: Writer, actor: Actor, *, url: str, types: Sequence[str], description: str, now: dt.datetime
) -> UUID:
    """Add a webhook that begins with the next event; its id."""
    endpoint_id = new_id()
    await db.execute(
        """insert into channels.endpoint (id, org_id, url, description, types, started_after,
                                          feed_seq, sequence, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $6, 1, $7, $8)""",
        endpoint_id,
        actor.org_id,
        url,
        description,
        list(types),
        await db.value("""select coalesce(max(feed_seq), 0) from kit.event"""),
        actor.name,
        now,
    )
    return endpoint_id


async def keep_secret(
    db: Writer, actor: Actor, endpoint_id: UUID, secret: bytes, *, old_until: dt.datetime,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Sign with this secret; those before it go on until `old_until`."""
    await db.execute(
        "select channels.keep_secret($1, $2, $3, $4, $5)",
        actor.as_row(),
        endpoint_id,
        secret,
        old_until,
        now,
    )


async def enable(db: Writer, actor: Actor, endpoint_id: UUID, now: dt.datetime) -> None:
    """Serve a disabled webhook again, from where it stood."""
    await db.execute("select channels.enable($1, $2, $3)", actor.as_row(), endpoint_id, now)


async def disable(db: Writer, endpoint_id: UUID, reason: str) -> int | None:
    """Serve a webhook no more; the number of this event of it, None when it was not served."""
    sequence: int | None = await db.value(
        """update channels.endpoint set status = 'DISABLED', disabled_reason = $2,
                  sequence = sequence + 1
            where id = $1 and status = 'ACTIVE' returning sequence""",
        endpoint_id,
        reason[:500],
    )
    return sequence


def parties_of(org_id: UUID, org_kind: str) -> Parties:
    """Whose business an event of an organization's own is."""
    if org_kind == "OPERATOR":
        return Parties(operator_org_id=org_id)
    if org_kind == "SUPPLIER":
        return Parties(supplier_org_id=org_id)
    return Parties(buyer_org_id=org_id)


async def insert_replays(
    db: Writer, actor: Actor, endpoint_id: UUID, *, first: int, last: int, limit: int,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Send a range of the feed again; how many events that are."""
    return await db.execute(
        """insert into channels.delivery (id, endpoint_id, org_id, feed_seq, occurred_at, event_id,
                                          type, aggregate_id, is_replay, next_try_at, created_at)
           select kit.uuid7($6), e.id, e.org_id, v.feed_seq, v.occurred_at, v.id, v.type,
                  v.aggregate_id, true, $6, $6
             from channels.endpoint e
             join kit.event v on v.feed_seq between $3 and $4
            where e.id = $1
              and channels.wants(e.org_id, $2, e.types, v.operator_org_id, v.buyer_org_id,
                                 v.supplier_org_id, v.type)
            order by v.feed_seq limit $5""",
        endpoint_id,
        actor.org_kind,
        first,
        last,
        limit,
        now,
    )


class _Behind(msgspec.Struct, frozen=True):
    id: UUID
    org_id: UUID
    org_kind: str
    types: list[str]
    feed_seq: int


async def fan_out(db: Writer, now: dt.datetime) -> int:
    """Make the deliveries of what was published since, for one webhook; how far it moved."""
    head: int = await db.value("select latest_seq from kit.feed where name = 'main'")
    behind = await db.find(
        _Behind,
        """select e.id, e.org_id, o.kind as org_kind, e.types, e.feed_seq
             from channels.endpoint e join accounts.organization o on o.id = e.org_id
            where e.status = 'ACTIVE' and e.feed_seq < $1
            order by e.feed_seq limit 1 for update of e skip locked""",
        head,
    )
    if behind is None:
        return 0
    to = min(head, behind.feed_seq + _FAN_OUT)
    await db.execute(
        """insert into channels.delivery (id, endpoint_id, org_id, feed_seq, occurred_at, event_id,
                                          type, aggregate_id, next_try_at, created_at)
           select kit.uuid7($7), $1, $2, v.feed_seq, v.occurred_at, v.id, v.type, v.aggregate_id,
                  $7, $7
             from kit.event v
            where v.feed_seq > $5 and v.feed_seq <= $6
              and channels.wants($2, $3, $4, v.operator_org_id, v.buyer_org_id, v.supplier_org_id,
                                 v.type)
            order by v.feed_seq""",
        behind.id,
        behind.org_id,
        behind.org_kind,
        behind.types,
        behind.feed_seq,
        to,
        now,
    )
    await db.execute("update channels.endpoint set feed_seq = $2 where id = $1", behind.id, to)
    return to - behind.feed_seq


async def claim(
    db: Writer, now: dt.datetime, *, limit: int, saturated: Sequence[UUID]
) -> list[Due]:
    """Take what is due in hand: of each webhook and aggregate the first that waits."""
    return await db.rows(
        Due,
        """with heads as (
             select distinct on (d.endpoint_id, d.aggregate_id) d.seq, d.next_try_at,
                    d.leased_until
               from channels.endpoint e
               join channels.delivery d on d.endpoint_id = e.id and d.status = 'WAITING'
              where e.status = 'ACTIVE' and e.id <> all($4::uuid[])
              order by d.endpoint_id, d.aggregate_id, d.seq
           ), picked as (
             select d.seq from channels.delivery d
              where d.seq in (select seq from heads where next_try_at <= $1 and leased_until <= $1)
                and d.status = 'WAITING' and d.leased_until <= $1
              order by d.next_try_at, d.seq limit $2 for update skip locked
           ), taken as (
             update channels.delivery d set leased_until = $3 from picked p where p.seq = d.seq
             returning d.*
           )
           select t.seq, t.id, t.endpoint_id, t.feed_seq, t.occurred_at, t.event_id, t.type,
                  t.aggregate_id, t.is_replay, t.status, t.tries, t.next_try_at, t.created_at,
                  t.delivered_at, e.url,
                  (select array_agg(s.secret order by s.made_at desc) from channels.secret s
                    where s.endpoint_id = e.id and (s.ends_at is null or s.ends_at > $1))
                    as secrets
             from taken t join channels.endpoint e on e.id = t.endpoint_id""",
        now,
        limit,
        now + _LEASE,
        list(saturated),
    )


async def keep_outcomes(db: Writer, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of some tries; each delivery is taken, waits again or is given up."""
    await db.execute(
        """insert into channels.attempt (delivery_id, number, at, ms, status, error, request,
                                         response)
           select o.id, (select coalesce(max(a.number), 0) + 1 from channels.attempt a
                          where a.delivery_id = o.id),
                  o.at, o.ms, o.status, o.error, o.request, o.response
             from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::text[],
                         $6::jsonb[], $7::text[]) as o(id, at, ms, status, error, request, response)
        """,
        [o.due.id for o in outcomes],
        [o.at for o in outcomes],
        [o.reply.ms for o in outcomes],
        [o.reply.status for o in outcomes],
        [o.reply.error for o in outcomes],
        [o.signed.headers for o in outcomes],
        [o.reply.text for o in outcomes],
    )
    await db.execute(
        """update channels.delivery d
              set status = case when o.is_taken then 'DELIVERED'
                                when o.next_try_at is null then 'FAILED' else 'WAITING' end,
                  tries = d.tries + 1, next_try_at = coalesce(o.next_try_at, d.next_try_at),
                  leased_until = '-infinity',
                  delivered_at = case when o.is_taken then o.at end
             from unnest($1::bigint[], $2::boolean[], $3::timestamptz[], $4::timestamptz[])
               as o(seq, is_taken, at, next_try_at)
            where d.seq = o.seq""",
        [o.due.seq for o in outcomes],
        [o.reply.is_taken for o in outcomes],
        [o.at for o in outcomes],
        [o.next_try_at for o in outcomes],
    )


async def record_change(
    db: Writer, endpoint_id: UUID, sequence: int, parties: Parties, *, type_: str, reason: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Tell that a webhook was made, enabled or disabled."""
    data = {"endpoint_id": str(endpoint_id), "reason": reason}
    await events.record(
        db, type_, aggregate="endpoint", aggregate_id=endpoint_id, sequence=sequence,
        parties=parties, data=data, now=now,
    )  # fmt: skip


class _Owner(msgspec.Struct, frozen=True):
    org_id: UUID
    kind: str


async def owner_of(db: Reader, endpoint_id: UUID) -> Parties:
    """Whose business a webhook is."""
    owner = await db.get(
        _Owner, "webhook", endpoint_id,
        """select e.org_id, o.kind from channels.endpoint e
             join accounts.organization o on o.id = e.org_id where e.id = $1""",
        endpoint_id,
    )  # fmt: skip
    return parties_of(owner.org_id, owner.kind)
