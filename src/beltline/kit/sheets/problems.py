"""The list of problems: one row per wrong cell, with the sentence for a person beside the code."""

from collections.abc import Callable, Sequence

import msgspec
import polars as pl

from beltline.kit.sheets.messages import explain

SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "column": pl.String(),
    "field": pl.String(),
    "code": pl.String(),
    "value": pl.String(),
    "message": pl.String(),
    "remedy": pl.String(),
    "params": pl.String(),
}
_VALUE_SHOWN = 120


def problem_frame(
    *,
    rows: pl.Series,
    columns: str | pl.Series,
    field: str,
    codes: pl.Series,
    values: pl.Series,
    params: dict[str, str],
) -> pl.DataFrame:
    """Problems of one field: the records whose code is not null, all with the same parameters."""
    frame = pl.DataFrame(
        {
            "row": rows.cast(pl.Int64),
            "code": codes.cast(pl.String),
            "value": values.cast(pl.String, strict=False),
        }
    ).with_columns(
        column=pl.lit(columns) if isinstance(columns, str) else columns,
        field=pl.lit(field),
        params=pl.lit(msgspec.json.encode(params, order="sorted").decode()),
    )
    return _explained(frame.filter(pl.col("code").is_not_null()))


def row_problems(
    rows: Sequence[int], *, code: str, field: str, params: Sequence[dict[str, str]]
) -> pl.DataFrame:
    """Problems of whole rows, each with its own parameters."""
    frame = pl.DataFrame(
        {
            "row": pl.Series(rows, dtype=pl.Int64),
            "params": pl.Series(
                [msgspec.json.encode(each, order="sorted").decode() for each in params],
                dtype=pl.String,
            ),
        }
    ).with_columns(code=pl.lit(code), field=pl.lit(field), value=pl.lit(""), column=pl.lit(""))
    return _explained(frame)


def _explained(frame: pl.DataFrame, translate: Callable[[str], str] = str) -> pl.DataFrame:
    """Write each distinct sentence once."""
    distinct = frame.select("code", "params").unique()
    sentences = [
        explain(code, msgspec.json.decode(params, type=dict[str, str]), translate)
        for code, params in distinct.iter_rows()
    ]
    texts = distinct.with_columns(
        message=pl.Series([each[0] for each in sentences], dtype=pl.String),
        remedy=pl.Series([each[1] for each in sentences], dtype=pl.String),
    )
    joined = frame.join(texts, on=["code", "params"], how="left", maintain_order="left")
    return joined.with_columns(
        value=pl.col("value").fill_null("").str.slice(0, _VALUE_SHOWN)
    ).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def in_language(problems: pl.DataFrame, translate: Callable[[str], str]) -> pl.DataFrame:
    """The same problems, in the same order, said in another language."""
    return _explained(problems.drop("message", "remedy"), translate)


def gathered(problems: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All problems in the order of the file."""
    return pl.concat([pl.DataFrame(schema=SCHEMA), *problems]).sort(
        "row", "column", "code", maintain_order=True
    )
