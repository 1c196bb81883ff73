"""What-ifs: what is changed of what, and what comes of it."""

import datetime as dt
import enum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal


class ScopeKind(enum.StrEnum):
    """What a scenario is about."""

    ALL = "ALL"
    CATEGORY = "CATEGORY"
    SUPPLIER = "SUPPLIER"
    SKU = "SKU"


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which series: all, or those of a category, a supplier's code or a SKU's code."""

    kind: ScopeKind = ScopeKind.ALL
    value: Annotated[str, Meta(max_length=200)] = ""


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What would be different.

    `price` is the change of the price to buyers (-0.1 = a tenth less), `lead_time_days` is added
    to every delivery, a promotion multiplies the demand of the next `promotion_days` by 1 plus
    `promotion_uplift`; a `service_level` replaces the weighing of costs (0 weighs them).
    """

    price: Annotated[float, Meta(ge=-0.9, le=3)] = 0.0
    promotion_days: Annotated[int, Meta(ge=0, le=180)] = 0
    promotion_uplift: Annotated[float, Meta(ge=0, le=20)] = 0.0
    lead_time_days: Annotated[int, Meta(ge=-90, le=90)] = 0
    service_level: Annotated[float, Meta(ge=0, le=0.999)] | None = None


class Sums(msgspec.Struct, frozen=True):
    """What a plan comes to over its horizon: units, and money in major units of its currency.

    `margin` is earned on what is sold, `margin_lost` is missed on what is asked for in vain;
    `bought` is what is ordered, `stock_value` the mean value of what stands there.
    """

    series: int = 0
    units_demanded: float = 0.0
    units_lost: float = 0.0
    margin: float = 0.0
    margin_lost: float = 0.0
    holding: float = 0.0
    ordering: float = 0.0
    bought: float = 0.0
    stock_value: float = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(*(getattr(self, f) + getattr(other, f) for f in self.__struct_fields__))

    def scaled(self, factor: float) -> "Sums":
        """So many times as much; the number of series stays whole."""
        told = {f: getattr(self, f) * factor for f in self.__struct_fields__}
        return Sums(**{**told, "series": round(told["series"])})

    @property
    def profit(self) -> float:
        """Margin earned less what holding and ordering cost."""
        return self.margin - self.holding - self.ordering

    @property
    def lost_share(self) -> float:
        """Share of the demand that is asked for in vain."""
        return self.units_lost / self.units_demanded if self.units_demanded > 0 else 0.0


class Effect(msgspec.Struct, frozen=True):
    """As things are and as they would be, over `days`.

    Where more series fit than are played, `sampled` of `series` were, and sums are scaled up.
    """

    series: int
    sampled: int
    days: int
    base: Sums
    changed: Sums


class Scenario(msgspec.Struct, frozen=True):
    """A what-if on a plan's stored inputs; nothing but itself is written by it."""

    id: UUID
    number: int
    plan_run_id: UUID
    plan_number: int
    currency: str
    state: str
    scope: Scope
    changes: Changes
    effect: Effect | None
    message: str
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class NothingChanged(Refusal):
    """A what-if in which nothing is different."""

    kind, code = Kind.INVALID, "planning.nothing_changed"
    title = "Nothing is changed"
    detail = "Change a price, a promotion, a lead time or a service level."


class NothingInScope(Refusal):
    """No series of the plan is what a scenario is about."""

    kind, code = Kind.CONFLICT, "planning.nothing_in_scope"
    title = "Nothing fits"
    detail = "No series of the plan with an offer is {scope}."
    scope: str


class InputsGone(Refusal):
    """A plan whose inputs are not kept any more."""

    kind, code = Kind.CONFLICT, "planning.inputs_gone"
    title = "The plan's inputs are gone"
    detail = "Only the inputs of the latest plan are kept; those of plan {plan} are not."
    plan: int
