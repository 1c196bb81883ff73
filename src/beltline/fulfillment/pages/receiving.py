"""The pages of receiving: what is awaited at a node, and the station that counts it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from beltline.fulfillment import actions, rules
from beltline.fulfillment.queries import receipts as queries
from beltline.inventory.queries import lots
from beltline.inventory.types.lots import LotRule
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Kind, Refusal
from beltline.kit.idempotency import once
from beltline.kit.ids import new_id, read_id, show_id
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.acts import went
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, offline, render
from beltline.kit.web.view import View, local_name
from beltline.procurement import queries as purchases
from beltline.procurement.queries import notices
from beltline.procurement.types.orders import PurchaseOrder, PurchaseOrderLine
from beltline.trade import queries as trade

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

WHY: Final = {
    "fulfillment.over_receipt": N_(
        "More was counted than is awaited. Count again, or take it all."
    ),
    "fulfillment.nothing_counted": N_("Count something, or say that nothing more will come."),
    "fulfillment.count_unusable": N_("A count is no number; write one such as 120."),
}


LOTS: Final = {
    "fulfillment.lot_unusable", "inventory.expiry_missing", "inventory.lot_ends_otherwise",
}  # fmt: skip
"""What is wrong with lots says itself what would be right."""


class Said(msgspec.Struct, frozen=True):
    """What the station answers to a scan or a receipt; the text is translated."""

    tone: str
    text: str


@get("/receive")
async def awaited_page(
    database: Database, actor: Actor, page: PageContext, node: str = ""
) -> Response[str]:
    """Orders whose goods are awaited, at a node or all, the earliest first."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        orders = await purchases.list_receivable(db, actor, node=node or None)
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    return render(
        "fulfillment/awaited.html", page, orders=orders, view=View("/receive", {"node": node}),
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        today=page.today, headers=offline(page.path),
    )  # fmt: skip


@get("/purchases/{order_id:str}/receive")
async def station_page(
    order_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    mode: str = "scan",
    notice: str = "",
) -> Response[str]:
    """Count an order into stock, by scan or by list; `notice` is what was announced of it."""
    actor.needs_operator()
    found = read_id("po", order_id)
    order, lines, keeping = await _load(database, actor, found)
    by_list = mode == "list"
    counts = {line.line_no: line.awaited_quantity if by_list else 0 for line in lines}
    if notice and by_list:
        counts = await _announced(database, actor, read_id("asn", notice), counts)
    form = {"mode": "list" if by_list else "scan", "notice": notice}
    return _station(
        page, order, lines, counts, form=form, keeping=keeping, headers=offline(page.path)
    )


