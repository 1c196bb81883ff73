"""Dependencies by the name of the parameter: the contract between modules and the web process."""

import contextlib
import warnings
from collections.abc import Iterator

from litestar.exceptions import LitestarDeprecationWarning


@contextlib.contextmanager
def by_name() -> Iterator[None]:
    """Compose handlers whose dependencies and bodies are found by name.

    Litestar 3 will want each marked; the version is pinned below it, and until then its
    warnings would be one for every handler.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        yield
