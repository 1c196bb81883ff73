"""The pack station: orders to pack, the parcels proposed for one, those that were made."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from beltline.fulfillment.actions import documents
from beltline.fulfillment.actions import packing as actions
from beltline.fulfillment.pages.journeys import clock_of
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.queries import packing as queries
from beltline.fulfillment.types.journeys import Journey
from beltline.fulfillment.types.packing import (
    MadeParcel,
    NotAFigure,
    NothingInParcels,
    NothingToPack,
    Packable,
    PackUnit,
    Scanned,
    WhyNoProposal,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import once
from beltline.kit.ids import new_id, read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import decode_cursor
from beltline.kit.uom import Uom, base_unit, read_quantity, show_quantity
from beltline.kit.web.acts import said, to, went
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, offline, render
from beltline.kit.web.view import PAGE_ROWS, View, cut, local_name, with_query
from beltline.orders import queries as orders
from beltline.trade import queries as trade

Words = Annotated[str, Parameter(max_length=120)]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
PARCELS_MAX: Final = 50
OTHER: Final = "–"
"""What a box that is no carton of the node is called."""
DONE: Final = {"packed": N_("Packed. What was used is kept beside what was proposed.")}
WHY: Final = {
    WhyNoProposal.NO_CARTONS: N_("This node has no cartons to propose: enter its carton sizes."),
    WhyNoProposal.SIZE_UNKNOWN: N_(
        "Nothing can be proposed: these goods have no weight or sides. Import them (data set skus)."
    ),
    WhyNoProposal.FITS_NOWHERE: N_(
        "Nothing can be proposed: these goods fit into no carton that a service takes."
    ),
    WhyNoProposal.TOO_MANY: N_("So many pieces are not proposed for; pack them as you see fit."),
}  # fmt: skip


FULL: Final = N_(
    "All of {code} are in parcels. Set this one aside, or empty the parcels to scan each piece."
)
UNKNOWN: Final = N_("{code} is not on this order; set it aside.")


class Told(msgspec.Struct, frozen=True):
    """What the station answers to a scan; the text is translated."""

    tone: str
    text: str


class Row(msgspec.Struct, frozen=True):
    """A parcel of the form: its texts, and the units of each journey as typed."""

    carton: str = ""
    weight: str = ""
    sides: str = ""
    units: dict[str, str] = {}


@get("/packing")
async def list_page(
    database: Database, actor: Actor, page: PageContext, node: Words = "", after: str = "",
    code: Words = "",
) -> Response[Any]:  # fmt: skip
    """Orders with goods to pack, the first due first; a scanned `code` leads to its parcel."""
    actor.needs_operator()
    error = ""
    if code.strip():
        try:
            async with database.reading(actor) as db:
                found = await documents.find_code(db, actor, code)
            if found is not None:
                return to(path_of(found))
            error = page.gettext("This is no SSCC; an SSCC has 18 digits.")
        except Refusal as refusal:
            error = refusal.sentence(page.gettext)
    position = decode_cursor(after, dt.datetime, UUID, str)
    async with database.reading(actor) as db:
        rows = await queries.list_to_pack(
            db, actor, node=node or None, limit=PAGE_ROWS + 1,
            after=(position[0], position[1], position[2]) if position else None,
        )  # fmt: skip
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
    shown, following = cut(rows, lambda row: (row.due_at, row.order_id, row.node))
    return render(
        "fulfillment/packing_list.html", page, rows=shown, following=following, after=after,
        view=View("/packing", {"node": node}), clock=clock_of(page), with_query=with_query,
        nodes=[(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes],
        code=code.strip(), error=error, headers=offline(with_query("/packing", node=node)),
    )  # fmt: skip


def path_of(found: Scanned) -> str:
    """The page of what has a code: a packed parcel's order, or the hub's door with its box."""
    if found.order_id is not None and found.parcel_id is not None:
        return f"/packing/{show_id('ord', found.order_id)}#{show_id('box', found.parcel_id)}"
    return with_query("/parcels", waybill=found.waybill)


@get("/packing/{order_id:str}")
async def order_page(
    order_id: str, database: Database, actor: Actor, page: PageContext, node: Words = "",
    done: str = "",
) -> Response[str]:  # fmt: skip
    """What is to be packed of an order with a proposal, and what was packed of it before."""
    kept = offline(with_query(f"/packing/{order_id}", node=node))
    return await _show(
        database, actor, said(page, done, DONE), read_id("ord", order_id), node, headers=kept
    )


@post("/packing/{order_id:str}")
async def pack(
    *, order_id: str, data: Form, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Keep the parcels of the form; a scan, `more` or `empty` shows it again."""
    actor.needs_operator()
    found, node = read_id("ord", order_id), data.get("node", "")[:120]
    rows = _rows_of(data)
    if data.get("act") in {"add", "more", "empty"}:
        rows, told = await _press(database, actor, page, found, rows, data)
        current = len(rows) if data["act"] == "more" else _current(data, rows)
        return await _show(
            database, actor, page, found, node, rows=rows, told=told, current=current
        )

    async def act(db: Writer) -> tuple[int, Any]:
        goods = await journeys.list_journeys_of(db, found)
        parcels = [_parcel_of(row, goods) for row in rows]
        made = [parcel for parcel in parcels if parcel.lines]
        if not made:
            raise NothingInParcels
        packing = await actions.pack_order(
            db, actor, order_id=found, node=node, parcels=made, now=now
        )
        return 201, {"id": show_id("pak", packing)}

    try:
        answer = await once(
            database, actor, key=f"pack:{data.get('key', '')[:80]}",
            operation=f"orders.pack {order_id}"[:200], body=msgspec.to_builtins(rows), act=act,
        )  # fmt: skip
        answer.unwrap()
    except Refusal as refusal:
        if page.is_kept:
            raise
        why = refusal.sentence(page.gettext)
        return await _show(
            database, actor, page, found, node, rows=rows, error=why, status=refusal.status,
            current=_current(data, rows),
        )  # fmt: skip
    return went(page, with_query(f"/packing/{order_id}", node=node, done="packed"))


