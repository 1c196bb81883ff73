"""The page for a file of orders: bring it, and see what became of every row."""

import asyncio
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id
from beltline.kit.web.page import PageContext, render
from beltline.orders import actions
from beltline.orders.pages.orders import is_buyer
from beltline.orders.types import SheetResult

_BYTES_MAX = 5_000_000


@get("/orders/sheet")
async def sheet_page(actor: Actor, page: PageContext) -> Response[str]:
    """Where a file of orders is brought in, and what it has to hold."""
    _needs_buyer(actor)
    return _show(page, key=new_id().hex)


@post("/orders/sheet", status_code=200, request_max_body_size=_BYTES_MAX)
async def place(
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[str]:
    """Place its orders; the form's key makes a file that is sent twice one set of orders."""
    _needs_buyer(actor)
    form = await request.form()
    key = str(form.get("key") or new_id().hex)[:255]
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _show(page, key=key, error=page.gettext("Choose a file first."), status=422)
    with tempfile.TemporaryDirectory(prefix="beltline-orders-") as folder:
        path = Path(folder) / f"sheet{Path(file.filename).suffix[:10]}"
        await asyncio.to_thread(path.write_bytes, await file.read())
        try:
            result = await actions.place_sheet(
                database, actor, path, name=file.filename[:200], key=key, now=now
            )
        except Refusal as refusal:
            return _show(
                page, key=new_id().hex, error=refusal.sentence(page.gettext),
                status=refusal.status,
            )  # fmt: skip
    return _show(page, key=new_id().hex, result=result)


def _show(
    page: PageContext,
    *,
    key: str,
    result: SheetResult | None = None,
    error: str = "",
    status: int = 200,
) -> Response[str]:
    return render("orders/sheet.html", page, status=status, key=key, result=result, error=error)


def _needs_buyer(actor: Actor) -> None:
    if not is_buyer(actor):
        raise WrongRole(needed="a buyer or an agent", role=actor.org_kind)


PAGES = (sheet_page, place)
