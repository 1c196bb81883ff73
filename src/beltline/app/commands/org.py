"""`beltline org`: who takes part in the network."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
import msgspec

from beltline.accounts import actions, queries
from beltline.accounts.types import Organization
from beltline.app.commands.common import Call, command
from beltline.app.database import open_database
from beltline.app.sandbox import open_live
from beltline.kit.db import Database
from beltline.kit.errors import Kind, Refusal
from beltline.suppliers import actions as suppliers

T = TypeVar("T")
_PASSWORD_BYTES = 12


class OperatorExists(Refusal):
    """A network has one operator."""

    kind, code = Kind.CONFLICT, "app.operator_exists"
    title = "There is an operator already"
    detail = "“{org}” runs this network; another network needs another database."
    org: str


class Created(msgspec.Struct, frozen=True):
    """A new organization and its first member's password, which is shown only now."""

    code: str
    kind: str
    email: str
    password: str


@click.group()
def org() -> None:
    """Add the operator and buyers, and list who takes part. Suppliers come by import."""


@org.command()
@click.argument("code")
@click.option("--kind", required=True, type=click.Choice(["OPERATOR", "BUYER"]),
              help="The one that runs the network, or one that buys.")  # fmt: skip
@click.option("--name", required=True, help="What the organization is called.")
@click.option("--country", default="CN", show_default=True, help="Two letters, ISO 3166.")
@click.option("--email", required=True, help="Of its first member, who may add others.")
@command
def create(call: Call, code: str, *, kind: str, name: str, country: str, email: str) -> None:
    """Add an organization with a first member, and print that member's password.

    The first organization of a network is its operator; `operator` is the code that the other
    commands take for it unless told.
    """
    password = secrets.token_urlsafe(_PASSWORD_BYTES)

    async def act(database: Database) -> Created:
        now = await database.now()
        async with database.system() as db:
            known = await queries.find_operator(db)
            if known is not None and kind == "OPERATOR":
                raise OperatorExists(org=known.code)
            made = await actions.create_organization(
                db, code=code, kind=kind, name=name, country=country.upper(), now=now
            )
            await actions.create_member(
                db, actions.system_actor(made, "command line"), org_id=made.id, email=email,
                name=email.partition("@")[0], password=password, role="ADMIN", now=now,
            )  # fmt: skip
            if kind == "OPERATOR":
                await suppliers.load_belts(db)
        return Created(code, kind, email.lower(), password)

    created = _with_database(call, act)
    call.answer(created, f"{created.email} signs in with the password {created.password}")


@org.command(name="list")
@command
def list_(call: Call) -> None:
    """List the organizations of the network."""

    async def act(database: Database) -> list[Organization]:
        found: list[Organization] = []
        async with database.system() as db:
            while page := await queries.list_organizations(
                db, after=found[-1].code if found else ""
            ):
                found += page
        return found

    organizations = _with_database(call, act)
    lines = [f"{o.code}  {o.kind.lower()}  {o.country}  {o.name}" for o in organizations]
    call.answer({"items": organizations}, "\n".join(lines))


def _with_database(call: Call, act: Callable[[Database], Awaitable[T]]) -> T:
    async def run(dsn: str) -> T:
        async with open_live(dsn) as database:
            return await act(database)

    with open_database(call.settings, migrating=True, log=call.say) as dsn:
        return asyncio.run(run(dsn))
