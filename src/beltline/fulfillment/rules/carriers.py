"""Carriers: whoever has boxes on the road and tells of them, by file or simulated; pure.

What a carrier tells may come twice and in any order; keeping it is made for that. A carrier with
an interface of its own is one more class with `name` and `tell`.
"""

import csv
import datetime as dt
import io
import itertools
import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from beltline.fulfillment.rules import draw, is_possible
from beltline.fulfillment.types.journeys import Faults
from beltline.fulfillment.types.tracking import (
    Consignment,
    TrackingEvent,
    TrackingKind,
    TrackingUnreadable,
)
from beltline.kit.texts import N_


class Carrier(Protocol):
    """The port: its name, and every event it has told by an instant, in the order told."""

    @property
    def name(self) -> str:
        """What the carrier is called in rate cards and tracking."""

    def tell(self, until: dt.datetime) -> Sequence[TrackingEvent]:
        """Events told by `until`, none of them later than it; asked again, the same."""


EVENTS_MAX: Final = 20_000
_COLUMNS: Final = {
    "waybill": ("waybill", "tracking number", "tracking no", "tracking", "awb", "运单号", "单号",
                "快递单号", "跟踪号"),
    "at": ("at", "time", "event time", "date", "timestamp", "时间", "发生时间", "轨迹时间"),
    "status": ("status", "event", "kind", "state", "状态", "轨迹状态", "事件"),
    "place": ("place", "location", "city", "地点", "位置", "城市"),
    "words": ("words", "description", "note", "remark", "details", "描述", "备注", "轨迹内容"),
}  # fmt: skip
_NEEDED: Final = {
    "waybill": N_("no column of waybills"), "at": N_("no column of times"),
    "status": N_("no column of statuses"),
}  # fmt: skip
# The first that is found in a status says what it means: a failed delivery is no delivery.
_MEANINGS: Final = tuple(
    (TrackingKind[kind], re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("ATTEMPTED", r"attempt|undeliver|not delivered|delivery fail|failed deliver"),
        ("ATTEMPTED", r"未妥投|未签收|拒收|拒签|投递失败|派送失败"),
        ("LOST", r"\blost\b|丢失|遗失"),
        ("DAMAGED", r"\bdamaged\b|破损|损坏"),
        ("RETURNING", r"return|rts\b|退回|退件"),
        ("OUT_FOR_DELIVERY", r"out.?for.?delivery|with courier|派送中|派件|正在派送"),
        ("DELIVERED", r"(?<!be )\bdelivered\b(?! to (the )?(carrier|airline|hub|depot|partner))"),
        ("DELIVERED", r"delivery complete|signed for|签收|妥投|已送达"),
        ("RELEASED", r"released|cleared|clearance complete|清关完成|放行"),
        ("HELD", r"held|hold|detained|inspection|查验|扣留|扣件"),
        ("ARRIVED", r"arrived (at|in) (destination|country)|\bimport\b|到达目的|抵达目的"),
        ("DEPARTED", r"depart|in.?transit|left|shipped|离开|启运|起飞|运输中|发往"),
        ("PICKED_UP", r"picked.?up|pickup|accepted|collected|received by carrier|揽收|收件|揽件"),
    )
)  # fmt: skip


def meaning_of(status: str) -> TrackingKind:
    """What a carrier's status means: its own kind by name, else by its words, else OTHER."""
    name = status.strip().upper().replace(" ", "_")
    if name in TrackingKind.__members__:
        return TrackingKind[name]
    return next((kind for kind, words in _MEANINGS if words.search(status)), TrackingKind.OTHER)


class FileCarrier:
    """A carrier that hands in files: CSV in UTF-8 or GB 18030, with a time zone for bare times.

    Columns (also by their usual Chinese and English names): waybill, at, status, and if there
    are any place and words. Reads the whole file at once and refuses all of one with a row that
    cannot be meant, naming it.
    """

    def __init__(self, name: str, content: bytes, *, zone: str, now: dt.datetime) -> None:
        self._name = name
        self._events = list(_read(content, _zone(zone), now))

    @property
    def name(self) -> str:
        """Whose file it is."""
        return self._name

    def tell(self, until: dt.datetime) -> Sequence[TrackingEvent]:
        """The rows of the file, in its order."""
        return [event for event in self._events if event.at <= until]


def _zone(name: str) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise TrackingUnreadable(
            row=0, reason=N_("the time zone is unknown"), param="zone"
        ) from None


