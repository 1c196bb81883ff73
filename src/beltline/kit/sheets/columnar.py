"""Parquet: the file's own column names and types, nested columns left out."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beltline.kit.sheets.output import ROW
from beltline.kit.sheets.wire import FileKind, LeftOut, Outcome, Request, check_size, refuse

_BATCH_ROWS = 65_536


def read_parquet(request: Request) -> Outcome:
    """Write the columns of a Parquet file to `request.output`."""
    with pq.ParquetFile(request.path) as file:
        about = file.metadata
        check_size(rows=about.num_rows, columns=about.num_columns, limits=request.limits)
        _check_unpacked(about, request)
        kept = {field.name: kind for field in file.schema_arrow if (kind := _plain(field.type))}
        dropped = [name for name in file.schema_arrow.names if name not in kept]
        if not kept:
            refuse("NO_CELLS")
        rows = _copy(file, kept, Path(request.output))
    return Outcome(
        kind=FileKind.PARQUET,
        headers=tuple(kept),
        header_row=0,
        rows=rows,
        native_numbers=tuple(rows if _is_number(kind) else 0 for kind in kept.values()),
        left_out=tuple(LeftOut(f"column {name}", "NESTED_COLUMN") for name in dropped),
    )


def _check_unpacked(about: Any, request: Request) -> None:
    unpacked = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
    if unpacked > request.limits.unpacked_bytes_max:
        packed = max(Path(request.path).stat().st_size, 1)
        refuse("UNPACKS_TOO_LARGE", unpacked=f"{unpacked:,}", ratio=f"{unpacked // packed:,}")


def _plain(kind: Any) -> Any:
    """The type a column is written with, or None where it holds no single values."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_float16(kind):
        return pa.float32()
    is_plain = (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal128(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
    )
    return kind if is_plain else None


def _is_number(kind: Any) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _copy(file: Any, kept: dict[str, Any], output: Path) -> int:
    fields = [pa.field(f"c{at}", kind) for at, kind in enumerate(kept.values())]
    schema = pa.schema([pa.field(ROW, pa.int64()), *fields])
    written = 0
    with pa.OSFile(str(output), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=list(kept)):
            numbers = pa.array(range(written + 1, written + batch.num_rows + 1), pa.int64())
            columns = [batch.column(name).cast(kind) for name, kind in kept.items()]
            writer.write_batch(pa.RecordBatch.from_arrays([numbers, *columns], schema=schema))
            written += batch.num_rows
    return written
