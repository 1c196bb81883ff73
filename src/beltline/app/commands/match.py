"""`beltline match`: the same item among many, from file to file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from beltline.app.commands.common import Call, command

if TYPE_CHECKING:
    import polars as pl

PROBLEMS_SHOWN = 20
_INPUT = click.Path(exists=True, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("queries", type=_INPUT)
@click.argument("catalog", type=_INPUT)
@click.option("-o", "--output", required=True, type=_OUTPUT,
              help="Where to; the ending chooses CSV, XLSX or Parquet.")  # fmt: skip
@click.option("--top", type=click.IntRange(1, 1_000), default=10, show_default=True,
              help="How many items for each query.")  # fmt: skip
@click.option("--images", is_flag=True,
              help="QUERIES and CATALOG are folders of pictures.")  # fmt: skip
@click.option("--result", type=_OUTPUT, help="Where to list the rows that are not right.")
@command
def match(
    call: Call, *, queries: Path, catalog: Path, output: Path, top: int, images: bool,
    result: Path | None,
) -> int:  # fmt: skip
    """Find for each row of QUERIES the same item in CATALOG, without a database.

    Both files have id, title and may have brand, price, attributes, image. The answer has
    query_id, item_id, rank, score (0..1) and kind: SAME, SUBSTITUTE or SIMILAR. With --images
    both are folders of pictures, and ids are paths in them. Nothing is asked of the network.
    """
    from beltline.app import match_files  # noqa: PLC0415
    from beltline.app.progress import Bar  # noqa: PLC0415
    from beltline.kit.jobs.types import Progress  # noqa: PLC0415
    from beltline.kit.sheets.report import write_table  # noqa: PLC0415

    _check_kinds(queries, catalog, images=images)
    with Bar("match", quiet=call.as_json) as bar:

        def show(stage: str, done: int, of: int) -> None:
            bar.show(Progress(done, of, stage))

        if images:
            answer, wrong = match_files.match_files(
                match_files.list_pictures(queries), match_files.list_pictures(catalog), top=top,
                on_progress=show,
            )  # fmt: skip
            note = ""
        else:
            asked, offered = match_files.read_goods(queries), match_files.read_goods(catalog)
            matched = match_files.match_goods(
                asked, offered, top=top, folders=(queries.parent, catalog.parent),
                on_progress=show,
            )  # fmt: skip
            answer, note = matched.frame, _note(matched.by_meaning, has=matched.has_meaning)
            wrong = match_files.joined_problems(asked, offered)
    write_table(answer, output, has_bom=False)
    _tell(wrong, result or Path(f"{queries.stem}-result.csv"))
    asked_count = answer["query_id"].n_unique()
    call.answer(
        {"file": str(output), "queries": asked_count, "rows": len(answer),
         "same": int((answer["kind"] == "SAME").sum()), "problems": len(wrong)},
        f"{output}: {len(answer):,} rows for {asked_count:,} queries. {note}",
    )  # fmt: skip
    return 0


def _check_kinds(queries: Path, catalog: Path, *, images: bool) -> None:
    for path in (queries, catalog):
        if path.is_dir() != images:
            wish = "a folder of pictures" if images else "a file (folders need --images)"
            raise click.BadParameter(f"{path} is not {wish}")


def _note(by_meaning: int, *, has: bool) -> str:
    if not has:
        return "Words only: for other languages install beltline[search]."
    if by_meaning:
        return f"{by_meaning:,} queries share no words with the catalog: ranked by meaning."
    return ""


def _tell(wrong: "pl.DataFrame", target: Path) -> None:
    """List rows that are not right on stderr and in a file."""
    from beltline.kit.sheets.report import write_table  # noqa: PLC0415

    for row in wrong.head(PROBLEMS_SHOWN).iter_rows(named=True):
        place = f" row {row['row']}" if row["row"] else ""
        click.echo(f"{row['file']}{place}, {row['column']}: {row['code']} {row['message']}",
                   err=True)  # fmt: skip
    if len(wrong) > PROBLEMS_SHOWN:
        click.echo(f"… and {len(wrong) - PROBLEMS_SHOWN:,} more", err=True)
    if len(wrong):
        write_table(wrong, target)
        click.echo(f"the rows that are not right are listed in {target}", err=True)
