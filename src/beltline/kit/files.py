"""Files kept in the database, in chunks: any worker reads them, and a backup has them."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import msgspec

from beltline.kit.db import Reader, Writer
from beltline.kit.errors import Kind, Refusal
from beltline.kit.ids import new_id

CHUNK_BYTES = 1 << 20
FILE_BYTES_MAX = 200 << 20


class StoredFile(msgspec.Struct, frozen=True):
    """A kept file, without its content."""

    id: UUID
    org_id: UUID
    name: str
    sha256: bytes
    size_bytes: int
    created_by: str
    created_at: dt.datetime


class FileTooBig(Refusal):
    """More bytes than a kept file may have."""

    kind, code = Kind.TOO_LARGE, "kit.file_too_big"
    title = "The file is too big"
    detail = "A file may have {most_mib} MiB; split it, or send Parquet, which is smaller."
    most_mib: int


async def keep_file(
    db: Writer, *, org_id: UUID, name: str, path: Path, created_by: str, now: dt.datetime
) -> StoredFile:
    """Keep a file of the file system; never more than one chunk of it in memory."""
    size, digest = await asyncio.to_thread(_measured, path)
    if size > FILE_BYTES_MAX:
        raise FileTooBig(most_mib=FILE_BYTES_MAX >> 20)
    kept = StoredFile(new_id(), org_id, name[:200], digest, size, created_by, now)
    await db.execute(
        """insert into kit.file (id, org_id, name, sha256, size_bytes, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        kept.id,
        kept.org_id,
        kept.name,
        kept.sha256,
        kept.size_bytes,
        kept.created_by,
        kept.created_at,
    )
    for n, chunk in enumerate(_chunks_of(path)):
        await db.execute(
            "insert into kit.file_chunk (file_id, n, content) values ($1, $2, $3)",
            kept.id,
            n,
            chunk,
        )
    return kept


def _measured(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as source:
        return path.stat().st_size, hashlib.file_digest(source, "sha256").digest()


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        yield from iter(lambda: source.read(CHUNK_BYTES), b"")


async def get_file(db: Reader, file_id: UUID) -> StoredFile:
    """What is known of a kept file."""
    return await db.get(
        StoredFile,
        "file",
        file_id,
        """select id, org_id, name, sha256, size_bytes, created_by, created_at
             from kit.file where id = $1""",
        file_id,
    )


async def read_chunks(db: Reader, file_id: UUID) -> AsyncIterator[bytes]:
    """The content of a kept file, chunk by chunk."""
    n = 0
    while True:
        chunk = await db.value(
            "select content from kit.file_chunk where file_id = $1 and n = $2", file_id, n
        )
        if chunk is None:
            return
        yield chunk
        n += 1


async def fetch_file(db: Reader, file_id: UUID, target: Path) -> None:
    """Write the content of a kept file to the file system. NotFound when it was forgotten."""
    await get_file(db, file_id)
    content = [chunk async for chunk in read_chunks(db, file_id)]
    await asyncio.to_thread(target.write_bytes, b"".join(content))


async def forget_files(db: Writer, *, before: dt.datetime) -> int:
    """Delete files older than a moment; how many."""
    return await db.execute("delete from kit.file where created_at < $1", before)
