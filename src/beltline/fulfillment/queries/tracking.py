"""Reads of what carriers told; for the operator."""

import datetime as dt

from beltline.fulfillment.types.tracking import Consignment, TrackedEvent
from beltline.kit.db import Reader

_SIGN = """select carrier, waybill, kind, at, told_at, place, words
             from fulfillment.tracking_event"""


async def list_events(
    db: Reader,
    *,
    waybill: str = "",
    carrier: str = "",
    after: tuple[dt.datetime, str, str, str] | None = None,
    limit: int = 50,
) -> list[TrackedEvent]:
    """Tracking events, the latest first; of one waybill or one carrier if named.

    `after` is (at, waybill, carrier, kind) of the last one seen.
    """
    return await db.rows(
        TrackedEvent,
        f"""{_SIGN}
            where ($1 = '' or waybill = $1) and ($2 = '' or carrier = $2)
              and ($3::timestamptz is null
                   or (at, waybill, carrier, kind) < ($3, $4, $5, $6))
            order by at desc, waybill desc, carrier desc, kind desc limit $7""",
        waybill, carrier, *(after or (None, None, None, None)), limit,
    )  # fmt: skip


async def list_consignments(db: Reader, *, limit: int = 100_000) -> list[Consignment]:
    """Boxes that are on the road under a waybill of their own; for the simulated world."""
    return await db.rows(
        Consignment,
        """select j.waybill, min(d.done_at) as handed_at,
                  coalesce(max(t.hours_planned), 0) as trunk_hours,
                  max(m.hours_planned) as last_hours
             from fulfillment.journey j
             join fulfillment.stage d on d.journey_id = j.id and d.state = 'DONE'
              and d.kind = case j.sales_model when 'DIRECT' then 'FACTORY' else 'DISPATCH' end
             join fulfillment.stage m on m.journey_id = j.id and m.kind = 'LAST_MILE'
             left join fulfillment.stage t on t.journey_id = j.id and t.kind = 'TRUNK'
            where fulfillment.is_carried(j)
            group by j.waybill order by j.waybill limit $1""",
        limit,
    )
