"""The pages of orders: the list, one order, the form for a new one, claims and pools."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.orders.pages import bank, claims, form, orders, papers, payments, pools, sheet

NAV = (
    NavItem(verb=Verb.FULFILL, path="/orders", label=N_("Orders"), icon="cart", keys="g o"),
    NavItem(verb=Verb.FULFILL, path="/pools", label=N_("Pools"), icon="users",
            org_kinds=frozenset({"OPERATOR", "BUYER", "AGENT"})),
    NavItem(verb=Verb.MONEY, path="/claims", label=N_("Claims"), icon="shield",
            org_kinds=frozenset({"OPERATOR", "BUYER", "AGENT", "SUPPLIER"})),
)  # fmt: skip
PAGES = (
    *orders.PAGES, *papers.PAGES, *form.PAGES, *sheet.PAGES, *claims.PAGES, *bank.PAGES,
    *payments.PAGES, *pools.PAGES,
)  # fmt: skip
