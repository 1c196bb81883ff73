"""The child's result file: Arrow IPC batches of source row numbers and cells."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from beltline.kit.sheets.wire import CellIssue, Limits, check_size, refuse

ROW = "__row__"


class Output:
    """Writes batches as they come, so that memory does not grow with the file."""

    def __init__(self, path: Path, *, names: Sequence[str], limits: Limits) -> None:
        self.issues: list[CellIssue] = []
        self.rows = 0
        self._limits = limits
        self._width = len(names)
        self._schema = pa.schema(
            [pa.field(ROW, pa.int64())] + [pa.field(name, pa.large_string()) for name in names]
        )
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._file.close()

    def note(self, issue: CellIssue) -> None:
        """Keep an issue; a file of nothing but issues is refused."""
        self.issues.append(issue)
        if len(self.issues) > self._limits.issues_max:
            refuse("TOO_MANY_ISSUES", most=f"{self._limits.issues_max:,}")

    def write(self, numbers: Any, columns: Sequence[Any]) -> None:
        """Write one batch of text columns: trimmed, blanks as null, endless cells as issues."""
        self.rows += len(numbers)
        check_size(rows=self.rows, columns=self._width, limits=self._limits)
        numbers = pa.array(numbers, pa.int64())
        cells = [self._tidy(column, numbers, position) for position, column in enumerate(columns)]
        self._writer.write_batch(pa.RecordBatch.from_arrays([numbers, *cells], schema=self._schema))

    def _tidy(self, column: Any, numbers: Any, position: int) -> Any:
        text = pc.utf8_trim_whitespace(column).cast(pa.large_string())
        most = self._limits.cell_chars_max
        longest = pc.max(pc.binary_length(text)).as_py() or 0
        drop = pc.equal(text, "")
        if longest > most:
            endless = pc.fill_null(pc.greater(pc.utf8_length(text), most), fill_value=False)
            for at in pc.indices_nonzero(endless).to_pylist():
                start = text[at].as_py()[:40]
                self.note(CellIssue(numbers[at].as_py(), position, "CELL_TOO_LONG", f"{start}…"))
            drop = pc.or_(drop, endless)
        return pc.if_else(drop, pa.scalar(None, pa.large_string()), text)
