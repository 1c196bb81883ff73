"""Search by API: `/v1/search`, terms read at the moment of asking."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter, QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, decode_cursor, encode_cursor
from beltline.kit.web.kept import answered
from beltline.search import actions, rules
from beltline.search.actions import nearby
from beltline.search.types import Facet, Reason, Shown, Suggestion, TwoQuestions, Wishes

Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Question = Annotated[str, Parameter(max_length=400)]
Count = Annotated[int, QueryParameter(ge=1, le=10**12)]
Currency = Annotated[str, QueryParameter(min_length=3, max_length=3)]
Availability = Literal["SPOT", "MADE_TO_ORDER", "PRESALE"]
Tier = Literal["A", "B", "C"]
Days = Annotated[float, QueryParameter(ge=0, le=10_000)]
Price = Annotated[Decimal, QueryParameter(ge=0)]


class Goods(msgspec.Struct, frozen=True):
    """A SKU that answers, with its terms now for the quantity asked (null: not on offer).

    `availability` is `SPOT` where an order can take the quantity now, or the minimum where that is
    more; it is null where the offer says so and it cannot.
    `score` is 0..1 and the sum of what `reasons` add.
    """

    sku: str
    title: str
    title_zh: str
    category: str
    uom: str
    supplier: str
    supplier_name: str
    tier: str
    belt: str
    currency: str | None
    unit_price: str | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    score: float
    reasons: list[Reason]


class GoodsList(msgspec.Struct, frozen=True):
    """One page of answers, best first.

    `goods` counts all that answer (`has_more` where there are over 500); `left_out` are words
    nothing says, `meant` a question with near words in their place, or empty.
    """

    items: list[Goods]
    next_cursor: str | None
    goods: int
    has_more: bool
    facets: dict[str, list[Facet]]
    left_out: list[str]
    meant: str


@get("/v1/search", summary="Search goods")
async def search_goods(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    q: Question = "",
    photo: str | None = None,
    quantity: Count = 1,
    currency: Currency | None = None,
    price_max: Price | None = None,
    moq_max: Count | None = None,
    lead_time_days_max: Days | None = None,
    availability: Availability | None = None,
    category: str | None = None,
    supplier: str | None = None,
    belt: str | None = None,
    tier: Tier | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> GoodsList:
    """Goods that answer words, a model number, a barcode or a pasted link, in zh, en or es.

    Or, with `photo` of `POST /v1/search/photos` in place of `q`, goods that look like it.

    Prices are of one unit of sale at `quantity` base units, in the offer's own currency:
    `price_max` means one only together with `currency`. `availability=SPOT` finds goods of which
    an order can take `quantity` now, or the minimum where that is more; facets, reasons and the
    goods themselves say `SPOT` of no others.
    """
    actor.needs_scope("catalog:read")
    wishes = Wishes(
        quantity=quantity, currency=currency, price_max=price_max, moq_max=moq_max,
        lead_time_days_max=lead_time_days_max, availability=availability, category=category,
        supplier=supplier, belt=belt, tier=tier,
    )  # fmt: skip
    position = decode_cursor(cursor, float, str)
    if q and photo:
        raise TwoQuestions(param="photo")
    async with database.reading(actor) as db:
        if photo:
            found = await actions.search_by_photo(
                db, read_id("pho", photo), wishes=wishes, on=day_of(now)
            )
        else:
            found = await actions.search_goods(db, q, wishes=wishes, on=day_of(now))
        rest = rules.after(found.goods, position)
        shown = await actions.show(db, rest[:limit])
    last = rest[limit - 1] if len(rest) > limit else None
    return GoodsList(
        items=[_goods(one) for one in shown],
        next_cursor=encode_cursor(last.score, last.hit.code) if last else None,
        goods=len(found.goods), has_more=found.has_more, facets=found.facets,
        left_out=found.left_out, meant=found.meant,
    )  # fmt: skip


class SuggestionList(msgspec.Struct, frozen=True):
    """What a beginning may become: categories and belts, then titles."""

    items: list[Suggestion]


@get("/v1/search/suggestions", summary="What a beginning may become")
async def list_suggestions(database: Database, actor: Actor, q: Question) -> SuggestionList:
    """Categories, belts and titles that go on as somebody types, from two letters on."""
    actor.needs_scope("catalog:read")
    async with database.reading(actor) as db:
        return SuggestionList(await actions.suggest(db, q))


class PhotoBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A photo to look for goods with: JPEG, PNG or WebP of at most 8 MiB, in base64."""

    content: bytes


class PhotoAnswer(msgspec.Struct, frozen=True):
    """A photo that can be asked with until `expires_at`; nothing but its vector is kept."""

    id: str
    expires_at: dt.datetime


@post(
    "/v1/search/photos",
    summary="Send a photo to search with",
    request_max_body_size=2 * BYTES_MAX,
)
async def send_photo(
    *, data: PhotoBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[PhotoAnswer]:
    """Look at a photo; `GET /v1/search?photo=` then finds goods that look like it."""
    actor.needs_scope("catalog:read")

    async def act(db: Writer) -> tuple[int, Any]:
        photo = await nearby.keep_photo(db, actor, data.content, now=now)
        return 201, PhotoAnswer(show_id("pho", photo.id), now + nearby.PHOTO_KEPT)

    answer = await once(
        database, actor, key=idempotency_key, operation="search.photo", body=data, act=act
    )
    return answered(answer, PhotoAnswer)


def _goods(one: Shown) -> Goods:
    hit, label = one.hit, one.label
    price = None if hit.unit_price is None else decimal_text(hit.unit_price)
    return Goods(
        sku=hit.code, title=label.title, title_zh=label.title_zh, category=hit.category,
        uom=label.uom, supplier=hit.supplier, supplier_name=label.supplier_name, tier=hit.tier,
        belt=hit.belt, currency=hit.currency, unit_price=price, moq=hit.moq,
        availability=hit.availability, lead_time_days=hit.lead_time_days, score=one.score,
        reasons=list(one.reasons),
    )  # fmt: skip


ROUTES = (search_goods, list_suggestions, send_photo)
