"""The landed cost of a preview: freight, duty and VAT to the cent, or what is missing for them."""

import datetime as dt
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.ids import new_id
from beltline.orders.rules.landed import landed_costs, size_of
from beltline.orders.types.landed import (
    Cost,
    CostKind,
    LandedFacts,
    LandedGoods,
    LandedPart,
    LandedWay,
)
from beltline.trade.types import BoxSize
from beltline.trade.types.dated import Lack, TaxKind, TaxRate
from tests.trade.test_relief import low_value
from tests.trade.test_valuation import valuation

SINCE = dt.date(2026, 1, 1)


def rate(kind: TaxKind, percent: str, source: str) -> TaxRate:
    return TaxRate(new_id(), kind, "PL", "610831", "", Decimal(percent), SINCE, None, source, "")


DUTY, VAT = rate(TaxKind.DUTY, "12", "EU tariff"), rate(TaxKind.VAT, "23", "VAT act")
ONE = LandedGoods("S-1", "PIECE", 250, 50, 40, 30, 10_000, "610831", DUTY, VAT)
TWO = LandedGoods("S-2", "PIECE", 500, 100, 40, 30, 1_001, "420292", DUTY, VAT)
FROM_YIWU = LandedWay("YIW", True, [LandedPart(1, 3), LandedPart(2, 2)], [])
FROM_WARSAW = LandedWay("WAW", False, [LandedPart(1, 1)], [])
FACTS = LandedFacts(
    valuation("CIF", "CARRIAGE"), [FROM_WARSAW, FROM_YIWU], [ONE, TWO], {}, "EUR", []
)
FREIGHTS = (300, 1_000)


def test_costs_to_the_cent() -> None:
    # Three of four pieces are imported, 75.00; their 750 g of 1,750 carry 4.29 of the 10.00.
    # Duty: 12 % of 79.29 and of 10.01 + 5.71. VAT: 23 % of 79.29 + 9.51 and of 15.72 + 1.89.
    assert landed_costs(FACTS, FREIGHTS, 11_001) == [
        Cost(CostKind.GOODS, 11_001, "offer"),
        Cost(CostKind.TRUNK_AND_LAST_MILE, 1_300, "rate card"),
        Cost(CostKind.DUTY, 951 + 189, "EU tariff", 9_501),
        Cost(CostKind.IMPORT_VAT, 2_042 + 405, "VAT act", 10_641),
    ]


def test_what_is_missing_is_said() -> None:
    def said(facts: LandedFacts, *freights: int | None) -> list[tuple[int | None, list[Lack]]]:
        costs = landed_costs(facts, freights or FREIGHTS, 11_001)
        return [(cost.amount, cost.lacks) for cost in costs[1:]]

    unruled = msgspec.structs.replace(FACTS, rule=None)
    assert said(unruled) == [(1_300, []), (None, [Lack.RULE]), (None, [Lack.RULE])]
    freight = [Lack.FREIGHT]
    assert said(FACTS, FREIGHTS[0], None) == [(None, freight)] * 3
    # Only what is imported counts the freight: that within the country may be unknown.
    assert [found[0] for found in said(FACTS, None, FREIGHTS[1])] == [
        None, 1_140, 2_447,
    ]  # fmt: skip
    unrated = msgspec.structs.replace(FACTS, goods=[ONE, msgspec.structs.replace(TWO, duty=None)])
    assert said(unrated)[1:] == [(None, [Lack.RATE]), (None, [Lack.DUTY])]
    # The United States ask for no freight.
    fob = msgspec.structs.replace(FACTS, rule=valuation("FOB", "VALUE"))
    assert said(fob, FREIGHTS[0], None)[0] == (None, freight)
    assert said(fob, FREIGHTS[0], None)[1] == (900 + 120, [])


def test_nothing_is_levied_where_nothing_is_imported() -> None:
    facts = LandedFacts(
        None, [LandedWay("WAW", False, [LandedPart(1, 4)], [])], [ONE], {}, "EUR", []
    )
    assert landed_costs(facts, FREIGHTS[:1], 10_000)[2:] == [
        Cost(CostKind.DUTY, 0, "nothing is imported", 0),
        Cost(CostKind.IMPORT_VAT, 0, "nothing is imported", 0),
    ]  # fmt: skip


