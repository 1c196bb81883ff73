"""The customs value: what counts by the rule of the destination, exact, and nothing assumed."""

import datetime as dt
from decimal import Decimal

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
    TaxKind,
    TaxRate,
    ValuationRule,
    ValueBasis,
    VatBasis,
)
from tests.catalog.make import NOW, make_network
from tests.trade.make import import_valuation_rules

SINCE = dt.date(2016, 5, 1)


def valuation(
    basis: str = "FOB", vat_basis: str = "VALUE", *, border: str | None = None,
    insurance: str | None = None,
) -> ValuationRule:  # fmt: skip
    """A rule of a country."""
    return ValuationRule(
        new_id(), "PL", ValueBasis(basis), VatBasis(vat_basis),
        None if border is None else Decimal(border),
        None if insurance is None else Decimal(insurance), "", SINCE, None, "the law", "https://l",
    )  # fmt: skip


def rate(kind: TaxKind, percent: str) -> TaxRate:
    return TaxRate(new_id(), kind, "PL", "610831", "", Decimal(percent), SINCE, None, "law", "")


@pytest.mark.parametrize(
    ("rule", "freight", "insurance", "duty", "vat", "figures"),
    [
        # European Union, 70 % of the freight before the border, 0.3 % where no premium is known:
        # 0.3 % of 110.01 is 0.33, 70 % of 10.01 is 7.01; duty is 12 % of 107.34, VAT 23 % of that,
        # the duty and the 3.00 within the border.
        (valuation("CIF", "CARRIAGE", border="70", insurance="0.3"), 1_001, None, "12", "23",
         (701, 33, 10_734, 300, 1_288, 12_322, 2_834)),
        # The same with a premium of 0.50.
        (valuation("CIF", "CARRIAGE", border="70", insurance="0.3"), 1_001, 50, "12", "23",
         (701, 50, 10_751, 300, 1_290, 12_341, 2_838)),
        # United Kingdom: all freight counts, nobody insured.
        (valuation("CIF", "CARRIAGE"), 1_500, None, "12", "20",
         (1_500, 0, 11_500, 0, 1_380, 12_880, 2_576)),
        # Australia: duty is of the goods, GST of goods, duty and carriage.
        (valuation("FOB", "CARRIAGE"), 1_500, 50, "5", "10",
         (0, 0, 10_000, 1_550, 500, 12_050, 1_205)),
        # United States: of the goods alone, whatever the freight.
        (valuation("FOB", "VALUE"), None, None, "16.5", "0",
         (0, 0, 10_000, 0, 1_650, 11_650, 0)),
        # A premium of nothing is a premium.
        (valuation("CIF", "VALUE", insurance="1"), 1_000, 0, "10", "10",
         (1_000, 0, 11_000, 0, 1_100, 12_100, 1_210)),
    ],
)  # fmt: skip
def test_values_and_taxes_to_the_cent(
    rule: ValuationRule,
    freight: int | None,
    insurance: int | None,
    duty: str,
    vat: str,
    figures: tuple[int, ...],
) -> None:
    value = CustomsValue.of(10_000, freight=freight, insurance=insurance, rule=rule)
    on_value, on_all = ImportTax.on_import(value, rate(TaxKind.DUTY, duty), rate(TaxKind.VAT, vat))
    assert on_value.base == value.amount
    assert (
        value.freight, value.insurance, value.amount, value.beyond, on_value.amount, on_all.base,
        on_all.amount,
    ) == figures  # fmt: skip
    assert [value.lacks, on_value.lacks, on_all.lacks] == [[], [], []]
    assert (value.basis, value.source, value.valid_from) == (rule.basis, "the law", SINCE)


@pytest.mark.parametrize(
    ("rule", "amount", "lacks"),
    [
        (None, None, ([Lack.RULE], [Lack.RULE], [Lack.RULE])),
        (valuation("CIF", "VALUE"), None, ([Lack.FREIGHT], [Lack.FREIGHT], [Lack.FREIGHT])),
        (valuation("FOB", "CARRIAGE"), 10_000, ([], [], [Lack.FREIGHT])),
        (valuation("FOB", "VALUE"), 10_000, ([], [], [])),
    ],
)
def test_what_is_not_known_says_so(
    rule: ValuationRule | None, amount: int | None, lacks: tuple[list[Lack], ...]
) -> None:
    value = CustomsValue.of(10_000, freight=None, insurance=None, rule=rule)
    taxes = ImportTax.on_import(value, rate(TaxKind.DUTY, "12"), rate(TaxKind.VAT, "23"))
    assert value.amount == amount
    assert (value.lacks, *(tax.lacks for tax in taxes)) == lacks
    for tax in taxes:
        assert (tax.amount is None) == bool(tax.lacks)


