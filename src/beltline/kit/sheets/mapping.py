"""Which source column is which field: suggested, remembered, corrected by the user."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
import polars as pl

from beltline.kit.errors import Kind, Refusal
from beltline.kit.sheets.aliases import key, likeness
from beltline.kit.sheets.fields import Dataset, Field, FieldKind
from beltline.kit.sheets.shapes import Shape, is_date, shape
from beltline.kit.sheets.types import ROW, ColumnMapping, Composed, Layout, Mapping, Table

SAMPLE_ROWS = 200
CONFIDENT = 0.5
"""Below this a column is left out rather than guessed."""
_WIDE_DATES_MIN = 3
_SHAPE_BONUS = 0.02
_SHAPE_DOUBT = 0.35
_ONLY_BY_SHAPE = 0.55

_KIND_SHAPES: dict[FieldKind, frozenset[Shape]] = {
    FieldKind.DATE: frozenset({Shape.DATE}),
    FieldKind.INTEGER: frozenset({Shape.NUMBER}),
    FieldKind.DECIMAL: frozenset({Shape.NUMBER}),
    FieldKind.NUMBER: frozenset({Shape.NUMBER}),
}


class MappingInvalid(Refusal):
    """A correction that names a column or a field that does not exist, or one field twice."""

    kind, code = Kind.INVALID, "kit.mapping_invalid"
    title = "The column mapping is not right"
    detail = "{instruction}: {reason} {remedy}"
    instruction: str
    reason: str
    remedy: str


def sample(table: Table) -> list[tuple[str, ...]]:
    """The first rows of a table as text, for `suggest`."""
    head = table.frame.head(SAMPLE_ROWS).select(pl.exclude(ROW).cast(pl.String).fill_null(""))
    return head.rows()


def fingerprint(headers: Sequence[str]) -> str:
    """Identifies a source by its headers, whatever their order; dates in headers do not count."""
    names = sorted({key(header) for header in headers if not is_date(header)})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


def suggest(
    headers: Sequence[str],
    sample_rows: Sequence[Sequence[str]],
    dataset: Dataset,
    remembered: Mapping | None = None,
) -> Mapping:
    """Take each column for a field or leave it out; every field at most once.

    A `remembered` mapping of the same source (`fingerprint`) wins where its columns still exist.
    """
    print_now = fingerprint(headers)
    dates = wide_dates(headers, sample_rows) if dataset.wide is not None else ()
    if remembered is not None and _is_for(remembered, dataset, print_now):
        return _again(remembered, headers, dates)
    named = [header for header in headers if header not in set(dates)]
    by_name = {header: at for at, header in enumerate(headers)}
    shapes = {
        header: _column_shapes([row[by_name[header]] for row in sample_rows]) for header in named
    }
    taken = _assign(named, shapes, _fields_to_find(dataset, is_wide=bool(dates)))
    return Mapping(
        dataset=dataset.name,
        fingerprint=print_now,
        columns=tuple(taken.get(header, _left_out(header)) for header in named),
        layout=Layout.WIDE if dates else Layout.LONG,
        dates=dates,
    )


def _is_for(mapping: Mapping, dataset: Dataset, print_now: str) -> bool:
    return mapping.dataset == dataset.name and mapping.fingerprint == print_now


def _again(remembered: Mapping, headers: Sequence[str], dates: tuple[str, ...]) -> Mapping:
    """A remembered mapping on today's headers: order and date columns may have changed."""
    known = {key(each.column): each for each in remembered.columns}
    columns: list[ColumnMapping] = []
    for header in headers:
        if header in dates:
            continue
        before = known.get(key(header))
        field = before.field if before is not None else None
        columns.append(ColumnMapping(header, field, 1.0, "remembered for this source"))
    by_key = {key(header): header for header in headers}
    composed = tuple(
        Composed(each.field, tuple(by_key[key(name)] for name in each.columns), each.separator)
        for each in remembered.composed
        if all(key(name) in by_key for name in each.columns)
    )
    is_wide = remembered.layout is Layout.WIDE
    return msgspec.structs.replace(
        remembered,
        columns=tuple(columns),
        composed=composed,
        dates=dates if is_wide else (),
        layout=Layout.WIDE if is_wide and dates else Layout.LONG,
    )