def _current(form: Mapping[str, str], rows: list[Row]) -> int:
    """The number of the parcel that scans go into."""
    text = form.get("current", "")
    n = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return max(1, min(n, len(rows)))


async def _press(
    database: Database, actor: Actor, page: PageContext, order_id: UUID, rows: list[Row],
    form: Mapping[str, str],
) -> tuple[list[Row], Told | None]:  # fmt: skip
    """The parcels after one press, and what to say; without scripts every press comes here."""
    if form["act"] == "more":
        return [*rows, Row()][:PARCELS_MAX], None
    if form["act"] == "empty":
        return [msgspec.structs.replace(row, units={}) for row in rows], None
    async with database.reading(actor) as db:
        goods = await journeys.list_journeys_of(db, order_id)
    code = form.get("scan", "").strip()[:80]
    return _scan(page, rows, _current(form, rows), goods, code) if code else (rows, None)


def _scan(
    page: PageContext, rows: list[Row], current: int, goods: list[Journey], code: str
) -> tuple[list[Row], Told]:
    """One more of what was scanned in the parcel that is open, if not all of it is in parcels."""
    wanted = [journey for journey in goods if journey.sku.casefold() == code.casefold()]
    for journey in wanted:
        uom, name = Uom(journey.uom), journey.id.hex
        packed = sum(read_quantity(row.units.get(name, ""), uom) or 0 for row in rows)
        if journey.stage == "PACK" and packed < journey.moving and rows:
            row = rows[current - 1]
            units = (read_quantity(row.units.get(name, ""), uom) or 0) + base_unit(uom).per_uom
            more = {**row.units, name: show_quantity(units, uom)}
            changed = list(rows)
            changed[current - 1] = msgspec.structs.replace(row, units=more)
            most = show_quantity(journey.moving, uom)
            shown = show_quantity(packed + base_unit(uom).per_uom, uom)
            return changed, Told("ok", f"{journey.sku}: {shown} / {most}")
    text = page.gettext(FULL) if wanted else page.gettext(UNKNOWN)
    return rows, Told("crit", text.format(code=code))


