"""The demo's companies: right in form, nobody's in fact."""

import datetime as dt

from beltline.accounts.rules.legal import check_entity, missing_of
from beltline.accounts.types import Organization, OrgKind
from beltline.accounts.types.legal import EntityBody, LegalEntity
from beltline.app.demo import companies
from beltline.app.demo.state import FACTORY
from beltline.kit.ids import new_id

TODAY = dt.date(2026, 11, 20)


def organization(code: str, name: str = "Zhili Kids", name_zh: str = "织里童装") -> Organization:
    return Organization(new_id(), code, OrgKind.SUPPLIER, name, name_zh, "CN", is_active=True)


def complete(entity: EntityBody, kind: str) -> bool:
    kept = check_entity(entity, TODAY)
    stated = {name: getattr(kept, name) for name in kept.__struct_fields__}
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    return not missing_of(LegalEntity(new_id(), 1, **stated, stated_by="", created_at=at), kind)


def test_papers_of_the_demo_lack_nothing_and_say_what_they_are() -> None:
    for entity, kind in (
        (companies.operator(), "OPERATOR"), (companies.buyer(), "BUYER"),
        (companies.supplier(organization(FACTORY)), "SUPPLIER"),
        (companies.supplier(organization("S1", name_zh="")), "SUPPLIER"),
    ):  # fmt: skip
        assert complete(entity, kind)
        assert "sample data" in entity.address + entity.address_latin


def test_each_supplier_has_a_number_of_its_own_and_some_have_not_said() -> None:
    codes = [f"S{number:05}" for number in range(200)]
    numbers = {companies.supplier(organization(code)).tax_id for code in codes}
    stating = sum(companies.has_stated(code, 7) for code in codes)
    assert len(numbers) == len(codes)
    assert companies.has_stated(FACTORY, 7)
    assert 0.2 < stating / len(codes) < 0.6
