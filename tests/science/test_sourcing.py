"""Supplier choice against enumeration, its bound, and fair pools."""

import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.science.sourcing.choice import FEW_OFFERS, decide
from beltline.science.sourcing.exact import decide_exact, lower_bound, nodes_of
from beltline.science.sourcing.greedy import decide_greedy
from beltline.science.sourcing.pooling import Wish, apportion, cheapest_lot, pool
from beltline.science.sourcing.types import Need, Offer, Purchase, Supplier, whole_cost

Case = tuple[list[Need], list[Offer], list[Supplier]]


def market(needs: int, suppliers: int, seed: int = 0) -> Case:
    """Generated needs with price steps, MOQs, packs, capacities, risk and fixed costs."""
    draw = np.random.default_rng(seed)
    wanted, offers = [], []
    for n in range(needs):
        price = draw.lognormal(1.5, 0.5)
        units = float(draw.integers(5, 200))
        wanted.append(Need(f"sku{n:03}", units, 3.0 * price, 0.5 * price))
        sellers = draw.choice(suppliers, min(suppliers, int(draw.integers(1, 5))), replace=False)
        for s in sellers:
            own, step = price * draw.uniform(0.85, 1.25), float(draw.integers(50, 150))
            offers.append(
                Offer(
                    f"f{s:02}", f"sku{n:03}", ((1.0, own), (step, own * 0.92)),
                    moq=float(draw.integers(1, 120)), pack=float(draw.choice([1, 6, 10])),
                    risk=own * draw.beta(1.2, 9),
                )
            )  # fmt: skip
    mean = sum(n.units for n in wanted) / suppliers
    firms = [
        Supplier(f"f{s:02}", draw.uniform(20, 80), mean * draw.uniform(1.0, 4.0))
        for s in range(suppliers)
    ]
    return wanted, offers, firms


