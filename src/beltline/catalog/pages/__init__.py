"""The pages of goods: find them, see one, edit one's own, tell of new ones and take them in."""

from beltline.catalog.pages import drafts, edit, products
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb

NAV = (
    NavItem(verb=Verb.SELL, path="/products", label=N_("Find products"), icon="find", keys="g p"),
    NavItem(verb=Verb.SELL, path="/goods", label=N_("Edit goods"), icon="box",
            org_kinds=frozenset({"OPERATOR", "SUPPLIER"})),
    NavItem(verb=Verb.SELL, path="/shop/goods", label=N_("New goods"), icon="plus",
            org_kinds=frozenset({"SUPPLIER"})),
    NavItem(verb=Verb.SOURCE, path="/new-goods", label=N_("New goods"), icon="inbox",
            org_kinds=frozenset({"OPERATOR"})),
)  # fmt: skip
PAGES = (*products.PAGES, *edit.PAGES, *drafts.PAGES)
