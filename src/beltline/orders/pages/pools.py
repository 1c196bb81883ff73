"""Pools: what buyers may reach together, one of them with its pledges, and what can be done."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.catalog import queries as catalog
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of, day_start
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.figures import decimal_text
from beltline.kit.ids import new_id, read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, read_quantity
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.orders.actions import pools as actions
from beltline.orders.pages.form import ADDRESS
from beltline.orders.pages.orders import METHODS, is_buyer
from beltline.orders.queries import find_latest_ship_to
from beltline.orders.queries import pools as queries
from beltline.orders.rules.pools import price_alone
from beltline.orders.types import QUANTITY_MAX, QuantityUnreadable
from beltline.orders.types.pools import (
    PledgeBody,
    PledgeIncomplete,
    Pool,
    PoolBody,
    PoolStatus,
    PriceUnreadable,
    TimeUnreadable,
)

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

STATES: Final[Mapping[PoolStatus, str]] = {
    "OPEN": N_("Open"), "REACHED": N_("Reached"), "LAPSED": N_("Lapsed"),
    "CANCELLED": N_("Cancelled"),
}  # fmt: skip
TONES: Final = {"OPEN": "info", "REACHED": "ok", "LAPSED": "warn"}
REASONS: Final = {
    "TOO_FEW": N_("Too few wanted it at a price that was reached; all money was given back."),
    "NO_STOCK": N_("There was not enough stock for all of them; all money was given back."),
    "OFFER_ENDED": N_("The offer has ended; all money was given back."),
    "CANCELLED": N_("The operator cancelled it; all money was given back."),
}
PLEDGES: Final = {
    "OPEN": N_("Money held"), "ORDERED": N_("Ordered"), "LEFT_OUT": N_("Left out, given back"),
    "RELEASED": N_("Given back"), "WITHDRAWN": N_("Withdrawn"),
}  # fmt: skip
PLEDGE_TONES: Final = {"OPEN": "info", "ORDERED": "ok", "LEFT_OUT": "warn"}
_STATES: Final[Mapping[str, PoolStatus]] = {status: status for status in STATES}
_REQUIRED: Final = ("name", "country", "city", "line1")


@get("/pools")
async def list_page(
    database: Database, actor: Actor, page: PageContext, status: str = "", after: str = ""
) -> Response[str]:
    """Pools, newest first."""
    return await _list(database, actor, page, status=status, after=after)


async def _list(
    database: Database, actor: Actor, page: PageContext, *, status: str = "", after: str = "",
    form: Mapping[str, str] | None = None, refused: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    chosen = _STATES.get(status)
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_pools(
            db, actor, status=chosen, before=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.opened_at, row.id))
    view = View("/pools", {"status": chosen or ""})
    tabs = [(page.gettext("All"), view.but(status=""), not chosen)]
    tabs += [
        (page.gettext(text), view.but(status=name), name == chosen) for name, text in STATES.items()
    ]
    return render(
        "orders/pools.html", page, status=refused.status if refused else 200, rows=shown,
        following=following, after=after, view=view, tabs=tabs, states=STATES, tones=TONES,
        is_operator=actor.org_kind == "OPERATOR", is_buyer=is_buyer(actor), form=form or {},
        refused=refused.sentence(page.gettext) if refused else "", clock=_clock(page),
        wrong=refused.param if refused else "",
    )  # fmt: skip


@post("/pools")
async def open_pool(
    data: Form, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Open one."""
    try:
        body = await _pool_body(database, actor, data)
        async with database.writing(actor) as db:
            pool = await actions.open_pool(db, actor, body=body, now=now)
    except Refusal as refusal:
        return await _list(database, actor, page, form=data, refused=refusal)
    return to(_path(pool.id))


async def _pool_body(database: Database, actor: Actor, form: Mapping[str, str]) -> PoolBody:
    code, typed = form.get("sku", "").strip()[:120] or "-", form.get("target", "").strip()
    currency = form.get("currency", "").strip().upper()
    async with database.reading(actor) as db:
        known = (await catalog.skus_of(db, [code])).get(code)
    target = read_quantity(typed, Uom(known.uom) if known else Uom.PIECE) if typed else None
    if typed and (target is None or target > QUANTITY_MAX):
        raise QuantityUnreadable(sku=code, typed=typed[:40], param="target")
    try:
        day = dt.date.fromisoformat(form.get("closes", ""))
        closes_at = day_start(day + dt.timedelta(days=1))
    except (ValueError, OverflowError):
        raise TimeUnreadable(typed=form.get("closes", "")[:40], param="closes") from None
    return PoolBody(
        sku=code.replace("\0", ""), closes_at=closes_at, target_quantity=target,
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else "USD",
        note=form.get("note", "").replace("\0", "")[:2_000],
    )  # fmt: skip


