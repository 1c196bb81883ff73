"""Dependencies by the name of the parameter: the contract between modules and the web process."""

import contextlib
import warnings
from collections.abc import Iterator

from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning
from litestar.routes import HTTPRoute


@contextlib.contextmanager
def by_name() -> Iterator[None]:
    """Compose handlers whose dependencies and bodies are found by name.

    Litestar 3 will want each marked; the version is pinned below it, and until then its
    warnings would be one for every handler.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        yield


def one_by_one(app: Litestar) -> Litestar:
    """Let each request find its dependencies one after the other, by name.

    Litestar would start a task for each of those that do not need each other. Ours look at what was
    found of the caller before, so that nothing is waited for, and four tasks cost a quarter of a
    small request. A request that has two faults is also refused for the same one each time.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [
                    {dependency}
                    for batch in model.dependency_batches
                    for dependency in sorted(batch, key=lambda found: found.key)
                ]
    return app
