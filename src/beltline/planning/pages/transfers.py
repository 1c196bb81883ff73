"""What to move between nodes before more is bought: decide, send, receive."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.inventory import actions as inventory
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.money import Money
from beltline.kit.uom import Uom, read_quantity
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, local_name, with_query
from beltline.planning.actions import transfers as actions
from beltline.planning.pages.replenish import Words, back, typed
from beltline.planning.queries import transfers
from beltline.planning.rules.sentences import explain_why
from beltline.planning.types import QuantityUnreadable, WrongStatus
from beltline.planning.types.transfers import TransferFilters, TransferStatus
from beltline.trade import queries as trade

STATUSES: Final = {
    TransferStatus.OPEN: N_("To decide"), TransferStatus.ACCEPTED: N_("Sent"),
    TransferStatus.REJECTED: N_("Rejected"),
}  # fmt: skip
MOVES: Final = {
    "SENT": (N_("in transit"), "info"), "RECEIVED": (N_("received"), "ok"),
    "RETURNED": (N_("back at its origin"), "mute"),
}  # fmt: skip

Web = Request[Any, Any, State]


@get("/transfers")
async def list_page(
    *, database: Database, actor: Actor, page: PageContext, status: str = "", node: str = "",
    q: Words = "", after: str = "",
) -> Response[str]:  # fmt: skip
    """Proposed transfers by the day to send them; those that went, with what came in."""
    actor.needs_operator()
    status = status if status in STATUSES and status != TransferStatus.OPEN else ""
    view = View("/transfers", {"status": status, "node": node, "q": q})
    filters = _filters({"status": status, "node": node, "q": q})
    async with database.reading(actor) as db:
        rows, following = await transfers.list_transfers(
            db, actor.org_id, filters, limit=PAGE_ROWS, cursor=after or None
        )
        tallies = await transfers.tally_transfers(db, actor.org_id, filters)
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    shown = [t for t in tallies if t.status is filters.status]
    names = {n.code: local_name(page.locale, n.name, n.name_zh) for n in nodes}
    return render(
        "planning/transfers.html", page, rows=rows, following=following or "", after=after,
        view=view, count=sum(t.count for t in shown), shown=shown, names=names, Money=Money,
        tabs=[
            (f"{page.gettext(text)} {sum(t.count for t in tallies if t.status is s):,}",
             view.but(status="" if s is TransferStatus.OPEN else s.value), s is filters.status)
            for s, text in STATUSES.items()
        ],
        why={row.id: " ".join(explain_why(row.why, page.locale)) for row in rows},
        here=with_query("/transfers", status=status, node=node, q=q, after=after), typed=typed,
        decision=filters.status, Status=TransferStatus, moves=MOVES, today=page.today,
    )  # fmt: skip


@post("/transfers/decide")
async def decide(*, request: Web, database: Database, actor: Actor, page: PageContext) -> Any:
    """Send, reject or put back the chosen transfers, or all that the filters name."""
    form = list((await request.form()).multi_items())
    fields = {name: value for name, value in form if isinstance(value, str)}
    chosen = [read_id("trp", value) for name, value in form if name == "transfer"]
    act = {"accept": actions.accept, "reject": actions.reject, "reopen": actions.reopen}.get(
        fields.get("act", "")
    )
    has_all = fields.get("all") == "1"
    if act is not None and (chosen or has_all):
        async with database.writing(actor) as db:
            await act(
                db, actor, transfer_ids=chosen, filters=_filters(fields) if has_all else None,
                note=fields.get("note", "")[:500], now=page.now,
            )  # fmt: skip
    return back(fields.get("next") or "/transfers")


@post("/transfers/{transfer_id:str}/end")
async def end(
    *, transfer_id: str, request: Web, database: Database, actor: Actor, page: PageContext
) -> Any:
    """Receive what was sent, at its target or back where it came from."""
    form = await request.form()
    found = read_id("trp", transfer_id)
    async with database.writing(actor) as db:
        one = await transfers.get_transfer(db, actor.org_id, found)
        if one.stock_transfer_id is None:
            raise WrongStatus(state=one.status, needed=TransferStatus.ACCEPTED)
        asked, act = str(form.get("quantity") or "").strip(), form.get("act")
        units = 0 if asked == "0" else read_quantity(asked, Uom(one.uom))
        if units is None or act not in {"receive", "return"}:
            raise QuantityUnreadable(sku=one.sku, typed=asked[:40])
        await inventory.end_transfer(
            db, actor, one.stock_transfer_id, quantity=units, is_back=act == "return",
            now=page.now,
        )  # fmt: skip
    return back(str(form.get("next") or "/transfers"))


def _filters(values: dict[str, str]) -> TransferFilters:
    status = values.get("status")
    return TransferFilters(
        status=TransferStatus(status) if status in STATUSES else TransferStatus.OPEN,
        node=values.get("node") or None, words=str(values.get("q") or "").strip()[:200],
    )  # fmt: skip


PAGES = (list_page, decide, end)
