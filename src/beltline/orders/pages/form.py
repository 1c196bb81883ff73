"""The form for a new order: choose goods, see what it would be, place it once.

What is typed stays in the form; nothing is kept before the order is placed. The hidden key makes
a form that is sent twice one order.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.catalog import queries as catalog
from beltline.catalog.types import Offer, Sku
from beltline.inventory import queries as inventory
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import KeyMismatch
from beltline.kit.ids import new_id
from beltline.kit.money import Money
from beltline.kit.uom import Uom, read_quantity, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.ledger import queries as ledger
from beltline.ledger.types import (
    Balance,
    CreditLimitExceeded,
    CreditSuspended,
    InsufficientBalance,
    NoCreditLine,
)
from beltline.orders import actions, queries
from beltline.orders.pages import landed
from beltline.orders.pages.orders import METHODS, is_buyer
from beltline.orders.types import (
    LINES_MAX,
    QUANTITY_MAX,
    MoqNotMet,
    NotOffered,
    OrderBody,
    OutOfStock,
    Quote,
    UnknownSku,
)

FOUND_SHOWN: Final = 8
ADDRESS: Final = ("name", "country", "phone", "region", "city", "postcode", "line1", "line2")
_REQUIRED: Final = ("name", "country", "city", "line1")
SHORT: Final = {
    "REFUSE": N_("refuse the order"), "PART": N_("take what there is"),
    "WAIT": N_("wait for the rest"),
}  # fmt: skip
_SAYS: Final = {
    "name": N_("Say who receives it."),
    "country": N_("Two capital letters, for example PL."),
    "city": N_("Say which city."),
    "line1": N_("Say the street and number."),
}  # fmt: skip


class DraftLine(msgspec.Struct, frozen=True):
    """A line as typed: the quantity in the unit of sale."""

    sku: str
    quantity: str = ""


class Draft(msgspec.Struct, frozen=True):
    """The form as typed."""

    lines: tuple[DraftLine, ...] = ()
    currency: str = ""
    reference: str = ""
    address: Mapping[str, str] = {}
    short: str = "REFUSE"
    method: str = "BALANCE"
    downstream: str = ""
    note: str = ""
    words: str = ""


class Remedy(msgspec.Struct, frozen=True):
    """A button that mends a refusal: its text, and what it does as `what|value|…`."""

    text: str
    fix: str


class Outcome(msgspec.Struct, frozen=True):
    """What is to be said about a draft: a quote, or why there is none and what would help."""

    quote: Quote | None = None
    refused: str = ""
    code: str = ""
    remedies: tuple[Remedy, ...] = ()
    errors: Mapping[str, str] = {}


class Goods(msgspec.Struct, frozen=True):
    """What the draft's goods are: the SKUs, their offers to buyers, what is available."""

    skus: dict[str, Sku]
    offers: dict[UUID, list[Offer]]
    available: dict[UUID, int]
    found: list[Sku]
    balances: list[Balance]


@get("/orders/new")
async def new_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
    sku: list[str] | None = None,
    quantity: str = "",
    currency: str = "",
) -> Response[str]:
    """An empty form, or one with goods chosen elsewhere; the address of the latest order."""
    _needs_buyer(actor)
    async with database.reading(actor) as db:
        latest = await queries.find_latest_ship_to(db, actor.org_id)
    draft = Draft(
        lines=tuple(DraftLine(code, quantity[:20]) for code in (sku or [])[:LINES_MAX]),
        currency=currency[:3],
        reference=f"{page.today:%Y%m%d}-{new_id().hex[-4:]}",
        address={name: str((latest or {}).get(name, "")) for name in ADDRESS},
    )
    return await _show(database, actor, page, draft, now, key=new_id().hex)


@post("/orders/new", status_code=200)
async def send(
    *,
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """Find goods, change the draft, see what it would be; or place it."""
    _needs_buyer(actor)
    form = list((await request.form()).multi_items())
    fields = {name: value[:400] for name, value in form if isinstance(value, str)}
    typed = _read(form, fields)
    draft = _fixed(typed, fields.get("fix", ""))
    key = fields.get("key") or new_id().hex
    if fields.get("act") != "place":
        return await _show(database, actor, page, draft, now, key=key)
    return await _place(database, actor, page, draft, now, key=key)


async def _place(
    database: Database, actor: Actor, page: PageContext, draft: Draft, now: dt.datetime, *, key: str
) -> Response[Any]:
    goods = await _goods(database, actor, draft, now)
    body, errors = _body(page, draft, goods)
    if body is None:
        outcome = Outcome(errors=errors)
        return await _show(database, actor, page, draft, now, key=key, outcome=outcome, status=422)
    try:
        answer = await actions.place_order(database, actor, body, key=key, now=now)
        placed = answer.unwrap().response
    except Refusal as refusal:
        # A refusal is the answer of its key for good; what is sent next is a new attempt.
        outcome = _refused(page, refusal, goods)
        return await _show(
            database, actor, page, draft, now, key=new_id().hex, outcome=outcome,
            status=refusal.status,
        )  # fmt: skip
    return to(f"/orders/{placed['id']}")


async def _show(
    database: Database,
    actor: Actor,
    page: PageContext,
    draft: Draft,
    now: dt.datetime,
    *,
    key: str,
    outcome: Outcome | None = None,
    status: int = 200,
) -> Response[str]:
    goods = await _goods(database, actor, draft, now)
    draft = msgspec.structs.replace(draft, currency=_currency(draft, goods))
    if outcome is None:
        outcome = await _preview(database, actor, page, draft=draft, goods=goods, now=now)
    return render(
        "orders/new.html", page, status=status, draft=draft, outcome=outcome, goods=goods, key=key,
        currencies=[(code, code) for code in _currencies(draft, goods)], Money=Money,
        Decimal=Decimal, methods=_options(page, METHODS), shorts=_options(page, SHORT),
        method_texts=METHODS, landed=landed.shown(page, outcome.quote),
    )  # fmt: skip


def _options(page: PageContext, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, page.gettext(text)) for value, text in texts.items()]


