"""What a demo is once it stands: who is in it, how to sign in, how it is known.

Apart from `setup`, so that the second start, which only looks, loads nothing of the planning.
"""

import secrets
from pathlib import Path
from uuid import UUID

import msgspec

from beltline.app.demo.facts import World, WorldFacts
from beltline.kit.db import Database
from beltline.kit.errors import Kind, Refusal
from beltline.kit.jobs.queries import find_job
from beltline.kit.jobs.types import JobState

MARKER = UUID("5a2f6a52-3f0c-4c1e-8d54-0c9a1b7d2e10")
"""The job whose end says that the demo is complete."""

FACTORY = "S04505"
"""The maker of the story's pyjamas, whose owner has a login."""

PEOPLE = (
    ("operator", "operator@beltline.demo", "Lin Yue", "ADMIN", "en"),
    ("operator", "planner@beltline.demo", "Chen Hao", "PLANNER", "en"),
    ("operator", "warehouse@beltline.demo", "Zhao Min", "WAREHOUSE", "zh"),
    (FACTORY, "supplier@beltline.demo", "沈国强", "ADMIN", "zh"),
    ("demo-buyer", "buyer@beltline.demo", "Ola Nowak", "ADMIN", "en"),
)


class OtherWorld(Refusal):
    """The database holds a demo of the other world, or something that is no demo."""

    kind, code = Kind.CONFLICT, "demo.other_world"
    title = "The database holds something else"
    detail = (
        "This database holds {found}; the demo world “{world}” needs an empty one. "
        "Choose another --data folder, or begin again with `beltline demo --reset`."
    )
    found: str
    world: str


class DemoState(msgspec.Struct, frozen=True):
    """What the finished demo is, kept as its job's result."""

    world: World
    facts: WorldFacts


async def find_demo(database: Database, wanted: World) -> DemoState | None:
    """The finished demo of a database, or None; refuses one of the other world."""
    async with database.system() as db:
        known = await find_job(db, MARKER)
    if known is None or known.state is not JobState.DONE:
        return None
    found = msgspec.convert(known.result, DemoState)
    if found.world != wanted:
        raise OtherWorld(found=f"the demo world “{found.world}”", world=wanted)
    return found


def demo_password(folder: Path) -> str:
    """The password of the demo's people: random, kept where only this user reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo-login"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9), "utf-8")
    return path.read_text("utf-8").strip()
