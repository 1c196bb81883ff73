"""Writes of dated rules: each row of a file is a rule of its own, known by its key."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge


async def complete_tax_rates(db: Writer, name: str) -> None:
    """Write staged rates as they are kept: capitals, digits, empty for any."""
    await db.execute(
        f"""update {name} set country = upper(country), origin = upper(coalesce(origin, '')),
                   hs_code = regexp_replace(coalesce(hs_code, ''), '[. -]', '', 'g'),
                   url = coalesce(url, '')"""
    )


async def complete_valuation_rules(db: Writer, name: str) -> None:
    """The same of staged rules of valuation."""
    await db.execute(
        f"""update {name} set country = upper(country), url = coalesce(url, ''),
                   customs_union = upper(coalesce(customs_union, ''))"""
    )


async def complete_low_value_rules(db: Writer, name: str) -> None:
    """The same of staged rules for little worth."""
    await db.execute(
        f"""update {name} set country = upper(country), url = coalesce(url, ''),
                   scheme = coalesce(scheme, '')"""
    )


async def complete_cargo_rules(db: Writer, name: str) -> None:
    """The same of staged cargo rules."""
    await db.execute(
        f"""update {name} set cargo_class = upper(cargo_class),
                   country = upper(coalesce(country, '')), mode = coalesce(mode, ''),
                   evidence = coalesce(evidence, ''), instruction = coalesce(instruction, ''),
                   url = coalesce(url, '')"""
    )


async def complete_export_terms(db: Writer, name: str) -> None:
    """The same of staged terms."""
    await db.execute(
        f"""update {name} set country = upper(coalesce(country, '')),
                   tax_basis = coalesce(tax_basis, ''),
                   exporter_code = coalesce(exporter_code, ''),
                   principal = coalesce(principal, ''),
                   value_currency = coalesce(value_currency, ''),
                   scheme = coalesce(scheme, ''), scheme_number = coalesce(scheme_number, ''),
                   scheme_currency = coalesce(scheme_currency, ''), url = coalesce(url, '')"""
    )


async def merge_tax_rates(db: Writer, name: str, operator: UUID, now: dt.datetime) -> Imported:
    """Upsert staged rates of the operator."""
    return await merge(
        db, name,
        f"""insert into trade.tax_rate as r (id, operator_org_id, kind, country, hs_code, origin,
              valid_from, valid_until, percent, source, url, updated_at)
            select kit.uuid7($2), $1, i.kind, i.country, i.hs_code, i.origin, i.valid_from,
                   i.valid_until, i.percent, i.source, i.url, $2
              from {name} i order by i.row
            on conflict (operator_org_id, kind, country, hs_code, origin, valid_from)
            do update set valid_until = excluded.valid_until, percent = excluded.percent,
              source = excluded.source, url = excluded.url, updated_at = $2
            where (r.valid_until, r.percent, r.source, r.url)
              is distinct from (excluded.valid_until, excluded.percent, excluded.source,
                                excluded.url)
            returning (xmax = 0)""",
        operator, now,
    )  # fmt: skip


async def merge_valuation_rules(
    db: Writer, name: str, operator: UUID, now: dt.datetime
) -> Imported:
    """Upsert staged rules of valuation of the operator."""
    return await merge(
        db, name,
        f"""insert into trade.valuation_rule as r (id, operator_org_id, country, basis, vat_basis,
              border_percent, insurance_percent, customs_union, valid_from, valid_until, source,
              url, updated_at)
            select kit.uuid7($2), $1, i.country, i.basis, i.vat_basis, i.border_percent,
                   i.insurance_percent, i.customs_union, i.valid_from, i.valid_until, i.source,
                   i.url, $2
              from {name} i order by i.row
            on conflict (operator_org_id, country, valid_from)
            do update set basis = excluded.basis, vat_basis = excluded.vat_basis,
              border_percent = excluded.border_percent,
              insurance_percent = excluded.insurance_percent,
              customs_union = excluded.customs_union, valid_until = excluded.valid_until,
              source = excluded.source, url = excluded.url, updated_at = $2
            where (r.basis, r.vat_basis, r.border_percent, r.insurance_percent, r.customs_union,
                   r.valid_until, r.source, r.url)
              is distinct from (excluded.basis, excluded.vat_basis, excluded.border_percent,
                                excluded.insurance_percent, excluded.customs_union,
                                excluded.valid_until, excluded.source, excluded.url)
            returning (xmax = 0)""",
        operator, now,
    )  # fmt: skip


async def merge_low_value_rules(
    db: Writer, name: str, operator: UUID, now: dt.datetime
) -> Imported:
    """Upsert staged rules of the operator for little worth."""
    return await merge(
        db, name,
        f"""insert into trade.low_value_rule as r (id, operator_org_id, country, value_max,
              currency, scheme, duty_percent, duty_fixed, vat, valid_from, valid_until, source,
              url, updated_at)
            select kit.uuid7($2), $1, i.country, i.value_max, i.currency, i.scheme,
                   i.duty_percent, i.duty_fixed, i.vat, i.valid_from, i.valid_until, i.source,
                   i.url, $2
              from {name} i order by i.row
            on conflict (operator_org_id, country, scheme, currency, value_max, valid_from)
            do update set duty_percent = excluded.duty_percent, duty_fixed = excluded.duty_fixed,
              vat = excluded.vat, valid_until = excluded.valid_until, source = excluded.source,
              url = excluded.url, updated_at = $2
            where (r.duty_percent, r.duty_fixed, r.vat, r.valid_until, r.source, r.url)
              is distinct from (excluded.duty_percent, excluded.duty_fixed, excluded.vat,
                                excluded.valid_until, excluded.source, excluded.url)
            returning (xmax = 0)""",
        operator, now,
    )  # fmt: skip


async def merge_cargo_rules(db: Writer, name: str, operator: UUID, now: dt.datetime) -> Imported:
    """Upsert staged cargo rules of the operator."""
    return await merge(
        db, name,
        f"""insert into trade.cargo_rule as r (id, operator_org_id, cargo_class, node_id, country,
              mode, verdict, evidence, instruction, valid_from, valid_until, source, url,
              updated_at)
            select kit.uuid7($2), $1, i.cargo_class, n.id, i.country, i.mode, i.verdict,
                   i.evidence, i.instruction, i.valid_from, i.valid_until, i.source, i.url, $2
              from {name} i left join trade.node n on n.code = i.node order by i.row
            on conflict (operator_org_id, cargo_class, node_id, country, mode, verdict, evidence,
                         valid_from)
            do update set instruction = excluded.instruction, valid_until = excluded.valid_until,
              source = excluded.source, url = excluded.url, updated_at = $2
            where (r.instruction, r.valid_until, r.source, r.url)
              is distinct from (excluded.instruction, excluded.valid_until, excluded.source,
                                excluded.url)
            returning (xmax = 0)""",
        operator, now,
    )  # fmt: skip


_TERM = """export_mode, exporter, exporter_code, principal, incoterm, vat, value_max,
  value_currency, scheme, scheme_number, scheme_value_max, scheme_currency, valid_until, source,
  url"""


def _of(table: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in _TERM.split(","))


async def merge_export_terms(db: Writer, name: str, operator: UUID, now: dt.datetime) -> Imported:
    """Upsert staged terms of the operator."""
    return await merge(
        db, name,
        f"""insert into trade.export_term as t (id, operator_org_id, node_id, country, tax_basis,
              valid_from, updated_at, {_TERM})
            select kit.uuid7($2), $1, n.id, i.country, i.tax_basis, i.valid_from, $2, {_of("i")}
              from {name} i left join trade.node n on n.code = i.node order by i.row
            on conflict (operator_org_id, node_id, country, tax_basis, valid_from)
            do update set ({_TERM}, updated_at) = row ({_of("excluded")}, $2)
            where ({_of("t")}) is distinct from ({_of("excluded")})
            returning (xmax = 0)""",
        operator, now,
    )  # fmt: skip
