"""Use cases of goods: say what they are, show them, prove their class, edit many and undo."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.catalog import queries as catalog
from beltline.catalog import store
from beltline.catalog.queries import goods as queries
from beltline.catalog.rules import attributes, edits
from beltline.catalog.types import (
    Attribute,
    AttributeKind,
    AttributeNotDefinable,
    Change,
    Edit,
    EditPlan,
    EditStale,
    EvidenceBody,
    HsCandidate,
    Media,
    MediaFull,
    NothingToEdit,
    NotYours,
    Product,
    ProductBody,
    Sku,
    TranslationBody,
    UndoTooLate,
)
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import NotFound, Reader, Writer
from beltline.kit.events import Parties
from beltline.kit.ids import new_id
from beltline.kit.images import clean_image
from beltline.suppliers.actions import heat

MEDIA_MAX = 12
UNDO_WITHIN = dt.timedelta(minutes=10)


async def describe(
    db: Writer, actor: Actor, *, product: str, told: ProductBody, now: dt.datetime
) -> Product:
    """Say what a product is: words, origin, attributes of its category by their types."""
    found = await queries.get_product(db, product)
    _needs_owner(actor, found.supplier_org_id, product)
    known = {one.code: one for one in await queries.list_attributes(db, found.category)}
    for code, value in told.attributes.items():
        if code not in known:
            raise NotFound(what="attribute", key=code, param=f"attributes.{code}")
        read = None if value is None else attributes.read(known[code], value)
        await store.set_attribute(db, found, code, read)
    await store.update_product(db, found, told, now)
    change = {"fields": sorted(told.attributes), "version": found.version + 1}
    await accounts.record_audit(
        db, actor, action="describe", object_="product", object_id=found.id, change=change, now=now
    )
    return await queries.get_product(db, product)


async def define_attributes(
    db: Writer, actor: Actor, *, category: str, told: Sequence[Attribute], now: dt.datetime
) -> None:
    """Make the attributes of a category these; what products say under others stays."""
    actor.needs_operator()
    seen: set[str] = set()
    for one in told:
        if one.code in seen or (one.kind is AttributeKind.CHOICE) != bool(one.choices):
            raise AttributeNotDefinable(attribute=one.code, param="items")
        seen.add(one.code)
    await store.replace_attributes(db, category, told)
    await accounts.record_audit(
        db, actor, action="define", object_="attributes", object_id=None,
        change={"category": category, "codes": [one.code for one in told]}, now=now,
    )  # fmt: skip


async def add_media(
    db: Writer, actor: Actor, *, product: str, data: bytes, now: dt.datetime
) -> Media:
    """Show a picture of a product, cleaned; refuses what is none."""
    found = await queries.get_product(db, product)
    _needs_owner(actor, found.supplier_org_id, product)
    image = clean_image(data)
    if len(await queries.list_media(db, found.id)) >= MEDIA_MAX:
        raise MediaFull(most=MEDIA_MAX)
    digest = hashlib.sha256(image.content).digest()
    media_id = new_id()
    await store.insert_media(db, media_id, found, image, digest, now)
    await events.record(
        db, type_="goods.pictured", aggregate="media", aggregate_id=media_id, sequence=1,
        parties=_parties(actor), data={"product": found.code}, now=now,
    )  # fmt: skip
    return next(one for one in await queries.list_media(db, found.id) if one.id == media_id)


async def translate(
    db: Writer, actor: Actor, *, product: str, locale: str, told: TranslationBody, now: dt.datetime
) -> bool:
    """Keep a translation; False when a person's of the same source stays before a machine's."""
    found = await queries.get_product(db, product)
    _needs_owner(actor, found.supplier_org_id, product)
    return await store.upsert_translation(db, found, told, locale, source_of(found), now)


def source_of(product: Product) -> bytes:
    """What a translation is of."""
    return hashlib.sha256(f"{product.locale}\n{product.title}\n{product.title_zh}\n"
                          f"{product.description}".encode()).digest()  # fmt: skip


async def add_evidence(
    db: Writer, actor: Actor, *, sku: str, told: EvidenceBody, now: dt.datetime
) -> None:
    """Say why a SKU's cargo class holds, and until when."""
    found = await catalog.get_sku(db, sku)
    _needs_owner(actor, found.supplier_org_id, sku)
    await store.insert_evidence(db, new_id(), found, told, now)


async def suggest_hs(db: Writer, actor: Actor, *, sku: str) -> list[HsCandidate]:
    """The five HS codes with the best evidence; a person confirms one."""
    found = await catalog.get_sku(db, sku)
    _needs_owner(actor, found.supplier_org_id, sku)
    await store.suggest_hs(db, found, found.category)
    return await queries.list_hs(db, found.id)


