"""`beltline demo`: a network with real demand, its plan, its pages; one command, one Ctrl-C."""

import asyncio
import functools
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import click

from beltline.app.commands.common import Call, command
from beltline.app.processes import die_with_parent


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
@click.option(
    "--world", default="tafeng", show_default=True, type=click.Choice(["tafeng", "journey"]),
    help="Which demand: real Ta Feng baskets, or simulated promotion-rich weeks.",
)  # fmt: skip
@click.option("--reset", is_flag=True, help="Take the demo out of the database and begin again.")
@click.option("--prepare", is_flag=True, help="Fill the database and stop, serve nothing.")
@command
def demo(call: Call, *, host: str, port: int, world: str, reset: bool, prepare: bool) -> int:
    """Start everything with a network to look at, and stop it with Ctrl-C.

    The second start finds the data and is up in seconds.
    """
    from beltline.app.database import open_database, open_server  # noqa: PLC0415
    from beltline.app.demo.reset import reset as reset_database  # noqa: PLC0415
    from beltline.app.demo.state import demo_password  # noqa: PLC0415

    # Also where a script started this in the background, which makes a shell ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    folder = call.settings.data / "demo"
    with open_server(call.settings, log=call.say) as dsn:
        if reset:
            asyncio.run(reset_database(dsn))
        with open_database(call.settings, migrating=True, log=call.say) as same:
            password = demo_password(folder)
            state = _prepare(call, same, folder / world, world, password)
            if prepare:
                call.answer({"world": world}, f"The demo world “{world}” is ready.")
                return 0
            return _run(call, host, port, password, state)


def _prepare(call: Call, dsn: str, folder: Path, world: Any, password: str) -> Any:
    from beltline.app.demo.state import find_demo  # noqa: PLC0415
    from beltline.app.progress import Bar  # noqa: PLC0415
    from beltline.app.sandbox import open_live  # noqa: PLC0415

    async def run() -> Any:
        async with open_live(dsn, pool_size=4) as database:
            found = await find_demo(database, world)
            if found is not None:
                return found
            with Bar("demo", quiet=call.as_json) as bar:
                # Numerics: seconds of loading that a second start does without.
                from beltline.app.demo.setup import prepare  # noqa: PLC0415

                return await prepare(
                    database, folder, world_name=world, password=password,
                    progress=lambda share, text: bar.say(text, share),
                )  # fmt: skip

    return asyncio.run(run())


def _run(call: Call, host: str, port: int, password: str, state: Any) -> int:
    """Web and worker as children; the first of them that ends, or Ctrl-C, ends all."""
    from beltline.app.demo.state import PEOPLE  # noqa: PLC0415

    children = [
        _child(call, "worker"),
        _child(call, "serve", "--host", host, "--port", str(port), stdout=subprocess.PIPE),
    ]
    ended = threading.Event()
    for child in children:
        threading.Thread(target=_watch, args=(child, ended), daemon=True).start()
    try:
        ready = children[1].stdout.readline().strip() if children[1].stdout else ""
        if ready:
            call.say(f"\nThe demo world “{state.world}”. Sign in with one of")
            for _, email, name, role, _ in PEOPLE:
                call.say(f"  {email:<26} {name}, {role.lower()}")
            call.say(f"  password: {password}\n")
            for note in state.facts.notes:
                call.say(f"  {note.part.lower()}: {note.en}")
            call.answer({"ready": ready.removeprefix("ready: ")}, ready)
            sys.stdout.flush()
        ended.wait()
    except KeyboardInterrupt:
        call.say("\nStopping.")
        return 0
    finally:
        _stop(children)
    return 1


def _child(
    call: Call, *arguments: str, stdout: int = subprocess.DEVNULL
) -> "subprocess.Popen[str]":
    """One of our own commands in a session of its own, that ends when this process does."""
    return subprocess.Popen(  # noqa: S603 - this program itself
        [sys.executable, "-m", "beltline", "--data", str(call.settings.data), *arguments],
        stdout=stdout, text=True, start_new_session=True,
        preexec_fn=functools.partial(die_with_parent, os.getpid(), signal.SIGTERM),  # noqa: PLW1509
    )  # fmt: skip


def _watch(child: "subprocess.Popen[str]", ended: threading.Event) -> None:
    child.wait()
    ended.set()


def _stop(children: "list[subprocess.Popen[str]]") -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
