"""What every command shares: `--data` and `--json` on both sides of its name, and answers."""

import functools
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from beltline.app.environment import read_settings
from beltline.app.settings import Settings
from beltline.kit.errors import Refusal, Transient


class Call(msgspec.Struct, frozen=True):
    """How a command was called: its settings, and whether a program reads the answer."""

    settings: Settings
    as_json: bool

    def say(self, text: str) -> None:
        """A line about progress, on stderr."""
        if not self.as_json:
            click.echo(text, err=True)

    def answer(self, value: Any, text: str) -> None:
        """The result on stdout: `value` as JSON for a program, `text` for a person."""
        if self.as_json:
            click.echo(msgspec.json.encode(value).decode())
        elif text:
            click.echo(text)


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command `--data` and `--json`, and its function a `Call` in their place."""

    @click.option(
        "--data", type=click.Path(file_okay=False, path_type=Path),
        help="The data folder; also BELTLINE_DATA.",
    )  # fmt: skip
    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
    @functools.wraps(function)
    def wrapped(*args: Any, data: Path | None, as_json: bool, **options: Any) -> Any:
        above = click.get_current_context().find_object(dict) or {}
        call = Call(
            read_settings(data=data or above.get("data")),
            as_json=as_json or bool(above.get("as_json")),
        )
        return function(call, *args, **options)

    return wrapped


def refuse(error: Exception, *, as_json: bool) -> int:
    """Say on stderr why a command was refused or failed; its exit code.

    A program reads the last line; what is our mistake stands above it, for those who mend it.
    """
    if as_json:
        # Loads the web's error types, which a person's message does not need.
        from beltline.app.problems import BUG, problem_of  # noqa: PLC0415

        problem = problem_of(error)
        if problem.code == BUG.code:
            traceback.print_exception(error)
        sys.stderr.write(json.dumps(problem.as_json(""), ensure_ascii=False) + "\n")
    elif isinstance(error, Refusal):
        sys.stderr.write(f"beltline: {error.message}\n")
    elif isinstance(error, Transient):
        sys.stderr.write(f"beltline: {error}; try again in a moment\n")
    else:
        traceback.print_exception(error)
        sys.stderr.write("beltline: this is a mistake in Beltline, not yours\n")
    return 1