def _rows_of(form: Mapping[str, str]) -> list[Row]:
    rows = []
    for n in range(1, PARCELS_MAX + 1):
        if f"carton-{n}" not in form:
            break
        head = f"units-{n}-"
        rows.append(
            Row(
                form[f"carton-{n}"].strip()[:60], form.get(f"weight-{n}", "").strip()[:20],
                form.get(f"sides-{n}", "").strip()[:40],
                {
                    name.removeprefix(head): text.strip()[:20]
                    for name, text in form.items()
                    if name.startswith(head)
                },
            )
        )  # fmt: skip
    return rows


def _parcel_of(row: Row, goods: list[Journey]) -> MadeParcel:
    """The parcel of a row of the form; refuses a text that is no figure."""
    lines = []
    for journey in goods:
        text = row.units.get(journey.id.hex, "")
        if text.strip("0.") == "":
            continue
        units = read_quantity(text, Uom(journey.uom))
        if units is None:
            raise NotAFigure(text=text)
        lines.append(PackUnit(journey.id, units))
    weighed = None
    if row.weight:
        weighed = read_quantity(row.weight, Uom.KILOGRAM)
        if weighed is None or weighed > 10**8:
            raise NotAFigure(text=row.weight)
    sides = None
    if row.sides:
        figures = row.sides.lower().replace("×", "x").replace("*", "x").split("x")
        texts = [figure.strip() for figure in figures]
        if len(texts) != 3 or not all(t.isascii() and t.isdigit() and 0 < int(t[:6]) <= 10_000
                                      for t in texts):  # fmt: skip
            raise NotAFigure(text=row.sides)
        sides = (int(texts[0]), int(texts[1]), int(texts[2]))
    return MadeParcel(row.carton or OTHER, lines, weighed, sides)


async def _show(
    database: Database, actor: Actor, page: PageContext, order_id: UUID, node: str, *,
    rows: list[Row] | None = None, error: str = "", status: int = 200, told: Told | None = None,
    current: int = 1, headers: Mapping[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    actor.needs_operator()
    async with database.reading(actor) as db:
        order = await orders.get_order(db, order_id)
        try:
            found = await actions.propose(db, actor, order_id=order_id, node=node, on=page.today)
        except NothingToPack:
            found = None
        packings = await queries.list_packings(db, order_id)
        parcels = await queries.list_parcels(db, [packing.id for packing in packings])
        known = await journeys.list_journeys_of(db, order_id)
    return render(
        "fulfillment/packing.html", page, status=status, order=order.head, found=found,
        headers=headers, told=told, current=current, blank=Row(),
        texts={"full": page.gettext(FULL)},
        most={j.id.hex: show_quantity(j.moving, Uom(j.uom)) for j in found.goods} if found else {},
        error=error, shown_id=show_id("ord", order_id), key=new_id().hex, why=WHY,
        rows=rows if rows is not None else _proposed(found), money=Money,
        packings=[(p, [x for x in parcels if x.packing_id == p.id]) for p in packings],
        journeys={journey.id: journey for journey in known}, show_id=show_id,
        cartons=_cartons(page, found),
        may_pack=actor.role in {"ADMIN", "WAREHOUSE", "PLANNER"},
    )  # fmt: skip


def _cartons(page: PageContext, found: Packable | None) -> list[tuple[str, str]]:
    """The cartons of the node, and one that is none of them."""
    if found is None:
        return []
    return [
        *(
            (c.code, f"{c.code} {c.length_mm} × {c.width_mm} × {c.height_mm}")
            for c in found.cartons
        ),
        (OTHER, page.gettext("Another box")),
    ]


def _proposed(found: Packable | None) -> list[Row]:
    """The form as it is proposed; without a proposal one parcel with everything in it."""
    if found is None:
        return []
    uoms = {journey.id: Uom(journey.uom) for journey in found.goods}
    if found.proposal is None:
        everything = {j.id.hex: show_quantity(j.moving, uoms[j.id]) for j in found.goods}
        return [Row(found.cartons[-1].code if found.cartons else "", units=everything)]
    return [
        Row(
            parcel.carton,
            units={
                line.journey_id.hex: show_quantity(line.units, uoms[line.journey_id])
                for line in parcel.lines
            },
        )
        for parcel in found.proposal.parcels
    ]


PAGES = (list_page, order_page, pack)
