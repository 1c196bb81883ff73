"""Names for the goods: every source product becomes a variant of a good that a real belt makes.

Products of one source family and cost band get the same good, whose usual cost covers the band;
the goods of the demo's story take the best-selling families that fit, so that they have demand.
"""

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib.resources import files
from typing import Final

import msgspec

from beltline.app.demo import chance
from beltline.app.demo.belts import Belt
from beltline.app.demo.history import Item

# Upper ends of the cost bands 0 to 6 in CNY a piece; band 7 has none.
BANDS: Final = tuple(Decimal(end) for end in (4, 8, 14, 24, 45, 100, 300))

STORY: Final = ("PYJAMA", "LIGHTTOY", "FLASK", "JEWEL")

VARIANTS_MAX: Final = 6

SERIES: Final = (
    ("晨曦", "Dawn"), ("星河", "Galaxy"), ("山岚", "Mountain Mist"), ("云锦", "Cloud Brocade"),
    ("清风", "Breeze"), ("森语", "Forest"), ("海盐", "Sea Salt"), ("暖阳", "Warm Sun"),
    ("初雪", "First Snow"), ("竹韵", "Bamboo"), ("麦浪", "Wheat Field"), ("青柠", "Lime"),
    ("樱花", "Cherry Blossom"), ("月光", "Moonlight"), ("琥珀", "Amber"), ("远山", "Far Hills"),
    ("溪谷", "Creek"), ("枫叶", "Maple"), ("珊瑚", "Coral"), ("极光", "Aurora"),
    ("古城", "Old Town"), ("雨巷", "Rain Lane"), ("拾光", "Gathered Light"), ("归帆", "Sail"),
)  # fmt: skip

COLORS: Final = (
    ("白色", "white"), ("黑色", "black"), ("红色", "red"), ("蓝色", "blue"),
    ("绿色", "green"), ("粉色", "pink"), ("灰色", "gray"), ("黄色", "yellow"),
)  # fmt: skip
SIZES: Final = tuple((size, f"size {size}") for size in ("S", "M", "L", "XL", "2XL", "3XL"))
HEIGHTS: Final = tuple((f"{cm}码", f"{cm} cm") for cm in (90, 100, 110, 120, 130, 140))
GRADES: Final = (
    ("特级", "premium"), ("一级", "first grade"), ("精选", "selected"),
    ("原味", "original"), ("礼盒装", "gift pack"), ("家庭装", "family pack"),
)  # fmt: skip
VARIANTS: Final = {"GOODS": COLORS, "WEAR": SIZES, "KIDS": HEIGHTS, "FOOD": GRADES}


class Good(msgspec.Struct, frozen=True):
    """A kind of goods of a belt; `band_low` to `band_high` are the cost bands it is made at."""

    code: str
    belt: Belt
    zh: str
    en: str
    hs4: str
    band_low: int
    band_high: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    cargo_class: str
    pack_size: int
    family: str


class Variant(msgspec.Struct, frozen=True):
    """A source product under its demo name, still without a supplier."""

    code: str
    item: Item
    title: str
    title_zh: str


class Model(msgspec.Struct, frozen=True):
    """A product: variants of one good in one series."""

    code: str
    good: Good
    title: str
    title_zh: str
    variants: tuple[Variant, ...]


def load(belts: Mapping[str, Belt]) -> tuple[Good, ...]:
    """The goods table of the demo, joined to its belts."""
    text = (files("beltline.app.demo") / "goods.csv").read_text("utf-8")
    return tuple(parse(row, belts) for row in csv.DictReader(text.splitlines()))


def parse(row: dict[str, str], belts: Mapping[str, Belt]) -> Good:
    """One row of the goods table."""
    return Good(
        code=row["code"],
        belt=belts[row["belt"]],
        zh=row["zh"],
        en=row["en"],
        hs4=row["hs4"],
        band_low=int(row["band_low"]),
        band_high=int(row["band_high"]),
        weight_g=int(row["weight_g"]),
        length_mm=int(row["length_mm"]),
        width_mm=int(row["width_mm"]),
        height_mm=int(row["height_mm"]),
        cargo_class=row["cargo_class"],
        pack_size=int(row["pack_size"]),
        family=row["family"],
    )


def band(cost_cny: Decimal) -> int:
    """The cost band of a piece."""
    return bisect_right(BANDS, cost_cny)


def models(items: Sequence[Item], goods: Sequence[Good], seed: int) -> tuple[Model, ...]:
    """The products and SKUs of the world, ordered by code."""
    groups: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.source):
        groups[item.family, band(item.cost_cny)].append(item)
    by_good: dict[str, list[list[Item]]] = defaultdict(list)
    chosen = assign(groups, goods, seed)
    for key in sorted(groups):
        by_good[chosen[key].code].extend(chunks(groups[key], VARIANTS_MAX))
    return tuple(
        model
        for good in sorted(goods, key=lambda good: good.code)
        for model in name_models(good, by_good[good.code])
    )


def assign(
    groups: Mapping[tuple[str, int], Sequence[Item]], goods: Sequence[Good], seed: int
) -> dict[tuple[str, int], Good]:
    """Which good each (family, band) becomes: the story's first, the rest drawn by the seed."""
    chosen: dict[tuple[str, int], Good] = {}
    by_units = sorted(groups, key=lambda key: (-sum(item.units for item in groups[key]), key))
    for good in sorted(goods, key=lambda good: good.code):
        if good.code in STORY:
            fits = (key for key in by_units if key not in chosen and covers(good, key[1]))
            key = next(fits, None)
            if key is not None:
                chosen[key] = good
    for key in groups:
        if key not in chosen:
            options = [good for good in goods if covers(good, key[1])]
            chosen[key] = chance.pick(seed, options, "good", *key)
    return chosen


def covers(good: Good, cost_band: int) -> bool:
    """Whether the good is usually made at that cost."""
    return good.band_low <= cost_band <= good.band_high


def name_models(good: Good, parts: Sequence[Sequence[Item]]) -> list[Model]:
    """Names and codes of a good's products, in a stable order."""
    named: list[Model] = []
    number = 0
    for index, part in enumerate(parts):
        series_zh, series_en = series(index)
        title, title_zh = f"{good.en}, {series_en} series", f"{good.zh} {series_zh}系列"
        variants = []
        for item, (zh, en) in zip(part, VARIANTS[good.family], strict=False):
            number += 1
            code = f"{good.code}-{number:04d}"
            variants.append(Variant(code, item, f"{title}, {en}", f"{title_zh} {zh}"))
        code = f"{good.code}-P{index + 1:03d}"
        named.append(Model(code, good, title, title_zh, tuple(variants)))
    return named


def series(index: int) -> tuple[str, str]:
    """The series name of a good's n-th product; a number is added when the names are used up."""
    zh, en = SERIES[index % len(SERIES)]
    again = index // len(SERIES)
    return (f"{zh}{again + 1}代", f"{en} {again + 1}") if again else (zh, en)


def chunks(items: list[Item], size: int) -> list[list[Item]]:
    """The items in runs of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]
