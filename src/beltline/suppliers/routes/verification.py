"""Verifications, belts and cases by API: `/v1/verifications`, `/v1/belts`, `/v1/cases`."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.suppliers.actions import cases as case_actions
from beltline.suppliers.actions import verification as actions
from beltline.suppliers.queries import belts
from beltline.suppliers.queries import cases as case_queries
from beltline.suppliers.queries import verification as queries
from beltline.suppliers.rules import belts as words
from beltline.suppliers.rules import cases as case_rules
from beltline.suppliers.types import (
    CaseState,
    Ground,
    ShopCase,
    Verification,
    VerificationState,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class InvitationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to bring in. The phone goes to the supplier's contact and nowhere else."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][^\s@\x00]{1,62}\Z")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    name_zh: Annotated[str, msgspec.Meta(max_length=200)] = ""
    kind: Annotated[str, msgspec.Meta(pattern=r"^(FACTORY|TRADER|MARKET_STALL)\Z")] = "FACTORY"
    belt: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    contact_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=60)] = ""


class VerificationAnswer(msgspec.Struct, frozen=True):
    """Where a verification stands; `note` is the reason it was returned or refused for."""

    id: str
    supplier: str
    state: VerificationState
    note: str
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    decided_at: dt.datetime | None
    valid_until: dt.date | None


class VerificationList(msgspec.Struct, frozen=True):
    """One page of verifications, the longest waiting first."""

    items: list[VerificationAnswer]
    next_cursor: str | None


class Link(msgspec.Struct, frozen=True):
    """The way to the form without an account, shown this once; the link before it has ended."""

    path: str
    expires_at: dt.datetime


class DecisionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """VERIFIED, RETURNED or REFUSED; REVIEW begins a check by hand. All but the first say why."""

    state: Annotated[str, msgspec.Meta(pattern=r"^(VERIFIED|RETURNED|REFUSED|REVIEW)\Z")]
    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class BeltAnswer(msgspec.Struct, frozen=True):
    """A belt; `evidence` is `page` when a published page was read, else it is unverified."""

    id: str
    name: str
    name_zh: str
    province: str
    city: str
    county: str
    category: str
    products: str
    products_zh: str
    longitude: float
    latitude: float
    evidence: str
    source: str
    suppliers: int
    orders_28d: int
    orders_before: int
    new_products_28d: int
    price_index: float | None
    on_time: float | None
    capacity: str
    risk: str


class BeltList(msgspec.Struct, frozen=True):
    """Every belt, those with the most orders and suppliers first."""

    items: list[BeltAnswer]


class ComplaintBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is complained of. Without `skus` it is the whole shop, which is suspended."""

    supplier: Annotated[str, msgspec.Meta(max_length=63)]
    ground: Ground
    statement: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\Z")]
    skus: Annotated[list[str], msgspec.Meta(max_length=1_000)] = []
    claimant: Annotated[str, msgspec.Meta(max_length=200)] = ""
    right_number: Annotated[str, msgspec.Meta(max_length=120)] = ""
    replacement: Annotated[str, msgspec.Meta(max_length=63)] = ""


class CaseAnswer(msgspec.Struct, frozen=True):
    """A case. While it `holds`, its goods are offered to nobody."""

    id: str
    number: str
    supplier: str
    ground: Ground
    skus: list[str]
    state: CaseState
    holds: bool
    statement: str
    opened_at: dt.datetime
    answer_by: dt.datetime
    decided_at: dt.datetime | None
    decision_note: str


class CaseList(msgspec.Struct, frozen=True):
    """One page of cases, newest first."""

    items: list[CaseAnswer]
    next_cursor: str | None


class SayingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a side says: evidence, or an appeal."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\Z")]


class CaseDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Restore the goods, or delist them, and why."""

    restore: bool
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\Z")]


@post("/v1/verifications", summary="Invite a supplier")
async def invite(
    data: InvitationBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[VerificationAnswer]:
    """A new supplier of tier C with a verification to fill in."""
    actor.needs_scope("suppliers:write")
    asked = actions.Invitation(**msgspec.structs.asdict(data))

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _verification(await actions.invite(db, actor, asked, now=now))

    return await _once(database, actor, idempotency_key, "suppliers.invite", data, act,
                       VerificationAnswer)  # fmt: skip


@get("/v1/verifications", summary="List verifications")
async def list_verifications(
    *,
    database: Database,
    actor: Actor,
    status: VerificationState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> VerificationList:
    """The operator's queue, or the caller's own; the longest waiting first."""
    actor.needs_scope("suppliers:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_verifications(
            db, states=[status] if status else (), after=(after[0], after[1]) if after else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.submitted_at or row.created_at, row.id))
    return VerificationList([_verification(row) for row in shown], following)


@post("/v1/verifications/{verification_id:str}/link", summary="Make a link for the phone")
async def link(
    verification_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Link]:
    """The supplier fills in its verification there without an account."""
    actor.needs_scope("suppliers:write")
    found = read_id("ver", verification_id)

    async def act(db: Writer) -> tuple[int, Any]:
        made = await actions.send_link(db, actor, verification_id=found, now=now)
        return 201, Link(f"/g/supplier/{made.token}", made.expires_at)

    return await _once(database, actor, idempotency_key, f"suppliers.link {verification_id}",
                       None, act, Link)  # fmt: skip


@post(
    "/v1/verifications/{verification_id:str}/decision",
    summary="Decide a verification",
    status_code=200,
)
async def decide(
    *,
    verification_id: str,
    data: DecisionBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[VerificationAnswer]:
    """Verify for up to a year, send back for more, refuse, or begin a check by hand."""
    actor.needs_scope("suppliers:write")
    found, to = read_id("ver", verification_id), VerificationState(data.state)

    async def act(db: Writer) -> tuple[int, Any]:
        if to is VerificationState.REVIEW:
            return 200, _verification(await actions.begin_review(
                db, actor, verification_id=found, note=data.note, now=now))  # fmt: skip
        return 200, _verification(await actions.decide(
            db, actor, verification_id=found, to=to, note=data.note, now=now))  # fmt: skip

    return await _once(database, actor, idempotency_key, f"suppliers.decide {verification_id}",
                       data, act, VerificationAnswer)  # fmt: skip


@get("/v1/belts", summary="List belts")
async def list_belts(database: Database, actor: Actor, now: dt.datetime) -> BeltList:
    """Industrial belts with their evidence, how they run, their capacity and risk in a word."""
    actor.needs_scope("suppliers:read")
    async with database.reading(actor) as db:
        found = await belts.list_lives(db, today=day_of(now))
    return BeltList([
        BeltAnswer(
            b.id, b.name_en, b.name_zh, b.province, b.city, b.county, b.category, b.products_en,
            b.products_zh, b.longitude, b.latitude, b.evidence, b.source, b.suppliers,
            b.orders_28d, b.orders_before, b.new_products_28d, b.price_index, b.on_time,
            words.capacity(b).text, words.risk(b).text,
        )
        for b in found
    ])  # fmt: skip


@post("/v1/cases", summary="Open a case against a shop")
async def open_case(
    data: ComplaintBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[CaseAnswer]:
    """What it is about is off the shelf at once; the shop has a week to answer."""
    actor.needs_scope("suppliers:write")
    told = case_actions.Complaint(**msgspec.structs.asdict(data))

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _case(await case_actions.open_case(db, actor, told, now=now))

    return await _once(database, actor, idempotency_key, "suppliers.case", data, act, CaseAnswer)


@get("/v1/cases", summary="List cases")
async def list_cases(
    *,
    database: Database,
    actor: Actor,
    status: CaseState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> CaseList:
    """The operator's cases, or those against the caller; newest first."""
    actor.needs_scope("suppliers:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await case_queries.list_cases(
            db, states=[status] if status else (),
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.opened_at, row.id))
    return CaseList(
        [_case(row) for row in shown],
        following,
    )


@post("/v1/cases/{case_id:str}/evidence", summary="Answer a case", status_code=200)
async def answer_case(
    *,
    case_id: str,
    data: SayingBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CaseAnswer]:
    """Evidence of either side, while the case is open."""
    actor.needs_scope("suppliers:write")
    found = read_id("case", case_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _case(await case_actions.answer_case(
            db, actor, case_id=found, text=data.text, now=now))  # fmt: skip

    return await _once(database, actor, idempotency_key, f"suppliers.evidence {case_id}", data,
                       act, CaseAnswer)  # fmt: skip


@post("/v1/cases/{case_id:str}/decision", summary="Decide a case", status_code=200)
async def decide_case(
    *,
    case_id: str,
    data: CaseDecision,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CaseAnswer]:
    """Restore or delist; nothing is delisted unheard before the time to answer is over."""
    actor.needs_scope("suppliers:write")
    found = read_id("case", case_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _case(await case_actions.decide_case(
            db, actor, case_id=found, restore=data.restore, note=data.note, now=now))  # fmt: skip

    return await _once(database, actor, idempotency_key, f"suppliers.rule {case_id}", data, act,
                       CaseAnswer)  # fmt: skip


@post("/v1/cases/{case_id:str}/appeal", summary="Appeal a decision", status_code=200)
async def appeal_case(
    *,
    case_id: str,
    data: SayingBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CaseAnswer]:
    """The shop's, once, within 15 days of the decision."""
    actor.needs_scope("suppliers:write")
    found = read_id("case", case_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _case(await case_actions.appeal_case(
            db, actor, case_id=found, text=data.text, now=now))  # fmt: skip

    return await _once(database, actor, idempotency_key, f"suppliers.appeal {case_id}", data, act,
                       CaseAnswer)  # fmt: skip


def _verification(row: Verification) -> VerificationAnswer:
    return VerificationAnswer(
        show_id("ver", row.id), row.supplier, row.state, row.note, row.created_at,
        row.submitted_at, row.decided_at, row.valid_until,
    )  # fmt: skip


def _case(case: ShopCase) -> CaseAnswer:
    return CaseAnswer(
        show_id("case", case.id), case.number, case.supplier, case.ground, case.skus, case.state,
        case.state in case_rules.HOLDING, case.statement, case.opened_at, case.answer_by,
        case.decided_at, case.decision_note,
    )  # fmt: skip


async def _once(
    database: Database, actor: Actor, key: str, operation: str, body: object, act: Any, kind: Any
) -> Response[Any]:
    """Do a thing once for its key, and answer with `kind`."""
    answer = await once(database, actor, key=key, operation=operation, body=body, act=act)
    return answered(answer, kind)


ROUTES = (
    invite, list_verifications, link, decide, list_belts, open_case, list_cases, answer_case,
    decide_case, appeal_case,
)  # fmt: skip
