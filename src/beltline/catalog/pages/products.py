"""Find goods, and see one with its terms, words, pictures and evidence."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from beltline.catalog import queries
from beltline.catalog.actions.goods import source_of
from beltline.catalog.queries import goods
from beltline.catalog.types import Offer, Sku
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.web.charts import BarChart
from beltline.kit.web.formats import unit_price
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers import queries as suppliers

Words = Annotated[str, Parameter(max_length=200)]

AVAILABILITY = {
    "SPOT": N_("In stock"), "MADE_TO_ORDER": N_("Made to order"), "PRESALE": N_("Presale"),
}  # fmt: skip
TAX = {
    "NONE": N_("no invoice"), "ORDINARY": N_("ordinary invoice"),
    "SPECIAL": N_("special VAT invoice"), "SURCHARGE": N_("invoice at a surcharge"),
}  # fmt: skip
PANEL_ROWS = 20
WORDS = {
    "CANDIDATE": (N_("may fit"), "mute"), "CONFIRMED": (N_("confirmed"), "ok"),
    "REJECTED": (N_("rejected"), "crit"), "UN38_3": (N_("UN 38.3 report"), ""),
    "MSDS": (N_("Safety data sheet"), ""), "TEST_REPORT": (N_("Test report"), ""),
    "BRAND_AUTHORIZATION": (N_("Authorization of the brand"), ""),
}  # fmt: skip


class Terms(msgspec.Struct, frozen=True):
    """The terms of a list row: its cheapest offer's first and last price, and how many more."""

    offer: Offer
    first: str
    last: str
    more: int


@get("/products")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    category: str = "",
    supplier: str = "",
    after: str = "",
) -> Response[str]:
    """SKUs with what buyers pay today, narrowed by words, category and supplier."""
    position = decode_cursor(after, str)
    async with database.reading(actor) as db:
        rows = await queries.list_skus(
            db, words=q.strip(), category=category or None, supplier=supplier or None,
            after=position[0] if position else "", limit=PAGE_ROWS + 1,
        )  # fmt: skip
        shown, following = cut(rows, lambda row: (row.code,))
        offers = await queries.list_offers(
            db, [row.id for row in shown], audience="BUYERS", on=page.today
        )
        categories = await queries.list_categories(db)
    return render(
        "catalog/list.html", page, rows=shown, following=following, after=after,
        terms={sku: _terms(page, found) for sku, found in offers.items()},
        categories=[(name, name) for name in categories], can_order=_can_order(actor),
        supplier=supplier,
        view=View("/products", {"q": q, "category": category, "supplier": supplier}),
    )  # fmt: skip


@get("/products/{sku:str}")
async def product_page(
    sku: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One SKU: what buyers pay, what it is; for the operator who offers it at what terms."""
    is_operator = actor.org_kind == "OPERATOR"
    async with database.reading(actor) as db:
        found = await queries.get_sku(db, sku)
        selling = await queries.list_offers(db, [found.id], audience="BUYERS", on=page.today)
        buying = await queries.list_offers(db, [found.id], audience="OPERATOR", on=page.today)
        offers = buying.get(found.id, [])
        sellers = await suppliers.list_suppliers_by_code(
            db, codes=sorted({found.supplier, *(offer.seller for offer in offers)}), limit=250
        )
        product = await goods.get_product(db, found.product)
        told: dict[str, Any] = {
            "attributes": await goods.list_values(db, product.id),
            "media": await goods.list_media(db, product.id),
            "translations": await goods.list_translations(db, product, source_of(product)),
            "hs": await goods.list_hs(db, found.id),
            "evidence": await goods.list_evidence(db, found.id),
            "prices": await goods.list_prices(db, found.id),
        }
    known = {seller.code: seller for seller in sellers}
    return render(
        "catalog/product.html", page, sku=found, selling=selling.get(found.id, []), buying=offers,
        sellers=known, maker=known.get(found.supplier), availability=AVAILABILITY, tax=TAX,
        is_operator=is_operator, can_order=_can_order(actor),
        size=_size(found), product=product, today=page.today, words=WORDS,
        may_edit=is_operator or actor.org_id == found.supplier_org_id, **told,
    )  # fmt: skip


@get("/products/panels/supplier/{code:str}")
async def supplier_panel(
    code: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """The goods of a supplier: a panel of the supplier's page."""
    async with database.reading(actor) as db:
        rows = await queries.list_skus(db, supplier=code, limit=PANEL_ROWS + 1)
        offers = await queries.list_offers(
            db, [row.id for row in rows[:PANEL_ROWS]], audience="BUYERS", on=page.today
        )
    return render(
        "catalog/panel.html", page, supplier=code, rows=rows[:PANEL_ROWS],
        has_more=len(rows) > PANEL_ROWS,
        terms={sku: _terms(page, found) for sku, found in offers.items()},
    )  # fmt: skip


@get("/products/panels/belt/{belt_id:str}")
async def belt_panel(
    belt_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """Price bands, best sellers and months of a belt: panels of the belt's page."""
    today = page.today
    async with database.reading(actor) as db:
        bands = await goods.list_belt_goods(db, belt_id, on=today)
        best = await goods.list_best_sellers(db, belt_id, since=today - dt.timedelta(days=28))
        months = await goods.months_of_belt(db, belt_id, since=today - dt.timedelta(days=730))
    return render(
        "catalog/belt_panel.html", page, bands=bands, best=best,
        chart=_months(page, months) if len(months) > 1 else None,
        is_operator=actor.org_kind == "OPERATOR",
    )  # fmt: skip


def _months(page: PageContext, months: list[tuple[str, int]]) -> BarChart:
    _ = page.gettext
    top = max(months, key=lambda month: month[1])
    return BarChart(
        name=_("Orders a month"),
        finding=_("Most orders in {month}: {orders}.").format(month=top[0], orders=f"{top[1]:,}"),
        bars=tuple((month, orders, f"{orders:,}", "accent" if month == top[0] else "context")
                   for month, orders in months[-12:]),
        category_label=_("Month"), value_label=_("Orders"),
    )  # fmt: skip


def _terms(page: PageContext, offers: list[Offer]) -> Terms:
    """Offers are told apart by currency first; without a rate they cannot be ranked."""
    offer = offers[0]
    first, last = offer.breaks[0].unit_price, offer.breaks[-1].unit_price
    return Terms(
        offer=offer,
        first=unit_price(first, offer.currency, page.locale),
        last=unit_price(last, offer.currency, page.locale) if last != first else "",
        more=len(offers) - 1,
    )


def _can_order(actor: Actor) -> bool:
    return actor.org_kind in {"BUYER", "AGENT"}


def _size(sku: Sku) -> str:
    sides = (sku.length_mm, sku.width_mm, sku.height_mm)
    return " × ".join(f"{side:,}" for side in sides if side is not None)


PAGES = (list_page, product_page, supplier_panel, belt_panel)