@post("/purchases/{order_id:str}/receive")
async def count(
    *,
    order_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """One press of the station: a scan, one more or less, or the receipt."""
    actor.needs_operator()
    order, lines, keeping = await _load(database, actor, read_id("po", order_id))
    try:
        counts = rules.read_counts(data, lines)
        if data.get("act") != "record":
            counts, said = _press(page, lines, counts, data)
            return _station(page, order, lines, counts, form=data, said=said, keeping=keeping)
        await _record(database, actor, order, lines, counts, keeping, form=data, now=now)
    except Refusal as refusal:
        of_lots = refusal.code in LOTS
        if (refusal.code not in WHY and not of_lots) or page.is_kept:
            raise
        why = refusal.sentence(page.gettext) if of_lots else page.gettext(WHY[refusal.code])
        said = Said("crit", why)
        return _station(
            page, order, lines, {}, form=data, said=said, refusal=refusal, keeping=keeping
        )
    path = f"/purchases/{order_id}?done=received"
    return went(page, path)


@get("/purchases/{order_id:str}/receipts")
async def receipts_panel(
    order_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """What was received of an order: a panel of its page."""
    found = read_id("po", order_id)
    async with database.reading(actor) as db:
        receipts = await queries.list_receipts(db, found)
        counted = [await queries.list_receipt_lines(db, receipt.id) for receipt in receipts]
    return render(
        "fulfillment/receipts.html", page, receipts=list(zip(receipts, counted, strict=True))
    )


async def _load(
    database: Database, actor: Actor, order_id: UUID
) -> tuple[PurchaseOrder, list[PurchaseOrderLine], dict[str, LotRule]]:
    """An order, its lines, and how those of its SKUs that keep lots do so."""
    async with database.reading(actor) as db:
        order = await purchases.get_order(db, actor, order_id)
        lines = await purchases.list_lines(db, order_id)
        return order, lines, await lots.list_lot_rules(db, [line.sku for line in lines])


async def _announced(
    database: Database, actor: Actor, notice_id: UUID, counts: Mapping[int, int]
) -> dict[int, int]:
    """The counts that a notice announces of its order's lines; of the others nothing."""
    async with database.reading(actor) as db:
        announced = await notices.list_notice_lines(db, [notice_id])
    quantities = {line.line_no: line.quantity for line in announced}
    return {line_no: quantities.get(line_no, 0) for line_no in counts}


def _press(
    page: PageContext,
    lines: Sequence[PurchaseOrderLine],
    counts: Mapping[int, int],
    form: Mapping[str, str],
) -> tuple[dict[int, int], Said | None]:
    """The counts after one press, and what to say; without scripts every press comes here."""
    for name, by in (("minus", -1), ("plus", 1)):
        line = next((x for x in lines if str(x.line_no) == form.get(name)), None)
        if line is not None:
            return rules.step(counts, line, by), None
    code = form.get("scan", "").strip()
    if not code:
        return dict(counts), None
    line = rules.find_scanned(lines, code)
    if line is None:
        text = page.gettext("{code} is not on this order; set it aside.")
        return dict(counts), Said("crit", text.format(code=code[:80]))
    counted = rules.step(counts, line, 1)
    units = formats.quantity(counted[line.line_no], line.uom, page.locale)
    return counted, Said("ok", f"{line.sku}: {units}")


async def _record(
    database: Database,
    actor: Actor,
    order: PurchaseOrder,
    ordered: Sequence[PurchaseOrderLine],
    counts: Mapping[int, int],
    keeping: Mapping[str, LotRule],
    *,
    form: Mapping[str, str],
    now: dt.datetime,
) -> None:
    lines = rules.read_lots(form, ordered, counts, keeping)
    is_final, over = form.get("is_final") == "1", form.get("over") == "1"
    note = form.get("note", "")[:1_000]
    notice = read_id("asn", form["notice"]) if form.get("notice") else None

    async def act(db: Writer) -> tuple[int, Any]:
        receipt = await actions.receive_goods(
            db, actor, purchase_order_id=order.id, lines=lines, note=note, now=now,
            is_final=is_final, over=over, notice_id=notice,
        )  # fmt: skip
        return 201, {"number": receipt.number}

    # The form carries its key, so that a second press or a resend counts nothing twice.
    answer = await once(
        database, actor, key=f"receive:{form.get('key', '')[:80]}",
        operation=f"purchases.receive {order.id}",
        body=[lines, is_final, over, note, form.get("notice", "")], act=act,
    )  # fmt: skip
    answer.unwrap()


def _station(
    page: PageContext,
    order: PurchaseOrder,
    lines: Sequence[PurchaseOrderLine],
    counts: Mapping[int, int],
    *,
    form: Mapping[str, str],
    keeping: Mapping[str, LotRule],
    said: Said | None = None,
    refusal: Refusal | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """The station; `counts` are base units by line, what was typed where they are missing."""
    texts = {
        line.line_no: show_quantity(counts[line.line_no], Uom(line.uom))
        if line.line_no in counts
        else form.get(f"count-{line.line_no}", "")
        for line in lines
    }
    return render(
        "fulfillment/station.html", page, headers=headers,
        status=422 if refusal is not None and refusal.kind is Kind.INVALID else 200,
        order=order, lines=lines, keeping=keeping, lots_max=rules.LOTS_MAX, counts=counts,
        texts=texts, said=said, form=form,
        by_list=form.get("mode") == "list", path=f"/purchases/{show_id('po', order.id)}",
        is_over=refusal is not None and refusal.code == "fulfillment.over_receipt",
        wrong=(refusal.param or "") if refusal else "",
        # A refused receipt keeps its key's answer: the next try is another request.
        key=new_id().hex if refusal or "key" not in form else form["key"],
    )  # fmt: skip


PAGES = (awaited_page, station_page, count, receipts_panel)
