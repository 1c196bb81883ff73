"""Static files of the console: in memory, compressed once, fingerprinted by their path.

The fingerprint stands for all files together and is a path segment, `/static/3f9a.../console.js`,
so relative imports between scripts and `url(...)` in style sheets carry it too.
"""

import functools
import gzip
import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_FOREVER: Final = "public, max-age=31536000, immutable"
# Charts are fetched where they are drawn, and licenses are for people.
_NOT_OFFLINE: Final = ("vendor/echarts", "vendor/licenses/", "vendor/manifest", "worker.js")
# A path of another build: serve what we have now, but let nobody keep it under that name.
_REVALIDATE: Final = "no-cache"


class Asset(msgspec.Struct, frozen=True):
    """A static file; `gzipped` is None where compression gains nothing (fonts)."""

    body: bytes
    gzipped: bytes | None
    media_type: str


def static(path: str) -> str:
    """The address of a file of `kit/static`. Raises KeyError for a file that is not there."""
    if path not in _assets():
        raise KeyError(f"no static file {path!r}; browser libraries come with hatch_build.py")
    return f"/static/{fingerprint()}/{path}"


@get("/static/{build:str}/{path:path}", opt={"public": True}, include_in_schema=False)
async def serve_static(request: Request[Any, Any, Any], build: str, path: str) -> Response[bytes]:
    """A static file, kept forever under its own fingerprint."""
    asset = _assets().get(path.lstrip("/"))
    if asset is None:
        raise NotFoundException("no such static file")
    headers = {
        "Cache-Control": _FOREVER if build == fingerprint() else _REVALIDATE,
        "Vary": "Accept-Encoding",
    }
    body = asset.body
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = asset.gzipped
    return Response(body, media_type=asset.media_type, headers=headers)


@get("/worker.js", opt={"public": True}, include_in_schema=False)
async def serve_worker() -> Response[bytes]:
    """The service worker: at the root, because it answers for all pages below its own address."""
    return Response(_worker(), media_type=_MEDIA_TYPES[".js"],
                    headers={"Cache-Control": _REVALIDATE})  # fmt: skip


@functools.cache
def _worker() -> bytes:
    """worker.js, told of which build it is and which files a page without network needs."""
    files = [static(path) for path in sorted(_assets()) if not path.startswith(_NOT_OFFLINE)]
    told = {"build": fingerprint(), "files": files}
    return b"const TOLD = " + msgspec.json.encode(told) + b";\n" + _assets()["worker.js"].body


@functools.cache
def fingerprint() -> str:
    """Twelve hex digits over the names and bytes of all static files."""
    digest = hashlib.sha256()
    for path, asset in sorted(_assets().items()):
        digest.update(path.encode() + b"\0" + asset.body)
    return digest.hexdigest()[:12]


@functools.cache
def _assets() -> dict[str, Asset]:
    root = resources.files("beltline.kit") / "static"
    return {path: _load(file, path) for path, file in _walk(root, "")}


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif f".{entry.name.rpartition('.')[2]}" in _MEDIA_TYPES:
            found.append((prefix + entry.name, entry))
    return found


def _load(file: Traversable, path: str) -> Asset:
    body = file.read_bytes()
    media_type = _MEDIA_TYPES[f".{path.rpartition('.')[2]}"]
    gzipped = None if media_type.startswith("font/") else gzip.compress(body, 6, mtime=0)
    return Asset(body, gzipped, media_type)
