"""`beltline doctor`: what is wrong, and how to mend it."""

import click

from beltline.app.commands.common import Call, command

_MARKS = {"OK": "ok    ", "WARN": "warn  ", "BROKEN": "BROKEN"}


@click.command()
@command
def doctor(call: Call) -> int:
    """Look at this installation and change nothing. Exit code 1 when something is broken."""
    import asyncpg  # noqa: PLC0415

    from beltline.app import doctor as examination  # noqa: PLC0415
    from beltline.app.database import open_unchecked  # noqa: PLC0415
    from beltline.kit.errors import Refusal, Transient  # noqa: PLC0415

    findings = list(examination.examine_machine(call.settings))
    try:
        with open_unchecked(call.settings, log=call.say) as dsn:
            findings += examination.read_database(dsn)
    except (Refusal, Transient, OSError, ValueError, asyncpg.PostgresError) as error:
        findings.append(examination.unreachable(error))
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]} {finding.name}: {finding.found}")
        if finding.mend:
            lines.append(f"       -> {finding.mend}")
    broken = any(finding.state == "BROKEN" for finding in findings)
    call.answer({"healthy": not broken, "findings": findings}, "\n".join(lines))
    return 1 if broken else 0
