"""What the demo's carriers ask on each lane: generated, and said so."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from beltline.app.demo.lanes import SOURCE
from beltline.app.demo.rows import LaneRow, RateRow

VALID_DAYS: Final = 120


class Service(msgspec.Struct, frozen=True):
    """A carrier's product, beside the lane it runs on.

    `haste` multiplies the lane's days, `price` what a kilogram costs for each of its days;
    `divisor` is cm3 for a kilogram.
    """

    code: str
    carrier: str
    mode: str
    haste: float
    price: float
    per_parcel: Decimal
    divisor: int
    fuel_percent: Decimal


SERVICES: Final = (
    Service("DEMO-ECO", "Demo Economy", "AIR", 1.0, 5.5, Decimal("16.00"), 8_000, Decimal(8)),
    Service("DEMO-EXP", "Demo Express", "AIR", 0.55, 9.5, Decimal("28.00"), 5_000, Decimal("15.5")),
    Service("DEMO-ROAD", "Demo Road", "TRUCK", 1.0, 1.8, Decimal("6.00"), 6_000, Decimal(5)),
)
# Chargeable grams from which a kilogram costs this share of the price.
BREAKS: Final = ((0, Decimal(1)), (5_000, Decimal("0.86")), (20_000, Decimal("0.72")))


def rates(lanes: Iterable[LaneRow], today: dt.date) -> list[RateRow]:
    """Each service of a lane's mode, with three weight breaks."""
    return [
        rate(service, lane, grams, share, today)
        for lane in lanes
        for service in SERVICES
        if service.mode == lane.mode
        for grams, share in BREAKS
    ]


def rate(service: Service, lane: LaneRow, grams: int, share: Decimal, today: dt.date) -> RateRow:
    """One weight break: far lanes are dear, and so is haste."""
    whole = Decimal(str(round(lane.transit_days_p50 * service.price, 2)))
    return RateRow(
        service.code, service.carrier, service.mode, lane.node, lane.country, "CNY",
        today - dt.timedelta(days=30), today + dt.timedelta(days=VALID_DAYS), grams,
        service.per_parcel, (whole * share).quantize(Decimal("0.01")), service.divisor, 100, 100,
        30_000, service.fuel_percent, round(lane.transit_days_p50 * service.haste, 1),
        round(lane.transit_days_p90 * service.haste, 1), SOURCE,
    )  # fmt: skip
