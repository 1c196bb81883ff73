"""Posting to an address somebody gave us, without being led into a network of ours.

The name is resolved once, every address it has must be public, and the connection goes to that
very address: a name that changes its mind in between changes nothing. No redirects, no proxies.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from beltline.channels.types import Reply

TIMEOUT_S = 15.0
_READ_BYTES = 16_384
_KEPT_CHARACTERS = 2_000
_STATUS_LINE = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})[ \r]")


async def post(
    url: str, headers: Mapping[str, str], body: bytes, *, may_reach: Callable[[str], bool]
) -> Reply:
    """Send once; what came back or why nothing did. Never raises for what the receiver does.

    `may_reach` judges the numeric addresses behind the name.
    """
    began = time.monotonic()
    status, text, error = None, "", ""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            status, text = await _exchange(url, headers, body, may_reach=may_reach)
    except TimeoutError:
        error = f"no answer within {TIMEOUT_S:g} s"
    except _Refused as refused:
        error = str(refused)
    except ssl.SSLError as failure:
        error = f"TLS: {failure.reason or failure}"
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    return Reply(status, text, error[:500], round((time.monotonic() - began) * 1000))


class _Refused(Exception):
    """The address is none that may be sent to."""


async def resolve(host: str, port: int, *, may_reach: Callable[[str], bool]) -> str:
    """The one address to connect to; all that a name has must be allowed."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not all(may_reach(address) for address in addresses):
        raise _Refused(f"{host} points into a private network")
    return addresses[0]


async def _exchange(
    url: str, headers: Mapping[str, str], body: bytes, *, may_reach: Callable[[str], bool]
) -> tuple[int, str]:
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    address = await resolve(host, port, may_reach=may_reach)
    reader, writer = await asyncio.open_connection(
        address, port, limit=_READ_BYTES,
        ssl=ssl.create_default_context() if is_tls else None,
        server_hostname=host if is_tls else None,
    )  # fmt: skip
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"POST {target} HTTP/1.1", f"host: {parts.netloc}", "user-agent: Beltline-Webhooks/1",
            "connection: close", f"content-length: {len(body)}",
            *(f"{name}: {value}" for name, value in headers.items()), "", "",
        ]  # fmt: skip
        writer.write("\r\n".join(lines).encode("ascii") + body)
        await writer.drain()
        return await _read(reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> tuple[int, str]:
    """The status, and the beginning of the body; the rest is left unread."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = _status(head)
    headers = head.lower()
    kept = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            while len(kept) < _READ_BYTES and (chunk := await reader.read(_READ_BYTES)):
                kept += chunk
                if (length := _length(headers)) is not None and len(kept) >= length:
                    break
    # NUL fits no text column.
    return status, kept.decode("utf-8", "replace").replace("\0", "�")[:_KEPT_CHARACTERS]


def _status(head: str) -> int:
    found = _STATUS_LINE.match(head)
    if found is None:
        raise ValueError("the answer is not HTTP/1")
    return int(found[1])


def _length(headers: str) -> int | None:
    for line in headers.split("\r\n"):
        name, _, value = line.partition(":")
        if name == "content-length":
            return int(value)
    return None
