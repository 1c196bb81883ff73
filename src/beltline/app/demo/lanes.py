"""How long goods take from the demo's nodes to the buyers' countries: generated, and said so."""

import math
from collections.abc import Iterable
from typing import Final

from beltline.app.demo.orders import CITIES
from beltline.app.demo.rows import LaneRow, NodeRow

# Rough centers of the countries, in degrees; a lane's time needs no more.
CENTERS: Final = {
    "PL": (52.1, 19.4), "DE": (51.1, 10.4), "FR": (46.6, 2.4), "ES": (40.2, -3.6),
    "IT": (42.8, 12.5), "NL": (52.2, 5.5), "CZ": (49.8, 15.5), "SE": (60.1, 18.6),
    "GB": (54.0, -2.5), "US": (39.8, -98.6), "CA": (56.1, -106.3), "AU": (-25.3, 133.8),
    "JP": (36.2, 138.3), "AE": (24.0, 54.0), "BR": (-10.8, -53.1), "CN": (32.0, 117.0),
}  # fmt: skip
SOURCE: Final = "generated for the demo from the distance"
_NEAR_KM: Final = 2_500.0
_EARTH_KM: Final = 6_371.0


def lanes(nodes: Iterable[NodeRow]) -> list[LaneRow]:
    """Every own node to every country of the demo's buyers, and to China."""
    countries = sorted({city[0] for city in CITIES} | {"CN"})
    return [
        lane(node, country)
        for node in nodes
        if node.kind not in ("FACTORY", "RETURNS")
        for country in countries
    ]


def lane(node: NodeRow, country: str) -> LaneRow:
    """By truck within reach, by air with export and import beyond it."""
    km = _distance_km((float(node.latitude), float(node.longitude)), CENTERS[country])
    if node.country == country or km < _NEAR_KM:
        middle, late = 1.0 + km / 700, 1.6 + km / 450
        mode = "TRUCK"
    else:
        middle, late = 6.0 + km / 3_000, 9.0 + km / 2_000
        mode = "AIR"
    return LaneRow(node.code, country, mode, round(middle, 1), round(late, 1), SOURCE)


def _distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance (haversine)."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(h))
