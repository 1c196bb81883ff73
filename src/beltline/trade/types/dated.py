"""Dated rules of customs: rates, what classes may do, terms; what duty and VAT are levied on."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from beltline.kit.figures import sum_known
from beltline.kit.money import percent_of
from beltline.kit.texts import N_


class TaxKind(enum.StrEnum):
    """Which tax a dated rate is of: duty or VAT on import, refund of VAT on export."""

    DUTY = "DUTY"
    VAT = "VAT"
    REFUND = "REFUND"


class TaxRate(msgspec.Struct, frozen=True):
    """A rate in percent for goods whose HS code begins so, while it is valid; and where it says so.

    Without a code it holds for all goods, without an origin for any.
    """

    id: UUID
    kind: TaxKind
    country: str
    hs_code: str
    origin: str
    percent: Decimal
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class CargoVerdict(enum.StrEnum):
    """What a cargo class may do on a lane: go, go with a document or a packing, or not go."""

    ALLOW = "ALLOW"
    DOCUMENT = "DOCUMENT"
    PACK = "PACK"
    FORBID = "FORBID"


class CargoRule(msgspec.Struct, frozen=True):
    """What a cargo class may do on a lane while it is valid; empty fields of the lane mean any."""

    id: UUID
    cargo_class: str
    node: str
    country: str
    mode: str
    verdict: CargoVerdict
    evidence: str
    instruction: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class ExportTerm(msgspec.Struct, frozen=True):
    """How goods leave a node for a country: mode, exporter, Incoterm, VAT, the other end's scheme.

    Values are in major units: the most a declaration may be worth, and up to which value of an
    order the scheme is used.
    """

    id: UUID
    node: str
    country: str
    tax_basis: str
    export_mode: str
    exporter: str
    exporter_code: str
    principal: str
    incoterm: str
    vat: str
    value_max: Decimal | None
    value_currency: str
    scheme: str
    scheme_number: str
    scheme_value_max: Decimal | None
    scheme_currency: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


SELLER_PAYS: Final = "DDP"
"""The Incoterm under which the seller bears duty and VAT on arrival."""
_LEAVES: Final = frozenset({"EXW", "FCA", "FAS", "FOB"})


def named_place(incoterm: str, *, departure: str, destination: str) -> str:
    """The place an Incoterm is followed by: where goods leave, or where carriage is paid to."""
    return departure if incoterm in _LEAVES else destination


class ValueBasis(enum.StrEnum):
    """What duty is levied on: the goods (FOB), or these with freight and insurance (CIF)."""

    FOB = "FOB"
    CIF = "CIF"


class VatBasis(enum.StrEnum):
    """What VAT on import is of: customs value and duty, or these and all carriage."""

    VALUE = "VALUE"
    CARRIAGE = "CARRIAGE"


class ValuationRule(msgspec.Struct, frozen=True):
    """What a country levies duty and VAT on while the rule is valid; and where it says so.

    Of the freight `border_percent` lies before the border: all of it where that is None, as where
    a bill does not part it. `insurance_percent` of goods and freight counts where no premium is
    known; None where only a premium counts. Between countries of one `customs_union` nothing is
    imported.
    """

    id: UUID
    country: str
    basis: ValueBasis
    vat_basis: VatBasis
    border_percent: Decimal | None
    insurance_percent: Decimal | None
    customs_union: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class Lack(enum.StrEnum):
    """Why an amount is not known: no rule of valuation, freight, rate, or duty it rests on."""

    RULE = "RULE"
    FREIGHT = "FREIGHT"
    RATE = "RATE"
    DUTY = "DUTY"


LACKS: Final = {
    Lack.RULE: N_("the rule is not known"), Lack.FREIGHT: N_("the freight is not known"),
    Lack.RATE: N_("the rate is not known"), Lack.DUTY: N_("the duty is not known"),
}  # fmt: skip


class CustomsValue(msgspec.Struct, frozen=True):
    """What duty is levied on, in minor units of one currency.

    `amount` is `goods`, `freight` and `insurance` as far as they count; None where the rule, or
    a freight that it asks for, is not known. `beyond` is what VAT is of beside value and duty.
    """

    basis: ValueBasis | None
    goods: int
    freight: int | None
    insurance: int | None
    amount: int | None
    beyond: int | None
    lacks: list[Lack]
    source: str
    url: str
    valid_from: dt.date | None

    @classmethod
    def of(
        cls, goods: int, *, freight: int | None, insurance: int | None, rule: ValuationRule | None
    ) -> "CustomsValue":
        """The value of goods by the rule of their destination.

        `freight` is all of it, None where nobody knows; `insurance` a premium, None without one.
        """
        if rule is None:
            return cls(None, goods, None, None, None, None, [Lack.RULE], "", "", None)
        counts = rule.basis is ValueBasis.CIF
        insured = _insurance(goods, freight, insurance, rule.insurance_percent)
        before = 0 if not counts else _percent(freight, rule.border_percent)
        premium = insured if counts else 0
        beyond: int | None = 0
        if rule.vat_basis is VatBasis.CARRIAGE:
            carried = sum_known((freight, insured))
            beyond = None if None in (carried, before, premium) else (
                (carried or 0) - (before or 0) - (premium or 0)
            )  # fmt: skip
        amount = sum_known((goods, before, premium))
        return cls(
            rule.basis, goods, before, premium, amount, beyond,
            [Lack.FREIGHT] if amount is None else [], rule.source, rule.url, rule.valid_from,
        )  # fmt: skip


def _insurance(
    goods: int, freight: int | None, premium: int | None, percent: Decimal | None
) -> int | None:
    """A premium; else the share that the rule counts; nothing where it counts none."""
    if premium is not None or percent is None:
        return premium or 0
    return None if freight is None else percent_of(goods + freight, percent)


def _percent(amount: int | None, percent: Decimal | None) -> int | None:
    return amount if amount is None or percent is None else percent_of(amount, percent)


class ImportTax(msgspec.Struct, frozen=True):
    """Duty or VAT of goods: percent and amount in minor units, None where no rate is known.

    `base` is what the percent is of, in minor units; None where a part of it is not known. What
    is missing for the amount stands in `lacks`.
    """

    kind: TaxKind
    base: int | None
    percent: Decimal | None
    amount: int | None
    source: str
    url: str
    valid_from: dt.date | None
    lacks: list[Lack] = []

    @classmethod
    def on_import(
        cls, value: CustomsValue, duty: TaxRate | None, vat: TaxRate | None
    ) -> "list[ImportTax]":
        """Duty on the customs value; VAT on that, the duty and what the rule adds.

        Each is rounded half-even once.
        """
        on_value = cls._of(TaxKind.DUTY, value.amount, duty, value.lacks)
        base = sum_known((value.amount, on_value.amount, value.beyond))
        lacks = list(value.lacks)
        if on_value.amount is None and not lacks:
            lacks.append(Lack.DUTY)
        if value.beyond is None and not value.lacks:
            lacks.append(Lack.FREIGHT)
        return [on_value, cls._of(TaxKind.VAT, base, vat, lacks)]

    @classmethod
    def _of(
        cls, kind: TaxKind, base: int | None, rate: TaxRate | None, lacks: list[Lack]
    ) -> "ImportTax":
        if rate is None:
            return cls(kind, base, None, None, "", "", None, [*lacks, Lack.RATE])
        amount = None if base is None else percent_of(base, rate.percent)
        return cls(kind, base, rate.percent, amount, rate.source, rate.url, rate.valid_from, lacks)
