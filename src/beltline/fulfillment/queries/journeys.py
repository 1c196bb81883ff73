"""Reads of journeys, their stages, decisions and parcels, as far as their parties see them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.fulfillment.types.journeys import (
    ConfirmedPurchase,
    Decision,
    Journey,
    Parcel,
    RunningStage,
    SentJourneys,
    Stage,
    SupplierTask,
    TitleTransfer,
)
from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id

_JOURNEY = """
  select j.id, j.order_id, j.number, j.line_no, j.part_no, j.attempt, b.code as buyer,
         coalesce(s.code, '') as supplier, k.code as sku, k.title, k.title_zh, k.uom,
         n.code as node, coalesce(h.code, '') as hub, j.country, j.sales_model, w.code as owner,
         j.quantity, j.moving, j.delivered, j.refunded, j.replaced, j.in_question, j.state,
         j.stage, r.responsible, j.due_at, j.waybill, j.promise_date, j.expected_at, j.opened_at,
         j.ended_at
    from fulfillment.journey j
    join accounts.organization b on b.id = j.buyer_org_id
    join accounts.organization w on w.id = j.owner_org_id
    join catalog.sku k on k.id = j.sku_id
    join trade.node n on n.id = j.node_id
    left join trade.node h on h.id = j.hub_id
    left join accounts.organization s on s.id = j.supplier_org_id
    left join fulfillment.stage_rule r on r.kind = j.stage
"""
_DECISION = """
  select d.id, d.journey_id, j.order_id, j.number, b.code as buyer, k.code as sku, k.title,
         k.title_zh, k.uom, d.cause, d.units, d.options, d.default_option, d.due_at, d.state,
         d.chosen, d.decided_by, d.note, d.opened_at, d.decided_at, r.reminded_at,
         -- A question about rejected units has what their inspection saw, too.
         array(select p.id from fulfillment.photo p
                where p.subject_id = d.id and p.kind = 'DECISION'
                   or d.cause = 'REJECTED' and p.subject_id = d.journey_id and p.kind = 'INSPECTION'
                order by p.added_at, p.position, p.id) as photos
    from fulfillment.decision d
    join fulfillment.journey j on j.id = d.journey_id
    join accounts.organization b on b.id = d.buyer_org_id
    join catalog.sku k on k.id = j.sku_id
    left join fulfillment.reminder r
      on (r.subject_id, r.kind, r.due_at) = (d.id, 'DECISION', d.due_at)
"""


async def get_journey(db: Reader, journey_id: UUID) -> Journey:
    """A journey the acting organization is a party to."""
    found = await db.find(Journey, f"{_JOURNEY} where j.id = $1", journey_id)
    if found is None:
        raise NotFound(what="journey", key=show_id("jny", journey_id))
    return found


async def list_journeys(
    db: Reader,
    actor: Actor,
    *,
    stages: Sequence[str] = (),
    words: str = "",
    late_at: dt.datetime | None = None,
    node: str | None = None,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Journey]:
    """Open journeys of the acting organization, the most urgent first.

    `words` is a part of the order's number, a waybill or a SKU's code; `late_at` leaves those
    whose stage was due before that instant.
    """
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "buyer_org_id"
    return await db.rows(
        Journey,
        f"""{_JOURNEY}
            where j.{party} = $1 and j.state = 'OPEN' and j.stage is not null
              and (cardinality($2::text[]) = 0 or j.stage = any($2))
              and ($3 = '' or position(upper($3) in j.number) > 0 or j.waybill = $3 or k.code = $3)
              and ($4::timestamptz is null or j.due_at < $4)
              and ($5::text is null or n.code = $5 or h.code = $5)
              and ($6::timestamptz is null or (j.due_at, j.id) > ($6, $7))
            order by j.due_at, j.id limit $8""",
        actor.org_id, stages, words, late_at, node, *(after or (None, None)), limit,
    )  # fmt: skip


async def list_journeys_of(db: Reader, order_id: UUID, *, limit: int = 1_000) -> list[Journey]:
    """The journeys of an order, in the order of its lines."""
    return await db.rows(
        Journey,
        f"""{_JOURNEY} where j.order_id = $1
            order by j.line_no, j.part_no, j.attempt limit $2""",
        order_id,
        limit,
    )


async def list_not_ended(
    db: Reader, stage: str, journey_ids: Sequence[UUID], *, document: str = "", limit: int = 50
) -> list[Journey]:
    """Those of some journeys whose stage is not ended, or by another document than the one said."""
    return await db.rows(
        Journey,
        f"""{_JOURNEY} where j.id = any($1) and not exists (
              select from fulfillment.stage x
               where x.journey_id = j.id and x.kind = $2 and x.state = 'DONE'
                 and $3 in ('', x.document))
            order by j.id limit $4""",
        journey_ids, stage, document, limit,
    )  # fmt: skip


async def find_document(db: Reader, journey_id: UUID, stage: str) -> str | None:
    """The document that a stage of a journey was ended with; None while it is not ended."""
    found: str | None = await db.value(
        """select document from fulfillment.stage
            where journey_id = $1 and kind = $2 and state = 'DONE'""",
        journey_id,
        stage,
    )
    return found


async def list_stages(
    db: Reader, journey_ids: Sequence[UUID], *, limit: int = 10_000
) -> list[Stage]:
    """The stages of some journeys, in their order."""
    return await db.rows(
        Stage,
        """select journey_id, position, kind, responsible, state, planned_at, started_at, due_at,
                  done_at, units, document, done_by
             from fulfillment.stage where journey_id = any($1)
            order by journey_id, position limit $2""",
        journey_ids,
        limit,
    )


async def list_titles(
    db: Reader, journey_ids: Sequence[UUID], *, limit: int = 10_000
) -> list[TitleTransfer]:
    """The changes of owner of some journeys' units, oldest first."""
    return await db.rows(
        TitleTransfer,
        """select t.journey_id, f.code as from_org, o.code as to_org, t.units, t.document, t.at
             from fulfillment.title_transfer t
             join accounts.organization f on f.id = t.from_org_id
             join accounts.organization o on o.id = t.to_org_id
            where t.journey_id = any($1) order by t.at, t.id limit $2""",
        journey_ids,
        limit,
    )


