"""Claims with their clock: the operator answers them, a buyer opens and withdraws its own."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.catalog import queries as catalog
from beltline.catalog.types import Sku
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.money import Money, minor_digits, to_major, to_minor
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, read_quantity
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.ledger import queries as ledger
from beltline.ledger.types import Hold
from beltline.orders import actions, queries
from beltline.orders.pages.orders import is_buyer, to_order
from beltline.orders.types import (
    QUANTITY_MAX,
    AmountUnreadable,
    Bearer,
    ClaimAnswer,
    ClaimBody,
    ClaimCase,
    ClaimedLine,
    ClaimReason,
    OrderDetail,
    QuantityUnreadable,
)

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

STATES: Final = {
    "OPEN": N_("Open"), "REFUNDED": N_("Refunded"), "REJECTED": N_("Rejected"),
    "WITHDRAWN": N_("Withdrawn"),
}  # fmt: skip
TONES: Final = {"OPEN": "warn", "REFUNDED": "ok", "REJECTED": "crit"}
REASONS: Final[Mapping[ClaimReason, str]] = {
    "NOT_ARRIVED": N_("did not arrive"), "DAMAGED": N_("damaged"), "DEFECTIVE": N_("defective"),
    "WRONG": N_("wrong goods"), "NOT_AS_DESCRIBED": N_("not as described"), "LATE": N_("late"),
}  # fmt: skip
BEARERS: Final[Mapping[Bearer, str]] = {
    "OPERATOR": N_("operator"), "SUPPLIER": N_("supplier"), "CARRIER": N_("carrier"),
}  # fmt: skip
_REASONS: Final[Mapping[str, ClaimReason]] = {word: word for word in REASONS}
_BEARERS: Final[Mapping[str, Bearer]] = {word: word for word in BEARERS}


@get("/claims")
async def list_page(
    database: Database, actor: Actor, page: PageContext, status: str = "", after: str = ""
) -> Response[str]:
    """Claims, newest first; for a supplier those on its goods, without buyer and price."""
    status = status if status in STATES else ""
    position = decode_cursor(after, dt.datetime, UUID)
    if actor.org_kind == "SUPPLIER":
        return await _cases(database, actor, page, status, after)
    async with database.reading(actor) as db:
        rows = await queries.list_claims(
            db, actor, state=status or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        rules = await queries.get_assurance(db)
    shown, following = cut(rows, lambda row: (row.opened_at, row.id))
    view = View("/claims", {"status": status})
    return render(
        "orders/claims.html", page, rows=shown, following=following, after=after, view=view,
        tabs=_tabs(page, view, status), states=STATES, tones=TONES, reasons=REASONS,
        bearers=BEARERS, Money=Money,
        to_major=to_major, clock=_clock_of(page), rules=rules,
        is_operator=actor.org_kind == "OPERATOR", is_buyer=is_buyer(actor),
    )  # fmt: skip


async def _cases(
    database: Database, actor: Actor, page: PageContext, status: str, after: str
) -> Response[str]:
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_cases(
            db, actor, state=status or None,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.opened_at, row.id))
    view = View("/claims", {"status": status})
    return render(
        "orders/cases.html", page, rows=shown, following=following, after=after, view=view,
        tabs=_tabs(page, view, status), states=STATES, tones=TONES, reasons=REASONS,
        clock=_clock_of(page), lines_of=lambda row: _claimed(page, row),
    )  # fmt: skip


def _claimed(page: PageContext, case: ClaimCase) -> list[tuple[str, str]]:
    """Which goods a case is about, and how many of them."""
    off = page.gettext("an amount off its price")
    return [
        (str(line["sku"]), off if line["units"] is None else formats.number(int(line["units"])))
        for line in case.lines
    ]


def _tabs(page: PageContext, view: View, status: str) -> list[tuple[str, str, bool]]:
    tabs = [(page.gettext("All"), view.but(status=""), not status)]
    return tabs + [
        (page.gettext(text), view.but(status=name), name == status) for name, text in STATES.items()
    ]


def _clock_of(page: PageContext) -> Any:
    def left(due: dt.datetime) -> tuple[str, str]:
        span = formats.duration(abs(due - page.now), page.locale)
        text = page.gettext("%(span)s left") if due > page.now else page.gettext("%(span)s late")
        return text % {"span": span}, formats.deadline_tone(due, page.now).value

    return left


@get("/orders/{order_id:str}/assurance")
async def order_panel(
    order_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """The panel of an order's page: when its money is released, claims, and what can be done."""
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
        hold = await ledger.find_hold(db, found)
        claims = await queries.list_claims_of(db, found)
        rules = await queries.get_assurance(db)
        skus = await catalog.skus_of(db, [line.sku for line in order.lines])
    may_act = is_buyer(actor) and not any(claim.state == "OPEN" for claim in claims)
    return render(
        "orders/order_assurance.html", page, hold=hold, claims=claims, rules=rules,
        reasons_shown=[(code, page.gettext(text)) for code, text in REASONS.items()],
        states=STATES, tones=TONES, reasons=REASONS, Money=Money, shown_id=order_id,
        claimable=_claimable(order, hold, skus, rules.claim_days, page) if may_act else [],
        may_confirm=may_act and order.head.status == "COMPLETED"
        and hold is not None and hold.state == "OPEN", head=order.head,
    )  # fmt: skip


