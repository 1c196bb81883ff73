"""Values of typed attributes."""

from decimal import Decimal, InvalidOperation

from beltline.catalog.types import Attribute, AttributeKind, AttributeUnusable

_TRUE = frozenset({"true", "yes", "1", "是"})
_FALSE = frozenset({"false", "no", "0", "否"})


def read(attribute: Attribute, value: str) -> tuple[str | None, Decimal | None]:
    """A value as (text, number), one of them None; refuses what the type does not take."""
    text = value.replace("\x00", "").strip()
    if attribute.kind is AttributeKind.NUMBER:
        number = _number(text.removesuffix(attribute.unit).strip())
        if number is not None:
            return None, number
    elif attribute.kind is AttributeKind.CHOICE:
        if text in attribute.choices:
            return text, None
    elif attribute.kind is AttributeKind.BOOLEAN:
        if text.lower() in _TRUE | _FALSE:
            return "true" if text.lower() in _TRUE else "false", None
    elif 1 <= len(text) <= 400:
        return text, None
    raise AttributeUnusable(attribute=attribute.code, value=value[:80], param=attribute.code)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        return None
    return round(number, 6)
