"""`beltline backup` and `beltline restore`: all data in one file, and back."""

import asyncio
from pathlib import Path

import click

from beltline.app.commands.common import Call, command
from beltline.kit.clock import system_now


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@command
def backup(call: Call, target: Path) -> None:
    """Write all data to TARGET, a new file. The system may go on working meanwhile."""
    from beltline.app.database import open_server  # noqa: PLC0415
    from beltline.kit.postgres import dump  # noqa: PLC0415

    with open_server(call.settings, log=call.say) as dsn:
        manifest = dump.backup(dsn, target, now=system_now())
    call.answer(manifest, f"{target}: {manifest.size_bytes:,} bytes, sha256 {manifest.sha256}")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Drop what the database holds now.")
@command
def restore(call: Call, source: Path, *, replace: bool) -> None:
    """Bring the backup SOURCE back, wholly or not at all. Stop web and worker before."""
    from beltline.app.database import apply_migrations, open_server  # noqa: PLC0415
    from beltline.kit.migrate import create_roles  # noqa: PLC0415
    from beltline.kit.postgres import dump  # noqa: PLC0415

    with open_server(call.settings, log=call.say) as dsn:
        asyncio.run(create_roles(dsn))
        manifest = dump.restore(dsn, source, replace=replace)
        applied = apply_migrations(dsn, log=call.say)
    text = f"Restored what was written at {manifest.created_at:%Y-%m-%d %H:%M} UTC."
    call.answer({"restored": manifest, "migrations_applied": len(applied)}, text)
