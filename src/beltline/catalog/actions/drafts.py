"""Use cases of new goods: a supplier tells of them, the operator takes them in or returns them."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.catalog import store
from beltline.catalog.actions.goods import MEDIA_MAX
from beltline.catalog.queries import drafts as queries
from beltline.catalog.rules import drafts as rules
from beltline.catalog.types import (
    Approval,
    Draft,
    DraftDecided,
    DraftPlan,
    DraftState,
    DraftUnusable,
    MediaFull,
    NothingTold,
    NotYours,
    SupplierNotVerified,
)
from beltline.kit import events
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Reader, Writer
from beltline.kit.events import Parties
from beltline.kit.ids import new_id
from beltline.kit.images import clean_image
from beltline.suppliers import queries as suppliers
from beltline.suppliers.types import ReasonNeeded, Standing


async def plan_sheet(db: Reader, actor: Actor, text: str) -> DraftPlan:
    """What a pasted sheet of goods would add and change; changes nothing."""
    return await plan_rows(db, actor, rules.read_sheet(text))


async def plan_rows(db: Reader, actor: Actor, rows: Sequence[Mapping[str, str]]) -> DraftPlan:
    """What rows of texts by field would add and change; changes nothing."""
    if actor.org_kind != "SUPPLIER":
        raise WrongRole(needed="a supplier", role=actor.org_kind)
    codes = [row.get("sku", "") for row in rows]
    current, approved = await queries.current_fields(db, actor.org_id, codes)
    return rules.plan(rows, current, approved)


async def tell_sheet(db: Writer, actor: Actor, text: str, *, now: dt.datetime) -> DraftPlan:
    """Keep what a pasted sheet says; rows with problems are left out, as the preview said."""
    plan = await tell_rows(db, actor, rules.read_sheet(text), now=now)
    if not plan.rows:
        raise NothingTold(param="text")
    return plan


async def tell_rows(
    db: Writer, actor: Actor, rows: Sequence[Mapping[str, str]], *, now: dt.datetime
) -> DraftPlan:
    """Keep what rows say; those with problems, and those that change nothing, are left out."""
    plan = await plan_rows(db, actor, rows)
    await _keep(db, actor, plan, now)
    return plan


async def tell(
    db: Writer, actor: Actor, row: Mapping[str, str], photo: bytes | None, *, now: dt.datetime
) -> Draft:
    """Tell of one product, with a photo if there is one; refuses what cannot be kept."""
    plan = await plan_rows(db, actor, [row])
    for problem in plan.problems:
        raise DraftUnusable(field=problem.column, value=problem.value[:60], param=problem.column)
    await _keep(db, actor, plan, now)
    (draft,) = await queries.list_by_code(db, actor.org_id, [row["sku"]])
    return await add_photo(db, actor, draft_id=draft.id, data=photo, now=now) if photo else draft


async def add_photo(
    db: Writer, actor: Actor, *, draft_id: UUID, data: bytes, now: dt.datetime
) -> Draft:
    """Add a photo to goods that wait, cleaned; refuses what is none."""
    draft = await _own(db, actor, draft_id)
    image = clean_image(data)
    if len(draft.photos) >= MEDIA_MAX:
        raise MediaFull(most=MEDIA_MAX)
    digest = hashlib.sha256(image.content).digest()
    await store.insert_draft_photo(db, new_id(), draft, image, digest, now)
    return await queries.get_draft(db, draft_id)


async def take_back(db: Writer, actor: Actor, *, draft_id: UUID, now: dt.datetime) -> Draft:
    """Forget goods one told of, before they are in the catalog; what they were."""
    draft = await _own(db, actor, draft_id)
    if not await store.delete_draft(db, draft_id):
        raise DraftDecided(code_=draft.code)
    await _note(db, actor, "take_back", draft_id, {"code": draft.code}, now)
    return draft


async def approve(
    db: Writer, actor: Actor, *, draft_id: UUID, told: Approval, now: dt.datetime
) -> str:
    """Take goods into the catalog; their SKU. Only of a supplier that was verified."""
    actor.needs_operator()
    draft = await queries.get_draft(db, draft_id)
    supplier = await suppliers.get_supplier(db, draft.supplier_org_id)
    if supplier.standing != Standing.ACTIVE:
        raise SupplierNotVerified(supplier=supplier.code)
    if not told.title and not told.title_zh:
        raise DraftUnusable(field="title", value="", param="title")
    return await store.approve_draft(db, actor, draft_id, told, now)


async def return_draft(
    db: Writer, actor: Actor, *, draft_id: UUID, note: str, now: dt.datetime
) -> Draft:
    """Give goods back to their supplier with a reason that it reads."""
    actor.needs_operator()
    if not note.strip():
        raise ReasonNeeded(param="note")
    draft = await queries.get_draft(db, draft_id)
    if not await store.return_draft(db, draft_id, note.strip(), by=actor.name, now=now):
        raise DraftDecided(code_=draft.code)
    await _note(db, actor, "return", draft_id, {"note": note.strip()}, now)
    await events.record(
        db, type_="goods.returned", aggregate="draft", aggregate_id=draft_id,
        sequence=draft.version + 1, parties=Parties(actor.org_id, None, draft.supplier_org_id),
        data={"supplier": draft.supplier, "code": draft.code, "note": note.strip()}, now=now,
    )  # fmt: skip
    return await queries.get_draft(db, draft_id)


async def _keep(db: Writer, actor: Actor, plan: DraftPlan, now: dt.datetime) -> None:
    operator = await organizations.get_operator(db)
    for row in plan.rows:
        draft_id, version = await store.upsert_draft(db, new_id(), actor.org_id, row, now)
        await events.record(
            db, type_="goods.told", aggregate="draft", aggregate_id=draft_id, sequence=version,
            parties=Parties(operator.id, None, actor.org_id), data={"code": row.code}, now=now,
        )  # fmt: skip
        await _note(db, actor, "tell", draft_id, {"code": row.code}, now)


async def _own(db: Writer, actor: Actor, draft_id: UUID) -> Draft:
    draft = await queries.get_draft(db, draft_id)
    if draft.supplier_org_id != actor.org_id:
        raise NotYours(code_=draft.code)
    if draft.state is DraftState.APPROVED:
        raise DraftDecided(code_=draft.code)
    return draft


async def _note(
    db: Writer, actor: Actor, action: str, draft_id: UUID, change: dict[str, object],
    now: dt.datetime,
) -> None:  # fmt: skip
    await accounts.record_audit(
        db, actor, action=action, object_="draft", object_id=draft_id, change=change, now=now
    )