async def decide_hs(
    db: Writer, actor: Actor, *, sku: str, hs_code: str, confirm: bool, now: dt.datetime
) -> Sku:
    """Confirm or reject a candidate; only people of the operator do."""
    actor.needs_operator()
    found = await catalog.get_sku(db, sku)
    if not await store.decide_hs(db, found, hs_code, confirm=confirm, by=actor.name, now=now):
        raise NotFound(what="candidate", key=hs_code)
    await accounts.record_audit(
        db, actor, action="confirm_hs" if confirm else "reject_hs", object_="sku",
        object_id=found.id, change={"hs_code": [found.hs_code, hs_code]}, now=now,
    )  # fmt: skip
    return await catalog.get_sku(db, sku)


async def plan_edit(db: Reader, actor: Actor, text: str) -> EditPlan:
    """What a pasted sheet would change; changes nothing."""
    return await plan_rows(db, actor, edits.read_paste(text))


async def plan_rows(db: Reader, actor: Actor, rows: Sequence[Mapping[str, str]]) -> EditPlan:
    """What rows of texts by field would change; changes nothing."""
    current = await queries.current_fields(
        db, actor.org_id, [row.get("sku", "") for row in rows],
        all_goods=actor.org_kind == "OPERATOR",
    )  # fmt: skip
    return edits.plan(rows, current)


async def make_edit(db: Writer, actor: Actor, text: str, *, now: dt.datetime) -> Edit:
    """Change what a pasted sheet says; rows with problems are left out, as the preview said."""
    return await keep_plan(db, actor, await plan_edit(db, actor, text), now=now)


async def keep_plan(db: Writer, actor: Actor, plan: EditPlan, *, now: dt.datetime) -> Edit:
    """Make the changes of a plan, all of them or none; they can be undone for ten minutes."""
    if not plan.changes:
        raise NothingToEdit
    await _apply(db, actor, plan.changes, now)
    edit_id = new_id()
    await store.insert_edit(db, edit_id, actor.org_id, plan.changes, by=actor.name, now=now)
    await accounts.record_audit(
        db, actor, action="edit", object_="goods", object_id=edit_id,
        change={"changes": len(plan.changes)}, now=now,
    )  # fmt: skip
    await _tell(db, actor, edit_id, type_="goods.edited", sequence=1, changes=plan.changes, now=now)
    return await queries.get_edit(db, edit_id)


async def undo_edit(db: Writer, actor: Actor, *, edit_id: UUID, now: dt.datetime) -> Edit:
    """Take an edit back, if nobody has changed the same since."""
    edit = await queries.get_edit(db, edit_id)
    if not await store.mark_undone(db, edit_id, since=now - UNDO_WITHIN, now=now):
        raise UndoTooLate
    await _apply(db, actor, edits.reversed_changes(edit.changes), now)
    await accounts.record_audit(
        db, actor, action="undo", object_="goods", object_id=edit_id, change={}, now=now
    )
    await _tell(db, actor, edit_id, type_="goods.undone", sequence=2, changes=edit.changes, now=now)
    return await queries.get_edit(db, edit_id)


async def _apply(db: Writer, actor: Actor, changes: Sequence[Change], now: dt.datetime) -> None:
    for change in changes:
        if not await store.apply_change(db, actor.org_id, change, now):
            raise EditStale(sku=change.sku)


async def _tell(
    db: Writer, actor: Actor, edit_id: UUID, *, type_: str, sequence: int,
    changes: Sequence[Change], now: dt.datetime,
) -> None:  # fmt: skip
    """Tell those above that goods changed; whose goods they are hears of it too."""
    await events.record(
        db, type_=type_, aggregate="goods_edit", aggregate_id=edit_id, sequence=sequence,
        parties=_parties(actor),
        data={"skus": sorted({change.sku for change in changes})}, now=now,
    )  # fmt: skip


def _parties(actor: Actor) -> Parties:
    is_operator = actor.org_kind == "OPERATOR"
    return Parties(actor.org_id) if is_operator else Parties(supplier_org_id=actor.org_id)


async def count_sales(db: Writer, *, lines: object, at: dt.datetime) -> None:
    """Add an order's lines to what was sold on its day."""
    await store.count_sales(db, lines, day_of(at))


async def work_out_heat(db: Writer, *, now: dt.datetime) -> int:
    """Work out how each belt runs and tell suppliers, who show it; how many belts."""
    rows = await queries.heat_by_belt(db, now=now)
    return await heat.keep_heat(db, rows, now=now)


def _needs_owner(actor: Actor, supplier_org_id: UUID, code: str) -> None:
    if actor.org_kind != "OPERATOR" and actor.org_id != supplier_org_id:
        raise NotYours(code_=code)
