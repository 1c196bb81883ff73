"""The step of a plan that chooses suppliers for all its proposals together."""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Reader, Writer
from beltline.kit.money import line_amount, minor_digits
from beltline.kit.uom import Uom
from beltline.planning.queries import inputs, runs
from beltline.planning.queries import sourcing as drafted
from beltline.planning.rules import sourcing
from beltline.planning.rules.closures import closure_reasons, latest_order
from beltline.planning.rules.shards import Frame, next_closure
from beltline.planning.rules.suppliers import Candidate
from beltline.planning.store import proposals as proposal_store
from beltline.planning.store import runs as run_store
from beltline.planning.store import sourcing as store
from beltline.planning.types import Note, Reason
from beltline.science.calendar import Closure

SKUS_AT_ONCE: Final = 5_000
DRAFTS_AT_ONCE: Final = 2_000


async def choose_suppliers(
    db: Writer,
    submit: Callable[..., Awaitable[sourcing.Sourced]],
    actor: Actor,
    run_id: UUID,
    frame: Frame,
) -> dict[str, Any]:
    """Choose suppliers for a run's drafts; its figures, costs in minor units of its currency.

    `submit` computes a function elsewhere. A plan nobody else could serve changes nothing.
    """
    drafts = await drafted.list_drafts(db, run_id)
    if not drafts:
        return {}
    run = await runs.get_run(db, actor.org_id, run_id)
    candidates = await _candidates(db, drafts, frame, day_of(run.as_of))
    capacities = await _capacities(db, actor.org_id, drafts)
    if not capacities and all(len(d.alternatives) < 2 for d in drafts):
        return {}
    names = {a.supplier_org_id: a.supplier for d in drafts for a in d.alternatives}
    closures = await _closures(db, names, frame)
    found = await submit(
        sourcing.source,
        [_wanted(d, frame) for d in drafts],
        candidates,
        capacities,
        frame.parameters,
        {
            org_id: closure_reasons(closure, names[org_id], frame.order_date)
            for org_id, closure in closures.items()
        },
    )
    for first in range(0, len(drafts), DRAFTS_AT_ONCE):
        some = drafts[first : first + DRAFTS_AT_ONCE]
        await store.set_parts(db, run_id, list(_rows(some, found, closures, frame)))
    full = [
        (d.id, _full(d, candidates)) for d in drafts if found.parts.get(d.id) == []
    ]  # fmt: skip
    await store.set_why(db, run_id, full)
    if found.hurried:
        await run_store.add_note(db, run_id, Note("SUPPLIERS_BY_CLOCK", len(drafts)))
    await proposal_store.defer(db, run_id, [id_ for id_, _ in full])
    return _figures(found, len(full), frame.parameters.currency)


def candidate_of(row: inputs.OfferRow, fx: float) -> Candidate:
    """An offer as suppliers are compared; `fx` turns its currency into the plan's."""
    return Candidate(
        offer_id=row.offer_id, supplier_org_id=row.supplier_org_id, supplier=row.supplier,
        tier=row.tier, currency=row.currency, fx=fx, moq=row.moq, pack_size=row.pack_size,
        uom=row.uom, breaks=tuple(zip(row.starts, row.prices, strict=True)),
        lead_time_days_mean=row.lead_time_days_mean, lead_time_days_p95=row.lead_time_days_p95,
    )  # fmt: skip


async def _candidates(
    db: Reader, drafts: Sequence[drafted.DraftRow], frame: Frame, on: dt.date
) -> dict[UUID, Candidate]:
    """The offers that were compared, by id."""
    compared = {a.offer_id for d in drafts for a in d.alternatives}
    rates = await inputs.read_rates(db, frame.parameters.currency, on=on)
    skus = sorted({d.sku_id for d in drafts})
    found = {}
    for first in range(0, len(skus), SKUS_AT_ONCE):
        rows = await inputs.list_offers(db, skus[first : first + SKUS_AT_ONCE], on=on)
        for row in rows:
            if row.offer_id in compared and row.currency in rates:
                found[row.offer_id] = candidate_of(row, rates[row.currency])
    return found


