"""The pages of orders: the list, one order, and the form for a new one."""

from beltline.kit.web.i18n import N_
from beltline.kit.web.nav import NavItem, Verb
from beltline.orders.pages import form, orders, sheet

NAV = (NavItem(verb=Verb.FULFILL, path="/orders", label=N_("Orders"), icon="cart", keys="g o"),)
PAGES = (*orders.PAGES, *form.PAGES, *sheet.PAGES)
