"""Writes of the schema `fulfillment`. Private to the module."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.fulfillment.types.journeys import ParcelCount
from beltline.fulfillment.types.photos import PhotoKind
from beltline.fulfillment.types.receipts import Counted
from beltline.fulfillment.types.times import StageTime
from beltline.fulfillment.types.tracking import Tracked, TrackingEvent
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.images import Image
from beltline.trade.types import Quote


async def receive_goods(
    db: Writer,
    actor: Actor,
    receipt_id: UUID,
    order_id: UUID,
    lines: Sequence[Counted],
    *,
    note: str,
    is_final: bool,
    over: bool,
    tolerance_percent: int,
    now: dt.datetime,
) -> None:
    """Write a receipt; move stock and order; record events and audit."""
    await db.execute(
        "select fulfillment.receive_goods($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        actor.as_row(), receipt_id, order_id, lines, note, is_final, over, tolerance_percent, now,
    )  # fmt: skip


async def receive_notice(
    db: Writer,
    actor: Actor,
    receipt_id: UUID,
    notice_id: UUID,
    order_id: UUID,
    lines: Sequence[Counted],
    *,
    note: str,
    is_final: bool,
    over: bool,
    tolerance_percent: int,
    now: dt.datetime,
) -> None:
    """Write a receipt of what a shipping notice announced, which ends it."""
    await db.execute(
        "select fulfillment.receive_notice($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        actor.as_row(), receipt_id, notice_id, order_id, lines, note, is_final, over,
        tolerance_percent, now,
    )  # fmt: skip


async def end_notices(
    db: Writer, actor: Actor, waybill: str, came: Mapping[str, int], now: dt.datetime
) -> None:
    """End the notices of buyers' orders in a box; `came` is units by SKU."""
    counted = [{"sku": sku, "quantity": units} for sku, units in came.items()]
    await db.execute(
        "select fulfillment.end_notices($1, $2, $3, $4)", actor.as_row(), waybill, counted, now
    )


async def open_journeys(
    db: Writer, actor: Actor, order_ids: Sequence[UUID], now: dt.datetime
) -> int:
    """Begin the journeys of some orders; how many are new."""
    made: int = await db.value(
        "select fulfillment.open_journeys($1, $2, $3)", actor.as_row(), order_ids, now
    )
    return made


