"""What a plan reads to move goods between nodes: ways with their freight and days, and sizes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from beltline.kit.db import Reader
from beltline.planning.queries import inputs, transfers
from beltline.planning.rules.remedies import TRANSFER_ABROAD, TRANSFER_COST, TRANSFER_DAYS
from beltline.planning.rules.ways import Way
from beltline.trade import actions as trade


async def read_ways(
    db: Reader, places: Sequence[inputs.PlaceRow], rates: Mapping[str, float], *, on: dt.date
) -> dict[tuple[UUID, UUID], list[Way]]:
    """From node to node; between countries only where a lane or a rate card goes."""
    by_card: dict[tuple[str, str], list[Way]] = defaultdict(list)
    for h in await trade.list_haulage(db, on=on):
        if h.currency in rates:
            by_card[h.node, h.country].append(
                Way(
                    days=h.days, service=h.service, per_kg=h.per_kg * rates[h.currency],
                    kg_per_m3=h.kg_per_m3,
                )
            )  # fmt: skip
    lanes = {
        (lane.node_id, lane.country): lane.days for lane in await transfers.list_lanes(db)
    }  # fmt: skip
    found: dict[tuple[UUID, UUID], list[Way]] = {}
    for a in places:
        for b in places:
            if a.id == b.id:
                continue
            is_home = a.country == b.country
            share = TRANSFER_COST if is_home else TRANSFER_ABROAD
            days = lanes.get((a.id, b.country), TRANSFER_DAYS if is_home else None)
            ways = list(by_card.get((a.code, b.country), ()))
            if days is not None:
                ways.append(Way(days=days, share=share))
            if ways:
                found[a.id, b.id] = ways
    return found
