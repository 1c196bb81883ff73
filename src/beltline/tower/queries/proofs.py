"""Reads across modules: proofs that no single module can make."""

import datetime as dt

import msgspec

from beltline.channels.queries import prove_deliveries
from beltline.customs.queries import prove_fapiaos
from beltline.inventory.queries import prove_stock
from beltline.inventory.queries.lots import prove_lots
from beltline.kit.db import Database, Reader
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.ledger.queries import prove_balances, prove_holds, prove_seals, prove_transfers
from beltline.ledger.queries.papers import prove_papers
from beltline.ledger.queries.settlements import prove_settlements
from beltline.orders.queries import prove_billing, prove_claims
from beltline.orders.queries.pools import prove_pools
from beltline.procurement.queries import prove_inbound
from beltline.procurement.queries.payments import prove_advances
from beltline.tower.types import DataHealth

LAG_S_MAX = 60
"""An event that waits longer than this for its publication is a fault."""


async def prove_all(database: Database, now: dt.datetime) -> DataHealth:
    """Prove every invariant anew.

    Each proof is one statement, that is one snapshot, so that work under way cannot make it fail.
    """
    async with database.system() as db:
        items = [
            await prove_stock(db),
            await prove_lots(db),
            await prove_reservations(db),
            await prove_transfers(db),
            await prove_holds(db),
            await prove_balances(db),
            await prove_seals(db),
            await prove_payments(db),
            await prove_deposits(db),
            await prove_claims(db),
            await prove_pools(db),
            await prove_settlements(db),
            await prove_advances(db),
            await prove_papers(db),
            await prove_billing(db),
            await prove_inbound(db),
            await prove_fapiaos(db),
            await prove_outbox(db, now),
            await prove_deliveries(db),
        ]
    return DataHealth(all(proof.holds for proof in items), now, items)


class _Reservations(msgspec.Struct, frozen=True):
    parts: int
    promised: int
    reserved: int
    wrong: int
    faults: list[dict[str, str | int]]


async def prove_reservations(db: Reader) -> Proof:
    """What is reserved of a stock row is what open parts and their journeys have standing there.

    The journey of a cancelled part hears of it a moment later; its units are free already.
    """
    found = await db.get(
        _Reservations, "proof", "reservations",
        """with promised as (
             select sku_id, node_id, owner_org_id, sum(quantity) as promised, count(*) as parts
               from (select p.sku_id, p.node_id, p.owner_org_id, p.quantity
                       from orders.order_part p
                      where p.status = 'ALLOCATED' and not exists (
                        select from fulfillment.journey j
                         where (j.order_id, j.line_no, j.part_no)
                               = (p.order_id, p.line_no, p.part_no))
                     union all
                     select j.sku_id, j.stock_node_id, j.owner_org_id, j.stock_units
                       from fulfillment.journey j
                       join orders.order_part p
                         on (p.order_id, p.line_no, p.part_no) = (j.order_id, j.line_no, j.part_no)
                      where j.stock_units > 0 and p.status <> 'CANCELLED') standing
              group by sku_id, node_id, owner_org_id
           ), compared as (
             select sku_id, node_id, owner_org_id, coalesce(p.parts, 0) as parts,
                    coalesce(p.promised, 0)::bigint as promised,
                    coalesce(s.reserved, 0) as reserved
               from (select * from inventory.stock where reserved <> 0) s
               full join promised p using (sku_id, node_id, owner_org_id)
           )
           select coalesce(sum(parts), 0)::bigint as parts,
                  coalesce(sum(promised), 0)::bigint as promised,
                  coalesce(sum(reserved), 0)::bigint as reserved,
                  count(*) filter (where promised <> reserved) as wrong,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select sku_id, node_id, owner_org_id, promised, reserved from compared
                     where promised <> reserved order by 1, 2, 3 limit $1) f), '[]') as faults
             from compared""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="reserved_equals_open_parts",
        statement="What is reserved of every stock row is the sum of the open parts of orders "
        "and of what their journeys have standing there.",
        holds=found.wrong == 0,
        figures={
            "open_parts": found.parts,
            "promised": found.promised,
            "reserved": found.reserved,
            "rows_wrong": found.wrong,
        },
        faults=found.faults,
    )


class _Payments(msgspec.Struct, frozen=True):
    orders: int
    wrong: int
    faults: list[dict[str, str | int]]


async def prove_payments(db: Reader) -> Proof:
    """Every buyer has paid for an order exactly what it did not get back; nothing while unpaid."""
    found = await db.get(
        _Payments, "proof", "payments",
        """with compared as (
             select o.id, o.number, o.status, o.total_amount as total,
                    (select coalesce(sum(l.amount), 0)::bigint from orders.order_line l
                      where l.order_id = o.id) as lines,
                    (select coalesce(sum(case o.status when 'PLACED' then 0
                              when 'CANCELLED' then l.kept_amount
                              else l.amount - l.refunded_amount - l.deferred_amount end), 0)::bigint
                       from orders.order_line l where l.order_id = o.id) as due,
                    (select coalesce(-sum(e.amount), 0)::bigint
                       from ledger.transfer t
                       join ledger.entry e on e.transfer_id = t.id and e.at = t.at
                       join ledger.account a on a.id = e.account_id
                        and a.kind in ('BUYER_BALANCE', 'BUYER_CREDIT')
                      where t.reference_id = o.id
                        and t.kind in ('ORDER_HOLD', 'ORDER_REFUND')) as paid
               from orders."order" o
           ), wrong as (
             select * from compared where total <> lines or paid <> due
           )
           select (select count(*) from compared) as orders, (select count(*) from wrong) as wrong,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select number, status, total, lines, due, paid from wrong
                     order by id limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="orders_paid",
        statement="Every order's total is the sum of its lines, and its buyer has paid that less "
        "what was given back and what is to be paid when its goods are made; nothing while it is "
        "unpaid, and in the end when it is cancelled, but for deposits that are kept.",
        holds=found.wrong == 0,
        figures={"orders": found.orders, "orders_wrong": found.wrong},
        faults=found.faults,
    )


