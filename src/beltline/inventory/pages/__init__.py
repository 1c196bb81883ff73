"""The pages of stock: what stands where, adjustments, counts, lots."""

from beltline.inventory.pages import counts, lots, stock
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb

_OPERATOR = frozenset({"OPERATOR"})

NAV = (
    NavItem(verb=Verb.PLAN, path="/adjustments", label=N_("Adjustments"), icon="scan",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/counts", label=N_("Counts"), icon="list",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/inventory", label=N_("Inventory"), icon="box", keys="g i"),
)  # fmt: skip
PAGES = (*stock.PAGES, *counts.PAGES, *lots.PAGES)
