"""`/v1/orders/{id}/packing-proposal` and `/packings`: into which parcels an order's goods go."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.fulfillment.actions import documents
from beltline.fulfillment.actions import packing as actions
from beltline.fulfillment.queries import packing as queries
from beltline.fulfillment.routes.documents import Language, Paper
from beltline.fulfillment.types.packing import (
    MadeParcel,
    Packable,
    PackedParcel,
    Packing,
    PackUnit,
    PlannedParcel,
    UnknownSscc,
    WhyNoProposal,
)
from beltline.fulfillment.types.receipts import PRINTED
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.web.downloads import download
from beltline.kit.web.kept import answered

Code = Annotated[str, Parameter(max_length=120, pattern=r"^[^\x00]*\Z")]
Side = Annotated[int, Meta(ge=1, le=10_000)]


class ParcelUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base units of a journey in a parcel."""

    journey_id: Annotated[str, Meta(max_length=60)]
    units: Annotated[int, Meta(ge=1, le=10**12)]


class ProposedParcel(msgspec.Struct, frozen=True):
    """A parcel as it is proposed; null where no rate card is valid for the lane."""

    carton: str
    lines: list[ParcelUnits]
    weight_g: int
    chargeable_g: int | None
    freight: Money | None
    carton_cost: Money


class PackingProposal(msgspec.Struct, frozen=True):
    """The cheapest parcels by one service; or `why` there are none, and the SKUs it is about."""

    order_id: str
    node: str
    service: str
    parcels: list[ProposedParcel]
    why: WhyNoProposal | None
    lacking: list[str]
    cartons: list[str]


class PackedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel as it was packed: a carton of the node, or the sides of another; g and mm.

    `weighed_g` is what the scale said.
    """

    carton: Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTED)]
    lines: Annotated[list[ParcelUnits], Meta(min_length=1, max_length=1_000)]
    weighed_g: Annotated[int, Meta(ge=1, le=10**8)] | None = None
    sides_mm: Annotated[list[Side], Meta(min_length=3, max_length=3)] | None = None


class PackBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All parcels that an order's goods at a node were packed into."""

    parcels: Annotated[list[PackedBody], Meta(min_length=1, max_length=200)]
    node: Annotated[str, Meta(max_length=120, pattern=PRINTED)] = ""


class ParcelRow(msgspec.Struct, frozen=True):
    """A parcel as it was packed: expected and weighed, charged for, freight and carton."""

    id: str
    position: int
    carton: str
    length_mm: int
    width_mm: int
    height_mm: int
    expected_g: int | None
    weighed_g: int | None
    chargeable_g: int | None
    freight: Money | None
    carton_cost: Money | None
    sscc: str | None
    lines: list[ParcelUnits]


class PackingRow(msgspec.Struct, frozen=True):
    """How goods of an order were packed: parcels made beside those proposed (null: none were)."""

    id: str
    order: str
    node: str
    country: str
    service: str
    packed_by: str
    packed_at: dt.datetime
    planned: list[ProposedParcel] | None
    parcels: list[ParcelRow]


class PackingList(msgspec.Struct, frozen=True):
    """The packings of an order, the newest first."""

    items: list[PackingRow]


class SsccHolder(msgspec.Struct, frozen=True):
    """A packed parcel and its order, or the waybill and the number of a shipping notice."""

    sscc: str
    parcel_id: str | None
    order_id: str | None
    waybill: str
    notice: str


class PackingKept(msgspec.Struct, frozen=True):
    """The packing that was kept."""

    id: str


@get("/v1/orders/{order_id:str}/packing-proposal", summary="Propose parcels")
async def propose_packing(
    order_id: str, database: Database, actor: Actor, now: dt.datetime, node: Code = ""
) -> PackingProposal:
    """For what of the order waits to be packed at a node (that of the first goods if unnamed)."""
    actor.needs_scope("purchases:read")
    actor.needs_operator()
    async with database.reading(actor) as db:
        found = await actions.propose(
            db, actor, order_id=read_id("ord", order_id), node=node, on=day_of(now)
        )
    return _proposal(found)