class _Deposits(msgspec.Struct, frozen=True):
    orders: int
    faults: list[dict[str, str]]


async def prove_deposits(db: Reader) -> Proof:
    """A balance is unpaid as a whole or not at all; its goods do not leave before it is paid."""
    found = await db.get(
        _Deposits, "proof", "deposits",
        """with wrong as (
             select o.number, 'the order differs from its lines' as why from orders."order" o
              where o.has_deposit and o.status <> 'CANCELLED' and o.deferred_amount <> (
                select sum(l.deferred_amount) from orders.order_line l where l.order_id = o.id)
             union all
             select o.number, 'more than the line has'
               from orders.order_line l join orders."order" o on o.id = l.order_id
              where l.deferred_amount not in (0, l.balance_amount)
                 or l.refunded_amount + l.kept_amount + l.balance_amount > l.amount
                 or l.balance_amount > 0 and (not o.has_deposit or l.deposit_percent is null)
             union all
             select o.number, 'ended with a balance' from orders."order" o
              where o.status = 'COMPLETED' and o.deferred_amount > 0
             union all
             select j.number, 'went on unpaid' from fulfillment.journey j
               join orders.order_part p on (p.order_id, p.line_no, p.part_no)
                                         = (j.order_id, j.line_no, j.part_no)
                and p.status <> 'CANCELLED'
               join orders.order_line l on (l.order_id, l.line_no) = (j.order_id, j.line_no)
              where l.deferred_amount > 0 and (j.sales_model = 'VIRTUAL' or j.attempt > 1)
                and (j.delivered > 0
                     or j.stage in ('TITLE', 'EXPORT', 'DISPATCH', 'TRUNK', 'LAST_MILE'))
           )
           select (select count(*) from orders."order" where has_deposit) as orders,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from wrong order by number, why limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="deposits_add_up",
        statement="What waits to be paid of an order is the unpaid balances of its lines, and no "
        "goods go on from the hub before the balance of their line is paid.",
        holds=not found.faults,
        figures={"orders": found.orders},
        faults=found.faults,
    )


class _Outbox(msgspec.Struct, frozen=True):
    waiting: int
    oldest_at: dt.datetime | None
    published: int
    latest_seq: int
    parked: int


async def prove_outbox(db: Reader, now: dt.datetime) -> Proof:
    """Events are published soon, without a gap in the feed, and none is parked."""
    found = await db.get(
        _Outbox, "proof", "outbox",
        """select (select count(*) from kit.outbox) as waiting,
                  (select min(occurred_at) from kit.outbox) as oldest_at,
                  (select count(*) from kit.event) as published,
                  (select latest_seq from kit.feed where name = 'main') as latest_seq,
                  (select count(*) from kit.parked) as parked""",
    )  # fmt: skip
    lag_s = (now - found.oldest_at).total_seconds() if found.oldest_at else 0.0
    return Proof(
        name="events_published",
        statement=f"No event waits longer than {LAG_S_MAX} s, the feed has no gap, and no "
        "listener has parked one.",
        holds=lag_s <= LAG_S_MAX and found.parked == 0 and found.published == found.latest_seq,
        figures={
            "waiting": found.waiting,
            "lag_s": round(max(lag_s, 0.0), 3),
            "published": found.published,
            "latest_seq": found.latest_seq,
            "parked": found.parked,
        },
    )
