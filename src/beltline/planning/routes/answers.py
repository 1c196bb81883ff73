"""What `/v1/plans`, `/v1/proposals` and `/v1/forecasts` take and give."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from beltline.kit.figures import decimal_text
from beltline.kit.ids import show_id
from beltline.kit.money import Money
from beltline.planning.rules.sentences import explain_notes, explain_why
from beltline.planning.types import (
    Alternative,
    Note,
    Parameters,
    PlanRun,
    Proposal,
    Reason,
    RunState,
    Status,
    Totals,
)


class PlanBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to plan: up to which day (the latest complete one unless given), and how."""

    cut_off: dt.date | None = None
    parameters: Parameters = Parameters()


class PlanAnswer(msgspec.Struct, frozen=True):
    """A plan run.

    `notes` say what it could not use or had to assume; `metrics` are null until it is DONE;
    `done` of `total` series are planned.
    """

    id: str
    number: int
    state: RunState
    cut_off: dt.date
    as_of: dt.datetime
    freq: str
    horizon: int
    parameters: dict[str, Any]
    versions: dict[str, Any]
    input_hash: str | None
    metrics: dict[str, Any] | None
    notes: list[Note]
    notes_text: list[str]
    job_id: str | None
    done: int
    total: int | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class PlanList(msgspec.Struct, frozen=True):
    """One page of plan runs, newest first."""

    items: list[PlanAnswer]
    next_cursor: str | None


class Compared(msgspec.Struct, frozen=True):
    """An offer that was compared; costs are per base unit in the plan's currency."""

    supplier: str
    tier: str
    currency: str
    moq: int
    quantity: int
    unit_price: str
    lead_time_days_mean: float
    lead_time_days_p95: float
    cost_price: float
    cost_order: float
    cost_holding: float
    cost_lateness: float
    cost: float


class ProposalAnswer(msgspec.Struct, frozen=True):
    """Buy `quantity` base units of a SKU from a supplier, to a node, by a date: and why.

    `returned_*` tell of a purchase made of it that ended REFUSED, EXPIRED or CANCELLED.
    """

    id: str
    plan_run_id: str
    sku: str
    title: str
    title_zh: str
    uom: str
    node: str
    supplier: str
    supplier_name: str
    tier: str
    proposed_quantity: int
    quantity: int
    moq: int
    pack_size: int
    unit_price: str
    total: Money
    order_by: dt.date
    expected_date: dt.date
    on_hand: int
    inbound: int
    stock_target: int
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    expected_cost: int
    why: list[Reason]
    why_text: list[str]
    alternatives: list[Compared]
    status: Status
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    purchase_order_id: str | None
    returned_purchase_order_id: str | None
    returned_status: str | None
    returned_note: str
    returned_at: dt.datetime | None


class ProposalList(msgspec.Struct, frozen=True):
    """One page of proposals by order-by date, and the totals of the whole list."""

    items: list[ProposalAnswer]
    next_cursor: str | None
    totals: Totals


class DecisionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of the proposal that was seen (refused when it moved), and a remark."""

    version: Annotated[int, Meta(ge=1)] | None = None
    note: Annotated[str, Meta(max_length=1_000)] = ""


class EditBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another quantity, in base units."""

    quantity: Annotated[int, Meta(ge=1, le=10**12)]
    version: Annotated[int, Meta(ge=1)]
    note: Annotated[str, Meta(max_length=1_000)] = ""


class SupplierBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the suppliers compared, by code."""

    supplier: Annotated[str, Meta(min_length=1, max_length=120)]
    version: Annotated[int, Meta(ge=1)]
    note: Annotated[str, Meta(max_length=1_000)] = ""


class IssueBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which accepted proposals to order; all of them unless named."""

    proposal_ids: Annotated[list[str], Meta(max_length=20_000)] | None = None


class IssuedAnswer(msgspec.Struct, frozen=True):
    """One purchase order made of accepted proposals."""

    id: str
    number: str
    lines: int
    total: Money


class IssuedList(msgspec.Struct, frozen=True):
    """Every purchase order that was made."""

    items: list[IssuedAnswer]


class Day(msgspec.Struct, frozen=True):
    """A period that was, or that is forecast: then with its 10, 50 and 90 % quantiles."""

    ds: dt.date
    y: float | None = None
    in_stock: bool | None = None
    mean: float | None = None
    p10: float | None = None
    p50: float | None = None
    p90: float | None = None


class ForecastAnswer(msgspec.Struct, frozen=True):
    """A series: its latest 120 days, its forecast, how good forecasts of it were, and why."""

    sku: str
    node: str
    plan_run_id: str
    cut_off: dt.date
    freq: str
    history: list[Day]
    forecast: list[Day]
    accuracy: dict[str, float]
    drivers: list[Reason]
    drivers_text: list[str]


def shown_plan(run: PlanRun) -> PlanAnswer:
    """A run as the API shows it."""
    return PlanAnswer(
        id=show_id("run", run.id),
        number=run.number,
        state=run.state,
        cut_off=run.cut_off,
        as_of=run.as_of,
        freq=run.freq,
        horizon=run.horizon,
        parameters=run.parameters,
        versions=run.versions,
        input_hash=run.input_hash,
        metrics=run.metrics,
        notes=run.notes,
        notes_text=explain_notes(run.notes, "en"),
        job_id=show_id("job", run.job_id) if run.job_id else None,
        done=run.done,
        total=run.total,
        created_by=run.created_by,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def shown_proposal(one: Proposal) -> ProposalAnswer:
    """A proposal as the API shows it."""
    return ProposalAnswer(
        id=show_id("prp", one.id),
        plan_run_id=show_id("run", one.plan_run_id),
        sku=one.sku,
        title=one.title,
        title_zh=one.title_zh,
        uom=one.uom,
        node=one.node,
        supplier=one.supplier,
        supplier_name=one.supplier_name,
        tier=one.tier,
        proposed_quantity=one.proposed_quantity,
        quantity=one.quantity,
        moq=one.moq,
        pack_size=one.pack_size,
        unit_price=decimal_text(one.unit_price),
        total=Money(one.amount, one.currency),
        order_by=one.order_by,
        expected_date=one.expected_date,
        on_hand=one.on_hand,
        inbound=one.inbound,
        stock_target=one.stock_target,
        cover_days=one.cover_days,
        p_stockout=one.p_stockout,
        p_stockout_after=one.p_stockout_after,
        expected_cost=one.expected_cost,
        why=one.why,
        why_text=explain_why(one.why, "en"),
        alternatives=[_compared(each) for each in one.alternatives],
        status=one.status,
        version=one.version,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        decision_note=one.decision_note,
        purchase_order_id=show_id("po", one.purchase_order_id) if one.purchase_order_id else None,
        returned_purchase_order_id=(
            show_id("po", one.returned_order_id) if one.returned_order_id else None
        ),
        returned_status=one.returned_status,
        returned_note=one.returned_note,
        returned_at=one.returned_at,
    )


def _compared(one: Alternative) -> Compared:
    return Compared(
        supplier=one.supplier,
        tier=one.tier,
        currency=one.currency,
        moq=one.moq,
        quantity=one.quantity,
        unit_price=decimal_text(one.unit_price),
        lead_time_days_mean=one.lead_time_days_mean,
        lead_time_days_p95=one.lead_time_days_p95,
        cost_price=one.cost_price,
        cost_order=one.cost_order,
        cost_holding=one.cost_holding,
        cost_lateness=one.cost_lateness,
        cost=one.cost,
    )
