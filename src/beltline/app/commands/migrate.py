"""`beltline migrate`: bring the database up to date."""

import click

from beltline.app.commands.common import Call, command
from beltline.app.database import apply_migrations, open_server


@click.command()
@command
def migrate(call: Call) -> None:
    """Apply the migrations this version brings and the database has not run yet."""
    with open_server(call.settings, log=call.say) as dsn:
        applied = [f"{m.module} {m.number:04d}_{m.name}" for m in apply_migrations(dsn)]
    call.answer({"applied": applied}, "\n".join(applied) or "Up to date.")