def cheapest_by_enumeration(case: Case) -> float:
    """The best over every quantity of every offer: for cases of a handful of units."""
    needs, offers, suppliers = case
    best = np.inf
    ranges = [[0.0, *np.arange(-(-o.moq // o.pack) * o.pack, 13.0, o.pack)] for o in offers]
    for units in itertools.product(*ranges):
        bought = [
            Purchase(o.sku, o.supplier, z, [p for q, p in o.prices if q <= z][-1])
            for o, z in zip(offers, units, strict=True)
            if z > 0
        ]
        load = {s.code: sum(b.units for b in bought if b.supplier == s.code) for s in suppliers}
        if all(load[s.code] <= s.capacity for s in suppliers):
            best = min(best, whole_cost(needs, offers, suppliers, bought))
    return float(best)


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_choice_is_the_best_of_all(seed: int) -> None:
    draw = np.random.default_rng(seed)
    needs = [Need("a", 7.0, 9.0, 1.0), Need("b", 4.0, 8.0, 2.0)]
    offers = [
        Offer(s, sku, ((1.0, p), (6.0, 0.8 * p)), moq=float(draw.integers(1, 7)),
              pack=float(draw.choice([1, 3])), risk=0.1)
        for s in ("x", "y")
        for sku, p in (("a", draw.uniform(2, 4)), ("b", draw.uniform(2, 4)))
    ]  # fmt: skip
    case = needs, offers, [Supplier("x", 5.0, 9.0), Supplier("y", 3.0)]
    found, best = decide_exact(*case), cheapest_by_enumeration(case)
    assert found is not None
    assert found.cost == pytest.approx(best, rel=2e-3)
    assert found.bound <= best + 1e-6
    assert lower_bound(*case) <= best + 1e-6
    assert decide_greedy(*case).cost <= 1.5 * best


@pytest.mark.parametrize("seed", range(3))
def test_greedy_is_near_the_bound_and_keeps_every_limit(seed: int) -> None:
    needs, offers, suppliers = market(20, 6, seed)
    found = decide_greedy(needs, offers, suppliers)
    assert found.cost == pytest.approx(whole_cost(needs, offers, suppliers, [*found.purchases]))
    assert 0 < found.bound <= found.cost
    exact = decide_exact(needs, offers, suppliers, seconds=20)
    assert exact is not None
    assert found.cost <= 1.04 * exact.cost
    for choice in (found, exact):
        check_limits(list(choice.purchases), offers, suppliers)


def test_a_choice_ends_by_its_nodes_and_says_so_when_the_clock_ended_it() -> None:
    case = market(40, 12)
    one, two = decide_exact(*case), decide_exact(*case)
    assert one is not None
    assert not one.hurried
    assert one == two
    late = decide(*case, big_ticket=1.0, seconds=1e-3)
    assert late.hurried
    assert late.bound <= late.cost
    check_limits(list(late.purchases), case[1], case[2])
    assert not decide(*case, big_ticket=1.0).hurried
    assert [nodes_of(n) for n in (0, 40, 1_500, 9_999)] == [2_000, 50, 1, 1]


def check_limits(bought: list[Purchase], offers: list[Offer], suppliers: list[Supplier]) -> None:
    at = {(o.supplier, o.sku): o for o in offers}
    assert len({(p.supplier, p.sku) for p in bought}) == len(bought)
    for line in bought:
        offer = at[line.supplier, line.sku]
        assert line.units >= offer.moq
        assert line.units % offer.pack == 0
        assert line.unit_price == [p for q, p in offer.prices if q <= line.units][-1]
    for supplier in suppliers:
        load = sum(p.units for p in bought if p.supplier == supplier.code)
        assert load <= supplier.capacity + 1e-6


def test_the_order_of_the_input_changes_nothing() -> None:
    needs, offers, suppliers = market(12, 4)
    one = decide(needs, offers, suppliers, big_ticket=np.inf)
    two = decide(needs[::-1], offers[::-1], suppliers[::-1], big_ticket=np.inf)
    assert one.purchases == two.purchases


def test_large_groups_are_exact_where_money_is_and_small_ones_always() -> None:
    case = market(20, 6)
    assert len(case[1]) > FEW_OFFERS
    exact, greedy = decide(*case, big_ticket=1.0), decide(*case, big_ticket=np.inf)
    assert (exact.method, greedy.method) == ("EXACT", "GREEDY")
    assert exact.gap <= 2.5e-3
    assert exact.bound - 1e-6 <= exact.cost <= greedy.cost + 1e-6
    assert greedy.bound <= exact.cost + 1e-6
    assert decide(*market(6, 4), big_ticket=np.inf).method == "EXACT"


@pytest.mark.parametrize("seed", range(8))
def test_what_is_settled_first_is_what_the_whole_program_chooses(seed: int) -> None:
    """Half of the needs have one offer; no supplier has a limit, so most are settled at once."""
    needs, offers, suppliers = market(12, 5, seed)
    alone = {n.sku for n in needs[::2]}
    first = {sku: min(o.supplier for o in offers if o.sku == sku) for sku in alone}
    offers = [o for o in offers if o.sku not in alone or o.supplier == first[o.sku]]
    suppliers = [msgspec.structs.replace(s, capacity=np.inf) for s in suppliers]
    found, whole = (
        decide(needs, offers, suppliers, big_ticket=1.0),
        decide_exact(needs, offers, suppliers),
    )
    assert whole is not None
    assert found.cost == pytest.approx(whole_cost(needs, offers, suppliers, [*found.purchases]))
    assert found.cost == pytest.approx(whole.cost, rel=3e-3)
    assert found.bound <= whole.cost + 1e-6
    check_limits(list(found.purchases), offers, suppliers)


def test_greedy_takes_what_a_full_supplier_has_left_before_the_dearer_one() -> None:
    """All from the other would be met at once, and costs more."""
    needs = [Need("a", 100.0, 1_000.0, 0.0)]
    offers = [Offer("x", "a", ((1.0, 8.0),)), Offer("y", "a", ((1.0, 10.0),))]
    firms = [Supplier("x", 30.0, capacity=60.0), Supplier("y", 30.0)]
    found = decide_greedy(needs, offers, firms)
    assert {p.supplier: p.units for p in found.purchases} == {"x": 60.0, "y": 40.0}


def test_a_supplier_dealt_with_anyway_costs_nothing_more() -> None:
    needs = [Need("only", 10.0, 90.0, 1.0), Need("either", 10.0, 90.0, 1.0)]
    offers = [
        Offer("x", "only", ((1.0, 3.0),)), Offer("x", "either", ((1.0, 5.0),)),
        Offer("y", "either", ((1.0, 4.0),)),
    ]  # fmt: skip
    found = decide(needs, offers, [Supplier("x", 40.0), Supplier("y", 15.0)], big_ticket=1.0)
    assert {p.sku: p.supplier for p in found.purchases} == {"only": "x", "either": "x"}
    assert found.cost == found.bound == pytest.approx(30.0 + 40.0 + 50.0)


def test_a_need_nobody_offers_stays_short() -> None:
    alone = decide([Need("a", 3.0, 2.0, 1.0)], [], [], big_ticket=0.0)
    assert alone.purchases == ()
    assert alone.cost == alone.bound == 6.0


def test_risk_is_spread_where_no_supplier_may_have_all() -> None:
    needs = [Need("a", 100.0, 50.0, 1.0, max_share=0.6)]
    offers = [Offer(s, "a", ((1.0, p),)) for s, p in (("x", 2.0), ("y", 3.0), ("z", 9.0))]
    firms = [Supplier(s) for s in "xyz"]
    for found in (decide_exact(needs, offers, firms), decide_greedy(needs, offers, firms)):
        assert found is not None
        assert {p.supplier: p.units for p in found.purchases} == {"x": 60.0, "y": 40.0}


def test_buyers_reach_a_moq_together_and_share_by_units() -> None:
    offer = Offer("x", "a", ((1.0, 5.0), (100.0, 4.0)), moq=50.0)
    wishes = [Wish(f"b{k}", 10.0) for k in range(6)]
    found = pool(wishes, offer)
    assert found is not None
    assert (found.units, found.unit_price, found.surplus) == (60.0, 5.0, 0.0)
    assert [s.cost_minor for s in found.shares] == [5_000] * 6
    assert found.shares[0].alone_minor == 25_000  # 50 units for a wish of 10
    # 90 units at 5.00 cost more than 100 at 4.00
    assert cheapest_lot(offer, 90.0) == (100.0, 4.0)


def test_who_cannot_pay_stays_out_and_the_rest_is_asked_again() -> None:
    offer = Offer("x", "a", ((1.0, 4.0),), moq=50.0)
    wishes = [Wish("a", 30.0, 7.0), Wish("b", 10.0, 6.5), Wish("c", 5.0, 4.2)]
    found = pool(wishes, offer)
    assert found is not None
    assert found.left_out == ("c",)
    assert found.unit_cost == pytest.approx(5.0)
    assert pool([Wish("a", 10.0, 6.0), Wish("c", 5.0, 4.2)], offer) is None


@settings(max_examples=40, deadline=None)
@given(
    units=st.lists(st.integers(1, 40), min_size=1, max_size=6), moq=st.integers(1, 80),
    step=st.integers(2, 120), cut=st.floats(0.5, 1.0), value=st.floats(0.0, 1.0),
)  # fmt: skip
def test_no_group_of_buyers_would_pay_less_alone(
    *, units: list[int], moq: int, step: int, cut: float, value: float
) -> None:
    offer = Offer("x", "a", ((1.0, 2.0), (float(step), 2.0 * cut)), moq=float(moq))
    wishes = [Wish(f"b{k}", float(z)) for k, z in enumerate(units)]
    found = pool(wishes, offer, surplus_value=value)
    assert found is not None
    bill = found.units * found.unit_price - found.surplus * min(value, found.unit_price)
    assert sum(s.cost_minor for s in found.shares) == round(100 * bill)
    for size in range(1, len(wishes)):
        for group in itertools.combinations(wishes, size):
            alone = pool(list(group), offer, surplus_value=value)
            assert alone is not None
            assert alone.unit_cost >= found.unit_cost - 1e-9


def test_cents_add_up() -> None:
    assert apportion(100, [1.0, 1.0, 1.0]) == [34, 33, 33]
    assert sum(apportion(9_999, [0.3, 2.2, 7.1, 0.05])) == 9_999
    with pytest.raises(ValueError, match="nobody"):
        apportion(1, [])
