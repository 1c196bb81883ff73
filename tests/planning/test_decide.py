"""Deciding proposals: editing, accepting, rejecting, undoing, issuing; two planners at once."""

import asyncio
import datetime as dt

import msgspec
import pytest

from beltline.catalog import actions as catalog
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database, NotFound
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.queries import proposals
from beltline.planning.types import (
    Filters,
    NotCompared,
    NothingToIssue,
    NothingToUndo,
    Proposal,
    ProposalChanged,
    QuantityNotAllowed,
    Status,
    Urgency,
    WrongStatus,
)
from tests.catalog.make import NOW, Network
from tests.planning.make import TODAY, list_all, make_plan, make_world


async def planned(database: Database) -> tuple[Network, list[Proposal]]:
    network = await make_world(database)
    await make_plan(database, network.operator)
    return network, await list_all(database, network.operator)


def planner(network: Network, name: str) -> Actor:
    """A person of the operator."""
    return msgspec.structs.replace(
        network.operator, name=name, via="MEMBER", via_id=new_id(), role="PLANNER"
    )


async def get(database: Database, actor: Actor, proposal: Proposal) -> Proposal:
    async with database.reading(actor) as db:
        return await proposals.get_proposal(db, actor.org_id, proposal.id)


async def test_an_edited_quantity_keeps_moq_and_pack(database: Database) -> None:
    network, found = await planned(database)
    one = next(p for p in found if p.sku == "SKU-1" and p.node == "CON-YIW")
    async with database.writing(network.operator) as db:
        with pytest.raises(QuantityNotAllowed) as refused:
            await actions.edit_proposal(
                db, network.operator, proposal_id=one.id, quantity=127, version=1, now=NOW
            )
        assert (refused.value.fields["below"], refused.value.fields["above"]) == (120, 130)
        with pytest.raises(QuantityNotAllowed) as refused:
            await actions.edit_proposal(
                db, network.operator, proposal_id=one.id, quantity=3, version=1, now=NOW
            )
        assert (refused.value.fields["below"], refused.value.fields["above"]) == (50, 50)
        edited = await actions.edit_proposal(
            db, network.operator, proposal_id=one.id, quantity=500, version=1, now=NOW
        )
    # From 500 on the price break holds.
    assert (edited.quantity, str(edited.unit_price), edited.amount) == (500, "19.800000", 990_000)
    assert (edited.version, edited.status) == (2, Status.OPEN)
    assert edited.proposed_quantity == one.quantity


async def test_two_planners_at_once_do_not_overwrite_each_other(database: Database) -> None:
    network, found = await planned(database)
    one = found[0]

    async def accept(name: str) -> object:
        actor = planner(network, name)
        async with database.writing(actor) as db:
            return await actions.accept(
                db, actor, proposal_ids=[one.id], version=one.version, now=NOW
            )

    async def edit(name: str) -> object:
        actor = planner(network, name)
        async with database.writing(actor) as db:
            return await actions.edit_proposal(
                db, actor, proposal_id=one.id, quantity=one.quantity + one.pack_size,
                version=one.version, now=NOW,
            )  # fmt: skip

    told = await asyncio.gather(accept("Jiang"), edit("Maria"), accept("Li"),
                                return_exceptions=True)  # fmt: skip
    refused = [each for each in told if isinstance(each, Refusal)]
    assert len(refused) == 2
    assert all(isinstance(each, ProposalChanged | WrongStatus) for each in refused)
    assert (await get(database, network.operator, one)).version == one.version + 1