async def end_cancelled(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> int:
    """End the journeys of a cancelled order; how many."""
    ended: int = await db.value(
        "select fulfillment.end_cancelled($1, $2, $3)", actor.as_row(), order_id, now
    )
    return ended


async def go_on(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> int:
    """Close the questions about balances that are paid; of how many journeys."""
    done: int = await db.value(
        "select fulfillment.go_on($1, $2, $3)", actor.as_row(), order_id, now
    )
    return done


async def finish_stages(
    db: Writer,
    actor: Actor,
    stage: str,
    journey_ids: Sequence[UUID],
    document: str,
    now: dt.datetime,
) -> int:
    """End a stage of many journeys and begin the next of each; how many."""
    done: int = await db.value(
        "select fulfillment.finish_stages($1, $2, $3, $4, $5)",
        actor.as_row(), stage, journey_ids, document, now,
    )  # fmt: skip
    return done


async def pack_goods(
    db: Writer, actor: Actor, order_id: UUID, packing: Mapping[str, Any], now: dt.datetime
) -> None:
    """Keep how goods of an order were packed; end their packing."""
    await db.execute(
        "select fulfillment.pack_goods($1, $2, $3, $4)", actor.as_row(), order_id, packing, now
    )


async def number_parcels(db: Writer, actor: Actor, packing_id: UUID) -> None:
    """Give the parcels of a packing their codes, where there is a prefix."""
    await db.execute("select fulfillment.number_parcels($1, $2)", actor.as_row(), packing_id)


async def replan(db: Writer, actor: Actor, purchase_id: UUID, days: int, now: dt.datetime) -> int:
    """Move the journeys that wait for a purchase; how many."""
    moved: int = await db.value(
        "select fulfillment.replan($1, $2, $3, $4)", actor.as_row(), purchase_id, days, now
    )
    return moved


async def question_units(
    db: Writer,
    actor: Actor,
    journey_id: UUID,
    *,
    cause: str,
    units: int,
    note: str,
    now: dt.datetime,
) -> UUID:
    """Take units out of a journey and ask what to do about them; the decision's id."""
    decision_id: UUID = await db.value(
        "select fulfillment.question_units($1, $2, $3, $4, $5, $6)",
        actor.as_row(), journey_id, cause, units, note, now,
    )  # fmt: skip
    return decision_id


async def decide(
    db: Writer, actor: Actor, decision_id: UUID, option: str, now: dt.datetime
) -> None:
    """Carry out an option of a decision."""
    await db.execute(
        "select fulfillment.decide($1, $2, $3, $4)", actor.as_row(), decision_id, option, now
    )


async def meet_deadlines(db: Writer, actor: Actor, limit: int, now: dt.datetime) -> int:
    """Do what the passed deadlines ask for; how many journeys were touched."""
    touched: int = await db.value(
        "select fulfillment.meet_deadlines($1, $2, $3)", actor.as_row(), limit, now
    )
    return touched


async def choose_service(
    db: Writer, actor: Actor, journey_id: UUID, quote: Quote, now: dt.datetime
) -> None:
    """Keep the service a box goes by and plan its road with it."""
    await db.execute(
        "select fulfillment.choose_service($1, $2, $3, $4)", actor.as_row(), journey_id, quote, now
    )


async def record_tracking(
    db: Writer, actor: Actor, carrier: str, events: Sequence[TrackingEvent], now: dt.datetime
) -> Tracked:
    """Keep a carrier's events; journeys follow."""
    done = await db.value(
        "select fulfillment.record_tracking($1, $2, $3, $4)", actor.as_row(), carrier, events, now
    )
    return msgspec.convert(done, Tracked)


async def question_silence(db: Writer, actor: Actor, limit: int, now: dt.datetime) -> int:
    """Ask about silent boxes; how many."""
    asked: int = await db.value(
        "select fulfillment.question_silence($1, $2, $3)", actor.as_row(), limit, now
    )
    return asked


async def keep_stage_times(
    db: Writer, actor: Actor, times: Sequence[StageTime], now: dt.datetime
) -> None:
    """Keep what was learned of stages; what is not in it any more is forgotten."""
    await db.execute(
        """with kept as (
             insert into fulfillment.stage_time as t (kind, party_id, country, operator_org_id,
               ended, hours_p50, hours_p90, learned_at)
             select s.kind, s.party_id, s.country, $2, s.ended, s.hours_p50, s.hours_p90, $3
               from jsonb_to_recordset($1) as s(kind text, party_id uuid, country text, ended int,
                                                hours_p50 float8, hours_p90 float8)
             on conflict (kind, party_id, country) do update set
               ended = excluded.ended, hours_p50 = excluded.hours_p50,
               hours_p90 = excluded.hours_p90, learned_at = excluded.learned_at
             returning t.kind, t.party_id, t.country
           )
           delete from fulfillment.stage_time t
            where t.operator_org_id = $2 and t.learned_at < $3
              and (t.kind, t.party_id, t.country) not in (select * from kept)""",
        times, actor.org_id, now,
    )  # fmt: skip


async def tell_handling(db: Writer) -> int:
    """Let promises have what rules and measurements say of handling; how many rows."""
    kept: int = await db.value("select fulfillment.tell_handling()")
    return kept


async def remind(db: Writer, actor: Actor, limit: int, now: dt.datetime) -> int:
    """Remind of deadlines that come near; how many."""
    reminded: int = await db.value(
        "select fulfillment.remind($1, $2, $3)", actor.as_row(), limit, now
    )
    return reminded


async def receive_parcel(
    db: Writer,
    actor: Actor,
    *,
    waybill: str,
    node_id: UUID,
    counts: Sequence[ParcelCount],
    note: str,
    now: dt.datetime,
) -> str:
    """Take a parcel in at a hub; its state after it."""
    state: str = await db.value(
        "select fulfillment.receive_parcel($1, $2, $3, $4, $5, $6)",
        actor.as_row(), waybill, node_id, counts, note, now,
    )  # fmt: skip
    return state


async def describe_parcel(
    db: Writer, actor: Actor, waybill: str, sender: str, contents: str, now: dt.datetime
) -> None:
    """Write who sent a box of nobody's, and what is in it."""
    await db.execute(
        "select fulfillment.describe_parcel($1, $2, $3, $4, $5)",
        actor.as_row(), waybill, sender, contents, now,
    )  # fmt: skip


async def record_inspection(
    db: Writer, actor: Actor, journey_id: UUID, inspection: dict[str, Any], now: dt.datetime
) -> None:
    """Write what a sample showed, and carry out the verdict."""
    await db.execute(
        "select fulfillment.record_inspection($1, $2, $3, $4)",
        actor.as_row(), journey_id, inspection, now,
    )  # fmt: skip


async def request_return(
    db: Writer,
    actor: Actor,
    return_id: UUID,
    *,
    journey_id: UUID,
    units: int,
    reason: str,
    note: str,
    days: int,
    now: dt.datetime,
) -> None:
    """Write a request to send units back."""
    await db.execute(
        "select fulfillment.request_return($1, $2, $3, $4, $5, $6, $7, $8)",
        actor.as_row(), return_id, journey_id, units, reason, note, days, now,
    )  # fmt: skip


async def answer_return(
    db: Writer, actor: Actor, return_id: UUID, node_id: UUID | None, note: str, now: dt.datetime
) -> None:
    """Approve a return to a node, or refuse it without one."""
    await db.execute(
        "select fulfillment.answer_return($1, $2, $3, $4, $5)",
        actor.as_row(), return_id, node_id, note, now,
    )  # fmt: skip


async def grade_return(
    db: Writer,
    actor: Actor,
    return_id: UUID,
    *,
    resell: int,
    scrap: int,
    charged_to: str,
    now: dt.datetime,
) -> None:
    """Write what came back and in which state; stock and money move."""
    await db.execute(
        "select fulfillment.grade_return($1, $2, $3, $4, $5, $6)",
        actor.as_row(), return_id, resell, scrap, charged_to, now,
    )  # fmt: skip


async def add_photo(
    db: Writer,
    actor: Actor,
    kind: PhotoKind,
    subject_id: UUID,
    image: Image,
    *,
    receiver: str,
    most: int,
    now: dt.datetime,
) -> UUID:
    """Keep a photo; its id, or that of the same picture kept before."""
    photo_id: UUID = await db.value(
        "select fulfillment.add_photo($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        actor.as_row(), kind, subject_id, image.media_type, image.width, image.height,
        image.content, receiver, most, now,
    )  # fmt: skip
    return photo_id
