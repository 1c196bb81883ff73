"""`/v1/settlements` and the rates of commission."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter, QueryParameter
from msgspec import Meta

from beltline.accounts import queries as organizations
from beltline.accounts.types.legal import PaperParty
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.downloads import download
from beltline.kit.web.kept import answered
from beltline.ledger import actions
from beltline.ledger.queries import settlements as queries
from beltline.ledger.routes.money import Code, Done
from beltline.ledger.types import Settlement

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")]
Ppm = Annotated[int, Meta(ge=0, le=1_000_000)]


class SettlementRow(msgspec.Struct, frozen=True):
    """A statement of a supplier, in minor units.

    `closing` = `opening` + `earned` + `taken_back` - `commission`. `state` is DUE, ASKED, PAID, or
    CARRIED (nothing to pay; the next one opens with it). Who asked and paid is for the operator.
    """

    id: str
    number: str
    supplier: str
    currency: str
    starts: dt.datetime
    ends: dt.datetime
    opening: int
    earned: int
    taken_back: int
    commission: int
    closing: int
    state: str
    asked_by: str
    paid_by: str
    paid_at: dt.datetime | None
    payment_reference: str
    made_at: dt.datetime


class SettlementShown(SettlementRow, frozen=True):
    """A statement with its parties as they were named when it was made."""

    payer: PaperParty
    payee: PaperParty


class SettlementList(msgspec.Struct, frozen=True):
    """One page of statements, newest first."""

    items: list[SettlementRow]
    next_cursor: str | None


class SettlementLine(msgspec.Struct, frozen=True):
    """What was earned or taken back, in minor units; `rate_ppm` null where no share is kept."""

    at: dt.datetime
    kind: str
    reference: str
    sku: str
    quantity: int
    amount: int
    rate_ppm: int | None
    commission: int
    earned_on: dt.date


class SettlementLines(msgspec.Struct, frozen=True):
    """One page of the lines of a statement, the oldest first."""

    items: list[SettlementLine]
    next_cursor: str | None


class RunBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when is stated; now when it is left out."""

    until: dt.datetime | None = None


class Stated(msgspec.Struct, frozen=True):
    """How many statements were drawn up."""

    made: int


class DecideBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a statement is paid out, and the bank's name for the payment."""

    approve: bool
    reference: Text = ""


class RateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The share of sales the network keeps, in parts of a million, by the days it is valid.

    Of all suppliers without one of their own, when none is named.
    """

    rate_ppm: Ppm
    valid_from: dt.date
    valid_until: dt.date | None = None
    supplier: Code | None = None
    note: Text = ""


class RateRow(msgspec.Struct, frozen=True):
    """A rate in parts of a million; `supplier` null for that of all without one of their own."""

    supplier: str | None
    rate_ppm: int
    valid_from: dt.date
    valid_until: dt.date | None
    note: str
    set_by: str
    set_at: dt.datetime


class RateList(msgspec.Struct, frozen=True):
    """One page of rates, those set last first."""

    items: list[RateRow]
    next_cursor: str | None


@get("/v1/settlements", summary="Statements of suppliers")
async def list_settlements(
    *,
    database: Database,
    actor: Actor,
    status: str | None = None,
    supplier: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> SettlementList:
    """The supplier's own or, for the operator, all."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_settlements(
            db, actor, state=status, supplier=supplier,
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.made_at, row.id))
    return SettlementList([_shown(row, actor) for row in shown], following)


@get("/v1/settlements/{settlement_id:str}", summary="One statement of a supplier")
async def get_settlement(settlement_id: str, database: Database, actor: Actor) -> SettlementShown:
    """Its sums, its state and its parties."""
    actor.needs_scope("ledger:read")
    found = read_id("stm", settlement_id)
    async with database.reading(actor) as db:
        statement = await queries.get_settlement(db, found)
    row = msgspec.structs.asdict(_shown(statement, actor))
    return SettlementShown(**row, payer=statement.payer, payee=statement.payee)


@get("/v1/settlements/{settlement_id:str}/lines", summary="The lines of a statement")
async def list_lines(
    settlement_id: str,
    database: Database,
    actor: Actor,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> SettlementLines:
    """What was earned and taken back, each with the commission at the rate of its day."""
    actor.needs_scope("ledger:read")
    found = read_id("stm", settlement_id)
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        await queries.get_settlement(db, found)
        rows = await queries.list_items(
            db, found, after=(after[0], after[1]) if after else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.at, row.id))
    return SettlementLines([_as(SettlementLine, row) for row in shown], following)


