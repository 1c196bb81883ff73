"""The dated rules of export and import as the operator sees them, each with its source."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.trade.queries import dated as queries
from beltline.trade.types.dated import TaxKind

Words = Annotated[str, QueryParameter(max_length=200)]
TABS: Final = {
    "rates": N_("Duty, VAT, refund"), "values": N_("Customs value"),
    "low": N_("Low values"),    "cargo": N_("Cargo classes"), "terms": N_("Export terms"),
}  # fmt: skip
KINDS: Final = {
    "DUTY": N_("Duty"), "VAT": N_("VAT"), "REFUND": N_("Refund of VAT"),
}  # fmt: skip
VERDICTS: Final = {
    "ALLOW": (N_("may go"), "ok"), "DOCUMENT": (N_("with a document"), "info"),
    "PACK": (N_("with a packing"), "info"), "FORBID": (N_("may not go"), "crit"),
}  # fmt: skip
EVIDENCE: Final = {
    "UN38_3": "UN 38.3", "MSDS": "MSDS", "TEST_REPORT": N_("test report"),
    "BRAND_AUTHORIZATION": N_("brand authorization"),
}  # fmt: skip
EXPORT_MODES: Final = {
    "0110": N_("general trade"), "9610": N_("e-commerce B2C parcels"),
    "9710": N_("e-commerce B2B"), "9810": N_("to an overseas warehouse"),
    "1039": N_("market procurement"),
}  # fmt: skip
VALUES: Final = {
    "FOB": N_("goods alone (FOB)"), "CIF": N_("with freight and insurance (CIF)"),
}  # fmt: skip
VAT_VALUES: Final = {
    "VALUE": N_("customs value and duty"), "CARRIAGE": N_("these and all carriage"),
}  # fmt: skip
LOW_VAT: Final = {
    "DUE": N_("on import"), "SALE": N_("with the sale, not on import"), "FREE": N_("free"),
}  # fmt: skip
VAT: Final = {"REFUND": N_("refunded"), "EXEMPT": N_("exempt"), "NONE": N_("not refunded")}
BASES: Final = {
    "": N_("however bought"), "NONE": N_("no fapiao"), "ORDINARY": N_("ordinary fapiao"),
    "SPECIAL": N_("special fapiao"), "SURCHARGE": N_("fapiao at a surcharge"),
}  # fmt: skip


@get("/trade-rules")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    tab: Words = "rates",
    country: Words = "",
    q: Words = "",
    now_valid: bool = False,
    after: str = "",
) -> Response[str]:
    """One kind of rules, in the order they came; `q` begins an HS code or is a cargo class."""
    actor.needs_operator()
    tab = tab if tab in TABS else "rates"
    position = decode_cursor(after, UUID)
    asked: dict[str, Any] = {
        "country": country.strip().upper() or None,
        "valid_on": page.today if now_valid else None,
        "after": position[0] if position else None,
        "limit": PAGE_ROWS + 1,
    }
    digits = "".join(letter for letter in q if letter.isascii() and letter.isdigit())[:10]
    rows: list[Any]
    async with database.reading(actor) as db:
        if tab == "cargo":
            rows = list(
                await queries.list_cargo_rules(db, cargo_class=q.strip().upper() or None, **asked)
            )
        elif tab == "values":
            rows = list(await queries.list_valuation_rules(db, **asked))
        elif tab == "low":
            rows = list(await queries.list_low_value_rules(db, **asked))
        elif tab == "terms":
            rows = list(await queries.list_export_terms(db, **asked))
        else:
            rows = list(await queries.list_tax_rates(db, hs_code=digits, **asked))
    shown, following = cut(rows, lambda row: (row.id,))
    view = View(
        "/trade-rules",
        {"tab": "" if tab == "rates" else tab, "country": country, "q": q, "now_valid": now_valid},
    )
    return render(
        "trade/rules.html", page, rows=shown, following=following, after=after, view=view, tab=tab,
        tabs=[(page.gettext(text), f"/trade-rules?tab={name}", name == tab)
              for name, text in TABS.items()],
        kinds=KINDS, verdicts=VERDICTS, evidence=EVIDENCE, modes=EXPORT_MODES, vat=VAT,
        bases=BASES, values=VALUES, vat_values=VAT_VALUES, low_vat=LOW_VAT, TaxKind=TaxKind,
    )  # fmt: skip


PAGES = (list_page,)
