"""The API of goods: `/v1/catalog`, what they are, at what terms, and edits of many at once."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from beltline.catalog import queries
from beltline.catalog.actions import goods as actions
from beltline.catalog.queries import goods
from beltline.catalog.types import (
    Attribute,
    Change,
    Edit,
    EditPlan,
    EditProblem,
    Offer,
    ProductBody,
    Sku,
    TranslationBody,
)
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Words = Annotated[str, Parameter(max_length=200)]


class Break(msgspec.Struct, frozen=True):
    """The unit price (an exact decimal text) from a quantity of base units on."""

    quantity_from: int
    unit_price: str


class OfferAnswer(msgspec.Struct, frozen=True):
    """Terms of today. The operator also sees those to itself (audience OPERATOR).

    `deposit_percent` is paid with the order and the rest when the goods are made; null: all at
    once.
    """

    seller: str
    audience: str
    currency: str
    moq: int
    availability: str
    sales_model: str
    lead_time_days: float | None
    tax_basis: str
    valid_until: dt.date | None
    breaks: list[Break]
    deposit_percent: float | None = None


class SkuAnswer(msgspec.Struct, frozen=True):
    """A SKU with today's offers. Weight in g, sizes in mm, quantities in base units."""

    code: str
    product: str
    category: str
    supplier: str
    title: str
    title_zh: str
    uom: str
    pack_size: int
    weight_g: int | None
    size_mm: list[int | None]
    cargo_class: str
    hs_code: str
    offers: list[OfferAnswer]


class SkuList(msgspec.Struct, frozen=True):
    """One page of SKUs, by code."""

    items: list[SkuAnswer]
    next_cursor: str | None


class Spoken(msgspec.Struct, frozen=True):
    """A translation; a machine's is marked, and one of an older text is stale."""

    locale: str
    title: str
    description: str
    is_machine: bool
    is_stale: bool


class ProductAnswer(msgspec.Struct, frozen=True):
    """A product in its own language, with typed attributes, translations and pictures."""

    code: str
    category: str
    supplier: str
    locale: str
    title: str
    title_zh: str
    description: str
    origin_country: str
    origin_place: str
    is_customizable: bool
    version: int
    attributes: dict[str, str]
    translations: list[Spoken]
    media: list[str]


class AttributeList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The attributes of a category, in the order they are asked for."""

    items: Annotated[list[Attribute], msgspec.Meta(max_length=200)]


class EditBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows as texts by column: `sku` and fields; with `dry_run` nothing is changed."""

    rows: Annotated[list[dict[str, str]], msgspec.Meta(min_length=1, max_length=2_000)]
    dry_run: bool = False


class EditAnswer(msgspec.Struct, frozen=True):
    """What an edit changed (or would), and what is left out. `id` is null for a dry run."""

    id: str | None
    changes: list[Change]
    problems: list[EditProblem]
    warnings: list[EditProblem]
    undo_until: dt.datetime | None


class HsAnswer(msgspec.Struct, frozen=True):
    """An HS code that may fit, with its evidence; CONFIRMED by a person or not."""

    hs_code: str
    score: float
    evidence: str
    state: str


class HsList(msgspec.Struct, frozen=True):
    """The candidates of a SKU, the best first."""

    items: list[HsAnswer]


class HsDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a candidate is the one."""

    confirm: bool


@get("/v1/catalog/goods", summary="List SKUs with all terms")
async def list_goods(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    q: Words = "",
    category: str | None = None,
    supplier: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> SkuList:
    """SKUs by code with the terms of today that the caller may see; `q` looks in code, titles."""
    actor.needs_scope("catalog:read")
    after = decode_cursor(cursor, str)
    async with database.reading(actor) as db:
        rows = await queries.list_skus(
            db, words=q.strip(), category=category, supplier=supplier,
            after=after[0] if after else "", limit=limit + 1,
        )  # fmt: skip
        shown, following = cut(rows, limit, lambda row: (row.code,))
        return SkuList(await _with_offers(db, shown, day_of(now)), following)


@get("/v1/catalog/goods/{sku:str}", summary="One SKU with all terms")
async def get_goods(sku: str, database: Database, actor: Actor, now: dt.datetime) -> SkuAnswer:
    """A SKU by its code."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return (await _with_offers(db, [await queries.get_sku(db, sku)], day_of(now)))[0]


