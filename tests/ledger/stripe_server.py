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
        self.sessions: dict[str, dict[str, Any]] = {}
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

    def pay(self, session_id: str) -> str:
        """The buyer has paid on the session's page; its intent."""
        session = self.sessions[session_id]
        intent_id = self._intent(session["amount_total"], session["currency"], session["order"])
        session["payment_intent"] = self.intents[intent_id]
        self.confirm(intent_id)
        return intent_id

    def _intent(self, amount: int, currency: str, order: str) -> str:
        intent_id = f"pi_{len(self.intents) + 1}"
        self.intents[intent_id] = {
            "id": intent_id, "object": "payment_intent", "amount": amount, "currency": currency,
            "status": "requires_payment_method", "client_secret": f"{intent_id}_secret",
            "last_payment_error": None, "latest_charge": None, "metadata": {"order": order},
        }  # fmt: skip
        return intent_id

    def _session(self, form: dict[str, str]) -> str:
        session_id = f"cs_{len(self.sessions) + 1}"
        self.sessions[session_id] = {
            "id": session_id, "object": "checkout.session", "status": "open",
            "url": f"{self.url}/pay/{session_id}", "payment_intent": None,
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "client_reference_id": form["client_reference_id"],
            "order": form["payment_intent_data[metadata][order]"],
            "success_url": form["success_url"], "cancel_url": form["cancel_url"],
        }  # fmt: skip
        return session_id

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
            name = path.rpartition("/")[2].partition("?")[0]
            found = self.intents.get(name) or self.sessions.get(name)
            return (200, found) if found else (404, {"error": {"code": "resource_missing"}})
        form, key = dict(parse_qsl(body.decode())), headers["idempotency-key"]
        if path == "/v1/checkout/sessions":
            if key not in self._by_key:
                self._by_key[key] = self._session(form)
            return 200, self.sessions[self._by_key[key]]
        if form["amount"] == "503":
            return 503, {}
        if len(form["amount"]) > 8:
            return 400, {"error": {"code": "amount_too_large"}}
        if key not in self._by_key:
            self._by_key[key] = self._intent(
                int(form["amount"]), form["currency"], form["metadata[order]"]
            )
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
