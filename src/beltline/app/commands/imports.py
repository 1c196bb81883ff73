"""`beltline import` and `beltline export`: rows in from files, rows and templates out."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from beltline.app.commands.common import Call, command


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dataset", help="What the files hold; told from name and columns unless given.")
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD",
              help="Take a column for a field: 日期=ds. `备注=` leaves it out.")  # fmt: skip
@click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE",
              help="Fill a field of every row: currency=CNY.")  # fmt: skip
@click.option("--sheet", help="The sheet of a workbook; the first one with rows unless given.")
@click.option("--create-missing", is_flag=True,
              help="Make SKUs, nodes and suppliers that the file names and nobody knows yet.",
              )  # fmt: skip
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="The day of column d_1, where the columns are numbered days.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would happen, change nothing.")
@click.option("--strict", is_flag=True, help="All rows or none: exit 1 and change nothing.")
@click.option("--result", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write the list of rows that are not right.")  # fmt: skip
@click.option("--org", default="operator", show_default=True, help="For which organization.")
@command
def import_(call: Call, files: tuple[Path, ...], *, org: str, **wishes: Any) -> int:
    """Bring rows in from CSV, XLSX or Parquet FILES.

    Good rows are kept and bad ones listed (exit 0), unless --strict. The same file twice changes
    nothing. A killed import goes on where it was when it is started again.
    """
    from beltline.app.database import open_database  # noqa: PLC0415

    with open_database(call.settings, migrating=True, log=call.say) as dsn:
        outcomes = asyncio.run(_import_all(call, dsn, files, org, wishes))
    call.answer(outcomes, "")
    return 0


async def _import_all(
    call: Call, dsn: str, files: tuple[Path, ...], org: str, wishes: dict[str, Any]
) -> list[Any]:
    # Polars and the loaders: not for `beltline --help`.
    from beltline.accounts import actions, queries  # noqa: PLC0415
    from beltline.app.imports.inline import ImportRequest, import_path  # noqa: PLC0415
    from beltline.app.imports.types import StrictImportRefused  # noqa: PLC0415
    from beltline.app.progress import Bar  # noqa: PLC0415
    from beltline.app.sandbox import open_live  # noqa: PLC0415

    result = wishes.pop("result")
    first_day = wishes.pop("first_day")
    wishes["first_day"] = first_day.date() if first_day else None
    outcomes = []
    async with open_live(dsn, pool_size=3) as database:
        async with database.system() as db:
            organization = await queries.get_organization(db, org)
        actor = actions.system_actor(organization, "command line")
        for path in files:
            try:
                with Bar(path.name, quiet=call.as_json) as bar:
                    outcome = await import_path(
                        database, actor, ImportRequest(path=path, **wishes), on_progress=bar.show
                    )
            except StrictImportRefused as refused:
                await _list_problems(call, database, path.name, refused.result_file_id, result)
                raise
            outcomes.append(outcome)
            await _tell(call, database, outcome, result)
    return outcomes


async def _tell(call: Call, database: Any, outcome: Any, result: Path | None) -> None:
    would = "would be " if outcome.dry_run else ""
    call.say(
        f"{outcome.file_name} ({outcome.dataset}): {outcome.rows:,} rows, "
        f"{outcome.inserted:,} {would}added, {outcome.updated:,} {would}changed, "
        f"{outcome.unchanged:,} unchanged, {outcome.bad_rows:,} not right"
    )
    if outcome.created:
        call.say(f"  {outcome.created:,} SKUs, nodes and suppliers {would}made for them")
    for column in outcome.columns:
        call.say(f"  {column.column} -> {column.field or '(left out)'}  {column.reason}")
    if outcome.result_file_id is not None:
        await _list_problems(call, database, outcome.file_name, outcome.result_file_id, result)


async def _list_problems(
    call: Call, database: Any, file_name: str, file_id: UUID | str, result: Path | None
) -> None:
    """Write the list of rows that are not right where it was asked for, or beside."""
    from beltline.kit.files import fetch_file  # noqa: PLC0415

    target = result or Path(f"{Path(file_name).stem}-result.csv")
    async with database.system() as db:
        await fetch_file(db, UUID(str(file_id)), target)
    call.say(f"  the rows that are not right are listed in {target}")


@click.command()
@click.argument("dataset", required=False)
@click.option("--template", "is_template", is_flag=True, help="An empty file to fill in.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to; the ending chooses CSV, XLSX or Parquet.")  # fmt: skip
@command
def export(call: Call, dataset: str | None, *, is_template: bool, output: Path | None) -> int:
    """Write rows of a DATASET, or with --template a file to fill in.

    A template shows the headers, one example row and, in XLSX, what each column means.
    """
    from beltline.app.imports.loaders import LOADERS, get_dataset  # noqa: PLC0415

    if dataset is None:
        call.answer({"datasets": list(LOADERS)}, "\n".join(LOADERS))
        return 0
    known = get_dataset(dataset)
    target = output or Path(f"{dataset}{'-template' if is_template else ''}.xlsx")
    if is_template:
        from beltline.kit.sheets.report import template  # noqa: PLC0415

        template(known, target)
        rows = 1
    else:
        rows = _export_rows(call, dataset, target)
    call.answer({"file": str(target), "rows": rows}, f"{target}: {rows:,} rows")
    return 0


def _export_rows(call: Call, dataset: str, target: Path) -> int:
    from beltline.app.database import open_database  # noqa: PLC0415
    from beltline.app.imports.export import export_rows  # noqa: PLC0415

    with open_database(call.settings, migrating=True, log=call.say) as dsn:
        return asyncio.run(export_rows(dsn, dataset, target))
