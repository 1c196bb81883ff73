"""P15 in small: whatever is sent to whatever operation, the answer is one that is documented.

`tests/proofs/test_hostile_inputs.py` sends all of it.
"""

import httpx
import pytest

from beltline.app.web import composition
from beltline.app.web.openapi import describe
from beltline.kit.db import Database
from tests.app.hostile import cases, faults_of, operations_of, send_hostile

DOCUMENT = describe(composition.ROUTES)
CASES = list(cases(DOCUMENT))


@pytest.mark.parametrize(("party", "part"), [("operator", 5), ("buyer", 17)])
async def test_nothing_that_is_sent_ends_in_a_failure_of_ours(
    database: Database, party: str, part: int
) -> None:
    wrong = await send_hostile(database, CASES[::part], party)
    assert wrong == [], "\n".join(wrong[:40])


def test_every_operation_with_an_input_is_among_them() -> None:
    named = {id(case.operation) for case in CASES}
    assert named == {id(operation) for operation in operations_of(DOCUMENT)}
    assert len(CASES) > 1_000


def test_an_answer_that_is_not_documented_is_seen() -> None:
    case = next(case for case in CASES if "200" in case.operation["responses"])
    assert faults_of(case, httpx.Response(500, text="x"))
    assert faults_of(case, httpx.Response(418, text="x"))
    assert faults_of(case, httpx.Response(400, text="<html>", headers={"Content-Type": "x"}))
    assert not faults_of(case, httpx.Response(200, json={}))
