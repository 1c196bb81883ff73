"""Reads of inspections and returns, as far as their parties see them."""

import datetime as dt
from uuid import UUID

from beltline.fulfillment.types.returns import Inspection, ReturnCase
from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id

_RETURN = """
  select r.id, r.number, r.journey_id, r.order_id, o.number as order, b.code as buyer,
         k.code as sku, k.title, k.title_zh, k.uom, r.units, r.reason, r.note, r.state,
         n.code as node, r.answer_note, r.resell, r.scrap, r.refunded_amount, r.currency,
         r.charged_to, r.requested_at, r.due_at, r.graded_at,
         array(select p.id from fulfillment.photo p
                where p.subject_id = r.id and p.kind = 'RETURN' order by p.position) as photos
    from fulfillment.return_case r
    join orders."order" o on o.id = r.order_id
    join accounts.organization b on b.id = r.buyer_org_id
    join catalog.sku k on k.id = r.sku_id
    left join trade.node n on n.id = r.node_id
"""


async def list_verdicts(db: Reader, supplier: str, *, limit: int = 200) -> list[bool]:
    """Whether a supplier's latest lots were accepted, the oldest first."""
    found = await db.values(
        """select i.verdict = 'ACCEPTED' from fulfillment.inspection i
             join accounts.organization s on s.id = i.supplier_org_id
            where s.code = $1 order by i.at desc, i.id desc limit $2""",
        supplier,
        limit,
    )
    return found[::-1]


async def list_inspections(db: Reader, journey_id: UUID, *, limit: int = 100) -> list[Inspection]:
    """The inspections of a journey's lot, the oldest first."""
    return await db.rows(
        Inspection,
        """select severity, lot, sample, sample_major, sample_minor, accept_major, accept_minor,
                  critical, major, minor, verdict, note, inspected_by, at
             from fulfillment.inspection where journey_id = $1 order by at, id limit $2""",
        journey_id,
        limit,
    )


async def get_return(db: Reader, return_id: UUID) -> ReturnCase:
    """A return the acting organization is a party to."""
    found = await db.find(ReturnCase, f"{_RETURN} where r.id = $1", return_id)
    if found is None:
        raise NotFound(what="return", key=show_id("rma", return_id))
    return found


async def list_returns(
    db: Reader,
    actor: Actor,
    *,
    state: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ReturnCase]:
    """Returns of the acting organization, newest first."""
    party = "operator_org_id" if actor.org_kind == "OPERATOR" else "buyer_org_id"
    return await db.rows(
        ReturnCase,
        f"""{_RETURN}
            where r.{party} = $1 and ($2::text is null or r.state = $2)
              and ($3::timestamptz is null or (r.requested_at, r.id) < ($3, $4))
            order by r.requested_at desc, r.id desc limit $5""",
        actor.org_id, state, *(before or (None, None)), limit,
    )  # fmt: skip
