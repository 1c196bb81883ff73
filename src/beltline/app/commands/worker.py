"""`beltline worker`: events, jobs, schedules."""

import asyncio

import click

from beltline.app.commands.common import Call, command
from beltline.app.environment import with_changes


@click.command()
@click.option("--id", "worker_id", help="The worker's lasting name; worker-0 unless set.")
@command
def worker(call: Call, worker_id: str | None) -> None:
    """Publish events, run jobs and schedules until Ctrl-C.

    Each worker keeps its own name for good: a restarted one takes up its own work.
    """
    from beltline.app.database import open_database  # noqa: PLC0415
    from beltline.app.logs import configure_logs  # noqa: PLC0415
    from beltline.app.worker import run_worker  # noqa: PLC0415

    settings = with_changes(call.settings, "worker", id=worker_id)
    configure_logs(settings.log)
    with open_database(settings, migrating=True, log=call.say) as dsn:
        ready = {"ready": settings.worker.id}
        asyncio.run(
            run_worker(
                settings, dsn,
                on_ready=lambda: call.answer(ready, f"ready: {settings.worker.id}"),
            )
        )  # fmt: skip
