"""The pages of money: the ledger, and what suppliers are owed."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.ledger.pages import money, papers, settlements

NAV = (
    NavItem(verb=Verb.MONEY, path="/money", label=N_("Ledger"), icon="coin", keys="g m"),
    NavItem(verb=Verb.MONEY, path="/papers", label=N_("Invoices and statements"), icon="file",
            org_kinds=frozenset({"OPERATOR", "BUYER", "AGENT"})),
    NavItem(verb=Verb.MONEY, path="/settlements", label=N_("Settlements"), icon="file",
            org_kinds=frozenset({"OPERATOR", "SUPPLIER"})),
)  # fmt: skip
PAGES = (*money.PAGES, *papers.PAGES, *settlements.PAGES)
