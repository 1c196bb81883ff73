"""Reads of dated rules: rates, values, cargo rules, export terms. They are the operator's own."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Reader
from beltline.trade.types.dated import (
    CargoRule,
    ExportTerm,
    LowValueRule,
    TaxKind,
    TaxRate,
    ValuationRule,
)


async def list_tax_rates(
    db: Reader,
    *,
    country: str | None = None,
    kind: TaxKind | None = None,
    hs_code: str = "",
    valid_on: dt.date | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[TaxRate]:
    """Rates in the order they came; `hs_code` leaves those for codes that begin so or it with."""
    return await db.rows(
        TaxRate,
        """select id, kind, country, hs_code, origin, percent, valid_from, valid_until, source, url
             from trade.tax_rate
            where ($1::text is null or country = $1) and ($2::text is null or kind = $2)
              and (starts_with(hs_code, $3) or starts_with($3, hs_code))
              and ($4::date is null or valid_from <= $4 and coalesce(valid_until, $4) >= $4)
              and ($5::uuid is null or id > $5)
            order by id limit $6""",
        country, kind, hs_code, valid_on, after, limit,
    )  # fmt: skip


async def find_tax_rate(
    db: Reader,
    actor: Actor,
    *,
    kind: TaxKind,
    country: str,
    hs_code: str,
    origin: str,
    on: dt.date,
) -> TaxRate | None:
    """The rate that holds for goods on a day; None where nobody knows one."""
    return await db.find(
        TaxRate,
        """select id, kind, country, hs_code, origin, percent, valid_from, valid_until, source, url
             from trade.tax_on($1, $2, $3, $4, $5, $6)""",
        actor.org_id, kind, country, hs_code, origin, on,
    )  # fmt: skip


def _of_a_country(table: str, columns: str) -> str:
    """Rules by country, day, and the one they follow; those of any where that is null."""
    return f"""select {columns} from {table}
                where ($1::text is null or country = $1)
                  and ($2::date is null or valid_from <= $2 and coalesce(valid_until, $2) >= $2)
                  and ($3::uuid is null or id > $3)
                order by id limit $4"""


_VALUATION = """id, country, basis, vat_basis, border_percent, insurance_percent, customs_union,
  valid_from, valid_until, source, url"""


async def list_valuation_rules(
    db: Reader,
    *,
    country: str | None = None,
    valid_on: dt.date | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[ValuationRule]:
    """Rules of what countries levy on, in the order they came."""
    statement = _of_a_country("trade.valuation_rule", _VALUATION)
    return await db.rows(ValuationRule, statement, country, valid_on, after, limit)


async def find_valuation_rule(
    db: Reader, actor: Actor, *, country: str, on: dt.date
) -> ValuationRule | None:
    """What a country levies on, on a day; None where nobody knows."""
    return await db.find(
        ValuationRule,
        f"select {_VALUATION} from trade.valuation_on($1, $2, $3)",
        actor.org_id, country, on,
    )  # fmt: skip


_LOW_VALUE = """id, country, value_max, currency, scheme, duty_percent, duty_fixed, vat, valid_from,
  valid_until, source, url"""


async def list_low_value_rules(
    db: Reader,
    *,
    country: str | None = None,
    valid_on: dt.date | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[LowValueRule]:
    """Rules for consignments of little worth, in the order they came."""
    statement = _of_a_country("trade.low_value_rule", _LOW_VALUE)
    return await db.rows(LowValueRule, statement, country, valid_on, after, limit)


async def find_low_value_rules(
    db: Reader, actor: Actor, *, country: str, on: dt.date
) -> list[LowValueRule]:
    """All rules of a country on a day, the lowest limit first."""
    return await db.rows(
        LowValueRule,
        f"select {_LOW_VALUE} from trade.low_values_on($1, $2, $3)",
        actor.org_id, country, on,
    )  # fmt: skip


async def list_cargo_rules(
    db: Reader,
    *,
    country: str | None = None,
    cargo_class: str | None = None,
    valid_on: dt.date | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[CargoRule]:
    """Cargo rules in the order they came; those of any country are among each country's."""
    return await db.rows(
        CargoRule,
        """select r.id, r.cargo_class, coalesce(n.code, '') as node, r.country, r.mode, r.verdict,
                  r.evidence, r.instruction, r.valid_from, r.valid_until, r.source, r.url
             from trade.cargo_rule r left join trade.node n on n.id = r.node_id
            where ($1::text is null or r.country in ('', $1))
              and ($2::text is null or r.cargo_class = $2)
              and ($3::date is null or r.valid_from <= $3 and coalesce(r.valid_until, $3) >= $3)
              and ($4::uuid is null or r.id > $4)
            order by r.id limit $5""",
        country, cargo_class, valid_on, after, limit,
    )  # fmt: skip


async def list_export_terms(
    db: Reader,
    *,
    country: str | None = None,
    valid_on: dt.date | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[ExportTerm]:
    """Export terms in the order they came; those of any country are among each country's."""
    return await db.rows(
        ExportTerm,
        """select t.id, coalesce(n.code, '') as node, t.country, t.tax_basis, t.export_mode,
                  t.exporter, t.exporter_code, t.principal, t.incoterm, t.vat, t.value_max,
                  t.value_currency, t.scheme, t.scheme_number, t.scheme_value_max,
                  t.scheme_currency, t.valid_from, t.valid_until, t.source, t.url
             from trade.export_term t left join trade.node n on n.id = t.node_id
            where ($1::text is null or t.country in ('', $1))
              and ($2::date is null or t.valid_from <= $2 and coalesce(t.valid_until, $2) >= $2)
              and ($3::uuid is null or t.id > $3)
            order by t.id limit $4""",
        country, valid_on, after, limit,
    )  # fmt: skip
