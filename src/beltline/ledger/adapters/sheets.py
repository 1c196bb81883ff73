"""A statement as a file: its lines, then the sums they come to."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from beltline.kit.clock import day_of
from beltline.kit.money import to_major
from beltline.ledger.types import Settlement, SettlementItem

Format = Literal["csv", "xlsx"]
FORMATS: Final[Mapping[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def rows_of(
    statement: Settlement, items: Sequence[SettlementItem]
) -> list[dict[str, str | int | None]]:
    """The rows of the file; amounts are exact texts in major units."""
    rows: list[dict[str, str | int | None]] = [
        _row(
            statement, item.kind, item.amount, date=day_of(item.at).isoformat(),
            reference=item.reference, sku=item.sku, quantity=item.quantity,
            rate=None if item.rate_ppm is None else f"{item.rate_ppm / 10_000:.4f} %",
            commission=_major(item.commission, statement),
        )
        for item in items
    ]  # fmt: skip
    for kind, amount in (
        ("OPENING", statement.opening), ("EARNED", statement.earned),
        ("TAKEN_BACK", statement.taken_back), ("COMMISSION", -statement.commission),
        ("CLOSING", statement.closing),
    ):  # fmt: skip
        rows.append(_row(statement, kind, amount, date=day_of(statement.ends).isoformat()))
    return rows


def _row(
    statement: Settlement, kind: str, amount: int, **cells: str | int | None
) -> dict[str, str | int | None]:
    return {
        "statement": statement.number, "supplier": statement.supplier, "kind": kind,
        "date": None, "reference": None, "sku": None, "quantity": None,
        "amount": _major(amount, statement), "rate": None, "commission": None,
        "currency": statement.currency,
    } | cells  # fmt: skip


def _major(amount: int, statement: Settlement) -> str:
    return f"{to_major(amount, statement.currency):f}"


def write(statement: Settlement, items: Sequence[SettlementItem], file_format: Format) -> bytes:
    """The file. Takes its time with many lines: call it in a thread."""
    # Loaded when a file is asked for: the web process does without until then.
    import polars as pl  # noqa: PLC0415

    from beltline.kit.sheets.report import write_table  # noqa: PLC0415

    rows = rows_of(statement, items)
    exact = pl.Decimal(None, 3)
    frame = pl.DataFrame(rows, infer_schema_length=None, orient="row").with_columns(
        pl.col("amount").cast(exact), pl.col("commission").cast(pl.String).cast(exact)
    )
    with tempfile.TemporaryDirectory(prefix="beltline-statement-") as folder:
        path = Path(folder) / f"statement.{file_format}"
        write_table(frame, path)
        return path.read_bytes()
