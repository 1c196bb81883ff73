"""Staging: imported rows stand in a temporary table first, then move in one statement.

COPY cannot write a table under row-level security, and set-based SQL checks references and finds
what is new, changed or the same for a million rows at once. The columns are those of the data
set's canonical form plus `row`, the row's number in the file, by which problems are named.
"""

from collections.abc import Mapping, Sequence

import msgspec

from beltline.kit.db import Writer


class RowProblem(msgspec.Struct, frozen=True):
    """Why one row was left out: `message` says what is wrong, `remedy` what would be right.

    Both are marked for translation; `message` may have a place for `{value}`.
    """

    row: int
    column: str
    code: str
    value: str
    message: str
    remedy: str


class Imported(msgspec.Struct, frozen=True):
    """What one batch did. Rows with problems changed nothing."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: Sequence[RowProblem] = ()

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            (*self.problems, *other.problems),
        )


class Reference(msgspec.Struct, frozen=True):
    """A staged column that must name something known.

    `known` is a SQL condition over the staged row `i`; an empty cell passes unless the data
    set's own rules refused it before. `message` and `remedy` are those of `RowProblem`.
    """

    column: str
    code: str
    message: str
    known: str
    remedy: str


async def stage(
    db: Writer, name: str, types: Mapping[str, str], columns: Sequence[str], csv: bytes
) -> int:
    """COPY headerless CSV (`row` first, then `columns`) into a fresh temporary table.

    `types` maps every column the import knows to its SQL type; those the file lacks are null.
    """
    declared = ", ".join(f"{column} {type_}" for column, type_ in types.items())
    await db.execute(f"drop table if exists pg_temp.{name}")
    await db.execute(f"create temporary table {name} (row bigint, {declared}) on commit drop")
    loaded = await db.copy_csv(name, ["row", *columns], csv)
    await db.execute(f"analyze {name}")
    return loaded


async def refuse_unknown(
    db: Writer, name: str, references: Sequence[Reference]
) -> list[RowProblem]:
    """Take the rows whose references lead nowhere out of the staged table, and say why."""
    problems = []
    for reference in references:
        problems += await db.rows(
            RowProblem,
            f"""delete from {name} i
                 where {reference.column} is not null and not ({reference.known})
                returning row, $1 as column, $2 as code, {reference.column}::text as value,
                          $3 as message, $4 as remedy""",
            reference.column,
            reference.code,
            reference.message,
            reference.remedy,
        )
    return problems


async def merge(db: Writer, name: str, sql: str, *args: object) -> Imported:
    """Run an upsert that ends in `returning (xmax = 0)`; what it inserted, updated, left as is.

    The upsert's DO UPDATE must be conditional on a difference, so that rows which are already
    as the file says return nothing.
    """
    staged = int(await db.value(f"select count(*) from {name}"))
    fresh = await db.values(sql, *args)
    inserted = sum(1 for is_new in fresh if is_new)
    return Imported(inserted, len(fresh) - inserted, staged - len(fresh))
