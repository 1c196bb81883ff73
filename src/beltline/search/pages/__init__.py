"""The pages of search: find goods, keep searches, compare, and say which are one item."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.search.pages import alike, find, saved

NAV = (
    NavItem(verb=Verb.SELL, path="/find", label=N_("Search"), icon="find", keys="g z"),
    NavItem(verb=Verb.SELL, path="/find/saved", label=N_("Saved searches"), icon="heart",
            count="alerts_unseen", urgent=True),
    NavItem(verb=Verb.SOURCE, path="/same-items", label=N_("Same items"), icon="box",
            org_kinds=frozenset({"OPERATOR"})),
)  # fmt: skip
PAGES = (*find.PAGES, *saved.PAGES, *alike.PAGES)