AMOUNTS = st.integers(0, 10**12)
PERCENTS = st.decimals(0, 100, places=4)
RULES = st.builds(
    lambda basis, vat, border, insurance: valuation(
        basis, vat, border=border and str(border), insurance=insurance and str(insurance)
    ),
    st.sampled_from(["FOB", "CIF"]), st.sampled_from(["VALUE", "CARRIAGE"]),
    st.none() | PERCENTS, st.none() | PERCENTS,
)  # fmt: skip


@given(RULES, AMOUNTS, AMOUNTS, st.none() | AMOUNTS)
def test_parts_add_up(rule: ValuationRule, goods: int, freight: int, premium: int | None) -> None:
    value = CustomsValue.of(goods, freight=freight, insurance=premium, rule=rule)
    assert value.amount == value.goods + (value.freight or 0) + (value.insurance or 0)
    if rule.vat_basis is VatBasis.VALUE:
        assert value.beyond == 0
    else:
        # Value and what is beyond it are goods, all freight and the insurance, to the last cent.
        insured = premium
        if insured is None:
            counted = CustomsValue.of(
                goods, freight=freight, insurance=None,
                rule=valuation("CIF", "VALUE", insurance=str(rule.insurance_percent or 0)),
            )  # fmt: skip
            insured = counted.insurance or 0
        assert value.amount + (value.beyond or 0) == goods + freight + insured


@given(RULES, AMOUNTS, AMOUNTS, st.integers(1, 10**9), PERCENTS)
def test_more_freight_never_lowers_duty(
    rule: ValuationRule, goods: int, freight: int, more: int, percent: Decimal
) -> None:
    duty = rate(TaxKind.DUTY, str(percent))
    less, dearer = [
        ImportTax.on_import(
            CustomsValue.of(goods, freight=each, insurance=None, rule=rule), duty, None
        )[0].amount
        for each in (freight, freight + more)
    ]
    assert less is not None
    assert dearer is not None
    assert dearer >= less
    if rule.basis is ValueBasis.FOB:
        assert dearer == less


async def test_the_newest_rule_of_the_day_counts_and_unions_import_nothing(
    database: Database,
) -> None:
    net = await make_network(database)
    done = await import_valuation_rules(
        database, net.operator, NOW,
        "1,pl,CIF,CARRIAGE,,,eu,2016-05-01,,UCC,",
        "2,PL,CIF,CARRIAGE,60,,EU,2027-01-01,,UCC new,",
        "3,DE,CIF,CARRIAGE,,,EU,2016-05-01,,UCC,",
        "4,US,FOB,VALUE,,,,1980-07-01,2026-12-31,USC,",
        "5,GB,CIF,CARRIAGE,,,,2021-01-01,,TCTA,",
    )  # fmt: skip
    assert (done.inserted, list(done.problems)) == (5, [])
    async with database.reading(net.operator) as db:

        async def source(country: str, on: dt.date) -> str | None:
            found = await queries.find_valuation_rule(db, net.operator, country=country, on=on)
            return found.source if found else None

        assert await source("PL", dt.date(2026, 11, 1)) == "UCC"
        assert await source("PL", dt.date(2027, 1, 1)) == "UCC new"
        assert await source("PL", dt.date(2016, 4, 30)) is None
        assert await source("US", dt.date(2027, 1, 1)) is None
    async with database.system() as db:

        async def imported(start: str, end: str) -> bool:
            found: bool = await db.value(
                "select trade.is_import($1, $2, $3, $4)",
                net.operator.org_id, start, end, dt.date(2026, 11, 1),
            )  # fmt: skip
            return found

        assert not await imported("PL", "DE")
        assert not await imported("PL", "PL")
        assert await imported("PL", "GB")
        assert await imported("US", "GB")
        assert await imported("CN", "PL")
    async with database.reading(net.buyer) as db:
        assert await queries.list_valuation_rules(db) == []


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("1,P1,CIF,VALUE,,,,2016-05-01,,UCC,", "country", "trade.not_a_country"),
        ("1,PL,CIF,VALUE,,,E U,2016-05-01,,UCC,", "customs_union", "trade.not_a_union"),
        ("1,US,FOB,VALUE,70,,,2016-05-01,,USC,", "border_percent", "trade.border_without_freight"),
        ("1,PL,CIF,VALUE,,,,2016-05-01,2016-04-01,UCC,", "valid_until",
         "trade.ends_before_it_begins"),
    ],
)  # fmt: skip
async def test_a_rule_that_cannot_be_one_is_refused_by_row(
    database: Database, row: str, column: str, code: str
) -> None:
    net = await make_network(database)
    done = await import_valuation_rules(database, net.operator, NOW, row)
    assert done.inserted == 0
    assert [(p.row, p.column, p.code) for p in done.problems] == [(1, column, code)]
