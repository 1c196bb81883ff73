"""What a legal entity has to be: numbers with their check digits, letters, days."""

import contextlib
import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.accounts.actions.legal import bank_lines, party_lines
from beltline.accounts.rules.legal import check_entity, missing_of
from beltline.accounts.types.legal import BankAccount, EntityBody, LegalEntity, PaperParty
from beltline.kit.countries import country_codes, country_name
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id
from tests.accounts.legal import BUYER, NUMBERS, SUPPLIER

TODAY = dt.date(2026, 11, 20)


def changed(**changes: Any) -> EntityBody:
    return check_entity(msgspec.structs.replace(BUYER, **changes), TODAY)


def refused(**changes: Any) -> tuple[str, str | None]:
    """Code and field of the refusal, whose sentence is complete."""
    with pytest.raises(Refusal) as found:
        changed(**changes)
    assert "{" not in found.value.message
    return found.value.code.removeprefix("accounts."), found.value.param


@pytest.mark.parametrize(("country", "typed", "kept"), [
    ("CN", f" {NUMBERS['CN'][:8]} {NUMBERS['CN'][8:].lower()}", NUMBERS["CN"]),
    ("PL", NUMBERS["PL"], NUMBERS["PL"]),
    ("PL", NUMBERS["PL"].removeprefix("PL"), NUMBERS["PL"]),
    ("PL", "ＰＬ" + NUMBERS["PL"].removeprefix("PL"), NUMBERS["PL"]),
    ("GB", NUMBERS["GB"].removeprefix("GB"), NUMBERS["GB"]),
    ("GB", "XI" + NUMBERS["GB"].removeprefix("GB"), "XI" + NUMBERS["GB"].removeprefix("GB")),
    ("GR", NUMBERS["GR"], NUMBERS["GR"]),
    ("US", "12-3456789", "12-3456789"),
    ("DE", "", ""),
])  # fmt: skip
def test_a_tax_number_is_kept_as_its_country_writes_it(country: str, typed: str, kept: str) -> None:
    assert changed(country=country, tax_id=typed).tax_id == kept


@pytest.mark.parametrize("country", sorted(NUMBERS))
def test_one_wrong_digit_of_a_tax_number_is_found(country: str) -> None:
    right = NUMBERS[country]
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10 if right[-1].isdigit() else 0)
    assert changed(country=country, tax_id=right).tax_id == right
    assert refused(country=country, tax_id=wrong) == ("tax_id_unusable", "tax_id")


@pytest.mark.parametrize(("changes", "code", "param"), [
    ({"country": "ZZ"}, "country_unknown", "country"),
    ({"country": "pl"}, "country_unknown", "country"),
    ({"country": "EU"}, "country_unknown", "country"),
    ({"name": " \n "}, "entity_text_missing", "name"),
    ({"address": ""}, "entity_text_missing", "address"),
    ({"name": "x" * 201}, "entity_text_unusable", "name"),
    ({"address": "a\u202eb"}, "entity_text_unusable", "address"),
    ({"registration_number": "1\0"}, "entity_text_unusable", "registration_number"),
    ({"name": "织里童装有限公司"}, "entity_latin_missing", "name_latin"),
    ({"address": "Αθήνα"}, "entity_latin_missing", "address_latin"),
    ({"name_latin": "ООО Ромашка"}, "entity_latin_unusable", "name_latin"),
    ({"tax_id": "²³"}, "tax_id_unusable", "tax_id"),
    ({"country": "US", "tax_id": "no number"}, "", None),
    ({"valid_from": dt.date(2026, 11, 19)}, "entity_day_passed", "valid_from"),
])  # fmt: skip
def test_what_cannot_stand_on_papers_says_which_field(
    changes: dict[str, Any], code: str, param: str | None
) -> None:
    if code:
        assert refused(**changes) == (code, param)
    else:
        assert changed(**changes).tax_id == "NONUMBER"


