"""What is alike by API: who else makes an item, and pairs to decide."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from beltline.catalog import queries as catalog
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.search.actions import alike as actions
from beltline.search.queries import alike as queries
from beltline.search.types import (
    Difference,
    Evidence,
    Maker,
    Pair,
    PairKind,
    PairState,
    Side,
    Verdict,
)

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Count = Annotated[int, QueryParameter(ge=1, le=10**12)]


class MakerAnswer(msgspec.Struct, frozen=True):
    """Another supplier's product with its best terms at the quantity asked (null: no offer).

    `kind` is SAME_ITEM, SAME_FACTORY or SUBSTITUTE, `score` how surely both are one item (null:
    through a third product), `differences` what substitutes say otherwise: `a` of the product
    asked about, `b` of this one. `on_time` is measured on `trials` orders.
    """

    sku: str
    product: str
    title: str
    title_zh: str
    uom: str
    supplier: str
    supplier_name: str
    tier: str
    belt: str
    kind: PairKind
    state: PairState
    score: float | None
    evidence: list[Evidence]
    differences: list[Difference]
    currency: str | None
    unit_price: str | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    on_time: float | None
    trials: int


class MakerList(msgspec.Struct, frozen=True):
    """Who else makes the product of a SKU: the same item first, each kind by price."""

    sku: str
    product: str
    group_id: str | None
    items: list[MakerAnswer]


class PairSide(msgspec.Struct, frozen=True):
    """One product of a pair."""

    product: str
    sku: str
    title: str
    title_zh: str
    supplier: str
    supplier_name: str
    tier: str


class PairAnswer(msgspec.Struct, frozen=True):
    """Two products of two suppliers, what speaks for their being one item, what people said."""

    id: str
    kind: PairKind
    state: PairState
    score: float
    evidence: list[Evidence]
    differences: list[Difference]
    decided_by: str
    decided_at: dt.datetime | None
    a: PairSide
    b: PairSide


class PairList(msgspec.Struct, frozen=True):
    """One page of pairs that wait, the most doubtful first."""

    items: list[PairAnswer]
    next_cursor: str | None


class VerdictBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a pair is: SAME, SUBSTITUTE or UNLIKE."""

    verdict: Verdict


@get("/v1/search/alike/{sku:str}", summary="Who else makes an item")
async def list_alike(
    *, sku: str, database: Database, actor: Actor, now: dt.datetime, quantity: Count = 1
) -> MakerList:
    """Other suppliers' products that are the same item or a substitute, side by side.

    Prices are of one unit of sale at `quantity` base units, in the offer's own currency; the
    operator gets the terms it buys at, everybody else those to buyers.
    """
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        own = await catalog.get_sku(db, sku)
        group = await queries.find_group(db, own.product)
        makers = await actions.list_makers(
            db, actor, own.product, quantity=quantity, on=day_of(now)
        )
    return MakerList(
        own.code, own.product, show_id("grp", group) if group else None, [_maker(m) for m in makers]
    )


@get("/v1/search/pairs", summary="List pairs to decide")
async def list_pairs(
    *, database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> PairList:
    """Pairs of products that may be one item and that nobody has decided; for the operator."""
    actor.needs_scope("catalog:read")
    actor.needs_operator()
    after = decode_cursor(cursor, float, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_waiting_pairs(
            db, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.doubt, row.id))
    return PairList([_pair(row) for row in shown], following)


@post("/v1/search/pairs/{pair_id:str}/decision", summary="Decide a pair", status_code=200)
async def decide_pair(
    *,
    pair_id: str,
    data: VerdictBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[PairAnswer]:
    """Say whether two products are one item; groups follow at once, and later runs keep it."""
    actor.needs_scope("catalog:write")
    found = read_id("pair", pair_id)

    async def act(db: Writer) -> tuple[int, Any]:
        decided = await actions.decide_pair(db, actor, pair_id=found, verdict=data.verdict, now=now)
        return 200, _pair(decided)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"search.decide {pair_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, PairAnswer)


def _maker(one: Maker) -> MakerAnswer:
    price = None if one.unit_price is None else decimal_text(one.unit_price)
    return MakerAnswer(
        one.sku, one.product, one.title, one.title_zh, one.uom, one.supplier, one.supplier_name,
        one.tier, one.belt, one.kind, one.state, one.score, one.evidence, one.differences,
        one.currency, price, one.moq, one.availability, one.lead_time_days, one.on_time,
        one.trials,
    )  # fmt: skip


def _pair(row: Pair) -> PairAnswer:
    return PairAnswer(
        show_id("pair", row.id), row.kind, row.state, row.score, row.evidence, row.differences,
        row.decided_by, row.decided_at, _side(row.a), _side(row.b),
    )  # fmt: skip


def _side(side: Side) -> PairSide:
    return PairSide(
        side.product, side.sku, side.title, side.title_zh, side.supplier, side.supplier_name,
        side.tier,
    )  # fmt: skip


ROUTES = (list_alike, list_pairs, decide_pair)
