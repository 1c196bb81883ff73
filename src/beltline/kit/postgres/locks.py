"""File locks (`flock`) as facts the kernel keeps: never stale, released by any kind of death.

Each function works on an own open file description, so two holders in one process count twice.
Descriptors are not inherited by programs that are executed.
"""

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def open_lock(path: Path) -> int:
    """Open (create) a lock file and answer its descriptor, unlocked."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def hold_shared(path: Path) -> int:
    """Take a shared lock, waiting out a short probe; close the descriptor to release it."""
    held = open_lock(path)
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def try_exclusive(descriptor: int) -> bool:
    """Take the exclusive lock if nobody else holds any."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take_exclusive(descriptor: int) -> None:
    """Take the exclusive lock, waiting out the short probes of others."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def release(descriptor: int) -> None:
    """Give the lock back and keep the file open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_held_exclusively(path: Path) -> bool:
    """Whether some process holds the exclusive lock right now."""
    if not path.exists():
        return False
    probe = open_lock(path)
    try:
        fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(probe)
    return False


def is_held(path: Path) -> bool:
    """Whether some process holds the lock in any way right now."""
    probe = open_lock(path)
    try:
        return not try_exclusive(probe)
    finally:
        os.close(probe)
