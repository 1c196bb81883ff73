"""Consignments of little worth: which rule holds, what it comes to, and when nobody can say."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.db import Database
from beltline.kit.ids import new_id
from beltline.trade.queries import dated as queries
from beltline.trade.types.dated import (
    CustomsValue,
    ImportTax,
    Lack,
    LowValueRule,
    LowValueVat,
    Relief,
    TaxKind,
)
from tests.catalog.make import NOW, make_network
from tests.orders.http import api, key_of
from tests.trade.make import import_low_value_rules
from tests.trade.test_valuation import rate, valuation

SINCE = dt.date(2026, 7, 1)


def low_value(
    limit: str, *, percent: str | None = None, fixed: str | None = None, scheme: str = "",
    vat: str = "DUE", since: dt.date = SINCE,
) -> LowValueRule:  # fmt: skip
    """A rule of a country in euros."""
    return LowValueRule(
        new_id(), "PL", Decimal(limit), "EUR", scheme,
        None if percent is None else Decimal(percent), None if fixed is None else Decimal(fixed),
        LowValueVat(vat), since, None, "the law of little", "https://little",
    )  # fmt: skip


def test_the_lowest_limit_that_goods_keep_holds() -> None:
    free, reduced = low_value("3", percent="0"), low_value("1500", percent="7.5")
    scheme = low_value("150", fixed="3", scheme="IOSS")
    rules = [reduced, scheme, free]

    def found(worth: str, under: str = "") -> LowValueRule | None:
        return Relief.of(rules, {"EUR": Decimal(worth)}, under).rule

    assert found("3.00") == free
    assert found("3.01") == reduced
    assert found("3.01", "IOSS") == scheme
    assert found("150.00", "IOSS") == scheme
    assert found("150.01", "IOSS") == reduced
    assert found("1500.01", "IOSS") is None
    assert found("0") == free
    # Of one limit that of the scheme, then the newest.
    plain, newer = low_value("150", percent="1"), low_value(
        "150", percent="2", since=dt.date(2026, 8, 1)
    )  # fmt: skip
    assert Relief.of([plain, scheme, newer], {"EUR": Decimal(9)}, "IOSS").rule == scheme
    assert Relief.of([plain, newer], {"EUR": Decimal(9)}, "IOSS").rule == newer


def test_limits_in_two_currencies() -> None:
    dollars = msgspec.structs.replace(low_value("800", percent="0"), currency="USD")
    euros = low_value("150", percent="5")
    worths: dict[str, Decimal | None] = {"USD": Decimal(110), "EUR": Decimal(100)}
    assert Relief.of([dollars, euros], worths, "").rule == euros
    # Nobody can say which holds while one of the worths is not known, but not of another scheme.
    assert Relief.of([dollars, euros], {**worths, "USD": None}, "") == Relief(lacks=[Lack.EXCHANGE])
    other = msgspec.structs.replace(dollars, scheme="IOSS")
    assert Relief.of([other, euros], {**worths, "USD": None}, "").rule == euros


@pytest.mark.parametrize(
    ("rule", "freight", "duty", "vat", "lacks"),
    [
        # Free, though nobody knows the freight; VAT of goods and freight needs it.
        (low_value("150", percent="0"), None, 0, None, [Lack.FREIGHT]),
        (low_value("150", percent="0", vat="FREE"), None, 0, 0, []),
        (low_value("150", percent="0", vat="SALE"), 1_000, 0, 0, []),
        # 20 % of 110.00 in place of the 12 % of the tariff; 23 % of 132.00.
        (low_value("150", percent="20"), 1_000, 2_200, 3_036, []),
        # 3.00 for the code, and 1 % of 110.00: 23 % of 114.10 is 26.243.
        (low_value("150", percent="1", fixed="3"), 1_000, 410, 2_624, []),
        (low_value("99.99", percent="20"), 1_000, 1_320, 2_834, []),
    ],
)  # fmt: skip
def test_taxes_of_little_worth_to_the_cent(
    rule: LowValueRule, freight: int | None, duty: int, vat: int | None, lacks: list[Lack]
) -> None:
    value = CustomsValue.of(
        10_000, freight=freight, insurance=None, rule=valuation("CIF", "CARRIAGE")
    )
    relief = Relief.of([rule], {"EUR": Decimal(100)}, "")
    [fixed] = relief.fixed_of([("610831", 10_000)], "EUR", {})
    on_value, on_all = ImportTax.on_import(
        value, rate(TaxKind.DUTY, "12"), rate(TaxKind.VAT, "23"), relief, fixed=fixed
    )
    assert (on_value.amount, on_value.lacks) == (duty, [])
    assert (on_all.amount, on_all.lacks) == (vat, lacks)
    if relief.rule is not None:
        assert on_value.source == "the law of little"
        # The tariff need not be known.
        assert ImportTax.on_import(value, None, None, relief, fixed=fixed)[0] == on_value


def test_what_is_not_known_says_so() -> None:
    value = CustomsValue.of(10_000, freight=0, insurance=None, rule=valuation("CIF", "VALUE"))
    duty, vat = rate(TaxKind.DUTY, "12"), rate(TaxKind.VAT, "23")
    for found in ImportTax.on_import(value, duty, vat, Relief(lacks=[Lack.EXCHANGE])):
        assert (found.amount, found.lacks) == (None, [Lack.EXCHANGE])
    flat = Relief(low_value("150", fixed="3"))
    for lack in (Lack.CODE, Lack.EXCHANGE):
        on_value, on_all = ImportTax.on_import(value, duty, vat, flat, fixed=lack)
        assert (on_value.amount, on_value.lacks) == (None, [lack])
        assert (on_all.amount, on_all.lacks) == (None, [Lack.DUTY])


def test_lines_of_a_code_share_its_amount() -> None:
    flat = Relief(low_value("150", fixed="3"))
    lines = [("610831", 5_000), ("420292", 1), ("610831", 2_501), ("9503", 100), ("610831", 0)]
    # 300 by 5,000 : 2,501 : 1.
    assert flat.fixed_of(lines, "EUR", {}) == [200, 300, 100, Lack.CODE, 0]
    assert flat.fixed_of([("", 5)], "EUR", {}) == [Lack.CODE]
    # One euro is 4.26 zlotys.
    rates: dict[str, Decimal | None] = {"EUR": Decimal("4.26")}
    assert flat.fixed_of(lines[1:2], "PLN", rates) == [1_278]
    assert flat.fixed_of(lines[:2], "PLN", {}) == [Lack.EXCHANGE] * 2
    assert Relief().fixed_of(lines, "PLN", {}) == [0] * 5


@given(st.lists(st.tuples(st.sampled_from(["610831", "420292", "950300"]), st.integers(0, 10**9))))
def test_shares_come_to_the_amount_of_each_code(lines: list[tuple[str, int]]) -> None:
    shares = Relief(low_value("150", fixed="3")).fixed_of(lines, "EUR", {})
    assert sum(share for share in shares if isinstance(share, int)) == 300 * len(
        {code for code, _ in lines}
    )


async def test_rules_of_the_day_and_quotes(database: Database) -> None:
    net = await make_network(database)
    done = await import_low_value_rules(
        database, net.operator, NOW,
        "1,pl,150,EUR,IOSS,,3,SALE,2026-07-01,,Council 2026,",
        "2,PL,150,EUR,,0,,DUE,2009-12-01,2026-06-30,Reg. 1186/2009,",
    )  # fmt: skip
    assert (done.inserted, list(done.problems)) == (2, [])
    again = await import_low_value_rules(
        database, net.operator, NOW, "1,PL,150,EUR,IOSS,,3,SALE,2026-07-01,,Council 2026,"
    )
    assert (again.inserted, again.updated) == (0, 0)
    key, other = await key_of(database, net.operator), await key_of(database, net.buyer)
    query = "/v1/tax-quotes?country=PL&hs_code=610831&currency=EUR"
    async with api(database) as http:
        assert (await http.get("/v1/low-value-rules", headers=other)).status_code == 403
        rules = (await http.get("/v1/low-value-rules?country=PL", headers=key)).json()["items"]

        async def quoted(rest: str) -> list[tuple[int | None, list[str]]]:
            items = (await http.get(f"{query}&{rest}", headers=key)).json()["items"]
            return [((i["amount"] or {}).get("amount"), i["lacks"]) for i in items]

        assert await quoted("value=15000&scheme=IOSS&on=2026-11-01") == [(300, []), (0, [])]
        unknown = [(None, ["RULE", "RATE"]), (None, ["RULE", "RATE"])]
        assert await quoted("value=15001&scheme=IOSS&on=2026-11-01") == unknown
        assert await quoted("value=15000&on=2026-11-01") == unknown
        # Before that day it was free, whoever sold it.
        assert (await quoted("value=15000&on=2026-06-30"))[0] == (0, [])
    assert {(r["scheme"], r["value_max"], r["duty_percent"], r["duty_fixed"]) for r in rules} == {
        ("IOSS", "150", None, "3"), ("", "150", "0", None),
    }  # fmt: skip
    async with database.reading(net.buyer) as db:
        assert await queries.list_low_value_rules(db) == []


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("1,P1,150,EUR,,0,,DUE,2026-07-01,,law,", "country", "trade.not_a_country"),
        ("1,PL,0,EUR,,0,,DUE,2026-07-01,,law,", "value_max", "trade.limit_of_nothing"),
        ("1,PL,150,EUR,,0,0,DUE,2026-07-01,,law,", "duty_fixed", "trade.duty_of_nothing"),
        ("1,PL,150,EUR,,,,DUE,2026-07-01,,law,", "country", "trade.low_value_without_duty"),
        ("1,PL,150,EUR,,0,,DUE,2026-07-01,2026-06-01,law,", "valid_until",
         "trade.ends_before_it_begins"),
    ],
)  # fmt: skip
async def test_a_rule_that_cannot_be_one_is_refused_by_row(
    database: Database, row: str, column: str, code: str
) -> None:
    net = await make_network(database)
    done = await import_low_value_rules(database, net.operator, NOW, row)
    assert done.inserted == 0
    assert [(p.row, p.column, p.code) for p in done.problems] == [(1, column, code)]
