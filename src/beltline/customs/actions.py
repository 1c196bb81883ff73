"""Use cases of customs: check and join files, move declarations, answer tasks, match refunds."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.customs import queries, rules, store
from beltline.customs.queries import goods as goods_queries
from beltline.customs.types import (
    CustomsFile,
    CustomsTask,
    Declaration,
    Declared,
    ExportDeclaration,
    Fapiao,
    FapiaoBody,
    GoodsLine,
    MoveBody,
    RefundStep,
    Setting,
    Stopped,
)
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id
from beltline.kit.web.downloads import PrintedFile
from beltline.orders.actions import landed
from beltline.trade import queries as trade


def _needs_hands(actor: Actor) -> None:
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER", "FINANCE")


async def check_file(db: Writer, actor: Actor, *, file_id: UUID, now: dt.datetime) -> CustomsFile:
    """Put a file together anew from what is known now; what is lodged stays as it is."""
    _needs_hands(actor)
    await store.check_file(db, actor, file_id, now)
    return await queries.get_file(db, file_id)


async def join_files(
    db: Writer, actor: Actor, *, file_id: UUID, others: Sequence[UUID], now: dt.datetime
) -> CustomsFile:
    """Declare the goods of other files of the same way with those of one: a consolidation box.

    The others end as JOINED; nothing of any of them is lodged.
    """
    _needs_hands(actor)
    wanted = sorted(set(others) - {file_id})
    if wanted:
        await store.join_files(db, actor, file_id, wanted, now)
    return await queries.get_file(db, file_id)


async def move_declaration(
    db: Writer, actor: Actor, *, declaration_id: UUID, body: MoveBody, now: dt.datetime
) -> Declaration:
    """Write what was said to customs or by it; journeys follow by its event."""
    _needs_hands(actor)
    rules.check_move(body)
    await store.move(db, actor, declaration_id, body, now)
    return await queries.get_declaration(db, declaration_id)


async def move_refund(
    db: Writer,
    actor: Actor,
    *,
    declaration_id: UUID,
    state: RefundStep,
    reference: str,
    now: dt.datetime,
) -> Declaration:
    """Write how a refund goes on: filed, paid, repaid, or taken as sold at home."""
    actor.needs_operator()
    actor.needs_role("FINANCE", "PLANNER")
    await store.move_refund(db, actor, declaration_id, state, reference.strip(), now)
    return await queries.get_declaration(db, declaration_id)


async def answer_task(
    db: Writer, actor: Actor, *, task_id: UUID, option: str, note: str, now: dt.datetime
) -> CustomsTask:
    """Answer a task by one of its options; a query needs a note of what customs was told."""
    _needs_hands(actor)
    await store.answer_task(db, actor, task_id, option, note.strip(), now)
    return await queries.get_task(db, task_id)


async def meet_deadlines(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Let silent tasks take their default and look at open files once an hour; how many."""
    actor.needs_operator()
    return await store.meet_deadlines(db, actor, limit, now)


async def enter_fapiao(db: Writer, actor: Actor, *, body: FapiaoBody, now: dt.datetime) -> Fapiao:
    """Keep a fapiao; what waits for one of its supplier, SKUs and buyer is covered by it."""
    actor.needs_operator()
    actor.needs_role("FINANCE", "PLANNER")
    fapiao_id = new_id()
    await store.enter_fapiao(db, actor, fapiao_id, body, now)
    return await queries.get_fapiao(db, fapiao_id)


async def set_setting(db: Writer, actor: Actor, *, setting: Setting, now: dt.datetime) -> Setting:
    """Say whether what no rule speaks of stops goods, and how long a fapiao is waited for."""
    actor.needs_operator()
    actor.needs_role("PLANNER")
    await store.set_setting(db, actor, setting, now)
    return await queries.get_setting(db, actor)


async def refuse_stopped(db: Reader, *, journey_ids: Sequence[UUID]) -> None:
    """Refuse with the file that stops one of some journeys, where one does."""
    stop = await queries.find_stop(db, journey_ids)
    if stop is not None:
        raise Stopped(order=stop.order_number, file=stop.file)


