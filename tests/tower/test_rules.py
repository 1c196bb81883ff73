"""What comes first, how likely goods are late, and where a map's words have room."""

import datetime as dt
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.clock import day_of
from beltline.kit.ids import new_id
from beltline.kit.web.page import PageContext
from beltline.tower.rules.lateness import late_chance, risk_by_belt, tone_of
from beltline.tower.rules.picture import Frame, spots_of
from beltline.tower.rules.ranking import rank
from beltline.tower.rules.wording import KINDS, SENTENCES, word
from beltline.tower.types import BeltPoint, BeltRisk, Need, NeedKind, OpenPurchase

NOW = dt.datetime(2026, 11, 20, 1, 41, tzinfo=dt.UTC)
TODAY = day_of(NOW)
RATES = {"CNY": 1.0, "USD": 7.0}


def need(
    code: str, amount: int | None, hours: float, *, currency: str | None = "CNY",
    kind: NeedKind = NeedKind.ANSWER, **facts: object,
) -> Need:  # fmt: skip
    return Need(
        kind, new_id(), code, "Little Elephant", "小象", "Warsaw", "华沙", currency, amount,
        NOW + dt.timedelta(hours=hours), facts,
    )  # fmt: skip


def test_the_dearest_hour_comes_first() -> None:
    found = rank(
        [
            need("large but far", 10_000_000, 200),
            need("small but near", 1_000_000, 2),
            need("dollars", 500_000, 4, currency="USD"),
            need("overdue", 600_000, -30),
        ],
        now=NOW,
        rates=RATES,
    )
    assert [each.code for each in found] == [
        "dollars", "overdue", "small but near", "large but far",
    ]  # fmt: skip


def test_what_has_no_known_money_counts_as_the_median() -> None:
    rows = [need("low", 100, 5), need("middle", 300, 5), need("high", 900, 5)]
    for stranger in (need("?", None, 5, currency=None), need("?", 10**9, 5, currency="XAU")):
        codes = [each.code for each in rank([*rows, stranger], now=NOW, rates=RATES)]
        assert codes.index("high") < codes.index("?") < codes.index("low")


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(-100, 500)), max_size=12))
def test_the_order_does_not_depend_on_where_rows_came_from(rows: list[tuple[int, float]]) -> None:
    needs = [need(str(i), amount, hours) for i, (amount, hours) in enumerate(rows)]
    shuffled = random.Random(7).sample(needs, len(needs))
    assert rank(needs, now=NOW, rates=RATES) == rank(shuffled, now=NOW, rates=RATES)


def purchase(
    *, ordered: int = 10, expected: int = 5, mean: float = 12, p95: float = 20, amount: int = 100,
    belt: str | None = "a", currency: str = "CNY",
) -> OpenPurchase:  # fmt: skip
    return OpenPurchase(
        belt, currency, amount, TODAY + dt.timedelta(days=expected),
        NOW - dt.timedelta(days=ordered), mean, p95,
    )  # fmt: skip


def test_goods_whose_day_has_passed_are_late() -> None:
    assert late_chance(purchase(expected=-1), TODAY) == 1.0


def test_the_chance_follows_the_lead_time() -> None:
    # Promised for the 95 % point, on the day of the order: one in twenty comes later.
    fresh = purchase(ordered=0, expected=20)
    assert late_chance(fresh, TODAY) == pytest.approx(0.05, abs=0.01)
    assert late_chance(purchase(ordered=0, expected=12), TODAY) == pytest.approx(0.5, abs=0.01)
    # The longer it has not come, the likelier it is late.
    chances = [late_chance(purchase(ordered=n, expected=20 - n), TODAY) for n in (0, 10, 15, 19)]
    assert chances == sorted(chances)


@pytest.mark.parametrize(("mean", "chance"), [(12, 0.0), (16, 1.0)])
def test_a_lead_time_without_spread_is_certain(mean: float, chance: float) -> None:
    assert late_chance(purchase(mean=mean, p95=mean), TODAY) == chance


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0, 90), st.floats(0, 90))
def test_a_chance_is_a_chance(ordered: int, expected: int, mean: float, more: float) -> None:
    found = late_chance(purchase(ordered=ordered, expected=expected, mean=mean, p95=mean + more),
                        TODAY)  # fmt: skip
    assert 0.0 <= found <= 1.0


