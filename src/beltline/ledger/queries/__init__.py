"""Reads of balances, entries and holds; the proofs of the ledger."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.db import NotFound, Reader
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.ledger.types import (
    Balance,
    CreditLine,
    Entry,
    EntryRow,
    Hold,
    HoldRow,
    Incoming,
    Statement,
)


async def list_balances(db: Reader, org_id: UUID) -> list[Balance]:
    """The accounts of an organization.

    A running balance where one is kept, else the sum of the account's entries.
    """
    return await db.rows(
        Balance,
        """select a.kind as account, a.currency,
                  coalesce(b.available - b.overdraft, (select sum(e.amount) from ledger.entry e
                                          where e.account_id = a.id), 0)::bigint as amount,
                  case a.kind when 'BUYER_BALANCE' then coalesce((
                    select sum(h.amount - h.released - h.refunded) from ledger.hold h
                     where h.org_id = a.org_id and h.currency = a.currency
                       and h.state <> 'CLOSED'),
                    0) else 0 end::bigint as held,
                  coalesce(b.available, 0)::bigint as spendable
             from ledger.account a left join ledger.balance b on b.account_id = a.id
            where a.org_id = $1 order by a.kind, a.currency limit 250""",
        org_id,
    )


async def list_entries(
    db: Reader,
    org_id: UUID,
    *,
    currency: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Entry]:
    """An organization's side of its transfers, newest first."""
    return await db.rows(
        Entry,
        """select e.id, e.transfer_id, e.at, t.kind, a.kind as account, e.amount, e.currency,
                  t.reference, t.reference_id
             from ledger.entry e
             join ledger.account a on a.id = e.account_id
             join ledger.transfer t on t.id = e.transfer_id
            where e.account_id = any(array(select id from ledger.account where org_id = $1))
              and ($2::text is null or e.currency = $2)
              and ($3::timestamptz is null or (e.at, e.id) < ($3, $4))
            order by e.at desc, e.id desc limit $5""",
        org_id,
        currency,
        *(before or (None, None)),
        limit,
    )


async def list_entries_of(db: Reader, reference_id: UUID, *, limit: int = 100) -> list[Entry]:
    """What one order (or another document) moved, oldest first.

    As far as the acting organization may see it.
    """
    return await db.rows(
        Entry,
        """select e.id, e.transfer_id, e.at, t.kind, a.kind as account, e.amount, e.currency,
                  t.reference, t.reference_id
             from ledger.transfer t
             join ledger.entry e on e.transfer_id = t.id and e.at = t.at
             join ledger.account a on a.id = e.account_id
            where t.reference_id = $1 order by e.at, e.id limit $2""",
        reference_id,
        limit,
    )


async def find_hold(db: Reader, reference_id: UUID) -> Hold | None:
    """The money that waits for one order, or None."""
    return await db.find(
        Hold,
        """select id, reference, reference_id, amount, released, refunded, currency, state,
                  created_at, closed_at, release_after
             from ledger.hold where reference_id = $1""",
        reference_id,
    )


async def get_hold(db: Reader, reference_id: UUID) -> Hold:
    """The money that waits, or waited, for one order."""
    hold = await find_hold(db, reference_id)
    if hold is None:
        raise NotFound(what="hold", key=str(reference_id))
    return hold


class _TransferFigures(msgspec.Struct, frozen=True):
    transfers: int
    entries: int
    unbalanced: int
    homeless: int
    currencies_off: int
    faults: list[dict[str, str | int]]


