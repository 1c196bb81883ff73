"""Values as people read them, in English and Chinese: one formatter for every page.

The rules: money in the booked currency first; a true minus (U+2212); an en dash in ranges; no
space before %; a no-break space between a figure and its unit, so that they never part; the
time zone named once a page. All functions are pure and take the locale, "en" or "zh", last.
"""

import datetime as dt
import enum
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import get_timezone, get_timezone_location
from babel.numbers import get_currency_symbol

from beltline.kit.money import Money, minor_digits, to_major
from beltline.kit.uom import Uom, in_uom

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
EN_DASH: Final = "\u2013"

Number: TypeAlias = int | float | Decimal

_SYMBOLS: Final = {"CNY": "¥", "JPY": "JP¥", "PLN": "zł", "KZT": "₸", "CZK": "Kč", "RUB": "₽"}
_SYMBOL_AFTER: Final = frozenset({"PLN", "CZK", "RUB"})
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_WEEKDAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": tuple("一二三四五六日"),
}
_UNITS: Final = {
    Uom.PIECE: ("pcs", "件"),
    Uom.SET: ("sets", "套"),
    Uom.PAIR: ("pairs", "双"),
    Uom.METRE: ("m", "米"),
    Uom.KILOGRAM: ("kg", "千克"),
}
_ONE: Final = {Uom.PIECE: "pc", Uom.SET: "set", Uom.PAIR: "pair"}


# ---------------------------------------------------------------- numbers


def number(value: Number, digits: int | None = None, locale: str = "en") -> str:
    """`1,204`, `−0.6`; `digits` decimals (None: as many as the value has), grouped by thousands."""
    del locale  # both languages group by thousands with a comma
    exact = _decimal(value)
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    text = f"{abs(exact):,f}"
    return f"{MINUS}{text}" if exact < 0 else text


def percent(share: Number, digits: int = 0, locale: str = "en") -> str:
    """A share of one as percent: 0.938 -> `93.8%` with one digit."""
    return f"{number(_decimal(share) * 100, digits, locale)}%"


def change(share: Number, digits: int = 0, locale: str = "en") -> str:
    """A relative change, signed: 0.18 -> `+18%`, −0.4 -> `−40%`, 0 -> `0%`."""
    text = percent(share, digits, locale)
    return f"+{text}" if text[0] != MINUS and text.strip("0.%,") else text


def points(share: Number, digits: int = 1, locale: str = "en") -> str:
    """A difference of two shares in percentage points: −0.006 -> `−0.6 pt`, `−0.6 个百分点`."""
    text = change(share, digits, locale).removesuffix("%")
    return f"{text}{NBSP}{'个百分点' if locale == 'zh' else 'pt'}"


def quantity(base_units: int, uom: str | Uom, locale: str = "en") -> str:
    """A quantity of base units in the unit of sale: 1,250 mm of METRE -> `1.25 m`."""
    unit = Uom(uom)
    amount = in_uom(base_units, unit)
    amount = amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount.normalize()
    plural, chinese = _UNITS[unit]
    word = _ONE.get(unit, plural) if amount == 1 else plural
    return f"{number(amount)}{NBSP}{chinese if locale == 'zh' else word}"


def file_size(size_bytes: int, locale: str = "en") -> str:
    """`312 B`, `4.1 kB`, `2.6 MB` (decimal units)."""
    size = Decimal(size_bytes)
    for unit in ("B", "kB", "MB"):
        if abs(size) < 1000:
            return f"{number(size, 0 if unit == 'B' or size >= 100 else 1, locale)}{NBSP}{unit}"
        size /= 1000
    return f"{number(size, 1, locale)}{NBSP}GB"


# ---------------------------------------------------------------- money


def money(value: Money, locale: str = "en") -> str:
    """The exact amount with its symbol: `¥112,300.00`, `57,880.63 zł`, `₫1,850,000`."""
    digits = minor_digits(value.currency)
    return _with_symbol(to_major(value.amount, value.currency), digits, "", value.currency, locale)


