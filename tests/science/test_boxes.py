"""Cartonization: nothing lost, every box holds, near the exact optimum."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.science.boxes import (
    Box,
    Item,
    Rate,
    Unpackable,
    chargeable_g,
    pack,
    pack_exactly,
)

BOXES = (
    Box("S", 200, 150, 100, 90, 5_000), Box("M", 300, 250, 200, 220, 10_000),
    Box("L", 400, 300, 300, 420, 20_000), Box("XL", 600, 400, 400, 800, 30_000),
)  # fmt: skip
EXPRESS = Rate(5_000, 500, 500, 4_500, 1_500, 30_000)
AIR = Rate(6_000, 1, 50, 8_000, 1_800, 30_000)

items = st.lists(
    st.builds(
        Item, st.uuids().map(str), st.integers(1, 9_000), st.integers(10, 390),
        st.integers(10, 290), st.integers(10, 290), st.booleans(),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(items=items, rate=st.sampled_from([EXPRESS, AIR]))
@settings(max_examples=150, deadline=None)
def test_everything_is_packed_once_and_fits(items: list[Item], rate: Rate) -> None:
    parcels = pack(items, BOXES, rate)
    packed = sorted(item.key for parcel in parcels for item in parcel.items)
    assert packed == sorted(item.key for item in items)
    for parcel in parcels:
        goods = sum(item.weight_g for item in parcel.items)
        room = sum(i.length_mm * i.width_mm * i.height_mm for i in parcel.items)
        assert parcel.weight_g == goods + parcel.box.tare_g
        assert goods <= parcel.box.load_g_max
        assert room <= parcel.box.volume_mm3
        assert parcel.chargeable_g >= parcel.weight_g
        assert pack(items, BOXES, rate) == parcels


def test_near_the_exact_optimum_on_small_orders() -> None:
    chance = random.Random(3)
    found = least = 0
    for case in range(80):
        order = [
            Item(
                str(n), chance.randint(50, 3_000), chance.randint(50, 300),
                chance.randint(40, 220), chance.randint(20, 180), chance.random() < 0.1,
            )
            for n in range(chance.randint(2, 6))
        ]  # fmt: skip
        rate = EXPRESS if case % 2 else AIR
        cost = sum(parcel.cost for parcel in pack(order, BOXES, rate))
        best = sum(parcel.cost for parcel in pack_exactly(order, BOXES, rate))
        assert best <= cost
        found, least = found + cost, least + best
    assert found <= least * 1.05


def test_volume_is_charged_when_it_is_heavier_than_the_scale() -> None:
    liter = 1_000_000
    assert chargeable_g(800, 24 * liter, EXPRESS) == 5_000
    assert chargeable_g(5_100, 24 * liter, EXPRESS) == 5_500
    assert chargeable_g(10, 1, AIR) == 50


def test_fragile_goods_need_room_around_them() -> None:
    # 80 % of a small box: fine for shirts, not for cups.
    cloth = [Item(str(n), 100, 100, 100, 80) for n in range(3)]
    cups = [Item(item.key, 100, 100, 100, 80, is_fragile=True) for item in cloth]
    assert [parcel.box.code for parcel in pack(cloth, BOXES, AIR)] == ["S"]
    assert [parcel.box.code for parcel in pack(cups, BOXES, AIR)] != ["S"]


def test_what_fits_nowhere_is_named() -> None:
    with pytest.raises(Unpackable, match="LADDER"):
        pack([Item("SOCKS", 50, 100, 80, 20), Item("LADDER", 4_000, 1_800, 400, 100)], BOXES, AIR)
    assert pack([], BOXES, AIR) == []


def test_a_dearer_carton_is_left_for_a_larger_one() -> None:
    by_scale = Rate(6_000, 1, 10_000, 1_000, 0, 30_000)
    small, large = (
        Box("S", 200, 150, 100, 90, 5_000, 900),
        Box("M", 300, 250, 200, 220, 10_000, 100),
    )
    book = [Item("book", 400, 180, 120, 20)]
    # Both are charged the least there is; only the price of the carton differs.
    [parcel] = pack(book, (small, large), by_scale)
    assert (parcel.box.code, parcel.cost) == ("M", 10_100)
    [dear] = pack(book, (small,), by_scale)
    assert dear.cost == 10_900


@pytest.mark.parametrize("pieces", [41, 200])
def test_many_pieces_go_into_few_boxes(pieces: int) -> None:
    order = [Item(str(n), 400, 180, 120, 60) for n in range(pieces)]
    parcels = pack(order, BOXES, EXPRESS)
    assert sorted(i.key for p in parcels for i in p.items) == sorted(i.key for i in order)
    # A largest box holds 62 of them by room and 75 by weight.
    assert len(parcels) <= -(-pieces // 62) + 1


def test_without_boxes_nothing_is_packed() -> None:
    with pytest.raises(Unpackable, match="cup"):
        pack([Item("cup", 100, 10, 10, 10)], (), EXPRESS)