async def prove_transfers(db: Reader) -> Proof:
    """Every transfer has entries that sum to zero per currency, and so has the whole ledger."""
    found = await db.get(
        _TransferFigures, "proof", "transfers",
        """with sums as (
             select e.transfer_id, e.currency, sum(e.amount) as total, count(*) as entries
               from ledger.entry e group by e.transfer_id, e.currency
           ), off as (
             select t.id as transfer_id, s.currency, coalesce(s.total, 0)::bigint as total
               from ledger.transfer t left join sums s on s.transfer_id = t.id
              where s.total is null or s.total <> 0
           )
           select (select count(*) from ledger.transfer) as transfers,
                  (select coalesce(sum(entries), 0)::bigint from sums) as entries,
                  (select count(*) from off) as unbalanced,
                  (select count(*) from sums s where not exists (
                     select from ledger.transfer t where t.id = s.transfer_id)) as homeless,
                  (select count(*) from (select from sums group by currency
                                         having sum(total) <> 0) c) as currencies_off,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                     select * from off order by transfer_id limit $1) f), '[]') as faults""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="ledger_balanced",
        statement="The entries of every transfer, and of the whole ledger, sum to zero per "
        "currency.",
        holds=found.unbalanced == found.homeless == found.currencies_off == 0,
        figures={
            "transfers": found.transfers,
            "entries": found.entries,
            "transfers_unbalanced": found.unbalanced,
            "transfers_missing": found.homeless,
            "currencies_not_zero": found.currencies_off,
        },
        faults=found.faults,
    )


class _HoldFigures(msgspec.Struct, frozen=True):
    open_holds: int
    held: int
    booked: int
    faults: list[dict[str, str | int]]


async def prove_holds(db: Reader) -> Proof:
    """The money booked as held for buyers is the sum of open holds, in every currency."""
    found = await db.get(
        _HoldFigures, "proof", "holds",
        """with held as (
             select currency, sum(amount - released - refunded) as held, count(*) as open_holds
               from ledger.hold where state <> 'CLOSED' group by currency
           ), booked as (
             select a.currency, sum(e.amount) as booked
               from ledger.account a join ledger.entry e on e.account_id = a.id
              where a.kind = 'HELD_FOR_BUYERS' group by a.currency
           ), compared as (
             select currency, coalesce(held, 0)::bigint as held, coalesce(booked, 0)::bigint
                    as booked, coalesce(open_holds, 0) as open_holds
               from held full join booked using (currency)
           )
           select coalesce(sum(open_holds), 0)::bigint as open_holds,
                  coalesce(sum(held), 0)::bigint as held, coalesce(sum(booked), 0)::bigint
                    as booked,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select currency, held, booked from compared where held <> booked
                     order by currency limit $1) f), '[]') as faults
             from compared""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="held_equals_open_holds",
        statement="The money booked as held for buyers is the sum of open holds, per currency.",
        holds=not found.faults,
        figures={"open_holds": found.open_holds, "held": found.held, "booked": found.booked},
        faults=found.faults,
    )


class _BalanceFigures(msgspec.Struct, frozen=True):
    balances: int
    wrong: int
    faults: list[dict[str, str | int]]


