"""The server: granian with worker processes that end with this one."""

import functools
import http.client
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from beltline.app.logs import configure_logs
from beltline.app.processes import die_with_parent
from beltline.app.settings import Settings
from beltline.kit.errors import Kind, Refusal
from beltline.science.threads import use_one_thread

_GRACE_S = 15
_READY_WITHIN_S = 120.0
_QUIET_LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}


class AddressInUse(Refusal):
    """Somebody else listens there, or we may not."""

    kind, code = Kind.CONFLICT, "app.address_in_use"
    title = "The address cannot be used"
    detail = "{host}:{port} cannot be listened on: {reason}. Choose another --port."
    host: str
    port: int
    reason: str


def serve(settings: Settings, dsn: str, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is under way.

    `on_ready` hears the address once `/ready` answers 200. Raises AddressInUse.
    """
    web = settings.web
    # Fresh processes: a fork would take along our threads' locks and our claim on the database.
    multiprocessing.set_start_method("spawn", force=True)
    port = _free(web.host, web.port)
    server = Server(
        "beltline", address=web.host, port=port, interface=Interfaces.ASGI,
        workers=web.workers, websockets=False, respawn_failed_workers=True,
        workers_kill_timeout=_GRACE_S, log_level=LogLevels.warning, log_dictconfig=_QUIET_LOGS,
    )  # fmt: skip
    address = f"http://{_shown(web.host)}:{port}"
    watcher = threading.Thread(target=_announce, args=(web.host, port, address, on_ready))
    watcher.daemon = True
    server.on_startup(watcher.start)
    with tempfile.TemporaryDirectory(prefix="beltline-figures-") as folder:
        figures = folder if web.workers > 1 else ""
        loader = functools.partial(load, settings, dsn, os.getpid(), figures)
        server.serve(target_loader=loader, wrap_loader=False)


def load(settings: Settings, dsn: str, parent: int, figures: str = "") -> Any:
    """In a worker process: the application, in a process that does not outlive its parent."""
    die_with_parent(parent)
    # A question is too little to share out: threads that wait for their part of it only spin.
    use_one_thread()
    configure_logs(settings.log)
    if figures:
        # The library looks here, once, when it is imported below.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures  # child process
        forget_dead(Path(figures))
    # Imported here so that the parent stays small and the import happens once a worker.
    from beltline.app.web.create import create_app  # noqa: PLC0415
    from beltline.search.actions.nearby import prepare  # noqa: PLC0415

    app = create_app(settings, dsn, figures=figures)
    # The first who searches finds the models there; who comes before does not wait for them.
    threading.Thread(target=prepare, name="search", daemon=True).start()
    return app


def forget_dead(folder: Path) -> None:
    """Drop what processes that ended left as work in progress; what they counted stays."""
    for path in folder.glob("gauge_live*_*.db"):
        try:
            os.kill(int(path.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)


def is_ready(host: str, port: int) -> bool:
    """Whether the server there says that it is ready."""
    connection = http.client.HTTPConnection(_reached(host), port, timeout=5)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        body = answer.read()
    except OSError:
        return False
    finally:
        connection.close()
    return answer.status == 200 and bool(msgspec.json.decode(body)["ready"])


def _announce(host: str, port: int, address: str, on_ready: Callable[[str], None]) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until:
        if is_ready(host, port):
            on_ready(address)
            return
        time.sleep(0.05)


def _free(host: str, port: int) -> int:
    """The port, or for 0 a free one; refuses one that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            chosen: int = probe.getsockname()[1]
            return chosen
    except OSError as error:
        raise AddressInUse(host=host, port=port, reason=error.strerror or str(error)) from None


def _reached(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _shown(host: str) -> str:
    reached = _reached(host)
    return f"[{reached}]" if ":" in reached else reached
