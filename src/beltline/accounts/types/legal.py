"""Legal entities: the company that stands on papers for an organization, and its bank accounts."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_

NAME_MAX = 200
ADDRESS_MAX = 400
NUMBER_MAX = 40
BANK_ACCOUNTS_MAX = 5

_Name = Annotated[str, msgspec.Meta(max_length=NAME_MAX)]
_Address = Annotated[str, msgspec.Meta(max_length=ADDRESS_MAX)]
_Number = Annotated[str, msgspec.Meta(max_length=NUMBER_MAX)]


class BankAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a transfer to a company goes.

    `number` is an IBAN or the bank's own. Without a `currency` it takes any; `holder` is empty
    where it is the company itself.
    """

    bank: _Name
    number: _Number
    bic: _Number = ""
    currency: Annotated[str, msgspec.Meta(max_length=3)] = ""
    holder: _Name = ""


class EntityBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A company as its register has it, and the day from which papers name it so.

    `country` is ISO 3166 alpha-2; `tax_id` the VAT number or, in China, the unified social credit
    code. A name or address in another script is also given in Latin letters. Without
    `valid_from` it counts from today.
    """

    name: _Name
    country: Annotated[str, msgspec.Meta(max_length=2)]
    address: _Address
    name_latin: _Name = ""
    address_latin: _Address = ""
    registration_number: _Number = ""
    tax_id: _Number = ""
    bank_accounts: Annotated[list[BankAccount], msgspec.Meta(max_length=BANK_ACCOUNTS_MAX)] = []
    valid_from: dt.date | None = None


class LegalEntity(msgspec.Struct, frozen=True):
    """One version of an organization's company; none is ever changed, `seq` counts them.

    It stands on papers from `valid_from` on, until a later version does.
    """

    id: UUID
    seq: int
    name: str
    name_latin: str
    address: str
    address_latin: str
    country: str
    registration_number: str
    tax_id: str
    bank_accounts: list[BankAccount]
    valid_from: dt.date
    stated_by: str
    created_at: dt.datetime


class PaperParty(msgspec.Struct, frozen=True):
    """A party as a paper named it when it was issued.

    `name` is that of the organization, all else of its company where one was stated. `tax_id` is
    the VAT number or, in China, the unified social credit code. `bank` is where a transfer in the
    paper's currency goes, of who is paid.
    """

    name: str
    name_zh: str
    country: str
    legal_name: str = ""
    tax_id: str = ""
    legal_name_latin: str = ""
    address: str = ""
    address_latin: str = ""
    registration_number: str = ""
    bank: BankAccount | None = None


class EntityTextMissing(Refusal):
    """A name or an address that is not there."""

    kind, code = Kind.INVALID, "accounts.entity_text_missing"
    title = "Something is missing"
    detail = N_("This is missing; write it as the register has it.")


class EntityTextUnusable(Refusal):
    """A text with signs that cannot be printed, or longer than its place."""

    kind, code = Kind.INVALID, "accounts.entity_text_unusable"
    title = "A text that cannot be printed"
    detail = N_("Write up to {most} characters, each of which can be printed.")
    most: int


class EntityLatinMissing(Refusal):
    """A name or an address in another script alone: papers cross borders."""

    kind, code = Kind.INVALID, "accounts.entity_latin_missing"
    title = "Latin letters are needed"
    detail = N_("The original is in another script: write it in Latin letters too.")


class EntityLatinUnusable(Refusal):
    """Another script where Latin letters belong."""

    kind, code = Kind.INVALID, "accounts.entity_latin_unusable"
    title = "Not in Latin letters"
    detail = N_("Write Latin letters here; the original script has a field of its own.")


class CountryUnknown(Refusal):
    """No code of ISO 3166."""

    kind, code = Kind.INVALID, "accounts.country_unknown"
    title = "Unknown country"
    detail = N_("“{country}” is no country; write its two letters by ISO 3166, such as CN or PL.")
    country: str


class TaxIdUnusable(Refusal):
    """A number whose length, signs or check digit are not those of its country."""

    kind, code = Kind.INVALID, "accounts.tax_id_unusable"
    title = "Not a tax number"
    detail = N_(
        "“{number}” is no tax number of {country}: its length, signs or check digit are others. "
        "Copy it from the certificate."
    )
    number: str
    country: str


class BankNumberUnusable(Refusal):
    """Neither an IBAN nor the number of an account."""

    kind, code = Kind.INVALID, "accounts.bank_number_unusable"
    title = "Not a bank account"
    detail = N_("“{number}” is no IBAN and no number of an account; copy it from a bank statement.")
    number: str


class BicUnusable(Refusal):
    """No business identifier code of a bank."""

    kind, code = Kind.INVALID, "accounts.bic_unusable"
    title = "Not a BIC"
    detail = N_("“{bic}” is no BIC; it has 8 or 11 characters, such as those on a bank statement.")
    bic: str


class AccountCurrencyUnusable(Refusal):
    """No currency, or one that another account takes already."""

    kind, code = Kind.INVALID, "accounts.account_currency_unusable"
    title = "Not a currency of its own"
    detail = N_(
        "“{currency}” is no currency, or another account has it: write three letters such as USD, "
        "once each, and leave it empty for one account of all others."
    )
    currency: str


class EntityDayPassed(Refusal):
    """A day before today."""

    kind, code = Kind.INVALID, "accounts.entity_day_passed"
    title = "The day has passed"
    detail = N_("{day} has passed; choose today or later: papers that were issued do not change.")
    day: str


class EntityDayUnreadable(Refusal):
    """A day that is none, typed into the page."""

    kind, code = Kind.INVALID, "accounts.entity_day_unreadable"
    title = "Not a day"
    detail = N_("“{typed}” is no day; write it as 2026-12-31.")
    typed: str
