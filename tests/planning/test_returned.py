"""A purchase that ends before anything came in gives its proposals back, once."""

import datetime as dt

import pytest

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.relay import deliver, publish
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.queries import proposals
from beltline.planning.types import Proposal, Status
from beltline.planning.workflows.purchases import LISTENERS
from beltline.procurement import actions as procurement
from beltline.procurement import queries as purchases
from beltline.procurement.types.orders import Answer, AnswerKind, PurchaseOrder
from tests.catalog.make import NOW, Network
from tests.planning.make import list_all, make_plan, make_world
from tests.visitor import visiting

LATER = NOW + dt.timedelta(hours=3)


async def issued(database: Database, network: Network) -> tuple[Proposal, PurchaseOrder]:
    """The first proposal of a plan, accepted and ordered."""
    found = (await list_all(database, network.operator))[0]
    async with database.writing(network.operator) as db:
        await actions.accept(db, network.operator, proposal_ids=[found.id], now=NOW)
        made = await purchases_actions.issue_purchases(
            db, network.operator, proposal_ids=[found.id], now=NOW
        )
        return found, await purchases.get_order(db, network.operator, made[0].purchase_order_id)


async def supplier_of(database: Database, order: PurchaseOrder) -> Actor:
    async with database.system() as db:
        return accounts.system_actor(await organizations.get_organization(db, order.supplier))


async def refuse(database: Database, order: PurchaseOrder, *, now: dt.datetime = LATER) -> None:
    actor = await supplier_of(database, order)
    answer = Answer(answer=AnswerKind.REFUSED, note="no fabric")
    async with database.writing(actor) as db:
        await procurement.answer_order(db, actor, order_id=order.id, answer=answer, now=now)


async def listen(database: Database) -> None:
    await publish(database)
    await deliver(database, LISTENERS[0])


async def now_of(database: Database, network: Network, proposal: Proposal) -> Proposal:
    async with database.reading(network.operator) as db:
        return await proposals.get_proposal(db, network.operator.org_id, proposal.id)


@pytest.mark.parametrize("end", ["REFUSED", "CANCELLED", "EXPIRED"])
async def test_what_was_ordered_in_vain_is_decided_again(database: Database, end: str) -> None:
    network = await make_world(database)
    await make_plan(database, network.operator)
    found, order = await issued(database, network)
    if end == "REFUSED":
        await refuse(database, order)
    elif end == "CANCELLED":
        async with database.writing(network.operator) as db:
            await procurement.cancel_order(
                db, network.operator, order_id=order.id, note="no fabric", now=LATER
            )
    else:
        async with database.system() as db:
            assert await procurement.expire_order(
                db, network.operator, order_id=order.id, now=NOW + dt.timedelta(days=5)
            )
    await listen(database)
    back = await now_of(database, network, found)
    assert (back.status, back.purchase_order_id) == (Status.OPEN, None)
    assert (back.returned_status, back.returned_order_id) == (end, order.id)
    assert back.returned_note == ("" if end == "EXPIRED" else "no fabric")
    async with database.system() as db:
        told = [event.type for event in await list_events_of(db, found.id)]
    assert told[-1] == "proposal.returned"


async def test_an_event_that_comes_again_changes_nothing(database: Database) -> None:
    network = await make_world(database)
    await make_plan(database, network.operator)
    found, order = await issued(database, network)
    await refuse(database, order)
    await listen(database)
    back = await now_of(database, network, found)
    # Decided again, ordered again: the old refusal has nothing more to say.
    async with database.writing(network.operator) as db:
        await actions.accept(db, network.operator, proposal_ids=[found.id], now=LATER)
        await purchases_actions.issue_purchases(db, network.operator, now=LATER)
        again = await purchases_actions.return_proposals(
            db, network.operator, purchase_order_id=order.id, status="REFUSED", note="", at=LATER
        )
    assert again == 0
    assert (await now_of(database, network, found)).status is Status.ISSUED
    assert back.version < (await now_of(database, network, found)).version


async def test_a_plan_that_still_counted_on_it_leaves_it_open(database: Database) -> None:
    network = await make_world(database)
    await make_plan(database, network.operator)
    found, order = await issued(database, network)
    # Planned while the purchase was on its way, then refused.
    await make_plan(database, network.operator)
    await refuse(database, order, now=await database.now())
    await listen(database)
    assert (await now_of(database, network, found)).status is Status.OPEN
    # The next plan sees that nothing comes: what came back is superseded by what it proposes.
    anew = await make_plan(database, network.operator, now=await database.now())
    assert (await now_of(database, network, found)).status is Status.SUPERSEDED
    made = {(p.sku, p.node): p for p in await list_all(database, network.operator, anew)}
    assert made[found.sku, found.node].inbound == 0
    assert made[found.sku, found.node].quantity >= found.quantity


async def test_pages_say_that_it_came_back(database: Database) -> None:
    network = await make_world(database)
    await make_plan(database, network.operator)
    found, order = await issued(database, network)
    await refuse(database, order)
    await listen(database)
    async with visiting(database, network.operator, role="PLANNER") as planner:
        page = await planner.see("/replenish?returned=1")
        assert "The factory refused the purchase: decide again." in page
        assert page.count('name="proposal" value="prp_') == 1
        page = await planner.see(f"/proposals/prp_{found.id.hex}")
    assert "no fabric" in page
    assert f"/purchases/po_{order.id.hex}" in page


async def test_reading_the_stock_later_than_the_refusal_supersedes(database: Database) -> None:
    network = await make_world(database)
    await make_plan(database, network.operator)
    found, order = await issued(database, network)
    await refuse(database, order, now=await database.now())
    # The relay is late: a plan has read the stock, without the purchase, before the event comes.
    await make_plan(database, network.operator, now=await database.now())
    await listen(database)
    back = await now_of(database, network, found)
    assert back.status is Status.SUPERSEDED
    assert back.returned_status == "REFUSED"
