"""Threads of a pool's worker or a web process, settled before any numeric library is loaded.

This module imports nothing heavy: a fresh process runs `use_one_thread` as its first act, and the
libraries that come with its first task find the setting.
"""

import os

SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")


def use_one_thread() -> None:
    """Give this process one thread per numeric library: the processes are the parallelism."""
    for name in SETTINGS:
        os.environ[name] = "1"  # child
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # child
