"""The pages of planning: demand, proposals, transfers, inbound, risk, what-ifs, plan runs."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.planning.pages import (
    demand,
    inbound,
    plans,
    proposal,
    replenish,
    risk,
    transfers,
    whatif,
)

_OPERATOR = frozenset({"OPERATOR"})

NAV = (
    NavItem(verb=Verb.PLAN, path="/demand", label=N_("Demand"), icon="chart", keys="g d",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/replenish", label=N_("Replenish"), icon="cycle", keys="g r",
            org_kinds=_OPERATOR, count="proposals_open"),
    NavItem(verb=Verb.PLAN, path="/transfers", label=N_("Transfers"), icon="truck",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/inbound", label=N_("Inbound calendar"), icon="truck", keys="g n",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/risk", label=N_("Inventory risk"), icon="alert", keys="g k",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/what-if", label=N_("What-if"), icon="flask", keys="g t",
            org_kinds=_OPERATOR),
    NavItem(verb=Verb.PLAN, path="/plans", label=N_("Plan runs"), icon="run", keys="g l",
            org_kinds=_OPERATOR),
)  # fmt: skip
PAGES = (
    *replenish.PAGES, *proposal.PAGES, *transfers.PAGES, *demand.PAGES, *inbound.PAGES,
    *risk.PAGES, *whatif.PAGES, *plans.PAGES,
)  # fmt: skip