def money_pair(booked: Money, shown: Money, locale: str = "en") -> str:
    """Booked first, the viewer's currency after it: `¥112,300.00 (57,880.63 zł)`."""
    first, second = money(booked, locale), money(shown, locale)
    if booked.currency == shown.currency:
        return first
    return f"{first}（{second}）" if locale == "zh" else f"{first} ({second})"


def money_short(value: Money, locale: str = "en") -> str:
    """Three figures for figure strips only: `¥1.86 M`, `¥512 k`; `¥186 万`, `¥51.2 万`."""
    amount = to_major(value.amount, value.currency)
    steps = (
        ((10**8, "亿"), (10**4, "万"))
        if locale == "zh"
        else ((10**9, "bn"), (10**6, "M"), (10**3, "k"))
    )
    for size, word in steps:
        # 999,600 rounds to three figures of the next step: `¥1 M`, never `¥1,000 k`.
        if abs(amount) >= size - size // 2000:
            scaled = _three_figures(amount / size)
            unit = f"{NBSP}{word}"
            return _with_symbol(scaled, None, unit, value.currency, locale)
    return _with_symbol(amount, 0, "", value.currency, locale)


def unit_price(value: Decimal, currency: str, locale: str = "en") -> str:
    """A price per unit with all its decimals, two at least: `¥46.00`, `¥0.0325`."""
    trimmed = value.normalize()
    exponent = trimmed.as_tuple().exponent
    digits = max(minor_digits(currency), -exponent if isinstance(exponent, int) else 0)
    return _with_symbol(trimmed, digits, "", currency, locale)


def money_change(value: Money, locale: str = "en") -> str:
    """An effect on money, signed: `+¥1,930.00`, `−¥65,002.00`."""
    text = money(value, locale)
    return f"+{text}" if value.amount > 0 else text


def currency_symbol(currency: str, locale: str = "en") -> str:
    """The symbol of an ISO 4217 code; CNY is `¥`, JPY is always `JP¥` beside it."""
    del locale  # one symbol for both languages: a price is read by both sides of a trade
    return _SYMBOLS.get(currency) or str(get_currency_symbol(currency, locale="en"))


def _with_symbol(amount: Decimal, digits: int | None, unit: str, currency: str, locale: str) -> str:
    figure = number(abs(amount), digits, locale) + unit
    sign = MINUS if amount < 0 and figure.strip("0.,") else ""
    symbol = currency_symbol(currency)
    if currency in _SYMBOL_AFTER:
        return f"{sign}{figure}{NBSP}{symbol}"
    return f"{sign}{symbol}{NBSP if symbol[-1].isalpha() else ''}{figure}"


def _three_figures(amount: Decimal) -> Decimal:
    digits = max(0, 2 - amount.copy_abs().adjusted())
    rounded = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral() else rounded.normalize()


# ---------------------------------------------------------------- dates and durations


def date(day: dt.date, locale: str = "en") -> str:
    """The table form, the same in both languages: `2026-11-20`."""
    del locale
    return f"{day:%Y-%m-%d}"


def date_short(day: dt.date, locale: str = "en") -> str:
    """`20 Nov`, `11月20日`, where the year is beyond doubt."""
    if locale == "zh":
        return f"{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]}"


def date_text(day: dt.date, locale: str = "en") -> str:
    """`Fri 20 Nov 2026`, `2026年11月20日 周五`."""
    weekday = _WEEKDAYS[locale][day.weekday()]
    if locale == "zh":
        return f"{day.year}年{date_short(day, locale)} 周{weekday}"
    return f"{weekday} {date_short(day, locale)} {day.year}"


def datetime(at: dt.datetime, zone: str, locale: str = "en") -> str:
    """The table form in the page's zone: `2026-11-20 09:41`."""
    return f"{date(in_zone(at, zone), locale)} {clock(at, zone, locale)}"


def datetime_text(at: dt.datetime, zone: str, locale: str = "en") -> str:
    """`Fri 20 Nov 2026, 09:41`, `2026年11月20日 周五 09:41`."""
    comma = "" if locale == "zh" else ","
    return f"{date_text(in_zone(at, zone), locale)}{comma} {clock(at, zone, locale)}"


