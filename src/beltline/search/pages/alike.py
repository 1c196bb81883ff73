"""Who else makes it, and the queue in which people say whether two products are one item."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.catalog import queries as catalog
from beltline.catalog.types import Sku
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Reader
from beltline.kit.ids import read_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.search import actions, rules
from beltline.search.actions import alike as deciding
from beltline.search.pages.forms import AVAILABILITY, Short, whole
from beltline.search.queries import alike as queries
from beltline.search.types import PairKind, PairState, Shown, Verdict, Wishes

KINDS: Final = {
    PairKind.SAME_ITEM: (N_("same item"), "ok"),
    PairKind.SAME_FACTORY: (N_("same factory"), "ok"),
    PairKind.SUBSTITUTE: (N_("substitute"), "info"),
    PairKind.UNLIKE: (N_("different goods"), "mute"),
}
STATES: Final = {
    PairState.PROPOSED: N_("nobody has decided"), PairState.CONFIRMED: N_("confirmed"),
    PairState.SPLIT: N_("split"),
}  # fmt: skip
EVIDENCE: Final = {
    "TEXT": N_("texts alike"), "BARCODE": N_("same barcode"), "BRAND": N_("same brand"),
    "PICTURE": N_("same picture"), "PAPERS": N_("same licence or address"),
    "OTHER_BRAND": N_("another brand"), "OTHER_BARCODE": N_("another barcode"),
    "OTHER_KIND": N_("another HS heading"),
}  # fmt: skip
ALIKE_ROWS: Final = 5


@get("/find/panels/alike/{sku:str}")
async def alike_panel(
    sku: str, database: Database, actor: Actor, page: PageContext, quantity: Short = ""
) -> Response[str]:
    """Who else makes it: its group and substitutes; before a comparison what titles say."""
    asked = whole(quantity)
    async with database.reading(actor) as db:
        own = await catalog.get_sku(db, sku)
        makers = await deciding.list_makers(
            db, actor, own.product, quantity=asked or 1, on=page.today
        )
        goods = [] if makers else await _goods_alike(db, own, asked or 1, page.today)
    return render(
        "search/alike.html", page, sku=own, makers=makers, goods=goods, kinds=KINDS,
        evidence=EVIDENCE, availability=AVAILABILITY, quantity=asked or "",
    )  # fmt: skip


async def _goods_alike(db: Reader, own: Sku, quantity: int, on: dt.date) -> list[Shown]:
    title = f"{own.title} {own.title_zh}"
    if not rules.asked_words(title):
        return []
    found = await actions.search_goods(db, title, wishes=Wishes(quantity=quantity), on=on)
    return await actions.show(db, rules.likest(found.goods, but=own.supplier, most=ALIKE_ROWS))


@get("/same-items")
async def queue_page(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = ""
) -> Response[str]:
    """Pairs to decide, the most doubtful first; or what people decided, the latest first."""
    actor.needs_operator()
    is_decided = tab == "decided"
    async with database.reading(actor) as db:
        counts = await queries.count_pairs(db)
        if is_decided:
            latest = decode_cursor(after, dt.datetime, UUID)
            rows = await queries.list_decided_pairs(
                db, after=(latest[0], latest[1]) if latest else None, limit=PAGE_ROWS + 1
            )
            shown, following = cut(rows, lambda row: (row.decided_at, row.id))
        else:
            doubt = decode_cursor(after, float, UUID)
            rows = await queries.list_waiting_pairs(
                db, after=(doubt[0], doubt[1]) if doubt else None, limit=PAGE_ROWS + 1
            )
            shown, following = cut(rows, lambda row: (row.doubt, row.id))
    view = View("/same-items", {"tab": "decided" if is_decided else ""})
    _ = page.gettext
    waiting = counts.get(PairState.PROPOSED, 0)
    tabs = [
        (f"{_('To decide')} {waiting:,}", "/same-items", not is_decided),
        (f"{_('Decided')} {sum(counts.values()) - waiting:,}", view.but(tab="decided"), is_decided),
    ]
    return render(
        "search/same_items.html", page, rows=shown, following=following, after=after, view=view,
        tabs=tabs, kinds=KINDS, states=STATES, evidence=EVIDENCE, is_decided=is_decided,
    )  # fmt: skip


@post("/same-items")
async def compare_again(database: Database, actor: Actor, now: dt.datetime) -> Response[Any]:
    """Have changed goods compared now, and watch it among the jobs."""
    actor.needs_operator()
    async with database.writing(actor) as db:
        await deciding.ask_to_compare(db, actor, now=now)
    return to("/jobs")


@post("/same-items/{pair_id:str}", status_code=200)
async def decide(
    pair_id: str, request: Request[Any, Any, State], database: Database, actor: Actor,
    page: PageContext, now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """What a person says of a pair; its row leaves the queue."""
    form = await request.form()
    said = form.get("verdict", "")
    if said not in list(Verdict):
        raise NotFound(what="verdict", key=str(said)[:60], param="verdict")
    async with database.writing(actor) as db:
        await deciding.decide_pair(
            db, actor, pair_id=read_id("pair", pair_id), verdict=Verdict(said), now=now
        )
    if page.fragment:
        return Response("", media_type="text/html")
    return to("/same-items?tab=decided" if form.get("tab") == "decided" else "/same-items")


PAGES = (alike_panel, queue_page, compare_again, decide)
