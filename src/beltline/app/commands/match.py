"""`beltline match`: named in the plan of the product, not in this version."""

import click

from beltline.app.commands.common import Call, command
from beltline.kit.errors import Kind, Refusal


class NotInThisVersion(Refusal):
    """A command that a later version will have."""

    kind, code = Kind.CONFLICT, "app.not_in_this_version"
    title = "Not in this version"
    detail = "`beltline {command}` is not part of this version."
    command: str


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
@command
def match(call: Call, arguments: tuple[str, ...]) -> None:
    """Find the same item among many. Not part of this version."""
    del call, arguments
    raise NotInThisVersion(command="match")
