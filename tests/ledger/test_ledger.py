"""Double entry: nothing unbalanced enters, nothing changes later, balances follow entries."""

import datetime as dt

import asyncpg
import pytest

from beltline.kit.db import Database, Writer
from beltline.kit.ids import new_id
from beltline.ledger import queries
from tests.orders.make import Market, deposit, make_market

_ENTRY = """insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id,
                                      amount, currency)
            select gen_random_uuid(), t.at, t.id, a.id, a.org_id, a.operator_org_id, x, 'USD'
              from ledger.transfer t, ledger.account a, unnest($1::bigint[]) x
             where t.id = $2 and a.kind = 'BANK'"""


async def hold(db: Writer, market: Market, amount: int, now: dt.datetime) -> bool:
    funds = await db.value(
        "select account_id from ledger.lock_funds(array[$1::uuid], '{BUYER_BALANCE}', '{USD}')"
        " where available >= $2",
        market.buyer.org_id, amount,
    )  # fmt: skip
    if funds is not None:
        await db.value(
            """select ledger.hold_many(kit.id_run($5), array[$1::uuid], array[$2::uuid],
                        array[$3::bigint], '{USD}', '{SO-1}', array[$4::uuid], $6, $5)""",
            market.buyer.org_id, funds, amount, new_id(), now, market.operator.org_id,
        )  # fmt: skip
    return funds is not None


async def test_a_hold_takes_from_the_balance_until_it_is_empty(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, balance=100)
    async with database.system() as db:
        assert [await hold(db, market, amount, now) for amount in (60, 41, 40)] == [
            True, False, True,
        ]  # fmt: skip
        proofs = [
            await queries.prove_transfers(db),
            await queries.prove_holds(db),
            await queries.prove_balances(db),
        ]
    assert [proof.holds for proof in proofs] == [True] * 3
    async with database.reading(market.buyer) as db:
        balances = await queries.list_balances(db, market.buyer.org_id)
        entries = await queries.list_entries(db, market.buyer.org_id)
    assert [(b.account, b.amount, b.held) for b in balances] == [("BUYER_BALANCE", 0, 100)]
    assert sorted((entry.amount, entry.kind) for entry in entries) == [
        (-60, "ORDER_HOLD"), (-40, "ORDER_HOLD"), (100, "DEPOSIT"),
    ]  # fmt: skip


async def test_a_refund_closes_a_hold_once(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, balance=100)
    async with database.system() as db:
        await hold(db, market, 70, now)
        order = await db.value("select reference_id from ledger.hold")
        sql = "select ledger.refund_hold($1, $2)"
        assert [await db.value(sql, order, now) for _ in range(2)] == [70, 0]
        assert await db.value(sql, new_id(), now) == 0
        found = await queries.find_hold(db, order)
        moved = await queries.list_entries_of(db, order)
    assert found is not None
    assert (found.state, found.refunded) == ("CLOSED", 70)
    assert sum(entry.amount for entry in moved) == 0
    assert len(moved) == 4


async def test_a_deposit_makes_accounts_in_each_currency(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, balance=5)
    async with database.system() as db:
        for currency in ("EUR", "EUR", "JPY"):
            await deposit(db, market.buyer, market.operator, 7, now, currency=currency)
    async with database.reading(market.operator) as db:
        books = await queries.list_balances(db, market.operator.org_id)
    assert [(b.account, b.currency, b.amount) for b in books] == [
        ("BANK", "EUR", -14), ("BANK", "JPY", -7), ("BANK", "USD", -10),
    ]  # fmt: skip


@pytest.mark.parametrize("amounts", [[5], [5, -4], [5, -5, 1]])
async def test_entries_that_do_not_balance_are_refused(
    database: Database, now: dt.datetime, amounts: list[int]
) -> None:
    await make_market(database, now)
    async with database.system() as db:
        transfer = await db.value("select id from ledger.transfer limit 1")
        with pytest.raises(asyncpg.CheckViolationError, match="do not balance"):
            await db.execute(_ENTRY, amounts, transfer)


async def test_entries_without_their_transfer_are_refused(
    database: Database, now: dt.datetime
) -> None:
    await make_market(database, now)
    with pytest.raises(asyncpg.CheckViolationError, match="do not balance"):
        async with database.system() as db:
            await db.execute(
                """insert into ledger.entry
                   select gen_random_uuid(), at, $1, account_id, org_id, operator_org_id, amount,
                          currency
                     from ledger.entry
                    where transfer_id = (select id from ledger.transfer limit 1)""",
                new_id(),
            )


async def test_a_transfer_without_entries_is_refused_at_commit(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        async with database.system() as db:
            await db.execute(
                "insert into ledger.transfer values ($1, $2, 'DEPOSIT', 'x', null, $3, $4)",
                new_id(), now, market.operator.org_id, market.buyer.org_id,
            )  # fmt: skip


@pytest.mark.parametrize("verb", ["update {} set at = at", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["ledger.entry", "ledger.transfer"])
async def test_nothing_booked_is_changed(
    database: Database, now: dt.datetime, table: str, verb: str
) -> None:
    await make_market(database, now)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError)):
        async with database.system() as db:
            await db.execute(verb.format(table))


async def test_others_see_no_money(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    async with database.reading(market.buyers[1]) as db:
        assert await queries.list_balances(db, market.buyer.org_id) == []
        assert await queries.list_entries(db, market.buyer.org_id) == []
    async with database.reading(market.supplier) as db:
        assert await db.value("select count(*) from ledger.transfer") == 0


async def test_the_proofs_find_what_is_off(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, balance=100)
    async with database.system() as db:
        await hold(db, market, 70, now)
        await db.execute("update ledger.balance set available = available + 1")
        await db.execute("update ledger.hold set amount = amount + 1")
        balances, holds = await queries.prove_balances(db), await queries.prove_holds(db)
    assert (balances.holds, balances.figures["balances_wrong"]) == (False, 2)
    assert (holds.holds, holds.faults) == (
        False, [{"currency": "USD", "held": 71, "booked": 70}],
    )  # fmt: skip
