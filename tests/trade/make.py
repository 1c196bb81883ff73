"""Builders: rate cards from canonical CSV."""

import datetime as dt

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.staging import Imported
from beltline.trade import actions
from beltline.trade.actions import cartons, dated

RATE_COLUMNS = (
    "service", "carrier", "mode", "node", "country", "currency", "valid_from", "valid_until",
    "weight_from_g", "per_parcel", "per_kg", "divisor", "step_g", "minimum_g", "weight_g_max",
    "length_mm_max", "minimum_charge", "fuel_percent", "surcharge", "transit_days_p50",
    "transit_days_p90",
)  # fmt: skip
# By air and by volume with fuel; slow and only by scale; fast, dear and in dollars.
RATES = (
    "1,YUN-AIR,YunExpress,AIR,{node},PL,CNY,2026-01-01,,0,16,80,6000,100,50,30000,1200,20,10,2,9,14\n"
    "2,YUN-AIR,YunExpress,AIR,{node},PL,CNY,2026-01-01,,2000,16,70,6000,100,50,30000,1200,20,10,2,9,14\n"
    "3,RAIL-1,Rail,RAIL,{node},PL,CNY,2026-01-01,2026-12-31,0,10,30,,1,0,20000,,0,0,0,22,24\n"
    "4,DHL-X,DHL,EXPRESS,{node},PL,USD,2026-01-01,,500,0,20,5000,500,500,,,0,0,0,4,9\n"
)


async def import_rates(
    database: Database, operator: Actor, now: dt.datetime, *, csv: str = RATES,
    node: str = "CON-YIW",
) -> Imported:  # fmt: skip
    """Bring in rate cards of lanes from a node to Poland."""
    async with database.system() as db:
        return await actions.import_rates(
            db, operator, columns=RATE_COLUMNS, csv=csv.format(node=node).encode(), now=now
        )


async def import_tax_rates(
    database: Database, operator: Actor, now: dt.datetime, *rows: str
) -> Imported:
    """Bring in rates: row, kind, country, HS code, origin, percent, days, source, address."""
    columns = (
        "kind", "country", "hs_code", "origin", "percent", "valid_from", "valid_until", "source",
        "url",
    )  # fmt: skip
    async with database.system() as db:
        return await dated.import_tax_rates(
            db, operator, columns=columns, csv=("\n".join(rows) + "\n").encode(), now=now
        )


async def import_valuation_rules(
    database: Database, operator: Actor, now: dt.datetime, *rows: str
) -> Imported:
    """Bring in rules: row, country, bases, border and insurance percent, union, days, source."""
    columns = (
        "country", "basis", "vat_basis", "border_percent", "insurance_percent", "customs_union",
        "valid_from", "valid_until", "source", "url",
    )  # fmt: skip
    async with database.system() as db:
        return await dated.import_valuation_rules(
            db, operator, columns=columns, csv=("\n".join(rows) + "\n").encode(), now=now
        )


async def import_low_value_rules(
    database: Database, operator: Actor, now: dt.datetime, *rows: str
) -> Imported:
    """Bring in rules: row, country, limit, currency, scheme, duty, VAT, days, source."""
    columns = (
        "country", "value_max", "currency", "scheme", "duty_percent", "duty_fixed", "vat",
        "valid_from", "valid_until", "source", "url",
    )  # fmt: skip
    async with database.system() as db:
        return await dated.import_low_value_rules(
            db, operator, columns=columns, csv=("\n".join(rows) + "\n").encode(), now=now
        )


async def import_cargo_rules(
    database: Database, operator: Actor, now: dt.datetime, *rows: str
) -> Imported:
    """Bring in cargo rules: row, class, lane, verdict, evidence, instruction, days, source."""
    columns = (
        "cargo_class", "node", "country", "mode", "verdict", "evidence", "instruction",
        "valid_from", "valid_until", "source", "url",
    )  # fmt: skip
    async with database.system() as db:
        return await dated.import_cargo_rules(
            db, operator, columns=columns, csv=("\n".join(rows) + "\n").encode(), now=now
        )


async def import_export_terms(
    database: Database, operator: Actor, now: dt.datetime, **term: str
) -> Imported:
    """Bring in one term of export."""
    term = {"valid_from": "2026-01-01", "source": "contract", **term}
    async with database.system() as db:
        return await dated.import_export_terms(
            db, operator, columns=list(term), csv=f"1,{','.join(term.values())}\n".encode(),
            now=now,
        )  # fmt: skip


CARTONS = (
    "1,{node},C-20,200,150,100,90,5000,1.2,CNY,2026-01-01\n"
    "2,{node},C-40,400,300,300,420,20000,3.2,CNY,2026-01-01\n"
)


async def import_cartons(
    database: Database, operator: Actor, now: dt.datetime, *, node: str = "CON-YIW"
) -> Imported:
    """Bring in a small and a large carton of a node."""
    columns = (
        "node", "code", "length_mm", "width_mm", "height_mm", "tare_g", "load_g_max", "cost",
        "currency", "valid_from",
    )  # fmt: skip
    async with database.system() as db:
        return await cartons.import_cartons(
            db, operator, columns=columns, csv=CARTONS.format(node=node).encode(), now=now
        )
