"""Writes of legal entities."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.accounts.types.legal import EntityBody
from beltline.kit.actor import Actor
from beltline.kit.db import Writer


async def state_legal_entity(
    db: Writer, actor: Actor, entity: EntityBody, now: dt.datetime
) -> UUID:
    """Keep another version of the acting organization's company; its id."""
    stated: UUID = await db.value(
        "select accounts.state_legal_entity($1, $2, $3)",
        actor.as_row(), msgspec.to_builtins(entity), now,
    )  # fmt: skip
    return stated