def clock(at: dt.datetime, zone: str, locale: str = "en") -> str:
    """Time of day in the page's zone: `09:41`."""
    del locale
    return f"{in_zone(at, zone):%H:%M}"


def in_zone(at: dt.datetime, zone: str) -> dt.datetime:
    """The instant as wall time of an IANA zone. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone; store and pass UTC")
    return at.astimezone(ZoneInfo(zone))


def zone_name(zone: str, locale: str = "en") -> str:
    """The zone as its city, said once a page: `Shanghai`, `上海`."""
    if zone == "UTC":
        return "UTC"
    language = "zh_Hans" if locale == "zh" else "en"
    return str(get_timezone_location(get_timezone(zone), locale=language, return_city=True))


def duration(span: dt.timedelta | Number, locale: str = "en") -> str:
    """The two largest units of a span (or seconds): `4 h 19 m`, `2 d`; `4 小时 19 分`, `2 天`."""
    seconds = span.total_seconds() if isinstance(span, dt.timedelta) else float(span)
    whole = round(abs(seconds))
    sizes = ((86400, "d", "天"), (3600, "h", "小时"), (60, "m", "分"), (1, "s", "秒"))
    largest = next((i for i, (size, _, _) in enumerate(sizes) if whole >= size), len(sizes) - 1)
    parts: list[str] = []
    for size, english, chinese in sizes[largest : largest + 2]:
        count, whole = divmod(whole, size)
        if count or not parts:
            parts.append(f"{count}{NBSP}{chinese if locale == 'zh' else english}")
    sign = MINUS if seconds < 0 and round(abs(seconds)) else ""
    return sign + NBSP.join(parts)


def ago(at: dt.datetime, now: dt.datetime, locale: str = "en") -> str:
    """Age or distance of an instant: `3 h ago`, `in 2 d`; `3 小时前`, `2 天后`."""
    seconds = (now - at).total_seconds()
    size = next((size for size in (86400, 3600, 60) if abs(seconds) >= size), 1)
    span = duration(int(abs(seconds)) // size * size, locale)
    if locale == "zh":
        return f"{span}{'前' if seconds >= 0 else '后'}"
    return f"{span} ago" if seconds >= 0 else f"in {span}"


def promise(day: dt.date, chance: Number, locale: str = "en") -> str:
    """A promise with its odds: `by 9 Dec, 86% likely`, `12月9日前，86%`."""
    if locale == "zh":
        return f"{date_short(day, locale)}前，{percent(chance)}"
    return f"by {date_short(day, locale)}, {percent(chance)} likely"


def span(low: str, high: str, locale: str = "en") -> str:
    """A range of two formatted values with an en dash: `6–21 Feb`."""
    del locale
    return f"{low}{EN_DASH}{high}"


class DeadlineTone(enum.StrEnum):
    """How a deadline is shown; always together with the words of the time left."""

    CRIT = "crit"
    WARN = "warn"
    MUTE = "mute"


def deadline_tone(due: dt.datetime, now: dt.datetime) -> DeadlineTone:
    """Red under 3 h or late, amber under 24 h, quiet beyond."""
    left = due - now
    if left < dt.timedelta(hours=3):
        return DeadlineTone.CRIT
    return DeadlineTone.WARN if left < dt.timedelta(hours=24) else DeadlineTone.MUTE


def _decimal(value: Number) -> Decimal:
    # Through text: 0.938 stays 0.938, not 0.93799999999999994.
    return Decimal(str(value))


# What templates call as filters, by name; those of the second group also need the page's zone.
FILTERS: Final[dict[str, Callable[..., str]]] = {
    f.__name__: f
    for f in (
        number, percent, change, points, quantity, file_size, money, money_short, money_change,
        unit_price, date, date_short, date_text, duration, promise,
    )
}  # fmt: skip
ZONED_FILTERS: Final[dict[str, Callable[..., str]]] = {
    f.__name__: f for f in (datetime, datetime_text, clock)
}
