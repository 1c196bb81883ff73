"""The pages of rate cards, of cartons and of the dated rules of export and import."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.trade.pages import cartons, dated, rates

_OPERATOR = frozenset({"OPERATOR"})

NAV = (
    NavItem(verb=Verb.FULFILL, path="/rates", label=N_("Rate cards"), icon="doc",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/cartons", label=N_("Carton sizes"), icon="box",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/trade-rules", label=N_("Trade rules"), icon="doc",
            org_kinds=_OPERATOR),
)  # fmt: skip
PAGES = (*rates.PAGES, *cartons.PAGES, *dated.PAGES)
