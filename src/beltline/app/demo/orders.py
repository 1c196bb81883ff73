"""A morning of buyer orders for a built world, as bodies of `POST /v1/orders`.

Names, phone numbers and addresses are generated; the numbers begin with zeros that no country
dials, so nobody is at the other end.
"""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import msgspec

from beltline.app.demo import chance
from beltline.app.demo.network import OPERATOR

# Country, region, city, a postcode of the city, calling code.
CITIES: Final = (
    ("PL", "Mazowieckie", "Warszawa", "00-001", "48"),
    ("DE", "Berlin", "Berlin", "10115", "49"),
    ("FR", "Île-de-France", "Paris", "75001", "33"),
    ("ES", "Madrid", "Madrid", "28001", "34"),
    ("IT", "Lazio", "Roma", "00118", "39"),
    ("NL", "Noord-Holland", "Amsterdam", "1011 AA", "31"),
    ("CZ", "Praha", "Praha", "110 00", "420"),
    ("SE", "Stockholm", "Stockholm", "111 20", "46"),
    ("GB", "England", "London", "EC1A 1BB", "44"),
    ("US", "CA", "Los Angeles", "90001", "1"),
    ("CA", "ON", "Toronto", "M5H 2N2", "1"),
    ("AU", "NSW", "Sydney", "2000", "61"),
    ("JP", "Tokyo", "Chiyoda", "100-0001", "81"),
    ("AE", "Dubai", "Dubai", "00000", "971"),
    ("BR", "SP", "São Paulo", "01001-000", "55"),
)

SHOPS: Final = ("Corner", "Sunny", "Little", "Harbor", "Market", "Green", "Old Town", "Lucky")
GOODS: Final = ("Gifts", "Bazaar", "Home", "Kids", "Store", "Boutique", "Trading", "Outlet")
STREETS: Final = ("Station Road", "Market Street", "Mill Lane", "Harbor Street", "Park Avenue")

LINES_MAX: Final = 5
# No order takes more than this share of what stands at one node.
STOCK_SHARE: Final = 0.1


class Sellable(msgspec.Struct, frozen=True):
    """A SKU that buyers can have now: where its price breaks lie, and how much one may take."""

    sku: str
    moq: int
    breaks: tuple[int, ...]
    most: int


def morning(target: Path, *, count: int, seed: int) -> list[dict[str, Any]]:
    """`count` order bodies for the world in the folder `target`; references are unique.

    Quantities respect the buyers' minimum and lie around the price breaks.
    """
    stock = sellables(target)
    return [body(stock, number, seed) for number in range(1, count + 1)]


def sellables(target: Path) -> list[Sellable]:
    """SKUs offered to buyers from the operator's stock, with enough of it at one node."""
    largest: dict[str, int] = defaultdict(int)
    for row in read(target / "stock.csv"):
        if row["owner"] == OPERATOR:
            largest[row["sku"]] = max(largest[row["sku"]], int(row["on_hand"]))
    breaks: dict[str, list[int]] = defaultdict(list)
    moq: dict[str, int] = {}
    for row in read(target / "offers.csv"):
        if row["audience"] == "BUYERS" and row["sales_model"] == "OWNED":
            breaks[row["sku"]].append(int(row["quantity_from"]))
            moq[row["sku"]] = int(row["moq"])
    found = (
        Sellable(sku, moq[sku], tuple(breaks[sku]), int(largest[sku] * STOCK_SHARE))
        for sku in sorted(moq)
    )
    return [one for one in found if one.most >= one.moq]


def body(stock: list[Sellable], number: int, seed: int) -> dict[str, Any]:
    """One order of 1 to 5 different SKUs, most of them paid from the balance."""
    wanted = chance.between(seed, 1, LINES_MAX, "lines", number)
    chosen = {
        one.sku: one
        for index in range(wanted)
        for one in [chance.pick(seed, stock, "sku", number, index)]
    }
    return {
        "reference": f"DEMO-{seed}-{number:05d}",
        "currency": "USD",
        "ship_to": ship_to(number, seed),
        "lines": [
            {"sku": one.sku, "quantity": quantity(one, number, seed)} for one in chosen.values()
        ],
        "payment": {"method": "BALANCE"},
        "partial": chance.unit(seed, "partial", number) < 0.3,
    }


def quantity(one: Sellable, number: int, seed: int) -> int:
    """The minimum, a few of them, or a price break, as far as stock goes; whole minimums."""
    few = one.moq * chance.between(seed, 1, 4, "few", number, one.sku)
    wanted = chance.pick(seed, (few, *one.breaks), "quantity", number, one.sku)
    most = one.most - one.most % one.moq
    return max(one.moq, min(wanted, most))


def ship_to(number: int, seed: int) -> dict[str, str]:
    """A generated shop in one of 15 countries."""
    country, region, city, postcode, dial = chance.pick(seed, CITIES, "city", number)
    shop = f"{chance.pick(seed, SHOPS, 'shop', number)} {chance.pick(seed, GOODS, 'name', number)}"
    street = chance.pick(seed, STREETS, "street", number)
    return {
        "name": shop,
        "phone": f"+{dial} 000 {number:06d}",
        "country": country,
        "region": region,
        "city": city,
        "postcode": postcode,
        "line1": f"{chance.between(seed, 1, 180, 'door', number)} {street}",
        "line2": "",
    }


def read(path: Path) -> list[dict[str, str]]:
    """A written CSV file of the world."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
