"""Use cases of views: keep the filters of a list under a name, for oneself or for all."""

import datetime as dt
import re
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec

from beltline.accounts import queries
from beltline.accounts.actions import record_audit
from beltline.accounts.store import views as store
from beltline.accounts.types import NotAMember, Role, SavedView, ViewsTooMany, ViewUnreadable
from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Writer
from beltline.kit.ids import new_id, show_id

VIEWS_MOST: Final = 200
"""Views that a member sees, its own and those of its organization."""
_WRITERS = (Role.BUYER, Role.PLANNER, Role.WAREHOUSE, Role.FINANCE)
_PATH = re.compile(r"/[a-z][a-z0-9/_-]{0,199}")
_NOT_KEPT = frozenset({"after", "done", "failed"})
"""Where one is in a list and what was just done is no part of a view."""


async def keep_view(
    db: Writer,
    actor: Actor,
    *,
    path: str,
    query: str,
    name: str,
    is_shared: bool,
    now: dt.datetime,
) -> SavedView:
    """Keep an address of a list under a name; the same name again is shown as this one from now on.

    A view for all is for roles that may write: who only looks keeps its own.
    """
    member_id = _member(actor)
    if is_shared:
        actor.needs_role(*_WRITERS)
    view = SavedView(
        id=new_id(), path=path, query=kept_query(query), name=" ".join(name.split()),
        member_id=None if is_shared else member_id, made_by=actor.name,
    )  # fmt: skip
    if not _PATH.fullmatch(path) or not view.query or len(view.query) > 1000:
        raise ViewUnreadable(param="query")
    if not 1 <= len(view.name) <= 60:
        raise ViewUnreadable(param="name")
    await store.lock_views(db, actor.org_id)
    if await queries.count_other_views(db, actor.org_id, member_id, view) >= VIEWS_MOST:
        raise ViewsTooMany(most=VIEWS_MOST)
    kept = await store.keep_view(db, actor.org_id, view, now)
    await record_audit(
        db, actor, action="keep", object_="view", object_id=kept,
        change={"path": path, "name": view.name, "for_all": is_shared}, now=now,
    )  # fmt: skip
    return msgspec.structs.replace(view, id=kept)


async def delete_view(db: Writer, actor: Actor, view_id: UUID, *, now: dt.datetime) -> None:
    """Forget one's own view, or as one who may write, one of the organization's."""
    member_id = _member(actor)
    found = await queries.find_view(db, actor.org_id, member_id, view_id)
    if found is None:
        raise NotFound(what="view", key=show_id("view", view_id))
    if found.member_id is None:
        actor.needs_role(*_WRITERS)
    await store.delete_view(db, actor.org_id, view_id, member_id)
    await record_audit(
        db, actor, action="delete", object_="view", object_id=view_id,
        change={"path": found.path, "name": found.name}, now=now,
    )  # fmt: skip


def kept_query(query: str) -> str:
    """The filters of an address in a fixed order, without what is no part of a view."""
    pairs = parse_qsl(query.removeprefix("?"), max_num_fields=100)
    return urlencode(sorted(pair for pair in pairs if pair[0] not in _NOT_KEPT))


def _member(actor: Actor) -> UUID:
    if actor.via != "MEMBER" or actor.via_id is None:
        raise NotAMember
    return actor.via_id
