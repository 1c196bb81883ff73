"""Files as people really have them, made on the fly."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

from beltline.kit.sheets.convert import convert
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.mapping import override, sample, suggest
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.types import Converted, Mapping, Table


def text_file(folder: Path, text: str, *, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(
    folder: Path,
    rows: Sequence[Any],
    *,
    merged: Sequence[str] = (),
    name: str = "file.xlsx",
    title: str = "Sheet1",
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(folder / name)
    return folder / name


def repacked(path: Path, member: str, content: bytes) -> Path:
    """The same archive with one member replaced."""
    with zipfile.ZipFile(path) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    members[member] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in members.items():
            archive.writestr(each, data)
    return path


def mapped(table: Table, dataset: str, *columns: str, constants: Sequence[str] = ()) -> Mapping:
    suggested = suggest(table.headers, sample(table), DATASETS[dataset])
    return override(
        suggested, table.headers, DATASETS[dataset], columns=columns, constants=constants
    )


def imported(path: Path, dataset: str, *columns: str, constants: Sequence[str] = ()) -> Converted:
    table = read_table(path)
    mapping = mapped(table, dataset, *columns, constants=constants)
    return convert(table, mapping, DATASETS[dataset])
