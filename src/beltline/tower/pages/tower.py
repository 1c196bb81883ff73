"""The control tower and my queue: what needs me now."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_start
from beltline.kit.db import Database
from beltline.kit.money import Money
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import View, local_name
from beltline.tower.queries import figures, needs
from beltline.tower.rules.lateness import risk_by_belt, tone_of
from beltline.tower.rules.picture import Frame, Spot, spots_of
from beltline.tower.rules.ranking import rank
from beltline.tower.rules.wording import KINDS, word
from beltline.tower.types import (
    BeltPoint,
    BeltRisk,
    DayOfOrders,
    NeedCount,
    NeedKind,
    Punctuality,
)

SHOWN: Final = 9
"""Needs on the control tower; the queue has the others."""
ON_TIME_TARGET: Final = 0.95
COVER_DAYS_TARGET: Final = 14
ORDER_DAYS: Final = 14


@get("/")
async def tower_page(database: Database, actor: Actor, page: PageContext) -> Response[Any]:
    """What needs me now; whoever is not of the operator has another home."""
    if actor.org_kind != "OPERATOR":
        home = "/supplier" if actor.org_kind == "SUPPLIER" else "/orders"
        return to(home)
    today = page.today
    since = day_start(today)
    async with database.reading(actor) as db:
        found = await needs.list_needs(db, actor.org_id, now=page.now, zone=page.zone, today=today)
        counts = await needs.count_needs(
            db, actor.org_id, now=page.now, zone=page.zone, today=today
        )
        rates = await figures.rates_to_yuan(db)
        cover = await figures.get_cover(db, actor.org_id)
        punctuality = await figures.list_punctuality(db, actor.org_id, now=page.now, zone=page.zone)
        days = await figures.list_days_of_orders(
            db, actor.org_id, since=since - dt.timedelta(days=ORDER_DAYS - 1), zone=page.zone
        )
        held = await figures.list_held(db, actor.org_id)
        belts = await figures.list_belt_points(db)
        purchases = await figures.list_open_purchases(db, actor.org_id)
    ranked = rank(found, now=page.now, rates=rates)
    return render(
        "tower/tower.html", page, rows=[word(page, need) for need in ranked[:SHOWN]],
        all_needs=sum(count.needs for count in counts),
        tasks=_tasks(page, counts, actor.role), cover=cover,
        decisions=_decisions(counts), on_time=_on_time(punctuality),
        placed=_placed(days, today), held=held[0] if held else None,
        held_more=len(held) - 1, holds=sum(each.holds for each in held),
        map=_map(page, belts, risk_by_belt(purchases, belts, today)),
        is_bounded=len(purchases) == figures.PURCHASES_MAX, cover_target=COVER_DAYS_TARGET,
        on_time_target=ON_TIME_TARGET, tone_of=tone_of, money_of=Money,
    )  # fmt: skip


@get("/queue")
async def queue_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    kind: Annotated[str, QueryParameter(max_length=20)] = "",
    everybody: bool = False,
) -> Response[str]:
    """Everything that waits for the member's role, or of one kind, the dearest hour first."""
    actor.needs_operator()
    chosen = NeedKind(kind) if kind in set(NeedKind) else None
    today = page.today
    async with database.reading(actor) as db:
        found = await needs.list_needs(
            db, actor.org_id, now=page.now, zone=page.zone, today=today, kind=chosen, limit=200
        )
        counts = await needs.count_needs(
            db, actor.org_id, now=page.now, zone=page.zone, today=today
        )
        rates = await figures.rates_to_yuan(db)
    everybody = everybody or chosen is not None
    mine = [need for need in found if everybody or _is_mine(need.kind, actor.role)]
    ranked = rank(mine, now=page.now, rates=rates)
    return render(
        "tower/queue.html", page, rows=[word(page, need) for need in ranked[:200]],
        tasks=_tasks(page, counts, "ADMIN" if everybody else actor.role), kinds=KINDS,
        chosen=chosen, everybody=everybody, all_needs=sum(count.needs for count in counts),
        view=View("/queue", {"kind": chosen or "", "everybody": everybody and not chosen}),
    )  # fmt: skip


class Task(msgspec.Struct, frozen=True):
    """Needs of one kind together: how many, what they come to, when the first is due."""

    kind: NeedKind
    text: str
    needs: int
    money: tuple[Money, ...]
    due_at: dt.datetime
    due_today: int
    path: str
    list_path: str


def _is_mine(kind: NeedKind, role: str) -> bool:
    return role == "ADMIN" or role in KINDS[kind].roles