async def test_undo_takes_back_a_whole_bulk_decision(database: Database) -> None:
    network, found = await planned(database)
    jiang, maria = planner(network, "Jiang"), planner(network, "Maria")
    async with database.writing(jiang) as db:
        await actions.edit_proposal(
            db, jiang, proposal_id=found[0].id, quantity=found[0].quantity + found[0].pack_size,
            version=1, now=NOW,
        )  # fmt: skip
        done = await actions.accept(db, jiang, filters=Filters(status=Status.OPEN), now=NOW)
    assert (done.count, done.left) == (len(found), 0)
    async with database.writing(maria) as db:
        with pytest.raises(NothingToUndo):
            await actions.undo_latest(db, maria, now=NOW)
        await actions.reject(db, maria, proposal_ids=[found[1].id], note="enough", now=NOW)
    later = NOW + dt.timedelta(minutes=9)
    async with database.writing(jiang) as db:
        undone = await actions.undo_latest(db, jiang, now=later)
    # What Maria decided since stays hers.
    assert (undone.count, undone.left) == (len(found) - 1, 1)
    states = {p.id: p for p in await list_all(database, network.operator)}
    assert states[found[1].id].status is Status.REJECTED
    assert {p.status for i, p in states.items() if i != found[1].id} == {Status.OPEN}
    assert states[found[0].id].quantity == found[0].quantity + found[0].pack_size
    async with database.writing(jiang) as db:
        # The edit before it is the latest now.
        again = await actions.undo_latest(db, jiang, now=later)
        assert again.count == 1
        with pytest.raises(NothingToUndo):
            await actions.undo_latest(db, jiang, now=later)
    back = await get(database, jiang, found[0])
    assert (back.quantity, back.amount, back.decided_by) == (
        found[0].quantity, found[0].amount, None,
    )  # fmt: skip


async def test_undo_ends_after_ten_minutes_and_at_issue(database: Database) -> None:
    network, found = await planned(database)
    actor = network.operator
    async with database.writing(actor) as db:
        await actions.accept(db, actor, proposal_ids=[found[0].id], now=NOW)
    async with database.writing(actor) as db:
        with pytest.raises(NothingToUndo):
            await actions.undo_latest(db, actor, now=NOW + dt.timedelta(minutes=11))
        await purchases_actions.issue_purchases(db, actor, now=NOW)
        with pytest.raises(NothingToUndo):
            await actions.undo_latest(db, actor, now=NOW)


async def test_issued_proposals_become_one_order_a_supplier_and_node(database: Database) -> None:
    network, found = await planned(database)
    actor = network.operator
    async with database.writing(actor) as db:
        with pytest.raises(NothingToIssue):
            await purchases_actions.issue_purchases(db, actor, now=NOW)
        await actions.accept(db, actor, filters=Filters(), now=NOW)
        issued = await purchases_actions.issue_purchases(db, actor, now=NOW)
        lines = await db.value(
            """select jsonb_agg(jsonb_build_array(l.proposal_id, l.quantity, l.awaited_quantity))
                 from procurement.purchase_order_line l"""
        )
    assert len(issued) == len({(p.supplier, p.node) for p in found})
    assert sum(one.amount for one in issued) == sum(p.amount for p in found)
    assert sorted(lines) == sorted([str(p.id), p.quantity, p.quantity] for p in found)
    after = await list_all(database, actor)
    assert {p.status for p in after} == {Status.ISSUED}
    assert {p.purchase_order_id for p in after} == {one.purchase_order_id for one in issued}
    async with database.writing(actor) as db:
        with pytest.raises(WrongStatus):
            await actions.reject(db, actor, proposal_ids=[found[0].id], now=NOW)


async def test_every_decision_is_told_and_audited(database: Database) -> None:
    network, found = await planned(database)
    actor = planner(network, "Jiang")
    async with database.writing(actor) as db:
        await actions.reject(db, actor, proposal_ids=[found[0].id], note="no", now=NOW)
        await actions.reopen(db, actor, proposal_ids=[found[0].id], now=NOW)
    async with database.system() as db:
        events = await db.values(
            """select type || ' ' || sequence from kit.event_all
                where aggregate_id = $1 order by sequence""",
            found[0].id,
        )
        audited = await db.values(
            """select action || ' ' || actor || ' ' || (change ->> 'status') from accounts.audit
                where object_id = $1""",
            found[0].id,
        )
    assert events == ["proposal.rejected 2", "proposal.reopened 3"]
    assert sorted(audited) == [
        'reject Jiang ["OPEN", "REJECTED"]', 'reopen Jiang ["REJECTED", "OPEN"]',
    ]  # fmt: skip


