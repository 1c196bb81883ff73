"""Written numbers to numbers: thousands, decimal marks, currencies, percent, 万, full-width digits.

`1,234` and `1.234` mean different things in different countries. A value with both marks or with
two of one settles itself; otherwise the column's other values decide, and without any evidence
the point is the decimal mark (China, Britain, America) unless the caller says otherwise.
"""

import polars as pl

from beltline.kit.sheets.types import DecimalMark

_AFFIX_BEFORE = r"^([-+]?)\s*(?:[¥$€£₽]|cny|rmb|usd|eur|us\$)\s*"
_AFFIX_AFTER = (
    r"\s*(?:元|块|件|个|只|双|套|条|台|pieces|piece|pcs|pc|cny|rmb|usd|eur|[¥$€£₽])(?:/[^\d]+)?$"
)
_PLAIN = r"^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,2})?$"


def parse_numbers(text: pl.Series, *, decimal_mark: DecimalMark | None) -> pl.DataFrame:
    """Normalized lower-case texts to `plain` (a machine-readable number) and `code`.

    `plain` is null where the text is no number; `code` then is `NUMBER_INVALID`, or
    `NUMBER_AMBIGUOUS` where the column contradicts itself.
    """
    frame = pl.DataFrame({"text": text}).with_columns(_factor=_factor(), _body=_body())
    kinds = frame.with_columns(_kind=_mark_kind())
    style = decimal_mark or _style(kinds.get_column("_kind"))
    return (
        kinds.with_columns(plain=_without_marks(style))
        .with_columns(plain=pl.when(pl.col("plain").str.contains(_PLAIN)).then("plain"))
        .with_columns(plain=_scaled())
        .select(
            "plain",
            code=pl.when(pl.col("plain").is_not_null())
            .then(None)
            .when(pl.col("_kind").str.starts_with("ONE_"))
            .then(pl.lit("NUMBER_AMBIGUOUS"))
            .otherwise(pl.lit("NUMBER_INVALID")),
        )
    )


def _factor() -> pl.Expr:
    text = pl.col("text")
    return (
        pl.when(text.str.ends_with("%"))
        .then(pl.lit("0.01"))
        .when(text.str.contains(r"万[件个只双套条台元]?$"))
        .then(pl.lit("10000"))
        .when(text.str.contains(r"亿[件个只双套条台元]?$"))
        .then(pl.lit("100000000"))
        .otherwise(None)
    )


def _body() -> pl.Expr:
    """The digits and marks alone; (12), 12- and − are minus."""
    body = (
        pl.col("text")
        .str.replace(_AFFIX_BEFORE, "${1}")
        .str.replace(_AFFIX_AFTER, "")
        .str.replace(r"\s*[%万亿]$", "")
        .str.replace(r"^\((.*)\)$", "-${1}")
        .str.replace(r"^([\d.,' ]+)-$", "-${1}")
        .str.replace(_AFFIX_BEFORE, "${1}")
        .str.replace(r"^([-+])\s+", "${1}")
    )
    grouped = body.str.contains(r"^[-+]?\d{1,3}(?:[ ']\d{3})+(?:[.,]\d*)?$")
    return pl.when(grouped).then(body.str.replace_all(r"[ ']", "")).otherwise(body)


def _mark_kind() -> pl.Expr:
    """What the marks of one value say by themselves."""
    body = pl.col("_body")
    cases = (
        ("NONE", r"^[-+]?\d+(?:e[-+]?\d+)?$"),
        ("POINT", r"^[-+]?\d{1,3}(?:,\d{3})+\.\d*$"),
        ("COMMA", r"^[-+]?\d{1,3}(?:\.\d{3})+,\d*$"),
        ("POINT", r"^[-+]?\d{1,3}(?:,\d{3}){2,}$"),
        ("COMMA", r"^[-+]?\d{1,3}(?:\.\d{3}){2,}$"),
        ("POINT", r"^[-+]?(?:0+|\d{4,})\.\d{3}$"),
        ("COMMA", r"^[-+]?(?:0+|\d{4,}),\d{3}$"),
        ("ONE_COMMA", r"^[-+]?\d{1,3},\d{3}$"),
        ("ONE_POINT", r"^[-+]?\d{1,3}\.\d{3}$"),
        ("POINT", r"^[-+]?\d*\.\d*(?:e[-+]?\d+)?$"),
        ("COMMA", r"^[-+]?\d*,\d*$"),
    )
    expression = pl.lit("NO_NUMBER")
    for kind, pattern in reversed(cases):
        expression = pl.when(body.str.contains(pattern)).then(pl.lit(kind)).otherwise(expression)
    return expression


def _style(kinds: pl.Series) -> DecimalMark | None:
    """The decimal mark of the column; None where its values contradict each other."""
    seen = set(kinds.unique().to_list())
    if {"POINT", "COMMA"} <= seen:
        return None
    return DecimalMark.COMMA if "COMMA" in seen else DecimalMark.POINT


def _without_marks(style: DecimalMark | None) -> pl.Expr:
    """Every clear value by its own marks, the unclear ones by the style of the column."""
    body, kind = pl.col("_body"), pl.col("_kind")
    as_point = body.str.replace_all(",", "", literal=True)
    as_comma = body.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    unclear = kind.is_in(["ONE_COMMA", "ONE_POINT"])
    by_style = pl.lit(None, pl.String)
    if style is not None:
        by_style = as_comma if style is DecimalMark.COMMA else as_point
    return (
        pl.when(kind == "NONE")
        .then(body)
        .when(kind == "POINT")
        .then(as_point)
        .when(kind == "COMMA")
        .then(as_comma)
        .when(unclear)
        .then(by_style)
        .otherwise(None)
    )


def _scaled() -> pl.Expr:
    """Apply percent and 万 exactly, as decimals."""
    plain, factor = pl.col("plain"), pl.col("_factor")
    exact = plain.cast(pl.Decimal(30, 10), strict=False)
    by_factor = (
        pl.when(factor == "0.01")
        .then(exact * pl.lit("0.01").cast(pl.Decimal(4, 2)))
        .when(factor == "10000")
        .then(exact * pl.lit("10000").cast(pl.Decimal(10, 0)))
        .otherwise(exact * pl.lit("100000000").cast(pl.Decimal(10, 0)))
    )
    return pl.when(factor.is_null()).then(plain).otherwise(by_factor.cast(pl.String))
