"""The pages of goods: find them, see one, edit one's own."""

from beltline.catalog.pages import edit, products
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb

NAV = (
    NavItem(verb=Verb.SELL, path="/products", label=N_("Find products"), icon="find", keys="g p"),
    NavItem(verb=Verb.SELL, path="/goods", label=N_("Edit goods"), icon="box",
            org_kinds=frozenset({"OPERATOR", "SUPPLIER"})),
)  # fmt: skip
PAGES = (*products.PAGES, *edit.PAGES)