async def prove_balances(db: Reader) -> Proof:
    """Every running balance, less what it may be overdrawn by, is the sum of its entries."""
    found = await db.get(
        _BalanceFigures, "proof", "balances",
        """with compared as (
             select b.account_id, b.available - b.overdraft as available, coalesce((
                      select sum(e.amount) from ledger.entry e where e.account_id = b.account_id),
                      0)::bigint as entries
               from ledger.balance b
           )
           select count(*) as balances, count(*) filter (where available <> entries) as wrong,
                  coalesce((select jsonb_agg(to_jsonb(f)) from (
                    select * from compared where available <> entries
                     order by account_id limit $1) f), '[]') as faults
             from compared""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="balances_equal_entries",
        statement="Every running balance is the sum of the entries of its account.",
        holds=found.wrong == 0,
        figures={"balances": found.balances, "balances_wrong": found.wrong},
        faults=found.faults,
    )


async def list_entry_rows(
    db: Reader,
    org_id: UUID,
    *,
    currency: str | None = None,
    account: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[EntryRow]:
    """An organization's entries with the other sides of their transfers, newest first."""
    return await db.rows(
        EntryRow,
        """select e.id, e.transfer_id, e.at, t.kind, a.kind as account, e.amount, e.currency,
                  t.reference, t.reference_id, coalesce(x.others, '[]') as others
             from (select e.* from ledger.entry e
                    where e.account_id = any(array(
                            select id from ledger.account
                             where org_id = $1 and ($2::text is null or currency = $2)
                               and ($3::text is null or kind = $3)))
                      and ($4::timestamptz is null or (e.at, e.id) < ($4, $5))
                    order by e.at desc, e.id desc limit $6) e
             join ledger.account a on a.id = e.account_id
             join ledger.transfer t on t.id = e.transfer_id
             cross join lateral (
               select jsonb_agg(jsonb_build_object('name', og.name, 'account', oa.kind,
                        'amount', o.amount) order by o.id) as others
                 from ledger.entry o
                 join ledger.account oa on oa.id = o.account_id
                 join accounts.organization og on og.id = o.org_id
                where o.transfer_id = e.transfer_id and o.at = e.at and o.id <> e.id) x
            order by e.at desc, e.id desc""",
        org_id,
        currency,
        account,
        *(before or (None, None)),
        limit,
    )


async def list_open_holds(db: Reader, *, limit: int = 50) -> list[HoldRow]:
    """Money that waits for a promise, as far as the acting organization sees it, newest first."""
    return await db.rows(
        HoldRow,
        """select h.id, h.reference, h.reference_id, h.amount, h.released, h.refunded, h.currency,
                  h.state, h.created_at, h.closed_at, h.release_after, o.name
             from ledger.hold h join accounts.organization o on o.id = h.org_id
            where h.state <> 'CLOSED' order by h.created_at desc, h.id desc limit $1""",
        limit,
    )


async def list_credit_lines(
    db: Reader, *, after: tuple[str, str] | None = None, limit: int = 50
) -> list[CreditLine]:
    """Lines of credit the acting organization has, or gives, by buyer and currency."""
    return await db.rows(
        CreditLine,
        """select o.code as org, o.name, c.currency, c.credit_limit,
                  (b.overdraft - b.available)::bigint as used, b.available as left,
                  -coalesce((select sum(e.amount) from ledger.account f
                               join ledger.entry e on e.account_id = f.id
                              where f.org_id = c.org_id and f.kind = 'BUYER_FEES'
                                and f.currency = c.currency), 0)::bigint as fees,
                  c.due_day, c.late_fee_ppm, c.state, c.version
             from ledger.credit_line c
             join ledger.balance b on b.account_id = c.account_id
             join accounts.organization o on o.id = c.org_id
            where ($1::text is null or (o.code, c.currency) > ($1, $2))
            order by o.code, c.currency limit $3""",
        *(after or (None, None)),
        limit,
    )


async def list_statements(
    db: Reader, *, before: tuple[dt.date, UUID] | None = None, limit: int = 50
) -> list[Statement]:
    """Monthly statements the acting organization owes, or is owed, newest month first."""
    return await db.rows(
        Statement,
        """select s.id, o.code as org, o.name, s.currency, s.month, s.charged, s.settled,
                  s.late_fee, (s.charged + s.late_fee - s.settled)::bigint as due, s.due_on,
                  s.state, 'ppr_' || replace(p.id::text, '-', '') as paper_id
             from ledger.statement s join accounts.organization o on o.id = s.org_id
             left join ledger.paper p on p.reference_id = s.account_id and p.month = s.month
            where ($1::date is null or (s.month, s.id) < ($1, $2))
            order by s.month desc, s.id desc limit $3""",
        *(before or (None, None)),
        limit,
    )


async def list_incoming(
    db: Reader,
    *,
    state: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Incoming]:
    """Money that came from outside, as far as the acting organization sees it, newest first."""
    return await db.rows(
        Incoming,
        """select id, org_id, source, external_id, amount, currency, reference, state,
                  reference_id, received_at
             from ledger.incoming
            where ($1::text is null or state = $1)
              and ($2::timestamptz is null or (received_at, id) < ($2, $3))
            order by received_at desc, id desc limit $4""",
        state,
        *(before or (None, None)),
        limit,
    )


async def find_incoming(db: Reader, source: str, external_id: str) -> Incoming | None:
    """Money that came, by its source's own name for it, or None."""
    return await db.find(
        Incoming,
        """select id, org_id, source, external_id, amount, currency, reference, state,
                  reference_id, received_at
             from ledger.incoming where source = $1 and external_id = $2""",
        source,
        external_id,
    )


class _SealFigures(msgspec.Struct, frozen=True):
    seals: int
    sealed: int
    waiting: int
    faults: list[dict[str, str | int]]


async def prove_seals(db: Reader) -> Proof:
    """What was sealed is what the ledger says: each digest is made anew, over the one before."""
    found = await db.get(
        _SealFigures, "proof", "seals",
        """select count(*) as seals, coalesce(sum(transfers), 0)::bigint as sealed,
                  (select count(*) from ledger.transfer t
                    where t.at >= coalesce((select max(ends) from ledger.seal), '-infinity'))
                    as waiting,
                  coalesce((select jsonb_agg(jsonb_build_object('seal', b.number,
                            'ends', b.ends, 'sealed', b.sealed, 'present', b.present))
                            from ledger.broken_seals($1) b), '[]') as faults
             from ledger.seal""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="ledger_sealed",
        statement="Every transfer and entry is what it was when its hour was sealed.",
        holds=not found.faults,
        figures={"seals": found.seals, "sealed": found.sealed, "waiting": found.waiting},
        faults=found.faults,
    )
