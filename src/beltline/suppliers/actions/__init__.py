"""Use cases of suppliers: bring in belts, suppliers and closures."""

import datetime as dt
import io
from collections.abc import Sequence
from csv import writer

from beltline.accounts import actions as accounts
from beltline.kit.db import Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.suppliers import store

_SUPPLIER_TYPES = {
    "code": "text", "kind": "text", "name": "text", "name_zh": "text", "belt": "text",
    "tier": "text", "lead_time_days_mean": "double precision",
    "lead_time_days_p95": "double precision", "phone": "text", "contact_id": "uuid",
}  # fmt: skip
_CLOSURE_TYPES = {
    "supplier": "text", "node": "text", "starts": "date", "ends": "date",
    "ramp_down_from": "date", "ramp_up_until": "date", "last_order_date": "date",
    "reason": "text",
}  # fmt: skip
_CODE_FITS = Reference(
    "code", "suppliers.code_invalid",
    N_("“{value}” cannot be a code."),
    "i.code ~ '^[[:alnum:]][^[:space:]@]{1,62}$'",
    N_("Begin with a letter or digit; 2 to 63 characters without blanks and @."),
)  # fmt: skip


async def load_belts(db: Writer) -> int:
    """Bring the belts to what this version ships; how many there are."""
    return await store.replace_belts(db)


async def import_suppliers(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change suppliers, and the organizations they are, from canonical CSV."""
    name = "incoming_suppliers"
    await stage(db, name, _SUPPLIER_TYPES, columns, csv)
    problems = await refuse_unknown(
        db,
        name,
        [
            _CODE_FITS,
            Reference(
                "belt", "suppliers.unknown_belt",
                N_("No belt has the id “{value}”."),
                "exists (select from suppliers.belt b where b.id = i.belt)",
                N_("Use an id of the belt table, or leave the cell empty."),
            )
        ],
    )  # fmt: skip
    await accounts.import_organizations(db, staged=name, kind="SUPPLIER", country="CN", now=now)
    done = await store.merge_suppliers(db, name, now)
    return done + Imported(problems=problems)


async def create_suppliers(db: Writer, *, codes: Sequence[str], now: dt.datetime) -> int:
    """Make suppliers of codes that nobody knows yet; how many were made.

    They are factories of tier C with a lead time of a week until a file says more of them.
    """
    name = "incoming_bare_suppliers"
    rows = io.StringIO()
    writer(rows).writerows(enumerate(codes, start=1))
    await stage(db, name, _SUPPLIER_TYPES, ["code"], rows.getvalue().encode())
    # A code that cannot be one is named by the import that follows.
    await db.execute(
        f"""delete from {name} i where not ({_CODE_FITS.known})
               or exists (select from accounts.organization o where o.code = i.code)"""
    )
    await accounts.import_organizations(db, staged=name, kind="SUPPLIER", country="CN", now=now)
    return (await store.merge_suppliers(db, name, now)).inserted


async def import_closures(db: Writer, *, columns: Sequence[str], csv: bytes) -> Imported:
    """Add and change closures of suppliers; rows that name a node are trade's to import."""
    name = "incoming_supplier_closures"
    await stage(db, name, _CLOSURE_TYPES, columns, csv)
    await db.execute(f"delete from {name} where supplier is null")
    problems = await refuse_unknown(
        db,
        name,
        [
            Reference(
                "supplier", "suppliers.unknown_supplier",
                N_("No supplier has the code “{value}”."),
                "exists (select from suppliers.supplier s where s.code = i.supplier)",
                N_("Import the supplier first, or correct its code."),
            )
        ],
    )  # fmt: skip
    return await store.merge_closures(db, name) + Imported(problems=problems)
