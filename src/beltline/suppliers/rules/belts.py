"""How a belt stands, in a word and a tone: its capacity just now, its risk, its heat."""

from typing import Final

import msgspec

from beltline.kit.texts import N_
from beltline.suppliers.types import BeltLife


class Word(msgspec.Struct, frozen=True):
    """A word with its tone; the word alone says it."""

    text: str
    tone: str


UNKNOWN: Final = Word(N_("no suppliers here"), "context")


def capacity(belt: BeltLife) -> Word:
    """Whether its suppliers work: from their closures within 28 days."""
    if not belt.suppliers:
        return UNKNOWN
    if belt.closed * 2 >= belt.suppliers:
        return Word(N_("closed"), "crit")
    if (belt.closed + belt.closing) * 2 >= belt.suppliers:
        return Word(N_("closing soon"), "warn")
    return Word(N_("working"), "ok")


def risk(belt: BeltLife) -> Word:
    """How dependable its suppliers are: measured lateness first, then tiers and cases."""
    if not belt.suppliers:
        return UNKNOWN
    is_late = belt.on_time is not None and belt.on_time < 0.8
    if is_late or belt.suspended * 5 >= belt.suppliers:
        return Word(N_("high risk"), "crit")
    if belt.tier_c * 2 > belt.suppliers or (belt.on_time is not None and belt.on_time < 0.9):
        return Word(N_("some risk"), "warn")
    return Word(N_("low risk"), "ok")


def heat(belt: BeltLife) -> Word:
    """Whether more is ordered than in the 28 days before."""
    if belt.orders_28d + belt.orders_before < 5:
        return Word(N_("too few orders"), "context")
    change = belt.orders_28d / max(belt.orders_before, 1)
    if change >= 1.2:
        return Word(N_("rising"), "ok")
    return Word(N_("falling"), "warn") if change <= 0.8 else Word(N_("steady"), "context")
