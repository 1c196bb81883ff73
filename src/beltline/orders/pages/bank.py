"""The page for a bank's statement: bring it, and see whose money came."""

import datetime as dt
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.money import Money
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.orders import actions
from beltline.orders.types import BankFileResult

_BYTES_MAX = 5_000_000

STATES = {
    "PAID": N_("Paid its order"), "CREDITED": N_("On the buyer’s balance"),
    "UNMATCHED": N_("Whose is it?"), "REVERSED": N_("Reversed"),
}  # fmt: skip
TONES = {"PAID": "ok", "CREDITED": "info", "UNMATCHED": "warn", "REVERSED": "crit"}


@get("/money/bank-file")
async def bank_page(actor: Actor, page: PageContext) -> Response[str]:
    """Where a bank's statement is brought in, and what it has to hold."""
    _needs_finance(actor)
    return _show(page)


@post("/money/bank-file", status_code=200, request_max_body_size=_BYTES_MAX)
async def take(
    request: Request[Any, Any, State],
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[str]:
    """Book its credits; a file that comes twice is booked once."""
    _needs_finance(actor)
    form = await request.form()
    bank = str(form.get("bank", "")).replace("\0", "").strip()[:60]
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename or not bank:
        return _show(page, bank=bank, error=page.gettext("Choose a file and name the account."))
    content = await file.read()
    try:
        async with database.writing(actor) as db:
            result = await actions.take_bank_file(db, actor, content, bank=bank, now=now)
    except Refusal as refusal:
        return _show(page, bank=bank, error=refusal.sentence(page.gettext), status=refusal.status)
    return _show(page, bank=bank, result=result)


def _needs_finance(actor: Actor) -> None:
    actor.needs_operator()
    actor.needs_role("FINANCE")


def _show(
    page: PageContext,
    *,
    bank: str = "",
    error: str = "",
    result: BankFileResult | None = None,
    status: int = 200,
) -> Response[str]:
    return render(
        "orders/bank.html", page, bank=bank, error=error, result=result, states=STATES,
        tones=TONES, Money=Money, status=422 if error and status == 200 else status,
    )  # fmt: skip


PAGES = (bank_page, take)