@get("/v1/catalog/products/{product:str}", summary="One product")
async def get_product(product: str, database: Database, actor: Actor) -> ProductAnswer:
    """A product's words, attributes, translations and pictures."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return await _product(db, product)


@put("/v1/catalog/products/{product:str}", summary="Describe a product")
async def describe(
    product: str, data: ProductBody, database: Database, actor: Actor, now: dt.datetime
) -> ProductAnswer:
    """Words, origin and attributes; what is left out stays, an attribute of null is taken away."""
    actor.needs_scope("catalog:write")
    async with database.writing(actor) as db:
        await actions.describe(db, actor, product=product, told=data, now=now)
        return await _product(db, product)


@put("/v1/catalog/products/{product:str}/translations/{locale:str}", summary="Translate a product")
async def translate(
    *,
    product: str,
    locale: Annotated[str, Parameter(pattern=r"^[a-z]{2}$")],
    data: TranslationBody,
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> ProductAnswer:
    """The source is kept. A machine's words (`is_machine`) never replace a person's."""
    actor.needs_scope("catalog:write")
    async with database.writing(actor) as db:
        await actions.translate(db, actor, product=product, locale=locale, told=data, now=now)
        return await _product(db, product)


@get("/v1/catalog/attributes/{category:str}", summary="The attributes of a category")
async def list_attributes(category: str, database: Database, actor: Actor) -> AttributeList:
    """What products of a category can say, typed and with units."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return AttributeList(await goods.list_attributes(db, category))


@put("/v1/catalog/attributes/{category:str}", summary="Set the attributes of a category")
async def define_attributes(
    category: str, data: AttributeList, database: Database, actor: Actor, now: dt.datetime
) -> AttributeList:
    """These and no others, in this order; the operator decides them."""
    actor.needs_scope("catalog:write")
    async with database.writing(actor) as db:
        await actions.define_attributes(db, actor, category=category, told=data.items, now=now)
        return AttributeList(await goods.list_attributes(db, category))