async def _capacities(
    db: Reader, org_id: UUID, drafts: Sequence[drafted.DraftRow]
) -> dict[UUID, int]:
    """Base units suppliers can still make in the coming month, where they say so."""
    uoms: dict[UUID, set[Uom]] = {}
    for d in drafts:
        for a in d.alternatives:
            uoms.setdefault(a.supplier_org_id, set()).add(Uom(d.uom))
    rows = await drafted.list_capacities(db, org_id, sorted(uoms))
    found = {}
    for row in rows:
        left = sourcing.units_left(
            row.capacity_month, row.capacity_unit, awaited=row.awaited,
            uoms=uoms[row.supplier_org_id],
        )  # fmt: skip
        if left is not None:
            found[row.supplier_org_id] = left
    return found


async def _closures(db: Reader, suppliers: Collection[UUID], frame: Frame) -> dict[UUID, Closure]:
    """The closure ahead of each supplier that has one."""
    until = frame.order_date + dt.timedelta(days=frame.periods * frame.freq.days)
    closures: dict[UUID, list[Closure]] = {}
    for row in await inputs.list_supplier_closures(db, since=frame.order_date, until=until):
        closures.setdefault(row.owner_id, []).append(closure_of(row))
    ahead = {org_id: next_closure(closures.get(org_id, ()), frame) for org_id in suppliers}
    return {org_id: closure for org_id, closure in ahead.items() if closure is not None}


def closure_of(row: inputs.ClosureRow) -> Closure:
    """A closure as calendars read it."""
    return Closure(
        starts=row.starts, ends=row.ends, ramp_down_from=row.ramp_down_from,
        ramp_up_until=row.ramp_up_until, last_order_date=row.last_order_date, reason=row.reason,
    )  # fmt: skip


def _wanted(d: drafted.DraftRow, frame: Frame) -> sourcing.Wanted:
    return sourcing.Wanted(
        id=d.id, node=d.node, offer_id=d.offer_id, quantity=d.quantity, uom=d.uom,
        pack_size=d.pack_size, units_a_day=d.units_a_day, unit_margin=d.unit_margin,
        slack_days=max((d.order_by - frame.order_date).days, 0), why=d.why,
        alternatives=d.alternatives,
    )  # fmt: skip


def _rows(
    drafts: Sequence[drafted.DraftRow], found: sourcing.Sourced,
    closures: Mapping[UUID, Closure], frame: Frame,
) -> Iterator[store.PartRow]:  # fmt: skip
    """What changes of some drafts.

    A slower supplier is ordered from sooner, one that closes before its last-order date; today at
    the least.
    """
    for d in drafts:
        for number, part in enumerate(found.parts.get(d.id, ())):
            later = round(part.later_days)
            order_by = latest_order(
                d.order_by - dt.timedelta(days=later), closures.get(part.offer.supplier_org_id),
                order_date=frame.order_date, cover_days=d.cover_days,
                lead_days=part.offer.lead_time_days_mean,
            )  # fmt: skip
            yield store.PartRow(
                draft_id=d.id, id=store.part_id(d.id, number), part=number,
                supplier_org_id=part.offer.supplier_org_id, offer_id=part.offer.offer_id,
                currency=part.offer.currency, moq=part.offer.moq, quantity=part.quantity,
                unit_price=part.unit_price,
                amount=line_amount(part.unit_price, part.quantity, d.uom, part.offer.currency),
                order_by=max(order_by, frame.order_date),
                expected_date=d.expected_date + dt.timedelta(days=later),
                later=round(later / frame.freq.days), why=part.why,
            )  # fmt: skip


def _full(d: drafted.DraftRow, candidates: Mapping[UUID, Candidate]) -> list[Reason]:
    """Why nothing of a draft is bought: no supplier of it has capacity left."""
    names = sorted({candidates[a.offer_id].supplier for a in d.alternatives
                    if a.offer_id in candidates})  # fmt: skip
    return [*d.why, Reason(code="SUPPLIER_FULL", name=", ".join(names))]


def _figures(found: sourcing.Sourced, deferred: int, currency: str) -> dict[str, Any]:
    factor = 10 ** minor_digits(currency)
    return {
        "sourcing": {
            "moved": found.moved, "split": found.split, "deferred": deferred,
            "short": found.short, "cost": round(found.cost * factor),
            "saved": round((found.cost_apart - found.cost) * factor),
            "gap": round(found.gap, 5), "method": found.method,
        }
    }  # fmt: skip
