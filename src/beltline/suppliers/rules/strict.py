"""Strict selection: a versioned checklist of what the platform knows, a visit saw, a person judges.

A version is never changed, only followed by the next; a review names the version it was made by.
Items of the platform are answered by the data; nobody can tick them.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from beltline.kit.texts import N_
from beltline.suppliers.types import ChecklistIncomplete, Figure, Measure, Verification
from beltline.suppliers.types import VerificationState as S


class Item(msgspec.Struct, frozen=True):
    """One line of the checklist; `source` is PLATFORM, LOCAL or MANUAL."""

    code: str
    source: str
    text: str


class Standard(msgspec.Struct, frozen=True):
    """A version of the strict standard; a passed review is valid for `valid_days`."""

    version: int
    in_force_from: dt.date
    valid_days: int
    items: tuple[Item, ...]


STANDARDS: Final = (
    Standard(1, dt.date(2026, 11, 1), 180, (
        Item("verified", "PLATFORM", N_("Verified, and not expired")),
        Item("on_time_90", "PLATFORM", N_("On time: at least 90%, surely, over 10 orders or more")),
        Item("no_low_measure", "PLATFORM", N_("No measure surely below tier B")),
        Item("no_case", "PLATFORM", N_("No open or lost case in a year")),
        Item("makes_itself", "LOCAL", N_("A visit saw the goods made here")),
        Item("lines_staff", "LOCAL", N_("A visit found lines and staff as said")),
        Item("sample_ok", "MANUAL", N_("A sample was ordered, weighed and found as described")),
        Item("certificates_ok", "MANUAL", N_("Certificates were checked with their issuers")),
        Item("price_fair", "MANUAL", N_("Prices are those of the source, not of a trader")),
    )),
)  # fmt: skip


def standard_on(day: dt.date) -> Standard:
    """The version in force on a day; the first before any."""
    in_force = [one for one in STANDARDS if one.in_force_from <= day]
    return in_force[-1] if in_force else STANDARDS[0]


def of_version(version: int) -> Standard:
    """A version by its number, for a review that was made by it."""
    return next(one for one in STANDARDS if one.version == version)


def platform_results(
    *,
    verification: Verification | None,
    figures: Sequence[Figure],
    cases_lost: int,
    bounds_b: Mapping[Measure, float],
    today: dt.date,
) -> dict[str, str]:
    """PASS or FAIL of each item that data answer."""
    on_time = next((one for one in figures if one.measure is Measure.ON_TIME), None)
    passed = {
        "verified": verification is not None and verification.state is S.VERIFIED
        and verification.valid_until is not None and verification.valid_until >= today,
        "on_time_90": on_time is not None and on_time.trials >= 10 and on_time.low >= 0.9,
        "no_low_measure": all(one.high >= bounds_b[one.measure] for one in figures),
        "no_case": cases_lost == 0,
    }  # fmt: skip
    return {item: "PASS" if is_passed else "FAIL" for item, is_passed in passed.items()}


def judge(
    standard: Standard,
    *,
    platform: Mapping[str, str],
    local: Mapping[str, str],
    manual: Mapping[str, str],
) -> tuple[dict[str, str], bool]:
    """All results of a review and whether it is passed; an item nobody answered is refused.

    What no visit saw is a FAIL: strict means seen.
    """
    results = {}
    for item in standard.items:
        if item.source == "PLATFORM":
            results[item.code] = platform[item.code]
        elif item.source == "LOCAL":
            results[item.code] = "PASS" if local.get(item.code) == "PASS" else "FAIL"
        elif manual.get(item.code) in ("PASS", "FAIL"):
            results[item.code] = manual[item.code]
        else:
            raise ChecklistIncomplete(missing=item.code, param=item.code)
    return results, all(result == "PASS" for result in results.values())
