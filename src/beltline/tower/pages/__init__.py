"""Pages of what concerns the whole: the control tower, my queue, data health, search."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.tower.pages import health, search, tower

NAV = (
    NavItem(verb=Verb.TODAY, path="/", label=N_("Control tower"), icon="tower", keys="g h",
            org_kinds=frozenset({"OPERATOR"})),
    NavItem(verb=Verb.TODAY, path="/queue", label=N_("My queue"), icon="inbox", keys="g q",
            org_kinds=frozenset({"OPERATOR"})),
    NavItem(verb=Verb.BUILD, path="/data-health", label=N_("Data health"), icon="heart",
            org_kinds=frozenset({"OPERATOR"})),
)  # fmt: skip
PAGES = (*tower.PAGES, *health.PAGES, *search.PAGES)