A, B = BeltPoint("a", "Zhili", "织里", 120.2, 30.9), BeltPoint("b", "Guzhen", "古镇", 113.2, 22.6)


def test_belts_are_told_in_one_currency_and_the_money_at_risk_first() -> None:
    found = risk_by_belt(
        [
            purchase(belt="b", expected=-3, amount=50),
            purchase(belt="a", expected=-1, amount=600),
            purchase(belt="a", expected=30, amount=200),
            purchase(belt="a", expected=-1, amount=10**9, currency="USD"),
            purchase(belt="nowhere"), purchase(belt=None),
        ],
        [A, B],
        TODAY,
    )  # fmt: skip
    assert [(r.belt.id, r.currency, r.amount, r.orders, r.overdue) for r in found] == [
        ("a", "CNY", 800, 3, 2), ("b", "CNY", 50, 1, 1),
    ]  # fmt: skip
    assert found[0].late_share == pytest.approx(0.75, abs=0.01)


def test_a_tone_has_its_bounds() -> None:
    assert [tone_of(share) for share in (0.0, 0.149, 0.15, 0.299, 0.3, 1.0)] == [
        "ok", "ok", "warn", "warn", "crit", "crit",
    ]  # fmt: skip


FRAME = Frame(100.0, 130.0, 20.0, 50.0, 10, 20, 300, 300)


def test_a_frame_places_what_lies_in_it() -> None:
    assert FRAME.place(BeltPoint("", "", "", 100.0, 50.0)) == (10, 20)
    assert FRAME.place(BeltPoint("", "", "", 130.0, 20.0)) == (310, 320)
    assert FRAME.place(BeltPoint("", "", "", 131.0, 30.0)) is None


def test_words_stand_where_nothing_is_covered() -> None:
    risks = [
        BeltRisk(BeltPoint(str(n), "", "", 112 + n * 0.4, 35.0), "CNY", 1, 0, 1000 - n, 0.1)
        for n in range(9)
    ]
    words = {str(n): ("A belt of a long name", "watch 22%") for n in range(9)}
    spots = spots_of(risks, FRAME, words)
    assert spots[0].radius > spots[-1].radius > 3
    placed = [spot for spot in spots if spot.anchor]
    assert 2 <= len(placed) < 9
    lines = sorted((spot.text_y, spot.text_x) for spot in placed)
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("kind", list(NeedKind))
def test_every_kind_has_its_words(kind: NeedKind, locale: str) -> None:
    assert set(SENTENCES) == set(KINDS) == set(NeedKind)
    facts = {
        "p_stockout": 0.63, "cover_days": 6.2, "quantity": 240, "uom": "PIECE",
        "order_by": "2026-11-20", "supplier": "Zhili Kidswear", "supplier_zh": "织里童装厂",
        "expected_date": "2026-11-18", "answered_date": None, "asked": 100, "answered": 60,
        "awaited": 100, "short": 3, "orders": 2, "sold": 84, "bad_rows": 1400,
        "kind": "import.v1", "state": "FAILED", "problem": None, "asked_of": "SUPPLIER",
        "waybill": "W-1", "stopping": 2, "left": 3, "lines": 12,
    }  # fmt: skip
    page = PageContext(path="/", locale=locale, now=NOW)
    row = word(page, msgspec.structs.replace(need("X/1", 4_872_000, 8, kind=kind), facts=facts))
    assert row.why
    assert row.answer
    assert "%(" not in row.why + row.answer + row.mark
    assert row.path.startswith("/")
    assert ("，华沙" in row.name) == (locale == "zh")


def test_a_need_is_marked_by_its_facts() -> None:
    page = PageContext(path="/", locale="en", now=NOW)
    facts = {"expected_date": "2026-11-18", "awaited": 1, "asked": 1, "uom": None}
    late = word(page, need("PO-3", 1, -20, kind=NeedKind.LATE, **facts))
    assert (late.mark, late.tone) == ("Late 2\N{NO-BREAK SPACE}d", "crit")
    refused = {"kind": "plan.v1", "state": "REFUSED", "problem": "There is no demand."}
    job = word(
        page, msgspec.structs.replace(need("Plan", None, 3, kind=NeedKind.JOB), facts=refused)
    )
    assert (job.mark, job.why, job.path) == ("Job refused", "There is no demand.", "/jobs")
    over = word(page, need("PO-2", 1, -1, asked=5, uom="PIECE"))
    assert "over" in over.why
    assert over.money is not None
