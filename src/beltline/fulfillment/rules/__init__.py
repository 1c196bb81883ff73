"""What a receipt must be, how a form of one is counted, what a simulated world does; pure."""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from beltline.fulfillment.types.journeys import (
    Faults,
    Journey,
    ParcelCount,
    RunningStage,
    UnknownCause,
    UnknownStage,
)
from beltline.fulfillment.types.receipts import (
    Counted,
    CountUnusable,
    GoodsReceiptLine,
    LotUnusable,
    NameMissing,
)
from beltline.fulfillment.types.returns import FoundUnusable, InspectionPlan, UnknownReason
from beltline.fulfillment.types.tracking import TrackingEvent, TrackingUnreadable
from beltline.inventory.types.lots import LotNamed
from beltline.kit.texts import N_
from beltline.kit.uom import Uom, base_unit, read_quantity
from beltline.procurement.types.orders import PurchaseOrderLine
from beltline.science.sampling import Record, plan_for, resume, switch

OVER_TOLERANCE_PERCENT: Final = 5
"""More than awaited by this share of a line is taken without a question."""


def check_counted(lines: Sequence[Counted]) -> None:
    """Refuse a line that is named in two ways or in none."""
    for index, line in enumerate(lines):
        if (line.line_no is None) == (line.sku is None):
            raise NameMissing(param=f"lines[{index}]")


def lots_of(
    node: str, received: Sequence[GoodsReceiptLine], counted: Sequence[Counted]
) -> list[LotNamed]:
    """The lots that what was counted of a receipt's lines names."""
    skus = {line.line_no: line.sku for line in received}
    return [
        LotNamed(
            line.sku or skus[line.line_no or 0], node, line.lot, line.quantity, line.expires_date
        )
        for line in counted
        if line.lot is not None and line.quantity > 0
    ]


def read_counts(form: Mapping[str, str], lines: Sequence[PurchaseOrderLine]) -> dict[int, int]:
    """Base units by line number from the fields `count-N`, written in the unit of sale."""
    return {line.line_no: _read(form.get(f"count-{line.line_no}", ""), line) for line in lines}


LOTS_MAX: Final = 5
"""How many lots of a line a receiving page names; more are named afterwards."""


def read_lots(
    form: Mapping[str, str],
    lines: Sequence[PurchaseOrderLine],
    counts: Mapping[int, int],
    keeping: Collection[str],
) -> list[Counted]:
    """What was counted, by lot where the SKU is one of `keeping`, from `lot-N-1` and so on.

    A lot without units of its own has what the others leave; what is in none waits to be named.
    """
    found = []
    for line in lines:
        left, rows = counts[line.line_no], list[tuple[str, str, int | None]]()
        for n in range(1, LOTS_MAX + 1) if line.sku in keeping else ():
            code, ends, text = (
                form.get(f"{field}-{line.line_no}-{n}", "").strip()
                for field in ("lot", "expires", "units")
            )
            if not code and (text.strip("0.,") or ends):
                raise LotUnusable(sku=line.sku, text=text or ends, param=f"lot-{line.line_no}-{n}")
            if code and counts[line.line_no]:
                rows.append((code, ends, _read(text, line) if text else None))
                left -= rows[-1][2] or 0
                if left < 0 or len(code) > 60 or not code.isprintable():
                    raise LotUnusable(
                        sku=line.sku, text=f"{code[:60]} {text[:20]}".strip(),
                        param=f"lot-{line.line_no}-{n}",
                    )  # fmt: skip
        for code, ends, said in rows:
            units = left if said is None else said
            left -= units if said is None else 0
            if units:
                found.append(Counted(units, line.line_no, None, code, _day_of(ends, line.sku)))
        if left:
            found.append(Counted(left, line.line_no))
    return found


