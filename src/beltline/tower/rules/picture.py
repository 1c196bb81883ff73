"""The belts as a picture: where each stands, how large it is, and where its words have room."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from beltline.tower.types import BeltPoint, BeltRisk

_CHARACTER_WIDTH = {True: 5.6, False: 11.0}
_LINE_HEIGHT = 11.0


class Frame(msgspec.Struct, frozen=True):
    """A part of the globe on a part of a picture: degrees in, pixels out."""

    west: float
    east: float
    south: float
    north: float
    x: float
    y: float
    width: float
    height: float

    def place(self, belt: BeltPoint) -> tuple[float, float] | None:
        """Where a belt stands on the picture; None outside the frame."""
        if not (self.west <= belt.longitude <= self.east
                and self.south <= belt.latitude <= self.north):  # fmt: skip
            return None
        across = (belt.longitude - self.west) / (self.east - self.west)
        down = (self.north - belt.latitude) / (self.north - self.south)
        return round(self.x + across * self.width, 1), round(self.y + down * self.height, 1)


class Spot(msgspec.Struct, frozen=True):
    """A belt with open orders on the picture; `anchor` is empty where its words found no room."""

    risk: BeltRisk
    x: float
    y: float
    radius: float
    anchor: str = ""
    text_x: float = 0.0
    text_y: float = 0.0


def spots_of(
    risks: Sequence[BeltRisk], frame: Frame, words: Mapping[str, tuple[str, str]]
) -> list[Spot]:
    """The belts of a frame as circles, area by money, with their two lines where there is room.

    `words` are the two lines by belt id. The first belts get their words first.
    """
    most = max((risk.amount for risk in risks), default=0)
    spots = []
    for risk in risks:
        at = frame.place(risk.belt)
        if at is not None:
            share = risk.amount / most if most else 0.0
            spots.append(Spot(risk, *at, round(3 + 13 * math.sqrt(share), 1)))
    taken = [_box(spot.x - spot.radius, spot.y - spot.radius, 2 * spot.radius, 2 * spot.radius)
             for spot in spots]  # fmt: skip
    placed = []
    for spot in spots:
        found = _room(spot, words[spot.risk.belt.id], frame, taken)
        if found is not None:
            taken.append(found[1])
            spot = found[0]
        placed.append(spot)
    return placed


_Box = tuple[float, float, float, float]


def _box(x: float, y: float, width: float, height: float) -> _Box:
    return x, y, x + width, y + height


def _room(
    spot: Spot, words: tuple[str, str], frame: Frame, taken: Sequence[_Box]
) -> tuple[Spot, _Box] | None:
    """The first of the four sides where both lines fit without covering anything."""
    width, height = max(map(_width, words)), 2 * _LINE_HEIGHT
    gap = spot.radius + 3
    sides = (
        ("start", spot.x + gap, spot.y - 1, spot.x + gap),
        ("end", spot.x - gap, spot.y - 1, spot.x - gap - width),
        ("middle", spot.x, spot.y + gap + 8, spot.x - width / 2),
        ("middle", spot.x, spot.y - gap - 13, spot.x - width / 2),
    )
    for anchor, text_x, text_y, left in sides:
        box = _box(left, text_y - _LINE_HEIGHT + 2, width, height)
        inside = (frame.x <= box[0] and box[2] <= frame.x + frame.width
                  and frame.y <= box[1] and box[3] <= frame.y + frame.height)  # fmt: skip
        if inside and not any(_overlap(box, other) for other in taken):
            return (
                msgspec.structs.replace(
                    spot, anchor=anchor, text_x=round(text_x, 1), text_y=round(text_y, 1)
                ),
                box,
            )
    return None


def _width(text: str) -> float:
    return sum(_CHARACTER_WIDTH[character.isascii()] for character in text)


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