async def _goods(database: Database, actor: Actor, draft: Draft, now: dt.datetime) -> Goods:
    async with database.reading(actor) as db:
        skus = await catalog.skus_of(db, [line.sku for line in draft.lines])
        found = (
            await catalog.list_skus(db, words=draft.words, limit=FOUND_SHOWN) if draft.words else []
        )
        ids = sorted({sku.id for sku in [*skus.values(), *found]})
        offers = await catalog.list_offers(db, ids, audience="BUYERS", on=day_of(now))
        available = await inventory.available_of(db, ids)
        balances = await ledger.list_balances(db, actor.org_id)
    return Goods(skus, offers, available, found, balances)


async def _preview(
    database: Database,
    actor: Actor,
    page: PageContext,
    *,
    draft: Draft,
    goods: Goods,
    now: dt.datetime,
) -> Outcome:
    """What the order would be; an address that is not complete yet does not stand in the way."""
    if not draft.lines or not all(line.quantity.strip() for line in draft.lines):
        return Outcome()
    stand_in = {name: draft.address.get(name) or "-" for name in _REQUIRED}
    if len(draft.address.get("country", "")) != 2:
        return Outcome(errors={"country": page.gettext(_SAYS["country"])})
    complete = msgspec.structs.replace(draft, address={**draft.address, **stand_in})
    body, errors = _body(page, complete, goods)
    if body is None:
        return Outcome(errors=errors)
    try:
        quote = await actions.preview_order(database, actor, body, now=now)
    except Refusal as refusal:
        return _refused(page, refusal, goods)
    return Outcome(quote=quote)


def _read(form: Sequence[tuple[str, Any]], fields: Mapping[str, str]) -> Draft:
    codes = [value[:120] for name, value in form if name == "sku"]
    quantities = [value[:20] for name, value in form if name == "quantity"]
    lines = [DraftLine(*pair) for pair in zip(codes, quantities, strict=False)]
    return Draft(
        lines=tuple(lines[:LINES_MAX]),
        currency=fields.get("currency", ""),
        reference=fields.get("reference", "").strip(),
        address={name: fields.get(name, "").strip()[:200] for name in ADDRESS},
        short=fields["short"] if fields.get("short") in SHORT else "REFUSE",
        method=fields["method"] if fields.get("method") in METHODS else "BALANCE",
        downstream=fields.get("downstream", "").strip()[:200],
        note=fields.get("note", "").strip(),
        words=fields.get("q", "").strip(),
    )


def _fixed(draft: Draft, fix: str) -> Draft:
    """The draft after one button: a line added, dropped or changed, another currency."""
    what, _, rest = fix.partition("|")
    sku, _, value = rest.rpartition("|") if what == "quantity" else (rest, "", "")
    others = tuple(line for line in draft.lines if line.sku != sku)
    changes: dict[str, Any] = {}
    match what:
        case "add" if len(others) < LINES_MAX:
            changes = {"lines": (*others, DraftLine(sku)), "words": ""}
        case "drop":
            changes = {"lines": others}
        case "quantity":
            lines = [DraftLine(sku, value) if x.sku == sku else x for x in draft.lines]
            changes = {"lines": tuple(lines)}
        case "currency":
            changes = {"currency": rest[:3]}
        case "partial":
            changes = {"short": "PART"}
        case "wait":
            changes = {"short": "WAIT"}
        case "method" if rest in METHODS:
            changes = {"method": rest}
    return msgspec.structs.replace(draft, **changes)


