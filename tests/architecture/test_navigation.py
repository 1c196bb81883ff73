"""The navigation as a whole: what modules add one by one must fit together."""

import itertools

import msgspec
import pytest

from beltline.accounts.types import Role
from beltline.app.web.composition import NAV
from beltline.tower.queries.counts import NavCounts

WHO = tuple(itertools.product([role.value for role in Role], ["OPERATOR", "SUPPLIER", "BUYER"]))


@pytest.mark.parametrize(("role", "org_kind"), WHO)
def test_a_shortcut_opens_one_page(role: str, org_kind: str) -> None:
    seen = [item for item in NAV if item.is_for(role=role, org_kind=org_kind)]
    keys = [item.keys for item in seen if item.keys]
    assert len(keys) == len(set(keys)), keys
    assert len({item.path for item in seen}) == len(seen)


def test_every_count_of_the_navigation_is_counted() -> None:
    assert {item.count for item in NAV if item.count} == set(NavCounts.__struct_fields__)
    assert all(item.count for item in NAV if item.urgent)


def test_counts_are_whole_numbers() -> None:
    assert {field.type for field in msgspec.structs.fields(NavCounts)} == {int}
