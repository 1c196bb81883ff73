"""The landed cost of a preview in words: what is known of it, and what is missing for the rest."""

from typing import Final

from beltline.kit.money import Money
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.page import PageContext
from beltline.orders.types import Quote

_KINDS: Final = {
    "GOODS": N_("Goods"), "TRUNK_AND_LAST_MILE": N_("Freight"), "DUTY": N_("Duty"),
    "IMPORT_VAT": N_("Import VAT"),
}  # fmt: skip
_LACKS: Final = {
    "RULE": N_("the rule is not known"), "FREIGHT": N_("the freight is not known"),
    "RATE": N_("the rate is not known"), "DUTY": N_("the duty is not known"),
}  # fmt: skip


def shown(page: PageContext, quote: Quote | None) -> list[tuple[str, str]]:
    """Each part and its amount, or what is missing; their sum where all are known."""
    if quote is None:
        return []
    _, currency = page.gettext, quote.total.currency

    def text(amount: int | None, lacks: list[str]) -> str:
        if amount is None:
            said = (
                translations(page.locale)
                .pgettext("list", ", ")
                .join(_(_LACKS[lack]) for lack in lacks)
            )
            return said or _("not known")
        return formats.money(Money(amount, currency), page.locale)

    rows = [(_(_KINDS[c.kind]), text(c.amount, list(c.lacks))) for c in quote.costs]
    known = [cost.amount for cost in quote.costs if cost.amount is not None]
    whole = sum(known) if len(known) == len(quote.costs) else None
    return [*rows, (_("Landed cost"), text(whole, []))]
