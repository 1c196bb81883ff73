"""Files of counted figures: a sheet to fill in, and a filled one as text by row."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from beltline.inventory.types.counts import CountLine

Rows = list[tuple[int, dict[str, str | None]]]


def read_sheet(content: bytes, name: str) -> tuple[tuple[str, ...], Rows]:
    """The headers and rows of a CSV or XLSX file; takes its time, call it in a thread."""
    # Loaded when a file comes: the web process does without until then.
    from beltline.kit.sheets.reading import read_table  # noqa: PLC0415
    from beltline.kit.sheets.types import ROW  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="beltline-count-") as folder:
        path = Path(folder) / f"sheet{Path(name).suffix[:10]}"
        path.write_bytes(content)
        table = read_table(path, name=name[:200])
    return table.headers, [
        (row[ROW], {header: None if cell is None else str(cell) for header, cell in row.items()})
        for row in table.frame.iter_rows(named=True)
    ]


def write_sheet(lines: Sequence[CountLine], *, is_shown: bool) -> bytes:
    """A sheet to count by as XLSX, in base units; what the books say only where `is_shown`."""
    import polars as pl  # noqa: PLC0415

    from beltline.kit.sheets.report import write_table  # noqa: PLC0415

    rows = [
        {"sku": line.sku, "title": line.sku_title_zh or line.sku_title, "owner": line.owner,
         "expected": line.expected, "counted": line.counted}
        for line in lines
    ]  # fmt: skip
    whole = {"expected": pl.Int64, "counted": pl.Int64}
    frame = pl.DataFrame(rows, schema_overrides=whole, infer_schema_length=None)
    with tempfile.TemporaryDirectory(prefix="beltline-count-") as folder:
        path = Path(folder) / "sheet.xlsx"
        write_table(frame if is_shown else frame.drop("expected"), path)
        return path.read_bytes()
