"""The pages of rate cards and of the dated rules of export and import."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.trade.pages import dated, rates

_OPERATOR = frozenset({"OPERATOR"})

NAV = (
    NavItem(verb=Verb.FULFILL, path="/rates", label=N_("Rate cards"), icon="doc",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.FULFILL, path="/trade-rules", label=N_("Trade rules"), icon="doc",
            org_kinds=_OPERATOR),
)  # fmt: skip
PAGES = (*rates.PAGES, *dated.PAGES)
