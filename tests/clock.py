"""The tests' day is 20 November 2026, whatever the day they run on: no test ends with a date in it.

Time passes as it does; only the day is another one. What runs in processes of its own goes by the
real clock: browsers and the pages they show, proofs, journeys, commands.
"""

import datetime as dt

import pytest

from beltline.channels import workflows as channels
from beltline.kit import db
from beltline.kit.clock import system_now

START = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
_SHIFT = START - system_now()


def now() -> dt.datetime:
    """The present instant of the tests."""
    return system_now() + _SHIFT


def go_by_the_tests(patch: pytest.MonkeyPatch) -> None:
    """Let every `Database` of this process, and what carries webhooks, say the tests' instant."""
    for module in (db, channels):
        patch.setattr(module, "system_now", now)
