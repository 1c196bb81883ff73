"""Dated rules of customs: rates, what classes may do, terms; what duty and VAT are levied on."""

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from uuid import UUID

import msgspec

from beltline.kit.figures import sum_known
from beltline.kit.money import percent_of, split, to_major, to_minor
from beltline.kit.texts import N_

_CENT: Final = Decimal("0.01")
# A tariff is by subheading at least: goods of one heading may be of many.
_SUBHEADING_DIGITS: Final = 6


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


class LowValueVat(enum.StrEnum):
    """When VAT of a consignment of little worth is due: on import, with the sale, or not at all."""

    DUE = "DUE"
    SALE = "SALE"
    FREE = "FREE"


class LowValueRule(msgspec.Struct, frozen=True):
    """What a country levies on a consignment whose goods are worth `value_max` or less.

    Major units of `currency`. Its duty takes the place of the ordinary rate: `duty_percent` of the
    customs value (0: free), and `duty_fixed` for each tariff code of the consignment. With a
    `scheme`, as IOSS, it holds only for goods that come in under that.
    """

    id: UUID
    country: str
    value_max: Decimal
    currency: str
    scheme: str
    duty_percent: Decimal | None
    duty_fixed: Decimal | None
    vat: LowValueVat
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class Lack(enum.StrEnum):
    """Why an amount is not known.

    No rule of valuation, freight, rate, tariff code or exchange rate; or no duty it rests on.
    """

    RULE = "RULE"
    FREIGHT = "FREIGHT"
    RATE = "RATE"
    DUTY = "DUTY"
    CODE = "CODE"
    EXCHANGE = "EXCHANGE"


LACKS: Final = {
    Lack.RULE: N_("the rule is not known"), Lack.FREIGHT: N_("the freight is not known"),
    Lack.RATE: N_("the rate is not known"), Lack.DUTY: N_("the duty is not known"),
    Lack.CODE: N_("the tariff code is not known"),
    Lack.EXCHANGE: N_("the exchange rate is not known"),
}  # fmt: skip


def worth_of(amount: int, currency: str, rate: Decimal | None) -> Decimal | None:
    """Minor units of a currency in major ones of another, by what one unit is in that; or None."""
    if rate is None:
        return None
    return (to_major(amount, currency) * rate).quantize(_CENT, rounding=ROUND_HALF_EVEN)


