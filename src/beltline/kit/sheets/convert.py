"""A table and a mapping to good typed rows and a list of everything that is wrong."""

from collections.abc import Iterator

import msgspec
import polars as pl

from beltline.kit.errors import Kind, Refusal
from beltline.kit.sheets.duplicates import set_duplicates_apart
from beltline.kit.sheets.fields import Dataset, Field
from beltline.kit.sheets.layouts import COLUMN, VALUE, complete_joined, melt
from beltline.kit.sheets.mapping import MappingInvalid, missing_fields
from beltline.kit.sheets.messages import explain, field_params, one_of_text
from beltline.kit.sheets.problems import gathered, problem_frame
from beltline.kit.sheets.types import (
    ROW,
    CellIssue,
    Composed,
    Converted,
    DecimalMark,
    Layout,
    Mapping,
    Table,
)
from beltline.kit.sheets.values import DTYPES, Reading, parse


class ColumnsMissing(Refusal):
    """The file has no column for a required field."""

    kind, code = Kind.INVALID, "kit.columns_missing"
    title = "Columns are missing"
    detail = (
        "No column is known for {missing}. The file has: {columns}. "
        "Say which column it is (for example 日期=ds), or add it."
    )
    missing: str
    columns: str


class _Column(msgspec.Struct, frozen=True, eq=False):
    """The cells of one field and how the file calls their column (per record if melted)."""

    field: Field
    cells: pl.Series
    header: str | pl.Series


class _Checked(msgspec.Struct, frozen=True, eq=False):
    """Typed values of one field, and which records are wrong in it."""

    values: pl.Series
    is_bad: pl.Series
    problems: pl.DataFrame


def convert(table: Table, mapping: Mapping, dataset: Dataset) -> Converted:
    """Type every mapped column, keep the good rows, name every problem of the others.

    Raises `ColumnsMissing`, `DateOrderUnknown` and, for a constant that is not right,
    `MappingInvalid`: they concern the file as a whole.
    """
    if missing := missing_fields(mapping, dataset):
        columns = ", ".join(table.headers[:40])
        raise ColumnsMissing(missing=", ".join(missing), columns=columns)
    source = _records(table, mapping)
    issues = _issues_by_column(table, mapping)
    is_bad, problems = _from_issues(issues, mapping, source)
    typed: dict[str, pl.Series] = {"row": source.get_column(ROW)}
    for field in dataset.fields:
        column = _column_of(source, mapping, dataset, field)
        if column is None:
            typed[field.name] = _constant(mapping, field, source.height)
            continue
        checked = _check(column, source, table, mapping, issues)
        typed[field.name] = checked.values
        problems.append(checked.problems)
        is_bad = is_bad | checked.is_bad
    frame = pl.DataFrame({name: values.alias(name) for name, values in typed.items()})
    frame, is_bad, more = _check_records(frame, is_bad, dataset)
    good, repeated = set_duplicates_apart(frame.filter(~is_bad), dataset)
    given = tuple(name for name in dataset.names if name in _given(mapping, dataset))
    return Converted(good, gathered([*problems, *more, repeated]), given)


def _records(table: Table, mapping: Mapping) -> pl.DataFrame:
    if mapping.layout is not Layout.WIDE:
        return table.frame
    wanted = {each.column for each in mapping.columns if each.field is not None}
    wanted |= {column for each in mapping.composed for column in each.columns}
    ids = [header for header in table.headers if header in wanted]
    return melt(table, ids, mapping.dates)


def _given(mapping: Mapping, dataset: Dataset) -> frozenset[str]:
    given = set(mapping.fields)
    if mapping.layout is Layout.WIDE and dataset.wide is not None:
        given |= {dataset.wide.date, dataset.wide.value}
    if dataset.joined is not None and given & {dataset.joined.field, *dataset.joined.parts}:
        given |= {dataset.joined.field, *dataset.joined.parts}
    return frozenset(given)


def _column_of(
    source: pl.DataFrame, mapping: Mapping, dataset: Dataset, field: Field
) -> _Column | None:
    """Where the cells of a field come from; None for a constant and for an absent field."""
    if mapping.layout is Layout.WIDE and dataset.wide is not None:
        if field.name == dataset.wide.date:
            return _Column(field, source.get_column(COLUMN), source.get_column(COLUMN))
        if field.name == dataset.wide.value:
            return _Column(field, source.get_column(VALUE), source.get_column(COLUMN))
    for composed in mapping.composed:
        if composed.field == field.name:
            return _Column(field, _join(source, composed), " + ".join(composed.columns))
    name = mapping.column_of(field.name)
    return _Column(field, source.get_column(name), name) if name in source.columns else None


def _join(source: pl.DataFrame, composed: Composed) -> pl.Series:
    """Parts joined by the separator; blank where a part is. `@` stands before the last part."""
    separators = [composed.separator] * (len(composed.columns) - 1)
    if composed.separator == "@":
        separators = ["-"] * (len(separators) - 1) + ["@"]
    joined: pl.Expr = pl.col(composed.columns[0]).cast(pl.String)
    for separator, name in zip(separators, composed.columns[1:], strict=True):
        joined = joined + pl.lit(separator) + pl.col(name).cast(pl.String)
    return source.select(joined.alias(composed.field)).to_series()


