"""Records that stand in a file twice."""

import polars as pl

from beltline.kit.sheets.fields import Dataset
from beltline.kit.sheets.problems import row_problems


def set_duplicates_apart(good: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records with the key of another one, out of the good ones, and a problem for each.

    Of equal records the first stays. Where they differ nobody can know which is right, so none
    stays; each problem names a row it collides with.
    """
    keys = list(dataset.key)
    is_repeated = good.select(keys).is_duplicated()
    if not is_repeated.any():
        return good, row_problems([], code="DUPLICATE", field="", params=[])
    repeated = _with_rivals(good.filter(is_repeated), keys)
    kept = repeated.filter(pl.col("_is_first") & pl.col("_is_same")).select(good.columns)
    equal = repeated.filter(~pl.col("_is_first") & pl.col("_is_same"))
    unequal = repeated.filter(~pl.col("_is_same"))
    field = ", ".join(keys)
    problems = pl.concat(
        [
            _problems(equal, "DUPLICATE", field),
            _problems(unequal, "CONFLICTING_DUPLICATE", field),
        ]
    )
    rest = pl.concat([good.filter(~is_repeated), kept])
    return rest.sort("row", maintain_order=True), problems


def _with_rivals(repeated: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Adds per record: is it the first of its key, are all of the key equal, a rival's row."""
    values = [name for name in repeated.columns if name not in {"row", *keys}]
    groups = repeated.group_by(keys, maintain_order=True).agg(
        _is_same=pl.struct(values).n_unique() == 1 if values else pl.lit(value=True),
        _first=pl.col("row").first(),
        _second=pl.col("row").get(1),
    )
    numbered = repeated.with_columns(_is_first=pl.struct(keys).is_first_distinct())
    return numbered.join(
        groups, on=keys, how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(_rival=pl.when("_is_first").then("_second").otherwise("_first"))


def _problems(records: pl.DataFrame, code: str, field: str) -> pl.DataFrame:
    return row_problems(
        records.get_column("row").to_list(),
        code=code,
        field=field,
        params=[
            {"other_row": str(rival), "key_fields": field}
            for rival in records.get_column("_rival").to_list()
        ],
    )