def _claimable(
    order: OrderDetail, hold: Hold | None, skus: Mapping[str, Sku], days: int, page: PageContext
) -> list[tuple[int, str, str]]:
    """The lines of which something has left, while claims are taken: number, SKU, unit."""
    over = dt.timedelta(days=days)
    if hold is None or (hold.closed_at is not None and hold.closed_at < page.now - over):
        return []
    return [
        (number, line.sku, skus[line.sku].uom)
        for number, line in enumerate(order.lines, 1)
        if any(part.status in {"SHIPPED", "DELIVERED"} for part in line.parts)
    ]


@post("/orders/{order_id:str}/claim")
async def open_claim(
    *, order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Open a claim on some units, amounts, or all that has left."""
    found = read_id("ord", order_id)
    async with database.reading(actor) as db:
        order = await queries.get_order(db, found)
        skus = await catalog.skus_of(db, [line.sku for line in order.lines])
    lines = []
    for number, line in enumerate(order.lines, 1):
        units = _units(data.get(f"units-{number}", ""), line.sku, Uom(skus[line.sku].uom), number)
        amount = _amount(data.get(f"amount-{number}", ""), order.head.currency, number)
        if units or amount:
            lines.append(ClaimedLine(number, units, None if units else amount))
    body = ClaimBody(
        _REASONS.get(data.get("reason", ""), "NOT_AS_DESCRIBED"),
        data.get("note", "").replace("\0", "")[:2_000],
        lines,
    )
    async with database.writing(actor) as db:
        await actions.open_claim(db, actor, order_id=found, body=body, now=now)
    return to_order(found)


def _units(typed: str, sku: str, uom: Uom, number: int) -> int | None:
    if not typed.strip():
        return None
    units = read_quantity(typed.strip(), uom)
    if units is None or not 0 < units <= QUANTITY_MAX:
        raise QuantityUnreadable(sku=sku, typed=typed[:40], param=f"units-{number}")
    return units


def _amount(typed: str, currency: str, number: int | str) -> int | None:
    """Minor units of an amount as people write it; refuses what is none, or is between two."""
    text = typed.strip().replace(",", "")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    is_whole = value.is_finite() and value == round(value, minor_digits(currency))
    if not is_whole or not 0 <= value < 10**13:
        raise AmountUnreadable(typed=typed[:40], currency=currency, param=f"amount-{number}")
    return to_minor(value, currency)


@post("/orders/{order_id:str}/confirm-receipt")
async def confirm_receipt(
    *, order_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """All of it is there: the money goes to the seller."""
    found = read_id("ord", order_id)
    async with database.writing(actor) as db:
        await actions.confirm_receipt(db, actor, order_id=found, now=now)
    return to_order(found)


@post("/claims/{claim_id:str}/answer")
async def answer_claim(
    *, claim_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Refund the amount typed, or reject."""
    found = read_id("clm", claim_id)
    async with database.reading(actor) as db:
        claim = await queries.get_claim(db, found)
    amount = 0
    if data.get("act") != "reject":
        amount = _amount(data.get("amount", ""), claim.currency, "refund") or claim.asked_amount
    bearer = _BEARERS.get(data.get("charged_to", ""), "OPERATOR")
    answer = ClaimAnswer(amount, bearer, data.get("note", "").replace("\0", "")[:2_000])
    async with database.writing(actor) as db:
        await actions.answer_claim(db, actor, claim_id=found, answer=answer, now=now)
    return _to_claims()


@post("/claims/cases/{case_id:str}")
async def answer_case(
    *, case_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """The supplier's evidence."""
    evidence = data.get("evidence", "").replace("\0", "")[:2_000]
    async with database.writing(actor) as db:
        await actions.answer_case(
            db, actor, case_id=read_id("ccs", case_id), evidence=evidence, now=now
        )
    return _to_claims()


@post("/claims/{claim_id:str}/withdraw")
async def withdraw_claim(
    *, claim_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Take a claim back."""
    async with database.writing(actor) as db:
        await actions.withdraw_claim(db, actor, claim_id=read_id("clm", claim_id), now=now)
    return _to_claims()


def _to_claims() -> Response[None]:
    return to("/claims")


PAGES = (
    list_page, order_panel, open_claim, confirm_receipt, answer_claim, withdraw_claim, answer_case,
)  # fmt: skip
