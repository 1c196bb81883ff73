"""The pages of search: find goods, compare them, and say which are one item."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.search.pages import alike, find

NAV = (
    NavItem(verb=Verb.SELL, path="/find", label=N_("Search"), icon="find", keys="g z"),
    NavItem(verb=Verb.SOURCE, path="/same-items", label=N_("Same items"), icon="box",
            org_kinds=frozenset({"OPERATOR"})),
)  # fmt: skip
PAGES = (*find.PAGES, *alike.PAGES)
