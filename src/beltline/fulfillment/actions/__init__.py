"""Use cases of goods on their way: receive them, move them on, decide what goes wrong."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.accounts.types import Guest
from beltline.customs import actions as customs
from beltline.customs import queries as declarations
from beltline.fulfillment import rules, store
from beltline.fulfillment.queries import journeys, receipts
from beltline.fulfillment.types.journeys import (
    BalanceUnpaid,
    Decision,
    Faults,
    Moved,
    Parcel,
    ParcelCount,
    StageEndedOtherwise,
    StageMovedOn,
)
from beltline.fulfillment.types.receipts import Counted, GoodsReceipt
from beltline.inventory import actions as inventory
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.ids import new_id
from beltline.orders import queries as orders
from beltline.trade import queries as trade

TRACKING: Final = "order.track"
TRACKING_LIFE: Final = dt.timedelta(days=90)


async def receive_goods(
    db: Writer,
    actor: Actor,
    *,
    purchase_order_id: UUID,
    lines: Sequence[Counted],
    note: str,
    now: dt.datetime,
    is_final: bool = False,
    over: bool = False,
    notice_id: UUID | None = None,
) -> GoodsReceipt:
    """Count what came of an order into stock, all in one transaction.

    Short is no mistake: the rest stays awaited, unless `is_final` says that nothing more will
    come. More than awaited by over 5 % of a line needs `over`. `notice_id` is what the supplier
    had announced: it ends with the receipt and tells what came more or less than it said. Run it
    inside `kit.idempotency.once`: the same receipt sent twice must be one.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    rules.check_counted(lines)
    receipt_id = new_id()
    terms: dict[str, Any] = {
        "note": note.strip(), "is_final": is_final, "over": over,
        "tolerance_percent": rules.OVER_TOLERANCE_PERCENT, "now": now,
    }  # fmt: skip
    if notice_id is None:
        await store.receive_goods(db, actor, receipt_id, purchase_order_id, lines, **terms)
    else:
        await store.receive_notice(
            db, actor, receipt_id, notice_id, purchase_order_id, lines, **terms
        )
    receipt = await receipts.get_receipt(db, receipt_id)
    if any(line.lot is not None for line in lines):
        received = await receipts.list_receipt_lines(db, receipt_id)
        named = rules.lots_of(receipt.node, received, lines)
        await inventory.name_lots(db, actor, named, now=now)
    return receipt


async def open_journeys(
    db: Writer, actor: Actor, *, order_ids: Sequence[UUID], now: dt.datetime
) -> int:
    """Begin the journeys of orders whose goods are allocated; again changes nothing."""
    actor.needs_operator()
    return await store.open_journeys(db, actor, order_ids, now)


async def finish_stages(
    db: Writer,
    actor: Actor,
    *,
    stage: str,
    journey_ids: Sequence[UUID],
    document: str,
    now: dt.datetime,
) -> int:
    """End one stage of many journeys at once and begin the next of each; how many were moved.

    Journeys that are in another stage are left alone, so that sending it twice moves them once.
    A supplier may end its own FACTORY; `document` is then the waybill of the parcel. Those that
    customs stops, or that wait for their balance, stay where they are; where that is all of them,
    it is refused.
    """
    actor.needs_role("WAREHOUSE", "PLANNER")
    rules.check_stage(stage)
    moved = await store.finish_stages(db, actor, stage, journey_ids, document.strip(), now)
    if not moved and stage == "PACK" and (number := await journeys.find_unpaid(db, journey_ids)):
        raise BalanceUnpaid(number=number)
    if not moved and stage in {"EXPORT", "DISPATCH"}:
        waiting = await journeys.list_in_stage(db, stage, journey_ids)
        await customs.refuse_stopped(db, journey_ids=waiting)
    return moved


async def check_ended(
    db: Reader, *, stage: str, journey_ids: Sequence[UUID], document: str
) -> None:
    """Refuse what ended nothing, if a stage is not ended, or ended with another document.

    Whoever recorded it, maybe hours ago and without network, has to know.
    """
    document = document.strip()
    for journey in await journeys.list_not_ended(db, stage, journey_ids, document=document):
        ended = await journeys.find_document(db, journey.id, stage)
        if ended is None:
            raise StageMovedOn(sku=journey.sku, number=journey.number)
        raise StageEndedOtherwise(
            sku=journey.sku, number=journey.number, document=ended[:120] or "–",
            given=document[:120],
        )  # fmt: skip


async def follow_release(
    db: Writer, actor: Actor, *, declaration_id: UUID, now: dt.datetime
) -> int:
    """Customs released a declaration: its goods go on; how many journeys."""
    actor.needs_operator()
    declaration = await declarations.get_declaration(db, declaration_id)
    released = await declarations.list_journeys(db, declaration_id)
    return await store.finish_stages(db, actor, "EXPORT", released, declaration.customs_number, now)


async def follow_seizure(
    db: Writer, actor: Actor, *, declaration_id: UUID, now: dt.datetime
) -> int:
    """Customs sent goods back or keeps them: their buyers are asked; how many questions."""
    actor.needs_operator()
    declaration = await declarations.get_declaration(db, declaration_id)
    asked = 0
    for journey_id in await declarations.list_journeys(db, declaration_id):
        journey = await journeys.get_journey(db, journey_id)
        if journey.moving:
            await store.question_units(
                db, actor, journey_id, cause="HELD", units=journey.moving,
                note=declaration.note[:200], now=now,
            )  # fmt: skip
            asked += 1
    return asked