def _constant(mapping: Mapping, field: Field, height: int) -> pl.Series:
    """The constant of the mapping in every row, or nulls."""
    dtype = DTYPES[field.kind]
    text = mapping.constants.get(field.name)
    if text is None:
        return pl.Series(field.name, [None], dtype=dtype).new_from_index(0, height)
    value, code = parse(pl.Series([text], dtype=pl.String), field, _reading(field.name, mapping))
    if code[0] is not None:
        reason, remedy = explain(code[0], field_params(field, field.name))
        raise MappingInvalid(instruction=f"{field.name}={text}", reason=reason, remedy=remedy)
    return value.cast(dtype).new_from_index(0, height)


def _reading(column: str, mapping: Mapping, *, has_native_numbers: bool = False) -> Reading:
    mark = mapping.decimal_mark
    if mark is None and has_native_numbers:
        mark = DecimalMark.POINT
    return Reading(column=column, date_order=mapping.date_order, decimal_mark=mark)


def _check(
    column: _Column,
    source: pl.DataFrame,
    table: Table,
    mapping: Mapping,
    issues: dict[str, list[CellIssue]],
) -> _Checked:
    field, header = column.field, column.header
    headers = {header} if isinstance(header, str) else set(mapping.dates)
    native = any(each.has_native_numbers for each in table.columns if each.name in headers)
    shown = header if isinstance(header, str) else "dates in the header"
    values, codes = parse(column.cells, field, _reading(shown, mapping, has_native_numbers=native))
    codes = codes.cast(pl.String)
    if field.required:
        unread = issues.get(header, []) if isinstance(header, str) else []
        is_read = ~source.get_column(ROW).is_in([issue.row for issue in unread])
        is_blank = values.is_null() & codes.is_null() & is_read
        codes = pl.select(pl.when(is_blank).then(pl.lit("REQUIRED")).otherwise(codes)).to_series()
    params = field_params(field, shown)
    problems = problem_frame(
        rows=source.get_column(ROW),
        columns=header,
        field=field.name,
        codes=codes,
        values=column.cells,
        params=params,
    )
    return _Checked(values.cast(DTYPES[field.kind]), codes.is_not_null(), problems)


def _issues_by_column(table: Table, mapping: Mapping) -> dict[str, list[CellIssue]]:
    """Cells the file itself could not give, where their column is used; "" for whole rows."""
    used = _used_columns(mapping)
    names = {column.position: column.name for column in table.columns}
    result: dict[str, list[CellIssue]] = {}
    for issue in table.issues:
        name = "" if issue.position is None else names.get(issue.position)
        if name is not None and (name == "" or name in used):
            result.setdefault(name, []).append(issue)
    return result


def _from_issues(
    issues: dict[str, list[CellIssue]], mapping: Mapping, source: pl.DataFrame
) -> tuple[pl.Series, list[pl.DataFrame]]:
    """The records that are bad for them, and their problems."""
    used = _used_columns(mapping)
    is_bad = pl.repeat(value=False, n=source.height, dtype=pl.Boolean, eager=True)
    problems: list[pl.DataFrame] = []
    for name, found in issues.items():
        in_rows = source.get_column(ROW).is_in([issue.row for issue in found])
        if name in mapping.dates:
            in_rows = in_rows & (source.get_column(COLUMN) == name)
        is_bad = is_bad | in_rows
        problems.append(
            problem_frame(
                rows=pl.Series([issue.row for issue in found]),
                columns=name,
                field=used.get(name, ""),
                codes=pl.Series([issue.code for issue in found]),
                values=pl.Series([issue.value for issue in found]),
                params={"column": name},
            )
        )
    return is_bad, problems


def _used_columns(mapping: Mapping) -> dict[str, str]:
    """Source column -> field, for every column that matters."""
    used = {each.column: each.field for each in mapping.columns if each.field is not None}
    used |= {column: each.field for each in mapping.composed for column in each.columns}
    return used | dict.fromkeys(mapping.dates, "")


def _check_records(
    frame: pl.DataFrame, is_bad: pl.Series, dataset: Dataset
) -> tuple[pl.DataFrame, pl.Series, list[pl.DataFrame]]:
    """What only a whole record shows: no alternative given, two given, a series without node."""
    problems: list[pl.DataFrame] = []
    for code, mask in _record_codes(frame, dataset):
        found = mask & ~is_bad
        is_bad = is_bad | found
        problems.append(
            problem_frame(
                rows=frame.get_column("row"),
                columns="",
                field=", ".join(dict.fromkeys(name for group in dataset.one_of for name in group)),
                codes=_mark(found, code),
                values=pl.repeat("", frame.height, dtype=pl.String, eager=True),
                params={"fields": one_of_text(dataset)},
            )
        )
    if dataset.joined is not None:
        frame = complete_joined(frame, dataset.joined)
    return frame, is_bad, problems


def _record_codes(frame: pl.DataFrame, dataset: Dataset) -> Iterator[tuple[str, pl.Series]]:
    if dataset.one_of:
        complete = [
            pl.all_horizontal(pl.col(name).is_not_null() for name in group)
            for group in dataset.one_of
        ]
        count = frame.select(count=pl.sum_horizontal(complete)).to_series()
        yield "ONE_OF_REQUIRED", count == 0
        if dataset.exclusive:
            yield "ONLY_ONE_ALLOWED", count > 1
    if dataset.joined is not None:
        whole, node = pl.col(dataset.joined.field), pl.col(dataset.joined.parts[1])
        has_no_node = ~whole.str.contains(dataset.joined.separator, literal=True) & node.is_null()
        yield "SERIES_WITHOUT_NODE", frame.select(has_no_node.fill_null(value=False)).to_series()


def _mark(mask: pl.Series, code: str) -> pl.Series:
    return pl.select(pl.when(mask).then(pl.lit(code))).to_series()
