"""Reads of the services that boxes go by, and of how large a box is."""

import math
from collections.abc import Sequence
from uuid import UUID

from beltline.catalog import queries as catalog
from beltline.fulfillment.types.carriage import BoxBody, Carriage, SizeUnknown
from beltline.fulfillment.types.journeys import Journey
from beltline.kit.db import Reader
from beltline.kit.uom import Uom, in_uom
from beltline.trade.types import BoxSize


async def find_carriage(db: Reader, journey_id: UUID) -> Carriage | None:
    """The service chosen for a journey's box, with its cost; for the operator."""
    found = await list_carriage(db, [journey_id])
    return found[0] if found else None


async def list_carriage(db: Reader, journey_ids: Sequence[UUID]) -> list[Carriage]:
    """The services chosen for the boxes of some journeys, those without one left out."""
    return await db.rows(
        Carriage,
        """select journey_id, service, carrier, mode, weight_g, chargeable_g, amount, currency,
                  transit_days_p50, transit_days_p90, chosen_by, chosen_at
             from fulfillment.carriage where journey_id = any($1) order by journey_id""",
        journey_ids,
    )


async def size_of(db: Reader, journey: Journey, measured: BoxBody | None = None) -> BoxSize:
    """How large a journey's box is: as measured, else as its goods are; refuses an unknown one.

    Goods are taken to fill the box: their volume is the sum of theirs.
    """
    if measured is not None:
        sides = (measured.length_mm, measured.width_mm, measured.height_mm)
        return BoxSize(measured.weight_g, math.prod(sides), max(sides))
    skus = await catalog.skus_of(db, [journey.sku])
    sku = skus.get(journey.sku)
    if (
        sku is None or not sku.weight_g
        or not (sku.length_mm and sku.width_mm and sku.height_mm)
    ):  # fmt: skip
        raise SizeUnknown(sku=journey.sku)
    units = math.ceil(in_uom(journey.moving, Uom(journey.uom)))
    sides = (sku.length_mm, sku.width_mm, sku.height_mm)
    return BoxSize(sku.weight_g * units, math.prod(sides) * units, max(sides))


def packed_at(journey: Journey) -> str:
    """The node a journey's box leaves from: its hub, else where its goods stood."""
    return journey.hub or journey.node
