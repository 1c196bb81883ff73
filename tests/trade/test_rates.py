"""Rate cards: imported by file, priced to the cent, quoted and compared, the operator's alone."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec
import polars as pl
import pytest

from beltline.app.imports.export import export_rows
from beltline.app.imports.inline import ImportRequest, import_path
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.report import write_table
from beltline.trade import actions, queries, rules
from beltline.trade.types import (
    BoxSize,
    FxRate,
    NoService,
    Quote,
    RateBreak,
    RateCard,
    Tariff,
    WhyNot,
)
from tests.catalog.make import NOW, Network, make_network
from tests.orders.http import api, key_of
from tests.procurement.browser import member
from tests.trade.make import RATE_COLUMNS, RATES, import_rates

TODAY = day_of(NOW)
CARD = RateCard(
    UUID("019abf00-0000-7000-8000-000000000001"),
    "YUN-AIR", "YunExpress", "AIR", "CON-YIW", "PL", "CNY", TODAY, None, 6_000, 100, 50, 30_000,
    1_200, Decimal(20), Decimal(10), Decimal(2), 9.0, 14.0, "test",
)  # fmt: skip
BREAKS = [
    RateBreak(CARD.id, 0, Decimal(16), Decimal(80)),
    RateBreak(CARD.id, 2_000, Decimal(16), Decimal(70)),
]


def box(weight_g: int, length: int = 100, width: int = 100, height: int = 100) -> BoxSize:
    return BoxSize(weight_g, length * width * height, max(length, width, height))


@pytest.mark.parametrize(
    ("size", "charged", "amount"),
    [
        # (16 + 80 x 0.5) x 1.1 + 2, by the scale.
        (box(500), 500, 6_360),
        # 0.501 kg is charged as 0.6.
        (box(501), 600, 7_240),
        # 12,000 cm3 / 6,000 is 2 kg, at the price of the second break.
        (box(300, 300, 200, 200), 2_000, 17_360),
        # One mm3 more is a step more.
        (BoxSize(300, 12_000_001, 300), 2_100, 18_130),
        # (16 + 80 x 0.1) x 1.1 + 2 is above the least a box costs.
        (box(1), 200, 3_720),
    ],
)
def test_a_box_costs_what_its_card_says(size: BoxSize, charged: int, amount: int) -> None:
    quote = rules.quote_box(CARD, BREAKS, size)
    assert isinstance(quote, Quote)
    assert (quote.chargeable_g, quote.amount, quote.currency) == (charged, amount, "CNY")


def test_only_the_scale_counts_without_a_divisor_and_the_least_is_charged() -> None:
    card = msgspec.structs.replace(CARD, divisor=None, minimum_charge=Decimal("99.995"))
    quote = rules.quote_box(card, BREAKS, box(120, 1_000, 1_000, 1_000))
    assert isinstance(quote, Quote)
    # Half-even, once: 99.995 is 100.00.
    assert (quote.chargeable_g, quote.amount) == (200, 10_000)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (box(30_001), WhyNot.TOO_HEAVY),
        (box(100, 1_201, 10, 10), WhyNot.TOO_LONG),
    ],
)
def test_a_card_says_why_it_takes_no_box(size: BoxSize, why: WhyNot) -> None:
    assert rules.quote_box(CARD, BREAKS, size) is why
    late = [RateBreak(CARD.id, 5_000, Decimal(1), Decimal(1))]
    assert rules.quote_box(CARD, late, box(100)) is WhyNot.TOO_LIGHT


def test_goods_too_heavy_for_a_box_go_in_several() -> None:
    tariff = Tariff(CARD, BREAKS)
    # Three boxes of 23.4 kg at (16 + 70 x 23.4) x 1.1 + 2 each; of 5 l none is larger by volume.
    found = actions.price_boxes(tariff, BoxSize(70_000, 15_000_000, 400))
    assert found is not None
    assert (found.weight_g, found.chargeable_g, found.amount) == (70_000, 70_200, 546_420)
    assert actions.price_boxes(tariff, BoxSize(500, 1_000_000, 100)) == actions.price_box(
        tariff, BoxSize(500, 1_000_000, 100)
    )
    assert actions.price_boxes(tariff, BoxSize(70_000, 15_000_000, 1_201)) is None


async def rate(database: Database, base: str, quote: str, value: str) -> None:
    async with database.system() as db:
        await actions.keep_rates(db, [FxRate(base, quote, TODAY, Decimal(value), "test")])


async def quoted(
    database: Database, network: Network, size: BoxSize, on: dt.date = TODAY
) -> tuple[list[tuple[str, int, list[str]]], list[tuple[str, str]]]:
    async with database.reading(network.operator) as db:
        found = await actions.quote(db, node="CON-YIW", country="PL", box=size, on=on)
    return [(q.service, q.amount, q.best_at) for q in found.quotes], [
        (r.service, r.why.value) for r in found.refused
    ]


async def test_services_are_compared_across_currencies(database: Database) -> None:
    network = await make_network(database)
    done = await import_rates(database, network.operator, NOW)
    assert (done.inserted, done.problems) == (4, ())
    # Without a rate, dollars stand last and cannot be the cheapest.
    assert await quoted(database, network, box(500)) == (
        [
            ("RAIL-1", 2_500, ["CHEAPEST", "MOST_CERTAIN"]), ("YUN-AIR", 6_360, []),
            ("DHL-X", 1_000, ["FASTEST"]),
        ],
        [],
    )  # fmt: skip
    await rate(database, "USD", "CNY", "2")
    quotes, _ = await quoted(database, network, box(500))
    assert [(service, best) for service, _, best in quotes] == [
        ("DHL-X", ["CHEAPEST", "FASTEST"]), ("RAIL-1", ["MOST_CERTAIN"]), ("YUN-AIR", []),
    ]  # fmt: skip
    quotes, refused = await quoted(database, network, box(25_000))
    assert refused == [("RAIL-1", "TOO_HEAVY")]
    late = await quoted(database, network, box(500), dt.date(2027, 1, 1))
    assert [service for service, *_ in late[0]] == ["DHL-X", "YUN-AIR"]
    assert await quoted(database, network, box(500), dt.date(2025, 12, 31)) == ([], [])
    async with database.reading(network.operator) as db:
        with pytest.raises(NoService):
            await actions.quote_service(
                db, service="RAIL-1", node="CON-YIW", country="PL", box=box(25_000), on=TODAY
            )


async def test_a_newer_card_counts_and_a_file_replaces_its_breaks(database: Database) -> None:
    network = await make_network(database)
    await import_rates(database, network.operator, NOW)
    same = await import_rates(database, network.operator, NOW)
    assert (same.inserted, same.updated, same.unchanged) == (0, 0, 4)
    first, second, *_ = RATES.splitlines(keepends=True)
    newer = first.replace("2026-01-01", "2026-11-01").replace(",16,80,", ",16,90,")
    done = await import_rates(database, network.operator, NOW, csv=newer + second)
    assert (done.inserted, done.updated, done.unchanged) == (1, 0, 1)
    quotes, _ = await quoted(database, network, box(500))
    assert ("YUN-AIR", 6_910, []) in quotes
    async with database.reading(network.operator) as db:
        cards = await queries.list_rate_cards(db, words="yun")
        breaks = await queries.list_rate_breaks(db, [card.id for card in cards])
    assert sorted((b.weight_from_g, b.per_kg) for b in breaks) == [
        (0, Decimal(90)), (2_000, Decimal(70)),
    ]  # fmt: skip


async def test_bad_rows_say_why_and_the_others_come_in(database: Database) -> None:
    network = await make_network(database)
    good = RATES.splitlines()[2]
    bad = {
        "trade.unknown_node": good.replace("{node}", "NOWHERE"),
        "trade.not_a_country": good.replace(",PL,", ",P1,"),
        "trade.no_rate_given": good.replace(",10,30,", ",,,"),
        "trade.ends_before_it_begins": good.replace("2026-12-31", "2025-12-31"),
        "trade.slow_before_usual": good.replace(",22,24", ",22,21"),
        "trade.several_terms": good.replace(",0,10,30,", ",900,10,30,").replace("RAIL,{", "SEA,{"),
    }
    rows = [good, *(row.replace("RAIL-1", f"R-{n}") for n, row in enumerate(bad.values(), 2))]
    rows[-1] = rows[-1].replace("R-7", "RAIL-1")
    csv = "\n".join(f"{n},{row.partition(',')[2]}" for n, row in enumerate(rows, 1)) + "\n"
    done = await import_rates(database, network.operator, NOW, csv=csv)
    assert done.inserted == 1
    assert [(p.row, p.code) for p in sorted(done.problems, key=lambda p: p.row)] == list(
        enumerate(bad, 2)
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_every_kind_of_file_brings_rates_in(
    database: Database, tmp_path: Path, ending: str
) -> None:
    network = await make_network(database)
    headers = ["服务代码", "承运商", "运输方式", "仓库", "目的国", "币种", "生效日期", "重量起",
               "每票", "每公斤", "体积系数", "参考时效", "最长时效"]  # fmt: skip
    frame = pl.DataFrame(
        [["YUN-AIR", "云途", "空运", "CON-YIW", "PL", "人民币", "2026-01-01", weight, 16.5, 80.25,
          6_000, 9, 14] for weight in (0, 2_000)],
        schema=headers, orient="row",
    )  # fmt: skip
    path = tmp_path / f"rates.{ending}"
    write_table(frame, path)
    outcome = await import_path(database, network.operator, ImportRequest(path), on_progress=None)
    assert (outcome.dataset, outcome.inserted, outcome.bad_rows) == ("rates", 2, 0)
    quotes, _ = await quoted(database, network, box(500))
    assert quotes == [("YUN-AIR", 5_662, ["CHEAPEST", "FASTEST", "MOST_CERTAIN"])]


async def test_what_goes_out_comes_in_as_it_was(database: Database, tmp_path: Path) -> None:
    network = await make_network(database)
    await import_rates(database, network.operator, NOW)
    path = tmp_path / "rates.parquet"
    assert await export_rows(database.dsn, "rates", path) == 4
    same = await import_path(database, network.operator, ImportRequest(path), on_progress=None)
    # What a card says of its source is kept, too.
    assert (same.inserted, same.updated, same.unchanged, same.bad_rows) == (0, 0, 4, 0)


async def test_pages_and_api_show_them_to_the_operator_alone(database: Database) -> None:
    network, now = await make_network(database), await database.now()
    await import_rates(database, network.operator, now)
    query = "node=CON-YIW&country=PL&weight_g=500&length_mm=100&width_mm=100&height_mm=100"
    async with member(database, network.operator, locale="zh") as http:
        listed = await http.get("/rates?q=yun&country=pl&now_valid=1")
        quoted_page = await http.get(f"/rates/quote?{query}")
        empty = await http.get("/rates?q=nobody")
        unreadable = await http.get("/rates/quote?node=CON-YIW&country=PL&weight_g=a&length_mm=1")
    assert ("YUN-AIR" in listed.text, "RAIL-1" in listed.text) == (True, False)
    assert "¥63.60" in quoted_page.text
    assert "没有符合条件的运价卡" in empty.text
    assert "大于 0 的整数" in unreadable.text
    operator, buyer = await key_of(database, network.operator), await key_of(
        database, network.buyer
    )  # fmt: skip
    async with api(database) as http:
        page = (await http.get("/v1/rate-cards?limit=2", headers=operator)).json()
        rest = await http.get(
            "/v1/rate-cards", params={"cursor": page["next_cursor"]}, headers=operator
        )
        quotes = (await http.get(f"/v1/shipping-quotes?{query}", headers=operator)).json()
        nowhere = await http.get(
            f"/v1/shipping-quotes?{query.replace('CON-YIW', 'X')}", headers=operator
        )
        hidden = [
            (await http.get(path, headers=buyer)).status_code
            for path in ("/v1/rate-cards", f"/v1/shipping-quotes?{query}")
        ]
    services = [card["service"] for card in page["items"] + rest.json()["items"]]
    assert services == ["DHL-X", "RAIL-1", "YUN-AIR"]
    assert page["items"][1]["breaks"] == [{"weight_from_g": 0, "per_parcel": "10", "per_kg": "30"}]
    assert quotes["items"][0]["cost"] == {"amount": 2_500, "currency": "CNY"}
    assert (nowhere.status_code, hidden) == (404, [403, 403])
    await _other_operator_sees_nothing(database, network.buyer)


async def _other_operator_sees_nothing(database: Database, stranger: Actor) -> None:
    async with database.reading(stranger) as db:
        assert await queries.list_rate_cards(db) == []


def test_the_columns_of_the_builder_are_those_of_the_file() -> None:
    assert set(RATE_COLUMNS) | {"source"} == set(DATASETS["rates"].names)
