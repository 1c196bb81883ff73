"""`beltline doctor`: what is wrong, and how to mend it."""

import os
import subprocess

import click

from beltline.app.commands.common import Call, command

_MARKS = {"OK": "ok    ", "WARN": "warn  ", "BROKEN": "BROKEN"}


@click.command()
@click.option("--psql", is_flag=True, help="Open psql on the database instead.")
@command
def doctor(call: Call, *, psql: bool) -> int:
    """Look at this installation and change nothing. Exit code 1 when something is broken."""
    return _open_psql(call) if psql else _examine(call)


def _examine(call: Call) -> int:
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


def _open_psql(call: Call) -> int:
    """Hand the terminal to `psql`; its exit code. The password stays off the command line."""
    from beltline.app.database import open_server  # noqa: PLC0415
    from beltline.kit.postgres.dump import find_tools, split_password  # noqa: PLC0415

    with open_server(call.settings, log=call.say) as dsn:
        url, password = split_password(dsn)
        environment = {**os.environ}  # child
        if password:
            environment["PGPASSWORD"] = password
        return subprocess.run(  # noqa: S603 - PostgreSQL's own client
            [find_tools(0) / "psql", "-X", url], env=environment, check=False
        ).returncode
