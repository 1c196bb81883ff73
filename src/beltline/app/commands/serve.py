"""`beltline serve`: pages and API."""

import click

from beltline.app.commands.common import Call, command
from beltline.app.environment import with_changes


@click.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 unless set.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 8000 unless set, 0 for any.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; 1 unless set.")
@command
def serve(call: Call, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve until Ctrl-C. Prints `ready: http://HOST:PORT` when it can take requests."""
    from beltline.app.database import open_database  # noqa: PLC0415
    from beltline.app.web.server import serve as run  # noqa: PLC0415

    settings = with_changes(call.settings, "web", host=host, port=port, workers=workers)
    with open_database(settings, migrating=True, log=call.say) as dsn:
        run(settings, dsn, on_ready=lambda url: call.answer({"ready": url}, f"ready: {url}"))
