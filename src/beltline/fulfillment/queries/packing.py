"""Reads of what is to be packed, and of what was."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.fulfillment.queries import journeys
from beltline.fulfillment.queries.carriage import packed_at
from beltline.fulfillment.types.journeys import Journey
from beltline.fulfillment.types.packing import NothingToPack, PackedParcel, Packing, ToPack
from beltline.kit.actor import Actor
from beltline.kit.db import Reader
from beltline.kit.ids import show_id


async def list_to_pack(
    db: Reader,
    actor: Actor,
    *,
    node: str | None = None,
    after: tuple[dt.datetime, UUID, str] | None = None,
    limit: int = 50,
) -> list[ToPack]:
    """Orders with goods to pack by node, the first due first.

    `after` is (due_at, order, node) of the last one: an order can be packed at two nodes.
    """
    return await db.rows(
        ToPack,
        """select * from (
             select j.order_id, j.number, b.code as buyer, p.code as node, j.country,
                    count(*) as parts, min(j.due_at) as due_at
               from fulfillment.journey j
               join accounts.organization b on b.id = j.buyer_org_id
               join trade.node p on p.id = coalesce(j.hub_id, j.node_id)
              where j.operator_org_id = $1 and j.state = 'OPEN' and j.stage = 'PACK'
                and ($2::text is null or p.code = $2)
              group by j.order_id, j.number, b.code, p.code, j.country) o
            where $3::timestamptz is null or (due_at, order_id, node) > ($3, $4, $5)
            order by due_at, order_id, node limit $6""",
        actor.org_id, node, *(after or (None, None, None)), limit,
    )  # fmt: skip


async def list_goods(db: Reader, order_id: UUID, *, number: str, node: str) -> list[Journey]:
    """What of an order waits to be packed at a node, the node of the first unless named."""
    found = [
        journey
        for journey in await journeys.list_journeys_of(db, order_id)
        if journey.stage == "PACK"
    ]
    place = node or (packed_at(found[0]) if found else "")
    goods = [journey for journey in found if packed_at(journey) == place]
    if not goods:
        raise NothingToPack(number=number, node=place or "–")
    return goods


_PACKING = """
  select p.id, p.order_id, p.number, n.code as node, p.country, p.service, p.currency, p.plan,
         p.packed_by, p.packed_at
    from fulfillment.packing p join trade.node n on n.id = p.node_id
"""


class _Planned(Packing, frozen=True):
    """A packing before the ids in its plan are read."""

    plan: Any


class _Filled(PackedParcel, frozen=True):
    """A parcel before the ids in its lines are read."""

    lines: Any


async def list_packings(db: Reader, order_id: UUID, *, limit: int = 100) -> list[Packing]:
    """How goods of an order were packed, the newest first; for the operator."""
    rows = await db.rows(
        _Planned,
        f"{_PACKING} where p.order_id = $1 order by p.packed_at desc, p.id desc limit $2",
        order_id,
        limit,
    )
    return [msgspec.convert(msgspec.structs.asdict(row), Packing) for row in rows]


_PARCEL = """
  select o.id, o.packing_id, o.position, o.carton, o.length_mm, o.width_mm, o.height_mm,
         o.expected_g, o.weighed_g, o.chargeable_g, o.freight_amount, o.carton_amount, o.sscc,
         (select jsonb_agg(jsonb_build_object('journey_id', l.journey_id, 'units', l.units)
                           order by l.journey_id)
            from fulfillment.outbound_line l where l.outbound_parcel_id = o.id) as lines
    from fulfillment.outbound_parcel o
"""


async def list_parcels(db: Reader, packings: Sequence[UUID]) -> list[PackedParcel]:
    """The parcels of some packings, in their order."""
    rows = await db.rows(
        _Filled,
        f"{_PARCEL} where o.packing_id = any($1) order by o.packing_id, o.position",
        packings,
    )
    return [msgspec.convert(msgspec.structs.asdict(row), PackedParcel) for row in rows]


async def get_parcel(db: Reader, parcel_id: UUID) -> PackedParcel:
    """A parcel that was packed; for the operator."""
    row = await db.get(
        _Filled, "parcel", show_id("box", parcel_id), f"{_PARCEL} where o.id = $1", parcel_id
    )
    return msgspec.convert(msgspec.structs.asdict(row), PackedParcel)


async def get_packing(db: Reader, packing_id: UUID) -> Packing:
    """How goods were packed; for the operator."""
    row = await db.get(
        _Planned, "packing", show_id("pak", packing_id), f"{_PACKING} where p.id = $1", packing_id
    )
    return msgspec.convert(msgspec.structs.asdict(row), Packing)


async def find_parcel(db: Reader, sscc: str) -> tuple[UUID, UUID] | None:
    """The parcel with this code and the order it is of."""
    found = await db.value(
        """select array[o.id, p.order_id] from fulfillment.outbound_parcel o
             join fulfillment.packing p on p.id = o.packing_id where o.sscc = $1""",
        sscc,
    )
    return (found[0], found[1]) if found else None
