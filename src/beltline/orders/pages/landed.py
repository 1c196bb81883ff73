"""The landed cost in words, of a preview or an order: what is known, and what is missing."""

from collections.abc import Sequence
from typing import Final

from beltline.kit.figures import sum_known
from beltline.kit.money import Money
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.page import PageContext
from beltline.orders.types import Quote
from beltline.orders.types.landed import Cost, CostKind, LandedCost
from beltline.trade.types.dated import LACKS, Lack

_KINDS: Final = {
    CostKind.GOODS: N_("Goods"), CostKind.TRUNK_AND_LAST_MILE: N_("Freight"),
    CostKind.DUTY: N_("Duty"), CostKind.IMPORT_VAT: N_("Import VAT"),
}  # fmt: skip


def shown(page: PageContext, quote: Quote | None) -> list[tuple[str, str]]:
    """Each part and its amount, or what is missing; their sum where all are known."""
    if quote is None:
        return []
    costs = _Costs(page, quote.total.currency)
    rows = [(page.gettext(_KINDS[cost.kind]), costs.text(cost)) for cost in quote.costs]
    return [*rows, (page.gettext("Landed cost"), costs.whole(quote.costs))]


def compared(page: PageContext, found: LandedCost | None) -> list[tuple[str, str, str]]:
    """Each part as it was shown and as it was declared, the last empty while it is not."""
    if found is None:
        return []
    costs = _Costs(page, found.currency)
    declared = {cost.kind: costs.text(cost) for cost in found.declared}
    rows = [
        (page.gettext(_KINDS[cost.kind]), costs.text(cost), declared.get(cost.kind, ""))
        for cost in found.shown
    ]
    whole = costs.whole(found.declared) if found.declared else ""
    return [*rows, (page.gettext("Landed cost"), costs.whole(found.shown), whole)]


class _Costs:
    """Costs of a currency in a reader's words."""

    def __init__(self, page: PageContext, currency: str) -> None:
        self._page, self._currency = page, currency
        self._comma = translations(page.locale).pgettext("list", ", ")

    def text(self, cost: Cost) -> str:
        """The amount of a cost, or what is missing for it; that some is due with the sale."""
        if not cost.is_with_sale:
            return self._amount(cost.amount, cost.lacks)
        known = [self._amount(cost.amount, cost.lacks)] if cost.amount != 0 else []
        return self._comma.join([*known, self._page.gettext("with the sale, not on import")])

    def whole(self, costs: Sequence[Cost]) -> str:
        """What costs come to where all are known."""
        return self._amount(sum_known(cost.amount for cost in costs), [])

    def _amount(self, amount: int | None, lacks: Sequence[Lack]) -> str:
        if amount is not None:
            return formats.money(Money(amount, self._currency), self._page.locale)
        said = self._comma.join(self._page.gettext(LACKS[lack]) for lack in lacks)
        return said or self._page.gettext("not known")
