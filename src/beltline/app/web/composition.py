"""The handlers of all modules in one list: this is where a module's pages and routes come in."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from beltline.accounts import pages as accounts_pages
from beltline.accounts import routes as accounts_routes
from beltline.app.imports import pages as imports_pages
from beltline.app.imports import routes as imports_routes
from beltline.app.sandbox_clock import ROUTES as SANDBOX_ROUTES
from beltline.catalog import pages as catalog_pages
from beltline.catalog import routes as catalog_routes
from beltline.channels import pages as channels_pages
from beltline.channels import routes as channels_routes
from beltline.customs import pages as customs_pages
from beltline.customs import routes as customs_routes
from beltline.fulfillment import pages as fulfillment_pages
from beltline.fulfillment import routes as fulfillment_routes
from beltline.inventory import pages as inventory_pages
from beltline.inventory import routes as inventory_routes
from beltline.kit.web.nav import NavItem
from beltline.ledger import pages as ledger_pages
from beltline.ledger import routes as ledger_routes
from beltline.orders import pages as orders_pages
from beltline.orders import routes as orders_routes
from beltline.planning import pages as planning_pages
from beltline.planning import routes as planning_routes
from beltline.procurement import pages as procurement_pages
from beltline.procurement import routes as procurement_routes
from beltline.search import pages as search_pages
from beltline.search import routes as search_routes
from beltline.suppliers import pages as suppliers_pages
from beltline.suppliers import routes as suppliers_routes
from beltline.tower import pages as tower_pages
from beltline.tower import routes as tower_routes
from beltline.trade import pages as trade_pages
from beltline.trade import routes as trade_routes

ROUTES: Sequence[ControllerRouterHandler] = (
    *accounts_routes.ROUTES,
    *suppliers_routes.ROUTES,
    *catalog_routes.ROUTES,
    *search_routes.ROUTES,
    *orders_routes.ROUTES,
    *inventory_routes.ROUTES,
    *ledger_routes.ROUTES,
    *planning_routes.ROUTES,
    *procurement_routes.ROUTES,
    *fulfillment_routes.ROUTES,
    *customs_routes.ROUTES,
    *trade_routes.ROUTES,
    *channels_routes.ROUTES,
    *tower_routes.ROUTES,
    *imports_routes.ROUTES,
    *SANDBOX_ROUTES,
)

_PAGES = (
    tower_pages,
    orders_pages,
    catalog_pages,
    search_pages,
    suppliers_pages,
    procurement_pages,
    planning_pages,
    inventory_pages,
    fulfillment_pages,
    customs_pages,
    trade_pages,
    ledger_pages,
    imports_pages,
    accounts_pages,
    channels_pages,
)
PAGES: Sequence[ControllerRouterHandler] = [page for module in _PAGES for page in module.PAGES]
NAV: Sequence[NavItem] = [item for module in _PAGES for item in module.NAV]
