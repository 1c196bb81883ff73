"""Acceptance sampling by attributes: single plans, switching rules, operating characteristic.

The plans are those of MIL-STD-105E, tables II-A and II-B, which ISO 2859-1 took over for normal
and tightened inspection. They follow one rule: sample sizes and AQLs are both steps of a
geometric series, so that cells of equal (step of size + step of AQL) have equal acceptance
numbers; where the series has no number, an arrow leads to the next size that has one.
"""

import enum
import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

LETTERS: Final = "ABCDEFGHJKLMNPQR"
SIZES: Final = (
    2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150,
)  # fmt: skip
AQLS: Final = (
    0.010, 0.015, 0.025, 0.040, 0.065, 0.10, 0.15, 0.25, 0.40, 0.65, 1.0, 1.5, 2.5, 4.0, 6.5,
    10.0, 15.0, 25.0, 40.0, 65.0, 100.0, 150.0, 250.0, 400.0, 650.0, 1000.0,
)  # fmt: skip
LEVELS: Final = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")

# The largest lot of each row of table I, and the row's letters by level.
_LOT_MAX: Final = (
    8, 15, 25, 50, 90, 150, 280, 500, 1_200, 3_200, 10_000, 35_000, 150_000, 500_000,
)  # fmt: skip
_LOT_LETTERS: Final = (
    "AAAAAAB", "AAAAABC", "AABBBCD", "ABBCCDE", "BBCCCEF", "BBCDDFG", "BCDEEGH", "BCDEFHJ",
    "CCEFGJK", "CDEGHKL", "CDFGJLM", "CDFHKMN", "DEGJLNP", "DEGJMPQ", "DEHKNQR",
)  # fmt: skip


class Severity(enum.StrEnum):
    """How strict an inspection is."""

    NORMAL = "NORMAL"
    TIGHTENED = "TIGHTENED"


class Plan(msgspec.Struct, frozen=True):
    """Inspect `size` pieces; up to `accept` defects pass the lot, `reject` or more fail it."""

    letter: str
    size: int
    accept: int
    reject: int


class _Table(msgspec.Struct, frozen=True):
    """Acceptance numbers by diagonal: 0 on `zero`, then `numbers` from `first` on.

    `turns_back` says whether the cell after a 0 has its arrow back to that 0.
    """

    zero: int
    zero_column_max: int
    turns_back: bool
    first: int
    numbers: tuple[int, ...]
    steps: int


# The last two numbers of each series are there only for samples of up to 13 pieces.
_SMALL: Final = 4
_TABLES: Final = {
    Severity.NORMAL: _Table(14, 25, True, 17, (1, 2, 3, 5, 7, 10, 14, 21, 30, 44), 16),
    Severity.TIGHTENED: _Table(15, 14, False, 18, (1, 2, 3, 5, 8, 12, 18, 27, 41), 17),
}


def code_letter(lot: int, level: str = "II") -> str:
    """The letter of table I for a lot of so many pieces at an inspection level."""
    return _LOT_LETTERS[bisect_left(_LOT_MAX, max(lot, 2))][LEVELS.index(level)]


def single_plan(letter: str, aql: float, severity: Severity = Severity.NORMAL) -> Plan:
    """The single sampling plan of a letter at an AQL (percent, or defects per hundred).

    Raises ValueError for a letter or an AQL that the tables do not have.
    """
    table, step, column = _TABLES[severity], LETTERS.index(letter), _column(aql)
    found = next(s for s in _search(table, step, column) if _accept(table, s, column) is not None)
    accept = _accept(table, found, column) or 0
    return Plan(letter, SIZES[found], accept, accept + 1)


def plan_for(
    lot: int, aql: float, *, level: str = "II", severity: Severity = Severity.NORMAL
) -> Plan:
    """The plan for a lot. A sample as large as the lot means that every piece is inspected."""
    plan = single_plan(code_letter(lot, level), aql, severity)
    return plan if plan.size <= lot else Plan(plan.letter, lot, plan.accept, plan.reject)


def _column(aql: float) -> int:
    for index, known in enumerate(AQLS):
        if math.isclose(aql, known):
            return index
    raise ValueError(f"no AQL {aql}")


def _accept(table: _Table, step: int, column: int) -> int | None:
    """The acceptance number of a cell that has one itself."""
    if not 0 <= step < table.steps:
        return None
    diagonal = step + column
    if diagonal == table.zero:
        return 0 if column <= table.zero_column_max else None
    place = diagonal - table.first
    if not 0 <= place < len(table.numbers):
        return None
    is_rare = place >= len(table.numbers) - 2
    return table.numbers[place] if step <= _SMALL or not is_rare else None


def _search(table: _Table, step: int, column: int) -> Sequence[int]:
    """The steps to look at in turn: the cell, then along its arrow, then the other way."""
    down, up = range(step + 1, table.steps), range(step - 1, -1, -1)
    diagonal = step + column
    is_up = diagonal >= table.first or (table.turns_back and diagonal == table.zero + 1)
    return (step, *up, *down) if is_up else (step, *down, *up)


class Record(msgspec.Struct, frozen=True):
    """Where the switching between severities stands for one supplier and kind of goods.

    `lately` are the verdicts of the latest lots under the present severity, at most five, first
    the oldest; `rejected` counts the lots rejected since inspection is tightened.
    """

    severity: Severity = Severity.NORMAL
    lately: tuple[bool, ...] = ()
    rejected: int = 0
    is_stopped: bool = False


def switch(record: Record, accepted: bool) -> Record:
    """The record after one more lot of original inspection.

    Two of five successive lots rejected tighten; five successive accepted ones loosen; five
    rejected under tightened inspection stop acceptance until the supplier has corrected
    something (ISO 2859-1, 9.3).
    """
    lately = (*record.lately, accepted)[-5:]
    if record.severity is Severity.NORMAL:
        if lately.count(False) >= 2:
            return Record(Severity.TIGHTENED)
        return Record(Severity.NORMAL, lately)
    if len(lately) == 5 and all(lately):
        return Record()
    rejected = record.rejected + (not accepted)
    return Record(Severity.TIGHTENED, lately, rejected, rejected >= 5)


def resume(record: Record) -> Record:
    """After a supplier's correction: inspection goes on, tightened."""
    return Record(Severity.TIGHTENED) if record.is_stopped else record


def accept_probability(plan: Plan, defect_rate: float, *, lot: int | None = None) -> float:
    """The chance that a lot with this share of defective pieces is accepted.

    Binomial, or hypergeometric when the size of the lot is given (defects are then whole pieces).
    """
    if lot is not None:
        bad = round(defect_rate * lot)
        total = math.comb(lot, plan.size)
        ways = sum(
            math.comb(bad, k) * math.comb(lot - bad, plan.size - k)
            for k in range(min(plan.accept, bad, plan.size) + 1)
        )
        return ways / total
    return math.fsum(
        math.comb(plan.size, k) * defect_rate**k * (1 - defect_rate) ** (plan.size - k)
        for k in range(plan.accept + 1)
    )
