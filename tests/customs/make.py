"""Builders: goods that go from Yiwu to Poland, with or without the rules for it."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.app.workflows import LISTENERS
from beltline.customs import actions, queries
from beltline.customs.types import (
    Act,
    Bearer,
    CustomsFile,
    CustomsTask,
    Declaration,
    ExportDeclaration,
    FapiaoBody,
    MoveBody,
)
from beltline.kit.db import Database
from beltline.kit.relay import deliver, publish
from tests.fulfillment.journeys import finish, journeys_of, place
from tests.orders.make import Market, make_market, make_offer, set_stock
from tests.trade.make import import_export_terms, import_tax_rates, import_valuation_rules

EXPORTER = "义乌带线贸易有限公司"


async def make_border(
    database: Database, now: dt.datetime, *, basis: str = "SPECIAL", skus: int = 2
) -> Market:
    """A market whose goods stand in Yiwu, fully described and bought at 11.30 CNY with fapiao."""
    market = await make_market(database, now, skus=skus)
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["WAW"], on_hand=0, now=now
        )
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["YIW"], on_hand=100, now=now
        )
        for sku_id in market.skus.values():
            await make_offer(
                db, sku_id, market.supplier, now, audience="OPERATOR", currency="CNY",
                breaks={1: "11.30"}, operator=market.operator,
            )  # fmt: skip
        await db.execute(
            "update catalog.offer set tax_basis = $1 where audience = 'OPERATOR'", basis
        )
        await db.execute(
            """update catalog.sku set hs_code = '6108310000', weight_g = 250, title_zh = '睡衣',
                      carton_pieces = 10, carton_weight_g = 2800"""
        )
    return market


async def with_rules(database: Database, market: Market, now: dt.datetime, **term: str) -> None:
    """The rules for exports by 9710 with refund: a term and every rate."""
    await import_export_terms(
        database, market.operator, now, **{
            "node": "YIW", "country": "PL", "export_mode": "9710", "exporter": EXPORTER,
            "exporter_code": "91330782MA28", "incoterm": "DDP", "vat": "REFUND", **term,
        },
    )  # fmt: skip
    await import_valuation_rules(
        database, market.operator, now,
        "1,PL,CIF,CARRIAGE,,,EU,2016-05-01,,Reg. (EU) 952/2013 art. 70 and 71,",
    )  # fmt: skip
    await import_tax_rates(
        database, market.operator, now,
        "1,DUTY,PL,610831,,12,2026-01-01,,EU tariff,https://eu.example/t",
        "2,VAT,PL,,,23,2011-01-01,,VAT act,",
        "3,REFUND,CN,6108310000,,13,2026-01-01,,Notice 15,",
        "4,VAT,CN,,,13,2019-04-01,,VAT law,",
    )  # fmt: skip


async def at_export(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> UUID:
    """An order whose journeys have reached their export declaration; its id."""
    order_id = await place(database, market, now, *(lines or (("S-1", 4),)), **changes)
    moved = [j.id for j in await journeys_of(database, market, order_id)]
    assert await finish(database, market.operator, "PACK", moved, now) == len(moved)
    return order_id


async def stages(database: Database, market: Market, order_id: UUID) -> list[str | None]:
    """The stages of an order's journeys, by line."""
    return [j.stage for j in await journeys_of(database, market, order_id)]


async def files(database: Database, market: Market) -> list[CustomsFile]:
    """The customs files, oldest first."""
    async with database.reading(market.operator) as db:
        return sorted(await queries.list_files(db), key=lambda file: file.number)


async def declarations(
    database: Database, market: Market, file: CustomsFile | None = None
) -> list[Declaration]:
    """The declarations of a file, or all, by place."""
    async with database.reading(market.operator) as db:
        found = await queries.list_declarations(db, file_id=file.id if file else None)
    return sorted(found, key=lambda d: (d.file, d.position))


async def documents(
    database: Database, market: Market, now: dt.datetime
) -> list[ExportDeclaration]:
    """The data sets of all declarations."""
    found = await declarations(database, market)
    async with database.reading(market.operator) as db:
        return await actions.declare(db, found, now=now)


async def tasks(
    database: Database, market: Market, *, open_only: bool = True
) -> dict[str, CustomsTask]:
    """The tasks by kind and subject."""
    async with database.reading(market.operator) as db:
        found = await queries.list_tasks(db, open_only=open_only)
    return {f"{t.kind} {t.subject}": t for t in found}


async def check(database: Database, market: Market, now: dt.datetime) -> None:
    """Look at every open file again."""
    for file in await files(database, market):
        async with database.writing(market.operator) as db:
            await actions.check_file(db, market.operator, file_id=file.id, now=now)


async def answer(
    database: Database, market: Market, task: CustomsTask, option: str, now: dt.datetime,
    note: str = "",
) -> CustomsTask:  # fmt: skip
    """Answer a task."""
    async with database.writing(market.operator) as db:
        return await actions.answer_task(
            db, market.operator, task_id=task.id, option=option, note=note, now=now
        )


async def move(
    database: Database, market: Market, declaration: Declaration, act: Act, now: dt.datetime,
    *, number: str = "", note: str = "", bearer: Bearer | None = None,
) -> Declaration:  # fmt: skip
    """Move a declaration."""
    async with database.writing(market.operator) as db:
        return await actions.move_declaration(
            db, market.operator, declaration_id=declaration.id,
            body=MoveBody(act, number, note, 72, bearer), now=now,
        )  # fmt: skip


async def enter_fapiao(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int, int],
    number: str = "F-1", **changes: Any,
) -> None:  # fmt: skip
    """A special fapiao to the exporter: SKU, units, net amount; its VAT is 13 %."""
    body = {
        "number": number, "supplier": "zhili-1", "buyer": EXPORTER, "issued_date": "2026-11-01",
        "lines": [
            {"sku": sku, "quantity": units, "net_amount": net, "vat_amount": net * 13 // 100}
            for sku, units, net in lines
        ], **changes,
    }  # fmt: skip
    async with database.writing(market.operator) as db:
        await actions.enter_fapiao(
            db, market.operator, body=msgspec.convert(body, FapiaoBody, strict=False), now=now
        )


async def carry_events(database: Database) -> None:
    """Hand every event to its listeners, until nothing is left."""
    while True:
        carried = await publish(database)
        for listener in LISTENERS:
            carried += await deliver(database, listener)
        if not carried:
            return