def _body(page: PageContext, draft: Draft, goods: Goods) -> tuple[OrderBody | None, dict[str, str]]:
    """The order's body, or the fields that are wrong and what would be right."""
    _ = page.gettext
    errors = {name: _(_SAYS[name]) for name in _REQUIRED if not draft.address.get(name, "").strip()}
    country = draft.address.get("country", "").upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        errors["country"] = _(_SAYS["country"])
    if not draft.reference:
        errors["reference"] = _("Say how you call this order.")
    lines = []
    for line in draft.lines:
        sku = goods.skus.get(line.sku)
        units = read_quantity(line.quantity, Uom(sku.uom)) if sku else 1
        if units is None or units > QUANTITY_MAX:
            errors[f"quantity-{line.sku}"] = _("Say how much, more than zero and in whole units.")
        else:
            lines.append({"sku": line.sku, "quantity": units})
    if not lines and not errors:
        errors["q"] = _("Choose goods first.")
    if errors:
        return None, errors
    return msgspec.convert({
        "reference": draft.reference[:120], "currency": draft.currency, "lines": lines,
        "ship_to": {**draft.address, "country": country}, "payment": {"method": draft.method},
        "partial": draft.short == "PART", "back_order": draft.short == "WAIT",
        "downstream_reference": draft.downstream, "note": draft.note,
    }, OrderBody), {}  # fmt: skip


def _refused(page: PageContext, refusal: Refusal, goods: Goods) -> Outcome:
    """Why, in the units people order in, and buttons for what would be accepted."""
    _ = page.gettext
    remedies: list[Remedy] = []
    text = _(refusal.detail).format(title=_(refusal.title), **refusal.fields)
    match refusal:
        case MoqNotMet(sku=sku, moq=moq, ordered=ordered):
            text = _("%(sku)s: %(ordered)s were asked for; the minimum is %(moq)s.") % {
                "sku": sku, "ordered": _amount(page, goods, sku, ordered),
                "moq": _amount(page, goods, sku, moq),
            }  # fmt: skip
            remedies = [_order_instead(page, goods, sku, moq)]
        case OutOfStock(sku=sku, available=available, moq=moq, ordered=ordered):
            text = _("%(sku)s: %(ordered)s were asked for, %(available)s are available.") % {
                "sku": sku, "ordered": _amount(page, goods, sku, ordered),
                "available": _amount(page, goods, sku, available),
            }  # fmt: skip
            if available >= moq:
                remedies = [
                    _order_instead(page, goods, sku, available),
                    Remedy(_("Take what there is, of every line"), "partial|1"),
                ]
            remedies += [
                Remedy(_("Wait for what is missing"), "wait|1"),
                Remedy(_("Leave it out"), f"drop|{sku}"),
            ]
        case NotOffered(sku=sku, offered_in=offered_in):
            currencies = [code for code in offered_in.split(", ") if len(code) == 3]
            remedies = [
                Remedy(_("Order in %(currency)s") % {"currency": code}, f"currency|{code}")
                for code in currencies
            ]
            remedies.append(Remedy(_("Leave it out"), f"drop|{sku}"))
        case UnknownSku(sku=sku):
            remedies = [Remedy(_("Leave it out"), f"drop|{sku}")]
        case InsufficientBalance(needed=needed, currency=currency, available=available):
            text = _("%(needed)s are needed and %(available)s are available: pay in, or order less."
                     ) % {
                "needed": formats.money(Money(needed, currency), page.locale),
                "available": formats.money(Money(available, currency), page.locale),
            }  # fmt: skip
            remedies = [Remedy(_("Pay by bank transfer"), "method|TRANSFER")]
        case NoCreditLine() | CreditSuspended() | CreditLimitExceeded():
            remedies = [
                Remedy(_("Pay from the balance"), "method|BALANCE"),
                Remedy(_("Pay by bank transfer"), "method|TRANSFER"),
            ]
        case KeyMismatch():
            text = _("This form has made an order already and was changed since. Place it again "
                     "to make a second order.")  # fmt: skip
    return Outcome(refused=text, code=refusal.code, remedies=tuple(remedies))


def _order_instead(page: PageContext, goods: Goods, sku: str, units: int) -> Remedy:
    uom = Uom(goods.skus[sku].uom)
    text = page.gettext("Order %(amount)s") % {"amount": _amount(page, goods, sku, units)}
    return Remedy(text, f"quantity|{sku}|{show_quantity(units, uom)}")


def _amount(page: PageContext, goods: Goods, sku: str, units: int) -> str:
    known = goods.skus.get(sku)
    uom = known.uom if known else Uom.PIECE
    return formats.quantity(units, uom, page.locale)


def _currencies(draft: Draft, goods: Goods) -> list[str]:
    """In which currencies all chosen goods are offered; failing that, any of them."""
    offered = [
        {offer.currency for offer in goods.offers.get(goods.skus[line.sku].id, [])}
        for line in draft.lines
        if line.sku in goods.skus
    ]
    shared = set.intersection(*offered) if offered else set()
    return sorted(shared or set().union(*offered))


def _currency(draft: Draft, goods: Goods) -> str:
    """The one chosen, else one the buyer has a balance in, else the first offered."""
    offered = _currencies(draft, goods)
    if draft.currency in offered or not offered:
        return draft.currency or "USD"
    held = [b.currency for b in goods.balances if b.account == "BUYER_BALANCE" and b.amount > 0]
    return next((code for code in held if code in offered), offered[0])


def _needs_buyer(actor: Actor) -> None:
    if not is_buyer(actor):
        raise WrongRole(needed="a buyer or an agent", role=actor.org_kind)


PAGES = (new_page, send)
