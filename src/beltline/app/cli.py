"""The command `beltline`: one small file a command in `commands/`, loaded when it is called."""

import os

# Before any import of numba or LightGBM: idle threads must sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # child processes inherit it

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

# Command -> (module in `commands`, its function, its line in the help).
COMMANDS = {
    "demo": ("demo", "demo", "Start everything with a seeded world to look at."),
    "serve": ("serve", "serve", "Serve the pages and the API."),
    "worker": ("worker", "worker", "Publish events, run jobs and schedules."),
    "migrate": ("migrate", "migrate", "Bring the database up to date."),
    "org": ("org", "org", "Add the operator and buyers, and list who takes part."),
    "import": ("imports", "import_", "Bring rows in from CSV, XLSX or Parquet."),
    "export": ("imports", "export", "Write rows or a template to a file."),
    "plan": ("plan", "plan", "Forecast demand, set stock targets, propose purchases."),
    "forecast": ("plan", "forecast", "Forecast from a file to a file, without a database."),
    "replenish": ("plan", "replenish", "Propose purchases from files, without a database."),
    "match": ("match", "match", "Find the same item in two lists of goods."),
    "key": ("key", "key", "Make, list and revoke API keys."),
    "sandbox": ("sandbox", "sandbox", "Let time pass in the sandbox."),
    "backup": ("backup", "backup", "Write all data to one file."),
    "restore": ("backup", "restore", "Bring a backup back."),
    "doctor": ("doctor", "doctor", "Say what is wrong with this installation."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order they are listed above."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        loaded = importlib.import_module(f"beltline.app.commands.{module}")
        command: click.Command = getattr(loaded, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the help, without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path),
    help="The data folder; also BELTLINE_DATA.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
@click.version_option(package_name="beltline", prog_name="beltline")
@click.pass_context
def beltline(ctx: click.Context, data: Path | None, *, as_json: bool) -> None:
    """One dependable supply network out of thousands of small factories.

    `beltline demo` starts a world to look at; `beltline doctor` says what is wrong.
    """
    ctx.obj = {"data": data, "as_json": as_json}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 refused with a reason on stderr, 2 usage."""
    try:
        code = beltline.main(
            args=None if arguments is None else list(arguments), standalone_mode=False
        )
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the outermost frame of every command
        from beltline.app.commands.common import refuse  # noqa: PLC0415

        sys.exit(refuse(error, as_json="--json" in (arguments or sys.argv[1:])))
    sys.exit(code if isinstance(code, int) else 0)