async def declare(
    db: Reader, declarations: Sequence[Declaration], *, now: dt.datetime
) -> list[ExportDeclaration]:
    """The data sets of declarations, by the rates of the day they were lodged on, or of today."""
    return [each.document for each in await _declare(db, declarations, now=now)]


async def _declare(
    db: Reader, declarations: Sequence[Declaration], *, now: dt.datetime
) -> list[Declared]:
    """The same, each with its goods and rates."""
    today = day_of(now)
    ids = [d.id for d in declarations]
    goods = await goods_queries.list_goods(db, ids, today=today)
    lines: dict[UUID | None, list[GoodsLine]] = {}
    for g in goods:
        lines.setdefault(g.declaration_id, []).append(g)
    low_values = await goods_queries.list_low_values(db, ids, today=today)
    consigned = await goods_queries.list_consignments(db, ids)
    days = {d.id: day_of(d.lodged_at) if d.lodged_at else today for d in declarations}
    currencies = {g.currency for g in goods}
    freights = {g.freight_currency for g in goods if g.freight_currency}
    limits = {rule.currency for each in low_values.values() for rule in each}
    # Schemes and currencies are few, and declarations of a file are lodged on few days.
    wanted = {(d.scheme_currency, days[d.id]) for d in declarations if d.scheme_currency}
    wanted |= {(rule.currency, days[of]) for of, each in low_values.items() for rule in each}
    if freights | limits:
        wanted |= {(currency, on) for currency in currencies for on in days.values()}
    others = currencies | freights | limits
    others |= {line.currency for each in consigned.values() for line in each}
    rates = {
        (currency, on): await trade.rates_to(db, currency, others, on=on)
        for currency, on in sorted(wanted)
    }
    valuations = await goods_queries.list_valuations(db, ids, today=today)
    found = []
    for d in declarations:
        own, on = lines.get(d.id, []), days[d.id]
        known, whole = rates.get((d.scheme_currency, on)), consigned.get(d.id, [])
        worth = None if known is None else rules.worth_in(d.scheme_currency, whole, known)
        of_day = {currency: rate for (currency, day), rate in rates.items() if day == on}
        document = rules.export_declaration(
            d, own, worth, issued_date=on, rule=valuations.get(d.id), rates=of_day,
            low_values=low_values.get(d.id, []), consigned=whole,
        )  # fmt: skip
        found.append(Declared(document, own, of_day))
    return found


async def tell_landed(db: Writer, actor: Actor, *, declaration_id: UUID, now: dt.datetime) -> None:
    """Tell the orders of a declaration what all that was lodged of them is declared to cost."""
    actor.needs_operator()
    lodged = await queries.list_lodged_with(db, declaration_id)
    declared = await _declare(db, lodged, now=now)
    goods = [g for each in declared for g in each.goods if g.declaration_id == declaration_id]
    # Of others that share a box with these not all that was lodged is here.
    orders = {g.order_number for g in goods}
    costs = [cost for cost in rules.landed_costs(declared) if cost.order in orders]
    await landed.declare_landed_costs(db, actor, declared=costs, now=now)


async def get_document(
    db: Reader, actor: Actor, *, declaration_id: UUID, now: dt.datetime
) -> ExportDeclaration:
    """The data set of one declaration."""
    actor.needs_operator()
    declaration = await queries.get_declaration(db, declaration_id)
    return (await declare(db, [declaration], now=now))[0]


async def print_document(
    document: ExportDeclaration, *, locale: str, at: dt.datetime
) -> PrintedFile:
    """The data set on A4, in English or Chinese."""
    content = await asyncio.to_thread(_draw, document, locale, at)
    return PrintedFile(f"{document.number}.pdf", "application/pdf", content)


def _draw(document: ExportDeclaration, locale: str, at: dt.datetime) -> bytes:
    # With the first page come fonts, pictures and NumPy, which a web process starts without.
    from beltline.customs.adapters import pdf  # noqa: PLC0415 - loaded when asked for

    return pdf.declaration_pdf(document, locale=locale, at=at)