def _read(content: bytes, zone: dt.tzinfo, now: dt.datetime) -> Iterator[TrackingEvent]:
    rows = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        columns = _columns(next(rows, []))
        for number, row in enumerate(rows, 2):
            if number > EVENTS_MAX + 1:
                raise TrackingUnreadable(row=number, reason=N_("more than 20,000 rows"))
            if any(cell.strip() for cell in row):
                cells = {name: row[at].strip() for name, at in columns.items() if at < len(row)}
                yield _event(cells, number, zone, now)
    except csv.Error:
        raise TrackingUnreadable(row=rows.line_num, reason=N_("it is not CSV")) from None


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise TrackingUnreadable(row=0, reason=N_("it is no text in UTF-8 or GB 18030"))


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    """Which column holds what; refuses a header without what is needed, or with it twice."""
    found: dict[str, int] = {}
    for at, title in enumerate(header):
        plain = " ".join(title.strip().lower().replace("_", " ").split())
        name = next((name for name, titles in _COLUMNS.items() if plain in titles), None)
        if name in found:
            raise TrackingUnreadable(row=1, reason=N_("two columns hold the same"))
        if name is not None:
            found[name] = at
    for name, reason in _NEEDED.items():
        if name not in found:
            raise TrackingUnreadable(row=1, reason=reason)
    return found


def _event(
    cells: Mapping[str, str], number: int, zone: dt.tzinfo, now: dt.datetime
) -> TrackingEvent:
    waybill, status = cells.get("waybill", ""), cells.get("status", "")
    if not 1 <= len(waybill) <= 120 or not waybill.isprintable():
        raise TrackingUnreadable(row=number, reason=N_("no waybill"))
    if not status:
        raise TrackingUnreadable(row=number, reason=N_("no status"))
    at = _time(cells.get("at", ""), zone)
    if at is None:
        raise TrackingUnreadable(row=number, reason=N_("no time such as 2026-11-20 09:41"))
    if not is_possible(at, now):
        raise TrackingUnreadable(row=number, reason=N_("a time in the future, or long past"))
    return TrackingEvent(
        waybill, meaning_of(status), min(at, now), _line(cells.get("place", ""), 120),
        _line(f"{status} {cells.get('words', '')}", 200),
    )  # fmt: skip


def _time(text: str, zone: dt.tzinfo) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text.replace("/", "-"))
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _line(text: str, most: int) -> str:
    return "".join(c if c.isprintable() else " " for c in text).strip()[:most]


class SimulatedCarrier:
    """A carrier of a simulated world: late, lossy, repeating itself and out of order.

    What becomes of a box depends on the seed and its waybill alone, so that a history repeats.
    """

    def __init__(self, name: str, boxes: Sequence[Consignment], faults: Faults) -> None:
        self._name, self._boxes, self._faults = name, boxes, faults

    @property
    def name(self) -> str:
        """What the carrier is called."""
        return self._name

    def tell(self, until: dt.datetime) -> Sequence[TrackingEvent]:
        """What it has told by now: each event some hours after it happened, some of them twice."""
        told = itertools.chain.from_iterable(map(self._events_of, self._boxes))
        return [event for _, event in sorted(_known(told, until), key=lambda pair: pair[0])]

    def _events_of(self, box: Consignment) -> Iterator[tuple[dt.datetime, TrackingEvent]]:
        """Every event of a box with when it is told."""
        faults, way = self._faults, box.trunk_hours + box.last_hours
        fate = draw(faults.seed, box.waybill, "fate")
        pace = 0.6 + 0.5 * draw(faults.seed, box.waybill, "pace")
        is_lost = fate < faults.lost_parcel
        is_broken = not is_lost and fate < faults.lost_parcel + faults.damaged_parcel
        last = TrackingKind.DAMAGED if is_broken else TrackingKind.DELIVERED
        plan = [
            (TrackingKind.PICKED_UP, 0.02 * way), (TrackingKind.DEPARTED, 0.2 * way),
            (TrackingKind.ARRIVED, box.trunk_hours),
            (TrackingKind.OUT_FOR_DELIVERY, box.trunk_hours + 0.8 * box.last_hours), (last, way),
        ]  # fmt: skip
        for kind, hours in plan[: 2 if is_lost else None]:
            if kind is TrackingKind.ARRIVED and not box.trunk_hours:
                continue
            at = box.handed_at + dt.timedelta(hours=hours * pace)
            event = TrackingEvent(box.waybill, kind, at, "", "simulated")
            delay = draw(faults.seed, box.waybill, kind, "delay")
            # One in ten is told late enough to be overtaken, and one in ten twice.
            yield at + dt.timedelta(hours=24 if delay < 0.1 else 2 * delay), event
            if draw(faults.seed, box.waybill, kind, "twice") < 0.1:
                yield at + dt.timedelta(hours=30), event


def _known(
    told: Iterator[tuple[dt.datetime, TrackingEvent]], until: dt.datetime
) -> Iterator[tuple[dt.datetime, TrackingEvent]]:
    return ((told_at, event) for told_at, event in told if told_at <= until)
