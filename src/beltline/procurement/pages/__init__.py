"""The pages of purchases: the operator's, the supplier's, the guest's behind a link."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.procurement.pages import changes, factory, invoices, notices, orders, payments

_OPERATOR = frozenset({"OPERATOR"})
NAV = (
    NavItem(verb=Verb.TODAY, path="/supplier", label=N_("My queue"), icon="inbox", keys="g q",
            org_kinds=frozenset({"SUPPLIER"}), count="purchases_to_answer", urgent=True),
    NavItem(verb=Verb.SOURCE, path="/purchases", label=N_("Purchases"), icon="cart", keys="g b",
            org_kinds=_OPERATOR, count="purchases_waiting", urgent=True),
    NavItem(verb=Verb.SOURCE, path="/invoices", label=N_("Supplier invoices"), icon="doc",
            keys="g y", org_kinds=_OPERATOR),
    NavItem(verb=Verb.MONEY, path="/factory-payments", label=N_("Paid in advance"), icon="coin",
            keys="g e", org_kinds=_OPERATOR),
)  # fmt: skip
PAGES = (
    *orders.PAGES,
    *factory.PAGES,
    *notices.PAGES,
    *invoices.PAGES,
    *changes.PAGES,
    *payments.PAGES,
)
