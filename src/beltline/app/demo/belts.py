"""The belts of the reference table, as the demo needs them: place, point and category."""

import csv
from importlib.resources import files
from typing import Final

import msgspec

# Where the table's town or county does not give the name the belt goes by.
PLACES: Final = {
    "CN-310120-284": ("奉贤", "Fengxian"),
    "CN-320684-134": ("叠石桥", "Dieshiqiao"),
    "CN-350503-123": ("泉州", "Quanzhou"),
    "CN-440605-089": ("盐步", "Yanbu"),
    "CN-652301-283": ("昌吉", "Changji"),
}


class Belt(msgspec.Struct, frozen=True):
    """An industrial belt; the point is WGS-84 degrees, `hs4` the headings of its goods."""

    belt_id: str
    place: str
    place_zh: str
    category: str
    hs4: tuple[str, ...]
    latitude: float
    longitude: float


def load() -> dict[str, Belt]:
    """All belts of `suppliers/data/industrial_belts.csv` by their id."""
    text = (files("beltline.suppliers") / "data" / "industrial_belts.csv").read_text("utf-8")
    return {row["belt_id"]: parse(row) for row in csv.DictReader(text.splitlines())}


def parse(row: dict[str, str]) -> Belt:
    """One row of the table."""
    place_zh, place = PLACES.get(row["belt_id"]) or place_names(row)
    return Belt(
        belt_id=row["belt_id"],
        place=place,
        place_zh=place_zh,
        category=row["category"],
        hs4=tuple(row["hs4"].split()),
        latitude=float(row["lat_wgs84"]),
        longitude=float(row["lon_wgs84"]),
    )


def place_names(row: dict[str, str]) -> tuple[str, str]:
    """What people call the place, zh and en: the town, county or city that the belt's name says."""
    town_zh = row["town_zh"].removesuffix("街道").removesuffix("镇").removesuffix("乡")
    if town_zh and town_zh in row["name_zh"] and row["town_en"] in row["name_en"]:
        return town_zh, row["town_en"]
    english = row["name_en"].split()[0]
    county = row["county"]
    # 曹县 and 祁县 are never called by one character.
    short = county if len(county) == 2 else county.rstrip("市区县")
    if short in row["name_zh"] or county in row["name_zh"]:
        return short, english
    return row["city"].removesuffix("市"), english
