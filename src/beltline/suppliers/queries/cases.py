"""Reads of cases against shops."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.db import Reader
from beltline.suppliers.types import CaseState, CaseStatement, ShopCase

_CASE = """
  select c.id, c.number, c.org_id, s.code as supplier, o.name, o.name_zh, c.ground, c.skus,
         c.claimant, c.right_number, c.statement, c.state, c.version, c.opened_by, c.opened_at,
         c.answer_by, c.decision_note, c.decided_by, c.decided_at, c.replacement
    from suppliers.shop_case c
    join suppliers.supplier s on s.org_id = c.org_id
    join accounts.organization o on o.id = c.org_id
"""


async def get_case(db: Reader, case_id: UUID) -> ShopCase:
    """One case, for the operator and the shop."""
    return await db.get(ShopCase, "case", case_id, f"{_CASE} where c.id = $1", case_id)


async def list_cases(
    db: Reader,
    *,
    states: Sequence[CaseState] = (),
    org_id: UUID | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ShopCase]:
    """Cases, the newest first: a shop sees its own."""
    return await db.rows(
        ShopCase,
        f"""{_CASE} where (cardinality($1::text[]) = 0 or c.state = any($1))
              and ($2::uuid is null or c.org_id = $2)
              and ($3::timestamptz is null or (c.opened_at, c.id) < ($3, $4))
            order by c.opened_at desc, c.id desc limit $5""",
        list(states), org_id, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_statements(db: Reader, case_id: UUID, *, limit: int = 200) -> list[CaseStatement]:
    """What was said in a case, in order."""
    return await db.rows(
        CaseStatement,
        """select id, side, kind, text, document_id, said_by, said_at
             from suppliers.case_statement where case_id = $1 order by said_at, id limit $2""",
        case_id,
        limit,
    )


async def count_lost(db: Reader, org_id: UUID, *, since: dt.datetime) -> int:
    """How many cases a shop has open, or lost since an instant."""
    return int(
        await db.value(
            """select count(*) from suppliers.shop_case
                where org_id = $1 and (state in ('FROZEN', 'ANSWERED', 'APPEALED')
                  or (state in ('DELISTED', 'FINAL_DELISTED') and decided_at >= $2))""",
            org_id,
            since,
        )
    )
