"""Writes of the views of lists that people keep."""

import datetime as dt
from uuid import UUID

from beltline.accounts.types import SavedView
from beltline.kit.db import Writer


async def lock_views(db: Writer, org_id: UUID) -> None:
    """Let nobody else keep a view of this organization until the transaction ends."""
    await db.execute("select pg_advisory_xact_lock(hashtextextended($1, 23))", org_id.hex)


async def keep_view(db: Writer, org_id: UUID, view: SavedView, now: dt.datetime) -> UUID:
    """Keep a view, or what it shows under a name it already has; its id."""
    kept: UUID = await db.value(
        """insert into accounts.saved_view (id, org_id, member_id, path, query, name, made_by,
                                            created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (org_id, member_id, path, name) do update set query = excluded.query
           returning id""",
        view.id, org_id, view.member_id, view.path, view.query, view.name, view.made_by, now,
    )  # fmt: skip
    return kept


async def delete_view(db: Writer, org_id: UUID, view_id: UUID, member_id: UUID | None) -> bool:
    """Forget a view of the member's own or of everybody's; whether there was one."""
    found = await db.value(
        """delete from accounts.saved_view
            where id = $1 and org_id = $2 and (member_id is null or member_id = $3)
           returning true""",
        view_id, org_id, member_id,
    )  # fmt: skip
    return found is not None
