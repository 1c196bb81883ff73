"""Every format in both languages, digit by digit."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.money import Money
from beltline.kit.web import formats

AT = dt.datetime(2026, 11, 20, 1, 41, tzinfo=dt.UTC)
NB = "\u00a0"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (Money(11_230_000, "CNY"), "¥112,300.00", "¥112,300.00"),
        (Money(5_788_063, "PLN"), f"57,880.63{NB}zł", f"57,880.63{NB}zł"),
        (Money(1_850_000, "VND"), "₫1,850,000", "₫1,850,000"),
        (Money(41_250_000, "KZT"), "₸412,500.00", "₸412,500.00"),
        (Money(-6_500_200, "CNY"), "−¥65,002.00", "−¥65,002.00"),
        (Money(1_500, "JPY"), f"JP¥{'1,500'}", "JP¥1,500"),
        (Money(100_000, "SEK"), f"SEK{NB}1,000.00", f"SEK{NB}1,000.00"),
        (Money(0, "EUR"), "€0.00", "€0.00"),
    ],
)
def test_money(value: Money, en: str, zh: str) -> None:
    assert formats.money(value, "en") == en
    assert formats.money(value, "zh") == zh


@pytest.mark.parametrize(
    ("major", "en", "zh"),
    [
        (1_860_000, f"¥1.86{NB}M", f"¥186{NB}万"),
        (512_000, f"¥512{NB}k", f"¥51.2{NB}万"),
        (999_600, f"¥1{NB}M", f"¥100{NB}万"),
        (999_400, f"¥999{NB}k", f"¥99.9{NB}万"),
        (2_340_000_000, f"¥2.34{NB}bn", f"¥23.4{NB}亿"),
        (640, "¥640", "¥640"),
        (-48_720, f"−¥48.7{NB}k", f"−¥4.87{NB}万"),
    ],
)
def test_short_money(major: int, en: str, zh: str) -> None:
    value = Money(major * 100, "CNY")
    assert formats.money_short(value, "en") == en
    assert formats.money_short(value, "zh") == zh


def test_booked_money_comes_first() -> None:
    booked, shown = Money(11_230_000, "CNY"), Money(5_788_063, "PLN")
    assert formats.money_pair(booked, shown, "en") == f"¥112,300.00 (57,880.63{NB}zł)"
    assert formats.money_pair(booked, shown, "zh") == f"¥112,300.00（57,880.63{NB}zł）"
    assert formats.money_pair(booked, booked, "en") == "¥112,300.00"


def test_unit_prices_keep_their_decimals() -> None:
    assert formats.unit_price(Decimal("46.000000"), "CNY") == "¥46.00"
    assert formats.unit_price(Decimal("0.032500"), "CNY") == "¥0.0325"
    assert formats.unit_price(Decimal(1200), "VND") == "₫1,200"


def test_numbers_and_shares() -> None:
    assert formats.number(1204) == "1,204"
    assert formats.number(-0.6) == "−0.6"
    assert formats.percent(0.938, 1) == "93.8%"
    assert formats.change(0.18) == "+18%"
    assert formats.change(-0.4) == "−40%"
    assert formats.change(0) == "0%"
    assert formats.points(-0.006, locale="en") == f"−0.6{NB}pt"
    assert formats.points(-0.006, locale="zh") == f"−0.6{NB}个百分点"
    assert formats.money_change(Money(193_000, "CNY")) == "+¥1,930.00"


def test_quantities_are_said_in_the_unit_of_sale() -> None:
    assert formats.quantity(1200, "PIECE", "en") == f"1,200{NB}pcs"
    assert formats.quantity(1, "PIECE", "en") == f"1{NB}pc"
    assert formats.quantity(1200, "PIECE", "zh") == f"1,200{NB}件"
    assert formats.quantity(1_250, "METRE", "en") == f"1.25{NB}m"
    assert formats.quantity(2_000_000, "METRE", "zh") == f"2,000{NB}米"


def test_dates() -> None:
    day = dt.date(2026, 12, 9)
    assert formats.date(day) == "2026-12-09"
    assert formats.date_short(day, "en") == "9 Dec"
    assert formats.date_short(day, "zh") == "12月9日"
    assert formats.datetime_text(AT, "Asia/Shanghai", "en") == "Fri 20 Nov 2026, 09:41"
    assert formats.datetime_text(AT, "Asia/Shanghai", "zh") == "2026年11月20日 周五 09:41"
    assert formats.datetime(AT, "Europe/Warsaw") == "2026-11-20 02:41"
    assert formats.promise(day, 0.86, "en") == "by 9 Dec, 86% likely"
    assert formats.promise(day, 0.86, "zh") == "12月9日前，86%"


def test_the_zone_is_named_by_its_city() -> None:
    assert formats.zone_name("Asia/Shanghai", "en") == "Shanghai"
    assert formats.zone_name("Asia/Shanghai", "zh") == "上海"
    assert formats.zone_name("UTC", "zh") == "UTC"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.datetime(AT.replace(tzinfo=None), "Asia/Shanghai")


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (15_540, "4 h 19 m", "4 小时 19 分"),
        (172_800, "2 d", "2 天"),
        (93_600, "1 d 2 h", "1 天 2 小时"),
        (86_430, "1 d", "1 天"),
        (294, "4 m 54 s", "4 分 54 秒"),
        (0, "0 s", "0 秒"),
        (-172_800, "−2 d", "−2 天"),
    ],
)
def test_durations(seconds: int, en: str, zh: str) -> None:
    assert formats.duration(dt.timedelta(seconds=seconds), "en") == en.replace(" ", NB)
    assert formats.duration(seconds, "zh") == zh.replace(" ", NB)


def test_ages() -> None:
    assert formats.ago(AT - dt.timedelta(hours=3, minutes=7), AT, "en") == f"3{NB}h ago"
    assert formats.ago(AT - dt.timedelta(hours=3), AT, "zh") == f"3{NB}小时前"
    assert formats.ago(AT + dt.timedelta(days=2), AT, "en") == f"in 2{NB}d"


@pytest.mark.parametrize(
    ("hours", "tone"), [(-1, "crit"), (2.9, "crit"), (3, "warn"), (24, "mute")]
)
def test_the_tone_of_a_deadline(hours: float, tone: str) -> None:
    assert formats.deadline_tone(AT + dt.timedelta(hours=hours), AT) == tone


@given(st.integers(-(10**15), 10**15), st.sampled_from(["CNY", "PLN", "VND", "KWD"]))
def test_shown_money_reads_back_exactly(amount: int, currency: str) -> None:
    shown = formats.money(Money(amount, currency))
    digits = int("".join(c for c in shown if c.isdigit()))
    assert (-digits if formats.MINUS in shown else digits) == amount
    assert "-" not in shown
