"""The states of a case against a shop: frozen, heard, decided, appealed once."""

import datetime as dt
from typing import Final

from beltline.suppliers.types import CaseState, ReasonNeeded, WrongState

C = CaseState

ANSWER_WITHIN: Final = dt.timedelta(days=7)
APPEAL_WITHIN: Final = dt.timedelta(days=15)
HOLDING: Final = frozenset({C.FROZEN, C.ANSWERED, C.DELISTED, C.APPEALED, C.FINAL_DELISTED})
"""While a case stands here, its goods are not offered."""
OPEN: Final = (C.FROZEN, C.ANSWERED, C.APPEALED)

_DECIDED: Final = {
    (C.FROZEN, True): C.RESTORED, (C.FROZEN, False): C.DELISTED,
    (C.ANSWERED, True): C.RESTORED, (C.ANSWERED, False): C.DELISTED,
    (C.APPEALED, True): C.FINAL_RESTORED, (C.APPEALED, False): C.FINAL_DELISTED,
}  # fmt: skip


def answered(state: CaseState) -> CaseState:
    """Where evidence of the supplier leads; more of it may follow until the decision."""
    if state not in (C.FROZEN, C.ANSWERED):
        raise WrongState(state=state)
    return C.ANSWERED


def decided(
    state: CaseState, *, restore: bool, note: str, answer_by: dt.datetime, now: dt.datetime
) -> CaseState:
    """Where a decision leads. Nothing is delisted unheard before the time to answer is over."""
    if (state, restore) not in _DECIDED:
        raise WrongState(state=state)
    if not note.strip():
        raise ReasonNeeded(param="note")
    if state is C.FROZEN and not restore and now < answer_by:
        raise WrongState(state=state)
    return _DECIDED[state, restore]


def appealed(state: CaseState, *, decided_at: dt.datetime | None, now: dt.datetime) -> CaseState:
    """Where an appeal leads: once, and within 15 days of the decision."""
    if state is not C.DELISTED or decided_at is None or now > decided_at + APPEAL_WITHIN:
        raise WrongState(state=state)
    return C.APPEALED
