"""What the pages of accounts share."""

from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie, State

from beltline.accounts.types import Role
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import Flash, PageContext

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


def said(page: PageContext, done: str, texts: dict[str, str]) -> PageContext:
    """The page with the message that the act before it left in its address."""
    if done not in texts:
        return page
    return msgspec.structs.replace(page, flash=Flash("ok", page.gettext(texts[done])))


async def form_of(request: WebRequest) -> dict[str, str]:
    """The text fields of a form; of one sent twice, the last."""
    return {
        name: value
        for name, value in (await request.form()).multi_items()
        if isinstance(value, str)
    }


def to(path: str, *cookies: Cookie) -> Response[Any]:
    """Go on to another page after an act."""
    return Response(
        None, status_code=303, headers={"Location": path, "Cache-Control": "no-store"},
        cookies=list(cookies),
    )  # fmt: skip