async def get_decision(db: Reader, decision_id: UUID) -> Decision:
    """A decision the acting organization is a party to."""
    found = await db.find(Decision, f"{_DECISION} where d.id = $1", decision_id)
    if found is None:
        raise NotFound(what="decision", key=show_id("dec", decision_id))
    return found


async def list_decisions(
    db: Reader,
    actor: Actor,
    *,
    after: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Decision]:
    """Open decisions of the acting organization, the first due first."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "buyer_org_id"
    return await db.rows(
        Decision,
        f"""{_DECISION}
            where d.{party} = $1 and d.state = 'OPEN'
              and ($2::timestamptz is null or (d.due_at, d.id) > ($2, $3))
            order by d.due_at, d.id limit $4""",
        actor.org_id, *(after or (None, None)), limit,
    )  # fmt: skip


async def list_decisions_of(db: Reader, order_id: UUID, *, limit: int = 1_000) -> list[Decision]:
    """All decisions about an order's units, oldest first."""
    return await db.rows(
        Decision,
        f"{_DECISION} where j.order_id = $1 order by d.opened_at, d.id limit $2",
        order_id,
        limit,
    )


async def list_supplier_tasks(
    db: Reader, *, after: tuple[dt.datetime, UUID] | None = None, limit: int = 200
) -> list[SupplierTask]:
    """What the acting supplier has to ship for orders, the first due first."""
    return await db.rows(
        SupplierTask,
        "select * from fulfillment.supplier_tasks($1, $2, $3)",
        *(after or (None, None)),
        limit,
    )


_PARCEL = """
  select p.waybill, n.code as node, coalesce(s.code, '') as supplier, p.state, p.note,
         p.sender, p.contents, p.arrived_at, array(select x.id from fulfillment.photo x
                              where x.subject_id = p.id and x.kind = 'PARCEL'
                              order by x.position) as photos
    from fulfillment.inbound_parcel p
    join trade.node n on n.id = p.node_id
    left join accounts.organization s on s.id = p.supplier_org_id
"""


async def get_parcel(db: Reader, waybill: str) -> Parcel:
    """A box at a hub by its waybill."""
    return await db.get(Parcel, "parcel", waybill, f"{_PARCEL} where p.waybill = $1", waybill)


async def list_unclaimed(db: Reader, *, limit: int = 200) -> list[Parcel]:
    """Boxes at hubs that nobody announced, the longest waiting first."""
    return await db.rows(
        Parcel,
        f"{_PARCEL} where p.state = 'UNANNOUNCED' order by p.arrived_at, p.id limit $1",
        limit,
    )


async def list_in_stage(db: Reader, stage: str, journey_ids: Sequence[UUID]) -> list[UUID]:
    """Those of some journeys that are in a stage."""
    return await db.values(
        "select id from fulfillment.journey where id = any($1) and stage = $2 order by id",
        journey_ids,
        stage,
    )


