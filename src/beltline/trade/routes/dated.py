"""`/v1/tax-rates`, `/v1/cargo-rules`, `/v1/export-terms`: the operator's dated rules."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.trade.actions import dated as actions
from beltline.trade.queries import dated as queries
from beltline.trade.types import CargoRule, CargoVerdict, ExportTerm, TaxKind, TaxRate

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Country = Annotated[str, Parameter(pattern=r"^[A-Z]{2}\Z")]
Currency = Annotated[str, Parameter(pattern=r"^[A-Z]{3}\Z")]
HsCode = Annotated[str, Parameter(pattern=r"^[0-9]{6,10}\Z")]
HsStart = Annotated[str, Parameter(pattern=r"^[0-9]{0,10}\Z")]
CargoClass = Annotated[str, Parameter(pattern=r"^[A-Z0-9_]{1,50}\Z")]
Amount = Annotated[int, Parameter(ge=0, le=10**15)]


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
    """Duty or VAT: percent and amount, null where no rate is known; and where the rate stands."""

    kind: TaxKind
    base: Money | None
    percent: str | None
    amount: Money | None
    source: str
    url: str
    valid_from: dt.date | None


class TaxQuote(msgspec.Struct, frozen=True):
    """What import taxes of goods come to; null as long as a rate of them is not known."""

    items: list[ImportTaxRow]
    total: Money | None


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
    actor.needs_scope("stock:read")
    actor.needs_operator()
    after = decode_cursor(cursor, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_tax_rates(
            db, country=country, kind=kind, hs_code=hs_code, valid_on=valid_on,
            after=after[0] if after else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.id,))
    return TaxRateList([_rate(row) for row in shown], following)


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
    actor.needs_scope("stock:read")
    actor.needs_operator()
    after = decode_cursor(cursor, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_cargo_rules(
            db, country=country, cargo_class=cargo_class, valid_on=valid_on,
            after=after[0] if after else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.id,))
    return CargoRuleList([_cargo(row) for row in shown], following)


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
    actor.needs_scope("stock:read")
    actor.needs_operator()
    after = decode_cursor(cursor, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_export_terms(
            db, country=country, valid_on=valid_on, after=after[0] if after else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.id,))
    return ExportTermList([_term(row) for row in shown], following)


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
    origin: Country = "CN",
    on: dt.date | None = None,
) -> TaxQuote:
    """Duty on the goods' value, VAT on value and duty; `value` in minor units of `currency`.

    A rate that nobody entered is null, and so is what rests on it: there is no default.
    """
    actor.needs_scope("stock:read")
    async with database.reading(actor) as db:
        found = await actions.quote_taxes(
            db, actor, country=country, hs_code=hs_code, origin=origin, value=value,
            on=on or day_of(now),
        )  # fmt: skip
    amounts = [tax.amount for tax in found]
    known = [amount for amount in amounts if amount is not None]

    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    return TaxQuote(
        [
            ImportTaxRow(
                tax.kind, money(tax.base), _text(tax.percent), money(tax.amount), tax.source,
                tax.url, tax.valid_from,
            )
            for tax in found
        ],
        money(sum(known)) if len(known) == len(amounts) else None,
    )  # fmt: skip


def _rate(r: TaxRate) -> TaxRateRow:
    return TaxRateRow(
        show_id("tax", r.id), r.kind, r.country, r.hs_code, r.origin, f"{r.percent.normalize():f}",
        r.valid_from, r.valid_until, r.source, r.url,
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
    return None if figure is None else f"{figure.normalize():f}"


ROUTES = (list_tax_rates, list_cargo_rules, list_export_terms, quote_taxes)
