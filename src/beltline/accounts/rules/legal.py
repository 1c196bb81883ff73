"""What a legal entity has to be to stand on papers: letters, numbers, days; pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from babel.numbers import is_currency
from stdnum import bic, iban
from stdnum.cn import uscc
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as gb_vat

from beltline.accounts.types import OrgKind
from beltline.accounts.types.legal import (
    ADDRESS_MAX,
    NAME_MAX,
    NUMBER_MAX,
    AccountCurrencyUnusable,
    BankAccount,
    BankNumberUnusable,
    BicUnusable,
    CountryUnknown,
    EntityBody,
    EntityDayPassed,
    EntityLatinMissing,
    EntityLatinUnusable,
    EntityTextMissing,
    EntityTextUnusable,
    LegalEntity,
    TaxIdUnusable,
)
from beltline.kit.countries import country_codes

_EU: Final = frozenset(state.upper() for state in eu_vat.MEMBER_STATES) - {"XI"}
_NUMBER: Final = re.compile(r"[0-9A-Z][0-9A-Z./&+*-]{1,39}")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]")
_ACCOUNT: Final = re.compile(r"[0-9A-Z][0-9A-Z-]{3,33}")


def check_entity(body: EntityBody, today: dt.date) -> EntityBody:
    """The company as it is kept: numbers compact, spaces single, its day set; or why not."""
    if body.country not in country_codes():
        raise CountryUnknown(country=body.country, param="country")
    since = body.valid_from or today
    if since < today:
        raise EntityDayPassed(day=since.isoformat(), param="valid_from")
    name = _text(body.name, "name", NAME_MAX, is_needed=True)
    address = _text(body.address, "address", ADDRESS_MAX, is_needed=True)
    return EntityBody(
        name, body.country, address,
        _latin(body.name_latin, "name_latin", NAME_MAX, original=name),
        _latin(body.address_latin, "address_latin", ADDRESS_MAX, original=address),
        _text(body.registration_number, "registration_number", NUMBER_MAX),
        _tax_id(body.tax_id, body.country), _bank_accounts(body.bank_accounts), since,
    )  # fmt: skip


def missing_of(entity: LegalEntity | None, org_kind: str) -> list[str]:
    """What papers of an organization lack: members of `EntityBody`, or `entity` for all of it.

    Only who is paid by transfer needs a bank account; a tax number where its check is known.
    """
    if entity is None:
        return ["entity"]
    is_paid = org_kind in {OrgKind.OPERATOR, OrgKind.SUPPLIER}
    has_tax_id = bool(entity.tax_id) or not tax_scheme(entity.country)
    return [
        name
        for name, is_there in (
            ("address", entity.address), ("tax_id", has_tax_id),
            ("bank_accounts", entity.bank_accounts or not is_paid),
        )
        if not is_there
    ]  # fmt: skip


def tax_scheme(country: str) -> str:
    """Whose check a country's tax numbers have: `CN`, `VAT`, or none that is known here."""
    return "CN" if country == "CN" else "VAT" if country == "GB" or country in _EU else ""


def is_iban(number: str) -> bool:
    """Whether an account's number, as it is kept, is an IBAN."""
    return _IBAN.match(number) is not None


def shown_bank_number(number: str) -> str:
    """An account's number in groups of four, as banks print it."""
    return iban.format(number)


def _text(text: str, param: str, most: int, *, is_needed: bool = False) -> str:
    kept = " ".join(unicodedata.normalize("NFC", text).split())
    if is_needed and not kept:
        raise EntityTextMissing(param=param)
    # Control, format (they turn the order of what is read), surrogate, private, unassigned.
    if len(kept) > most or any(unicodedata.category(sign)[0] == "C" for sign in kept):
        raise EntityTextUnusable(most=most, param=param)
    return kept


def _latin(text: str, param: str, most: int, *, original: str) -> str:
    kept = _text(text, param, most)
    if not _is_latin(kept):
        raise EntityLatinUnusable(param=param)
    if not kept and not _is_latin(original):
        raise EntityLatinMissing(param=param)
    return kept


def _is_latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(sign, "") for sign in text if sign.isalpha())


def _tax_id(text: str, country: str) -> str:
    """The number as its country writes it, with the prefix that names the country in Europe."""
    number = _plain(text)
    try:
        if not number:
            return ""
        if not _NUMBER.fullmatch(number):
            raise ValidationError
        if country == "CN":
            return uscc.validate(number)
        if country == "GB":
            prefix = "XI" if number.startswith("XI") else "GB"
            return prefix + gb_vat.validate(number)
        if country in _EU:
            prefix = "EL" if country == "GR" else country
            return eu_vat.validate(prefix + number.removeprefix(prefix))
    except ValidationError:
        raise TaxIdUnusable(number=number[:NUMBER_MAX], country=country, param="tax_id") from None
    return number


def _bank_accounts(accounts: Sequence[BankAccount]) -> list[BankAccount]:
    kept: list[BankAccount] = []
    for index, account in enumerate(accounts):
        at = f"bank_accounts[{index}]"
        currency, taken = _plain(account.currency), {one.currency for one in kept}
        if currency in taken or (currency and not is_currency(currency)):
            raise AccountCurrencyUnusable(currency=currency[:40], param=f"{at}.currency")
        kept.append(
            BankAccount(
                _text(account.bank, f"{at}.bank", NAME_MAX, is_needed=True),
                _bank_number(account.number, f"{at}.number"),
                _bic(account.bic, f"{at}.bic"),
                currency,
                _text(account.holder, f"{at}.holder", NAME_MAX),
            )
        )  # fmt: skip
    return kept


def _bank_number(text: str, param: str) -> str:
    number = _plain(text)
    try:
        if not _ACCOUNT.fullmatch(number):
            raise ValidationError
        return iban.validate(number) if _IBAN.match(number) else number
    except ValidationError:
        raise BankNumberUnusable(number=number[:NUMBER_MAX], param=param) from None


def _bic(text: str, param: str) -> str:
    number = _plain(text)
    if number and not (_NUMBER.fullmatch(number) and bic.is_valid(number)):
        raise BicUnusable(bic=number[:NUMBER_MAX], param=param)
    return bic.compact(number)


def _plain(text: str) -> str:
    """A number without its spaces, full-width signs as the ones they stand for."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
