"""`beltline sandbox`: the clock of the test world."""

import asyncio
import datetime as dt

import click
import msgspec

from beltline.app.commands.common import Call, command

Share = click.FloatRange(0, 1)


@click.group()
def sandbox() -> None:
    """Let time pass in the sandbox, with chosen faults."""


@sandbox.command()
@click.option("--days", required=True, type=click.IntRange(1, 60), help="How far to go.")
@click.option("--factory-late", default=0.0, type=Share, help="Share of shipments that are late.")
@click.option("--defects", default=0.0, type=Share, help="Share of units an inspection rejects.")
@click.option("--customs-hold", default=0.0, type=Share, help="Share of declarations held.")
@click.option("--lost-parcel", default=0.0, type=Share, help="Share of parcels that are lost.")
@click.option("--damaged-parcel", default=0.0, type=Share, help="Share of tracked boxes damaged.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same history.")
@command
def advance(
    call: Call,
    *,
    days: int,
    factory_late: float,
    defects: float,
    customs_hold: float,
    lost_parcel: float,
    damaged_parcel: float,
    seed: int,
) -> None:
    """Move the sandbox's clock; factories, carriers and deadlines do what they do meanwhile."""
    from beltline.app.advance import Advanced  # noqa: PLC0415
    from beltline.app.advance import advance as advance_clock  # noqa: PLC0415
    from beltline.app.database import open_database  # noqa: PLC0415
    from beltline.app.sandbox import open_sandbox  # noqa: PLC0415
    from beltline.fulfillment.types.journeys import Faults  # noqa: PLC0415

    faults = Faults(factory_late, defects, customs_hold, lost_parcel, seed, damaged_parcel)

    async def run(dsn: str) -> Advanced:
        async with open_sandbox(dsn) as database:
            until = await database.now() + dt.timedelta(days=days)
            return await advance_clock(database, until=until, faults=faults)

    with open_database(call.settings, migrating=True, log=call.say) as dsn:
        done = asyncio.run(run(dsn))
    call.answer(
        msgspec.to_builtins(done),
        f"It is {done.now:%Y-%m-%d %H:%M} UTC in the sandbox. {done.stages_ended} stages ended, "
        f"{done.questions_opened} questions opened, {done.deadlines_met} deadlines met, "
        f"{done.receipts_confirmed} receipts confirmed.",
    )
