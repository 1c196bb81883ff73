"""`/v1/tax-rates`, `/v1/valuation-rules` and the like: the operator's dated rules."""

import datetime as dt
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.figures import decimal_text, sum_known
from beltline.kit.ids import show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.trade.actions import dated as actions
from beltline.trade.queries import dated as queries
from beltline.trade.types.dated import (
    CargoRule,
    CargoVerdict,
    ExportTerm,
    Lack,
    LowValueRule,
    LowValueVat,
    TaxKind,
    TaxRate,
    ValuationRule,
    ValueBasis,
    VatBasis,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Country = Annotated[str, Parameter(pattern=r"^[A-Z]{2}\Z")]
Currency = Annotated[str, Parameter(pattern=r"^[A-Z]{3}\Z")]
HsCode = Annotated[str, Parameter(pattern=r"^[0-9]{6,10}\Z")]
HsStart = Annotated[str, Parameter(pattern=r"^[0-9]{0,10}\Z")]
Scheme = Annotated[str, Parameter(max_length=60)]
CargoClass = Annotated[str, Parameter(pattern=r"^[A-Z0-9_]{1,50}\Z")]
Amount = Annotated[int, Parameter(ge=0, le=10**15)]


class _Kept(Protocol):
    @property
    def id(self) -> UUID: ...


Rule = TypeVar("Rule", bound=_Kept)
Row = TypeVar("Row")


class TaxRateRow(msgspec.Struct, frozen=True):
    """A dated rate; percent as an exact decimal text, empty code or origin means any."""

    id: str
    kind: TaxKind
    country: str
    hs_code: str
    origin: str
    percent: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class TaxRateList(msgspec.Struct, frozen=True):
    """One page of rates, in the order they came."""

    items: list[TaxRateRow]
    next_cursor: str | None


class ValuationRuleRow(msgspec.Struct, frozen=True):
    """What a country levies duty and VAT on; percents as exact decimal texts.

    A null `border_percent` is all of the freight, a null `insurance_percent` a premium alone.
    """

    id: str
    country: str
    basis: ValueBasis
    vat_basis: VatBasis
    border_percent: str | None
    insurance_percent: str | None
    customs_union: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class ValuationRuleList(msgspec.Struct, frozen=True):
    """One page of rules of valuation, in the order they came."""

    items: list[ValuationRuleRow]
    next_cursor: str | None


class LowValueRuleRow(msgspec.Struct, frozen=True):
    """What a country levies on goods worth `value_max` or less in all, in place of its rates.

    Limit and `duty_fixed` (for each tariff code) are in major units of `currency`, `duty_percent`
    is of the customs value, all as exact decimal texts; an empty `scheme` means any.
    """

    id: str
    country: str
    value_max: str
    currency: str
    scheme: str
    duty_percent: str | None
    duty_fixed: str | None
    vat: LowValueVat
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class LowValueRuleList(msgspec.Struct, frozen=True):
    """One page of rules for little worth, in the order they came."""

    items: list[LowValueRuleRow]
    next_cursor: str | None


class CargoRuleRow(msgspec.Struct, frozen=True):
    """What a cargo class may do on a lane; empty node, country or mode means any."""

    id: str
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


class CargoRuleList(msgspec.Struct, frozen=True):
    """One page of cargo rules, in the order they came."""

    items: list[CargoRuleRow]
    next_cursor: str | None


class ExportTermRow(msgspec.Struct, frozen=True):
    """How goods leave a node for a country; values in major units, as exact decimal texts."""

    id: str
    node: str
    country: str
    tax_basis: str
    export_mode: str
    exporter: str
    exporter_code: str
    principal: str
    incoterm: str
    vat: str
    value_max: str | None
    value_currency: str
    scheme: str
    scheme_number: str
    scheme_value_max: str | None
    scheme_currency: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class ExportTermList(msgspec.Struct, frozen=True):
    """One page of export terms, in the order they came."""

    items: list[ExportTermRow]
    next_cursor: str | None


class ImportTaxRow(msgspec.Struct, frozen=True):
    """Duty or VAT: percent and amount, null where no rate is known; and where the rate stands.

    `fixed` is the part of the amount that is no percentage. `lacks` says what is missing for the
    amount: RULE (of valuation), FREIGHT, RATE, DUTY, CODE or EXCHANGE (rate).
    """

    kind: TaxKind
    base: Money | None
    percent: str | None
    fixed: Money
    amount: Money | None
    source: str
    url: str
    valid_from: dt.date | None
    lacks: list[Lack]


class CustomsValueRow(msgspec.Struct, frozen=True):
    """What duty is levied on, and the rule that says so; null where that is not known.

    `amount` is `goods` with `freight` and `insurance` as far as they count; `beyond` is what VAT
    is of beside value and duty.
    """

    basis: ValueBasis | None
    goods: Money
    freight: Money | None
    insurance: Money | None
    amount: Money | None
    beyond: Money | None
    lacks: list[Lack]
    source: str
    url: str
    valid_from: dt.date | None


class TaxQuote(msgspec.Struct, frozen=True):
    """What import taxes of goods come to; null as long as a part of them is not known."""

    value: CustomsValueRow
    items: list[ImportTaxRow]
    total: Money | None


async def _page(
    database: Database, actor: Actor, read: Callable[..., Awaitable[list[Rule]]],
    show: Callable[[Rule], Row], cursor: str | None, limit: int,
) -> tuple[list[Row], str | None]:  # fmt: skip
    """One page of the operator's rules as they are shown, and the cursor of the next."""
    actor.needs_scope("stock:read")
    actor.needs_operator()
    after = decode_cursor(cursor, UUID)
    async with database.reading(actor) as db:
        rows = await read(db, after=after[0] if after else None, limit=limit + 1)
    shown, following = cut(rows, limit, lambda row: (row.id,))
    return [show(row) for row in shown], following


@get("/v1/tax-rates", summary="List duty, VAT and refund rates")
async def list_tax_rates(
    *,
    database: Database,
    actor: Actor,
    country: Country | None = None,
    kind: TaxKind | None = None,
    hs_code: HsStart = "",
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> TaxRateList:
    """They come in as the file `tax_rates`."""
    read = partial(
        queries.list_tax_rates, country=country, kind=kind, hs_code=hs_code, valid_on=valid_on
    )
    return TaxRateList(*await _page(database, actor, read, _rate, cursor, limit))


@get("/v1/valuation-rules", summary="List customs value rules")
async def list_valuation_rules(
    *,
    database: Database,
    actor: Actor,
    country: Country | None = None,
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ValuationRuleList:
    """They come in as the file `valuation_rules`."""
    read = partial(queries.list_valuation_rules, country=country, valid_on=valid_on)
    return ValuationRuleList(*await _page(database, actor, read, _valuation, cursor, limit))


@get("/v1/low-value-rules", summary="List low value rules")
async def list_low_value_rules(
    *,
    database: Database,
    actor: Actor,
    country: Country | None = None,
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> LowValueRuleList:
    """They come in as the file `low_value_rules`."""
    read = partial(queries.list_low_value_rules, country=country, valid_on=valid_on)
    return LowValueRuleList(*await _page(database, actor, read, _low_value, cursor, limit))


@get("/v1/cargo-rules", summary="List cargo rules")
async def list_cargo_rules(
    *,
    database: Database,
    actor: Actor,
    country: Country | None = None,
    cargo_class: CargoClass | None = None,
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> CargoRuleList:
    """They come in as the file `cargo_rules`."""
    read = partial(
        queries.list_cargo_rules, country=country, cargo_class=cargo_class, valid_on=valid_on
    )
    return CargoRuleList(*await _page(database, actor, read, _cargo, cursor, limit))


@get("/v1/export-terms", summary="List export terms")
async def list_export_terms(
    *,
    database: Database,
    actor: Actor,
    country: Country | None = None,
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ExportTermList:
    """They come in as the file `export_terms`."""
    read = partial(queries.list_export_terms, country=country, valid_on=valid_on)
    return ExportTermList(*await _page(database, actor, read, _term, cursor, limit))


@get("/v1/tax-quotes", summary="Quote import taxes")
async def quote_taxes(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    country: Country,
    hs_code: HsCode,
    value: Amount,
    currency: Currency,
    freight: Amount | None = None,
    insurance: Amount | None = None,
    origin: Country = "CN",
    scheme: Scheme = "",
    on: dt.date | None = None,
) -> TaxQuote:
    """Duty on the customs value of the country, VAT on what its rule says.

    `value` of the goods, `freight` and a premium of `insurance` are in minor units of `currency`.
    The goods are a whole consignment: where they are worth little, the country's rule for that
    holds, also those for goods under a `scheme`, as IOSS.
    A rule, a rate or a freight that is not known is null, and so is what rests on it: there is no
    default.
    """
    actor.needs_scope("stock:read")
    async with database.reading(actor) as db:
        found = await actions.quote_taxes(
            db, actor, country=country, hs_code=hs_code, origin=origin, goods=value,
            freight=freight, insurance=insurance, currency=currency, scheme=scheme,
            on=on or day_of(now),
        )  # fmt: skip

    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    v = found.value
    return TaxQuote(
        CustomsValueRow(
            v.basis, Money(v.goods, currency), money(v.freight), money(v.insurance),
            money(v.amount), money(v.beyond), v.lacks, v.source, v.url, v.valid_from,
        ),
        [
            ImportTaxRow(
                tax.kind, money(tax.base), _text(tax.percent), Money(tax.fixed, currency),
                money(tax.amount), tax.source, tax.url, tax.valid_from, tax.lacks,
            )
            for tax in found.taxes
        ],
        money(sum_known(tax.amount for tax in found.taxes)),
    )  # fmt: skip


def _rate(r: TaxRate) -> TaxRateRow:
    return TaxRateRow(
        show_id("tax", r.id), r.kind, r.country, r.hs_code, r.origin, decimal_text(r.percent),
        r.valid_from, r.valid_until, r.source, r.url,
    )  # fmt: skip


def _valuation(r: ValuationRule) -> ValuationRuleRow:
    return ValuationRuleRow(
        show_id("val", r.id), r.country, r.basis, r.vat_basis, _text(r.border_percent),
        _text(r.insurance_percent), r.customs_union, r.valid_from, r.valid_until, r.source, r.url,
    )  # fmt: skip


def _low_value(r: LowValueRule) -> LowValueRuleRow:
    return LowValueRuleRow(
        show_id("lvr", r.id), r.country, decimal_text(r.value_max), r.currency, r.scheme,
        _text(r.duty_percent), _text(r.duty_fixed), r.vat, r.valid_from, r.valid_until, r.source,
        r.url,
    )  # fmt: skip


def _cargo(r: CargoRule) -> CargoRuleRow:
    return CargoRuleRow(
        show_id("crg", r.id), r.cargo_class, r.node, r.country, r.mode, r.verdict, r.evidence,
        r.instruction, r.valid_from, r.valid_until, r.source, r.url,
    )  # fmt: skip


def _term(t: ExportTerm) -> ExportTermRow:
    return ExportTermRow(
        show_id("trm", t.id), t.node, t.country, t.tax_basis, t.export_mode, t.exporter,
        t.exporter_code, t.principal, t.incoterm, t.vat, _text(t.value_max), t.value_currency,
        t.scheme, t.scheme_number, _text(t.scheme_value_max), t.scheme_currency, t.valid_from,
        t.valid_until, t.source, t.url,
    )  # fmt: skip


def _text(figure: Decimal | None) -> str | None:
    """An exact decimal without zeros at its end."""
    return None if figure is None else decimal_text(figure)


ROUTES = (
    list_tax_rates, list_valuation_rules, list_low_value_rules, list_cargo_rules,
    list_export_terms, quote_taxes,
)  # fmt: skip
