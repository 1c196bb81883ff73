"""Reads of pools: everybody sees them, of pledges only its own, the operator all."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.orders.types.pools import Pledge, Pool

_POOL = """
  select b.id, b.number, b.sku, b.sku_id, k.title, k.title_zh, k.uom, b.currency,
         b.target_quantity, b.unit_price, b.pledged_quantity, b.pledges,
         coalesce((select sum(p.quantity)::bigint from orders.pledge p
                    where p.pool_id = b.id and p.buyer_org_id = $1
                      and p.status in ('OPEN', 'ORDERED')), 0) as own_quantity,
         b.status, b.reason, b.final_price, b.note, b.opened_at, b.closes_at, b.ended_at
    from orders.pool b join catalog.sku k on k.id = b.sku_id
"""


async def list_pools(
    db: Reader,
    actor: Actor,
    *,
    status: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Pool]:
    """Pools, newest first."""
    return await db.rows(
        Pool,
        f"""{_POOL}
            where ($2::text is null or b.status = $2)
              and ($3::timestamptz is null or (b.opened_at, b.id) < ($3, $4))
            order by b.opened_at desc, b.id desc limit $5""",
        actor.org_id, status, *(before or (None, None)), limit,
    )  # fmt: skip


async def get_pool(db: Reader, actor: Actor, pool_id: UUID) -> Pool:
    """One pool."""
    found = await db.find(Pool, f"{_POOL} where b.id = $2", actor.org_id, pool_id)
    if found is None:
        raise NotFound(what="pool", key=show_id("pool", pool_id))
    return found


async def list_pledges(db: Reader, pool_id: UUID, *, limit: int = 500) -> list[Pledge]:
    """The pledges of a pool the acting organization may see, the oldest first."""
    return await db.rows(
        Pledge,
        """select p.id, p.order_id, p.number, o.code as buyer, o.name as buyer_name, p.quantity,
                  p.price_max, p.held_amount, p.status, p.amount, p.alone_amount, p.created_at
             from orders.pledge p join accounts.organization o on o.id = p.buyer_org_id
            where p.pool_id = $1 order by p.created_at, p.id limit $2""",
        pool_id, limit,
    )  # fmt: skip


async def list_pools_to_end(
    db: Reader, operator_org_id: UUID, *, now: dt.datetime, limit: int
) -> list[UUID]:
    """Open pools of the operator whose time is over, those that waited longest first."""
    return await db.values(
        """select b.id from orders.pool b
            where b.status = 'OPEN' and b.closes_at <= $2 and b.operator_org_id = $1
            order by b.closes_at, b.id limit $3""",
        operator_org_id, now, limit,
    )  # fmt: skip


class _Figures(msgspec.Struct, frozen=True):
    pools: int
    open_pools: int
    pledged: int
    faults: list[dict[str, str | int]]


async def prove_pools(db: Reader) -> Proof:
    """An open pledge's money is held, an ordered one is its order's, all else is free."""
    found = await db.get(
        _Figures, "proof", "pools",
        """with told as (
             select b.number, b.status, b.pledged_quantity as pledged,
                    (select coalesce(sum(p.quantity), 0)::bigint from orders.pledge p
                      where p.pool_id = b.id and p.status in ('OPEN', 'ORDERED')) as standing
               from orders.pool b where b.status in ('OPEN', 'REACHED')
           ), held as (
             select p.number, p.status, p.held_amount, p.amount,
                    coalesce(h.amount - h.released - h.refunded, 0)::bigint as rest,
                    h.amount as once, o.id is not null as is_ordered, b.status as pool
               from orders.pledge p
               join orders.pool b on b.id = p.pool_id
               left join ledger.hold h on h.reference_id = p.order_id
               left join orders."order" o on o.id = p.order_id
           ), wrong as (
             select number, 'units differ from its pledges' as why from told
              where pledged <> standing
             union all
             select number, 'its money is not held' from held
              where status = 'OPEN' and (rest <> held_amount or pool <> 'OPEN')
             union all
             select number, 'its money was not given back' from held
              where status not in ('OPEN', 'ORDERED') and rest <> 0
             union all
             select number, 'its order is missing, or one too many' from held
              where (status = 'ORDERED') <> is_ordered or once is distinct from held_amount
           )
           select (select count(*) from orders.pool) as pools,
                  (select count(*) from orders.pool where status = 'OPEN') as open_pools,
                  (select coalesce(sum(held_amount), 0)::bigint from held
                    where status = 'OPEN') as pledged,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by number, why limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="pools_add_up",
        statement="The money of every pledge is held while its pool is open, becomes that of its "
        "order or is given back when it ends, and a pool's units are those of its pledges.",
        holds=not found.faults,
        figures={
            "pools": found.pools, "open_pools": found.open_pools, "pledged_minor": found.pledged,
        },
        faults=found.faults,
    )  # fmt: skip
