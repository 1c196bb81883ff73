"""P15: every hostile request to every operation, for each kind of caller."""

import pytest

from beltline.app.web import composition
from beltline.app.web.openapi import describe
from beltline.kit.db import Database
from tests.app.hostile import cases, send_hostile


@pytest.mark.proof
@pytest.mark.parametrize("party", ["operator", "supplier", "buyer"])
async def test_no_input_ends_in_a_failure_of_ours(database: Database, party: str) -> None:
    everything = list(cases(describe(composition.ROUTES)))
    wrong = await send_hostile(database, everything, party)
    print(f"{party}: {len(everything)} hostile requests, {len(wrong)} wrong answers")
    assert wrong == [], "\n".join(wrong[:40])