@post("/v1/orders/{order_id:str}/packings", summary="Record a packing")
async def pack_order(
    *,
    order_id: str,
    data: PackBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[PackingKept]:
    """Each unit that waits at the node is in one of the parcels; their packing ends."""
    actor.needs_scope("purchases:write")
    found = read_id("ord", order_id)
    made = [
        MadeParcel(
            parcel.carton,
            [PackUnit(read_id("jny", line.journey_id), line.units) for line in parcel.lines],
            parcel.weighed_g, _sides(parcel.sides_mm),
        )
        for parcel in data.parcels
    ]  # fmt: skip

    async def act(db: Writer) -> tuple[int, Any]:
        packing = await actions.pack_order(
            db, actor, order_id=found, node=data.node, parcels=made, now=now
        )
        return 201, PackingKept(show_id("pak", packing))

    answer = await once(
        database, actor, key=idempotency_key, operation=f"orders.pack {order_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, PackingKept)


@get("/v1/orders/{order_id:str}/packings", summary="Packings of an order")
async def list_packings(order_id: str, database: Database, actor: Actor) -> PackingList:
    """What was proposed and what was made of it, the newest first. For the operator."""
    actor.needs_scope("purchases:read")
    actor.needs_operator()
    async with database.reading(actor) as db:
        rows = await queries.list_packings(db, read_id("ord", order_id))
        parcels = await queries.list_parcels(db, [row.id for row in rows])
    return PackingList([_packing(row, parcels) for row in rows])


@get(
    "/v1/packings/{packing_id:str}/labels", summary="The labels of packed parcels",
    media_type="application/octet-stream",
)  # fmt: skip
async def get_labels(
    *,
    packing_id: str,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    paper: Paper = "pdf",
    lang: Language = "en",
) -> Response[bytes]:
    """One a parcel on 100 x 150 mm, with its SSCC where there is a GS1 company prefix."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        labels = await documents.packed_labels(db, actor, packing_id=read_id("pak", packing_id))
    return download(
        await documents.print_labels(labels, name=packing_id, paper=paper, locale=lang, at=now)
    )


@get("/v1/ssccs/{sscc:str}", summary="What has an SSCC")
async def find_sscc(sscc: str, database: Database, actor: Actor) -> SsccHolder:
    """The packed parcel or the announced carton; `sscc` are the 18 digits, or as scanned."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        found = await documents.find_code(db, actor, sscc)
    if found is None:
        raise UnknownSscc(sscc=sscc[:60])
    return SsccHolder(
        found.sscc, show_id("box", found.parcel_id) if found.parcel_id else None,
        show_id("ord", found.order_id) if found.order_id else None, found.waybill, found.notice,
    )  # fmt: skip


def _proposal(found: Packable) -> PackingProposal:
    proposal = found.proposal
    return PackingProposal(
        show_id("ord", found.order_id), found.node, proposal.service if proposal else "",
        _planned(proposal.parcels, proposal.currency) if proposal else [], found.why,
        found.lacking, [carton.code for carton in found.cartons],
    )  # fmt: skip


def _planned(parcels: list[PlannedParcel], currency: str) -> list[ProposedParcel]:
    return [
        ProposedParcel(
            p.carton, _lines(p.lines), p.weight_g, p.chargeable_g,
            _money(p.freight_amount, currency), Money(p.carton_amount, currency),
        )
        for p in parcels
    ]  # fmt: skip


def _packing(row: Packing, parcels: list[PackedParcel]) -> PackingRow:
    return PackingRow(
        show_id("pak", row.id), row.number, row.node, row.country, row.service, row.packed_by,
        row.packed_at, None if row.plan is None else _planned(row.plan, row.currency),
        [
            ParcelRow(
                show_id("box", p.id), p.position, p.carton, p.length_mm, p.width_mm, p.height_mm,
                p.expected_g, p.weighed_g, p.chargeable_g, _money(p.freight_amount, row.currency),
                _money(p.carton_amount, row.currency), p.sscc, _lines(p.lines),
            )
            for p in parcels
            if p.packing_id == row.id
        ],
    )  # fmt: skip


def _lines(lines: list[PackUnit]) -> list[ParcelUnits]:
    return [ParcelUnits(show_id("jny", line.journey_id), line.units) for line in lines]


def _sides(sides: list[int] | None) -> tuple[int, int, int] | None:
    return None if sides is None else (sides[0], sides[1], sides[2])


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


ROUTES = (propose_packing, pack_order, list_packings, get_labels, find_sscc)