@post(
    "/v1/catalog/edits",
    summary="Edit many SKUs at once",
    responses={200: ResponseSpec(EditAnswer, description="A dry run: nothing was changed.")},
)
async def edit(
    data: EditBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[EditAnswer]:
    """Titles, measures, first prices, MOQ and lead times; undone within ten minutes if wanted."""
    actor.needs_scope("catalog:write")

    async def act(db: Writer) -> tuple[int, Any]:
        plan = await actions.plan_rows(db, actor, data.rows)
        if data.dry_run:
            return 200, _edit(plan, None)
        return 201, _edit(plan, await actions.keep_plan(db, actor, plan, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation="catalog.edit", body=data, act=act
    )
    return answered(answer, EditAnswer)


@post("/v1/catalog/edits/{edit_id:str}/undo", summary="Undo an edit", status_code=200)
async def undo(
    edit_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[EditAnswer]:
    """Everything as it was before, if nobody has changed the same since."""
    actor.needs_scope("catalog:write")
    found = read_id("edit", edit_id)

    async def act(db: Writer) -> tuple[int, Any]:
        undone = await actions.undo_edit(db, actor, edit_id=found, now=now)
        return 200, EditAnswer(edit_id, undone.changes, [], [], None)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"catalog.undo {edit_id}", body=None,
        act=act,
    )  # fmt: skip
    return answered(answer, EditAnswer)


@post("/v1/catalog/goods/{sku:str}/hs-candidates", summary="Look for HS codes", status_code=200)
async def suggest_hs(
    sku: str, database: Database, actor: Actor, idempotency_key: str
) -> Response[HsList]:
    """The five codes with the best evidence; what a person decided stays."""
    actor.needs_scope("catalog:write")

    async def act(db: Writer) -> tuple[int, Any]:
        found = await actions.suggest_hs(db, actor, sku=sku)
        return 200, HsList([HsAnswer(c.hs_code, c.score, c.evidence, c.state) for c in found])

    answer = await once(
        database, actor, key=idempotency_key, operation=f"catalog.hs {sku}", body=None, act=act
    )
    return answered(answer, HsList)


@put("/v1/catalog/goods/{sku:str}/hs-candidates/{hs_code:str}", summary="Decide an HS code")
async def decide_hs(
    *,
    sku: str,
    hs_code: str,
    data: HsDecision,
    database: Database,
    actor: Actor,
    now: dt.datetime,
) -> HsList:
    """A person of the operator confirms or rejects; the confirmed code becomes the SKU's."""
    actor.needs_scope("catalog:write")
    async with database.writing(actor) as db:
        kept = await actions.decide_hs(
            db, actor, sku=sku, hs_code=hs_code, confirm=data.confirm, now=now
        )
        found = await goods.list_hs(db, kept.id)
    return HsList([HsAnswer(c.hs_code, c.score, c.evidence, c.state) for c in found])


async def _with_offers(db: Reader, skus: list[Sku], today: dt.date) -> list[SkuAnswer]:
    ids = [sku.id for sku in skus]
    selling = await queries.list_offers(db, ids, audience="BUYERS", on=today)
    # Row-level security leaves out what is none of the caller's business.
    buying = await queries.list_offers(db, ids, audience="OPERATOR", on=today)
    return [
        SkuAnswer(
            sku.code, sku.product, sku.category, sku.supplier, sku.title, sku.title_zh, sku.uom,
            sku.pack_size, sku.weight_g, [sku.length_mm, sku.width_mm, sku.height_mm],
            sku.cargo_class, sku.hs_code,
            [_offer(one) for one in (*selling.get(sku.id, []), *buying.get(sku.id, []))],
        )
        for sku in skus
    ]  # fmt: skip


def _offer(one: Offer) -> OfferAnswer:
    return OfferAnswer(
        one.seller, one.audience, one.currency, one.moq, one.availability, one.sales_model,
        one.lead_time_days, one.tax_basis, one.valid_until,
        [Break(b.quantity_from, decimal_text(b.unit_price)) for b in one.breaks],
        None if one.deposit_percent is None else float(one.deposit_percent),
    )  # fmt: skip


async def _product(db: Reader, code: str) -> ProductAnswer:
    found = await goods.get_product(db, code)
    values = await goods.list_values(db, found.id)
    spoken = await goods.list_translations(db, found, actions.source_of(found))
    return ProductAnswer(
        found.code, found.category, found.supplier, found.locale, found.title, found.title_zh,
        found.description, found.origin_country, found.origin_place, found.is_customizable,
        found.version,
        {v.code: v.text_value if v.text_value is not None
         else decimal_text(v.number_value or Decimal(0))
         for v in values},
        [Spoken(t.locale, t.title, t.description, t.is_machine, t.is_stale) for t in spoken],
        [show_id("med", one.id) for one in await goods.list_media(db, found.id)],
    )  # fmt: skip


def _edit(plan: EditPlan, made: Edit | None) -> EditAnswer:
    return EditAnswer(
        show_id("edit", made.id) if made else None, plan.changes, plan.problems, plan.warnings,
        made.made_at + actions.UNDO_WITHIN if made else None,
    )  # fmt: skip


ROUTES = (
    list_goods, get_goods, get_product, describe, translate, list_attributes, define_attributes,
    edit, undo, suggest_hs, decide_hs,
)  # fmt: skip
