"""The account the server runs under: the caller's own, or for root one that is not root."""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beltline.kit.postgres.types import Account, AccountMissing, FolderUnreachable

if sys.platform != "win32":
    import pwd

SYSTEM_USER = "beltline"
_ADMIN_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
_CREATE = (
    (
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
    ),
    ("adduser", "--system", "--group", "--no-create-home", "--quiet"),
    ("adduser", "-S", "-D", "-H", "-s", "/sbin/nologin"),  # busybox
)


def server_account(pgdata: Path) -> Account:
    """The account for the server whose data lie (or will lie) in `pgdata`.

    An ordinary user runs the server itself. Root uses the owner of existing data, else the
    system user `beltline`, which is created when missing. Raises `AccountMissing`.
    """
    uid = os.geteuid()
    if uid != 0:
        return Account(name=_name_of(uid), uid=uid, gid=os.getegid(), switch=False)
    if pgdata.exists() and (owner := pgdata.stat()).st_uid != 0:
        name = _name_of(owner.st_uid)
        return Account(name=name, uid=owner.st_uid, gid=owner.st_gid, switch=True)
    entry = _find_user() or _create_user()
    return Account(name=SYSTEM_USER, uid=entry.pw_uid, gid=entry.pw_gid, switch=True)


def as_account(account: Account) -> dict[str, Any]:
    """Arguments of `subprocess` that run a program under the account."""
    if not account.switch:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def give_to(path: Path, account: Account) -> None:
    """Make the account the owner of a folder that root has just created."""
    if account.switch:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def give_like_folder(path: Path) -> None:
    """Give a new file the owner of the folder it lies in, for root at work in a user's folder."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


@contextlib.contextmanager
def acting_as(account: Account) -> Iterator[None]:
    """Touch files as the account itself, so that no link it has made leads root astray.

    For a process with one thread: the identity belongs to all threads at once.
    """
    if not account.switch:
        yield
        return
    group = os.getegid()
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def check_reachable(folder: Path, account: Account) -> None:
    """Raise `FolderUnreachable` naming the first folder above that the account cannot enter."""
    if not account.switch:
        return
    for step in [*reversed(folder.parents), folder]:
        if step.exists() and not _may_enter(step.stat(), account):
            raise FolderUnreachable(account=account.name, folder=str(step))


def _may_enter(entry: os.stat_result, account: Account) -> bool:
    if entry.st_uid == account.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    if entry.st_gid == account.gid:
        return bool(entry.st_mode & stat.S_IXGRP)
    return bool(entry.st_mode & stat.S_IXOTH)


def _name_of(uid: int) -> str:
    """The name of a user id; containers run under ids that no file lists."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _find_user() -> "pwd.struct_passwd | None":
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    return None


def _create_user() -> "pwd.struct_passwd":
    """Create the system user with whatever this distribution has for it.

    Two processes may try at once: the loser of that race waits for the winner's user.
    """
    reason = "neither useradd nor adduser is installed"
    for program, *arguments in _CREATE:
        found = shutil.which(program, path=_ADMIN_PATH)
        if found is None:
            continue
        command = [found, *arguments, SYSTEM_USER]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        for _ in range(10 if told.returncode else 1):
            if entry := _find_user():
                return entry
            time.sleep(0.1)
        reason = f"{program} failed: {told.stderr.strip() or told.returncode}"
    raise AccountMissing(account=SYSTEM_USER, reason=reason)