async def finish_confirmed(db: Writer, actor: Actor, *, subject_id: UUID, now: dt.datetime) -> int:
    """Go on with what factories have confirmed: of a purchase's orders, or of one order.

    The purchase's number is the stage's document; again moves nothing.
    """
    actor.needs_operator()
    moved = 0
    for purchase in await journeys.list_confirmed(db, subject_id):
        moved += await store.finish_stages(
            db, actor, "PURCHASE", purchase.journeys, purchase.number, now
        )
    return moved


async def replan(
    db: Writer, actor: Actor, *, purchase_id: UUID, days: int, now: dt.datetime
) -> int:
    """A factory's day moved by so many days: the journeys that wait for it move too; how many."""
    actor.needs_operator()
    return await store.replan(db, actor, purchase_id, days, now) if days else 0


async def ship_announced(db: Writer, actor: Actor, *, notice_id: UUID, now: dt.datetime) -> int:
    """Go on with the journeys whose units a supplier says it has sent, the first due first.

    Their waybill is the notice's; a journey of which only a part was sent waits for the rest.
    """
    actor.needs_operator()
    sent = await journeys.find_sent(db, notice_id)
    if sent is None:
        return 0
    return await store.finish_stages(db, actor, "FACTORY", sent.journeys, sent.waybill, now)


async def question_units(
    db: Writer,
    actor: Actor,
    *,
    journey_id: UUID,
    cause: str,
    units: int,
    note: str,
    now: dt.datetime,
) -> Decision:
    """Take units that will not come as promised out of a journey; the question it opens."""
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    rules.check_cause(cause)
    decision_id = await store.question_units(
        db, actor, journey_id, cause=cause, units=units, note=note.strip(), now=now
    )
    return await journeys.get_decision(db, decision_id)


async def decide(
    db: Writer, actor: Actor, *, decision_id: UUID, option: str, now: dt.datetime
) -> Decision:
    """Answer a question: the buyer, or the operator for it."""
    actor.needs_role("BUYER", "PLANNER", "WAREHOUSE")
    await store.decide(db, actor, decision_id, option, now)
    return await journeys.get_decision(db, decision_id)


async def meet_deadlines(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Ask about stages that are late, and answer silent questions by their default."""
    actor.needs_operator()
    return await store.meet_deadlines(db, actor, limit, now)


async def remind(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Remind factories that have to ship and buyers whose answer is waited for; how many.

    Half a day before the deadline, once for each: again reminds nobody.
    """
    actor.needs_operator()
    return await store.remind(db, actor, limit, now)


async def receive_parcel(
    db: Writer,
    actor: Actor,
    *,
    waybill: str,
    node: str,
    counts: Sequence[ParcelCount],
    note: str,
    now: dt.datetime,
    sender: str = "",
    contents: str = "",
) -> Parcel:
    """Scan a box in at a hub: match it to what was announced, or keep it until it is claimed.

    `sender` and `contents` are kept of one that nobody announced.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    place = await trade.get_node(db, node)
    awaited = await journeys.list_announced(db, waybill.strip(), node)
    await store.receive_parcel(
        db, actor, waybill=waybill.strip(), node_id=place.id, counts=counts, note=note.strip(),
        now=now,
    )  # fmt: skip
    if awaited:
        await store.end_notices(db, actor, waybill.strip(), rules.came(awaited, counts), now)
    elif sender.strip() or contents.strip():
        await store.describe_parcel(
            db, actor, waybill.strip(), sender.strip(), contents.strip(), now
        )
    return await journeys.get_parcel(db, waybill.strip())


async def share_tracking(
    db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime
) -> tuple[str, dt.datetime]:
    """A path by which anybody who has it sees where an order is, and when it ends."""
    actor.needs_role("BUYER", "PLANNER", "WAREHOUSE")
    await orders.get_order(db, order_id)
    link = await accounts.create_link(
        db, actor, for_org_id=actor.org_id, purpose=TRACKING, object_id=order_id,
        life=TRACKING_LIFE, now=now,
    )  # fmt: skip
    return f"/t/{link.token}", link.expires_at


async def open_tracking(
    database: Database, token: str, *, now: dt.datetime, request_id: str = ""
) -> Guest:
    """Who holds a tracking link and for which order; refuses one that has ended."""
    return await accounts.authenticate_link(
        database, token, purpose=TRACKING, now=now, request_id=request_id
    )


async def end_cancelled(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> int:
    """End the journeys of an order that was cancelled before it left; how many."""
    actor.needs_operator()
    return await store.end_cancelled(db, actor, order_id, now)


async def go_on(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> int:
    """Balances of an order were paid: its goods go on from now; how many journeys."""
    actor.needs_operator()
    return await store.go_on(db, actor, order_id, now)


async def simulate(db: Writer, actor: Actor, *, faults: Faults, now: dt.datetime) -> Moved:
    """Do what factories, warehouses and carriers of a simulated world have done up to `now`.

    For a sandbox: every stage whose simulated end has come ends, with the faults chosen. Boxes
    under a waybill of their own are left to the simulated carrier (`tracking.simulate_carrier`).
    """
    actor.needs_operator()
    moved, questions, after = 0, 0, None
    while page := await journeys.list_running(db, after=after):
        after = page[-1].journey_id
        ended: dict[str, list[UUID]] = {}
        for stage in page:
            end = rules.simulated_end(stage, faults)
            if stage.is_carried or end is None or end > now:
                continue
            if defects := rules.simulated_defects(stage, faults):
                await store.question_units(
                    db, actor, stage.journey_id, cause="REJECTED", units=defects,
                    note="simulated inspection", now=now,
                )  # fmt: skip
                questions += 1
            ended.setdefault(stage.kind, []).append(stage.journey_id)
        for kind, found in ended.items():
            moved += await store.finish_stages(db, actor, kind, found, "", now)
    return Moved(moved, questions)
