"""Acceptance sampling: every cell of the tables, switching, and the operating characteristic."""

import csv
import random
from pathlib import Path

import pytest

from beltline.science.sampling import (
    LETTERS,
    LEVELS,
    Plan,
    Record,
    Severity,
    accept_probability,
    code_letter,
    plan_for,
    resume,
    single_plan,
    switch,
)

TABLES = Path(__file__).parents[3] / "shared" / "data" / "aql"
needs_tables = pytest.mark.skipif(not TABLES.exists(), reason="the published tables are not here")


@needs_tables
@pytest.mark.parametrize("severity", list(Severity))
def test_every_cell_is_the_published_one(severity: Severity) -> None:
    with (TABLES / "mil_std_105e_single.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["inspection"] == severity.value.lower()]
    plans = {(r["code_letter"], float(r["aql"])): r for r in rows}
    assert len(plans) == 416
    for (letter, aql), row in plans.items():
        expected = Plan(letter, int(row["sample_size"]), int(row["accept"]), int(row["reject"]))
        assert single_plan(letter, aql, severity) == expected


@needs_tables
def test_every_code_letter_is_the_published_one() -> None:
    with (TABLES / "code_letters.csv").open() as file:
        for row in csv.DictReader(file):
            for lot in {int(row["lot_min"]), int(row["lot_max"] or 10**9)}:
                assert {x: code_letter(lot, x) for x in LEVELS} == {x: row[x] for x in LEVELS}


def test_known_plans() -> None:
    # An arrow leads to the next larger sample.
    assert single_plan("E", 2.5) == Plan("E", 20, 1, 2)
    assert single_plan("J", 4.0) == Plan("J", 80, 7, 8)
    assert plan_for(400, 2.5) == Plan("H", 50, 3, 4)
    # Every piece of a lot smaller than the sample is inspected.
    assert plan_for(4, 0.65) == Plan("A", 4, 0, 1)
    with pytest.raises(ValueError, match="no AQL"):
        single_plan("E", 3.0)


def test_two_of_five_rejected_tighten_and_five_accepted_loosen() -> None:
    record = Record()
    for accepted in (True, False, True, True, False):
        record = switch(record, accepted)
    assert record.severity is Severity.TIGHTENED
    for accepted in (True, True, False, True, True, True, True):
        record = switch(record, accepted)
        assert record.severity is Severity.TIGHTENED
    assert switch(record, accepted=True) == Record()


def test_rejections_far_apart_do_not_tighten() -> None:
    record = Record()
    for accepted in (False, True, True, True, True) * 6:
        record = switch(record, accepted)
    assert record.severity is Severity.NORMAL


def test_five_rejected_when_tightened_stop_until_corrected() -> None:
    record = Record(Severity.TIGHTENED)
    for accepted in (False, True, False, False, True, False):
        record = switch(record, accepted)
    assert not record.is_stopped
    record = switch(record, accepted=False)
    assert record.is_stopped
    assert resume(record) == Record(Severity.TIGHTENED)


def test_the_characteristic_curve_is_what_drawing_shows() -> None:
    chance, draws = random.Random(7), 4_000
    for letter, aql, rate in (("E", 2.5, 0.08), ("H", 2.5, 0.05), ("J", 4.0, 0.10)):
        plan = single_plan(letter, aql)
        passed = sum(
            sum(chance.random() < rate for _ in range(plan.size)) <= plan.accept
            for _ in range(draws)
        )
        expected = accept_probability(plan, rate)
        error = (expected * (1 - expected) / draws) ** 0.5
        assert abs(passed / draws - expected) < 4 * error


def test_the_curve_falls_and_a_small_lot_is_judged_exactly() -> None:
    plan = single_plan("H", 2.5)
    curve = [accept_probability(plan, rate / 100) for rate in range(31)]
    assert curve[0] == pytest.approx(1)
    assert curve == sorted(curve, reverse=True)
    # 2 bad among 10, 5 drawn, none allowed: C(8,5) / C(10,5).
    assert accept_probability(Plan("C", 5, 0, 1), 0.2, lot=10) == pytest.approx(56 / 252)
    assert set(LETTERS) == {*"ABCDEFGHJKLMNPQR"}
