"""A receiver of webhooks: a socket that keeps what it was sent and answers as it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import msgspec


class Got(NamedTuple):
    """One request: its headers and body as sent."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, object]:
        """The body as an event."""
        found: dict[str, object] = msgspec.json.decode(self.body)
        return found


class Receiver(NamedTuple):
    """Where it listens, and what it was sent."""

    url: str
    got: list[Got]


@contextlib.asynccontextmanager
async def receiving(answer: Callable[[Got], int] = lambda _got: 204) -> AsyncIterator[Receiver]:
    """Listen on a free port of this machine."""
    got: list[Got] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        sent = Got(headers, await reader.readexactly(int(headers["content-length"])))
        status = answer(sent)
        if status < 300:
            got.append(sent)
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 2\r\n\r\nok".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield Receiver(f"http://127.0.0.1:{port}/hook", got)