async def test_nobody_else_sees_or_decides(database: Database) -> None:
    network, found = await planned(database)
    buyer = network.buyer
    async with database.reading(buyer) as db:
        for org_id in (buyer.org_id, network.operator.org_id):
            with pytest.raises(NotFound):
                await proposals.get_proposal(db, org_id, found[0].id)
            assert await proposals.list_proposals(db, org_id, Filters(), today=TODAY) == ([], None)
    async with database.writing(buyer) as db:
        with pytest.raises(WrongRole):
            await actions.accept(db, buyer, proposal_ids=[found[0].id], now=NOW)
    stranger = msgspec.structs.replace(network.operator, org_id=new_id())
    async with database.writing(stranger) as db:
        with pytest.raises(NotFound):
            await actions.accept(db, stranger, proposal_ids=[found[0].id], now=NOW)


async def test_lists_filter_page_and_total(database: Database) -> None:
    network, found = await planned(database)
    actor = network.operator
    async with database.reading(actor) as db:
        seen: list[Proposal] = []
        cursor = None
        while True:
            page, cursor = await proposals.list_proposals(
                db, actor.org_id, Filters(), today=TODAY, limit=1, cursor=cursor
            )
            seen += page
            if cursor is None:
                break
        totals = await proposals.total_proposals(db, actor.org_id, Filters(), today=TODAY)
        some, _ = await proposals.list_proposals(
            db, actor.org_id,
            Filters(status=Status.OPEN, urgency=Urgency.NOW, node="CON-YIW", supplier="zhili-01",
                    words="PYJ"),
            today=TODAY,
        )  # fmt: skip
        counts = await proposals.count_waiting(db, actor.org_id, today=TODAY)
    assert [p.id for p in seen] == [p.id for p in found]
    assert len({p.id for p in seen}) == len(found) == totals.count
    assert totals.amounts[0].amount == sum(p.amount for p in found)
    assert [(p.sku, p.node) for p in some] == [("SKU-1", "CON-YIW")]
    assert counts["open"] == len(found)


async def test_another_supplier_changes_quantity_price_and_day(database: Database) -> None:
    network = await make_world(database)
    columns = ("supplier", "sku", "audience", "currency", "quantity_from", "unit_price", "moq")
    csv = "1,yiwu-02,SKU-1,OPERATOR,CNY,1,24,400\n2,yiwu-02,SKU-1,OPERATOR,CNY,600,18,400\n"
    async with database.system() as db:
        await catalog.import_offers(db, columns=columns, csv=csv.encode(), now=NOW)
        await db.execute("update catalog.offer set valid_from = date '2026-01-01'")
    await make_plan(database, network.operator)
    found = await list_all(database, network.operator)
    one = next(p for p in found if (p.sku, p.node) == ("SKU-1", "OVS-WAW"))
    other = next(a for a in one.alternatives if a.offer_id != one.offer_id)
    operator = network.operator
    async with database.writing(operator) as db:
        with pytest.raises(NotCompared):
            await actions.choose_supplier(
                db, operator, proposal_id=one.id, offer_id=one.offer_id, version=1, now=NOW
            )
        moved = await actions.choose_supplier(
            db, operator, proposal_id=one.id, offer_id=other.offer_id, version=1, now=NOW
        )
    assert (moved.supplier, moved.offer_id, moved.moq) == (
        other.supplier, other.offer_id, other.moq,
    )  # fmt: skip
    assert moved.quantity >= max(one.quantity, other.moq)
    assert moved.amount == round(moved.quantity * moved.unit_price * 100)
    days = round(other.lead_time_days_mean - one.alternatives[0].lead_time_days_mean)
    assert (moved.expected_date - one.expected_date).days == days
    async with database.writing(operator) as db:
        with pytest.raises(ProposalChanged):
            await actions.choose_supplier(
                db, operator, proposal_id=one.id, offer_id=one.offer_id, version=1, now=NOW
            )
        await actions.undo_latest(db, operator, now=NOW)
    back = await get(database, operator, one)
    assert (back.supplier, back.quantity, back.amount, back.expected_date, back.moq) == (
        one.supplier, one.quantity, one.amount, one.expected_date, one.moq,
    )  # fmt: skip
