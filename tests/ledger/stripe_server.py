"""A server on this machine that speaks the documented shape of Stripe's PaymentIntents.

What the buyer's card does when the intent is confirmed is told by the amount's last two digits, as
with the sandbox's.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import msgspec


class StripeServer:
    """Its intents by id; `calls` are the requests it was sent, as (method, path, headers)."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self._by_key: dict[str, str] = {}
        self.url = ""

    def confirm(self, intent_id: str) -> None:
        """The buyer's page has confirmed it."""
        intent = self.intents[intent_id]
        if intent["amount"] % 100 == 1:
            intent["last_payment_error"] = {"code": "card_declined", "decline_code": "do_not_honor"}
            return
        intent["status"] = "succeeded"
        is_disputed = intent["amount"] % 100 == 4
        intent["latest_charge"] = {"id": "ch_1", "refunded": False, "disputed": is_disputed}

    def event(self, intent_id: str, kind: str) -> bytes:
        """The body of an event about an intent."""
        intent = self.intents[intent_id]
        thing = intent
        if kind.startswith("charge."):
            thing = {"object": "dispute", "payment_intent": intent_id, "amount": intent["amount"],
                     "currency": intent["currency"]}  # fmt: skip
        return msgspec.json.encode({"id": "evt_1", "type": kind, "data": {"object": thing}})

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """What is said to a request."""
        if headers.get("authorization") != "Bearer sk_key":
            return 401, {"error": {"type": "invalid_request_error"}}
        if method == "GET":
            found = self.intents.get(path.rpartition("/")[2].partition("?")[0])
            return (200, found) if found else (404, {"error": {"code": "resource_missing"}})
        form, key = dict(parse_qsl(body.decode())), headers["idempotency-key"]
        if form["amount"] == "503":
            return 503, {}
        if len(form["amount"]) > 8:
            return 400, {"error": {"code": "amount_too_large"}}
        if key not in self._by_key:
            intent_id = self._by_key[key] = f"pi_{len(self.intents) + 1}"
            self.intents[intent_id] = {
                "id": intent_id, "object": "payment_intent", "amount": int(form["amount"]),
                "currency": form["currency"], "status": "requires_payment_method",
                "client_secret": f"{intent_id}_secret", "last_payment_error": None,
                "latest_charge": None, "metadata": {"order": form["metadata[order]"]},
            }  # fmt: skip
        return 200, self.intents[self._by_key[key]]


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[StripeServer]:
    """Listen on a free port of this machine."""
    stripe = StripeServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        stripe.calls.append((method, path, headers))
        status, said = stripe.answer(method, path, headers, body)
        content = msgspec.json.encode(said)
        writer.write(
            f"HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {len(content)}\r\n\r\n"
            .encode() + content
        )  # fmt: skip
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    stripe.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield stripe