def _tasks(page: PageContext, counts: Sequence[NeedCount], role: str) -> list[Task]:
    tasks = []
    for kind in NeedKind:
        own = [count for count in counts if count.kind == kind]
        if own and _is_mine(kind, role):
            tasks.append(
                Task(
                    kind=kind,
                    text=page.gettext(KINDS[kind].task),
                    needs=sum(count.needs for count in own),
                    money=tuple(Money(c.amount, c.currency) for c in own if c.currency),
                    due_at=min(count.first_due_at for count in own),
                    due_today=sum(count.due_today for count in own),
                    path=f"/queue?kind={kind}",
                    list_path=KINDS[kind].list_path,
                )
            )
    return sorted(tasks, key=lambda task: task.due_at)


def _decisions(counts: Sequence[NeedCount]) -> dict[str, Any]:
    """How many decisions are open, how many due today, and the largest sum in one currency."""
    amounts: dict[str, int] = {}
    for count in counts:
        if count.currency:
            amounts[count.currency] = amounts.get(count.currency, 0) + count.amount
    currency = max(amounts, key=lambda each: amounts[each], default="")
    return {
        "needs": sum(count.needs for count in counts),
        "due_today": sum(count.due_today for count in counts),
        "money": Money(amounts[currency], currency) if currency else None,
        "currencies_more": max(len(amounts) - 1, 0),
    }


def _on_time(weeks: Sequence[Punctuality]) -> dict[str, Any]:
    """The share received by its day over 30 days (4 weeks and the begun one), and its weeks."""
    recent = [week for week in weeks if week.week <= 4]
    received = sum(week.received for week in recent)
    return {
        "received": received,
        "share": sum(week.on_time for week in recent) / received if received else None,
        "spark": [week.on_time / week.received for week in weeks],
    }


def _placed(days: Sequence[DayOfOrders], today: dt.date) -> dict[str, Any]:
    """Orders of today and yesterday, today's money, and the count of each of the last days."""
    by_day: dict[dt.date, int] = {}
    for each in days:
        by_day[each.day] = by_day.get(each.day, 0) + each.orders
    span = [today - dt.timedelta(days=back) for back in range(ORDER_DAYS - 1, -1, -1)]
    return {
        "today": by_day.get(today, 0),
        "yesterday": by_day.get(today - dt.timedelta(days=1), 0),
        "money": [Money(each.amount, each.currency) for each in days if each.day == today],
        "spark": [float(by_day.get(day, 0)) for day in span] if by_day else [],
    }


# ---------------------------------------------------------------- the map


class Map(msgspec.Struct, frozen=True):
    """The picture of the belts: faint points of all, circles of those with open orders."""

    points: list[tuple[float, float]]
    detail: list[tuple[float, float]]
    spots: list[Spot]
    window: tuple[float, float, float, float]
    risks: list[BeltRisk]
    words: dict[str, tuple[str, str]]
    lines: list[tuple[float, float, float, float]]
    inset: Frame


CHINA: Final = Frame(102.0, 124.0, 18.0, 46.0, 4, 50, 160, 240)
DELTA: Final = Frame(118.2, 122.6, 27.4, 32.6, 174, 25, 206, 280)
"""Where most belts lie, drawn larger beside the whole."""


def _map(page: PageContext, belts: Sequence[BeltPoint], risks: list[BeltRisk]) -> Map:
    words = {risk.belt.id: _belt_words(page, risk) for risk in risks}
    largest = sorted(risks, key=lambda risk: (-risk.amount, risk.belt.id))
    inside = [risk for risk in largest if DELTA.place(risk.belt)]
    outside = [risk for risk in largest if not DELTA.place(risk.belt)]
    left, top = _corner(DELTA.west, DELTA.north)
    right, bottom = _corner(DELTA.east, DELTA.south)
    return Map(
        points=[at for belt in belts if (at := CHINA.place(belt))],
        detail=[at for belt in belts if (at := DELTA.place(belt))],
        spots=spots_of(outside, CHINA, words) + spots_of(inside, DELTA, words),
        window=(left, top, round(right - left, 1), round(bottom - top, 1)),
        risks=risks,
        words=words,
        lines=[
            (right, top, DELTA.x, DELTA.y),
            (right, bottom, DELTA.x, DELTA.y + DELTA.height),
        ],
        inset=DELTA,
    )


def _corner(longitude: float, latitude: float) -> tuple[float, float]:
    return CHINA.place(BeltPoint("", "", "", longitude, latitude)) or (0.0, 0.0)


def _belt_words(page: PageContext, risk: BeltRisk) -> tuple[str, str]:
    _ = page.gettext
    risk_word = {"crit": _("high"), "warn": _("watch"), "ok": _("low")}[tone_of(risk.late_share)]
    name = local_name(page.locale, risk.belt.name, risk.belt.name_zh)
    return name, f"{risk_word} {formats.percent(round(risk.late_share, 2))}"


PAGES = (tower_page, queue_page)
