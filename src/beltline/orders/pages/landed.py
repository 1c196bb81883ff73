"""The landed cost of a preview in words: what is known of it, and what is missing for the rest."""

from typing import Final

from beltline.kit.figures import sum_known
from beltline.kit.money import Money
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.page import PageContext
from beltline.orders.types import Quote
from beltline.orders.types.landed import Cost
from beltline.trade.types.dated import LACKS, Lack

_KINDS: Final = {
    "GOODS": N_("Goods"), "TRUNK_AND_LAST_MILE": N_("Freight"), "DUTY": N_("Duty"),
    "IMPORT_VAT": N_("Import VAT"),
}  # fmt: skip


def shown(page: PageContext, quote: Quote | None) -> list[tuple[str, str]]:
    """Each part and its amount, or what is missing; their sum where all are known."""
    if quote is None:
        return []
    _, currency = page.gettext, quote.total.currency

    def text(amount: int | None, lacks: list[Lack]) -> str:
        if amount is None:
            said = (
                translations(page.locale)
                .pgettext("list", ", ")
                .join(_(LACKS[lack]) for lack in lacks)
            )
            return said or _("not known")
        return formats.money(Money(amount, currency), page.locale)

    def line(cost: Cost) -> str:
        if not cost.is_with_sale:
            return text(cost.amount, cost.lacks)
        known = [text(cost.amount, cost.lacks)] if cost.amount != 0 else []
        comma = translations(page.locale).pgettext("list", ", ")
        return comma.join([*known, _("with the sale, not on import")])

    rows = [(_(_KINDS[cost.kind]), line(cost)) for cost in quote.costs]
    whole = sum_known(cost.amount for cost in quote.costs)
    return [*rows, (_("Landed cost"), text(whole, []))]
