"""Reads of saved searches, and of the goods that come to answer them."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.search.queries import terms_of, wanted_of, with_terms
from beltline.search.types import Alert, NewAnswer, Saved

_SAVED = """select s.id, s.org_id, o.kind as org_kind, s.name, s.question, s.wishes,
                   s.state, s.version, s.made_by, s.created_at, s.checked_at,
                   (select count(*) from search.answer a
                     where a.saved_id = s.id and a.told_at is not null) as told,
                   (select count(*) from search.answer a
                     where a.saved_id = s.id and a.told_at is not null and a.seen_at is null)
                     as unseen
              from search.saved s join accounts.organization o on o.id = s.org_id"""


async def list_saved(
    db: Reader, *, after: tuple[dt.datetime, UUID] | None = None, limit: int
) -> list[Saved]:
    """The caller's saved searches, the latest first."""
    return await db.rows(
        Saved,
        f"""{_SAVED} where $1::timestamptz is null or (s.created_at, s.id) < ($1, $2)
             order by s.created_at desc, s.id desc limit $3""",
        *(after or (None, None)),
        limit,
    )


async def get_saved(db: Reader, saved_id: UUID) -> Saved:
    """One saved search."""
    return await db.get(Saved, "saved search", saved_id, f"{_SAVED} where s.id = $1", saved_id)


async def count_saved(db: Reader, org_id: UUID) -> int:
    """How many searches an organization keeps."""
    return int(await db.value("select count(*) from search.saved where org_id = $1", org_id))


async def has_active(db: Reader) -> bool:
    """Whether anybody waits to be told of goods."""
    return bool(await db.value("select exists (select from search.saved where state = 'ACTIVE')"))


async def list_active(db: Reader, *, after: UUID, limit: int) -> list[UUID]:
    """Saved searches behind an id that goods are looked for."""
    return await db.values(
        "select id from search.saved where state = 'ACTIVE' and id > $1 order by id limit $2",
        after,
        limit,
    )


async def list_new_answers(
    db: Reader, saved: Saved, *, search: str, on: dt.date, scanned: int, limit: int
) -> list[NewAnswer]:
    """Goods that say every word of a saved search, fit its wishes on a day, and are new to it."""
    args = [*terms_of(saved.wishes, on), search, saved.id, scanned, limit]
    return await db.rows(
        NewAnswer,
        f"""with said as materialized (
             select d.sku_id, d.code, d.length from search.document d
              where d.words @@ $8::text::tsquery {wanted_of(saved.wishes, args)}
                and not exists (select from search.answer a
                                 where a.saved_id = $9 and a.sku_id = d.sku_id)
              limit $10)
           select s.sku_id, s.code, t.currency, t.unit_price
             from said s {with_terms(saved.wishes, "(select array_agg(sku_id) from said)")}
            order by s.length, s.code limit $11""",
        *args,
    )  # fmt: skip


async def list_alerts(
    db: Reader, saved_id: UUID, *, after: tuple[dt.datetime, UUID] | None = None, limit: int
) -> list[Alert]:
    """Goods that came to answer a saved search, the latest first."""
    return await db.rows(
        Alert,
        """select a.sku_id, k.code as sku, k.title, k.title_zh, k.uom, s.code as supplier,
                  s.name as supplier_name, s.name_zh as supplier_name_zh, a.currency,
                  a.unit_price, a.told_at, a.seen_at
             from search.answer a
             join catalog.sku k on k.id = a.sku_id
             join accounts.organization s on s.id = k.supplier_org_id
            where a.saved_id = $1 and a.told_at is not null
              and ($2::timestamptz is null or (a.told_at, a.sku_id) < ($2, $3))
            order by a.told_at desc, a.sku_id desc limit $4""",
        saved_id,
        *(after or (None, None)),
        limit,
    )