class Relief(msgspec.Struct, frozen=True):
    """The rule for a consignment of little worth, None where the ordinary rates hold.

    With `lacks` nobody can say which of the two: what it is worth in a rule's currency is not
    known.
    """

    rule: LowValueRule | None = None
    lacks: list[Lack] = []

    @classmethod
    def of(
        cls, rules: Iterable[LowValueRule], worths: Mapping[str, Decimal | None], scheme: str
    ) -> "Relief":
        """The rule with the lowest limit that goods keep which come in under a scheme, if any.

        `worths` are all goods of the consignment in major units, by currency. Of rules with one
        limit that of the scheme counts, then the newest.
        """
        fitting = [rule for rule in rules if rule.scheme in {"", scheme}]
        if any(worths.get(rule.currency) is None for rule in fitting):
            return cls(lacks=[Lack.EXCHANGE])
        kept = [rule for rule in fitting if (worths[rule.currency] or 0) <= rule.value_max]
        if not kept:
            return cls()
        # Limits in several currencies are compared by what share of each the goods come to.
        return cls(min(kept, key=lambda rule: (
            -((worths[rule.currency] or 0) / rule.value_max), rule.value_max, rule.scheme == "",
            -rule.valid_from.toordinal(),
        )))  # fmt: skip

    def fixed_of(
        self, lines: Sequence[tuple[str, int]], currency: str, rates: Mapping[str, Decimal | None]
    ) -> "list[int | Lack]":
        """What each line of a consignment bears of amounts for codes, or why nobody knows that.

        A line is its code (a heading or nothing: not known) and its amount in minor units of
        `currency`; `rates` are what one unit of another is in that. Lines of one code share its
        amount by theirs, to the last minor unit.
        """
        if self.rule is None or self.rule.duty_fixed is None:
            return [0] * len(lines)
        rate = Decimal(1) if self.rule.currency == currency else rates.get(self.rule.currency)
        if rate is None:
            return [Lack.EXCHANGE] * len(lines)
        whole = to_minor(self.rule.duty_fixed * rate, currency)
        found: list[int | Lack] = [Lack.CODE] * len(lines)
        for code in {code for code, _ in lines if len(code) >= _SUBHEADING_DIGITS}:
            places = [place for place, line in enumerate(lines) if line[0] == code]
            # Goods given away bear their share, too.
            weights = [max(lines[place][1], 1) for place in places]
            for place, share in zip(places, split(whole, weights), strict=True):
                found[place] = share
        return found


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

    `base` is what the percent is of, in minor units; None where a part of it is not known. `fixed`
    is the part of the amount that is no percentage; a tax that `is_with_sale` is due when the
    goods are sold on, and not on import. What is missing for the amount stands in `lacks`.
    """

    kind: TaxKind
    base: int | None
    percent: Decimal | None
    amount: int | None
    source: str
    url: str
    valid_from: dt.date | None
    lacks: list[Lack] = []
    fixed: int = 0
    is_with_sale: bool = False

    @classmethod
    def on_import(
        cls,
        value: CustomsValue,
        duty: TaxRate | None,
        vat: TaxRate | None,
        relief: Relief = Relief(),  # noqa: B008 - frozen
        *,
        fixed: int | Lack = 0,
    ) -> "list[ImportTax]":
        """Duty on the customs value; VAT on that, the duty and what the rule adds.

        Each is rounded half-even once. `relief` is that of the consignment, `fixed` what these
        goods bear of its amounts for tariff codes, or why nobody knows that.
        """
        rule = relief.rule
        if rule is not None:
            on_value = cls._relieved(value, rule, fixed)
        else:
            on_value = cls._of(TaxKind.DUTY, value.amount, duty, value.lacks)
            if relief.lacks:
                on_value = msgspec.structs.replace(on_value, amount=None, lacks=relief.lacks)
        base = sum_known((value.amount, on_value.amount, value.beyond))
        if rule is not None and rule.vat is not LowValueVat.DUE:
            free = cls(
                TaxKind.VAT, base, Decimal(0), 0, rule.source, rule.url, rule.valid_from,
                is_with_sale=rule.vat is LowValueVat.SALE,
            )  # fmt: skip
            return [on_value, free]
        lacks = list(value.lacks)
        if on_value.amount is None and not lacks:
            lacks.append(Lack.DUTY)
        if value.beyond is None and not value.lacks:
            lacks.append(Lack.FREIGHT)
        on_all = cls._of(TaxKind.VAT, base, vat, lacks)
        if relief.lacks:
            # Of little worth there might be none at all.
            on_all = msgspec.structs.replace(on_all, amount=None, lacks=relief.lacks)
        return [on_value, on_all]

    @classmethod
    def _relieved(cls, value: CustomsValue, rule: LowValueRule, fixed: int | Lack) -> "ImportTax":
        percent = rule.duty_percent or Decimal(0)
        # Nothing of a value that nobody knows is nothing.
        part = 0 if not percent else _percent(value.amount, percent)
        lacks = value.lacks if part is None else []
        if isinstance(fixed, Lack):
            lacks, fixed, part = [*lacks, fixed], 0, None
        return cls(
            TaxKind.DUTY, value.amount, percent, None if part is None else part + fixed,
            rule.source, rule.url, rule.valid_from, lacks, fixed,
        )  # fmt: skip

    @classmethod
    def _of(
        cls, kind: TaxKind, base: int | None, rate: TaxRate | None, lacks: list[Lack]
    ) -> "ImportTax":
        if rate is None:
            return cls(kind, base, None, None, "", "", None, [*lacks, Lack.RATE])
        amount = None if base is None else percent_of(base, rate.percent)
        return cls(kind, base, rate.percent, amount, rate.source, rate.url, rate.valid_from, lacks)