async def find_unpaid(db: Reader, journey_ids: Sequence[UUID]) -> str | None:
    """The order of one of some journeys whose goods wait for their balance."""
    found: str | None = await db.value(
        """select j.number from fulfillment.journey j
             join orders.order_line l on (l.order_id, l.line_no) = (j.order_id, j.line_no)
            where j.id = any($1) and j.stage = 'PACK' and l.deferred_amount > 0
              and (j.sales_model = 'VIRTUAL' or j.attempt > 1)
            order by j.id limit 1""",
        journey_ids,
    )
    return found


async def list_announced(
    db: Reader, waybill: str, node: str, *, limit: int = 1_000
) -> list[Journey]:
    """The journeys whose goods are said to be in a parcel for a hub."""
    return await db.rows(
        Journey,
        f"""{_JOURNEY} where j.waybill = $1 and h.code = $2 and j.stage = 'RECEIPT'
            order by j.id limit $3""",
        waybill,
        node,
        limit,
    )


async def list_coming(db: Reader, node: str, *, limit: int = 100) -> list[Journey]:
    """The journeys in parcels on their way to a hub, the first expected first."""
    return await db.rows(
        Journey,
        f"""{_JOURNEY} where h.code = $1 and j.stage = 'RECEIPT' and j.waybill <> ''
            order by j.due_at, j.id limit $2""",
        node,
        limit,
    )


async def list_confirmed(
    db: Reader, subject_id: UUID, *, limit: int = 1_000
) -> list[ConfirmedPurchase]:
    """What is confirmed of the orders a purchase is for, or of one order; for the system."""
    return await db.rows(
        ConfirmedPurchase,
        """select o.number, array_agg(j.id order by j.id) as journeys
             from fulfillment.journey j
             join orders.order_part p using (order_id, line_no, part_no)
             join procurement.purchase_order o on o.id = p.purchase_order_id
            where j.order_id in (select x.order_id from orders.order_part x
                                  where x.purchase_order_id = $1 union select $1)
              and j.stage = 'PURCHASE'
              and o.status not in ('PROPOSED', 'ISSUED', 'COUNTERED', 'REFUSED', 'EXPIRED',
                                   'CANCELLED')
            group by o.number order by o.number limit $2""",
        subject_id,
        limit,
    )


async def find_sent(db: Reader, notice_id: UUID) -> SentJourneys | None:
    """The journeys that what a shipping notice announces is enough for, the first due first."""
    return await db.find(
        SentJourneys,
        """with waiting as (
             select n.waybill, j.id, l.quantity,
                    sum(j.moving) over (partition by j.sku_id order by j.due_at, j.id) as needed
               from procurement.shipping_notice n
               join procurement.shipping_notice_line l on l.shipping_notice_id = n.id
               join orders.order_part p
                 on p.purchase_order_id = n.purchase_order_id and p.sku_id = l.sku_id
               join fulfillment.journey j on (j.order_id, j.line_no, j.part_no)
                                           = (p.order_id, p.line_no, p.part_no)
              where n.id = $1 and j.stage = 'FACTORY'
           )
           select waybill, array_agg(id order by id) as journeys
             from waiting where needed <= quantity group by waybill""",
        notice_id,
    )


class StageCount(msgspec.Struct, frozen=True):
    """How many open journeys are in a stage, and of how many its time is over."""

    stage: str
    journeys: int
    late: int


async def count_stages(db: Reader, actor: Actor, *, now: dt.datetime) -> list[StageCount]:
    """The open journeys of the acting organization by stage, in the order of stages."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "buyer_org_id"
    return await db.rows(
        StageCount,
        f"""select j.stage, count(*) as journeys, count(*) filter (where j.due_at < $2) as late
              from fulfillment.journey j join fulfillment.stage_rule r on r.kind = j.stage
             where j.{party} = $1 and j.state = 'OPEN'
             group by j.stage, r.position order by r.position""",
        actor.org_id,
        now,
    )  # fmt: skip


async def list_running(
    db: Reader, *, after: UUID | None = None, limit: int = 5_000
) -> list[RunningStage]:
    """The stages under way, by journey, a page at a time; for the simulated world."""
    return await db.rows(
        RunningStage,
        """select j.id as journey_id, j.number, j.line_no, j.part_no, j.attempt, s.kind, j.moving,
                  s.started_at, s.hours_planned, s.hours_allowed,
                  fulfillment.is_carried(j) as is_carried
             from fulfillment.journey j
             join fulfillment.stage s on s.journey_id = j.id and s.state = 'ACTIVE'
            where j.state = 'OPEN' and ($1::uuid is null or j.id > $1) order by j.id limit $2""",
        after,
        limit,
    )
