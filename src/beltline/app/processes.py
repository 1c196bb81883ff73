"""Children that die with their parent, whatever kills it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, signal_number: int = signal.SIGKILL) -> None:
    """Called in a child: have the kernel end it when the process `parent` ends.

    Only Linux can promise it; elsewhere an orderly stop of the parent ends the child.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        # It was already gone before the kernel knew of our wish.
        os.kill(os.getpid(), signal_number)
