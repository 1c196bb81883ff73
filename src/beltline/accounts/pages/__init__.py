"""Pages of accounts: signing in and out, settings, views, the team, keys, the audit."""

from beltline.accounts.pages import access, developers, legal, team, views
from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb

NAV = (
    NavItem(verb=Verb.BUILD, path="/developers", label=N_("Developers"), icon="key"),
    NavItem(verb=Verb.BUILD, path="/audit", label=N_("Audit"), icon="history"),
    NavItem(verb=Verb.BUILD, path="/team", label=N_("Team"), icon="users"),
    NavItem(verb=Verb.BUILD, path="/settings", label=N_("Settings"), icon="gear", keys="g s"),
)  # fmt: skip
PAGES = (*access.PAGES, *team.PAGES, *developers.PAGES, *views.PAGES, *legal.PAGES)