@get("/pools/{pool_id:str}")
async def pool_page(
    pool_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One pool: how far it is, who is in it, and joining or leaving it."""
    return await _show(database, actor, page, read_id("pool", pool_id))


async def _show(
    database: Database, actor: Actor, page: PageContext, pool_id: UUID, *,
    form: Mapping[str, str] | None = None, refused: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    async with database.reading(actor) as db:
        pool = await queries.get_pool(db, actor, pool_id)
        pledges = await queries.list_pledges(db, pool_id)
        offers = await catalog.list_offers(
            db, [pool.sku_id], audience="BUYERS", on=day_of(page.now)
        )
        latest = await find_latest_ship_to(db, actor.org_id) if is_buyer(actor) else None
    offer = next((o for o in offers.get(pool.sku_id, []) if o.currency == pool.currency), None)
    breaks = [(b.quantity_from, b.unit_price) for b in offer.breaks] if offer else []
    is_open = pool.status == "OPEN" and pool.closes_at > page.now
    drafted = {name: str((latest or {}).get(name, "")) for name in ADDRESS} | {
        "reference": f"{page.today:%Y%m%d}-{new_id().hex[-4:]}",
        "price_max": decimal_text(pool.unit_price),
    }
    return render(
        "orders/pool.html", page, status=refused.status if refused else 200, pool=pool,
        pledges=pledges, offer=offer, breaks=breaks, states=STATES, tones=TONES, Money=Money,
        price_now=price_alone(breaks, offer.moq if offer else 1, pool.pledged_quantity),
        reasons=REASONS, pledge_states=PLEDGES, pledge_tones=PLEDGE_TONES, is_open=is_open,
        is_operator=actor.org_kind == "OPERATOR", may_join=is_buyer(actor) and is_open,
        is_in=any(p.status == "OPEN" for p in pledges), clock=_clock(page),
        methods=[(m, page.gettext(METHODS[m])) for m in ("BALANCE", "CREDIT")],
        form=dict(form) if form else drafted, shown_id=show_id("pool", pool.id),
        refused=refused.sentence(page.gettext) if refused else "",
        wrong=refused.param if refused else "", paid=_paid(pool),
    )  # fmt: skip


def _paid(pool: Pool) -> Decimal:
    return pool.unit_price if pool.final_price is None else pool.final_price


@post("/pools/{pool_id:str}/join")
async def join_pool(
    *,
    pool_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Pledge what was typed."""
    found = read_id("pool", pool_id)
    async with database.reading(actor) as db:
        pool = await queries.get_pool(db, actor, found)
    try:
        body = _pledge_body(data, pool)
        async with database.writing(actor) as db:
            await actions.join_pool(db, actor, pool_id=found, body=body, now=now)
    except Refusal as refusal:
        return await _show(database, actor, page, found, form=data, refused=refusal)
    return to(_path(found))


def _pledge_body(form: Mapping[str, str], pool: Pool) -> PledgeBody:
    typed = form.get("quantity", "").strip()
    units = read_quantity(typed, Uom(pool.uom))
    if units is None or units > QUANTITY_MAX:
        raise QuantityUnreadable(sku=pool.sku, typed=typed[:40], param="quantity")
    most = form.get("price_max", "").strip().replace(",", "")
    if most and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", most):
        raise PriceUnreadable(typed=most[:40], param="price_max")
    address = {name: form.get(name, "").replace("\0", "").strip()[:200] for name in ADDRESS}
    country = address["country"].upper()
    missing = [name for name in _REQUIRED if not address[name]]
    if not re.fullmatch("[A-Z]{2}", country):
        missing.append("country")
    if missing:
        raise PledgeIncomplete(param=missing[0])
    method = form.get("method", "")
    return msgspec.convert(
        {
            "quantity": units, "price_max": most or None,
            "reference": form.get("reference", "").replace("\0", "").strip()[:120] or pool.number,
            "ship_to": {**address, "country": country},
            "payment": {"method": method if method == "CREDIT" else "BALANCE"},
        }, PledgeBody,
    )  # fmt: skip


@post("/pools/{pool_id:str}/leave")
async def leave_pool(
    pool_id: str, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Take the pledge back."""
    found = read_id("pool", pool_id)
    try:
        async with database.writing(actor) as db:
            await actions.leave_pool(db, actor, pool_id=found, now=now)
    except Refusal as refusal:
        return await _show(database, actor, page, found, refused=refusal)
    return to(_path(found))


@post("/pools/{pool_id:str}/end")
async def end_pool(
    *,
    pool_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """End it now, as far as it has come, or without orders."""
    found = read_id("pool", pool_id)
    try:
        async with database.writing(actor) as db:
            await actions.end_pool(
                db, actor, pool_id=found, now=now, is_cancelled=data.get("act") == "cancel"
            )
    except Refusal as refusal:
        return await _show(database, actor, page, found, refused=refusal)
    return to(_path(found))


def _path(pool_id: UUID) -> str:
    return f"/pools/{show_id('pool', pool_id)}"


def _clock(page: PageContext) -> Any:
    def left(closes_at: dt.datetime) -> tuple[str, str]:
        span = formats.duration(abs(closes_at - page.now), page.locale)
        if closes_at <= page.now:
            return page.gettext("closing"), "warn"
        tone = formats.deadline_tone(closes_at, page.now).value
        return page.gettext("%(span)s left") % {"span": span}, tone

    return left


PAGES = (list_page, open_pool, pool_page, join_pool, leave_pool, end_pool)
