"""The pages of customs: files, one file with its declarations and tasks, fapiaos."""

from beltline.customs.pages import fapiaos, files
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb

_OPERATOR = frozenset({"OPERATOR"})

NAV = (
    NavItem(verb=Verb.FULFILL, path="/customs", label=N_("Customs"), icon="shield",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.MONEY, path="/fapiaos", label=N_("Fapiaos"), icon="doc",
            org_kinds=_OPERATOR),
)  # fmt: skip
PAGES = (*files.PAGES, *fapiaos.PAGES)