@pytest.mark.parametrize(("account", "code", "field"), [
    ({"number": "PL61109010140000071219812875"}, "bank_number_unusable", "number"),
    ({"number": "7"}, "bank_number_unusable", "number"),
    ({"number": "帐号一二三四"}, "bank_number_unusable", "number"),
    ({"bank": ""}, "entity_text_missing", "bank"),
    ({"bic": "NOBANK"}, "bic_unusable", "bic"),
    ({"bic": "ABCDXX2A"}, "bic_unusable", "bic"),
    ({"currency": "XYZ"}, "account_currency_unusable", "currency"),
    ({"currency": "EUR"}, "account_currency_unusable", "currency"),
])  # fmt: skip
def test_a_bank_account_is_checked(account: dict[str, str], code: str, field: str) -> None:
    first = BankAccount("Bank", "1234 5678", currency="EUR")
    second = BankAccount(**{"bank": "Bank", "number": "1234-5678-90", **account})
    assert refused(bank_accounts=[first, second]) == (code, f"bank_accounts[1].{field}")
    assert changed(bank_accounts=[first]).bank_accounts[0].number == "12345678"


def test_spaces_and_forms_of_letters_are_made_one() -> None:
    kept = changed(name="  Mała\n Pracownia ", address="Prosta 1,\u00a0Warszawa")
    assert (kept.name, kept.address) == ("Mała Pracownia", "Prosta 1, Warszawa")
    assert kept.valid_from == TODAY


@given(
    number=st.text(max_size=60), country=st.sampled_from(["CN", "GB", "US", "GR", "ES", "FR", "NL"])
)
def test_any_text_is_a_number_or_refused(number: str, country: str) -> None:
    account = BankAccount("Bank", number, number, number[:3])
    entered: list[dict[str, Any]] = [
        {"tax_id": number}, {"bank_accounts": [account]}, {"name": number},
    ]  # fmt: skip
    for changes in entered:
        body = msgspec.structs.replace(BUYER, country=country, **{"tax_id": "", **changes})
        with contextlib.suppress(Refusal):
            kept = check_entity(body, TODAY)
            # What is kept is taken again and stays.
            assert check_entity(kept, TODAY) == kept


def test_countries_are_those_of_iso_with_names_in_both_languages() -> None:
    assert {"CN", "PL", "GB", "TW", "US"} <= country_codes()
    assert not {"EU", "ZZ", "XK", "UK", "150", "cn"} & country_codes()
    assert (country_name("PL", "en"), country_name("PL", "zh")) == ("Poland", "波兰")
    assert country_name("??", "zh") == "??"


def test_what_is_missing_depends_on_who_it_is() -> None:
    def entity(**changes: Any) -> LegalEntity:
        kept = {name: getattr(BUYER, name) for name in BUYER.__struct_fields__} | changes
        kept["valid_from"] = TODAY
        return LegalEntity(
            id=new_id(), seq=1, stated_by="", created_at=dt.datetime.now(dt.UTC), **kept
        )

    assert missing_of(None, "BUYER") == ["entity"]
    assert missing_of(entity(), "BUYER") == []
    assert missing_of(entity(), "SUPPLIER") == ["bank_accounts"]
    assert missing_of(entity(tax_id="", address=""), "BUYER") == ["address", "tax_id"]
    assert missing_of(entity(tax_id="", country="US"), "BUYER") == []


def test_a_party_reads_in_both_languages() -> None:
    party = PaperParty(
        "Zhili", "织里", "CN", SUPPLIER.name, SUPPLIER.tax_id, SUPPLIER.name_latin,
        SUPPLIER.address, SUPPLIER.address_latin, "REG-1", SUPPLIER.bank_accounts[0],
    )  # fmt: skip
    assert party_lines(party, "en") == [
        SUPPLIER.name, SUPPLIER.name_latin, SUPPLIER.address, SUPPLIER.address_latin, "China",
        f"Unified social credit code: {SUPPLIER.tax_id}", "Registration number: REG-1",
    ]  # fmt: skip
    assert party_lines(party, "zh")[4:] == [
        "中国", f"统一社会信用代码：{SUPPLIER.tax_id}", "注册号：REG-1",
    ]  # fmt: skip
    assert bank_lines(party, "zh") == [
        SUPPLIER.name, SUPPLIER.bank_accounts[0].bank, "账号：6200 0000 0000 1234 567",
    ]  # fmt: skip
    unstated = PaperParty("Zhili", "织里", "CN")
    assert (party_lines(unstated, "en"), party_lines(unstated, "zh")) == (
        ["Zhili", "China"], ["织里", "中国"],
    )  # fmt: skip
    assert bank_lines(unstated, "en") == []
