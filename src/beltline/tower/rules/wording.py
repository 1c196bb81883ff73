"""A need in words: its mark, why it is there, the best answer found."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from beltline.kit.ids import show_id
from beltline.kit.money import Money
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext
from beltline.kit.web.view import local_name
from beltline.tower.types import Need, NeedKind

LIKELY, SURE = 0.2, 0.5
"""Chances of a stock-out from which a proposal is marked by it, as a warning or in red."""


class Kind(msgspec.Struct, frozen=True):
    """How a kind of need is told: its mark, its task, its button, whose it is."""

    mark: str
    tone: str
    task: str
    button: str
    roles: frozenset[str]
    list_path: str


_PLANNERS = frozenset({"PLANNER", "BUYER"})
KINDS: Final = {
    NeedKind.PROPOSAL: Kind(N_("Order due"), "warn", N_("Decide proposals"), N_("Review"),
                            _PLANNERS, "/replenish?due=NOW"),
    NeedKind.COUNTER: Kind(N_("Counter-offer"), "info", N_("Answer counter-offers"), N_("Decide"),
                           _PLANNERS, "/purchases?tab=countered"),
    NeedKind.ANSWER: Kind(N_("No answer"), "warn", N_("Chase unanswered purchase orders"),
                          N_("Open"), _PLANNERS, "/purchases?tab=issued"),
    NeedKind.LATE: Kind(N_("Late"), "crit", N_("Chase late goods"), N_("Open"), _PLANNERS,
                        "/purchases?late=1"),
    NeedKind.EXPIRED: Kind(N_("Not answered"), "crit", N_("Replace unanswered orders"),
                           N_("Open"), _PLANNERS, "/purchases?tab=ended"),
    NeedKind.UNSENT: Kind(N_("Not sent"), "crit", N_("Chase unsent goods"), N_("Open"),
                          _PLANNERS, "/purchases?tab=coming"),
    NeedKind.CHANGE: Kind(N_("Change asked"), "warn", N_("Settle changes of orders"),
                          N_("Decide"), _PLANNERS, "/purchases?tab=coming"),
    NeedKind.SILENT: Kind(N_("Silent"), "warn", N_("Look for silent boxes"), N_("Decide"),
                          frozenset({"WAREHOUSE", "PLANNER"}), "/decisions"),
    NeedKind.CUSTOMS: Kind(N_("Customs"), "warn", N_("Clear customs files"), N_("Open"),
                           frozenset({"WAREHOUSE", "PLANNER", "FINANCE"}), "/customs?stopped=1"),
    NeedKind.COUNT: Kind(N_("Count open"), "info", N_("Finish counts"), N_("Count"),
                         frozenset({"WAREHOUSE", "PLANNER"}), "/counts?status=OPEN"),
    NeedKind.ARRIVAL: Kind(N_("Arrives today"), "info", N_("Receive goods"), N_("Receive"),
                           frozenset({"WAREHOUSE"}), "/receive"),
    NeedKind.SHORTAGE: Kind(N_("Shortage"), "crit", N_("Settle shortages"), N_("Open"),
                            frozenset({"WAREHOUSE", "PLANNER"}), "/inventory?short=1"),
    NeedKind.STOCKOUT: Kind(N_("Out of stock"), "crit", N_("Bring back what ran out"), N_("Open"),
                            _PLANNERS, "/inventory"),
    NeedKind.IMPORT: Kind(N_("Import"), "warn", N_("Correct imported rows"), N_("Correct"),
                          _PLANNERS, "/imports"),
    NeedKind.JOB: Kind(N_("Job failed"), "crit", N_("Look at failed jobs"), N_("Look"),
                       _PLANNERS, "/jobs"),
}  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """A need as a row of the table: every text translated, every figure formatted by the page."""

    mark: str
    tone: str
    path: str
    title: str
    name: str
    name_lang: str
    why: str
    money: Money | None
    due_at: dt.datetime
    answer: str
    button: str


SENTENCES: Final = {
    NeedKind.PROPOSAL: (
        N_("%(cover)s of stock left, order by %(order_by)s"),
        N_("Buy %(quantity)s from %(supplier)s"),
    ),
    NeedKind.COUNTER: (
        N_("Offers %(answered)s of %(asked)s, by %(offered)s"),
        N_("Take it, or order elsewhere"),
    ),
    NeedKind.ANSWER: (N_("%(asked)s asked, not answered yet"), N_("Remind the supplier")),
    NeedKind.LATE: (
        N_("%(awaited)s of %(asked)s still to come, due %(expected_date)s"),
        N_("Ask for a new day"),
    ),
    NeedKind.EXPIRED: (
        N_("It ended without an answer"),
        N_("Order elsewhere, or ask again"),
    ),
    NeedKind.UNSENT: (
        N_("Nothing announced yet, expected %(expected_date)s"),
        N_("Ask where the goods are"),
    ),
    NeedKind.CHANGE: (N_("The factory asks for a change"), N_("Accept or refuse it")),
    NeedKind.SILENT: (
        N_("The carrier is silent about %(waybill)s"),
        N_("Ask the carrier, or give it up"),
    ),
    NeedKind.CUSTOMS: (N_("%(stopping)s things stop the goods"), N_("Enter what is missing")),
    NeedKind.COUNT: (
        N_("%(left)s of %(lines)s lines still to count"),
        N_("Count what is left, then post it"),
    ),
    NeedKind.ARRIVAL: (N_("%(awaited)s expected"), N_("Have the dock ready")),
    NeedKind.SHORTAGE: (
        N_("%(short)s short, %(orders)s open orders want it"),
        N_("Count again, then settle"),
    ),
    NeedKind.STOCKOUT: (
        N_("%(sold)s sold in 28 d, none left, none coming"),
        N_("Order, or take it off sale"),
    ),
    NeedKind.IMPORT: (N_("%(bad_rows)s rows were left out"), N_("Correct them, import again")),
    NeedKind.JOB: (N_("It ended in a failure"), N_("Read why, then try again")),
}
"""Why a need is there and the best answer found, over its facts."""


def word(page: PageContext, need: Need) -> Row:
    """A need as a row of the table, in the page's language."""
    mark, tone = _mark(page, need)
    why, answer = _sentences(page, need)
    names = (
        local_name(page.locale, need.name, need.name_zh),
        local_name(page.locale, need.place, need.place_zh),
    )
    comma = "，" if page.locale == "zh" else ", "
    return Row(
        mark=mark,
        tone=tone,
        path=_path(need),
        title=need.code,
        name=comma.join(filter(None, names)),
        name_lang="en" if names[0].isascii() else "zh-CN",
        why=why,
        money=Money(need.amount, need.currency) if need.amount and need.currency else None,
        due_at=need.due_at,
        answer=answer,
        button=page.gettext(KINDS[need.kind].button),
    )


