"""The first act of a planning process, before anything numeric is loaded.

Nothing heavy is imported here: thread limits must stand before the libraries that read them, and
a process whose parent is killed while it is still loading them must end as well.
"""

import os
import threading
from multiprocessing import connection, parent_process

from beltline.science.threads import use_one_thread


def begin_process() -> None:
    """Settle a pool's process: one thread, and no life without the parent that asked for it."""
    use_one_thread()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End at once when the parent is gone: nobody is left to take a result."""
    connection.wait([sentinel])
    os._exit(1)
