"""What the pages of accounts share."""

from typing import Any, Final

from litestar import Request
from litestar.datastructures import State

from beltline.accounts.types import Role
from beltline.kit.web.i18n import N_

WebRequest = Request[Any, Any, State]

ROLES: Final = {
    Role.ADMIN: N_("Administrator"),
    Role.BUYER: N_("Buyer"),
    Role.PLANNER: N_("Planner"),
    Role.WAREHOUSE: N_("Warehouse"),
    Role.FINANCE: N_("Finance"),
    Role.VIEWER: N_("Viewer"),
}
ROLE_MEANINGS: Final = {
    Role.ADMIN: N_("everything, team and keys included"),
    Role.BUYER: N_("orders and purchases"),
    Role.PLANNER: N_("plans, proposals, purchases and imports"),
    Role.WAREHOUSE: N_("receiving, counting, shipping"),
    Role.FINANCE: N_("balances, holds and the ledger"),
    Role.VIEWER: N_("looks at everything, changes nothing"),
}