_FOLDERS: Final = {
    NeedKind.PROPOSAL: ("proposals", "prp"), NeedKind.SILENT: ("journeys", "jny"),
    NeedKind.CUSTOMS: ("customs", "cus"), NeedKind.COUNT: ("counts", "cnt"),
}  # fmt: skip


def _path(need: Need) -> str:
    """The page where the need is settled."""
    match need.kind:
        case NeedKind.PROPOSAL | NeedKind.SILENT | NeedKind.CUSTOMS | NeedKind.COUNT:
            folder, prefix = _FOLDERS[need.kind]
            return f"/{folder}/{show_id(prefix, need.id)}"
        case NeedKind.SHORTAGE | NeedKind.STOCKOUT:
            return f"/inventory/{quote(need.code, safe='')}"
        case NeedKind.IMPORT | NeedKind.JOB:
            is_import = need.facts["kind"] == "import.v1"
            return f"/imports/{show_id('imp', need.id)}" if is_import else "/jobs"
        case NeedKind.ARRIVAL:
            return f"/purchases/{show_id('po', need.id)}/receive"
        case _:
            return f"/purchases/{show_id('po', need.id)}"


def _mark(page: PageContext, need: Need) -> tuple[str, str]:
    """The mark of a need, sharper where its facts are."""
    kind, _ = KINDS[need.kind], page.gettext
    if need.kind is NeedKind.PROPOSAL and need.facts["p_stockout"] >= LIKELY:
        chance = formats.percent(round(need.facts["p_stockout"], 2))
        tone = "crit" if need.facts["p_stockout"] >= SURE else "warn"
        return _("Stock-out %(chance)s") % {"chance": chance}, tone
    if need.kind is NeedKind.LATE:
        expected = dt.date.fromisoformat(need.facts["expected_date"])
        days = (page.today - expected).days
        return _("Late %(span)s") % {"span": formats.duration(days * 86400, page.locale)}, "crit"
    if need.kind is NeedKind.JOB and need.facts["state"] == "REFUSED":
        return _("Job refused"), "warn"
    return _(kind.mark), kind.tone


def _sentences(page: PageContext, need: Need) -> tuple[str, str]:
    why, answer = SENTENCES[need.kind]
    if need.kind is NeedKind.PROPOSAL and need.facts["cover_days"] is None:
        why = N_("Order by %(order_by)s")
    elif need.kind is NeedKind.ANSWER and need.due_at < page.now:
        why = N_("%(asked)s asked, the time to answer is over")
        answer = N_("Remind, or order elsewhere")
    elif need.kind is NeedKind.CHANGE and need.facts["asked_of"] == "SUPPLIER":
        why = N_("The factory has not answered our change")
        answer = N_("Call the factory")
    facts = _Facts(page, need.facts)
    if need.kind is NeedKind.JOB and need.facts["problem"]:
        return str(need.facts["problem"]), facts.say(answer)
    return facts.say(why), facts.say(answer)


class _Facts:
    """The facts of a need, formatted when a sentence asks for them."""

    def __init__(self, page: PageContext, facts: Mapping[str, Any]) -> None:
        self._page, self._facts = page, facts

    def say(self, text: str) -> str:
        """The translated sentence, filled in."""
        return self._page.gettext(text) % self

    def __getitem__(self, name: str) -> str:
        facts, locale = self._facts, self._page.locale
        match name:
            case "offered":
                return str(facts["answered_date"] or facts["expected_date"])
            case "cover":
                return formats.duration(round(facts["cover_days"]) * 86400, locale)
            case "supplier":
                return local_name(locale, facts["supplier"], facts["supplier_zh"])
            case "quantity" | "asked" | "answered" | "awaited" | "short" | "sold":
                return self._units(int(facts[name] or 0))
            case "orders" | "bad_rows" | "left" | "lines":
                return formats.number(facts[name])
            case _:
                return str(facts[name])

    def _units(self, base_units: int) -> str:
        """A quantity in its unit; of several units together, the bare sum."""
        if uom := self._facts["uom"]:
            return formats.quantity(base_units, uom, self._page.locale)
        return formats.number(base_units)
