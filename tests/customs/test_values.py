"""Duty of a declaration is of the customs value, with the freight of the chosen service."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from beltline.customs import actions
from beltline.customs.types import Act, ExportDeclaration
from beltline.fulfillment.actions import carriage
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.orders import actions as orders
from beltline.trade import actions as trade
from beltline.trade.types import FxRate
from beltline.trade.types.dated import Lack, ValueBasis
from tests.customs.make import (
    at_export,
    check,
    declarations,
    documents,
    enter_fapiao,
    files,
    make_border,
    move,
    tasks,
    with_rules,
)
from tests.fulfillment.journeys import journeys_of
from tests.orders.make import Market
from tests.orders.test_actions import body
from tests.procurement.browser import member
from tests.trade.make import import_low_value_rules, import_rates, import_valuation_rules


async def choose(
    database: Database, market: Market, service: str, now: dt.datetime, order_id: UUID
) -> None:
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.operator) as db:
        await carriage.choose_service(
            db, market.operator, journey_id=journey.id, service=service, now=now
        )


def figures(document: ExportDeclaration) -> tuple[object, ...]:
    [value], (duty, vat) = document.values, document.taxes
    return (value.services, value.freight, value.amount, duty.amount, vat.base, vat.amount)


async def test_the_freight_of_the_chosen_service_counts(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now)
    await import_rates(database, market.operator, now, node="YIW")
    async with database.system() as db:
        await db.execute("update catalog.sku set length_mm = 50, width_mm = 40, height_mm = 30")
    async with database.system() as db:
        rate = FxRate("CNY", "USD", day_of(now), Decimal("0.14"), "a bank")
        await trade.keep_rates(db, [rate])
    quote = await orders.preview_order(database, market.buyer, body(("S-1", 4)), now=now)
    async with database.system() as db:
        await db.execute("delete from trade.fx_rate")
    order_id = await at_export(database, market, now)
    [document] = await documents(database, market, now)
    assert (document.values[0].goods, document.values[0].lacks) == (5_000, [Lack.FREIGHT])
    assert figures(document) == ([], None, None, None, None, None)
    # Four of 250 g cost (16 + 80) x 1.1 + 2 yuan; nobody knows what a yuan is worth.
    await choose(database, market, "YUN-AIR", now, order_id)
    [document] = await documents(database, market, now)
    assert figures(document) == (["YUN-AIR"], None, None, None, None, None)
    async with database.system() as db:
        rate = FxRate("CNY", "USD", day_of(now), Decimal("0.14"), "a bank")
        await trade.keep_rates(db, [rate])
    # 107.60 yuan are 15.064 dollars; 12 % of 65.06 is 7.8072, 23 % of 72.87 is 16.7601.
    [document] = await documents(database, market, now)
    assert document.values[0].basis is ValueBasis.CIF
    assert figures(document) == (["YUN-AIR"], 1_506, 6_506, 781, 7_287, 1_676)
    # Another service, another value: 10 + 30 x 1 yuan are 5.60 dollars.
    await choose(database, market, "RAIL-1", now, order_id)
    [document] = await documents(database, market, now)
    assert figures(document) == (["RAIL-1"], 560, 5_560, 667, 6_227, 1_432)
    # The buyer was told the same: this is the cheapest service.
    assert [(cost.amount, cost.base, cost.source) for cost in quote.costs] == [
        (5_000, None, "offer"), (560, None, "rate card"), (667, 5_560, "EU tariff"),
        (1_432, 6_227, "VAT act"),
    ]  # fmt: skip
    # What is lodged stays, and so does the rule of its day.
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000))
    await check(database, market, now)
    [declaration] = await declarations(database, market)
    await move(database, market, declaration, Act.LODGE, now)
    await choose(database, market, "YUN-AIR", now, order_id)
    await import_valuation_rules(
        database, market.operator, now,
        f"1,PL,FOB,VALUE,,,EU,{day_of(now) + dt.timedelta(days=1)},,another law,",
    )  # fmt: skip
    [document] = await documents(database, market, now + dt.timedelta(days=2))
    assert figures(document) == (["RAIL-1"], 560, 5_560, 667, 6_227, 1_432)
    assert document.values[0].source == "Reg. (EU) 952/2013 art. 70 and 71"


async def test_little_worth_under_a_scheme_is_as_the_buyer_was_told(
    database: Database, now: dt.datetime
) -> None:
    """A rule for goods under IOSS: preview and declaration name the same amounts."""
    market = await make_border(database, now)
    await with_rules(
        database, market, now, tax_basis="SPECIAL", scheme="IOSS",
        scheme_number="IM1234567890", scheme_value_max="150", scheme_currency="EUR",
    )  # fmt: skip
    await import_rates(database, market.operator, now, node="YIW")
    await import_low_value_rules(
        database, market.operator, now, "1,PL,150,EUR,IOSS,,3,SALE,2026-01-01,,Council 2026,"
    )
    async with database.system() as db:
        await db.execute("update catalog.sku set length_mm = 50, width_mm = 40, height_mm = 30")
        day = day_of(now)
        await trade.keep_rates(db, [FxRate("CNY", "USD", day, Decimal("0.14"), "a bank")])

    async def told(*lines: tuple[str, int]) -> list[tuple[int | None, list[Lack]]]:
        quote = await orders.preview_order(database, market.buyer, body(*lines), now=now)
        return [(cost.amount, cost.lacks) for cost in quote.costs[2:]]

    # Nobody knows what 50 dollars are in euros, nor whether the rule holds.
    assert await told(("S-1", 4)) == [(None, [Lack.EXCHANGE])] * 2
    async with database.system() as db:
        await trade.keep_rates(db, [FxRate("EUR", "USD", day, Decimal("1.25"), "a bank")])
    # Three euros are 3.75 dollars, for one code and for two alike goods of it.
    assert await told(("S-1", 4)) == [(375, []), (0, [])]
    assert (await told(("S-1", 2), ("S-2", 2)))[0] == (375, [])
    # 187.50 dollars are 150.00 euros: 16 pieces at 12.50 are more.
    assert (await told(("S-1", 15)))[0] == (375, [])
    assert (await told(("S-1", 16)))[0] != (375, [])
    # The scheme's own limit is in euros, whatever the rule's is in.
    async with database.system() as db:
        await db.execute("update trade.low_value_rule set currency = 'USD', value_max = 1000")
    assert (await told(("S-1", 15)))[0] == (300, [])
    assert (await told(("S-1", 16)))[0] != (300, [])
    async with database.system() as db:
        await db.execute("update trade.low_value_rule set currency = 'EUR', value_max = 150")

    await at_export(database, market, now)
    [document] = await documents(database, market, now)
    duty, vat = document.taxes
    assert (document.scheme, duty.amount, duty.fixed, duty.percent) == ("IOSS", 375, 375, "0")
    assert (vat.amount, vat.source, vat.is_with_sale) == (0, "Council 2026", True)
    async with member(database, market.operator) as http:
        [file] = await files(database, market)
        page = (await http.get(f"/customs/{show_id('cus', file.id)}")).text
    assert "0 % + $3.75" in page
    assert "with the sale, not on import" in page

    # What the rule takes the place of need not be known: no task asks for it, until goods are worth
    # more than the limit.
    async with database.system() as db:
        await db.execute("delete from trade.tax_rate where country = 'PL'")
    await check(database, market, now)
    asked = {f"RATE_UNKNOWN {kind} PL 6108310000" for kind in ("DUTY", "VAT")}
    assert not asked & set(await tasks(database, market))
    async with database.system() as db:
        await db.execute("update trade.low_value_rule set value_max = 39.99")
    await check(database, market, now)
    assert asked <= set(await tasks(database, market))


async def test_a_consignment_is_not_smaller_for_its_declarations(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(
        database, market, now, scheme="IOSS", scheme_number="IM1234567890",
        scheme_value_max="150", scheme_currency="USD",
    )  # fmt: skip
    await import_low_value_rules(
        database, market.operator, now,
        "1,PL,150,USD,,0,,FREE,2026-01-01,,Council 2026,",
    )  # fmt: skip
    async with database.system() as db:
        await db.execute("update catalog.sku set cargo_class = 'LIQUID' where code = 'S-2'")
    # 50.00 and 112.50 dollars, on a declaration each: neither is free, and neither names IOSS.
    await at_export(database, market, now, ("S-1", 4), ("S-2", 9))
    dear = await documents(database, market, now)
    assert [document.scheme for document in dear] == ["", ""]
    assert {document.taxes[0].percent for document in dear} == {"12"}
    async with database.system() as db:
        await db.execute("update trade.low_value_rule set value_max = 162.50")
    free = await documents(database, market, now)
    assert [document.scheme for document in free] == ["", ""]
    assert [document.taxes[0].amount for document in free] == [0, 0]
    # A rule of the scheme holds as long as the scheme takes goods of such worth.
    async with database.system() as db:
        await db.execute("update trade.low_value_rule set scheme = 'IOSS'")
    dear = await documents(database, market, now)
    assert {document.taxes[0].percent for document in dear} == {"12"}
    async with database.system() as db:
        await db.execute("update trade.export_term set scheme_value_max = 162.50")
    free = await documents(database, market, now)
    assert [document.scheme for document in free] == ["IOSS", "IOSS"]
    assert [document.taxes[0].amount for document in free] == [0, 0]
    # Both are of one code: its 3.00 are due once, by 50.00 to 112.50.
    async with database.system() as db:
        await db.execute("update trade.low_value_rule set duty_percent = null, duty_fixed = 3")
    flat = await documents(database, market, now)
    assert sorted(document.taxes[0].amount or 0 for document in flat) == [92, 208]
    first, _ = await declarations(database, market)
    async with database.reading(market.operator) as db:
        alone = await actions.get_document(db, market.operator, declaration_id=first.id, now=now)
    assert alone.taxes[0].amount == flat[0].taxes[0].amount