def test_little_worth_is_counted_by_what_leaves_a_node_together() -> None:
    flat = low_value("150", fixed="3", scheme="IOSS", vat="SALE")
    parts = [LandedPart(1, 3, "IOSS"), LandedPart(2, 2, "IOSS")]

    def found(limit: str, *parts: LandedPart) -> list[Cost]:
        way = LandedWay("YIW", True, list(parts), [])
        rule = msgspec.structs.replace(flat, value_max=Decimal(limit))
        facts = msgspec.structs.replace(FACTS, ways=[FROM_WARSAW, way], low_values=[rule])
        return landed_costs(facts, FREIGHTS, 11_001)[2:]

    def costs(limit: str, *parts: LandedPart) -> list[tuple[int | None, int | None]]:
        return [(cost.amount, cost.base) for cost in found(limit, *parts)]

    def vat(limit: str, *parts: LandedPart) -> tuple[int | None, bool]:
        cost = found(limit, *parts)[1]
        return cost.amount, cost.is_with_sale

    # 75.00 of the 100.00 and 10.01 leave Yiwu: 85.01 are within, 85.00 are not.
    assert costs("85.01", *parts)[0] == (600, 9_501)
    assert costs("85.01", *parts)[1][0] == 0
    # VAT that is due when the goods are sold on is said to be, also where it is a part of them.
    assert vat("85.01", *parts) == (0, True)
    assert vat("85.00", *parts) == (2_042 + 405, False)
    assert vat("85.01", parts[0], LandedPart(2, 2)) == (405, True)
    assert costs("85.00", *parts) == [(951 + 189, 9_501), (2_042 + 405, 10_641)]
    # Two lines of one code bear its amount once, by 75.00 to 10.01.
    alike = [ONE, msgspec.structs.replace(TWO, hs_code=ONE.hs_code)]
    way = LandedWay("YIW", True, parts, [])
    facts = msgspec.structs.replace(
        FACTS, ways=[FROM_WARSAW, way], goods=alike, low_values=[flat]
    )  # fmt: skip
    assert landed_costs(facts, FREIGHTS, 11_001)[2].amount == 300
    # Of goods that come in without the scheme the ordinary rates hold, though it is one parcel.
    assert costs("85.01", parts[0], LandedPart(2, 2))[0][0] == 300 + 189
    # A scheme has its own limit, which the whole parcel keeps or does not.
    kept, passed = [
        LandedPart(1, 3, "IOSS", Decimal(limit), "EUR") for limit in ("85.01", "85.00")
    ]  # fmt: skip
    assert costs("150", kept, parts[1])[0][0] == 600
    assert costs("150", passed, parts[1])[0][0] == 951 + 300


def test_the_worth_in_the_currency_of_the_rule() -> None:
    free = msgspec.structs.replace(low_value("30", percent="0"), currency="GBP")

    def duty(rates: dict[str, Decimal | None]) -> tuple[int | None, list[Lack]]:
        facts = msgspec.structs.replace(
            FACTS, ways=[FROM_YIWU], low_values=[free], rates=rates, goods=[ONE, TWO]
        )
        cost = landed_costs(facts, FREIGHTS[1:], 11_001)[2]
        return cost.amount, cost.lacks

    # 110.01 euros of which one is a quarter of a pound.
    assert duty({"GBP": Decimal(4)}) == (0, [])
    dear = duty({"GBP": Decimal("1.15")})[0]
    assert dear is not None
    assert dear > 0
    assert duty({}) == (None, [Lack.EXCHANGE])


def test_goods_of_a_node_are_one_size() -> None:
    assert size_of(FROM_YIWU, [ONE, TWO]) == BoxSize(1_750, 3 * 60_000 + 2 * 120_000, 100)
    assert size_of(FROM_YIWU, [ONE, msgspec.structs.replace(TWO, weight_g=None)]) is None
    assert size_of(FROM_YIWU, [ONE, msgspec.structs.replace(TWO, height_mm=None)]) is None
    # Begun meters are carried whole.
    cloth = msgspec.structs.replace(ONE, uom="METRE")
    way = LandedWay("YIW", True, [LandedPart(1, 2_500)], [])
    assert size_of(way, [cloth]) == BoxSize(750, 180_000, 50)


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**5)), min_size=1, max_size=6),
    st.integers(0, 10**9), st.integers(1, 10**6),
)  # fmt: skip
def test_shares_add_up_to_what_duty_is_of(
    lines: list[tuple[int, int]], freight: int, more: int
) -> None:
    goods = [msgspec.structs.replace(ONE, amount=a, weight_g=w) for a, w in lines]
    ways = [
        LandedWay("YIW", True, [LandedPart(n, 2) for n in range(1, len(goods) + 1)], []),
        LandedWay("CAN", True, [LandedPart(n, 1) for n in range(1, len(goods) + 1)], []),
    ]
    facts = LandedFacts(valuation("CIF", "VALUE"), ways, goods, {}, "EUR", [])
    total = sum(amount for amount, _ in lines)
    one, other = [landed_costs(facts, [freight + extra, 7], total) for extra in (0, more)]
    # What duty is of is all goods and all freight, to the last cent.
    assert one[2].base == total + freight + 7
    assert other[2].base == total + freight + more + 7
    fob = msgspec.structs.replace(facts, rule=valuation("FOB", "VALUE"))
    for extra in (0, more):
        free = landed_costs(fob, [freight + extra, 7], total)
        assert free[2].base == total
