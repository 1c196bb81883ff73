"""Builders: partners, suppliers that were invited, and pictures that can be sent."""

import struct
import zlib

from beltline.accounts import actions as accounts
from beltline.accounts import queries as organizations
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.suppliers.actions import verification as actions
from beltline.suppliers.types import Profile, Purpose, Verification
from tests.catalog.make import NOW

PROFILE = Profile(
    legal_name="湖州织里小象童装厂", licence_number="91330502MA2B4XYZ1A",
    address="织里镇康泰西路 8 号",
    source="SOURCE_FACTORY", staff=86, lines=4, capacity_month=40_000, capacity_unit="件",
    goods="儿童睡衣",
)  # fmt: skip


def png(width: int = 4, height: int = 3) -> bytes:
    """A small grey PNG."""

    def chunk(name: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + sum_

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = zlib.compress(b"".join(b"\x00" + b"\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def add_partner(database: Database, code: str = "belt-partner") -> Actor:
    """A partner in a belt."""
    async with database.system() as db:
        return accounts.system_actor(
            await accounts.create_organization(
                db, code=code, kind="PARTNER", name="Partner", country="CN", now=NOW
            )
        )


async def actor_of(database: Database, code: str) -> Actor:
    """The system acting for an organization."""
    async with database.system() as db:
        return accounts.system_actor(await organizations.get_organization(db, code))


async def invited(database: Database, operator: Actor, code: str = "xiaoxiang") -> Verification:
    """A supplier that was invited and has filled in nothing."""
    asked = actions.Invitation(
        code, "Little Elephant Kidswear", "小象童装", contact_name="陈芳", phone="13800000000"
    )
    async with database.writing(operator) as db:
        return await actions.invite(db, operator, asked, now=NOW)


async def submitted(database: Database, operator: Actor) -> tuple[Verification, Actor]:
    """A supplier that has filled in everything and sent it in."""
    made = await invited(database, operator)
    seller = await actor_of(database, made.supplier)
    async with database.writing(seller) as db:
        await actions.keep_profile(db, seller, verification_id=made.id, profile=PROFILE, now=NOW)
        for purpose in (Purpose.LICENCE, Purpose.WORKSHOP, Purpose.WORKSHOP):
            await actions.add_document(
                db, seller, verification_id=made.id, purpose=purpose, data=png(), now=NOW
            )
        return await actions.submit(db, seller, verification_id=made.id, now=NOW), seller
