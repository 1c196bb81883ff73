"""Progress in a terminal: one bar a piece of work, on stderr."""

import types
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from beltline.kit.jobs.types import Progress as JobProgress


class Bar:
    """A bar with done, share and time; plain lines where stderr is no terminal."""

    def __init__(self, title: str, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self._is_plain = not self._console.is_terminal
        self._title = title
        self._latest = ""
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
            TextColumn("{task.fields[note]}"), TimeElapsedColumn(),
            console=self._console, transient=True, disable=self._is_plain or quiet,
        )  # fmt: skip
        self._task = self._progress.add_task(title, total=None, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, progress: JobProgress) -> None:
        """Move the bar to what a job says of itself."""
        self._progress.update(
            self._task, completed=progress.done, total=progress.total, note=progress.message
        )
        if self._is_plain and progress.message != self._latest:
            self._latest = progress.message
            self._console.print(f"{self._title}: {progress.message or 'done'}", style=None)

    def say(self, text: str, share: float) -> None:
        """Move the bar to a share (0 to 1) of the whole, with a note."""
        self.show(JobProgress(int(share * 100), 100, text))
