"""Codes and figures as sentences a person reads, in English and Chinese through gettext."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from beltline.kit.web.i18n import N_, translations
from beltline.planning.types import Note, Reason

# Fields: value and limit as whole numbers (v, l), percents (vp, lp), one decimal (v1, l1), two
# decimals (v2, l2); name; ds and until as dates.
WHY: Final = {
    "STOCKOUT_RISK": N_(
        "Without an order the chance of running out before the next one arrives is {vp}; with it "
        "{lp}."
    ),
    "BELOW_TARGET": N_("In stock and on the way are {v}; the target is {l}."),
    "CLOSURE": N_("A closure delays the next delivery: it comes in {v} days instead of {l}."),
    "CLOSURE_AHEAD": N_(
        "{name} is closed from {ds} to {until}; the stock has to last until it delivers again."
    ),
    "LAST_ORDER_DATE": N_("{name} takes its last orders before the closure on {ds}."),
    "MOQ_RAISED": N_("{v} are needed; the supplier's minimum is {l}."),
    "PACK_ROUNDED": N_("{v} are needed; whole packs make {l}."),
    "PRICE_BREAK": N_("{v} reach the price break at {l2} a unit."),
    "CAPACITY_LIMITED": N_("{v} are needed; the supplier can make {l}."),
    "OVERSTOCK": N_("Stock covers {v} days; {l} would do."),
    "NOT_WORTH_IT": N_(
        "{v} are needed, but the smallest lot of {l} costs more than going without."
    ),
    "NO_NEED": N_("In stock and on the way are {v}, the target {l}: nothing to order."),
    "SUPPLIER_CHEAPEST": N_(
        "{name} has the lowest expected cost: {v2} a unit with capital and lateness; the next "
        "offer {l2}."
    ),
    "SUPPLIER_JOINT": N_(
        "{name} costs {v2} a unit and the offer cheapest alone {l2}; with what else is bought, "
        "{name} is the cheaper one."
    ),
    "SUPPLIER_SPLIT": N_("{v} of {l} come from {name}, the rest from others."),
    "SUPPLIER_FULL": N_("{name} cannot make all of it in the coming month."),
    "SUPPLIER_ONLY": N_("{name} is the only supplier with an offer."),
    "TRANSFER_IN": N_("{v} more are proposed to come from {name} by {ds}."),
    "TRANSFER_NEED": N_("At {name} are {v} in stock and on the way; the target is {l}."),
    "TRANSFER_SPARE": N_(
        "At {name} stand {v}; about {l} of them are needed there until more can come."
    ),
    "TRANSFER_IDLE": N_("At {name} stand {v} that nobody asks for there."),
    "TRANSFER_SOONER": N_("They are there in {v} days; a purchase would take {l}."),
    "TRANSFER_FREIGHT": N_("{name} asks {v2} for carrying a unit."),
    "TRANSFER_ASSUMED": N_(
        "No rate card knows the way: freight of {vp} of the cost and {l} days are assumed."
    ),
    "MARGIN_ASSUMED": N_("No usable selling price is known; a margin of {vp} is assumed."),
}

DRIVERS: Final = {
    "OVERRIDE": N_("A planner expects {v2} times the forecast from {ds} to {until}."),
    "DRIFT": N_(
        "It has left its level: the four weeks from {ds} sold {v} where {l} were to be expected."
    ),
    "ANOMALY": N_("On {ds} it sold {v} where {l} were to be expected."),
    "LEVEL": N_("About {v2} a period are asked for, effects left aside."),
    "INTERMITTENT": N_("It sells in {vp} of the periods only."),
    "NEW": N_("It is new: {v} periods of history."),
    "OUT_OF_STOCK": N_("{v} periods out of stock were left out, not counted as no demand."),
    "WEEKDAY": N_("The strongest weekday is {name}, at {v2} times the mean."),
    "SEASON": N_("The season puts the coming periods at {v2} times the year's mean."),
    "DRIVER": N_("{name} on {ds} is expected to change demand by a factor of {v2}."),
}

NOTES: Final = {
    "SHORT_HISTORY": N_("{n} series have fewer than 28 periods: forecast by their group's level."),
    "NO_OFFER": N_("{n} series have no valid offer to the operator: forecast, but no proposal."),
    "NO_RATE": N_("{n} offers are in a currency without an exchange rate: left out."),
    "MARGIN_ASSUMED": N_("{n} series have no usable price to buyers: the margin is assumed."),
    "NO_DEMAND": N_("{n} stock positions have no demand in the history: not planned."),
    "NO_LANE": N_(
        "{n} nodes abroad have no lane: their lead time is the supplier's, without transit."
    ),
    "DECLARED_STOCK": N_("{n} positions of declared stock are not counted as stock at hand."),
    "NO_STOCK_FLAGS": N_("{n} series have no in-stock flags: lost sales cannot be told apart."),
    "CLOSED_DAYS": N_("{n} days without any demand are taken as closed, not as zero demand."),
    "THIN_DAYS": N_("{n} disturbed days are left out of the history."),
    "NO_HOLDOUT": N_("The history is too short to measure accuracy on days kept apart."),
    "SUPPLIERS_BY_CLOCK": N_(
        "The clock ended the choice of suppliers for {n} proposals: another machine may choose "
        "others."
    ),
    "STOCK_AS_OF": N_("Stock is rebuilt from movements, because the cut-off lies in the past."),
}

WEEKDAYS: Final = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


def explain_why(reasons: Sequence[Reason], locale: str) -> list[str]:
    """Why a quantity is proposed: one sentence a reason, in the order given."""
    return [_sentence(WHY, reason, locale) for reason in reasons if reason.code in WHY]


def explain_drivers(reasons: Sequence[Reason], locale: str) -> list[str]:
    """What drives a forecast: one sentence a driver."""
    return [_sentence(DRIVERS, reason, locale) for reason in reasons if reason.code in DRIVERS]


def explain_notes(notes: Sequence[Note], locale: str) -> list[str]:
    """What a plan could not use or had to assume."""
    text = translations(locale).gettext
    return [text(NOTES[note.code]).format(n=note.count) for note in notes if note.code in NOTES]


def _sentence(texts: dict[str, str], reason: Reason, locale: str) -> str:
    text = translations(locale).gettext
    name = reason.name
    if reason.code == "WEEKDAY" and name.isdigit():
        name = text(WEEKDAYS[int(name) - 1])
    return text(texts[reason.code]).format(
        v=_whole(reason.value), l=_whole(reason.limit),
        v2=f"{reason.value:,.2f}", l2=f"{reason.limit:,.2f}",
        vp=f"{reason.value:.0%}", lp=f"{reason.limit:.0%}",
        name=name, ds=_day(reason.ds), until=_day(reason.until),
    )  # fmt: skip


def _whole(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:,.1f}"


def _day(value: dt.date | None) -> str:
    return value.isoformat() if value is not None else ""
