"""A server on this machine that speaks the documented shape of chat completions."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec


class ChatServer:
    """Says every text in capitals with the language before it; `says` replaces its next answers.

    An entry of `says` is a status and the body of the whole answer, or the text of the message.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.says: list[tuple[int, str] | str] = []
        self.url = ""

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """What is said to a request."""
        if path != "/v1/chat/completions":
            return 404, b"{}"
        asked = msgspec.json.decode(body)
        self.asked.append(asked)
        said = self.says.pop(0) if self.says else self._translated(asked)
        if isinstance(said, tuple):
            return said[0], said[1].encode()
        return 200, msgspec.json.encode({"choices": [{"message": {"content": said}}]})

    def items(self) -> list[list[dict[str, Any]]]:
        """What was asked to be translated, by request."""
        return [msgspec.json.decode(a["messages"][1]["content"])["items"] for a in self.asked]

    def _translated(self, asked: dict[str, Any]) -> str:
        locale = asked["messages"][0]["content"].partition("language ")[2][:2]
        items = msgspec.json.decode(asked["messages"][1]["content"])["items"]
        told = [
            {"id": i["id"], "title": f"{locale} {i['title'].upper()}",
             "description": i["description"] and f"{locale} {i['description'].upper()}"}
            for i in reversed(items)
        ]  # fmt: skip
        return msgspec.json.encode({"items": told}).decode()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[ChatServer]:
    """Listen on a free port of this machine."""
    chat = ChatServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        chat.headers.append(headers)
        status, content = chat.answer(head[0].split(" ")[1], body)
        writer.write(
            f"HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {len(content)}\r\n\r\n"
            .encode() + content
        )  # fmt: skip
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    chat.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield chat
