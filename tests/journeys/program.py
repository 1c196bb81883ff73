"""The real program: its commands, the demo as a process of its own, and what it leaves behind."""

import contextlib
import functools
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from beltline.app.processes import die_with_parent
from tests.browser import ROOT

BELTLINE = (sys.executable, "-m", "beltline")
PREPARE_S = 900.0
START_S = 120.0


def environment(**more: str) -> dict[str, str]:
    """This environment without what would configure the program."""
    ours = ("BELTLINE_", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **more}


def run(*arguments: str, timeout: float = START_S, **more: str) -> subprocess.CompletedProcess[str]:
    """One command from start to end, whatever its exit code."""
    return subprocess.run(
        [*BELTLINE, *arguments],
        capture_output=True, text=True, check=False, timeout=timeout, env=environment(**more),
    )  # fmt: skip


def run_well(*arguments: str, timeout: float = START_S, **more: str) -> str:
    """What a command that must succeed writes to stdout."""
    done = run(*arguments, timeout=timeout, **more)
    assert done.returncode == 0, (arguments, done.stdout[-4_000:], done.stderr[-4_000:])
    return done.stdout


@contextlib.contextmanager
def reachable_folder(prefix: str) -> Iterator[Path]:
    """A folder that the database's own account may enter, on a disk with room for a demo."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


class Program:
    """A command of ours that runs until it is stopped and says `ready: URL` on the way.

    It leads a process group of its own, so that Ctrl-C can be sent as a terminal sends it.
    """

    def __init__(self, *arguments: str, **more: str) -> None:
        self._arguments = arguments
        self._environment = environment(**more)
        self.url = ""

    def start(self, *, within: float = START_S) -> float:
        """Start it; how many seconds passed until it was ready."""
        began = time.monotonic()
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed when the process has ended  # noqa: SIM115 - closed when it ends
        self._process = subprocess.Popen(
            [*BELTLINE, *self._arguments],
            stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True,
            env=self._environment, cwd="/",
            # A test run that is killed leaves nothing running either.
            preexec_fn=functools.partial(die_with_parent, os.getpid(), signal.SIGTERM),  # noqa: PLW1509
        )  # fmt: skip
        lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=_read, args=(self._process, lines), daemon=True)
        self._reader.start()
        while True:
            left = began + within - time.monotonic()
            try:
                line = lines.get(timeout=max(left, 0.01))
            except queue.Empty:
                line = ""
            if not line:
                said = self.said()
                self.kill()
                raise AssertionError(f"{self._arguments} is not ready: {said}")
            if line.startswith("ready: "):
                self.url = line.removeprefix("ready: ").strip()
                return time.monotonic() - began

    def said(self) -> str:
        """The end of what it wrote to stderr."""
        self._log.seek(0)
        return self._log.read()[-4_000:]

    def processes(self) -> list[psutil.Process]:
        """Itself and everything it started that runs now."""
        leader = psutil.Process(self._process.pid)
        return [leader, *leader.children(recursive=True)]

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Send a signal to its group, as Ctrl-C does; its exit code and how long it took."""
        began = time.monotonic()
        os.killpg(self._process.pid, number)
        code = self._process.wait(60)
        took_s = time.monotonic() - began
        self._close()
        return code, took_s

    def kill(self) -> None:
        """End it at once and for certain, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def _close(self) -> None:
        self._reader.join(10)
        self._log.close()

    @property
    def pid(self) -> int:
        """The id of the command's process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None


def processes_of(data: Path) -> list[str]:
    """The command lines of all processes that name a data folder, or work in it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            told: list[Any] = [*words, process.cwd()]
            if any(str(data) in str(word) for word in told):
                found.append(f"{process.pid}: {' '.join(words)}")
    return found


def _read(process: "subprocess.Popen[str]", lines: "queue.Queue[str]") -> None:
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            lines.put(line)
    lines.put("")