def _fields_to_find(dataset: Dataset, *, is_wide: bool) -> tuple[Field, ...]:
    if not is_wide or dataset.wide is None:
        return dataset.fields
    in_header = {dataset.wide.date, dataset.wide.value}
    return tuple(field for field in dataset.fields if field.name not in in_header)


def wide_dates(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The headers that are dates over columns of numbers, flags or blanks; () if fewer than 3."""
    dates = [(at, header) for at, header in enumerate(headers) if is_date(header)]
    if len(dates) < _WIDE_DATES_MIN:
        return ()
    return tuple(
        header
        for at, header in dates
        if not any(is_date(row[at]) for row in rows[:20] if at < len(row))
    )


def _column_shapes(cells: Iterable[str]) -> dict[Shape, float]:
    """Share of each shape among the written cells; {} where all are blank."""
    seen = [found for cell in cells if (found := shape(cell)) is not Shape.EMPTY]
    return {each: seen.count(each) / len(seen) for each in set(seen)}


def _assign(
    headers: Sequence[str], shapes: dict[str, dict[Shape, float]], fields: Sequence[Field]
) -> dict[str, ColumnMapping]:
    """Best pairs first; ties go to the earlier column and the earlier field."""
    scored = [
        (score, -at, -rank, header, field.name, reason)
        for at, header in enumerate(headers)
        for rank, field in enumerate(fields)
        for score, reason in [_score(header, field, shapes[header])]
        if score >= CONFIDENT
    ]
    result: dict[str, ColumnMapping] = {}
    used: set[str] = set()
    for score, _, _, header, name, reason in sorted(scored, reverse=True):
        if header not in result and name not in used:
            used.add(name)
            result[header] = ColumnMapping(header, name, round(min(score, 1.0), 2), reason)
    _add_only_date(headers, shapes, fields, result)
    return result


def _score(header: str, field: Field, shapes: dict[Shape, float]) -> tuple[float, str]:
    likely, reason = likeness(header, field)
    if not likely or not shapes:
        return likely, reason
    wanted = _KIND_SHAPES.get(field.kind)
    if wanted is None:
        return likely, reason
    share = sum(shapes.get(each, 0.0) for each in wanted)
    if field.kind is FieldKind.DATE:  # a column of Excel serial numbers is possible
        share = max(share, shapes.get(Shape.NUMBER, 0.0) * 0.9)
    if share > 0.8:
        return likely + _SHAPE_BONUS, f"{reason}; its values fit"
    return likely - _SHAPE_DOUBT * (1 - share), f"{reason}; not all values fit"


def _add_only_date(
    headers: Sequence[str],
    shapes: dict[str, dict[Shape, float]],
    fields: Sequence[Field],
    result: dict[str, ColumnMapping],
) -> None:
    """One unknown column of dates and one required date still missing belong together."""
    found = {each.field for each in result.values()}
    wanted = [
        field
        for field in fields
        if field.kind is FieldKind.DATE and field.required and field.name not in found
    ]
    candidates = [
        header
        for header in headers
        if header not in result and shapes[header].get(Shape.DATE, 0.0) == 1.0
    ]
    if len(wanted) == 1 and len(candidates) == 1:
        result[candidates[0]] = ColumnMapping(
            candidates[0], wanted[0].name, _ONLY_BY_SHAPE, "the only column of dates"
        )


def _left_out(header: str) -> ColumnMapping:
    return ColumnMapping(header, None, 0.0, "no field is called like this")


def override(
    mapping: Mapping,
    headers: Sequence[str],
    dataset: Dataset,
    *,
    columns: Sequence[str] = (),
    constants: Sequence[str] = (),
) -> Mapping:
    """Apply the user's corrections; raises `MappingInvalid`.

    `columns`: `日期=ds` takes a column for a field, `备注=` leaves it out,
    `Product+Store=unique_id` joins columns (with `@` before the last one for `unique_id`, `-`
    otherwise). `constants`: `currency=CNY` fills a field for every row.
    """
    for instruction in columns:
        mapping = _override_one(mapping, headers, dataset, instruction)
    for instruction in constants:
        name, value = _split(instruction)
        _check_field(name, dataset, instruction)
        mapping = _without(mapping, name)
        filled = mapping.constants | {name: value}
        mapping = msgspec.structs.replace(mapping, constants=filled)
    return mapping


def _override_one(
    mapping: Mapping, headers: Sequence[str], dataset: Dataset, instruction: str
) -> Mapping:
    written, name = _split(instruction)
    sources = _columns_named(written, headers, instruction)
    if not name:
        return _with_column(mapping, sources[0], None)
    _check_field(name, dataset, instruction)
    mapping = _without(mapping, name)
    if len(sources) == 1:
        return _with_column(mapping, sources[0], name)
    separator = "@" if name == "unique_id" else "-"
    joined = Composed(name, tuple(sources), separator)
    return msgspec.structs.replace(mapping, composed=(*mapping.composed, joined))


def _split(instruction: str) -> tuple[str, str]:
    left, mark, right = instruction.rpartition("=")
    if not mark or not left.strip():
        raise MappingInvalid(
            instruction=instruction,
            reason="It has no “=” between its two sides.",
            remedy="Write a column, “=”, and the field, for example 日期=ds.",
        )
    return left.strip(), right.strip()


def _columns_named(written: str, headers: Sequence[str], instruction: str) -> list[str]:
    by_key = {key(header): header for header in reversed(headers)}
    parts = [written] if key(written) in by_key and written in headers else written.split("+")
    missing = [part.strip() for part in parts if key(part) not in by_key]
    if missing:
        raise MappingInvalid(
            instruction=instruction,
            reason=f"The file has no column {', '.join(missing)}.",
            remedy=f"Its columns are: {', '.join(headers[:40])}.",
        )
    return [next((h for h in headers if h == part.strip()), by_key[key(part)]) for part in parts]


def _check_field(name: str, dataset: Dataset, instruction: str) -> None:
    if name not in dataset.names:
        raise MappingInvalid(
            instruction=instruction,
            reason=f"{dataset.title} have no field {name}.",
            remedy=f"The fields are: {', '.join(dataset.names)}.",
        )


def _with_column(mapping: Mapping, column: str, field: str | None) -> Mapping:
    changed = ColumnMapping(column, field, 1.0, "set by you")
    columns = tuple(changed if each.column == column else each for each in mapping.columns)
    if column in mapping.dates:
        columns = (*columns, changed)
    dates = tuple(each for each in mapping.dates if each != column)
    return msgspec.structs.replace(
        mapping,
        columns=columns,
        dates=dates,
        layout=mapping.layout if dates else Layout.LONG,
    )


def _without(mapping: Mapping, field: str) -> Mapping:
    """The mapping with nothing for a field, which is about to get its value elsewhere."""
    return msgspec.structs.replace(
        mapping,
        columns=tuple(
            ColumnMapping(each.column, None, 1.0, "replaced by you")
            if each.field == field
            else each
            for each in mapping.columns
        ),
        composed=tuple(each for each in mapping.composed if each.field != field),
        constants={name: value for name, value in mapping.constants.items() if name != field},
    )


def missing_fields(mapping: Mapping, dataset: Dataset) -> tuple[str, ...]:
    """Required fields nothing is mapped to (`sku + node` and `unique_id` are alternatives)."""
    given = set(mapping.fields)
    if mapping.layout is Layout.WIDE and dataset.wide is not None:
        given |= {dataset.wide.date, dataset.wide.value}
    missing = [field.name for field in dataset.fields if field.required and field.name not in given]
    if dataset.one_of and not any(given.issuperset(group) for group in dataset.one_of):
        missing.append(" or ".join(" + ".join(group) for group in dataset.one_of))
    return tuple(missing)
