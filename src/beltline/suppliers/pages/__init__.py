"""The pages of suppliers: directory, record, belts, verification, the shop's own, cases."""

from typing import Final

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.suppliers.pages import belts, cases, directory, record, shop, verification

_OPERATOR: Final = frozenset({"OPERATOR"})
NAV = (
    NavItem(verb=Verb.TODAY, path="/shop", label=N_("My shop"), icon="factory",
            org_kinds=frozenset({"SUPPLIER"})),
    NavItem(verb=Verb.TODAY, path="/checks", label=N_("Visits"), icon="pin",
            org_kinds=frozenset({"PARTNER", "INSPECTOR"})),
    NavItem(verb=Verb.SOURCE, path="/suppliers", label=N_("Suppliers"), icon="factory", keys="g f"),
    NavItem(verb=Verb.SOURCE, path="/verification", label=N_("Verification"), icon="check",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.SOURCE, path="/cases", label=N_("Cases"), icon="shield",
            org_kinds=frozenset({"OPERATOR", "SUPPLIER"})),
    NavItem(verb=Verb.SOURCE, path="/belts", label=N_("Belts"), icon="pin"),
)  # fmt: skip

PAGES = (
    *directory.PAGES, *record.PAGES, *belts.PAGES, *verification.PAGES, *shop.PAGES, *cases.PAGES,
)  # fmt: skip