@get(
    "/v1/settlements/{settlement_id:str}/file", summary="A statement as a file",
    media_type="application/octet-stream",
)  # fmt: skip
async def get_file(
    settlement_id: str,
    database: Database,
    actor: Actor,
    file_format: Annotated[actions.StatementFormat, QueryParameter(name="format")] = "csv",
    lang: Literal["en", "zh"] = "en",
) -> Response[bytes]:
    """CSV (UTF-8 with a byte order mark), XLSX or PDF: the lines, then the sums."""
    actor.needs_scope("ledger:read")
    found = read_id("stm", settlement_id)
    return download(
        await actions.write_statement(
            database, actor, settlement_id=found, file_format=file_format, locale=lang
        )
    )


@post("/v1/settlements/run", summary="State what suppliers are owed", status_code=200)
async def settle(
    data: RunBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Stated]:
    """One statement for each supplier and currency with something unstated. For the operator."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, Stated(await actions.settle(db, actor, until=data.until or now, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation="settlements.run", body=data, act=act
    )
    return answered(answer, Stated)


@post("/v1/settlements/{settlement_id:str}/ask", summary="Ask for a pay-out", status_code=200)
async def ask_payout(
    *, settlement_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[SettlementRow]:
    """A second person, or key, has to approve it."""
    actor.needs_scope("ledger:write")
    found = read_id("stm", settlement_id)

    async def act(db: Writer) -> tuple[int, Any]:
        done = await actions.ask_payout(db, actor, settlement_id=found, now=now)
        return 200, _shown(done, actor)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"settlements.ask {settlement_id}",
        body=None, act=act,
    )  # fmt: skip
    return answered(answer, SettlementRow)


@post("/v1/settlements/{settlement_id:str}/decide", summary="Pay a statement", status_code=200)
async def decide_payout(
    *,
    settlement_id: str,
    data: DecideBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[SettlementRow]:
    """Pays out what was asked for, or gives it back. Refuses who asked for it."""
    actor.needs_scope("ledger:write")
    found = read_id("stm", settlement_id)

    async def act(db: Writer) -> tuple[int, Any]:
        done = await actions.decide_payout(
            db, actor, settlement_id=found, is_approved=data.approve, reference=data.reference,
            now=now,
        )  # fmt: skip
        return 200, _shown(done, actor)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"settlements.decide {settlement_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, SettlementRow)


@get("/v1/commission-rates", summary="Rates of commission")
async def list_rates(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> RateList:
    """A supplier's own or, for the operator, all. Without a rate of its day no sale is stated."""
    actor.needs_scope("ledger:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_commission_rates(
            db, before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.set_at, row.id))
    return RateList([_as(RateRow, row) for row in shown], following)


@post("/v1/commission-rates", summary="Set a rate of commission", status_code=200)
async def set_rate(
    data: RateBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Done]:
    """From a day on, of one supplier or of all without one of their own. For the operator."""
    actor.needs_scope("ledger:write")

    async def act(db: Writer) -> tuple[int, Any]:
        named = data.supplier
        supplier = await organizations.get_organization(db, named) if named else None
        await actions.set_commission(
            db, actor, supplier_org_id=supplier.id if supplier else None, rate_ppm=data.rate_ppm,
            valid_from=data.valid_from, valid_until=data.valid_until, note=data.note, now=now,
        )  # fmt: skip
        return 200, Done()

    answer = await once(
        database, actor, key=idempotency_key, operation="commission.set", body=data, act=act
    )
    return answered(answer, Done)


def _as(kind: type[Any], row: msgspec.Struct) -> Any:
    return kind(*(getattr(row, name) for name in kind.__struct_fields__))


def _shown(row: Settlement, actor: Actor) -> SettlementRow:
    named = {name: getattr(row, name) for name in SettlementRow.__struct_fields__}
    people = {} if actor.org_kind == "OPERATOR" else {"asked_by": "", "paid_by": ""}
    return SettlementRow(**named | people | {"id": show_id("stm", row.id)})


ROUTES = (
    list_settlements, get_settlement, list_lines, get_file, settle, ask_payout, decide_payout,
    list_rates, set_rate,
)  # fmt: skip