def _day_of(text: str, sku: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise LotUnusable(sku=sku, text=text[:20]) from None


def _read(text: str, line: PurchaseOrderLine) -> int:
    if not text.strip().strip("0.,"):
        return 0
    units = read_quantity(text, Uom(line.uom))
    if units is None:
        raise CountUnusable(text=text[:40], sku=line.sku, param=f"count-{line.line_no}")
    return units


def step(counts: Mapping[int, int], line: PurchaseOrderLine, by: int) -> dict[int, int]:
    """The counts after `by` units of sale more (or less, down to none) of a line."""
    units = counts[line.line_no] + by * base_unit(Uom(line.uom)).per_uom
    return {**counts, line.line_no: max(units, 0)}


def find_scanned(lines: Sequence[PurchaseOrderLine], code: str) -> PurchaseOrderLine | None:
    """The line of a scanned SKU code; scanners may change the case."""
    wanted = code.strip().casefold()
    return next((line for line in lines if line.sku.casefold() == wanted), None)


def came(awaited: Sequence[Journey], counts: Sequence[ParcelCount]) -> dict[str, int]:
    """Units by SKU that were in a box, good or not; journeys not counted came complete."""
    by_journey = {count.journey_id: count for count in counts}
    found: dict[str, int] = {}
    for journey in awaited:
        count = by_journey.get(journey.id)
        units = journey.moving if count is None else count.good + count.damaged + count.wrong
        found[journey.sku] = found.get(journey.sku, 0) + units
    return found


STAGES: Final = (
    "PURCHASE", "FACTORY", "RECEIPT", "INSPECTION", "PACK", "TITLE", "EXPORT", "DISPATCH",
    "TRUNK", "LAST_MILE",
)  # fmt: skip
CAUSES: Final = ("SHORT", "DAMAGED", "WRONG", "REJECTED", "LOST", "REFUSED", "LATE", "HELD")


def check_stage(stage: str) -> None:
    """Refuse the name of no stage."""
    if stage not in STAGES:
        raise UnknownStage(stage=stage[:40], stages=", ".join(STAGES), param="stage")


def check_cause(cause: str) -> None:
    """Refuse the name of no cause."""
    if cause not in CAUSES:
        raise UnknownCause(cause=cause[:40], causes=", ".join(CAUSES), param="cause")


def read_count(text: str, journey: Journey) -> int | None:
    """A typed count of a journey's units in base units; None when nothing was typed."""
    if not text.strip():
        return None
    units = 0 if not text.strip().strip("0.,") else read_quantity(text, Uom(journey.uom))
    if units is None:
        raise CountUnusable(sku=journey.sku, text=text[:40])
    return units


TRACKING_FILE_BYTES: Final = 5 * 2**20
EVENTS_FROM: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
CLOCKS_APART: Final = dt.timedelta(days=1)
"""A carrier's clock may be before ours by this much."""


def is_possible(at: dt.datetime, now: dt.datetime) -> bool:
    """Whether an event can be of this time: neither long past nor to come."""
    return EVENTS_FROM <= at <= now + CLOCKS_APART


def check_events(events: Sequence[TrackingEvent], now: dt.datetime) -> None:
    """Refuse events of which one cannot be of its time."""
    for number, event in enumerate(events, 1):
        if not is_possible(event.at, now):
            raise TrackingUnreadable(row=number, reason=N_("a time in the future, or long past"))


def draw(seed: int, *parts: object) -> float:
    """A number from 0 to below 1 that depends on its arguments alone: the same in every replay."""
    digest = hashlib.sha256("/".join(map(str, (seed, *parts))).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def simulated_end(stage: RunningStage, faults: Faults) -> dt.datetime | None:
    """When a stage ends in a simulated world: near its plan, later by a fault; None never.

    The same stage of the same order has the same fate under one seed.
    """
    key = (stage.number, stage.line_no, stage.part_no, stage.attempt, stage.kind)
    hours = stage.hours_planned * (0.6 + 0.5 * draw(faults.seed, *key, "time"))
    fate = draw(faults.seed, *key, "fate")
    if stage.kind in {"PURCHASE", "FACTORY"} and fate < faults.factory_late:
        hours = stage.hours_allowed * 1.3
    elif stage.kind == "EXPORT" and fate < faults.customs_hold:
        hours = stage.hours_allowed * 1.5
    elif stage.kind in {"TRUNK", "LAST_MILE"} and fate < faults.lost_parcel:
        return None
    return stage.started_at + dt.timedelta(hours=hours)


def simulated_defects(stage: RunningStage, faults: Faults) -> int:
    """How many units of a stage an inspection rejects: each with the chance `defects`."""
    if stage.kind != "INSPECTION" or not faults.defects:
        return 0
    key = (stage.number, stage.line_no, stage.part_no, stage.attempt, "defects")
    # The number of defects at this rank of the binomial, by walking up its distribution.
    rank, n, p = draw(faults.seed, *key), stage.moving, min(faults.defects, 1.0)
    if n > 1_000 or p >= 1.0:
        return round(n * p)
    chance = (1 - p) ** n
    found, total = 0, chance
    while total < rank and found < n:
        found += 1
        chance *= (n - found + 1) / found * p / (1 - p)
        total += chance
    return found


REASONS: Final = ("DEFECTIVE", "DAMAGED", "WRONG", "NOT_AS_DESCRIBED", "LATE", "NO_REASON")
PAYERS: Final = ("SUPPLIER", "CARRIER", "OPERATOR", "BUYER")
RETURN_DAYS: Final = 30
AQL_MAJOR: Final = 2.5
AQL_MINOR: Final = 4.0


def check_word(word: str, known: Sequence[str], param: str) -> None:
    """Refuse a word that is none of the known ones."""
    if word not in known:
        raise UnknownReason(reason=word[:40], reasons=", ".join(known), param=param)


def inspection_plan(lot: int, verdicts: Sequence[bool]) -> InspectionPlan:
    """The plan for a lot of a supplier whose verdicts so far were these, the oldest first.

    ISO 2859-1, level II: no critical defect, AQL 2.5 for major and 4.0 for minor ones. Each AQL
    has its own sample; pieces are drawn once, and the smaller sample is the first of them.
    """
    record = Record()
    for accepted in verdicts:
        record = resume(switch(record, accepted)) if record.is_stopped else switch(record, accepted)
    severity = record.severity
    major = plan_for(lot, AQL_MAJOR, severity=severity)
    minor = plan_for(lot, AQL_MINOR, severity=severity)
    return InspectionPlan(
        severity.value, lot, max(major.size, minor.size), major.size, minor.size, major.accept,
        minor.accept, record.is_stopped,
    )  # fmt: skip


def judge(plan: InspectionPlan, critical: int, major: int, minor: int) -> str:
    """ACCEPTED or REJECTED; refuses more defects than pieces.

    Defects count among the pieces of their own sample; a piece counts once, for its worst defect.
    """
    found = critical + major + minor
    if found > plan.sample or min(critical, major, minor) < 0:
        raise FoundUnusable(sample=plan.sample, found=found, param="critical")
    for defects, sample, param in (
        (major, plan.sample_major, "major"), (minor, plan.sample_minor, "minor"),
    ):  # fmt: skip
        if defects > sample:
            raise FoundUnusable(sample=sample, found=defects, param=param)
    is_good = critical == 0 and major <= plan.accept_major and minor <= plan.accept_minor
    return "ACCEPTED" if is_good and not plan.is_stopped else "REJECTED"
