"""What a box costs on a rate card, and which service is cheapest, fastest, most certain; pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from beltline.kit.money import to_minor
from beltline.science import boxes
from beltline.trade.types import BoxSize, Quote, RateBreak, RateCard, WhyNot


def quote_box(card: RateCard, breaks: Sequence[RateBreak], box: BoxSize) -> Quote | WhyNot:
    """What a box costs by a card, or why the card does not take it.

    The prices of the highest break at or below the chargeable weight count. The amount is the
    freight with fuel and surcharge, at least the minimum, in minor units, rounded half-even once.
    """
    if card.weight_g_max is not None and box.weight_g > card.weight_g_max:
        return WhyNot.TOO_HEAVY
    if card.length_mm_max is not None and box.longest_mm > card.length_mm_max:
        return WhyNot.TOO_LONG
    charged = chargeable_g(card, box)
    fitting = [each for each in breaks if each.weight_from_g <= charged]
    if not fitting:
        return WhyNot.TOO_LIGHT
    rate = max(fitting, key=lambda each: each.weight_from_g)
    freight = rate.per_parcel + rate.per_kg * charged / 1_000
    total = freight * (1 + card.fuel_percent / 100) + card.surcharge
    amount = to_minor(max(total, card.minimum_charge), card.currency)
    return Quote(
        card.id, card.service, card.carrier, card.mode, box.weight_g, charged, amount,
        card.currency, card.transit_days_p50, card.transit_days_p90, card.valid_until,
    )  # fmt: skip


def chargeable_g(card: RateCard, box: BoxSize) -> int:
    """The grams a card charges for: the heavier of scale and volume, in its steps."""
    # Without a divisor only the scale counts: the volume is taken as nothing.
    rate = boxes.Rate(card.divisor or 1, card.step_g, card.minimum_g, 0, 0, 0)
    return boxes.chargeable_g(box.weight_g, box.volume_mm3 if card.divisor else 0, rate)


def mark(quotes: Sequence[Quote], rates: Mapping[str, Decimal]) -> list[Quote]:
    """The quotes with what each is best at, the cheapest first.

    `rates` give one unit of each currency in a common one: a quote in a currency without a rate
    stands last and cannot be the cheapest. Most certain is the one with the least between the days
    of half and of nine in ten; of equals the cheaper is best.
    """

    def cost(quote: Quote) -> tuple[bool, Decimal]:
        rate = rates.get(quote.currency)
        return rate is None, Decimal(0) if rate is None else quote.major * rate

    ordered = sorted(quotes, key=lambda q: (*cost(q), q.transit_days_p50, q.service))
    if not ordered:
        return []
    best = {
        "CHEAPEST": next((q for q in ordered if q.currency in rates), None),
        "FASTEST": min(ordered, key=lambda q: q.transit_days_p50),
        "MOST_CERTAIN": min(ordered, key=lambda q: q.transit_days_p90 - q.transit_days_p50),
    }
    return [
        quote.marked([name for name, winner in best.items() if winner is quote])
        for quote in ordered
    ]
